import { randomUUID } from 'node:crypto'
import { generic, ukObie } from 'express-fapi'
import { createAuthority } from '../../examples/bank/certificates.js'
import { makeSoftware } from '../../examples/tpp/software.js'
import { expectError, expectPushed, expectUnauthenticated } from '../support/expectations.js'
import { fromNow, type Members, signJwt } from '../support/jwt.js'
import { mintKey, weakRsaJwk } from '../support/keys.js'
import { honestMetadata, type Metadata } from '../support/registration.js'
import type { Answer } from '../support/wire.js'
import { openBank, openOwn, type Place } from './registering-places.js'
import { expectRegistered, signingKeyOf } from './registrar.js'

const KEY = mintKey()
const RSA = mintKey('PS256')
const honest = honestMetadata(KEY, 'fapi2-security')
const advanced = honestMetadata(KEY, 'fapi1-advanced')

const METADATA = 'invalid_client_metadata'
const REDIRECT = 'invalid_redirect_uri'
const STATEMENT = 'invalid_software_statement'
const [CALLBACK, SECOND] = ['https://tpp.example/cb', 'https://second.example/cb']

/** An update with no more than these. */
const expectUpdated = ({ status, json }: Answer, expected: Metadata = {}) => {
  expect({ status, error: json.error_description }).toEqual({ status: 200, error: undefined })
  expect(json).toMatchObject(expected)
}

describe.each([
  ['the example bank', openBank],
  ['a server of its own, clients in a Map', openOwn],
])('%s', (_name, open) => {
  let place: Place
  beforeAll(async () => {
    place = await open()
  })
  afterAll(() => place?.close())
  // Whoever has a token registers with or without a statement, unless a test says otherwise.
  beforeEach(async () => {
    const all = ['authentication_required', 'software_statement_issuers', 'enforce_fapi', 'fapi_profile', 'fapi_profiles']
    const defaults = Object.fromEntries(all.map((name) => [name, null]))
    await change({ ...defaults, software_statement_required: false, fapi_profiles: ['fapi1-advanced', 'fapi2-security'] })
  })

  const change = (patch: Metadata) => place.registering.settings.change(patch, 'test')
  const statement = (claims: Members = {}, forged = false) =>
    place.directory.statement({ iss: place.directory.issuer, software_id: 'software', exp: fromNow(600), ...claims }, forged)
  const sector = (id: string, ...redirectUris: string[]) => {
    place.directory.list({ id, keys: [], redirectUris })
    return place.directory.sectorOf(id)
  }

  type Row = [rule: string, error: string, why: RegExp, refused: () => Metadata, taken: () => Metadata]

  /** What WSO2 refuses in a saved application and over DCR, and what it leaves through. */
  const SAVED: readonly Row[] = [
    ...['client_secret_basic', 'client_secret_post', 'client_secret_jwt', 'none'].map(
      (token_endpoint_auth_method): Row => [
        `token_endpoint_auth_method must be in the FAPI list: ${token_endpoint_auth_method}`,
        ...([METADATA, /token_endpoint_auth_method/] as const),
        () => ({ token_endpoint_auth_method }),
        () => ({ token_endpoint_auth_method: 'tls_client_auth', tls_client_auth_subject_dn: 'CN=tpp' }),
      ],
    ),
    ...['token_endpoint_auth_signing_alg', 'id_token_signed_response_alg', 'request_object_signing_alg'].flatMap((name) =>
      ['RS256', 'HS256', 'none'].map(
        (alg): Row => [
          `${name} must be in the FAPI list: ${alg}`,
          ...([METADATA, new RegExp(name)] as const),
          () => ({ [name]: alg }),
          () => ({ [name]: 'ES256' }),
        ],
      ),
    ),
    ...['id_token_encrypted_response', 'request_object_encryption'].map(
      (name): Row => [
        `${name}_alg must not be RSA1_5`,
        ...([METADATA, /RSA1_5/] as const),
        () => ({ [`${name}_alg`]: 'RSA1_5', jwks: { keys: [KEY.publicJwk, { ...RSA.publicJwk, use: 'enc' }] } }),
        () => ({ [`${name}_alg`]: 'RSA-OAEP-256', jwks: { keys: [KEY.publicJwk, { ...RSA.publicJwk, use: 'enc' }] } }),
      ],
    ),
    [
      'FAPI 1.0: tokens bound to the certificate, not unbound',
      ...([METADATA, /tls_client_certificate_bound_access_tokens|bound/] as const),
      () => ({ ...advanced, tls_client_certificate_bound_access_tokens: false }),
      () => ({ ...advanced, tls_client_certificate_bound_access_tokens: true }),
    ],
    [
      'FAPI 1.0: tokens bound to the certificate, not by DPoP',
      ...([METADATA, /tls_client_certificate_bound_access_tokens|bound|DPoP|dpop/] as const),
      () => ({ ...advanced, tls_client_certificate_bound_access_tokens: false, dpop_bound_access_tokens: true }),
      () => advanced,
    ],
    [
      'FAPI 2.0: tokens bound to the certificate or by DPoP',
      ...([METADATA, /bound/] as const),
      () => ({ tls_client_certificate_bound_access_tokens: false, dpop_bound_access_tokens: false }),
      () => ({ tls_client_certificate_bound_access_tokens: true, dpop_bound_access_tokens: false }),
    ],
    [
      'FAPI 2.0: both bindings are one too many, DPoP alone will do',
      ...([METADATA, /bound/] as const),
      () => ({ tls_client_certificate_bound_access_tokens: true, dpop_bound_access_tokens: true }),
      () => ({ tls_client_certificate_bound_access_tokens: false, dpop_bound_access_tokens: true }),
    ],
    [
      'pairwise subjects, several hosts: sector_identifier_uri is mandatory',
      ...([METADATA, /sector_identifier_uri is required/] as const),
      () => ({ subject_type: 'pairwise', redirect_uris: [CALLBACK, SECOND] }),
      () => ({
        ...{ subject_type: 'pairwise', redirect_uris: [CALLBACK, SECOND] },
        sector_identifier_uri: sector('both', CALLBACK, SECOND),
      }),
    ],
    [
      'pairwise subjects: two paths of one host need none',
      ...([METADATA, /sector_identifier_uri is required/] as const),
      () => ({ subject_type: 'pairwise', redirect_uris: [CALLBACK, 'https://www.tpp.example/cb'] }),
      () => ({ subject_type: 'pairwise', redirect_uris: [CALLBACK, `${CALLBACK}/other`] }),
    ],
    [
      'sector_identifier_uri must be https',
      ...([METADATA, /sector_identifier_uri must be an https URL/] as const),
      () => ({ subject_type: 'pairwise', sector_identifier_uri: sector('plain', CALLBACK).replace('https', 'http') }),
      () => ({ subject_type: 'pairwise', sector_identifier_uri: sector('plain', CALLBACK) }),
    ],
    [
      'the sector document must list every redirect URI, and is always fetched',
      ...([METADATA, /sector_identifier_uri must list/] as const),
      () => ({ subject_type: 'pairwise', sector_identifier_uri: sector('one', SECOND) }),
      () => ({ subject_type: 'pairwise', sector_identifier_uri: sector('two', SECOND, CALLBACK) }),
    ],
    [
      'the sector document is read for public subjects too',
      ...([METADATA, /sector_identifier_uri must list/] as const),
      () => ({ subject_type: 'public', sector_identifier_uri: sector('one', SECOND) }),
      () => ({ subject_type: 'public', sector_identifier_uri: sector('two', SECOND, CALLBACK) }),
    ],
    [
      'the sector document must be there',
      ...([METADATA, /sector_identifier_uri could not be read/] as const),
      () => ({ subject_type: 'pairwise', sector_identifier_uri: `${place.directory.sectorOf('nobody')}` }),
      () => ({ subject_type: 'pairwise', sector_identifier_uri: sector('somebody', CALLBACK) }),
    ],
    [
      'the sector document must be a list',
      ...([METADATA, /sector_identifier_uri must be a list/] as const),
      () => ({ subject_type: 'pairwise', sector_identifier_uri: place.directory.jwksUri }),
      () => ({ subject_type: 'pairwise', sector_identifier_uri: sector('somebody', CALLBACK) }),
    ],
    [
      'the sector document is not fetched from private networks',
      ...([METADATA, /sector_identifier_uri/] as const),
      () => ({ subject_type: 'pairwise', sector_identifier_uri: `${place.issuer}/sector` }),
      () => ({ subject_type: 'pairwise', sector_identifier_uri: sector('somebody', CALLBACK) }),
    ],
    [
      'gap: jwks by value was not taken; a weak key is refused',
      ...([METADATA, /jwks/] as const),
      () => ({ jwks: { keys: [weakRsaJwk()] } }),
      () => ({ jwks: { keys: [KEY.publicJwk] } }),
    ],
    [
      'gap: one https redirect URI let the whole list through',
      ...([REDIRECT, /http:\/\/tpp/] as const),
      () => ({ redirect_uris: [CALLBACK, 'http://tpp.example/cb'] }),
      () => ({ redirect_uris: [CALLBACK, `${CALLBACK}/other`] }),
    ],
    [
      'gap: a redirect URI with https somewhere in it was https',
      ...([REDIRECT, /redirect/] as const),
      () => ({ redirect_uris: ['http://tpp.example/cb?https'] }),
      () => ({ redirect_uris: ['https://tpp.example/cb?http'] }),
    ],
    ...['client_uri', 'logo_uri', 'policy_uri', 'tos_uri'].map(
      (name): Row => [
        `${name} must be of the host of a redirect URI`,
        ...([METADATA, new RegExp(`${name} must be of the host`)] as const),
        () => ({ [name]: 'https://bank.example/page' }),
        () => ({ [name]: 'https://tpp.example/page' }),
      ],
    ),
    [
      'logo_uri in another language must be of the host of a redirect URI',
      ...([METADATA, /logo_uri#fr must be of the host/] as const),
      () => ({ 'logo_uri#fr': 'https://bank.example/logo.png' }),
      () => ({ 'logo_uri#fr': 'https://tpp.example/logo.png' }),
    ],
    [
      'required: redirect_uris',
      ...([REDIRECT, /redirect_uris/] as const),
      () => ({ redirect_uris: undefined }),
      () => ({ redirect_uris: [CALLBACK] }),
    ],
    [
      'required: keys for private_key_jwt',
      ...([METADATA, /jwks_uri or jwks must be given/] as const),
      () => ({ jwks: undefined }),
      () => ({ jwks: { keys: [KEY.publicJwk] } }),
    ],
    [
      'required: the subject for tls_client_auth',
      ...([METADATA, /tls_client_auth/] as const),
      () => ({ token_endpoint_auth_method: 'tls_client_auth' }),
      () => ({ token_endpoint_auth_method: 'tls_client_auth', tls_client_auth_san_dns: 'tpp.example' }),
    ],
    [
      'the profile must be one of those that are offered',
      ...([METADATA, /fapi_profile must be fapi1-advanced or fapi2-security/] as const),
      () => ({ fapi_profile: 'fapi2-message-signing' }),
      () => ({ fapi_profile: 'fapi1-advanced' }),
    ],
  ]

  describe('saved applications and DCR', () => {
    test.each<Row>([...SAVED])('%s: 400 %s, on POST and on PUT', async (_rule, error, why, refused, taken) => {
      const answer = await place.register({ ...honest, ...refused() })
      expectError(answer, 400, error)
      expect(answer.json.error_description).toMatch(why)
      const registered = await place.register({ ...honest, ...taken() })
      expectRegistered(registered)
      const update = await place.manage(registered, 'PUT', { ...honest, ...refused() })
      expectError(update, 400, error)
      expect((await place.manage(registered, 'GET')).json).toEqual(registered.json)
      expectUpdated(await place.manage(registered, 'PUT', { ...honest, ...taken() }))
    })

    test.each([
      ['FAPI 1.0', { ...advanced, tls_client_certificate_bound_access_tokens: true }],
      ['FAPI 2.0', { ...honest, tls_client_certificate_bound_access_tokens: true }],
    ])('gap: a PUT without tls_client_certificate_bound_access_tokens reset the binding; %s: it stays', async (_generation, metadata) => {
      const { tls_client_certificate_bound_access_tokens: _, ...silent } = metadata
      const registered = await place.register(metadata)
      expectRegistered(registered, { tls_client_certificate_bound_access_tokens: true })
      expectUpdated(await place.manage(registered, 'PUT', silent), { tls_client_certificate_bound_access_tokens: true })
      const off = { ...silent, tls_client_certificate_bound_access_tokens: false, dpop_bound_access_tokens: false }
      expectError(await place.manage(registered, 'PUT', off), 400, METADATA)
      expect((await place.manage(registered, 'GET')).json.tls_client_certificate_bound_access_tokens).toBe(true)
    })

    test('a signing algorithm for private_key_jwt: who registers none may use those of the profile, and no others', async () => {
      const registered = await place.register({ ...honest, jwks: { keys: [RSA.publicJwk] } })
      expectRegistered(registered)
      const client = place.meet(registered, RSA)
      expectUnauthenticated(await client.push({ assertion: { alg: 'RS256' } }))
      expectPushed(await client.push({ assertion: { alg: 'PS256' } }))
    })

    test.each(['GET', 'PUT', 'DELETE'])("gateway: the token's client must be the client of the path: %s", async (method) => {
      const [mine, other] = [await place.register(honest), await place.register(honest)]
      const metadata = method === 'PUT' ? { ...honest, client_name: 'another name' } : undefined
      const answer = await place.manage(mine, method, metadata, other.json.registration_access_token)
      expectError(answer, 401, 'invalid_token')
      expect((await place.manage(mine, 'GET')).json).toEqual(mine.json)
      expect((await place.manage(mine, method, metadata)).status).toBe(method === 'DELETE' ? 204 : 200)
    })
  })

  describe('settings', () => {
    const issuers = () => [{ issuer: place.directory.issuer, jwks_uri: place.directory.jwksUri }]
    const wso2 = (path: string, value: unknown) => [{ operation: 'REPLACE', path, value }]

    type Change = [rule: string, why: RegExp, refused: () => unknown, taken: () => unknown]
    test.each<Change>([
      [
        '65021: a statement cannot be mandatory without keys to verify it',
        /software_statement_issuers must name an issuer/,
        () => ({ software_statement_required: true, software_statement_issuers: [] }),
        () => ({ software_statement_required: true, software_statement_issuers: issuers() }),
      ],
      [
        '65021, one after the other',
        /software_statement_issuers must name an issuer/,
        () => [...wso2('/software_statement_issuers', []), ...wso2('/mandateSSA', true)],
        () => wso2('/mandateSSA', true),
      ],
      [
        '65022: nobody registers with neither authentication nor statement',
        /authentication_required must be true unless/,
        () => ({ authentication_required: false }),
        () => ({ authentication_required: false, software_statement_required: true }),
      ],
      [
        '65022, under the names of WSO2',
        /authentication_required must be true unless/,
        () => wso2('/authenticationRequired', false),
        () => [...wso2('/authenticationRequired', false), ...wso2('/mandateSSA', true)],
      ],
      [
        '65023: a profile that is not supported; the supported ones are named',
        /fapi_profile.*supported profiles.*fapi1-advanced, fapi2-security/,
        () => ({ fapi_profile: 'fapi3-security' }),
        () => ({ fapi_profile: 'fapi1-advanced' }),
      ],
      [
        '65023, under the names of WSO2',
        /fapi_profile.*supported profiles/,
        () => wso2('/fapiProfile', 'FAPI3'),
        () => wso2('/fapiProfile', 'FAPI1_ADVANCED'),
      ],
      [
        'a patch replaces, and does nothing else',
        /must be replace/,
        () => [{ op: 'remove', path: '/enableFapiEnforcement' }],
        () => [{ op: 'replace', path: '/enableFapiEnforcement', value: false }],
      ],
    ])('%s', async (_rule, why, refused, taken) => {
      const before = await place.ask('GET', '/settings')
      const answer = await place.ask('PATCH', '/settings', refused())
      expectError(answer, 400, 'invalid_request')
      expect(answer.json.error_description).toMatch(why)
      expect((await place.ask('GET', '/settings')).json).toEqual(before.json)
      const changed = await place.ask('PATCH', '/settings', taken())
      expect({ status: changed.status, error: changed.json.error_description }).toEqual({ status: 200, error: undefined })
      expect(changed.json).not.toEqual(before.json)
    })

    test('registration is anonymous only where a statement is mandatory, and then with a statement alone', async () => {
      const compact = await statement()
      expectError(await place.register({ ...honest, software_statement: compact }, null), 401, 'invalid_token')
      await change({ authentication_required: false, software_statement_required: true })
      expectError(await place.register(honest, null), 400, STATEMENT)
      expectRegistered(await place.register({ ...honest, software_statement: compact }, null))
    })

    test('enforcement: who names no profile gets the one of the settings, and is held to it', async () => {
      const { fapi_profile: _, ...silent } = honest
      await change({ enforce_fapi: true, fapi_profile: 'fapi1-advanced' })
      expectError(await place.register({ ...silent, tls_client_certificate_bound_access_tokens: false }), 400, METADATA)
      expectRegistered(await place.register(silent), {
        ...{ fapi_profile: 'fapi1-advanced', tls_client_certificate_bound_access_tokens: true },
        metadata_set_by_server: expect.objectContaining({ fapi_profile: 'server' }),
      })
      await change({ fapi_profile: 'fapi2-security' })
      expectRegistered(await place.register(silent), { fapi_profile: 'fapi2-security', require_pushed_authorization_requests: true })
    })
  })

  describe('software statements', () => {
    beforeEach(() => change({ software_statement_required: true }))

    type Sent = () => unknown
    test.each<[rule: string, error: string, why: RegExp, refused: Sent, taken: Sent]>([
      ['absent while it is mandatory', STATEMENT, /required/, () => undefined, () => statement()],
      ['null while it is mandatory', STATEMENT, /required/, () => null, () => statement()],
      ['a bad signature', STATEMENT, /signature|verif|signed/, () => statement({}, true), () => statement()],
      ['unparsable', STATEMENT, /JWT/, () => 'x.y.z', () => statement()],
      ['no text', STATEMENT, /JWT/, () => ({ software_id: 'software' }), () => statement()],
      [
        'gap: iss was not looked at',
        'unapproved_software_statement',
        /issuer/,
        () => statement({ iss: 'https://another-directory.example' }),
        () => statement(),
      ],
      ['gap: iss was not looked at, nor missed', STATEMENT, /iss/, () => statement({ iss: undefined }), () => statement()],
      [
        'gap: aud was not looked at',
        STATEMENT,
        /aud/,
        () => statement({ aud: 'https://another-bank.example' }),
        () => statement({ aud: ['https://another-bank.example', place.issuer] }),
      ],
      ['gap: an aud that is no name', STATEMENT, /aud/, () => statement({ aud: [] }), () => statement({ aud: undefined })],
      ['gap: iat was not looked at', STATEMENT, /iat/, () => statement({ iat: fromNow(600) }), () => statement({ iat: fromNow(-60) })],
      ['gap: iat was not looked at: no time', STATEMENT, /iat/, () => statement({ iat: 'now' }), () => statement({ iat: undefined })],
      ['gap: exp was not looked at', STATEMENT, /expired/, () => statement({ exp: fromNow(-1) }), () => statement({ exp: fromNow(5) })],
      ['gap: exp was not missed', STATEMENT, /exp is missing/, () => statement({ exp: undefined }), () => statement()],
      ['gap: nbf was not looked at', STATEMENT, /nbf/, () => statement({ nbf: fromNow(600) }), () => statement({ nbf: fromNow(0) })],
      ['gap: jti was not looked at', STATEMENT, /jti/, () => statement({ jti: 7 }), () => statement({ jti: 'seven' })],
    ])('%s: 400 %s, on POST and on PUT', async (_rule, error, why, refused, taken) => {
      const answer = await place.register({ ...honest, software_statement: await refused() })
      expectError(answer, 400, error)
      expect(answer.json.error_description).toMatch(why)
      const registered = await place.register({ ...honest, software_statement: await taken() })
      expectRegistered(registered)
      const sent = (await refused()) ?? undefined
      const update = await place.manage(registered, 'PUT', { ...honest, software_statement: sent })
      // Who leaves it out of an update is held to the statement it came with.
      if (sent === undefined) expectUpdated(update, { software_statement: registered.json.software_statement })
      else expectError(update, 400, error)
      expectUpdated(await place.manage(registered, 'PUT', { ...honest, software_statement: await taken() }))
    })

    test('gap: without a key set the signature was not checked; here every statement is refused, whoever signed it', async () => {
      await change({ software_statement_required: false, software_statement_issuers: [] })
      for (const forged of [true, false])
        expectError(
          await place.register({ ...honest, software_statement: await statement({}, forged) }),
          400,
          'unapproved_software_statement',
        )
      expectRegistered(await place.register(honest))
      await change({ software_statement_issuers: null })
      expectError(await place.register({ ...honest, software_statement: await statement({}, true) }), 400, STATEMENT)
      expectRegistered(await place.register({ ...honest, software_statement: await statement() }))
    })

    test('gap: what the statement says was not compared with the request; here it counts, and the answer says so', async () => {
      const claims = { redirect_uris: [CALLBACK], client_name: 'Its Name' }
      const sent = { ...honest, redirect_uris: [SECOND], client_name: 'Another Name', software_statement: await statement(claims) }
      const registered = await place.register(sent)
      const set = expect.objectContaining({ redirect_uris: 'statement', client_name: 'statement' })
      expectRegistered(registered, { ...claims, metadata_set_by_server: set })
      const { software_statement: _, ...silent } = sent
      expectUpdated(await place.manage(registered, 'PUT', silent), claims)
      expectRegistered(await place.register({ ...sent, software_statement: await statement() }), { redirect_uris: [SECOND] })
    })

    test('gap: PUT never mandated it; a client that came before it was mandatory does not change without', async () => {
      await change({ software_statement_required: false })
      const registered = await place.register(honest)
      expectUpdated(await place.manage(registered, 'PUT', { ...honest, client_name: 'another name' }))
      await change({ software_statement_required: true })
      expectError(await place.manage(registered, 'PUT', { ...honest, client_name: 'a third name' }), 400, STATEMENT)
      expect((await place.manage(registered, 'GET')).json.client_name).toBe('another name')
    })

    test('an update with the statement of another software: 400; of the same: 200', async () => {
      const registered = await place.register({ ...honest, software_statement: await statement() })
      const other = { ...honest, software_statement: await statement({ software_id: 'another' }) }
      expectError(await place.manage(registered, 'PUT', other), 400, STATEMENT)
      expectUpdated(await place.manage(registered, 'PUT', { ...honest, software_statement: await statement() }))
    })
  })
})

describe('the validators of the Financial Services Accelerator', () => {
  let place: Place
  let software: Awaited<ReturnType<typeof makeSoftware>>
  beforeAll(async () => {
    const ours = { ...ukObie, name: 'ours', certificate: 'optional', management: generic.management } as const
    const { required: _, ...rest } = ukObie
    const ecosystem = {
      ...ours,
      required: [...ukObie.required, 'client_name', 'contacts'],
      allowed: { ...rest.allowed, application_type: ['web'] },
    }
    place = await openOwn(() => ({ ecosystem, duplicates: 'new' }))
    await place.registering.settings.change({ authentication_required: false, software_statement_required: true }, 'test')
    const authority = await createAuthority('CN=Test CA')
    software = await makeSoftware({ directory: place.directory, authority, name: 'Some Software', country: 'GB', alg: 'ES256' })
  })
  afterAll(() => place?.close())

  const ssa = (claims: Members = {}, forged = false) =>
    place.directory.statement(
      {
        ...{
          iss: place.directory.issuer,
          software_id: software.id,
          org_id: 'org',
          software_roles: ['AISP'],
          software_client_name: 'Some Software',
        },
        ...{ software_redirect_uris: software.redirectUris, software_jwks_endpoint: software.jwksUri, ...claims },
      },
      forged,
    )

  interface Sent {
    readonly statement?: string
    readonly metadata?: Metadata
    readonly claims?: Members
  }
  /** A registration request, signed by the software. */
  async function register({ statement, metadata, claims }: Sent = {}): Promise<Answer> {
    const own = { iss: software.id, aud: place.issuer, iat: fromNow(0), exp: fromNow(300), jti: randomUUID() }
    const asked = { ...honest, jwks: undefined, redirect_uris: [software.redirectUris[0]], contacts: ['tpp@tpp.example'], ...metadata }
    const key = signingKeyOf(software.key)
    const draft = { key, header: { kid: key.kid }, claims: { ...own, ...asked, software_statement: statement ?? (await ssa()), ...claims } }
    const body = await signJwt(draft)
    return place.wire.send(`${place.issuer}/register`, { method: 'POST', headers: { 'content-type': 'application/jwt' }, body })
  }

  type Making = () => Sent | Promise<Sent>
  test.each<[rule: string, error: string, why: RegExp, refused: Making, taken: Making]>([
    [
      'iss of the request must be the software id',
      METADATA,
      /iss must be software_id/,
      () => ({ claims: { iss: 'another' } }),
      () => ({ claims: { iss: software.id } }),
    ],
    [
      'the issuer of the statement must be in the list',
      'unapproved_software_statement',
      /issuer/,
      async () => ({ statement: await ssa({ iss: 'another' }) }),
      async () => ({ statement: await ssa({ iss: place.directory.issuer }) }),
    ],
    [
      'redirect URIs must be some of those in the statement, every one of them',
      REDIRECT,
      /bad\.example/,
      () => ({ metadata: { redirect_uris: [...software.redirectUris, 'https://bad.example/cb'] } }),
      () => ({ metadata: { redirect_uris: [...software.redirectUris] } }),
    ],
    [
      'redirect URIs must not be local, not one of them',
      REDIRECT,
      /own machine/,
      async () => ({
        statement: await ssa({ software_redirect_uris: [CALLBACK, 'https://localhost/cb'] }),
        metadata: { redirect_uris: [CALLBACK, 'https://localhost/cb'] },
      }),
      async () => ({
        statement: await ssa({ software_redirect_uris: [CALLBACK, 'https://localhost.tpp.example/localhost'] }),
        metadata: { redirect_uris: [CALLBACK, 'https://localhost.tpp.example/localhost'] },
      }),
    ],
    [
      'hostnames of pages must be those of the redirect URIs, unless the directory says otherwise',
      METADATA,
      /logo_uri must be of the host/,
      () => ({ metadata: { logo_uri: 'https://bad.example/logo.png' } }),
      async () => ({ statement: await ssa({ software_logo_uri: 'https://cdn.example/logo.png' }) }),
    ],
    [
      'required parameters, as they are configured',
      METADATA,
      /contacts is required/,
      () => ({ metadata: { contacts: undefined } }),
      () => ({ metadata: { contacts: ['ada@tpp.example'] } }),
    ],
    [
      'allowed values, as they are configured',
      METADATA,
      /application_type/,
      () => ({ metadata: { application_type: 'native' } }),
      () => ({ metadata: { application_type: 'web' } }),
    ],
    [
      'an algorithm of client assertions that no profile has',
      METADATA,
      /token_endpoint_auth_signing_alg/,
      () => ({ metadata: { token_endpoint_auth_signing_alg: 'RS256' } }),
      () => ({ metadata: { token_endpoint_auth_signing_alg: 'ES256' } }),
    ],
  ])('%s: 400 %s', async (_rule, error, why, refused, taken) => {
    const answer = await register(await refused())
    expectError(answer, 400, error)
    expect(answer.json.error_description).toMatch(why)
    expectRegistered(await register(await taken()))
  })

  test('gap: the request was verified with the keys that an unverified statement names; here nobody even asks for them', async () => {
    let asked = 0
    const { directory } = place
    const trap = {
      ...{ id: 'trap', redirectUris: [] },
      get keys() {
        asked++
        return [software.key.publicJwk]
      },
    }
    directory.list(trap)
    const claims = { software_jwks_endpoint: directory.keysOf('trap') }
    expectError(await register({ statement: await ssa(claims, true) }), 400, STATEMENT)
    expect(asked).toBe(0)
    expectRegistered(await register({ statement: await ssa(claims) }))
    expect(asked).toBeGreaterThan(0)
  })

  const MANY = 20
  /** How often each answer came. */
  const counted = (answers: readonly Answer[]) => {
    const counts: Record<string, number> = {}
    for (const { status, json } of answers) {
      const what = [status, json.error].filter(Boolean).join(' ')
      counts[what] = (counts[what] ?? 0) + 1
    }
    return counts
  }

  test('gap: jti of the statement was checked and then put; here one of many at once gets through', async () => {
    const statement = await ssa()
    const answers = await Promise.all(Array.from({ length: MANY }, () => register({ statement })))
    expect(counted(answers)).toEqual({ 201: 1, [`400 ${STATEMENT}`]: MANY - 1 })
    expectRegistered(await register())
  })

  test('gap: jti of the request was checked and then put; here one of many at once gets through', async () => {
    const jti = randomUUID()
    const answers = await Promise.all(Array.from({ length: MANY }, () => register({ claims: { jti } })))
    expect(counted(answers)).toEqual({ 201: 1, [`400 ${METADATA}`]: MANY - 1 })
    expectRegistered(await register())
  })
})
