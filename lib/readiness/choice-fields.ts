/** What one metadata field of an application can be set to, whatever profile it is held to. */
export interface Field {
  /** Its name in RFC 7591 §2 or in the specification that added it; `binding` stands for the two fields that bind access tokens. */
  readonly field: string
  readonly label: string
  /** `one` of the values, `several` of them as a list, or a `flag`. */
  readonly takes: 'one' | 'several' | 'flag'
  readonly values: readonly Value[]
  /** Whether it is the server that signs, so that it needs a key of its own for the algorithm. */
  readonly signedBy?: 'server'
  /** The list in the server's metadata (RFC 8414 §2 and its relatives) that says which of the values it takes. */
  readonly listed?: string
}

type Value = readonly [value: string | boolean, label: string]

const named = (names: readonly string[]): readonly Value[] => names.map((name) => [name, name])
const yesOrNo: readonly Value[] = [
  [true, 'Yes'],
  [false, 'No'],
]

/** RFC 7518 §3.1, RFC 8037 §3.1, RFC 9864 §2. */
const SIGNED_BY_KEY: readonly Value[] = [
  ['PS256', 'PS256 (RSA-PSS)'],
  ['ES256', 'ES256 (elliptic curve P-256)'],
  ['EdDSA', 'EdDSA'],
  ['Ed25519', 'Ed25519'],
  ...named(['PS384', 'PS512', 'ES384', 'ES512']),
  ['RS256', 'RS256 (RSA, PKCS #1 v1.5)'],
  ...named(['RS384', 'RS512']),
]
const SIGNED_BY_SECRET: readonly Value[] = [
  ['HS256', 'HS256 (client secret)'],
  ['HS384', 'HS384 (client secret)'],
  ['HS512', 'HS512 (client secret)'],
]
const UNSIGNED: Value = ['none', 'none (not signed)']

/** RFC 7518 §4.1. */
const KEY_ENCRYPTION: readonly Value[] = [
  ['RSA-OAEP-256', 'RSA-OAEP with SHA-256'],
  ['RSA-OAEP', 'RSA-OAEP with SHA-1'],
  ['ECDH-ES', 'ECDH-ES (elliptic curves)'],
  ...named(['ECDH-ES+A128KW', 'ECDH-ES+A192KW', 'ECDH-ES+A256KW']),
  ['RSA1_5', 'RSA1_5 (PKCS #1 v1.5)'],
]
/** RFC 7518 §5.1. */
const CONTENT_ENCRYPTION = named(['A256GCM', 'A128GCM', 'A192GCM', 'A256CBC-HS512', 'A128CBC-HS256', 'A192CBC-HS384'])

const signed = (field: string, label: string, listed: string): Field => ({
  ...{ field, label, listed, takes: 'one', signedBy: 'server' },
  values: [...SIGNED_BY_KEY, ...SIGNED_BY_SECRET],
})

const encrypted = (what: string, label: string, listed: string): readonly Field[] => [
  {
    field: `${what}_alg`,
    label: `${label}: key encryption`,
    takes: 'one',
    values: KEY_ENCRYPTION,
    listed: `${listed}_alg_values_supported`,
  },
  {
    ...{ field: `${what}_enc`, label: `${label}: content encryption`, takes: 'one', values: CONTENT_ENCRYPTION },
    listed: `${listed}_enc_values_supported`,
  },
]

/** Every metadata field with values to choose from, in the order in which pages show them. */
export const CHOICE_FIELDS: readonly Field[] = [
  {
    field: 'token_endpoint_auth_method',
    label: 'Client authentication',
    takes: 'one',
    values: [
      ['private_key_jwt', 'Private key JWT'],
      ['tls_client_auth', 'Mutual TLS, certificate of an authority'],
      ['self_signed_tls_client_auth', 'Mutual TLS, self-signed certificate'],
      ['client_secret_jwt', 'Client secret JWT'],
      ['client_secret_basic', 'Client secret in the Authorization header'],
      ['client_secret_post', 'Client secret in the form'],
      ['none', 'None (public client)'],
    ],
    listed: 'token_endpoint_auth_methods_supported',
  },
  {
    field: 'token_endpoint_auth_signing_alg',
    label: 'Client assertions: signature',
    takes: 'one',
    values: [...SIGNED_BY_KEY, ...SIGNED_BY_SECRET],
    listed: 'token_endpoint_auth_signing_alg_values_supported',
  },
  {
    field: 'grant_types',
    label: 'Grants',
    takes: 'several',
    values: [
      ['authorization_code', 'Authorization code'],
      ['refresh_token', 'Refresh token'],
      ['client_credentials', 'Client credentials'],
      ['implicit', 'Implicit (for code id_token)'],
      ['urn:openid:params:grant-type:ciba', 'Backchannel authentication (CIBA)'],
      ['urn:ietf:params:oauth:grant-type:device_code', 'Device code'],
    ],
    listed: 'grant_types_supported',
  },
  {
    field: 'response_types',
    label: 'Response types',
    takes: 'several',
    values: named(['code', 'code id_token', 'id_token', 'code token', 'id_token token', 'code id_token token']),
    listed: 'response_types_supported',
  },
  {
    field: 'response_modes',
    label: 'Response modes',
    takes: 'several',
    values: [
      ['jwt', 'jwt (signed, JARM)'],
      ['query.jwt', 'query.jwt (signed, in the query)'],
      ['fragment.jwt', 'fragment.jwt (signed, in the fragment)'],
      ['form_post.jwt', 'form_post.jwt (signed, by form)'],
      ['query', 'query'],
      ['fragment', 'fragment'],
      ['form_post', 'form_post'],
    ],
    listed: 'response_modes_supported',
  },
  {
    field: 'application_type',
    label: 'Kind of application',
    takes: 'one',
    values: [
      ['web', 'On a web server'],
      ['native', 'On the device of the user'],
    ],
  },
  {
    field: 'binding',
    label: 'Access tokens are bound to',
    takes: 'one',
    values: [
      ['certificate', 'The client certificate (mutual TLS)'],
      ['dpop', 'A DPoP key'],
      ['none', 'Nothing'],
    ],
  },
  { field: 'require_pushed_authorization_requests', label: 'Requests must be pushed (PAR)', takes: 'flag', values: yesOrNo },
  { field: 'require_signed_request_object', label: 'Requests must be signed', takes: 'flag', values: yesOrNo },
  {
    field: 'request_object_signing_alg',
    label: 'Request objects: signature',
    takes: 'one',
    values: [...SIGNED_BY_KEY, ...SIGNED_BY_SECRET, UNSIGNED],
    listed: 'request_object_signing_alg_values_supported',
  },
  ...encrypted('request_object_encryption', 'Request objects', 'request_object_encryption'),
  signed('authorization_signed_response_alg', 'Authorization responses (JARM): signature', 'authorization_signing_alg_values_supported'),
  ...encrypted('authorization_encrypted_response', 'Authorization responses (JARM)', 'authorization_encryption'),
  signed('id_token_signed_response_alg', 'ID tokens: signature', 'id_token_signing_alg_values_supported'),
  ...encrypted('id_token_encrypted_response', 'ID tokens', 'id_token_encryption'),
  signed('userinfo_signed_response_alg', 'UserInfo responses: signature', 'userinfo_signing_alg_values_supported'),
  ...encrypted('userinfo_encrypted_response', 'UserInfo responses', 'userinfo_encryption'),
  signed('introspection_signed_response_alg', 'Introspection responses: signature', 'introspection_signing_alg_values_supported'),
  ...encrypted('introspection_encrypted_response', 'Introspection responses', 'introspection_encryption'),
  {
    field: 'subject_type',
    label: 'Subject identifiers',
    takes: 'one',
    values: [
      ['public', 'Public: the same for all applications'],
      ['pairwise', 'Pairwise: others for each sector'],
    ],
    listed: 'subject_types_supported',
  },
  { field: 'require_auth_time', label: 'ID tokens say when the user signed in', takes: 'flag', values: yesOrNo },
]

/** The choice of the binding that metadata have made. */
export const bindingIn = (metadata: Readonly<Record<string, unknown>>): 'certificate' | 'dpop' | 'none' => {
  if (metadata.tls_client_certificate_bound_access_tokens === true) return 'certificate'
  return metadata.dpop_bound_access_tokens === true ? 'dpop' : 'none'
}

/** The two metadata fields that a choice of the binding sets (RFC 8705 §3.4, RFC 9449 §5.2). */
export const bindingOf = (value: string | boolean): Readonly<Record<string, boolean>> => ({
  tls_client_certificate_bound_access_tokens: value === 'certificate',
  dpop_bound_access_tokens: value === 'dpop',
})
