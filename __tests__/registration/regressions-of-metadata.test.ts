import '../support/clock.js'
import { generic } from 'express-fapi'
import { expectError } from '../support/expectations.js'
import { fromNow } from '../support/jwt.js'
import { mintKey } from '../support/keys.js'
import { honestMetadata, type Metadata } from '../support/registration.js'
import { workTime } from '../support/work-time.js'
import { idOf, openedRegistrations, registered, statementOf } from './opened-registrations.js'
import type { PlainRegistration } from './plain-registration.js'
import { sentBack } from './registration-server.js'
import { CALLBACKS } from './statements.js'

/* What a review found to become of a client's metadata. */

const KEY = mintKey()
const honest = honestMetadata(KEY, 'fapi2-security')
const opened = openedRegistrations()

describe('what is long', () => {
  const long = `a:${'/'.repeat(100_000)}`
  const withKey = (changes: Metadata) => ({ jwks: { keys: [{ ...KEY.publicJwk, ...changes }] } })
  test.each<[string, Metadata, Metadata]>([
    ['redirect_uris', { redirect_uris: [long] }, { redirect_uris: ['https://tpp.example/long'] }],
    ['post_logout_redirect_uris', { post_logout_redirect_uris: [long] }, { post_logout_redirect_uris: ['https://tpp.example/out'] }],
    ['RSA1_5', withKey({ kid: long, alg: 'RSA1_5' }), withKey({ kid: 'a:/' })],
  ])('is refused in %s, in no time', async (name, wrong, right) => {
    const server = await opened()
    const [took, answer] = await workTime(() => server.register({ ...honest, ...wrong }))
    expect([answer.status, answer.json.error_description]).toEqual([400, expect.stringContaining(name)])
    expect(answer.text.length).toBeLessThan(4000)
    expect(took).toBeLessThan(1000)
    await registered(server, { ...honest, ...right })
  })
})

describe('what is registered', () => {
  test.each<[string, Metadata]>([
    ['password', { grant_types: ['password', 'authorization_code'] }],
    ['bogus grant', { grant_types: ['bogus grant', 'authorization_code'] }],
  ])('is no client with the grant %s', async (name, changes) => {
    const server = await opened()
    for (const fapi_profile of ['fapi2-security', 'fapi1-baseline']) {
      const refused = await server.register({ ...honest, fapi_profile, ...changes })
      expectError(refused, 400, 'invalid_client_metadata')
      expect(refused.json.error_description).toContain('grant_types')
      await registered(server, { ...honest, fapi_profile })
    }
    expect([...server.clients.values()].flatMap(({ grant_types }) => grant_types)).not.toContain(name)
  })

  test('is no scope that the server does not have', async () => {
    const server = await opened({ scopes: ['openid', 'accounts'] })
    const withScope = async (scope: string) => ({ ...honest, software_statement: await statementOf('scopes', { scope }) })
    expectError(await server.register(await withScope('payments cards')), 400, 'invalid_software_statement')
    expect((await registered(server, await withScope('payments accounts'))).json.scope).toBe('accounts')
  })

  test.each(['https://localhost./cb', 'https://0.0.0.0/cb', 'https://[::ffff:127.0.0.1]/cb'])(
    'is no redirect URI on the machine of the user, as %s, where a statement is demanded',
    async (uri) => {
      const register = async (server: PlainRegistration, redirect: string) => {
        const redirect_uris = [redirect]
        return server.register({ ...honest, redirect_uris, software_statement: await statementOf('local', { redirect_uris }) })
      }
      const server = await opened({ ecosystem: { ...generic, statement: { ...generic.statement, required: true } } })
      expectError(await register(server, uri), 400, 'invalid_redirect_uri')
      for (const right of [...CALLBACKS, 'https://localhost.example./cb']) expect((await register(server, right)).status).toBe(201)
    },
  )

  test('has in languages what people read, and nothing else', async () => {
    const server = await opened()
    const sent = { 'client_name#de': 'Ein Dritter', 'redirect_uris#de': ['javascript:alert(1)'], 'scope#x': { a: 1 } }
    const answer = await registered(server, { ...honest, ...sent })
    for (const kept of [answer.json, server.clients.get(idOf(answer)) ?? {}]) {
      expect(kept).toMatchObject({ 'client_name#de': 'Ein Dritter' })
      expect(Object.keys(kept).filter((name) => name.includes('#'))).toEqual(['client_name#de'])
    }
  })

  test('has the forced name in all languages', async () => {
    const server = await opened()
    const { token } = await server.registering.initialAccessTokens.issue({ metadata: { client_name: 'Acme' } })
    const sent = { ...honest, 'client_name#en': 'Your Bank', 'tos_uri#en': 'https://tpp.example/tos' }
    const { json } = await registered(server, sent, token)
    expect(json).toMatchObject({ client_name: 'Acme', 'tos_uri#en': 'https://tpp.example/tos' })
    expect(json).not.toHaveProperty('client_name#en')
    expect((await registered(server, sent)).json).toMatchObject({ 'client_name#en': 'Your Bank' })
  })

  test('is not brought back to an older statement', async () => {
    const server = await opened()
    const answer = await registered(server, { ...honest, software_statement: await statementOf('old') })
    const update = async (iat: number) =>
      server.manage(answer, 'PUT', { ...sentBack(answer), software_statement: await statementOf('old', { iat }) })
    expectError(await update(fromNow(-1)), 400, 'invalid_software_statement')
    expect((await update(fromNow(0))).status).toBe(200)
  })
})
