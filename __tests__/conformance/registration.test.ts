import {
  expectBadRequest,
  expectCode,
  expectError,
  expectPage,
  expectPushed,
  expectTokens,
  expectUnauthenticated,
} from '../support/expectations.js'
import { mintKey, weakRsaJwk } from '../support/keys.js'
import { honestMetadata, type Metadata, meet, read, register, update } from '../support/registration.js'
import { openTestBank, type TestBank } from '../support/test-bank.js'
import type { Answer } from '../support/wire.js'

let bank: TestBank
beforeAll(async () => {
  bank = await openTestBank(['fapi2'])
})
afterAll(() => bank?.close())

const key = mintKey()
const PROFILES = ['fapi1-advanced', 'fapi2-security', 'fapi2-message-signing'] as const
const flagsOf = (json: Metadata) =>
  Object.fromEntries(
    [
      'fapi_profile',
      'dpop_bound_access_tokens',
      'tls_client_certificate_bound_access_tokens',
      'require_pushed_authorization_requests',
      'require_signed_request_object',
    ].map((name) => [name, json[name]]),
  )

function expectRegistered({ status, json, headers }: Answer, expected: Metadata = {}): void {
  expect({ status, error: json.error_description }).toEqual({ status: 201, error: undefined })
  expect(json).toMatchObject({ client_id: expect.any(String), registration_client_uri: expect.stringMatching(/^https:/), ...expected })
  expect(String(headers['cache-control'])).toContain('no-store')
}

/** PUT and GET leave out what an answer to POST has, so that stored metadata can be compared. */
async function expectUnchanged(before: Answer): Promise<void> {
  const after = await read(bank, before)
  expect(after.json).toEqual(before.json)
}

describe('who may register', () => {
  test.each(['', 'wrong', 'x'.repeat(5000)])(
    'RFC7591-3.1-a a wrong initial access token (number %#): 401, nothing registered',
    async (token) => {
      const { status, json, headers } = await register(bank, honestMetadata(key, 'fapi2-security'), token)
      expect({ status, client: json.client_id }).toEqual({ status: 401, client: undefined })
      expect(String(headers['www-authenticate'])).toMatch(/^Bearer/)
    },
  )

  test('without Authorization: 401, nothing registered', async () => {
    const { status, json } = await bank.wire.send(String(bank.metadata.registration_endpoint), {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify(honestMetadata(key, 'fapi2-security')),
    })
    expect([400, 401]).toContain(status)
    expect(json).not.toHaveProperty('client_id')
  })

  test('RFC7592-2-a the configuration endpoint without token, or with the token of another client: 401', async () => {
    const [mine, other] = [
      await register(bank, honestMetadata(key, 'fapi2-security')),
      await register(bank, honestMetadata(key, 'fapi2-security')),
    ]
    const uri = String(mine.json.registration_client_uri)
    for (const token of [undefined, 'wrong', other.json.registration_access_token]) {
      const { status, json } = await bank.wire.send(uri, { headers: token ? { authorization: `Bearer ${token}` } : {} })
      expect([400, 401]).toContain(status)
      expect(json).not.toHaveProperty('client_id')
    }
  })

  test('RFC7592-2.3-a a deleted client is gone: GET 401, pushes 401', async () => {
    const answer = await register(bank, honestMetadata(key, 'fapi2-security'))
    const headers = { authorization: `Bearer ${answer.json.registration_access_token}` }
    expect((await bank.wire.send(String(answer.json.registration_client_uri), { method: 'DELETE', headers })).status).toBe(204)
    expect((await bank.wire.send(String(answer.json.registration_client_uri), { headers })).status).toBe(401)
  })
})

describe.each(PROFILES)('%s', (profile) => {
  const base = honestMetadata(key, profile)

  test('an honest client: 201 with what the profile wants, also where it said nothing', async () => {
    const answer = await register(bank, base)
    expectRegistered(answer, {
      fapi_profile: profile,
      id_token_signed_response_alg: 'PS256',
      authorization_signed_response_alg: 'PS256',
      introspection_signed_response_alg: 'PS256',
      ...(profile === 'fapi1-advanced' && { tls_client_certificate_bound_access_tokens: true, require_signed_request_object: true }),
      ...(profile !== 'fapi1-advanced' && { dpop_bound_access_tokens: true, require_pushed_authorization_requests: true }),
      ...(profile === 'fapi2-message-signing' && { require_signed_request_object: true, response_modes: ['jwt'] }),
    })
    expect(answer.json).not.toHaveProperty('client_secret')
    await expectUnchanged(answer)
  })

  const redirects: [string, readonly unknown[]][] = [
    ['http', ['http://tpp.example/cb']],
    ['a bad one last', ['https://tpp.example/cb', 'https://tpp.example/2', 'http://tpp.example/cb']],
    ['a bad one in the middle', ['https://tpp.example/cb', 'http://tpp.example/cb', 'https://tpp.example/2']],
    ['a bad one first', ['http://tpp.example/cb', 'https://tpp.example/cb']],
    ['a scheme of its own', ['com.example.app:/cb']],
    ['a script', ['javascript:alert(1)']],
    ['data', ['data:text/html,x']],
    ['a fragment', ['https://tpp.example/cb#x']],
    ['no URL', ['cb']],
    ['a number', [7]],
    ['none', []],
  ]
  test.each(redirects)('FAPI1-BASE-5.2.2-20 FAPI2-SP-5.3.2.2-8 redirect_uris: %s: 400', async (_, redirect_uris) => {
    expectError(await register(bank, { ...base, redirect_uris }), 400, expect.stringMatching(/^invalid_(redirect_uri|client_metadata)$/))
  })

  test('RFC7591-3.2.2-a redirect_uris is text, an object, or missing: 400', async () => {
    for (const redirect_uris of ['https://tpp.example/cb', { 0: 'https://tpp.example/cb' }, undefined]) {
      expectError(await register(bank, { ...base, redirect_uris }), 400, expect.stringMatching(/^invalid_(redirect_uri|client_metadata)$/))
    }
  })

  const faults: [string, Metadata][] = [
    ['FAPI2-SP-5.4.2-1 FAPI1-ADV-8.9-1 http jwks_uri', { jwks: undefined, jwks_uri: 'http://tpp.example/jwks' }],
    ['jwks and jwks_uri', { jwks_uri: 'https://tpp.example/jwks' }],
    ['neither jwks nor jwks_uri', { jwks: undefined }],
    ['FAPI2-SP-5.4.1-2 FAPI1-BASE-5.2.2-5 an RSA key of 1024 bits', { jwks: { keys: [weakRsaJwk()] } }],
    ['an RSA key of 1024 bits next to a good one', { jwks: { keys: [key.publicJwk, weakRsaJwk()] } }],
    ['a symmetric key', { jwks: { keys: [{ kty: 'oct', k: 'c2VjcmV0c2VjcmV0c2VjcmV0c2VjcmV0c2VjcmV0' }] } }],
    ['a private key', { jwks: { keys: [key.privateJwk] } }],
    ['keys that are no list', { jwks: { keys: 'x' } }],
    ['a key that is null', { jwks: { keys: [null] } }],
    ['FAPI1-ADV-5.2.2-14 FAPI2-SP-5.3.2.1-6 client_secret_basic', { token_endpoint_auth_method: 'client_secret_basic' }],
    ['client_secret_post', { token_endpoint_auth_method: 'client_secret_post' }],
    ['client_secret_jwt', { token_endpoint_auth_method: 'client_secret_jwt' }],
    ['FAPI1-ADV-5.2.2-16 FAPI2-SP-5.3.2.1-3 a public client', { token_endpoint_auth_method: 'none' }],
    ['RFC8705-2.1.2-a tls_client_auth without a subject', { token_endpoint_auth_method: 'tls_client_auth' }],
    [
      'RFC8705-2.1.2-a tls_client_auth with two subjects',
      { token_endpoint_auth_method: 'tls_client_auth', tls_client_auth_subject_dn: 'CN=a', tls_client_auth_san_dns: 'a.example' },
    ],
    ['response_types token', { response_types: ['token'], grant_types: ['implicit'] }],
    ['response_types code and id_token', { response_types: ['code', 'id_token'], grant_types: ['authorization_code', 'implicit'] }],
    ['a profile nobody knows', { fapi_profile: 'fapi3' }],
    ['no profile at all, by name', { fapi_profile: 'none' }],
    ['profile null and secret', { fapi_profile: null, token_endpoint_auth_method: 'client_secret_basic' }],
    ['a profile that is a list', { fapi_profile: [profile] }],
    ['sector_identifier_uri over http', { subject_type: 'pairwise', sector_identifier_uri: 'http://tpp.example/s' }],
    ['JARM-3-a authorization_signed_response_alg=none', { authorization_signed_response_alg: 'none' }],
  ]
  test.each(faults)('%s: 400 invalid_client_metadata, nothing registered', async (_, metadata) => {
    const answer = await register(bank, { ...base, ...metadata })
    expectError(answer, 400, 'invalid_client_metadata')
  })

  test.each([
    'token_endpoint_auth_signing_alg',
    'request_object_signing_alg',
    'id_token_signed_response_alg',
    'authorization_signed_response_alg',
    'introspection_signed_response_alg',
  ])('FAPI1-ADV-8.6-1 FAPI2-SP-5.4.1-1.2 %s RS256, HS256, PS512 or none: 400 invalid_client_metadata; ES256: 201', async (name) => {
    for (const alg of ['RS256', 'HS256', 'PS512', 'none', 'ES384', 7]) {
      expectError(await register(bank, { ...base, [name]: alg }), 400, 'invalid_client_metadata')
    }
    expectRegistered(await register(bank, { ...base, [name]: 'ES256' }), { [name]: 'ES256' })
  })

  test.each([
    { id_token_encrypted_response_alg: 'RSA1_5', id_token_encrypted_response_enc: 'A128CBC-HS256' },
    { request_object_encryption_alg: 'RSA1_5' },
    { userinfo_signed_response_alg: 'RS256' },
  ])('FAPI1-ADV-8.6.1-1 %j: refused, or not stored where the bank does not offer it', async (metadata) => {
    const answer = await register(bank, { ...base, ...metadata })
    if (answer.status === 400) return expectError(answer, 400, 'invalid_client_metadata')
    expectRegistered(answer)
    for (const name of Object.keys(metadata)) expect(answer.json).not.toHaveProperty(name)
  })

  const falseFlags: Metadata =
    profile === 'fapi1-advanced'
      ? { tls_client_certificate_bound_access_tokens: false, require_signed_request_object: false }
      : { dpop_bound_access_tokens: false, tls_client_certificate_bound_access_tokens: false, require_pushed_authorization_requests: false }
  test.each(Object.keys(falseFlags))('%s explicitly false: 400 invalid_client_metadata', async (name) => {
    const binding = name.endsWith('access_tokens') && profile !== 'fapi1-advanced'
    const metadata = binding ? { dpop_bound_access_tokens: false, tls_client_certificate_bound_access_tokens: false } : { [name]: false }
    expectError(await register(bank, { ...base, ...metadata }), 400, 'invalid_client_metadata')
    expectError(await register(bank, { ...base, ...falseFlags }), 400, 'invalid_client_metadata')
  })

  test('flags of the wrong type: 400, or not believed', async () => {
    for (const value of ['false', 0, {}, 'true']) {
      const answer = await register(bank, { ...base, require_pushed_authorization_requests: value, dpop_bound_access_tokens: value })
      if (answer.status !== 400)
        expect(answer.json).toMatchObject({ fapi_profile: profile, require_pushed_authorization_requests: expect.any(Boolean) })
    }
  })

  describe('updates', () => {
    let registered: Answer
    beforeEach(async () => {
      registered = await register(bank, base)
    })

    test('RFC7592-2.2-a a PUT that leaves the flags and the profile out: 200, and all of them are still there', async () => {
      const { fapi_profile: _, ...rest } = base
      const answer = await update(bank, registered, { ...rest, client_name: 'another name' })
      expect({ status: answer.status, name: answer.json.client_name }).toEqual({ status: 200, name: 'another name' })
      expect(flagsOf(answer.json)).toEqual(flagsOf(registered.json))
      expect(flagsOf((await read(bank, registered)).json)).toEqual(flagsOf(registered.json))
    })

    test('a PUT with null or empty text for every flag: 200, and all of them are still there', async () => {
      for (const nothing of [null, '']) {
        const metadata = Object.fromEntries(Object.keys(flagsOf(registered.json)).map((name) => [name, nothing]))
        const answer = await update(bank, registered, { ...base, ...metadata })
        if (answer.status === 200) expect(flagsOf(answer.json)).toEqual(flagsOf(registered.json))
        else expectError(answer, 400, 'invalid_client_metadata')
      }
    })

    test('a PUT with explicit false: 400, nothing changed', async () => {
      for (const [name, value] of Object.entries(falseFlags)) {
        if (registered.json[name] === false) continue
        expectError(await update(bank, registered, { ...base, [name]: value }), 400, 'invalid_client_metadata')
      }
      expectError(await update(bank, registered, { ...base, ...falseFlags }), 400, 'invalid_client_metadata')
      await expectUnchanged(registered)
    })

    test.each(
      ['none', 'fapi1-baseline', 'fapi1-advanced', 'fapi2-security', 'fapi2-message-signing', 'x'].filter((name) => name !== profile),
    )('a PUT with fapi_profile=%s: 400 invalid_client_metadata, nothing changed', async (fapi_profile) => {
      const weak = {
        token_endpoint_auth_method: 'private_key_jwt',
        tls_client_certificate_bound_access_tokens: true,
        dpop_bound_access_tokens: false,
      }
      expectError(await update(bank, registered, { ...base, fapi_profile }), 400, 'invalid_client_metadata')
      expectError(await update(bank, registered, { ...base, ...weak, fapi_profile }), 400, 'invalid_client_metadata')
      await expectUnchanged(registered)
    })

    test('RFC7592-2.2-c what POST refuses PUT refuses: redirect URI, algorithm, method, key; nothing changed', async () => {
      expectError(
        await update(bank, registered, { ...base, redirect_uris: ['https://tpp.example/cb', 'http://tpp.example/cb'] }),
        400,
        'invalid_redirect_uri',
      )
      expectError(await update(bank, registered, { ...base, id_token_signed_response_alg: 'RS256' }), 400, 'invalid_client_metadata')
      expectError(
        await update(bank, registered, { ...base, token_endpoint_auth_method: 'client_secret_basic' }),
        400,
        'invalid_client_metadata',
      )
      expectError(await update(bank, registered, { ...base, token_endpoint_auth_method: 'none' }), 400, 'invalid_client_metadata')
      expectError(await update(bank, registered, { ...base, jwks: { keys: [weakRsaJwk()] } }), 400, 'invalid_client_metadata')
      await expectUnchanged(registered)
    })

    test('RFC7592-2.2-b a PUT with another client_id, or that leaves it out: 400, nothing changed', async () => {
      for (const client_id of ['tpp-fapi2', undefined]) {
        const { status } = await update(bank, registered, { ...base, client_id })
        expect(status).toBe(400)
      }
      await expectUnchanged(registered)
    })

    test('a PUT may change the redirect URIs and the keys', async () => {
      const other = mintKey()
      const answer = await update(bank, registered, {
        ...base,
        redirect_uris: ['https://tpp.example/new'],
        jwks: { keys: [other.publicJwk] },
      })
      expect({ status: answer.status, uris: answer.json.redirect_uris }).toEqual({ status: 200, uris: ['https://tpp.example/new'] })
    })
  })
})

describe('what the generations differ in', () => {
  const loopback = { application_type: 'native', redirect_uris: ['http://127.0.0.1/cb', 'http://[::1]/cb'] }

  test('FAPI1-BASE-7.5-2 the loopback address of a native application: 400 in FAPI 1.0', async () => {
    expectError(await register(bank, { ...honestMetadata(key, 'fapi1-advanced'), ...loopback }), 400, 'invalid_redirect_uri')
  })

  test('FAPI2-SP-5.3.2.2-8 the loopback address of a native application: 201 in FAPI 2.0; of a web application: 400', async () => {
    const base = honestMetadata(key, 'fapi2-security')
    expectRegistered(await register(bank, { ...base, ...loopback }))
    expectError(await register(bank, { ...base, ...loopback, application_type: 'web' }), 400, 'invalid_redirect_uri')
    expectError(
      await register(bank, { ...base, ...loopback, redirect_uris: ['http://127.0.0.1.attacker.example/cb'] }),
      400,
      expect.stringMatching(/^invalid_/),
    )
    expectError(
      await register(bank, { ...base, ...loopback, redirect_uris: ['http://10.0.0.1/cb'] }),
      400,
      expect.stringMatching(/^invalid_/),
    )
  })

  test('FAPI1-ADV-5.2.2-2 code id_token: 201 in FAPI 1.0, 400 in FAPI 2.0', async () => {
    const hybrid = { response_types: ['code id_token'], grant_types: ['authorization_code', 'implicit'] }
    expectRegistered(await register(bank, { ...honestMetadata(key, 'fapi1-advanced'), ...hybrid }))
    expectError(await register(bank, { ...honestMetadata(key, 'fapi2-security'), ...hybrid }), 400, 'invalid_client_metadata')
  })

  test('FAPI2-SP-5.3.2.1-4 both bindings at once: 400; the certificate alone: 201', async () => {
    const base = honestMetadata(key, 'fapi2-security')
    const both = { dpop_bound_access_tokens: true, tls_client_certificate_bound_access_tokens: true }
    expectError(await register(bank, { ...base, ...both }), 400, 'invalid_client_metadata')
    expectRegistered(await register(bank, { ...base, tls_client_certificate_bound_access_tokens: true }), {
      dpop_bound_access_tokens: false,
    })
  })

  test('FAPI2-SP-5.3.2.1-6 tls_client_auth with one subject: 201, its tokens bound to the certificate', async () => {
    const metadata = {
      ...honestMetadata(key, 'fapi2-security'),
      token_endpoint_auth_method: 'tls_client_auth',
      tls_client_auth_san_dns: 'tpp.example',
    }
    expectRegistered(await register(bank, metadata), { tls_client_certificate_bound_access_tokens: true, dpop_bound_access_tokens: false })
  })

  test('a PUT that swaps DPoP for the certificate keeps a binding: 200; that drops both: 400', async () => {
    const base = honestMetadata(key, 'fapi2-security')
    const registered = await register(bank, base)
    const swapped = await update(bank, registered, {
      ...base,
      dpop_bound_access_tokens: false,
      tls_client_certificate_bound_access_tokens: true,
    })
    expect(swapped.status).toBe(200)
    const none = { dpop_bound_access_tokens: false, tls_client_certificate_bound_access_tokens: false }
    expectError(await update(bank, registered, { ...base, ...none }), 400, 'invalid_client_metadata')
  })

  test.each<[string, Metadata]>([
    ['require_signed_request_object', { require_signed_request_object: true }],
    ['the algorithm of request objects', { request_object_signing_alg: 'ES256' }],
    ['signed responses', { response_modes: ['jwt'] }],
  ])('a PUT that takes back %s, which the profile did not ask for: 400, or it stays; nothing is lost', async (_, metadata) => {
    const base = honestMetadata(key, 'fapi2-security')
    const registered = await register(bank, { ...base, ...metadata })
    expectRegistered(registered, metadata)
    const taken = { require_signed_request_object: false, response_modes: ['query', 'jwt'] }
    const answer = await update(bank, registered, { ...base, ...taken })
    expectError(answer, 400, 'invalid_client_metadata')
    await expectUnchanged(registered)
  })

  test('a client without fapi_profile is held to the FAPI 2.0 Security Profile', async () => {
    const { fapi_profile: _, ...rest } = honestMetadata(key, 'x')
    expectRegistered(await register(bank, rest), { fapi_profile: 'fapi2-security', require_pushed_authorization_requests: true })
    expectError(await register(bank, { ...rest, token_endpoint_auth_method: 'client_secret_basic' }), 400, 'invalid_client_metadata')
  })
})

describe('what a registration is good for', () => {
  const base = honestMetadata(key, 'fapi2-security')

  test('a client that has just registered walks the whole flow', async () => {
    const party = meet(bank, await register(bank, base), key)
    const answer = await party.redeem(await expectCode(party, await party.authorize()))
    expectTokens(answer, 'DPoP')
    expect((await party.accounts(answer.json.access_token)).status).toBe(200)
  })

  test('after a PUT with another key the old one is refused, the new one accepted', async () => {
    const registered = await register(bank, base)
    const [before, other] = [meet(bank, registered, key), mintKey()]
    expectPushed(await before.push())
    expect((await update(bank, registered, { ...base, jwks: { keys: [other.publicJwk] } })).status).toBe(200)
    expectUnauthenticated(await before.push())
    expectPushed(await meet(bank, registered, other).push())
  })

  test('RFC9126-4-c a redirect URI that is taken away between push and use: an error page, nobody is sent there', async () => {
    const registered = await register(bank, base)
    const address = await meet(bank, registered, key).address()
    expect((await update(bank, registered, { ...base, redirect_uris: ['https://tpp.example/other'] })).status).toBe(200)
    expectPage(await bank.browser().journey(address))
  })

  test('RFC9126-4-c a client that is deleted between push and use: an error page', async () => {
    const registered = await register(bank, base)
    const address = await meet(bank, registered, key).address()
    const headers = { authorization: `Bearer ${registered.json.registration_access_token}` }
    await bank.wire.send(String(registered.json.registration_client_uri), { method: 'DELETE', headers })
    expectPage(await bank.browser().journey(address))
    expectUnauthenticated(await meet(bank, registered, key).push())
  })

  test('RFC8252-7.3 a native application may choose the port of its loopback address, and nothing else of it', async () => {
    const native = { application_type: 'native', redirect_uris: ['http://127.0.0.1/cb'] }
    const party = meet(bank, await register(bank, { ...base, ...native }), key, 'http://127.0.0.1:53123/cb')
    await expectCode(party, await party.authorize())
    expectBadRequest(await party.push({ params: { redirect_uri: 'http://127.0.0.1:53123/other' } }), 'invalid_request')
    expectBadRequest(await party.push({ params: { redirect_uri: 'http://localhost:53123/cb' } }), 'invalid_request')
    expectBadRequest(await party.push({ params: { redirect_uri: 'http://127.0.0.1:53123@attacker.example/cb' } }), 'invalid_request')
  })
})

describe('what does not belong in a registration', () => {
  const base = honestMetadata(key, 'fapi2-security')

  test('RFC7591-2-a members nobody knows are left out', async () => {
    const answer = await register(bank, { ...base, shoe_size: 42, __proto__: undefined, 'urn:express-fapi:whole-client': 'x' })
    expectRegistered(answer)
    expect(Object.keys(answer.json)).not.toEqual(expect.arrayContaining(['shoe_size']))
    expect(JSON.stringify(answer.json)).not.toContain('urn:express-fapi')
  })

  test('a client_id of its own choice is not taken', async () => {
    const answer = await register(bank, { ...base, client_id: 'tpp-fapi2', client_secret: 'chosen' })
    if (answer.status === 201) expect(answer.json.client_id).not.toBe('tpp-fapi2')
    expectPushed(await bank.as('fapi2').push())
  })

  test.each(['[]', '"x"', '7', 'null', '{', '', `{"redirect_uris":${'['.repeat(5000)}`])(
    'a body that is no form or object (number %#): 400, never a crash',
    async (body) => {
      const { status, json } = await bank.wire.send(String(bank.metadata.registration_endpoint), {
        method: 'POST',
        headers: { 'content-type': 'application/json', authorization: `Bearer ${bank.initialAccessToken}` },
        body,
      })
      expect([400, 413]).toContain(status)
      expect(json.error).not.toBe('server_error')
    },
  )

  test('the error of a hostile redirect URI stays within what RFC 6749 lets it say', async () => {
    const redirect_uris = ['http://tpp.example/"\\é\n\u0000<script>']
    expectError(await register(bank, { ...base, redirect_uris }), 400, expect.stringMatching(/^invalid_/))
  })
})
