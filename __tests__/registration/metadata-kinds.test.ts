import { honest, type Row, testRows } from './metadata-rows.js'

/** What an honest client has of these fits the rest of it. */
const TAKEN: Readonly<Record<string, unknown>> = honest

const KINDS: readonly Row[] = [
  ...['redirect_uris', 'grant_types', 'response_types', 'response_modes', 'contacts', 'default_acr_values', 'request_uris'].map(
    (name): Row => [
      `${name} as text`,
      { [name]: 'https://tpp.example/cb' },
      `${name} must be a list of strings that are not empty`,
      { [name]: TAKEN[name] ?? ['https://tpp.example/cb'] },
    ],
  ),
  ...['authorization_details_types', 'post_logout_redirect_uris', 'contacts'].flatMap((name): Row[] => {
    const says = `${name} must be a list of strings that are not empty`
    const taken = { [name]: ['https://tpp.example/a'] }
    return [
      [`${name} with a number`, { [name]: ['https://tpp.example/a', 7] }, says, taken],
      [`${name} with nothing`, { [name]: [''] }, says, taken],
      [`${name} as an object`, { [name]: { 0: 'https://tpp.example/a' } }, says, taken],
    ]
  }),
  ...[
    ...['require_auth_time', 'tls_client_certificate_bound_access_tokens', 'use_mtls_endpoint_aliases', 'dpop_bound_access_tokens'],
    ...['require_pushed_authorization_requests', 'require_signed_request_object', 'backchannel_user_code_parameter'],
    ...['frontchannel_logout_session_required', 'backchannel_logout_session_required'],
  ].flatMap((name): Row[] =>
    ['true', 1, ['true'], {}].map((value) => [
      `${name}: ${JSON.stringify(value)}`,
      { [name]: value },
      `${name} must be true or false`,
      { [name]: true },
    ]),
  ),
  ...[-1, 1.5, '60', 2 ** 53, [60], true].map((value): Row => {
    const says = 'default_max_age must be whole seconds, 0 or more'
    return [`default_max_age: ${JSON.stringify(value)}`, { default_max_age: value }, says, { default_max_age: 0 }]
  }),
  ...['software_id', 'software_version', 'fapi_profile', 'client_name', 'client_name#de-CH', 'token_endpoint_auth_method'].flatMap(
    (name): Row[] =>
      [7, ['x'], {}, true].map((value) => [
        `${name}: ${JSON.stringify(value)}`,
        { [name]: value },
        `${name} must be a string`,
        { [name]: 'private_key_jwt' },
      ]),
  ),
  ...['id_token_signed_response_alg', 'userinfo_signed_response_alg', 'request_object_encryption_alg', 'scope'].map(
    (name): Row => [`${name} as a list`, { [name]: ['PS256'] }, `${name} must be a string`, { [name]: 'PS256' }],
  ),
  ...['x', [], { keys: {} }, { keys: ['x'] }, { keys: [null] }, 7].map((value): Row => {
    return [`jwks: ${JSON.stringify(value)}`, { jwks: value }, 'jwks must be a JWK Set: an object with a list of keys', {}]
  }),
]

testRows(KINDS)
