import { afterAll, beforeAll, beforeEach, describe, expect, test } from '@jest/globals'
import { fapi1Advanced, fapi2Security, type Mode, profileNamed, protect, requireScope, type Verdict } from 'express-fapi'
import { listAccounts } from '../../examples/own-server/accounts.js'
import type { Client } from '../../examples/own-server/clients.js'
import { openAnyBrowser } from '../support/any-browser.js'
import { challengeOf, VERIFIER } from '../support/pkce.js'
import { type Answer, formOf, type Params } from '../support/wire.js'
import { type GuardedServer, openGuarded, type Surroundings } from './guarded-server.js'

const SECRET = 'a secret + sign'
const REDIRECT_URI = 'https://shop.example/cb'
const legacy = (client_id: string, fapi_profile: string, more: Partial<Client>): Client => ({
  ...{ client_id, fapi_profile, redirect_uris: [REDIRECT_URI], grant_types: ['authorization_code', 'refresh_token'] },
  ...more,
})

/** Clients from before: none of them does what its profile asks. */
const CLIENTS: readonly Client[] = [
  legacy('basic', 'fapi2-security', { token_endpoint_auth_method: 'client_secret_basic', client_secret: SECRET }),
  legacy('post', 'fapi2-security', { token_endpoint_auth_method: 'client_secret_post', client_secret: SECRET }),
  legacy('public', 'fapi2-security', { token_endpoint_auth_method: 'none' }),
  legacy('old', 'fapi1-advanced', { token_endpoint_auth_method: 'client_secret_post', client_secret: SECRET }),
  legacy('outside', 'none', { token_endpoint_auth_method: 'client_secret_post', client_secret: SECRET }),
]

const ROLES = { good: { profile: 'fapi2-security', auth: 'private_key_jwt', bound: 'dpop' } } as const

/** What an authorization request of before has in its query. */
const asked = (client_id: string, more: Params = {}): Params => ({
  ...{ client_id, redirect_uri: REDIRECT_URI, response_type: 'code', scope: 'openid accounts', state: 'xyz', nonce: 'abc' },
  ...more,
})

/** The lines of the example, in front of its plain server. */
function inFront({ app, guard, policy, issuer, model, users, subjects, store, certificate, plainServer }: Surroundings): void {
  app.use(guard.interactionId())
  app.use('/par', guard.pushAuthorizationRequest())
  app.use('/authorize', guard.authorizationRequest(), guard.authorizationResponse())
  app.use('/token', guard.tokenRequest())
  app.use('/introspect', guard.introspection())
  const issuers = { issuer, audience: issuer, tokens: guard.accessTokens(model.findToken) }
  app.get(
    '/accounts',
    protect(policy, { issuers, publicUrl: issuer, certificate, store }),
    requireScope('accounts'),
    listAccounts({ users, subjects }),
  )
  app.use(guard.fapiErrors())
  plainServer()
}

const choose = ({ fapi_profile }: { readonly [name: string]: unknown }) =>
  fapi_profile === 'none' ? undefined : profileNamed(String(fapi_profile))
const open = (mode: Mode | ((client: { readonly client_id: string }) => Mode)) =>
  openGuarded({ policy: { profiles: [fapi1Advanced, fapi2Security], choose, mode }, roles: ROLES, clients: CLIENTS, mount: inFront })

/** How a client of before shows who it is. */
const credentialsOf: Readonly<Record<string, readonly [Params, Record<string, string>]>> = {
  basic: [{}, { authorization: `Basic ${btoa(`basic:${SECRET}`)}` }],
  post: [{ client_id: 'post', client_secret: SECRET }, {}],
  public: [{ client_id: 'public' }, {}],
  old: [{ client_id: 'old', client_secret: SECRET }, {}],
  outside: [{ client_id: 'outside', client_secret: SECRET }, {}],
}

function post(
  { issuer, wire }: GuardedServer,
  path: string,
  client: string,
  form: Params,
  more: Record<string, string> = {},
): Promise<Answer> {
  const [fields, headers] = credentialsOf[client] ?? [{}, {}]
  return wire.send(`${issuer}${path}`, {
    method: 'POST',
    headers: { 'content-type': 'application/x-www-form-urlencoded', ...headers, ...more },
    body: formOf({ ...form, ...fields }),
  })
}

/** The way to a code, and what is at its end. */
async function ask(server: GuardedServer, request: Params, decision: 'approve' | 'deny' = 'approve') {
  const { location, redirects } = await openAnyBrowser(server.wire, server.issuer).journey(
    `${server.issuer}/authorize?${formOf(request)}`,
    { decision },
  )
  return { url: location?.href, redirects, params: Object.fromEntries(location?.searchParams ?? []) }
}

type Expected = Readonly<Record<string, Readonly<Record<string, readonly string[]>>>>

const UNBOUND = { 'sender-constrained-tokens': ['FAPI2-SP-5.3.2.1-4', 'FAPI2-SP-5.3.2.1-5'] }
/** By stage and rule: the clauses of FAPI 2.0 that a plain flow fails. */
const FAPI2: Expected = {
  authorization: { 'pushed-requests': ['FAPI2-SP-5.3.2.2-3'], 'pkce-s256': ['FAPI2-SP-5.3.2.2-5'] },
  authentication: { 'authenticated-by': ['FAPI2-SP-5.3.2.1-6'] },
  token: { 'holder-at-token-request': ['FAPI2-SP-5.3.2.1-4'] },
  issuance: UNBOUND,
  resource: UNBOUND,
}
const NOT_BOUND = { 'certificate-bound-tokens': ['FAPI1-ADV-5.2.2-5', 'FAPI1-ADV-5.2.2-6', 'FAPI1-ADV-8.2'] }
/** The same of FAPI 1.0 Advanced. */
const FAPI1: Expected = {
  authorization: { 'signed-requests': ['FAPI1-ADV-5.2.2-1'], 'code-needs-jarm': ['FAPI1-ADV-5.2.2-2'] },
  authentication: { 'authenticated-by': ['FAPI1-BASE-5.2.2-4', 'FAPI1-ADV-5.2.2-14'] },
  token: { 'certificate-at-token-request': ['FAPI1-ADV-5.2.2-5'] },
  issuance: NOT_BOUND,
  resource: NOT_BOUND,
}

const profileOf = (client: string) => CLIENTS.find(({ client_id }) => client_id === client)?.fapi_profile

/** The clauses of what was found wrong, by stage and rule. */
function foundIn(verdicts: readonly Verdict[]): Expected {
  const found: Record<string, Record<string, readonly string[]>> = {}
  for (const { stage, violations } of verdicts)
    for (const { rule, clauses } of violations) found[stage] = { ...found[stage], [rule]: clauses }
  return found
}

const redeem = (server: GuardedServer, client: string, code: string | undefined, more: Params = {}) =>
  post(server, '/token', client, { grant_type: 'authorization_code', code, redirect_uri: REDIRECT_URI, ...more })

describe('in front of the plain server, in report mode', () => {
  let server: GuardedServer
  beforeAll(async () => {
    server = await open('report')
  })
  afterAll(() => server.close())

  let from = 0
  beforeEach(() => {
    from = server.verdicts.length
  })
  const recorded = () => server.verdicts.slice(from)

  test.each(Object.keys(credentialsOf))('a request of %s passes as it is, from the code to the API', async (client) => {
    const { params, redirects, url } = await ask(server, asked(client))
    expect([url, params, redirects]).toEqual([
      `${REDIRECT_URI}?code=${params.code}&state=xyz`,
      { code: expect.stringMatching(/^[0-9a-f]{40,}$/), state: 'xyz' },
      [303, 303, 303],
    ])
    const issued = await redeem(server, client, params.code)
    expect([issued.status, issued.json]).toEqual([
      200,
      {
        ...{ access_token: expect.any(String), refresh_token: expect.any(String), id_token: expect.any(String) },
        ...{ token_type: 'Bearer', expires_in: expect.closeTo(300, -1), scope: 'openid accounts' },
      },
    ])
    const { access_token, refresh_token } = issued.json
    const refreshed = await post(server, '/token', client, { grant_type: 'refresh_token', refresh_token: String(refresh_token) })
    expect([refreshed.status, refreshed.json.token_type]).toEqual([200, 'Bearer'])
    const told = await post(server, '/introspect', client, { token: String(access_token) })
    expect([told.status, told.json]).toMatchObject([200, { active: true, client_id: client, token_type: 'Bearer' }])
    expect(told.json).not.toHaveProperty('cnf')
    for (const token of [access_token, refreshed.json.access_token]) {
      const api = await server.wire.send(`${server.issuer}/accounts`, { headers: { authorization: `Bearer ${token}` } })
      expect([api.status, api.json.accounts]).toEqual([200, expect.arrayContaining([expect.objectContaining({ id: 'acc-1001' })])])
    }
  })

  test.each<[string, Expected]>([
    ['basic', FAPI2],
    ['post', FAPI2],
    ['public', FAPI2],
    ['old', FAPI1],
    ['outside', {}],
  ])('each clause that %s would fail is recorded, and nothing else', async (client, expected) => {
    const { params } = await ask(server, asked(client))
    const { json } = await redeem(server, client, params.code)
    await post(server, '/token', client, { grant_type: 'refresh_token', refresh_token: String(json.refresh_token) })
    await post(server, '/introspect', client, { token: String(json.access_token) })
    await server.wire.send(`${server.issuer}/accounts`, { headers: { authorization: `Bearer ${json.access_token}` } })

    const verdicts = recorded()
    expect([...new Set(verdicts.map((verdict) => verdict.client))]).toEqual(client === 'outside' ? [] : [client])
    expect(verdicts.filter(({ mode, rejection, by }) => mode !== 'report' || rejection !== undefined || by !== 'rules')).toEqual([])
    expect([...new Set(verdicts.map(({ profile }) => profile))]).toEqual(Object.keys(expected).length ? [profileOf(client)] : [])
    expect(foundIn(verdicts)).toEqual(expected)
  })

  test.each(Object.keys(credentialsOf))('a consent that %s was denied comes back as the server says it', async (client) => {
    const { params } = await ask(server, asked(client), 'deny')
    expect(params).toEqual({ error: 'access_denied', error_description: expect.any(String), state: 'xyz' })
  })

  test.each<[string, Params, string]>([
    ['a parameter twice that the server does not know', { ui_locales: ['en', 'de'] }, 'a parameter must not be sent more than once'],
    ['a request object that is none', { request: 'x' }, 'the request object is not a signed JWT'],
    ['a request_uri of its own', { request_uri: 'https://shop.example/request' }, 'request_uri must be one that was pushed here'],
    ['both', { request: 'x', request_uri: 'urn:x' }, 'request and request_uri must not be sent together'],
  ])('an authorization request with %s passes, and its code too', async (_what, more, description) => {
    const { params } = await ask(server, asked('post', more))
    expect(params).toEqual({ code: expect.any(String), state: 'xyz' })
    expect(await redeem(server, 'post', params.code)).toMatchObject({ status: 200, json: { token_type: 'Bearer' } })
    const refusals = recorded().filter(({ by }) => by === 'server')
    expect(refusals.map(({ mode, rejection }) => [mode, rejection])).toEqual(refusals.map(() => ['report', undefined]))
    expect([...new Set(refusals.flatMap(({ violations }) => violations.map((one) => one.description)))]).toEqual([
      description,
      'the authorization code is unknown, or of another client',
    ])
  })

  test.each<[string, Params, Params, string]>([
    [
      'another verifier',
      { code_challenge: challengeOf(VERIFIER), code_challenge_method: 'S256' },
      { code_verifier: 'x'.repeat(43) },
      'code_verifier',
    ],
    ['no verifier', { code_challenge: challengeOf(VERIFIER), code_challenge_method: 'S256' }, {}, 'code_verifier'],
    ['a verifier nobody asked for', {}, { code_verifier: VERIFIER }, 'there was no code_challenge'],
  ])('a code with %s passes as before, and is recorded', async (_what, more, sent, description) => {
    const { params } = await ask(server, asked('post', more))
    expect(await redeem(server, 'post', params.code, sent)).toMatchObject({ status: 200, json: { token_type: 'Bearer' } })
    expect(recorded().filter(({ by }) => by === 'server')).toEqual([
      expect.objectContaining({
        ...{ stage: 'token', client: 'post', mode: 'report', rejection: undefined },
        violations: [expect.objectContaining({ error: 'invalid_grant', description: expect.stringContaining(description) })],
      }),
    ])
  })

  test('the right verifier is recorded as nothing', async () => {
    const { params } = await ask(server, asked('post', { code_challenge: challengeOf(VERIFIER), code_challenge_method: 'S256' }))
    expect(await redeem(server, 'post', params.code, { code_verifier: VERIFIER })).toMatchObject({ status: 200 })
    expect(recorded().filter(({ by }) => by === 'server')).toEqual([])
    expect(foundIn(recorded()).authorization).toEqual({ 'pushed-requests': ['FAPI2-SP-5.3.2.2-3'] })
  })

  test.each([
    ['a wrong secret', { client_secret: 'another' }, 400, 'invalid_client'],
    ['a made-up code', { code: 'x' }, 400, 'invalid_grant'],
    ['another redirect_uri', { redirect_uri: 'https://shop.example/other' }, 400, 'invalid_request'],
    ['a grant it does not have', { grant_type: 'password', username: 'alice', password: 'alice' }, 400, 'unauthorized_client'],
  ])('what the server refuses by itself it goes on refusing: %s', async (_what, more, status, error) => {
    const { params } = await ask(server, asked('post'))
    const { client_secret = SECRET, ...fields }: Readonly<Record<string, string>> = more
    const form = { client_id: 'post', client_secret, grant_type: 'authorization_code', code: params.code, redirect_uri: REDIRECT_URI }
    expect(await post(server, '/token', 'nobody', { ...form, ...fields })).toMatchObject({ status, json: { error } })
  })

  test.each([
    ['GET', '/token'],
    ['PUT', '/authorize'],
    ['OPTIONS', '/authorize'],
    ['DELETE', '/introspect'],
  ])('%s %s is answered by the server', async (method, path) => {
    const answer = await server.wire.send(`${server.issuer}${path}`, { method })
    expect(answer.status).not.toBe(405)
    expect(answer.json).not.toHaveProperty('error_description')
  })

  test('a client that does everything right finds nothing changed, and nothing is recorded against it', async () => {
    const good = server.as('good')
    const browser = openAnyBrowser(server.wire, server.issuer)
    const { access_token, token_type } = await good.tokens({ browser })
    expect(token_type).toBe('DPoP')
    expect(await good.accounts(access_token)).toMatchObject({ status: 200 })
    expect([...new Set(recorded().map(({ client }) => client))]).toEqual(['good'])
    expect(foundIn(recorded())).toEqual({})
  })
})

describe('with a mode for each client', () => {
  let server: GuardedServer
  beforeAll(async () => {
    server = await open(({ client_id }) => (client_id === 'post' ? 'report' : 'enforce'))
  })
  afterAll(() => server.close())

  test.each(['basic', 'public', 'old'])('%s is told what it would have passed with before', async (client) => {
    const { url, redirects, params } = await ask(server, asked(client))
    const error = expect.stringMatching(/^invalid_request(_object)?$/)
    expect([url?.startsWith(`${REDIRECT_URI}?`), redirects, params]).toEqual([
      ...[true, [303], { error, error_description: expect.any(String), iss: server.issuer, state: 'xyz' }],
    ])
    expect(await redeem(server, client, 'x')).toMatchObject({ status: 401, json: { error: 'invalid_client' } })
    const refused = server.verdicts.filter((verdict) => verdict.client === client)
    expect(refused.map(({ stage, mode, rejection }) => [stage, mode, rejection !== undefined])).toEqual([
      ['authorization', 'enforce', true],
      ['authentication', 'enforce', true],
    ])
  })

  test('post goes on', async () => {
    const { params } = await ask(server, asked('post'))
    expect(params).toEqual({ code: expect.any(String), state: 'xyz' })
    const issued = await redeem(server, 'post', params.code)
    expect(issued).toMatchObject({ status: 200, json: { token_type: 'Bearer' } })
    const headers = { authorization: `Bearer ${issued.json.access_token}` }
    expect(await server.wire.send(`${server.issuer}/accounts`, { headers })).toMatchObject({ status: 200 })
    const passed = server.verdicts.filter((verdict) => verdict.client === 'post')
    expect(passed.filter(({ mode, rejection }) => mode !== 'report' || rejection)).toEqual([])
    expect(foundIn(passed)).toEqual({ ...FAPI2 })
  })

  test('nobody passes by having a name that no client has', async () => {
    expect(await ask(server, asked('nobody'))).toMatchObject({ url: undefined })
    expect(await post(server, '/token', 'nobody', { client_id: 'nobody', grant_type: 'refresh_token', refresh_token: 'x' })).toMatchObject({
      status: 401,
      json: { error: 'invalid_client' },
    })
  })
})
