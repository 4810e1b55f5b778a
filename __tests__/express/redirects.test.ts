import { afterAll, beforeAll, describe, expect, test } from '@jest/globals'
import type { Response } from 'express'
import { fapi1Advanced, fapi2Security, profileNamed } from 'express-fapi'
import { STATE } from '../support/authorization-request.js'
import type { Role } from '../support/tpp.js'
import { until } from '../support/until.js'
import type { Answer } from '../support/wire.js'
import { BOTH_EXPRESSES, type GuardedServer, openGuarded } from './guarded-server.js'

const CALLBACK = 'https://client.example/cb'
const ROLES: Readonly<Record<string, Role>> = {
  plain: { profile: 'fapi2-security', auth: 'private_key_jwt', bound: 'dpop', redirectUri: CALLBACK },
  query: { profile: 'fapi2-security', auth: 'private_key_jwt', bound: 'dpop', redirectUri: `${CALLBACK}?from=us&q=a%20b` },
  origin: { profile: 'fapi2-security', auth: 'private_key_jwt', bound: 'dpop', redirectUri: 'https://client.example' },
  jarm: {
    ...{ profile: 'fapi1-advanced', auth: 'private_key_jwt', bound: 'certificate', redirectUri: CALLBACK },
    metadata: { response_modes: ['jwt'], require_signed_request_object: true, authorization_signed_response_alg: 'ES256' },
  },
}
const CLIENTS = Object.keys(ROLES)
const choose = ({ fapi_profile }: { readonly [name: string]: unknown }) => profileNamed(String(fapi_profile))

type Send = (res: Response, location: string) => void

/** The ways in which servers send somebody elsewhere. */
const WAYS: readonly (readonly [string, Send])[] = [
  ['res.redirect', (res, to) => res.redirect(to)],
  ['res.redirect with a status', (res, to) => res.redirect(303, to)],
  ['res.redirect with 307', (res, to) => res.redirect(307, to)],
  ['writeHead with an object', (res, to) => void res.writeHead(302, { location: to }).end()],
  ['writeHead with the name in capitals', (res, to) => void res.writeHead(302, { Location: to }).end()],
  ['writeHead with a reason', (res, to) => void res.writeHead(302, 'Found', { location: to }).end()],
  ['writeHead with a reason and a list', (res, to) => void res.writeHead(302, 'Found', ['Location', to]).end()],
  ['writeHead with a list', (res, to) => void res.writeHead(302, ['location', to, 'x-more', 'yes']).end()],
  ['writeHead after set', (res, to) => void res.set('location', to).writeHead(302).end()],
  ['set and status', (res, to) => void res.set('location', to).status(302).end()],
  [
    'setHeader and statusCode',
    (res, to) => {
      res.statusCode = 301
      res.setHeader('Location', to)
      res.end()
    },
  ],
  ['location and sendStatus', (res, to) => void res.location(to).sendStatus(302)],
  ['location and send', (res, to) => void res.location(to).status(302).send('<p>moving on</p>')],
  ['location and json', (res, to) => void res.location(to).status(302).json({ moving: 'on' })],
  [
    'a body in pieces',
    (res, to) => {
      res.writeHead(302, { location: to, 'content-type': 'text/plain', 'content-length': '4' })
      res.write('on')
      res.end('ly')
    },
  ],
  ['writeHead with a location in a list', (res, to) => void res.writeHead(302, { Location: [to] }).end()],
  [
    'flushHeaders',
    (res, to) => {
      res.status(302).set('location', to).flushHeaders()
      res.end()
    },
  ],
  ['a moment later', (res, to) => void setTimeout(() => res.redirect(to), 5)],
]

/** Where no answer belongs, whatever it looks like. */
const ELSEWHERE = [
  ['another site', 'https://login.example/?'],
  ['a longer host', 'https://client.example.evil/cb?'],
  ['a longer path', `${CALLBACK}.evil?`],
  ['a deeper path', `${CALLBACK}/evil?`],
  ['a user in front', 'https://client.example@evil.example/cb?'],
  ['another port', 'https://client.example:8443/cb?'],
  ['a scheme without s', 'http://client.example/cb?'],
  ['capitals', 'https://client.example/CB?'],
  ['the address inside another', `https://evil.example/?to=${CALLBACK}&`],
  ['its fragment', `https://evil.example/#`],
] as const

/** Adds to an address as servers do. */
const withAnswer = (uri: string, answer: Readonly<Record<string, string>>) =>
  `${uri}${uri.includes('?') ? '&' : '?'}${new URLSearchParams(answer)}`

describe.each(BOTH_EXPRESSES)('on %s, what the server answers with', (_name, createApp) => {
  let server: GuardedServer
  let respond: (res: Response) => void
  beforeAll(async () => {
    server = await openGuarded({
      ...{ policy: { profiles: [fapi1Advanced, fapi2Security], choose }, roles: ROLES, createApp },
      mount({ app, guard }) {
        app.use('/par', guard.pushAuthorizationRequest())
        app.use('/authorize', guard.authorizationRequest(), guard.authorizationResponse(), (_req, res) => respond(res))
      },
    })
  })
  afterAll(() => server.close())

  async function answered(client: string, send: (res: Response) => void): Promise<Answer> {
    respond = send
    return server.wire.send(await server.as(client).address())
  }

  /** What the client reads, of an answer that must reach it whole and once. */
  async function read(client: string, answer: Answer) {
    expect(answer.status).toBe(303)
    const text = String(answer.headers.location)
    const registered = server.tpp(client).redirectUri
    expect(text.slice(0, registered.length)).toBe(registered)
    const names = [...new URLSearchParams(text.slice(registered.length + 1)).keys()]
    expect(names).toEqual([...new Set(names)])
    expect(answer.text).toBe('')
    expect(answer.headers['cache-control']).toBe('no-store')
    const landing = { location: new URL(text), answer, redirects: [answer.status] }
    return server.as(client).respond(landing)
  }

  const toldBy = (client: string, own: readonly string[]) => (client === 'jarm' ? ['response'] : [...own, 'iss', 'state'].sort())

  describe.each(CLIENTS)('to %s', (client) => {
    const own = () => server.tpp(client).redirectUri

    test.each(WAYS)('a code by %s comes with iss and state', async (_way, send) => {
      const answer = await answered(client, (res) => send(res, withAnswer(own(), { code: 'a+b/c=', state: STATE })))
      const { params, bare } = await read(client, answer)
      expect(Object.keys(bare).sort()).toEqual(toldBy(client, ['code']))
      expect(params).toMatchObject({ code: 'a+b/c=', state: STATE, iss: server.issuer })
    })

    test.each(WAYS)('an error by %s comes with iss and state', async (_way, send) => {
      const told = { error: 'access_denied', error_description: 'No, thanks & bye', state: STATE }
      const answer = await answered(client, (res) => send(res, withAnswer(own(), told)))
      const { params, bare } = await read(client, answer)
      expect(Object.keys(bare).sort()).toEqual(toldBy(client, ['error', 'error_description']))
      expect(params).toMatchObject({ ...told, iss: server.issuer })
      expect(params).not.toHaveProperty('code')
    })

    test.each([
      ['iss of its own', { code: 'x', state: STATE, iss: 'https://other.example' }],
      ['no state', { code: 'x' }],
      ['another state', { code: 'x', state: 'another' }],
    ])('an answer with %s comes with the right ones', async (_what, answer) => {
      const { params, bare } = await read(client, await answered(client, (res) => res.redirect(withAnswer(own(), answer))))
      expect(Object.keys(bare).sort()).toEqual(toldBy(client, ['code']))
      expect(params).toMatchObject({ code: 'x', state: STATE, iss: server.issuer })
    })

    test('an answer in the fragment comes where it was asked for', async () => {
      const { params, place } = await read(client, await answered(client, (res) => res.redirect(`${own()}#code=x&state=${STATE}`)))
      expect([params, place]).toEqual([expect.objectContaining({ code: 'x', state: STATE, iss: server.issuer }), 'query'])
    })
  })

  describe.each(['plain', 'jarm'])('while %s waits', (client) => {
    test.each(WAYS.filter(([way]) => !way.includes('moment')))('a redirect elsewhere by %s is left alone', async (_way, send) => {
      const answer = await answered(client, (res) => send(res, '/login?return_to=%2Fauthorize%3Fx'))
      expect([301, 302, 303, 307]).toContain(answer.status)
      expect(answer.headers.location).toBe('/login?return_to=%2Fauthorize%3Fx')
    })

    test.each(ELSEWHERE)('a redirect to %s is left alone, unless it takes a code along', async (_what, where) => {
      const harmless = await answered(client, (res) => res.redirect(`${where}state=x`))
      expect([harmless.status, harmless.headers.location]).toEqual([302, `${where}state=x`])
      for (const name of ['code', 'id_token', 'access_token', 'response']) {
        const { status, headers, text } = await answered(client, (res) => res.redirect(`${where}${name}=secret`))
        expect([status, headers.location, headers['content-type']]).toEqual([500, undefined, 'text/html; charset=utf-8'])
        expect(text).not.toContain('secret')
      }
    })

    test('a redirect within the server may have a code of its own', async () => {
      for (const location of ['/login?code=x', `${server.issuer}/consent?code=x`, 'consent#code=x']) {
        const answer = await answered(client, (res) => res.redirect(location))
        expect([answer.status, answer.headers.location]).toEqual([302, location])
      }
    })

    test.each<[string, (res: Response) => void, number, string]>([
      ['a page', (res) => void res.status(200).send('<p>consent</p>'), 200, '<p>consent</p>'],
      ['a page that names the address', (res) => void res.status(200).set('location', CALLBACK).send('here'), 200, 'here'],
      ['an error', (res) => void res.status(500).send('sorry'), 500, 'sorry'],
      ['nothing', (res) => void res.status(204).end(), 204, ''],
      [
        'a page in pieces',
        (res) => {
          res.writeHead(200, 'Fine', ['content-type', 'text/plain'])
          res.write('con')
          res.end('sent')
        },
        200,
        'consent',
      ],
    ])('%s is left alone', async (_what, send, status, text) => {
      const answer = await answered(client, send)
      expect([answer.status, answer.text]).toEqual([status, text])
    })
  })

  test.each<[string, Send]>([
    ['an object', (res, to) => void res.writeHead(302, { location: to, 'set-cookie': ['a=1', 'b=2'], 'x-more': 'yes' }).end()],
    ['a list', (res, to) => void res.writeHead(302, ['set-cookie', 'a=1', 'set-cookie', 'b=2', 'x-more', 'yes', 'location', to]).end()],
    ['set', (res, to) => res.set({ 'set-cookie': ['a=1', 'b=2'], 'x-more': 'yes' }).redirect(to)],
  ])('headers of its own go along, by %s', async (_way, send) => {
    for (const location of ['/login', withAnswer(CALLBACK, { code: 'x' })]) {
      const { headers } = await answered('plain', (res) => send(res, location))
      expect(headers['set-cookie']).toEqual(expect.arrayContaining(['a=1', 'b=2']))
      expect(headers['x-more']).toBe('yes')
    }
  })

  test('whoever waits for what was written, or for the end, is told', async () => {
    const told: string[] = []
    const send = (res: Response) => {
      res.on('finish', () => told.push('finished'))
      res.writeHead(302, { location: withAnswer(CALLBACK, { code: 'x' }) })
      res.write('moving', () => told.push('written'))
      res.end('on', () => told.push('ended'))
    }
    expect(await answered('plain', send)).toMatchObject({ status: 303, text: '' })
    await until('all three are told', () => told.length >= 3)
    expect(told.sort()).toEqual(['ended', 'finished', 'written'])
  })
})
