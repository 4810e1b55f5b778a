import { afterAll, beforeAll, describe, expect, test } from '@jest/globals'
import type { ErrorRequestHandler } from 'express'
import { fapi1Advanced, fapi2Security, profileNamed } from 'express-fapi'
import { STATE } from '../support/authorization-request.js'
import { expectError } from '../support/expectations.js'
import type { Role } from '../support/tpp.js'
import { BOTH_EXPRESSES, type GuardedServer, openGuarded } from './guarded-server.js'

const ROLES: Readonly<Record<string, Role>> = {
  plain: { profile: 'fapi2-security', auth: 'private_key_jwt', bound: 'dpop' },
  jarm: {
    ...{ profile: 'fapi1-advanced', auth: 'private_key_jwt', bound: 'certificate' },
    metadata: { response_modes: ['jwt'], require_signed_request_object: true, authorization_signed_response_alg: 'ES256' },
  },
}
const OUTSIDE = { client_id: 'outside', redirect_uris: ['https://tpp.example/cb'] }
const choose = ({ fapi_profile: name }: Readonly<Record<string, unknown>>) => (name === undefined ? undefined : profileNamed(name))

const SECRET = 'the password of the database is hunter2'
/** What servers throw that have failed. */
const FAILURES: readonly (readonly [string, unknown])[] = [
  ['an error', new Error(SECRET)],
  ['an error with a status', Object.assign(new Error(SECRET), { status: 502 })],
  ['an error that calls itself server_error', Object.assign(new Error(SECRET), { name: 'server_error' })],
  ['an error of another library', Object.assign(new Error(SECRET), { name: 'constructor', error: '__proto__' })],
  ['a text', SECRET],
  ['an object', { message: SECRET }],
  ['a number', 7],
]
/** What they throw that the client may hear. */
const REFUSALS: readonly (readonly [string, unknown, string, number])[] = [
  ['by name', Object.assign(new Error('no such "scope"'), { name: 'invalid_scope' }), 'invalid_scope', 400],
  ['by error', Object.assign(new Error('come back later'), { error: 'temporarily_unavailable' }), 'temporarily_unavailable', 503],
  ['in an object', { error: 'invalid_request', message: 'no, thanks' }, 'invalid_request', 400],
  ['without a message', { error: 'invalid_request' }, 'invalid_request', 400],
  ['as body parsers do', Object.assign(new Error(SECRET), { status: 413 }), 'invalid_request', 413],
]

const ownErrors: ErrorRequestHandler = (_error, _req, res, next) => (res.headersSent ? next(_error) : void res.status(500).send('our page'))

describe.each(BOTH_EXPRESSES)('what the server throws on %s', (_name, createApp) => {
  let server: GuardedServer
  let thrown: unknown
  beforeAll(async () => {
    server = await openGuarded({
      ...{ policy: { profiles: [fapi1Advanced, fapi2Security], choose }, roles: ROLES, clients: [OUTSIDE], createApp },
      mount({ app, guard }) {
        app.use('/par', guard.pushAuthorizationRequest())
        app.use('/authorize', guard.authorizationRequest(), guard.authorizationResponse())
        app.get('/authorize', () => {
          throw thrown
        })
        app.use('/token', guard.tokenRequest(), (_req, _res, next) => void setTimeout(() => next(thrown), 1))
        app.get('/elsewhere', () => {
          throw thrown
        })
        app.get('/begun', (_req, res, next) => {
          res.write('so far')
          next(thrown)
        })
        app.use(guard.fapiErrors(), ownErrors)
      },
    })
  })
  afterAll(() => server.close())

  async function thrownAt(client: string, error: unknown) {
    thrown = error
    const answer = await server.wire.send(await server.as(client).address())
    const { location } = answer.headers
    expect([answer.status, answer.text]).toEqual([303, ''])
    const response = await server.as(client).respond({ location: new URL(String(location)), answer, redirects: [303] })
    return { ...response, location: String(location) }
  }

  describe.each([['plain', ['error', 'error_description', 'iss', 'state']]])('is told at the redirect URI of %s', (client, names) => {
    test.each(FAILURES)('as server_error, and nothing of it: %s', async (_what, error) => {
      const { params, bare, location } = await thrownAt(client, error)
      expect(Object.keys(bare).sort()).toEqual(names)
      expect(params).toMatchObject({ error: 'server_error', error_description: expect.any(String), state: STATE, iss: server.issuer })
      expect(JSON.stringify([params, location])).not.toMatch(/hunter2|password/)
    })

    test.each(REFUSALS)('as what it is: %s', async (_what, error, expected) => {
      const { params, bare } = await thrownAt(client, error)
      expect(Object.keys(bare).sort()).toEqual(names)
      expect(params).toMatchObject({ error: expected, error_description: expect.any(String), state: STATE, iss: server.issuer })
      expect(JSON.stringify(params)).not.toMatch(/hunter2|password/)
    })
  })

  describe('is told in JSON at the token endpoint', () => {
    test.each(FAILURES)('as server_error, and nothing of it: %s', async (_what, error) => {
      thrown = error
      const answer = await server.as('plain').token({ grant_type: 'client_credentials' })
      expectError(answer, 500, 'server_error')
      expect(answer.text).not.toMatch(/hunter2|password/)
    })

    test.each(REFUSALS)('as what it is: %s', async (_what, error, expected, status) => {
      thrown = error
      const answer = await server.as('plain').token({ grant_type: 'client_credentials' })
      expectError(answer, status, expected)
      expect(answer.text).not.toMatch(/hunter2|password/)
    })
  })

  test.each(['/elsewhere', '/authorize?client_id=outside'])('is the server’s own to answer where no profile holds: %s', async (path) => {
    thrown = new Error(SECRET)
    expect(await server.wire.send(`${server.issuer}${path}`)).toMatchObject({ status: 500, text: 'our page' })
  })

  test('an answer that has begun is Express’ to end', async () => {
    thrown = new Error(SECRET)
    await expect(server.wire.send(`${server.issuer}/begun`)).rejects.toThrow()
  })

  test('a request that was not let through is not answered at the redirect URI', async () => {
    thrown = new Error(SECRET)
    const { status, headers } = await server.wire.send(`${server.issuer}/authorize?client_id=nobody&redirect_uri=https://tpp.example/cb`)
    expect([status, headers.location, headers['content-type']]).toEqual([400, undefined, 'text/html; charset=utf-8'])
  })
})
