import { createPrivateKey, generateKeyPairSync, sign } from 'node:crypto'
import { createPolicy, fapi1Advanced, fapi2Security } from 'express-fapi'
import { expectBadRequest, expectError, expectPushed, expectTokens, expectUnauthenticated } from '../support/expectations.js'
import { fromNow } from '../support/jwt.js'
import { mintKey } from '../support/keys.js'
import { type OwnServer, type OwnServerOptions, openOwnServer } from '../support/own-server.js'
import type { Role } from '../support/tpp.js'

const opened: OwnServer[] = []
afterAll(() => Promise.all(opened.map((server) => server.close())))

async function open(options: OwnServerOptions): Promise<OwnServer> {
  const server = await openOwnServer(options)
  opened.push(server)
  return server
}

const CLIENT_CREDENTIALS = {
  grant_types: ['client_credentials', 'authorization_code'],
  response_types: ['code'],
}
const dpopClient: Role = { profile: 'fapi2-security', auth: 'private_key_jwt', bound: 'dpop', metadata: CLIENT_CREDENTIALS }
const certificateClient: Role = { profile: 'fapi2-security', auth: 'private_key_jwt', bound: 'certificate', metadata: CLIENT_CREDENTIALS }
const grant = { grant_type: 'client_credentials' }
const features = { clientCredentials: { enabled: true } }

describe('only PS256 and ES256 in FAPI 1.0, EdDSA too in FAPI 2.0', () => {
  test.each([
    ['EdDSA', 'EdDSA'],
    ['PS256', 'ES256'],
    ['ES256', 'PS256'],
  ])('FAPI2-SP-5.4.1-1.2 assertions with %s, proofs with %s: accepted', async (alg, proofAlg) => {
    const server = await open({
      policy: createPolicy({ profile: fapi2Security }),
      configuration: { features },
      clients: { a: { ...dpopClient, alg, proofAlg } },
    })
    expectPushed(await server.as('a').push({ proof: {} }))
    expectTokens(await server.as('a').token(grant), 'DPoP')
  })

  test('FAPI1-ADV-8.6-1 an assertion with EdDSA: 401 invalid_client; ES256: accepted', async () => {
    const base: Role = {
      profile: 'fapi1-advanced',
      auth: 'private_key_jwt',
      bound: 'certificate',
      metadata: { require_signed_request_object: true, response_modes: ['jwt'] },
    }
    const clients = { ed: { ...base, alg: 'EdDSA' }, es: base }
    const server = await open({ policy: createPolicy({ profile: fapi1Advanced }), clients })
    expectUnauthenticated(await server.as('ed').push())
    expectPushed(await server.as('es').push())
    expectBadRequest(await server.as('es').push({ object: { key: server.as('ed').tpp.key } }), 'invalid_request_object')
  })
})

describe('NO-POP for client_credentials', () => {
  let server: OwnServer
  beforeAll(async () => {
    server = await open({
      policy: createPolicy({ profile: fapi2Security }),
      configuration: { features },
      clients: { dpop: dpopClient, certificate: certificateClient },
    })
  })

  test('FAPI2-SP-5.3.2.1-4 with proof: DPoP; without: refused, never a bearer token', async () => {
    expectTokens(await server.as('dpop').token(grant), 'DPoP')
    expectBadRequest(await server.as('dpop').token(grant, { proof: 'none' }), 'invalid_grant')
  })

  test('FAPI2-SP-5.3.2.1-4 with certificate: bound; without, or with a proof instead: refused', async () => {
    expectTokens(await server.as('certificate').token(grant), 'Bearer')
    expectBadRequest(await server.as('certificate').token(grant, { certificate: 'none' }), 'invalid_grant')
    expectBadRequest(await server.as('certificate').token(grant, { certificate: 'none', proof: {} }), 'invalid_grant')
  })

  test('FAPI2-SP-5.3.2.2-1 discovery of a server with one profile offers nothing the profile forbids', async () => {
    const { json: configuration } = await server.as('dpop').send(`${server.issuer}/.well-known/openid-configuration`)
    expect(configuration).toMatchObject({ response_types_supported: ['code'], require_pushed_authorization_requests: true })
    expect(configuration.token_endpoint_auth_methods_supported).not.toEqual(expect.arrayContaining(['client_secret_basic']))
    expect(configuration.token_endpoint_auth_methods_supported).not.toEqual(expect.arrayContaining(['none']))
    for (const [name, value] of Object.entries(configuration)) {
      if (name.endsWith('signing_alg_values_supported'))
        for (const alg of value as string[]) expect(['PS256', 'ES256', 'EdDSA', 'Ed25519']).toContain(alg)
    }
  })
})

test('bound token without access to a certificate: refused, not a bearer token', async () => {
  const server = await open({
    policy: createPolicy({ profile: fapi2Security }),
    configuration: { features },
    options: { certificate: () => undefined },
    clients: { certificate: certificateClient },
  })
  expectBadRequest(await server.as('certificate').token(grant), 'invalid_grant')
})

test('a certificate source that throws: refused, not a bearer token', async () => {
  const broken = () => {
    throw new Error('the proxy sent nonsense')
  }
  const server = await open({
    policy: createPolicy({ profile: fapi2Security }),
    configuration: { features },
    options: { certificate: broken },
    clients: { certificate: certificateClient },
  })
  const { status, json } = await server.as('certificate').token(grant)
  expect(status).toBeGreaterThanOrEqual(400)
  expect(json).not.toHaveProperty('access_token')
})

describe('the profile cannot be looked up', () => {
  let server: OwnServer
  let isDown = false
  beforeAll(async () => {
    const choose = () => {
      if (isDown) throw new Error('the directory is down')
      return fapi2Security
    }
    server = await open({
      policy: createPolicy({ profiles: [fapi2Security], choose }),
      configuration: { features: { ...features, registration: { enabled: true } } },
      clients: { a: dpopClient },
    })
  })

  test('choosing throws: pushes, token requests and authorization requests are refused; afterwards they are not', async () => {
    const party = server.as('a')
    expectPushed(await party.push())
    isDown = true
    const answers = [await party.push(), await party.token(grant), await party.token(grant, { proof: 'none' })]
    for (const { status, json } of answers) {
      expect(status).toBeGreaterThanOrEqual(400)
      expect(Object.keys(json)).not.toEqual(expect.arrayContaining(['request_uri']))
      expect(Object.keys(json)).not.toEqual(expect.arrayContaining(['access_token']))
      expect(JSON.stringify(json)).not.toContain('directory')
    }
    isDown = false
    expectPushed(await party.push())
  })

  test('choosing throws: nobody is registered', async () => {
    isDown = true
    const { status, json } = await server.as('a').send(`${server.issuer}/reg`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({
        redirect_uris: ['https://tpp.example/cb'],
        token_endpoint_auth_method: 'private_key_jwt',
        jwks: { keys: [mintKey().publicJwk] },
      }),
    })
    isDown = false
    expect({ status, error: json.error }).toEqual({ status: 400, error: 'invalid_client_metadata' })
  })
})

describe('keys behind a jwks_uri', () => {
  const weak = generateKeyPairSync('rsa', { modulusLength: 1024 })
  const weakJwk = { ...weak.publicKey.export({ format: 'jwk' }), kid: 'weak', use: 'sig' }
  let keys: unknown[] = []
  let server: OwnServer

  beforeAll(async () => {
    const fetch = async () => Response.json({ keys })
    server = await open({
      policy: createPolicy({ profile: fapi2Security }),
      configuration: { features, fetch },
      clients: {
        a: { ...dpopClient, alg: 'PS256', metadata: { ...CLIENT_CREDENTIALS, jwks: undefined, jwks_uri: 'https://tpp.example/jwks' } },
      },
    })
  })

  test('FAPI2-SP-5.4.1-2 a weak key there verifies nothing, a strong one next to it does', async () => {
    const party = server.as('a')
    keys = [weakJwk, party.tpp.key.publicJwk]
    const [header, claims] = (await party.assertion({ header: { kid: 'weak', alg: 'PS256' } })).split('.')
    const input = `${header}.${claims}`
    const key = createPrivateKey({ key: weak.privateKey.export({ format: 'jwk' }), format: 'jwk' })
    const signature = sign('sha256', Buffer.from(input), { key, padding: 6, saltLength: 32 }).toString('base64url')
    expectUnauthenticated(await party.push({ assertion: { compact: `${input}.${signature}` } }))
    expectPushed(await party.push())
  })
})

describe('nonces for DPoP', () => {
  let server: OwnServer
  beforeAll(async () => {
    const dPoP = { enabled: true, nonceSecret: Buffer.alloc(32, 7), requireNonce: () => true }
    server = await open({
      policy: createPolicy({ profile: fapi2Security }),
      configuration: { features: { ...features, dPoP } },
      clients: { a: dpopClient },
    })
  })

  test('FAPI2-SP-5.3.2.1-10 RFC9449-8-a a proof without nonce: 400 use_dpop_nonce with exactly one DPoP-Nonce; with it: tokens', async () => {
    const answer = await server.as('a').token(grant)
    expectError(answer, 400, 'use_dpop_nonce')
    const nonce = answer.headers['dpop-nonce']
    expect(nonce).toEqual(expect.any(String))
    expectTokens(await server.as('a').token(grant, { proof: { claims: { nonce } } }), 'DPoP')
    expectPushed(await server.as('a').push({ proof: { claims: { nonce } } }))
  })

  test('RFC9449-11.1-a a fresh nonce makes a proof fresh, whatever its iat says', async () => {
    const nonce = (await server.as('a').token(grant)).headers['dpop-nonce']
    expectTokens(await server.as('a').token(grant, { proof: { claims: { nonce, iat: fromNow(-3600) } } }), 'DPoP')
  })

  test('RFC9449-11.3-a a stale or an invented nonce: 400 use_dpop_nonce', async () => {
    for (const nonce of ['made-up', 'x'.repeat(500)])
      expectError(await server.as('a').token(grant, { proof: { claims: { nonce } } }), 400, 'use_dpop_nonce')
  })

  test('a request that asks for a nonce uses up neither the assertion nor the jti', async () => {
    const claims = { jti: 'of-the-retry' }
    const assertion = { claims: { jti: 'of-the-assertion' } }
    const refused = await server.as('a').token(grant, { assertion, proof: { claims } })
    expectError(refused, 400, 'use_dpop_nonce')
    const nonce = refused.headers['dpop-nonce']
    expectTokens(await server.as('a').token(grant, { proof: { claims: { ...claims, nonce } } }), 'DPoP')
  })
})
