import { type ConnectionOptions, connect } from 'node:tls'
import { decodeProtectedHeader } from 'jose'
import { authorizationParams } from '../support/authorization-request.js'
import { expectBadRequest, expectCode, expectPushed, expectTokens, expectToldClient } from '../support/expectations.js'
import { openTestBank, type TestBank } from '../support/test-bank.js'
import type { TppName } from '../support/tpp.js'

const EVERYBODY = [
  'fapi2',
  'fapi2-second',
  'fapi2-mtls',
  'fapi2-selfsigned',
  'fapi2-jwt-mtls',
  'signing',
  'signing-second',
  'signing-requests-only',
  'signing-responses-only',
  'fapi1-jarm',
  'fapi1-hybrid',
  'fapi1-both',
  'baseline',
  'plain',
  'plain-jwt',
] as const satisfies readonly TppName[]

let bank: TestBank
beforeAll(async () => {
  bank = await openTestBank(EVERYBODY)
})
afterAll(() => bank?.close())

describe('one issuer, every kind of client', () => {
  test.each(EVERYBODY)('%s: a whole flow, the API, a refresh', async (name) => {
    const party = bank.as(name)
    const answer = await party.redeem(await expectCode(party, await party.authorize()))
    expectTokens(answer, party.tpp.proofKey ? 'DPoP' : 'Bearer')
    const isBound = party.tpp.proofKey !== undefined || party.tpp.certificate !== undefined
    const { json } = await party.call('introspection_endpoint', { token: String(answer.json.access_token) })
    expect(json.cnf === undefined).toBe(!isBound)
    expectTokens(await party.refresh(String(answer.json.refresh_token)))
  })

  test.each(EVERYBODY)('%s: its access token opens the API', async (name) => {
    const party = bank.as(name)
    expect((await party.accounts((await party.tokens()).access_token)).status).toBe(200)
  })

  test('regression: the profile of the client decides about the binding, not what somebody else uses', async () => {
    const fapi1 = bank.as('fapi1-jarm')
    const code = await fapi1.code()
    expectBadRequest(await fapi1.redeem(code, { certificate: 'none', proof: {} }), 'invalid_grant')
    const fapi2 = bank.as('fapi2')
    expectBadRequest(
      await fapi2.redeem(await fapi2.code(), { proof: 'none', certificate: fapi1.tpp.certificate ?? 'none' }),
      'invalid_grant',
    )
  })

  test('FAPI1-BASE-5.2.2-7 FAPI1-BASE-5.2.2.2-1 a Baseline client: PKCE and nonce are required, a code without JARM is fine', async () => {
    const party = bank.as('baseline')
    await expectCode(party, await party.authorize())
    const pkce = { code_challenge: undefined, code_challenge_method: undefined }
    await expectToldClient(party, await party.authorize({ params: pkce }), 'invalid_request')
    await expectToldClient(party, await party.authorize({ params: { nonce: undefined } }), 'invalid_request')
    await expectToldClient(
      party,
      await party.authorize({ params: { scope: 'accounts', nonce: undefined, state: undefined } }),
      'invalid_request',
      { state: null },
    )
    await expectToldClient(
      party,
      await party.authorize({ params: { response_type: 'id_token' } }),
      expect.stringMatching(/^(unsupported_response_type|invalid_request)$/),
    )
  })

  test('RFC9126-2-c the audience of assertions goes by client: a list is fine in FAPI 1.0, not in FAPI 2.0', async () => {
    const assertion = { claims: { aud: [bank.issuer] } }
    expectPushed(await bank.as('fapi1-jarm').push({ assertion }))
    expectPushed(await bank.as('plain-jwt').push({ assertion }))
    expect((await bank.as('fapi2').push({ assertion })).status).toBe(401)
    expect((await bank.as('signing').push({ assertion })).status).toBe(401)
  })
})

describe('a client outside all profiles', () => {
  const plain = () => bank.as('plain')

  test('gets a bearer token without PKCE, nonce, push or proof', async () => {
    const party = plain()
    const code = await expectCode(party, await party.authorize({ params: { nonce: undefined } }))
    const answer = await party.redeem(code)
    expectTokens(answer, 'Bearer')
    expect((await party.accounts(answer.json.access_token)).status).toBe(200)
  })

  test.each(['query', 'fragment', 'query.jwt', 'fragment.jwt', 'jwt'])('may ask for response_mode=%s', async (response_mode) => {
    await expectCode(plain(), await plain().authorize({ params: { response_mode } }))
  })

  test.each(['form_post', 'form_post.jwt'])('may ask for response_mode=%s: a form for its redirect URI', async (response_mode) => {
    const { answer } = await plain().authorize({ params: { response_mode } })
    expect(answer.text).toContain('<form method="post" action="https://tpp.example/cb">')
    expect(answer.text).toMatch(response_mode === 'form_post' ? /name="code" value="[^"]+"/ : /name="response" value="[^"]+"/)
  })

  test('may use PKCE and PAR, and is held to what it began', async () => {
    const party = plain()
    const { code_challenge, code_challenge_method } = authorizationParams(bank.as('fapi2').tpp)
    const code = await expectCode(party, await party.authorize({ via: 'par', params: { code_challenge, code_challenge_method } }))
    expectBadRequest(await party.redeem(code), 'invalid_grant')
  })

  test('is still held to what every server owes: redirect URI, client secret, single use of a code', async () => {
    const party = plain()
    const { location, answer } = await party.authorize({ params: { redirect_uri: 'https://attacker.example/cb' } })
    expect([location, answer.status]).toEqual([undefined, 400])
    const code = await party.code()
    const wrong = { authorization: `Basic ${Buffer.from('tpp-plain:wrong').toString('base64')}` }
    expect((await party.redeem(code, { headers: wrong })).status).toBe(401)
    expectTokens(await party.redeem(code))
    expectBadRequest(await party.redeem(code), 'invalid_grant')
  })
})

describe('TLS', () => {
  const handshake = (options: ConnectionOptions) =>
    new Promise<string>((resolve, reject) => {
      const port = Number(new URL(bank.issuer).port)
      const socket = connect({ host: 'localhost', port, ca: bank.caCertificate, ...options }, () => {
        resolve(`${socket.getProtocol()} ${socket.getCipher().standardName}`)
        socket.destroy()
      })
      socket.on('error', reject)
    })

  test('FAPI2-SP-5.2.1-2 FAPI1-BASE-7.1-1 TLS 1.3 where both can, TLS 1.2 where the client cannot, nothing older', async () => {
    expect(await handshake({})).toMatch(/^TLSv1.3 /)
    expect(await handshake({ maxVersion: 'TLSv1.2' })).toMatch(/^TLSv1.2 TLS_ECDHE_RSA_WITH_AES_(128|256)_GCM_SHA(256|384)$/)
    await expect(handshake({ minVersion: 'TLSv1', maxVersion: 'TLSv1.1', ciphers: 'DEFAULT@SECLEVEL=0' })).rejects.toThrow()
  })

  test.each(['ECDHE-RSA-AES128-SHA256', 'AES128-GCM-SHA256', 'DHE-RSA-AES128-GCM-SHA256', 'ECDHE-RSA-CHACHA20-POLY1305'])(
    'FAPI1-ADV-8.5-1 FAPI2-SP-5.2.2-1 TLS 1.2 with %s alone: the handshake is refused',
    async (ciphers) => {
      await expect(handshake({ maxVersion: 'TLSv1.2', ciphers })).rejects.toThrow()
    },
  )
})

describe('what discovery says is true', () => {
  const list = (name: string) => bank.metadata[name] as readonly string[]
  const idTokenAlg = async (name: TppName) => decodeProtectedHeader(String((await bank.as(name).tokens()).id_token)).alg

  test('FAPI2-SP-5.3.2.1-1 RFC8414-3.3-a both documents are there, say the same, and name the issuer they were fetched from', async () => {
    const answers = await Promise.all(
      ['openid-configuration', 'oauth-authorization-server'].map((name) => bank.wire.send(`${bank.issuer}/.well-known/${name}`)),
    )
    for (const { status, headers, json } of answers) {
      expect(status).toBe(200)
      expect(headers['content-type']).toMatch(/^application\/json/)
      expect(json).toEqual(bank.metadata)
    }
    expect(bank.metadata.issuer).toBe(bank.issuer)
  })

  test('OIDCD-3-a OIDCD-3-b what FAPI clients look for', () => {
    expect(bank.metadata).toMatchObject({
      authorization_response_iss_parameter_supported: true,
      tls_client_certificate_bound_access_tokens: true,
      request_parameter_supported: true,
      request_uri_parameter_supported: false,
      code_challenge_methods_supported: ['S256'],
      grant_types_supported: expect.arrayContaining(['authorization_code', 'refresh_token']),
      response_modes_supported: expect.arrayContaining(['jwt']),
    })
    expect([...list('response_types_supported')].sort()).toEqual(['code', 'code id_token'])
    expect(bank.metadata.require_pushed_authorization_requests ?? false).toBe(false)
  })

  test('FAPI2-SP-5.2.1-1 every endpoint is https, and somebody listens there', async () => {
    const aliases = Object.entries(bank.metadata.mtls_endpoint_aliases as Record<string, string>)
    const endpoints = [...Object.entries(bank.metadata), ...aliases].filter(([name]) => /_(endpoint|uri)$/.test(name))
    expect(endpoints.length).toBeGreaterThan(10)
    for (const [name, url] of endpoints) {
      expect(String(url)).toMatch(/^https:/)
      const method = /^(token|push|revocation|introspection|registration)/.test(name) ? 'POST' : 'GET'
      expect({ name, missing: (await bank.wire.send(String(url), { method })).status === 404 }).toEqual({ name, missing: false })
    }
  })

  test('RFC8705-5-a each alias stands for an endpoint, on the host that asks for certificates', () => {
    for (const [name, url] of Object.entries(bank.metadata.mtls_endpoint_aliases as Record<string, string>)) {
      expect(new URL(url).origin).toBe(bank.mtlsOrigin)
      expect(new URL(url).pathname).toBe(new URL(String(bank.metadata[name])).pathname)
    }
  })

  const METHODS: Record<string, TppName> = {
    private_key_jwt: 'fapi2',
    tls_client_auth: 'fapi2-mtls',
    self_signed_tls_client_auth: 'fapi2-selfsigned',
    client_secret_basic: 'plain',
  }
  test('each way to authenticate is accepted from somebody, and no other one is advertised', async () => {
    expect([...list('token_endpoint_auth_methods_supported')].sort()).toEqual(Object.keys(METHODS).sort())
    for (const name of Object.values(METHODS)) expectPushed(await bank.as(name).push())
  })

  test('each signature algorithm is accepted from somebody, and no other one is advertised', async () => {
    const lists = Object.keys(bank.metadata).filter((name) => name.endsWith('signing_alg_values_supported'))
    expect(lists.length).toBeGreaterThanOrEqual(6)
    for (const name of lists) expect({ name, algorithms: [...list(name)].sort() }).toEqual({ name, algorithms: ['ES256', 'PS256'] })
    // Assertions and ID tokens: PS256 and ES256. Request objects: PS256 and ES256. Proofs: both kinds of key.
    expect([await idTokenAlg('fapi2'), await idTokenAlg('fapi2-second')]).toEqual(['PS256', 'ES256'])
    for (const name of ['fapi1-jarm', 'signing'] as const) expectPushed(await bank.as(name).push())
    const fapi2 = bank.as('fapi2')
    for (const key of [fapi2.tpp.key, undefined]) expectPushed(await fapi2.push({ proof: key ? { key } : {} }))
    const responses = await Promise.all(
      (['signing', 'signing-second'] as const).map(
        async (name) => (await bank.as(name).respond(await bank.as(name).authorize())).bare.response,
      ),
    )
    expect(responses.map((response) => decodeProtectedHeader(response ?? '').alg)).toEqual(['PS256', 'ES256'])
  })

  test('RFC7517-4.5-a the published keys are public, strong, and have names of their own', async () => {
    const { json } = await bank.wire.send(String(bank.metadata.jwks_uri))
    const keys = json.keys as Record<string, string>[]
    expect(new Set(keys.map(({ kid }) => kid)).size).toBe(keys.length)
    for (const key of keys) {
      for (const member of ['d', 'p', 'q', 'dp', 'dq', 'qi', 'k']) expect(key).not.toHaveProperty(member)
      expect(key.kty === 'RSA' ? Buffer.from(key.n ?? '', 'base64url').length >= 256 : key.crv === 'P-256').toBe(true)
    }
  })

  test('the grant types and scopes that are advertised work', async () => {
    expect([...list('scopes_supported')].sort()).toEqual(['accounts', 'offline_access', 'openid', 'profile'])
    const party = bank.as('fapi2')
    const { scope } = await party.tokens({ params: { scope: 'openid accounts profile offline_access', prompt: 'consent' } })
    expect(String(scope).split(' ').sort()).toEqual(['accounts', 'offline_access', 'openid', 'profile'])
  })

  test('nobody gets a code by what is not advertised', async () => {
    const params = { response_type: 'id_token token' }
    await expectToldClient(
      bank.as('plain'),
      await bank.as('plain').authorize({ params }),
      expect.stringMatching(/^(unsupported_response_type|invalid_request)$/),
    )
  })
})
