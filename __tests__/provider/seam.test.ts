import { generateKeyPairSync, randomUUID } from 'node:crypto'
import { exportJWK, generateKeyPair, SignJWT } from 'jose'
import Provider, { type Configuration, type KoaContextWithOIDC } from 'oidc-provider'
import request from 'supertest'
import { serverFacts } from '../../lib/provider/server-facts.js'
import { makeKeys } from './support.js'

/*
 * What this project relies on in node-oidc-provider, seen from a bare provider: these tests fail the day upstream changes it.
 */

const ISSUER = 'https://as.bank.example'
const { jwks } = makeKeys()
const { privateKey, publicKey } = await generateKeyPair('ES256')
const publicJwk = await exportJWK(publicKey)
const client = {
  client_id: 'tpp',
  token_endpoint_auth_method: 'private_key_jwt' as const,
  redirect_uris: ['https://tpp.example/cb'],
  id_token_signed_response_alg: 'PS256' as const,
  jwks: { keys: [{ ...publicJwk, alg: 'ES256', use: 'sig' }] },
} as NonNullable<Configuration['clients']>[number]

const assertion = (claims = {}, key = privateKey) =>
  new SignJWT({ iss: 'tpp', sub: 'tpp', aud: ISSUER, jti: randomUUID(), ...claims })
    .setProtectedHeader({ alg: 'ES256' })
    .setIssuedAt()
    .setExpirationTime('1m')
    .sign(key)

function start(configuration: Configuration) {
  const provider = new Provider(ISSUER, { jwks, clients: [client], ...configuration })
  provider.proxy = true
  const call = request(provider.callback())
  const headers = { 'x-forwarded-proto': 'https', 'x-forwarded-host': 'as.bank.example' }
  const post = (path: string, form: object) => call.post(path).set(headers).type('form').send(form)
  const get = (path: string, query: object = {}) => call.get(path).set(headers).query(query)
  return { provider, post, get }
}

const ASSERTION_TYPE = 'urn:ietf:params:oauth:client-assertion-type:jwt-bearer'
const authorization = { client_id: 'tpp', response_type: 'code', redirect_uri: 'https://tpp.example/cb', scope: 'openid' }

describe('an extraParams validator for a parameter that nobody sends', () => {
  const seen: { route: string; response_type: unknown; client: string | undefined }[] = []
  const configuration: Configuration = {
    extraParams: {
      'urn:nobody': ({ oidc }: KoaContextWithOIDC) => {
        seen.push({ route: oidc.route, response_type: oidc.params?.response_type, client: oidc.client?.clientId })
      },
    },
  }
  beforeEach(() => seen.splice(0))

  test('runs at the pushed authorization request endpoint, with parameters and client', async () => {
    await start(configuration)
      .post('/request', { ...authorization, client_assertion: await assertion(), client_assertion_type: ASSERTION_TYPE })
      .expect(201)
    expect(seen).toEqual([{ route: 'pushed_authorization_request', response_type: 'code', client: 'tpp' }])
  })

  test('runs at the authorization endpoint, with parameters and client', async () => {
    await start(configuration).get('/auth', authorization).expect(303)
    expect(seen).toEqual([{ route: 'authorization', response_type: 'code', client: 'tpp' }])
  })

  test('runs after the provider’s own checks', async () => {
    await start(configuration)
      .get('/auth', { ...authorization, redirect_uri: 'https://elsewhere.example/cb' })
      .expect(400)
    expect(seen).toEqual([])
  })
})

describe('assertJwtClientAuthClaimsAndHeader', () => {
  const order: string[] = []
  const configuration: Configuration = {
    features: { clientCredentials: { enabled: true } },
    clients: [{ ...client, grant_types: ['client_credentials'], response_types: [], redirect_uris: [] }],
    assertJwtClientAuthClaimsAndHeader: async () => {
      order.push('hook')
    },
  }
  beforeEach(() => order.splice(0))
  const token = async (form: object) =>
    start(configuration).post('/token', { grant_type: 'client_credentials', client_assertion_type: ASSERTION_TYPE, ...form })

  test('runs for a good assertion', async () => {
    await token({ client_assertion: await assertion() })
    expect(order).toEqual(['hook'])
  })

  test('does not run when the signature is wrong', async () => {
    const { privateKey: stranger } = await generateKeyPair('ES256')
    expect((await token({ client_assertion: await assertion({}, stranger) })).body).toMatchObject({ error: 'invalid_client' })
    expect(order).toEqual([])
  })

  test('runs before the replay check: it is called for a replay too', async () => {
    const { post } = start(configuration)
    const form = { grant_type: 'client_credentials', client_assertion_type: ASSERTION_TYPE, client_assertion: await assertion() }
    expect((await post('/token', form)).status).toBe(200)
    expect((await post('/token', form)).status).toBe(401)
    expect(order).toEqual(['hook', 'hook'])
  })
})

describe('extraClientMetadata.validator', () => {
  test('is called for a property nobody sends and may change any other', async () => {
    const calls: string[] = []
    const { provider } = start({
      extraClientMetadata: {
        properties: ['urn:nobody'],
        validator(_ctx, key, value, metadata) {
          calls.push(`${key} ${value}`)
          metadata.client_name = 'changed'
        },
      },
    })
    expect((await provider.Client.find('tpp'))?.clientName).toBe('changed')
    expect(calls).toEqual(['urn:nobody undefined'])
  })
})

describe('error events', () => {
  test('come with the answer already made, and the answer may still be changed', async () => {
    const { provider, post } = start({})
    provider.on('grant.error', (ctx) => {
      expect(ctx.body).toMatchObject({ error: 'invalid_request' })
      ctx.status = 401
      ctx.body = { error: 'invalid_client' }
    })
    const answer = await post('/token', {
      client_id: 'other',
      client_assertion: await assertion(),
      client_assertion_type: ASSERTION_TYPE,
      grant_type: 'authorization_code',
    })
    expect([answer.status, answer.body]).toEqual([401, { error: 'invalid_client' }])
  })

  test('name disagreeing client identifiers as this project looks for them', async () => {
    const { provider, post } = start({})
    const descriptions: unknown[] = []
    provider.on('grant.error', (_ctx, error) => descriptions.push(error.error_description))
    await post('/token', {
      client_id: 'other',
      client_assertion: await assertion(),
      client_assertion_type: ASSERTION_TYPE,
      grant_type: 'authorization_code',
    })
    expect(descriptions).toEqual(['client_id mismatch'])
  })
})

test('the accepted audiences are asked of OIDCContext.prototype', async () => {
  const { provider, post } = start({
    features: { clientCredentials: { enabled: true } },
    clients: [{ ...client, grant_types: ['client_credentials'], response_types: [], redirect_uris: [] }],
  })
  const form = async () => ({
    grant_type: 'client_credentials',
    client_assertion: await assertion({ aud: 'https://mtls.bank.example/token' }),
    client_assertion_type: ASSERTION_TYPE,
  })
  expect((await post('/token', await form())).status).toBe(401)
  provider.OIDCContext.prototype.clientJwtAuthExpectedAudience = () => new Set(['https://mtls.bank.example/token'])
  expect((await post('/token', await form())).status).toBe(200)
})

test('jwks_uri is read through the fetch option, with the client known by Provider.ctx', async () => {
  const seen: unknown[] = []
  const { jwks: _keys, ...rest } = client as typeof client & { jwks: unknown }
  const { post } = start({
    clients: [{ ...rest, jwks_uri: 'https://tpp.example/jwks' }],
    fetch: async (url) => {
      seen.push([String(url), Provider.ctx?.oidc.client?.clientId])
      return new Response(JSON.stringify({ keys: [publicJwk] }), { headers: { 'content-type': 'application/json' } })
    },
  })
  await post('/request', { ...authorization, client_assertion: await assertion(), client_assertion_type: ASSERTION_TYPE }).expect(201)
  expect(seen).toEqual([['https://tpp.example/jwks', 'tpp']])
})

test('what serverFacts takes a silent configuration to mean is what the provider does', async () => {
  const ed = { ...generateKeyPairSync('ed25519').privateKey.export({ format: 'jwk' }), kid: 'ed' }
  const everyKey = { keys: [...jwks.keys, ed] } as typeof jwks
  const { get } = start({
    jwks: everyKey,
    features: {
      requestObjects: { enabled: true },
      jwtResponseModes: { enabled: true },
      introspection: { enabled: true },
      jwtIntrospection: { enabled: true },
      jwtUserinfo: { enabled: true },
    },
  })
  const { body } = await get('/.well-known/openid-configuration')
  const facts = serverFacts(ISSUER, { features: { jwtResponseModes: { enabled: true } } }, true)
  for (const name of Object.keys(facts).filter(
    (key) => key.endsWith('_alg_values_supported') || key.endsWith('methods_supported'),
  ) as (keyof typeof facts)[]) {
    expect([name, [...(facts[name] as string[])].sort()]).toEqual([name, [...body[name]].sort()])
  }
  expect([...facts.response_types_supported].sort()).toEqual([...body.response_types_supported].sort())
  expect(body.response_modes_supported).toEqual(expect.arrayContaining([...facts.response_modes_supported]))
})
