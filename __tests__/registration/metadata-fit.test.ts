import { mintKey } from '../support/keys.js'
import { EC, hybrid, jwks, type Row, RSA, testRows, tls } from './metadata-rows.js'

const CIBA = 'urn:openid:params:grant-type:ciba'
const secretJwt = { token_endpoint_auth_method: 'client_secret_jwt' }
const FOR_ENCRYPTION = { ...mintKey().publicJwk, use: 'enc' }

const FIT: readonly Row[] = [
  [
    'code without its grant',
    { grant_types: ['client_credentials'] },
    'grant_types must have authorization_code',
    { grant_types: undefined },
  ],
  [
    'the grant of code without code',
    { response_types: [] },
    'response_types must have code',
    { response_types: [], grant_types: ['client_credentials'] },
  ],
  [
    'id_token without its grant',
    { response_types: ['id_token', 'code'] },
    'grant_types must have implicit',
    { response_types: ['id_token', 'code'], grant_types: ['authorization_code', 'implicit'] },
  ],
  [
    'token without its grant',
    { response_types: ['token id_token'], grant_types: undefined },
    'grant_types must have implicit',
    { response_types: ['token id_token'], grant_types: ['implicit'] },
  ],
  ['implicit without token', { grant_types: ['authorization_code', 'implicit'] }, 'response_types must have id_token or token', hybrid],
  [
    'implicit alone',
    { grant_types: ['implicit'], response_types: undefined },
    'response_types must have id_token or token',
    { grant_types: ['client_credentials'], response_types: undefined },
  ],
  [
    'a hybrid without the grant of code',
    { ...hybrid, grant_types: ['implicit'] },
    'grant_types must have authorization_code',
    { ...hybrid, grant_types: ['authorization_code'] },
  ],
  [
    'an algorithm of assertions with tls_client_auth',
    { ...tls, token_endpoint_auth_signing_alg: 'PS256' },
    'must only be given with token_endpoint_auth_method private_key_jwt',
    tls,
  ],
  [
    'an algorithm of assertions without method',
    { token_endpoint_auth_method: undefined, token_endpoint_auth_signing_alg: 'ES256' },
    'must only be given with',
    { token_endpoint_auth_signing_alg: 'ES256' },
  ],
  [
    'HS256 for private_key_jwt',
    { token_endpoint_auth_signing_alg: 'HS256' },
    'must be an algorithm of private keys',
    { ...secretJwt, token_endpoint_auth_signing_alg: 'HS256' },
  ],
  [
    'none for private_key_jwt',
    { token_endpoint_auth_signing_alg: 'none' },
    'must be an algorithm of private keys',
    { token_endpoint_auth_signing_alg: null },
  ],
  ['ES256 for client_secret_jwt', { ...secretJwt, token_endpoint_auth_signing_alg: 'ES256' }, 'must be an algorithm of secrets', secretJwt],
  ...[
    'request_object_encryption',
    'id_token_encrypted_response',
    'userinfo_encrypted_response',
    'authorization_encrypted_response',
    'introspection_encrypted_response',
  ].flatMap((what): Row[] => [
    [
      `${what}_enc alone`,
      { [`${what}_enc`]: 'A256GCM' },
      `${what}_enc must only be given with ${what}_alg`,
      { [`${what}_enc`]: 'A256GCM', [`${what}_alg`]: 'ECDH-ES', ...jwks(EC, FOR_ENCRYPTION) },
    ],
    [
      `${what}_alg RSA1_5`,
      { [`${what}_alg`]: 'RSA1_5' },
      `${what}_alg must not be RSA1_5`,
      { [`${what}_alg`]: 'RSA-OAEP-256', ...jwks(EC, { ...RSA.publicJwk, use: 'enc' }) },
    ],
  ]),
  ...['authorization_signed_response_alg', 'introspection_signed_response_alg', 'backchannel_authentication_request_signing_alg'].map(
    (name): Row => [`${name} none`, { [name]: 'none' }, `${name} must not be none`, { [name]: 'PS256' }],
  ),
  [
    'an unsigned ID token in the browser',
    { ...hybrid, id_token_signed_response_alg: 'none' },
    'must not be none, because response_types has id_token',
    { id_token_signed_response_alg: 'none' },
  ],
  [
    'signed requests with none',
    { require_signed_request_object: true, request_object_signing_alg: 'none' },
    'must not be none',
    { request_object_signing_alg: 'none' },
  ],
  ['application_type', { application_type: 'mobile' }, 'application_type must be one of web, native', { application_type: 'web' }],
  ['subject_type', { subject_type: 'private' }, 'subject_type must be one of public, pairwise', { subject_type: 'pairwise' }],
  ...['accounts  payments', ' accounts', 'accounts ', 'a\tb', 'a"b', 'a\\b', 'é', '\0'].map(
    (scope): Row => [
      `scope ${JSON.stringify(scope)}`,
      { scope },
      'scope must be words with one space between each',
      { scope: 'accounts payments:write' },
    ],
  ),
  [
    'two subjects',
    { ...tls, tls_client_auth_san_dns: 'tpp.example' },
    'exactly one of the tls_client_auth_ subject parameters must be given, tls_client_auth_subject_dn, tls_client_auth_san_dns were',
    { ...tls, tls_client_auth_san_dns: '' },
  ],
  [
    'no subject',
    { ...tls, tls_client_auth_subject_dn: null },
    'subject parameters must be given, none was',
    { ...tls, tls_client_auth_subject_dn: undefined, tls_client_auth_san_dns: 'tpp.example' },
  ],
  [
    'a subject nobody can read',
    { ...tls, tls_client_auth_subject_dn: 'not a name' },
    'must be a distinguished name as RFC 4514 writes it',
    tls,
  ],
  ...(
    [
      ['tls_client_auth_san_dns', '*.tpp.example', 'tpp.example'],
      ['tls_client_auth_san_ip', '1.2.3', '192.0.2.1'],
      ['tls_client_auth_san_email', 'tpp', 'ops@tpp.example'],
      ['tls_client_auth_san_uri', 'tpp example', 'https://tpp.example/id'],
    ] as const
  ).map(
    ([name, wrong, right]): Row => [
      `${name} ${wrong}`,
      { ...tls, tls_client_auth_subject_dn: undefined, [name]: wrong },
      `${name} must be`,
      { ...tls, tls_client_auth_subject_dn: undefined, [name]: right },
    ],
  ),
  [
    'a subject with private_key_jwt',
    { tls_client_auth_subject_dn: 'CN=a' },
    'tls_client_auth_subject_dn must only be given with',
    { tls_client_auth_subject_dn: '' },
  ],
  [
    'a CIBA client without mode',
    { grant_types: ['authorization_code', CIBA] },
    'backchannel_token_delivery_mode is required',
    { grant_types: ['authorization_code', CIBA], backchannel_token_delivery_mode: 'poll' },
  ],
  [
    'ping without endpoint',
    { grant_types: ['authorization_code', CIBA], backchannel_token_delivery_mode: 'ping' },
    'backchannel_client_notification_endpoint is required',
    {
      grant_types: ['authorization_code', CIBA],
      backchannel_token_delivery_mode: 'ping',
      backchannel_client_notification_endpoint: 'https://tpp.example/ciba',
    },
  ],
  [
    'a mode nobody knows',
    { backchannel_token_delivery_mode: 'pull' },
    'must be one of poll, ping, push',
    { backchannel_token_delivery_mode: 'poll' },
  ],
]

testRows(FIT)
