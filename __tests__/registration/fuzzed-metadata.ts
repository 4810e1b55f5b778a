import fc from 'fast-check'
import { fromNow, type Members } from '../support/jwt.js'
import { mintKey, weakRsaJwk } from '../support/keys.js'
import type { Metadata } from '../support/registration.js'
import { CALLBACKS, directory } from './statements.js'

/* Metadata of which each field is as it should be, nearly so, or nothing of the kind. */

export const KEY = mintKey()
const [RSA, ED, STRANGER] = [mintKey('PS256'), mintKey('EdDSA'), mintKey('PS256', 'directory')]
const { publicJwk: EC } = KEY
const KEYS = [EC, RSA.publicJwk, ED.publicJwk, { ...EC, kid: 'enc', use: 'enc' }]
const BAD_KEYS = [
  ...[
    KEY.privateJwk,
    { ...EC, d: KEY.privateJwk.d },
    { ...RSA.publicJwk, p: 'AQAB' },
    weakRsaJwk(),
    { kty: 'oct', k: 'AAAA' },
    {},
    null,
    7,
  ],
  ...[
    { ...EC, x: EC.y },
    { ...EC, crv: 'P-192' },
    { ...EC, kid: 7 },
    { kty: 'RSA', n: 'AQAB', e: 'AQAB' },
    { ...EC, x5c: ['AAAA'] },
    { kty: 'X' },
  ],
]
const SIGNING = ['PS256', 'ES256']
const OTHER_SIGNING = ['EdDSA', 'RS256', 'PS512', 'ES384', 'HS256', 'none', 'ps256', 'PS256 ']
const WEB = ['https://tpp.example', 'https://tpp.example/page?x=1', 'http://tpp.example/']
const NOT_WEB = [
  'ftp://tpp.example',
  'javascript:alert(1)',
  'https://',
  'https://me:pw@tpp.example',
  'tpp.example',
  'https://tpp.example/\n',
]
const SUBJECTS: Readonly<Record<string, readonly unknown[]>> = {
  tls_client_auth_subject_dn: ['CN=tpp,O=TPP', 'CN=', 'not a name'],
  tls_client_auth_san_dns: ['tpp.example', '*.tpp.example', 'x y'],
  tls_client_auth_san_uri: ['https://tpp.example', 'x'],
  tls_client_auth_san_ip: ['192.0.2.1', '2001:db8::1', '192.0.2'],
  tls_client_auth_san_email: ['a@tpp.example', 'x'],
}
const FLAGS: readonly unknown[] = [true, false, 'true', 'false', 1, 0]

/** Fields, and what is put into them; where `nearly` is missing, all of it is among the first. */
const FIELDS: Readonly<Record<string, { readonly legal: readonly unknown[]; readonly nearly?: readonly unknown[] }>> = {
  redirect_uris: {
    legal: [CALLBACKS, ['https://tpp.example/cb?x=1'], ['https://tpp.example:8443/cb', 'https://other.example/']],
    nearly: [
      ...[['http://tpp.example/cb'], [...CALLBACKS, 'http://tpp.example/cb'], ['https://tpp.example/cb#x'], 'https://tpp.example/cb', [[]]],
      ...[['https://tpp.example/cb', 'https://tpp.example/cb'], ['http://127.0.0.1/cb'], ['http://[::1]:80/cb'], ['com.example.app:/cb']],
      ...[
        ['https://*.tpp.example/cb'],
        ['HTTPS://tpp.example/cb'],
        ['https:tpp.example'],
        ['https://tpp.example\\@evil.example/'],
        ['javascript:x'],
      ],
    ],
  },
  response_types: {
    legal: [['code']],
    nearly: [['code id_token'], ['id_token code'], ['token'], ['none'], 'code', ['code', 'code'], [' code']],
  },
  grant_types: {
    legal: [['authorization_code'], ['authorization_code', 'refresh_token']],
    nearly: [
      ['implicit'],
      ['client_credentials'],
      ['password'],
      ['authorization_code', 'implicit'],
      'authorization_code',
      ['Authorization_code'],
      ['x'],
    ],
  },
  response_modes: { legal: [['jwt'], ['query', 'jwt']], nearly: [['query'], ['fragment.jwt'], ['form_post'], 'jwt', ['x']] },
  token_endpoint_auth_method: {
    legal: ['private_key_jwt'],
    nearly: [
      'tls_client_auth',
      'self_signed_tls_client_auth',
      'client_secret_basic',
      'client_secret_post',
      'client_secret_jwt',
      'none',
      'Private_key_jwt',
    ],
  },
  token_endpoint_auth_signing_alg: { legal: ['ES256'], nearly: OTHER_SIGNING },
  request_object_signing_alg: { legal: SIGNING, nearly: OTHER_SIGNING },
  id_token_signed_response_alg: { legal: SIGNING, nearly: OTHER_SIGNING },
  authorization_signed_response_alg: { legal: SIGNING, nearly: OTHER_SIGNING },
  introspection_signed_response_alg: { legal: SIGNING, nearly: OTHER_SIGNING },
  userinfo_signed_response_alg: { legal: SIGNING, nearly: OTHER_SIGNING },
  id_token_encrypted_response_alg: { legal: ['ECDH-ES'], nearly: ['RSA1_5', 'RSA-OAEP-256', 'dir', 'A256KW'] },
  id_token_encrypted_response_enc: { legal: ['A256GCM'], nearly: ['A128CBC-HS256', 'x'] },
  request_object_encryption_alg: { legal: ['RSA-OAEP-256'], nearly: ['RSA1_5', 'x'] },
  jwks: {
    legal: [{ keys: [EC] }, { keys: KEYS }],
    nearly: [
      ...BAD_KEYS.map((bad) => ({ keys: [EC, bad] })),
      { keys: [] },
      { keys: {} },
      { keys: [EC, EC] },
      [EC],
      EC,
      { keys: [EC], d: 'x' },
    ],
  },
  jwks_uri: {
    legal: [],
    nearly: ['http://127.0.0.1/jwks', 'https://127.0.0.1/jwks', 'https://[::1]/', 'https://169.254.169.254/', 'file:///etc/passwd', 'x'],
  },
  sector_identifier_uri: { legal: [], nearly: ['https://127.0.0.1/s', 'http://127.0.0.1/s', 'x'] },
  subject_type: { legal: ['public', 'pairwise'], nearly: ['Public', 'x'] },
  application_type: { legal: ['web', 'native'], nearly: ['Web', 'x'] },
  fapi_profile: {
    legal: [],
    nearly: ['none', 'fapi1-baseline', 'fapi1-advanced', 'fapi2-security', 'fapi2-message-signing', 'FAPI2-SECURITY', 'x'],
  },
  dpop_bound_access_tokens: { legal: FLAGS },
  tls_client_certificate_bound_access_tokens: { legal: FLAGS },
  require_pushed_authorization_requests: { legal: FLAGS },
  require_signed_request_object: { legal: FLAGS },
  use_mtls_endpoint_aliases: { legal: FLAGS },
  require_auth_time: { legal: FLAGS },
  default_max_age: { legal: [0, 3600], nearly: [-1, 1.5, '3600', Number.MAX_VALUE, Number.MAX_SAFE_INTEGER + 1] },
  scope: { legal: ['openid', 'openid accounts'], nearly: ['openid  accounts', ' openid', '"', ['openid'], 'é', 'unknown'] },
  contacts: { legal: [['a@tpp.example']], nearly: ['a@tpp.example', [''], [7]] },
  client_name: { legal: ['Zoë’s 🏦', 'x'], nearly: ['', 'a\u0000b', '\ud800', 'x'.repeat(3000), 7] },
  'client_name#de': { legal: ['Zoë'], nearly: [7, []] },
  client_uri: { legal: WEB, nearly: NOT_WEB },
  logo_uri: { legal: WEB, nearly: NOT_WEB },
  policy_uri: { legal: WEB, nearly: NOT_WEB },
  'tos_uri#pt-BR': { legal: WEB, nearly: NOT_WEB },
  initiate_login_uri: { legal: ['https://tpp.example/login'], nearly: NOT_WEB },
  post_logout_redirect_uris: { legal: [['https://tpp.example/bye']], nearly: [['http://tpp.example/bye'], ['javascript:x'], 'x'] },
  request_uris: { legal: [['https://tpp.example/request']], nearly: [['x'], 'x'] },
  backchannel_logout_uri: { legal: ['https://tpp.example/out'], nearly: NOT_WEB },
  backchannel_token_delivery_mode: { legal: ['poll'], nearly: ['push', 'x'] },
  authorization_details_types: { legal: [['payment']], nearly: ['payment', [7]] },
  default_acr_values: { legal: [['a']], nearly: ['a', [7]] },
  software_id: { legal: ['mine'], nearly: [7, []] },
  software_version: { legal: ['1.1'], nearly: [1.1] },
  ...Object.fromEntries(Object.entries(SUBJECTS).map(([name, values]) => [name, { legal: values }])),
  ...Object.fromEntries(
    [
      ...['client_id', 'client_secret', 'client_id_issued_at', 'client_secret_expires_at', 'client_status', 'registration_access_token'],
      ...['registration_client_uri', 'metadata_set_by_server', '__proto__', 'constructor', 'toString', 'then', 'unknown', ''],
    ].map((name) => [name, { legal: ['x', 7, { token_endpoint_auth_method: 'none' }, ['suspended'], 'suspended'] }]),
  ),
}

/** The fields that are changed. */
export const FIELD_NAMES = Object.keys(FIELDS)

const ABSURD: readonly unknown[] = [
  ...[
    null,
    '',
    ' ',
    0,
    -1,
    1e308,
    true,
    false,
    {},
    [],
    [null],
    [''],
    [[]],
    { keys: null },
    { length: 1 },
    { toString: 'x' },
    '\u0000',
    '\ud800',
  ],
  ...['x'.repeat(2100), '__proto__', '../..', '%00', '<script>', '{{7*7}}', 'https://tpp.example/cb', ['https://tpp.example/cb'], '\u202e'],
]

const fieldOf = (name: string, { legal, nearly = [] }: (typeof FIELDS)[string]): fc.Arbitrary<readonly [string, unknown]> =>
  fc
    .oneof(
      { weight: 6, arbitrary: fc.constantFrom(...(legal.length > 0 ? legal : nearly)) },
      { weight: 2, arbitrary: fc.constantFrom(...(nearly.length > 0 ? nearly : legal)) },
      { weight: 1, arbitrary: fc.constantFrom(...ABSURD) },
      { weight: 1, arbitrary: fc.jsonValue({ maxDepth: 3 }) },
    )
    .map((value) => [name, value] as const)

/** Some fields changed: `Object.fromEntries` keeps even `__proto__` as a member. */
export const change: fc.Arbitrary<Metadata> = fc
  .array(fc.oneof(...Object.entries(FIELDS).map(([name, field]) => fieldOf(name, field))), { maxLength: 5 })
  .map((entries) => Object.fromEntries(entries))

/** How a software statement comes: not at all, as it should, or not so. */
export interface FuzzedStatement {
  readonly claims: Members
  readonly signing: 'honest' | 'broken' | 'stranger' | 'none' | 'HS256'
  /** Where it is cut off, as a share of its length. */
  readonly cut: number
}

const CLAIMS: Readonly<Record<string, readonly unknown[]>> = {
  iss: ['https://somebody.example', 7, ''],
  exp: [fromNow(-60), 'tomorrow', Number.MAX_VALUE, -1, 0],
  iat: [fromNow(600), fromNow(-600), 'x'],
  nbf: [fromNow(600), fromNow(-600)],
  software_id: ['another', 7, '', null, ['x'], '\u0000'],
  jti: ['x', 7, ''],
}
const claim = fc
  .constantFrom(...Object.keys(CLAIMS))
  .chain((name) => fc.constantFrom(...(CLAIMS[name] ?? [])).map((value) => [name, value]))

export const statement: fc.Arbitrary<FuzzedStatement | undefined> = fc.option(
  fc.record({
    claims: fc
      .tuple(
        change,
        fc.oneof(
          { weight: 3, arbitrary: fc.constant({}) },
          fc.array(claim, { maxLength: 2 }).map((all) => Object.fromEntries(all)),
        ),
      )
      .map(([metadata, claims]): Members => ({ ...metadata, ...claims })),
    signing: fc.oneof(
      { weight: 8, arbitrary: fc.constant('honest' as const) },
      { weight: 1, arbitrary: fc.constantFrom('broken' as const, 'stranger' as const, 'none' as const, 'HS256' as const) },
    ),
    cut: fc.oneof({ weight: 9, arbitrary: fc.constant(1) }, { weight: 1, arbitrary: fc.double({ min: 0, max: 1, noNaN: true }) }),
  }),
  { nil: undefined, freq: 2 },
)

/** The key that a statement is signed with, and how. */
export const signingOf = ({ signing }: FuzzedStatement) => ({
  key: signing === 'stranger' ? STRANGER : directory,
  ...(signing === 'broken' && { signature: 'broken' as const }),
  ...((signing === 'none' || signing === 'HS256') && { alg: signing }),
})
