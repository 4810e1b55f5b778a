import express from 'express'
import { type Client, createPolicy, fapi1Advanced, fapi2Security, profiles, type Verdict } from 'express-fapi'
import { openGuarded } from '../express/guarded-server.js'
import { expectError } from '../support/expectations.js'
import { mintKey } from '../support/keys.js'
import { openOwnServer } from '../support/own-server.js'
import { honestMetadata, type Metadata } from '../support/registration.js'
import type { Answer } from '../support/wire.js'

/* The same metadata at the registration endpoints of both kinds of servers. */

const KEY = mintKey()
const honest = honestMetadata(KEY, 'fapi2-security')
const choose = ({ fapi_profile: name }: Client) => profiles.find((profile) => profile.name === name)
/** Who is only reported on says so, here. */
const mode = ({ client_name: name }: Client) => (name === 'watched' ? 'report' : 'enforce')
const wanted = { profiles: [fapi1Advanced, fapi2Security], choose, mode } as const

interface Endpoint {
  readonly verdicts: readonly Verdict[]
  register(metadata: Metadata): Promise<Answer>
  update(metadata: Metadata): Promise<Answer>
  close(): Promise<void>
}

const TWO_HOSTS = { redirect_uris: ['https://a.example/cb', 'https://b.example/cb'] }
const headers = { 'content-type': 'application/json' }

async function ofProvider(): Promise<Endpoint> {
  const verdicts: Verdict[] = []
  const server = await openOwnServer({
    policy: createPolicy({ ...wanted, record: (verdict) => void verdicts.push(verdict) }),
    configuration: {
      extraClientMetadata: { properties: ['fapi_profile'] },
      features: { registration: { enabled: true }, registrationManagement: { enabled: true, rotateRegistrationAccessToken: false } },
    },
    clients: { tpp: { profile: 'fapi2-security', alg: 'ES256', auth: 'private_key_jwt', bound: 'dpop', proofAlg: 'ES256' } },
  })
  const { send } = server.as('tpp')
  const register = (metadata: Metadata) => send(`${server.issuer}/reg`, { method: 'POST', headers, body: JSON.stringify(metadata) })
  const { json } = await register(honest)
  const authorization = `Bearer ${json.registration_access_token}`
  return {
    verdicts,
    register,
    update: ({ client_id = json.client_id, ...metadata }) =>
      send(`${server.issuer}/reg/${json.client_id}`, {
        method: 'PUT',
        headers: { ...headers, authorization },
        body: JSON.stringify({ client_id, ...metadata }),
      }),
    close: server.close,
  }
}

async function ofOneself(): Promise<Endpoint> {
  const server = await openGuarded({
    ...{ policy: wanted, clients: [{ ...honest, client_id: 'known', dpop_bound_access_tokens: true }] },
    mount({ app, guard }) {
      app.use('/register', guard.registration())
      app.all('/register', express.json({ type: () => true }), (req, res) => void res.status(201).json({ client_id: 'new', ...req.body }))
    },
  })
  const send = (method: string, metadata: Metadata) =>
    server.wire.send(`${server.issuer}/register`, { method, headers, body: JSON.stringify(metadata) })
  return {
    verdicts: server.verdicts,
    register: (metadata) => send('POST', metadata),
    update: (metadata) => send('PUT', { client_id: 'known', ...metadata }),
    close: server.close,
  }
}

describe.each([
  ['node-oidc-provider', ofProvider],
  ['a server of one’s own', ofOneself],
])('%s', (_name, open) => {
  let server: Endpoint
  beforeAll(async () => {
    server = await open()
  })
  afterAll(() => server?.close())

  const base = { ...honest, dpop_bound_access_tokens: true }
  const redirect = (uri: string) => ({ redirect_uris: [uri] })
  const faults: readonly (readonly [what: string, change: Metadata, error: string, says: string])[] = [
    ['a scope that is a list', { scope: ['openid'] }, 'invalid_client_metadata', 'scope'],
    ['a name that is a number', { client_name: 7 }, 'invalid_client_metadata', 'client_name'],
    ['a flag that is text', { require_auth_time: 'yes' }, 'invalid_client_metadata', 'require_auth_time must be true or false'],
    ['a wildcard', redirect('https://*.tpp.example/cb'), 'invalid_redirect_uri', 'must have no wildcard'],
    ['a password', redirect('https://me:hunter2@tpp.example/cb'), 'invalid_redirect_uri', 'must have no user name or password'],
    ['one URI twice', { redirect_uris: [...Array(2)].map(() => 'https://tpp.example/cb') }, 'invalid_redirect_uri', 'only once'],
    ['a point off its curve', { jwks: { keys: [{ ...KEY.publicJwk, y: KEY.publicJwk.x }] } }, 'invalid_client_metadata', 'is no valid key'],
    ['enc alone', { userinfo_encrypted_response_enc: 'A256GCM' }, 'invalid_client_metadata', 'must only be given with'],
    ['a subject that nothing compares', { tls_client_auth_subject_dn: 'CN=a' }, 'invalid_client_metadata', 'tls_client_auth_subject_dn'],
    ['implicit without token', { grant_types: ['authorization_code', 'implicit'] }, 'invalid_client_metadata', 'response_types must have'],
    ['pairwise with two hosts', { ...TWO_HOSTS, subject_type: 'pairwise' }, 'invalid_client_metadata', 'sector_identifier_uri is required'],
  ]

  test('an honest client is taken, and may be updated', async () => {
    expect(await server.register(base)).toMatchObject({ status: 201 })
    expect([200, 201]).toContain((await server.update({ ...base, client_name: 'another' })).status)
  })

  test.each(faults)('%s: 400 when registered and when updated', async (_what, change, error, says) => {
    for (const answer of [await server.register({ ...base, ...change }), await server.update({ ...base, ...change })]) {
      expectError(answer, 400, error)
      expect(answer.json.error_description).toContain(says)
      expect(answer.text).not.toContain('hunter2')
    }
  })

  test('all that is wrong is told at once', async () => {
    const { json } = await server.register({ ...base, scope: 'a  b', subject_type: 'x', tls_client_auth_san_dns: 'tpp.example' })
    for (const field of ['scope', 'subject_type', 'tls_client_auth_san_dns']) expect(json.error_description).toContain(field)
  })

  test('of a client that is only reported on it is recorded, and it goes on', async () => {
    const from = server.verdicts.length
    const change = { client_name: 'watched', tls_client_auth_subject_dn: 'CN=a' }
    const answer = await server.register({ ...base, ...change })
    expect(answer).toMatchObject({ status: 201, json: { client_name: 'watched' } })
    const told = server.verdicts.slice(from).flatMap(({ violations }) => violations.map(({ description }) => description))
    expect(told).toContainEqual('tls_client_auth_subject_dn must only be given with token_endpoint_auth_method tls_client_auth')
    expect(server.verdicts.slice(from).filter(({ rejection }) => rejection)).toEqual([])
  })

  test('a client that is held to its profile does not become one that is only reported on', async () => {
    expectError(await server.update({ ...base, client_name: 'watched', scope: 'a  b' }), 400, 'invalid_client_metadata')
  })

  test('a client outside all profiles is the server’s business', async () => {
    const answer = await server.register({
      ...base,
      fapi_profile: 'none',
      tls_client_auth_subject_dn: 'CN=a',
      ...redirect('https://a.example/*'),
    })
    expect(answer).toMatchObject({ status: 201, json: redirect('https://a.example/*') })
  })
})

describe('a software statement', () => {
  test('is refused by node-oidc-provider, which would drop it: 400 invalid_software_statement', async () => {
    const server = await ofProvider()
    for (const software_statement of ['garbage', 'e30.e30.', 7, {}, ['x']]) {
      expectError(await server.register({ ...honest, software_statement }), 400, 'invalid_software_statement')
      expectError(await server.update({ ...honest, software_statement }), 400, 'invalid_software_statement')
    }
    for (const software_statement of [null, '', undefined])
      expect((await server.register({ ...honest, software_statement })).status).toBe(201)
    for (const change of [{ fapi_profile: 'none' }, { client_name: 'watched' }])
      expect((await server.register({ ...honest, ...change, software_statement: 'garbage' })).status).toBe(201)
    await server.close()
  })

  test('is refused in front of a server of one’s own', async () => {
    const server = await ofOneself()
    expectError(await server.register({ ...honest, software_statement: 'garbage' }), 400, 'invalid_client_metadata')
    await server.close()
  })
})

test('RFC7592-2.2-b what only the server sets is refused in an update, on either server', async () => {
  for (const open of [ofProvider, ofOneself]) {
    const server = await open()
    for (const name of ['registration_access_token', 'registration_client_uri', 'client_secret_expires_at', 'client_id_issued_at'])
      expectError(await server.update({ ...honest, [name]: name.startsWith('client') ? 7 : 'x' }), 400, expect.stringMatching(/^invalid_/))
    await server.close()
  }
})
