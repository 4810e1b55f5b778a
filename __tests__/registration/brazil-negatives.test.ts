import { createAuthority, type Identity, issueCertificate } from '../../examples/bank/certificates.js'
import type { Software } from '../../examples/tpp/software.js'
import { later } from '../support/clock.js'
import { expectCode, expectError, expectTokens, expectUnauthenticated } from '../support/expectations.js'
import { fromNow } from '../support/jwt.js'
import type { Metadata } from '../support/registration.js'
import type { Answer } from '../support/wire.js'
import { type Draft, expectRegistered, openRegistrar, type Registrar } from './registrar.js'
import { expectNoClient, METADATA, REDIRECT, type Row, registered, type Scene, STATEMENT, testRows } from './registration-rows.js'

/** What the conformance suite registers with: nothing that it does not need, and no profile. */
const HYBRID = ({ redirectUris: [first], jwksUri }: Software): Metadata => ({
  redirect_uris: [first],
  jwks_uri: jwksUri,
  response_types: ['code id_token'],
  grant_types: ['authorization_code', 'implicit', 'refresh_token', 'client_credentials'],
  token_endpoint_auth_method: 'private_key_jwt',
})
const CODE = (software: Software): Metadata => ({
  ...HYBRID(software),
  response_types: ['code'],
  grant_types: ['authorization_code', 'refresh_token', 'client_credentials'],
  tls_client_certificate_bound_access_tokens: true,
})

/** Only for what does not depend on the software. */
const SOMEBODY = { redirectUris: ['', ''], jwksUri: '' } as unknown as Software

describe.each([
  ['fapi1-advanced', HYBRID],
  ['fapi2-security', CODE],
])('Brazil, %s', (profile, metadata) => {
  let scene: Scene
  let registrar: Registrar
  let software: Software
  let stranger: Software
  /** A certificate with the same subject, of an authority that nobody knows. */
  let fake: Identity
  beforeAll(async () => {
    registrar = await openRegistrar('br-openfinance', { metadata, profile })
    software = await registrar.newSoftware()
    stranger = await registrar.newSoftware()
    scene = { registrar, software, stranger }
    fake = await issueCertificate(await createAuthority('CN=Nobody'), {
      ...{ subject: `C=BR, O=Example TPP, CN=${software.name}, 0.9.2342.19200300.100.1.1=${software.id}` },
      ...{ usage: 'client', keyType: 'EC' },
    })
  })
  afterAll(() => registrar?.close())

  const read = (client: Answer) => registrar.manage('GET', software, client)

  describe('happy flows', () => {
    test.each<[string, Metadata]>([
      ['happy flow', {}],
      ['variant: grant types in another order', { grant_types: [...(metadata(SOMEBODY).grant_types as string[])].reverse() }],
      ['variant 2: scopes in another order, and not more than was asked for', { scope: 'resources consents accounts openid' }],
    ])('%s: 201, and a flow', async (_, changed) => {
      await registered(
        scene,
        async (client) => {
          expect(client.json).toMatchObject({ ...metadata(software), ...changed, fapi_profile: profile, software_id: software.id })
          expect(Object.keys(client.json)).toEqual(expect.arrayContaining(Object.keys(Object(client.json.metadata_set_by_server))))
          if (changed.scope === undefined) expect(String(client.json.scope).split(' ')).toContain('accounts')
          const party = registrar.meet(software, client)
          const tokens = await party.redeem(await expectCode(party, await party.authorize({ via: 'par' })))
          expectTokens(tokens, 'Bearer')
          expect((await party.accounts(tokens.json.access_token)).status).toBe(200)
        },
        { metadata: changed },
      )
    })

    test('without jwks_uri, which is then that of the directory: 201, and a token', async () => {
      await registered(
        scene,
        async (client) => {
          expect(client.json).toMatchObject({ jwks_uri: software.jwksUri, metadata_set_by_server: { jwks_uri: 'statement' } })
          const party = registrar.meet(software, client)
          expectTokens(await party.token({ grant_type: 'client_credentials', scope: 'accounts' }))
        },
        { metadata: { jwks_uri: undefined } },
      )
    })
  })

  const byCertificate = () => ({ token_endpoint_auth_method: 'tls_client_auth', tls_client_auth_subject_dn: software.distinguishedName })
  const outside = () => ({ metadata: { redirect_uris: [software.redirectUris[0], 'https://bad.example/cb'] } })
  const within = () => ({ metadata: { redirect_uris: [...software.redirectUris] } })
  const byValue = () => ({ metadata: { jwks: { keys: [software.key.publicJwk] } } })

  const ROWS: readonly Row[] = [
    ['no mTLS', 'invalid_request', /certificate/, () => ({ certificate: 'none' })],
    ['bad mTLS: an authority that nobody knows', 'invalid_request', /trusted authority/, () => ({ certificate: fake })],
    ['bad mTLS: the certificate of another software', STATEMENT, /UID/, () => ({ certificate: stranger.identity })],
    ['no software statement', STATEMENT, /required/, () => ({ statement: undefined })],
    [
      'no software statement, and all it would say in the body',
      STATEMENT,
      /required/,
      () => ({ statement: undefined, metadata: registrar.ways.statement(software) }),
    ],
    ['software statement: null', STATEMENT, /required/, () => ({ statement: null })],
    ['invalid signature of the statement', STATEMENT, /signature|verif|signed/, () => ({ forged: true })],
    ['invalid signature of the statement: cut off', STATEMENT, /signature|verif|signed/, cutOff],
    ['no redirect_uris, though the statement has some', REDIRECT, /redirect_uris/, () => ({ metadata: { redirect_uris: undefined } })],
    ['empty redirect_uris', REDIRECT, /redirect_uris/, () => ({ metadata: { redirect_uris: [] } })],
    ['invalid redirect URI: one that is not in the statement, among others', REDIRECT, /bad\.example/, outside, within],
    [
      'invalid redirect URI: one in the statement, and a query',
      REDIRECT,
      /redirect_uris/,
      () => ({ metadata: { redirect_uris: [`${software.redirectUris[0]}?dummy=1`] } }),
      () => ({
        claims: { software_redirect_uris: [`${software.redirectUris[0]}?dummy=1`] },
        metadata: { redirect_uris: [`${software.redirectUris[0]}?dummy=1`] },
      }),
    ],
    ['invalid jwks_uri: not that of the directory', METADATA, /jwks_uri/, () => ({ metadata: { jwks_uri: stranger.jwksUri } })],
    ['authentication by certificate', METADATA, /token_endpoint_auth_method/, () => ({ metadata: byCertificate() })],
    ['jwks by value', METADATA, /jwks must not be sent/, () => ({ metadata: { ...byValue().metadata, jwks_uri: undefined } })],
    ['jwks by value, next to jwks_uri', METADATA, /jwks must not be sent/, byValue],
    [
      'webhook_uris that the directory does not know',
      'invalid_webhook_uris',
      /webhook_uris/,
      () => ({ metadata: { webhook_uris: ['https://bad.example/webhook'] } }),
      () => ({ metadata: { webhook_uris: registrar.ways.statement(software).software_api_webhook_uris } }),
    ],
    [
      'some of the webhook_uris that the directory knows',
      'invalid_webhook_uris',
      /lacks/,
      () => ({
        claims: { software_api_webhook_uris: ['https://a.example', 'https://b.example'] },
        metadata: { webhook_uris: ['https://a.example'] },
      }),
      () => ({
        claims: { software_api_webhook_uris: ['https://a.example', 'https://b.example'] },
        metadata: { webhook_uris: ['https://b.example', 'https://a.example'] },
      }),
    ],
    [
      'a statement of six minutes ago',
      STATEMENT,
      /300 seconds old/,
      () => ({ claims: { iat: fromNow(-301) } }),
      () => ({ claims: { iat: fromNow(-299) } }),
    ],
    ['a statement without iat', STATEMENT, /iat/, () => ({ claims: { iat: undefined } })],
    ['a statement of tomorrow', STATEMENT, /future/, () => ({ claims: { iat: fromNow(86_400) } })],
    ['a directory that nobody approved', 'unapproved_software_statement', /issuer/, () => ({ claims: { iss: 'https://bad.example' } })],
    [
      'a scope of a role that is not in force',
      METADATA,
      /payments/,
      () => ({ metadata: { scope: 'openid payments' } }),
      () => ({ metadata: { scope: 'openid accounts' } }),
    ],
    ['a software_id that is not that of the statement', METADATA, /software_id/, () => ({ metadata: { software_id: stranger.id } })],
    [
      'a client secret',
      METADATA,
      /token_endpoint_auth_method/,
      () => ({ metadata: { token_endpoint_auth_method: 'client_secret_basic' } }),
    ],
  ]

  async function cutOff(): Promise<Draft> {
    const compact = await registrar.statement(software)
    return { statement: compact.slice(0, compact.lastIndexOf('.') + 1) }
  }

  testRows(() => scene, ROWS)

  test('webhook_uris that the directory knows are registered', async () => {
    const { software_api_webhook_uris: webhook_uris } = registrar.ways.statement(software)
    await registered(scene, async ({ json }) => expect(json).toMatchObject({ webhook_uris }), { metadata: { webhook_uris } })
  })

  test('a statement that grew old on its way: refused after five minutes, taken before', async () => {
    const [fresh, old] = [await registrar.statement(software), await registrar.statement(software)]
    await later(301, async () => expectError(await registrar.register(software, { statement: old }), 400, STATEMENT))
    await later(299, () => registered(scene, async () => undefined, { statement: fresh }))
  })

  test('a statement that was used: refused, even when its client is gone; another one: taken', async () => {
    const statement = await registrar.statement(software)
    await registered(scene, async () => undefined, { statement })
    const answer = await registrar.register(software, { statement })
    expectError(answer, 400, STATEMENT)
    expect(answer.json.error_description).toMatch(/has been used/)
    await registered(scene, async () => undefined)
  })

  test('a statement that came with a refused request is not used up', async () => {
    const statement = await registrar.statement(software)
    expectError(await registrar.register(software, { statement, ...byValue() }), 400, METADATA)
    await registered(scene, async () => undefined, { statement })
  })

  describe('the registration access token', () => {
    test.each(['GET', 'PUT', 'DELETE'])(
      '%s with a wrong one, without, or without the certificate of the software: 401, and the client is as it was',
      async (method) => {
        await registered(scene, async (client) => {
          const ask = (draft: Draft) =>
            method === 'PUT' ? registrar.update(software, client, draft) : registrar.manage(method, software, client, draft)
          for (const draft of [
            { token: 'ivegotthisterriblepaininallthediodesdownmyleftside' },
            { token: 'none' },
            { certificate: 'none' },
            { certificate: fake },
            { certificate: stranger.identity },
          ] as const) {
            const answer = await ask(draft)
            expectError(answer, 401, 'invalid_token')
            expect(String(answer.headers['www-authenticate'])).toMatch(/^Bearer/)
            expectNoClient(answer)
          }
          expect((await read(client)).json).toEqual(client.json)
          expect((await ask({})).status).toBe(method === 'DELETE' ? 204 : 200)
        })
      },
    )

    test('of another client: 401', async () => {
      await registered(scene, async (client) => {
        const other = await registrar.register(stranger)
        expectRegistered(other)
        const token = String(other.json.registration_access_token)
        for (const method of ['GET', 'DELETE'])
          expectError(await registrar.manage(method, software, client, { token }), 401, 'invalid_token')
        expectError(await registrar.update(software, client, { token }), 401, 'invalid_token')
        expect((await registrar.manage('GET', stranger, other)).status).toBe(200)
        await registrar.forget(other)
      })
    })

    test('is not rotated, and the place where the client is managed stays', async () => {
      await registered(scene, async (client) => {
        const { registration_access_token, registration_client_uri } = client.json
        for (const answer of [await read(client), await registrar.update(software, client), await read(client)])
          expect(answer.json).toMatchObject({ registration_access_token, registration_client_uri })
      })
    })
  })

  describe('deletion', () => {
    test('GET, PUT and DELETE after it: 401; token request: invalid_client; grants and tokens are gone', async () => {
      await registered(scene, async (client) => {
        const party = registrar.meet(software, client)
        const { access_token, refresh_token } = await party.tokens({ via: 'par' })
        expect((await party.accounts(access_token)).status).toBe(200)
        const deleted = await registrar.manage('DELETE', software, client)
        expect({ status: deleted.status, text: deleted.text }).toEqual({ status: 204, text: '' })
        for (const answer of [
          await read(client),
          await registrar.manage('DELETE', software, client),
          await registrar.update(software, client),
        ]) {
          expectError(answer, 401, 'invalid_token')
          expectNoClient(answer)
        }
        expectUnauthenticated(await party.refresh(String(refresh_token)))
        expectUnauthenticated(await party.token({ grant_type: 'client_credentials', scope: 'accounts' }))
        expect((await party.accounts(access_token)).status).toBe(401)
        const { provider } = registrar.bank
        expect(await provider.AccessToken.find(String(access_token))).toBeUndefined()
        expect(await provider.RefreshToken.find(String(refresh_token))).toBeUndefined()
      })
    })

    test('the software may register again afterwards', async () => {
      await registered(scene, async (client) => {
        expectError(await registrar.register(software), 400, STATEMENT)
        expect((await registrar.manage('DELETE', software, client)).status).toBe(204)
      })
      await registered(scene, async () => undefined)
    })
  })

  describe('updates', () => {
    /** What the suite sends: the answer of the bank, without what RFC 7592 §2.2 excludes. */
    function backTo({ json }: Answer): Metadata {
      const {
        registration_access_token: _token,
        registration_client_uri: _uri,
        client_secret_expires_at: _expires,
        client_id_issued_at: _issued,
        ...rest
      } = json
      return rest
    }

    test('the answer sent back with a fresh statement changes nothing; with another redirect URI that alone', async () => {
      await registered(scene, async (client) => {
        const same = await registrar.update(software, client, { metadata: backTo(client) })
        expect({ status: same.status, error: same.json.error_description }).toEqual({ status: 200, error: undefined })
        const { software_statement: _, metadata_set_by_server: _set, ...before } = client.json
        expect(same.json).toMatchObject(before)
        const redirect_uris = [software.redirectUris[1]]
        const moved = await registrar.update(software, client, { metadata: { ...backTo(same), redirect_uris } })
        expect({ status: moved.status, error: moved.json.error_description }).toEqual({ status: 200, error: undefined })
        expect(moved.json).toMatchObject({ ...before, redirect_uris })
        expect((await read(client)).json).toEqual(moved.json)
        const party = registrar.meet({ ...software, redirectUris: [software.redirectUris[1], software.redirectUris[0]] }, moved)
        await expectCode(party, await party.authorize({ via: 'par' }))
      })
    })

    test.each<[string, string, (client: Answer) => Draft | Promise<Draft>]>([
      ['a jwks_uri elsewhere', METADATA, () => ({ metadata: { jwks_uri: stranger.jwksUri } })],
      ['jwks by value', METADATA, () => ({ metadata: { ...byValue().metadata, jwks_uri: undefined } })],
      ['a redirect URI that is not in the statement', REDIRECT, outside],
      ['no redirect_uris', REDIRECT, () => ({ metadata: { redirect_uris: undefined } })],
      [
        'webhook_uris that the directory does not know',
        'invalid_webhook_uris',
        () => ({ metadata: { webhook_uris: ['https://bad.example/'] } }),
      ],
      ['no statement', STATEMENT, () => ({ statement: undefined })],
      ['a forged statement', STATEMENT, () => ({ forged: true })],
      ['a statement of six minutes ago', STATEMENT, () => ({ claims: { iat: fromNow(-301) } })],
      ['the statement it registered with', STATEMENT, ({ json }) => ({ statement: json.software_statement })],
      ['the statement of another software', STATEMENT, async () => ({ statement: await registrar.statement(stranger) })],
      ['another profile', METADATA, () => ({ metadata: { fapi_profile: 'fapi1-baseline' } })],
      ['the client_id of nobody', METADATA, () => ({ metadata: { client_id: 'nobody' } })],
      ['unbound tokens', METADATA, () => ({ metadata: { tls_client_certificate_bound_access_tokens: false } })],
    ])('%s: 400 %s; what is stored stays', async (_what, error, draft) => {
      await registered(scene, async (client) => {
        const answer = await registrar.update(software, client, await draft(client))
        expectError(answer, 400, error)
        expectNoClient(answer)
        expect((await read(client)).json).toEqual(client.json)
        const taken = await registrar.update(software, client, within())
        expect({ status: taken.status, error: taken.json.error_description }).toEqual({ status: 200, error: undefined })
        expect(taken.json.redirect_uris).toEqual(software.redirectUris)
      })
    })

    test('RFC7591-2-a members nobody knows are left out', async () => {
      await registered(scene, async (client) => {
        const answer = await registrar.update(software, client, { metadata: { shoe_size: 42 } })
        expect(answer.status).toBe(200)
        expect(answer.json).not.toHaveProperty('shoe_size')
      })
    })
  })
})
