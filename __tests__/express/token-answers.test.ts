import { afterAll, beforeAll, describe, expect, test } from '@jest/globals'
import type { Response } from 'express'
import { fapi2Security } from 'express-fapi'
import type { Role } from '../support/tpp.js'
import { BOTH_EXPRESSES, type GuardedServer, openGuarded } from './guarded-server.js'

const ROLES: Readonly<Record<string, Role>> = {
  dpop: { profile: 'fapi2-security', auth: 'private_key_jwt', bound: 'dpop' },
  mtls: { profile: 'fapi2-security', auth: 'tls_client_auth', bound: 'certificate' },
}
const TOKEN = { token_type: 'Bearer', expires_in: 300, scope: 'accounts' }

/** The ways in which servers give out tokens. */
const WAYS: readonly (readonly [string, (res: Response, body: object) => void])[] = [
  ['res.json', (res, body) => void res.json(body)],
  ['res.send with an object', (res, body) => void res.send(body)],
  ['res.send with text', (res, body) => void res.type('json').send(JSON.stringify(body))],
  ['res.send with octets', (res, body) => void res.type('json').send(Buffer.from(JSON.stringify(body)))],
  ['setHeader and end', (res, body) => void res.setHeader('content-type', 'application/json').end(JSON.stringify(body))],
  ['writeHead and end', (res, body) => void res.writeHead(200, { 'content-type': 'application/json' }).end(JSON.stringify(body))],
  [
    'pieces, with a length',
    (res, body) => {
      const [text, half] = [JSON.stringify(body), 20]
      res.writeHead(200, ['content-type', 'application/json', 'content-length', String(text.length)])
      res.write(text.slice(0, half))
      res.end(Buffer.from(text.slice(half)))
    },
  ],
]

describe.each(BOTH_EXPRESSES)('on %s, an access token', (_name, createApp) => {
  let server: GuardedServer
  let respond: (res: Response) => void
  let bindingOf: (token: string) => Promise<unknown>
  beforeAll(async () => {
    server = await openGuarded({
      ...{ policy: { profile: fapi2Security }, roles: ROLES, createApp },
      mount({ app, guard }) {
        app.use('/par', guard.pushAuthorizationRequest())
        app.use('/authorize', guard.authorizationRequest(), guard.authorizationResponse(), (req, res) => {
          res.redirect(`${req.query.redirect_uri}?code=${req.query.state}`)
        })
        app.use('/token', guard.tokenRequest(), (_req, res) => respond(res))
        const tokenOf = guard.accessTokens(() => ({ client_id: 'dpop' }))
        bindingOf = async (token) => (await tokenOf(token))?.claims.cnf
      },
    })
  })
  afterAll(() => server.close())

  async function redeemed(name: string, code: string, send: (res: Response) => void) {
    respond = send
    const client = server.as(name)
    await server.wire.send(await client.address({ params: { state: code } }))
    return client.redeem(code)
  }

  describe.each([
    ['dpop', 'DPoP', { jkt: expect.stringMatching(/^[\w-]{43}$/) }],
    ['mtls', 'Bearer', { 'x5t#S256': expect.stringMatching(/^[\w-]{43}$/) }],
  ])('of %s', (name, type, cnf) => {
    test.each(WAYS)('is bound, given out by %s', async (way, send) => {
      const token = `${name} ${way}`
      const answer = await redeemed(name, `code of ${name} by ${way}`, (res) =>
        send(res, { ...TOKEN, access_token: token, note: 'Zoë 😀' }),
      )
      expect([answer.status, answer.headers['content-type'], answer.headers['cache-control']]).toEqual([
        ...[200, expect.stringMatching(/^application\/json/), 'no-store'],
      ])
      expect(answer.json).toEqual({ ...TOKEN, access_token: token, token_type: type, note: 'Zoë 😀' })
      expect(await bindingOf(token)).toEqual(cnf)
    })

    test.each(WAYS)('is not made of an error, given out by %s', async (way, send) => {
      const body = { error: 'invalid_grant', error_description: 'no, not this one, which is a long story' }
      const answer = await redeemed(name, `none of ${name} by ${way}`, (res) => {
        res.status(400)
        if (way.includes('writeHead') || way.includes('pieces')) res.type('json').end(JSON.stringify(body))
        else send(res, body)
      })
      expect([answer.status, answer.json]).toEqual([400, body])
    })
  })
})
