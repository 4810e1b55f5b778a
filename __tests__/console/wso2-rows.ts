import { mintKey } from '../support/keys.js'
import type { Metadata } from '../support/registration.js'
import { certificateFor, certificateJwk } from '../support/tpp.js'
import type { Administrator, Typed } from './administrator.js'

/** What applications of this table are held to. */
export type ProfileName = 'fapi1-baseline' | 'fapi1-advanced' | 'fapi2-security' | 'fapi2-message-signing'

export const RSA = mintKey('PS256')
export const EC = mintKey('ES256')
const { kid: _kid, use: _use, ...modulus } = RSA.publicJwk
export const KEYS = { keys: [RSA.publicJwk, EC.publicJwk, { ...modulus, kid: 'for-encryption', use: 'enc' }] }
export const CALLBACK = 'https://app.example/cb'
const JARM: Metadata = { response_modes: ['jwt'] }
/** The profiles whose codes come in a JWT. */
const WITH_JARM: readonly ProfileName[] = ['fapi1-advanced', 'fapi2-message-signing']

/** What an application of a profile has before anything is set. */
export const baseOf = (profile: ProfileName): Metadata => ({
  ...{ client_name: 'Application', fapi_profile: profile, redirect_uris: [CALLBACK], jwks: KEYS },
  ...{ grant_types: ['authorization_code', 'refresh_token'], response_types: ['code'], token_endpoint_auth_method: 'private_key_jwt' },
  ...(WITH_JARM.includes(profile) ? JARM : {}),
})

/** The same, typed into the form of a new application. */
export const typedBaseOf = (profile: ProfileName): Typed => ({
  ...{ key_source: 'jwks', given_keys: JSON.stringify(KEYS) },
  ...(WITH_JARM.includes(profile) && { response_modes: ['jwt'] }),
})

/** Fields with one entry on each line; of other lists each entry has a box. */
const ON_LINES = ['redirect_uris', 'contacts', 'post_logout_redirect_uris']

/** Metadata as they are typed where every field has its own name. */
export const typedOf = (metadata: Metadata): Typed =>
  Object.fromEntries(
    Object.entries(metadata).map(([name, value]) => [
      name,
      Array.isArray(value) ? (ON_LINES.includes(name) ? value.join('\n') : value.map(String)) : String(value),
    ]),
  )

interface Value {
  readonly metadata: Metadata
  /** What is typed, where it is not the metadata. */
  readonly typed?: Typed
}

/** A setting of an application. */
export interface Row {
  /** What WSO2 calls it. */
  readonly wso2: string
  /** `fapi2-security` when not given. */
  readonly profile?: ProfileName
  /** The bank when not given. */
  readonly at?: 'everything'
  readonly set: () => Value | Promise<Value>
  /** A value that does not comply; none where there is none. */
  readonly refused?: () => Value | Promise<Value>
  /** What is said of it, and by which clause; by none where it is no profile that forbids it. */
  readonly why?: RegExp
  readonly clause?: string
  /** The field and the value that the form shows and does not offer. */
  readonly closed?: readonly [field: string, value: string]
}

const given = (metadata: Metadata, typed?: Typed) => () => ({ metadata, ...(typed && { typed }) })

const SUBJECT = 'CN=app,O=Example TPP,C=GB'
const TLS = { token_endpoint_auth_method: 'tls_client_auth' }
const BOUND = { tls_client_certificate_bound_access_tokens: true, dpop_bound_access_tokens: false }
const PROOF = { tls_client_certificate_bound_access_tokens: false, dpop_bound_access_tokens: true }
const UNBOUND = { tls_client_certificate_bound_access_tokens: false, dpop_bound_access_tokens: false }
export const ENCRYPTED = (what: string, alg: string): Metadata => ({ [`${what}_alg`]: alg, [`${what}_enc`]: 'A256GCM' })

/** Software that the directory lists, at those addresses. */
export function listed({ directory }: Administrator, redirectUris: readonly string[]): string {
  const id = `software-${Math.random()}`
  directory.list({ id, keys: KEYS.keys, redirectUris })
  return id
}

/** Every setting that is one of applications; `admin` is there when a row is. */
export const rowsOf = (admin: () => Administrator): readonly Row[] => [
  {
    wso2: 'FAPI compliant application, and its profile',
    set: given({ fapi_profile: 'fapi2-message-signing', ...JARM, require_signed_request_object: true }),
    closed: ['fapi_profile', ''],
  },
  {
    wso2: 'Name',
    set: given({ client_name: 'Ünïcode & <Söhne>' }),
  },
  {
    wso2: 'Authorized redirect URLs',
    set: given({ redirect_uris: [CALLBACK, 'https://app.example/other'] }),
    refused: given({ redirect_uris: ['http://app.example/cb'] }),
    why: /redirect_uri/,
    clause: 'FAPI2-SP-5.3.2.2-8',
  },
  {
    wso2: 'Authorized redirect URLs, a regular expression',
    set: given({ redirect_uris: [CALLBACK, 'https://app.example/other'] }),
    refused: given({ redirect_uris: ['regexp=(https://app.example/cb|https://app.example/other)'] }),
    why: /redirect_uri/,
  },
  {
    wso2: 'Access URL',
    set: given({ client_uri: 'https://app.example/' }),
    refused: given({ client_uri: 'javascript:alert(1)' }),
    why: /client_uri/,
  },
  {
    wso2: 'Logo',
    set: given({ logo_uri: 'https://app.example/logo.svg' }),
    refused: given({ logo_uri: 'data:image/svg+xml,x' }),
    why: /logo_uri/,
  },
  {
    wso2: 'contacts',
    set: given({ contacts: ['ops@app.example', 'help@app.example'] }),
  },
  {
    wso2: 'Authorized scopes',
    set: given({ scope: 'openid accounts' }),
    refused: given({ scope: 'openid payments' }),
    why: /scope/,
  },
  {
    wso2: 'Allowed grant types',
    set: given({ grant_types: ['authorization_code', 'refresh_token', 'client_credentials'] }),
    refused: given({ grant_types: ['authorization_code', 'password'] }),
    why: /password/,
  },
  {
    wso2: 'Hybrid flow, and its response types',
    profile: 'fapi1-advanced',
    set: given({ response_types: ['code', 'code id_token'], grant_types: ['authorization_code', 'refresh_token', 'implicit'] }),
    refused: given({ response_types: ['code token'], grant_types: ['authorization_code', 'refresh_token', 'implicit'] }),
    why: /response_types/,
    clause: 'FAPI1-ADV-5.2.2-2',
    closed: ['response_types', 'code token'],
  },
  {
    wso2: 'Hybrid flow, under FAPI 2.0',
    set: given({ response_types: ['code'] }),
    refused: given({ response_types: ['code id_token'], grant_types: ['authorization_code', 'refresh_token', 'implicit'] }),
    why: /response_types/,
    clause: 'FAPI2-SP-5.3.2.2-1',
    closed: ['response_types', 'code id_token'],
  },
  {
    wso2: 'Client authentication: private key JWT',
    set: given({ token_endpoint_auth_method: 'private_key_jwt' }),
    refused: given({ token_endpoint_auth_method: 'client_secret_basic' }),
    why: /token_endpoint_auth_method/,
    clause: 'FAPI2-SP-5.3.2.1-6',
    closed: ['token_endpoint_auth_method', 'client_secret_basic'],
  },
  {
    wso2: 'Public client',
    set: given({ token_endpoint_auth_method: 'private_key_jwt' }),
    refused: given({ token_endpoint_auth_method: 'none' }),
    why: /token_endpoint_auth_method/,
    clause: 'FAPI2-SP-5.3.2.1-3',
    closed: ['token_endpoint_auth_method', 'none'],
  },
  {
    wso2: 'Client authentication: its signing algorithm',
    set: given({ token_endpoint_auth_signing_alg: 'ES256' }),
    refused: given({ token_endpoint_auth_signing_alg: 'RS256' }),
    why: /token_endpoint_auth_signing_alg/,
    clause: 'FAPI2-SP-5.4.1-1.2',
    closed: ['token_endpoint_auth_signing_alg', 'RS256'],
  },
  {
    wso2: 'Client authentication: mutual TLS, and the subject DN',
    set: given(
      { ...TLS, tls_client_auth_subject_dn: SUBJECT },
      { ...TLS, subject_field: 'tls_client_auth_subject_dn', subject_value: SUBJECT },
    ),
    refused: given(
      { ...TLS, tls_client_auth_subject_dn: 'Example TPP' },
      { ...TLS, subject_field: 'tls_client_auth_subject_dn', subject_value: 'Example TPP' },
    ),
    why: /tls_client_auth_subject_dn/,
  },
  {
    wso2: 'Client authentication: mutual TLS, the subject DN out of a certificate',
    async set() {
      const { certificate } = await certificateFor('app', admin().authority)
      const typed = { ...TLS, subject_field: 'tls_client_auth_subject_dn', subject_value: '', given_certificate: certificate }
      return { metadata: { ...TLS, tls_client_auth_subject_dn: SUBJECT }, typed }
    },
    refused: given(TLS, { ...TLS, subject_field: 'tls_client_auth_subject_dn', subject_value: '' }),
    why: /tls_client_auth_/,
    clause: 'FAPI2-SP-5.3.2.1-6',
  },
  {
    wso2: 'Certificate: provided, as PEM',
    async set() {
      const certified = await certificateFor('app')
      const method = { token_endpoint_auth_method: 'self_signed_tls_client_auth' }
      const typed = { ...method, key_source: 'jwks', given_keys: certified.certificate }
      return { metadata: { ...method, jwks: { keys: [certificateJwk(certified)] } }, typed }
    },
    async refused() {
      const { key } = await certificateFor('app')
      return { metadata: { jwks: { keys: [RSA.privateJwk] } }, typed: { key_source: 'jwks', given_keys: key } }
    },
    why: /private/,
  },
  {
    wso2: 'Certificate: JWKS endpoint',
    set() {
      const jwks_uri = admin().directory.keysOf(listed(admin(), [CALLBACK]))
      return { metadata: { jwks: undefined, jwks_uri }, typed: { key_source: 'jwks_uri', jwks_uri } }
    },
    refused() {
      const jwks_uri = 'http://app.example/jwks'
      return { metadata: { jwks: undefined, jwks_uri }, typed: { key_source: 'jwks_uri', jwks_uri } }
    },
    why: /jwks_uri/,
    clause: 'FAPI2-SP-5.4.2-1',
  },
  {
    wso2: 'Access token binding: certificate (tls_client_certificate_bound_access_tokens)',
    set: given(BOUND, { binding: 'certificate' }),
    refused: given(UNBOUND, { binding: 'none' }),
    why: /bound_access_tokens/,
    clause: 'FAPI2-SP-5.3.2.1-4',
    closed: ['binding', 'none'],
  },
  {
    wso2: 'Access token binding: DPoP',
    set: given(PROOF, { binding: 'dpop' }),
    refused: given(UNBOUND, { binding: 'none' }),
    why: /bound_access_tokens/,
    clause: 'FAPI2-SP-5.3.2.1-4',
  },
  {
    wso2: 'Access token binding, under FAPI 1.0',
    profile: 'fapi1-advanced',
    set: given(BOUND, { binding: 'certificate' }),
    refused: given(PROOF, { binding: 'dpop' }),
    why: /bound_access_tokens/,
    clause: 'FAPI1-ADV-5.2.2-6',
    closed: ['binding', 'dpop'],
  },
  {
    wso2: 'Pushed authorization requests are mandatory',
    set: given({ require_pushed_authorization_requests: true }),
    refused: given({ require_pushed_authorization_requests: false }),
    why: /require_pushed_authorization_requests/,
    clause: 'FAPI2-SP-5.3.2.2-3',
    closed: ['require_pushed_authorization_requests', 'false'],
  },
  {
    wso2: 'Pushed authorization requests are mandatory, under FAPI 1.0',
    profile: 'fapi1-advanced',
    set: given({ require_pushed_authorization_requests: true }),
  },
  {
    wso2: 'Request object: a signature is required',
    profile: 'fapi1-advanced',
    set: given({ require_signed_request_object: true }),
    refused: given({ require_signed_request_object: false }),
    why: /require_signed_request_object/,
    clause: 'FAPI1-ADV-5.2.2-1',
    closed: ['require_signed_request_object', 'false'],
  },
  {
    wso2: 'Request object: a signature is required, under FAPI 2.0',
    set: given({ require_signed_request_object: true }),
    refused: given({ require_signed_request_object: true, request_object_signing_alg: 'none' }),
    why: /request_object_signing_alg/,
  },
  {
    wso2: 'Request object: signing algorithm',
    profile: 'fapi1-advanced',
    set: given({ request_object_signing_alg: 'PS256' }),
    refused: given({ request_object_signing_alg: 'RS256' }),
    why: /request_object_signing_alg/,
    clause: 'FAPI1-ADV-8.6-1',
    closed: ['request_object_signing_alg', 'RS256'],
  },
  {
    wso2: 'Request object: encryption algorithm and method',
    at: 'everything',
    profile: 'fapi1-advanced',
    set: given(ENCRYPTED('request_object_encryption', 'RSA-OAEP-256')),
    refused: given(ENCRYPTED('request_object_encryption', 'RSA1_5')),
    why: /request_object_encryption_alg/,
    clause: 'FAPI1-ADV-8.6.1-1',
    closed: ['request_object_encryption_alg', 'RSA1_5'],
  },
  {
    wso2: 'ID token: signing algorithm',
    set: given({ id_token_signed_response_alg: 'ES256' }),
    refused: given({ id_token_signed_response_alg: 'RS256' }),
    why: /id_token_signed_response_alg/,
    clause: 'FAPI2-SP-5.4.1-1.2',
    closed: ['id_token_signed_response_alg', 'RS256'],
  },
  {
    wso2: 'ID token: encryption algorithm and method',
    at: 'everything',
    set: given(ENCRYPTED('id_token_encrypted_response', 'RSA-OAEP-256')),
    refused: given(ENCRYPTED('id_token_encrypted_response', 'RSA1_5')),
    why: /id_token_encrypted_response_alg/,
    clause: 'RFC8725-3.2',
    closed: ['id_token_encrypted_response_alg', 'RSA1_5'],
  },
  {
    wso2: 'User info response: JWT',
    at: 'everything',
    set: given({ userinfo_signed_response_alg: 'ES256' }),
    refused: given({ userinfo_signed_response_alg: 'RS256' }),
    why: /userinfo_signed_response_alg/,
    clause: 'FAPI2-SP-5.4.1-1.2',
    closed: ['userinfo_signed_response_alg', 'RS256'],
  },
  {
    wso2: 'Introspection response: JWT',
    set: given({ introspection_signed_response_alg: 'ES256' }),
    refused: given({ introspection_signed_response_alg: 'none' }),
    why: /introspection_signed_response_alg/,
  },
  {
    wso2: 'Authorization response: signed (JARM)',
    profile: 'fapi1-advanced',
    set: given({ ...JARM, authorization_signed_response_alg: 'ES256' }),
    refused: given({ ...JARM, authorization_signed_response_alg: 'RS256' }),
    why: /authorization_signed_response_alg/,
    clause: 'FAPI1-ADV-8.6-1',
    closed: ['authorization_signed_response_alg', 'RS256'],
  },
  {
    wso2: 'Subject type',
    set: given({ subject_type: 'pairwise' }),
    refused: given({ subject_type: 'pairwise', redirect_uris: [CALLBACK, 'https://other.example/cb'] }),
    why: /sector_identifier_uri/,
  },
  {
    wso2: 'Sector identifier URI',
    set() {
      const redirect_uris = [CALLBACK, 'https://other.example/cb']
      return {
        metadata: {
          subject_type: 'pairwise',
          redirect_uris,
          sector_identifier_uri: admin().directory.sectorOf(listed(admin(), redirect_uris)),
        },
      }
    },
    refused: given({ subject_type: 'pairwise', sector_identifier_uri: 'http://app.example/sector.json' }),
    why: /sector_identifier_uri/,
  },
  {
    wso2: 'Sector identifier URI: the document has every redirect URI',
    set: () => ({ metadata: { subject_type: 'pairwise', sector_identifier_uri: admin().directory.sectorOf(listed(admin(), [CALLBACK])) } }),
    refused: () => ({
      metadata: {
        subject_type: 'pairwise',
        sector_identifier_uri: admin().directory.sectorOf(listed(admin(), ['https://other.example/cb'])),
      },
    }),
    why: /sector_identifier_uri/,
  },
  {
    wso2: 'Logout: where users go back to',
    set: given({ post_logout_redirect_uris: ['https://app.example/bye'] }),
    refused: given({ post_logout_redirect_uris: ['javascript:alert(1)'] }),
    why: /post_logout_redirect_uris/,
  },
]
