import { generateKeyPairSync } from 'node:crypto'
import { type Identity, selfSigned } from '../readers/identity.js'
import { mintKey, weakRsaJwk } from '../support/keys.js'
import { EC, jwks, KEY, type Row, RSA, testRows, tls } from './metadata-rows.js'

const ED = mintKey('EdDSA')
const own: Identity = await selfSigned('CN=tpp')
const other: Identity = await selfSigned('CN=other')
const weak: Identity = await selfSigned('CN=weak', 'RSA 1024')
const derOf = ({ certificate }: Identity) => certificate.raw.toString('base64')
const OWN_KEY = { ...own.certificate.publicKey.export({ format: 'jwk' }), kid: 'own', use: 'sig' }
const FOR_ENCRYPTION = { ...generateKeyPairSync('ec', { namedCurve: 'P-256' }).publicKey.export({ format: 'jwk' }), kid: 'enc', use: 'enc' }
const X25519 = { ...generateKeyPairSync('x25519').publicKey.export({ format: 'jwk' }), kid: 'x' }

const selfSignedTls = { token_endpoint_auth_method: 'self_signed_tls_client_auth' }
/** Whoever authenticates by a secret and signs nothing needs no keys. */
const keyless = { token_endpoint_auth_method: 'client_secret_basic', jwks: undefined }

const { privateJwk } = KEY
const KEYS: readonly Row[] = [
  [
    'both',
    { jwks_uri: 'https://tpp.example/jwks' },
    'jwks and jwks_uri must not both be given',
    { jwks: null, jwks_uri: 'https://tpp.example/jwks' },
  ],
  ['neither', { jwks: undefined }, 'jwks_uri or jwks must be given', keyless],
  [
    'none in it',
    jwks(),
    'jwks must have a key for signatures, because of token_endpoint_auth_method private_key_jwt',
    { ...keyless, ...jwks() },
  ],
  ['a private key', jwks(privateJwk), 'a key in jwks is private', jwks(EC)],
  ['a private key of RSA', jwks({ ...RSA.publicJwk, ...RSA.privateJwk }), 'is private', jwks(RSA.publicJwk)],
  ...['d', 'p', 'q', 'dp', 'dq', 'qi', 'oth', 'k', 'priv'].map(
    (member): Row => [`the member ${member}`, jwks({ ...EC, [member]: 'AAAA' }), 'is private', jwks({ ...EC, [`x-${member}`]: 'AAAA' })],
  ),
  ['a private key of a kind nobody knows', jwks(EC, { kty: 'AKP', priv: 'AAAA' }), 'is private', jwks(EC, { kty: 'AKP', pub: 'AAAA' })],
  ['a symmetric key', jwks(EC, { kty: 'oct', kid: 's', k: 'hunter2' }), 'the key s in jwks is symmetric', jwks(EC)],
  ['a key without kty', jwks(EC, { kid: 'a' }), 'kty of the key a in jwks must be a string', jwks(EC, { kid: 'a', kty: 'X' })],
  ['a kid that is a number', jwks({ ...EC, kid: 7 }), 'kid of a key in jwks must be a string', jwks({ ...EC, kid: '7' })],
  ['a use that is a list', jwks({ ...EC, use: ['sig'] }), 'must be a string', jwks({ ...EC, use: 'sig' })],
  ['key_ops that are text', jwks({ ...EC, key_ops: 'verify' }), 'key_ops of', jwks({ ...EC, key_ops: ['verify'] })],
  [
    'a key that is not for verifying',
    jwks({ ...EC, key_ops: ['encrypt'] }),
    'a key for signatures',
    jwks({ ...EC, key_ops: ['encrypt'] }, { ...EC, kid: 'v' }),
  ],
  ['a short RSA key', jwks(weakRsaJwk()), 'the key weak in jwks is an RSA key of 1024 bits', jwks(RSA.publicJwk)],
  ['an exponent of 1', jwks({ ...RSA.publicJwk, e: 'AQ' }), 'has an exponent that makes no key', jwks(RSA.publicJwk)],
  ['a curve that is too small', jwks({ ...EC, crv: 'P-192' }), 'is on the curve P-192, P-256 or a stronger one', jwks(EC)],
  ['no curve', jwks({ ...EC, crv: undefined }), 'is on no curve', jwks(EC)],
  ['a point that is not on its curve', jwks({ ...EC, y: EC.x }), 'is no valid key', jwks(EC)],
  ['the point 0', jwks({ ...EC, x: 'AAAA', y: 'AAAA' }), 'is no valid key', jwks(EC)],
  ['half a point', jwks({ ...EC, y: undefined }), 'is no valid key', jwks(EC)],
  ['members that are numbers', jwks({ ...EC, x: 7, y: {} }), 'is no valid key', jwks(EC)],
  ['a point with which anybody can sign', jwks({ ...ED.publicJwk, x: 'A'.repeat(43) }), 'with which anybody can sign', jwks(ED.publicJwk)],
  ['one kid twice', jwks(EC, { ...OWN_KEY, kid: EC.kid }), 'must have a kid of its own', jwks(EC, { ...RSA.publicJwk, kid: EC.kid })],
  ['one key twice', jwks(EC, EC), 'must have a kid of its own', jwks(EC, { ...FOR_ENCRYPTION, kid: EC.kid })],
  [
    'one kid twice, of one type',
    jwks(RSA.publicJwk, { ...RSA.publicJwk, use: undefined }),
    'must have a kid of its own',
    jwks(RSA.publicJwk, { kty: 'X', kid: RSA.kid }),
  ],
  [
    'one kid twice, where only one has an alg',
    jwks(RSA.publicJwk, { ...RSA.publicJwk, alg: 'PS256' }),
    'must have a kid of its own',
    jwks({ ...RSA.publicJwk, alg: 'RS256' }, { ...RSA.publicJwk, alg: 'PS256' }),
  ],
  ['51 keys', jwks(...many(51)), 'jwks has 51 keys, at most 50 are taken', jwks(...many(50))],
  [
    'a key for RSA1_5',
    jwks(EC, { ...RSA.publicJwk, use: 'enc', alg: 'RSA1_5' }),
    'must not be for RSA1_5',
    jwks(EC, { ...RSA.publicJwk, use: 'enc' }),
  ],
  [
    'a certificate of another key',
    jwks({ ...OWN_KEY, x5c: [derOf(other)] }),
    'must be its own',
    jwks({ ...OWN_KEY, x5c: [derOf(own), derOf(other)] }),
  ],
  [
    'a weak certificate',
    jwks({ ...OWN_KEY, x5c: [derOf(own), derOf(weak)] }),
    'is an RSA key of 1024 bits',
    jwks({ ...OWN_KEY, x5c: [derOf(own)] }),
  ],
  ...[[], ['x'], [7], 'x', {}, Array(11).fill(derOf(own))].map(
    (x5c): Row => [
      `x5c ${JSON.stringify(x5c).slice(0, 20)}`,
      jwks({ ...OWN_KEY, x5c }),
      'must be a list of 1 to 10 certificates',
      jwks({ ...OWN_KEY, x5c: [derOf(own)] }),
    ],
  ),
  ['only a key for encryption', jwks(FOR_ENCRYPTION), 'jwks must have a key for signatures', jwks(FOR_ENCRYPTION, EC)],
  [
    'only a key with an alg for encryption',
    jwks({ ...RSA.publicJwk, use: undefined, alg: 'RSA-OAEP' }),
    'a key for signatures',
    jwks(RSA.publicJwk),
  ],
  [
    'no key for the algorithm of its assertions',
    { token_endpoint_auth_signing_alg: 'PS256' },
    'jwks must have a key for signatures with PS256',
    { token_endpoint_auth_signing_alg: 'PS256', ...jwks(RSA.publicJwk) },
  ],
  [
    'a key with another alg',
    { token_endpoint_auth_signing_alg: 'PS256', ...jwks({ ...RSA.publicJwk, alg: 'RS256' }) },
    'a key for signatures with PS256',
    { token_endpoint_auth_signing_alg: 'PS256', ...jwks({ ...RSA.publicJwk, alg: 'PS256' }) },
  ],
  ...(
    [
      ['ES384', KEY, mintKey('ES384')],
      ['EdDSA', KEY, ED],
      ['ES256', ED, KEY],
      ['RS256', KEY, RSA],
    ] as const
  ).map(
    ([alg, wrong, right]): Row => [
      `no key for ${alg}`,
      { token_endpoint_auth_signing_alg: alg, ...jwks(wrong.publicJwk) },
      `a key for signatures with ${alg}`,
      { token_endpoint_auth_signing_alg: alg, ...jwks(right.publicJwk) },
    ],
  ),
  [
    'no certificate',
    selfSignedTls,
    'jwks must have a key with its certificate in x5c',
    { ...selfSignedTls, ...jwks({ ...OWN_KEY, x5c: [derOf(own)] }) },
  ],
  [
    'no certificate nor keys',
    { ...selfSignedTls, jwks: undefined },
    'because of token_endpoint_auth_method self_signed_tls_client_auth',
    { ...selfSignedTls, jwks: undefined, jwks_uri: 'https://tpp.example/jwks' },
  ],
  [
    'signed requests without keys',
    { ...tls, jwks: undefined, require_signed_request_object: true },
    'because of require_signed_request_object',
    { ...tls, jwks: undefined, require_signed_request_object: false },
  ],
  [
    'an algorithm for signed requests without keys',
    { ...tls, jwks: undefined, request_object_signing_alg: 'PS256' },
    'because of request_object_signing_alg',
    { ...keyless, request_object_signing_alg: 'HS256', require_signed_request_object: true },
  ],
  ...['id_token', 'userinfo', 'authorization', 'introspection'].flatMap((what): Row[] => [
    [
      `no key to encrypt ${what} to`,
      { [`${what}_encrypted_response_alg`]: 'ECDH-ES' },
      `jwks must have a key for encryption with ECDH-ES, because of ${what}_encrypted_response_alg`,
      { [`${what}_encrypted_response_alg`]: 'ECDH-ES', ...jwks(EC, FOR_ENCRYPTION) },
    ],
    [
      `keys of another kind to encrypt ${what} to`,
      { [`${what}_encrypted_response_alg`]: 'RSA-OAEP-256', ...jwks(EC, FOR_ENCRYPTION) },
      'a key for encryption with RSA-OAEP-256',
      { [`${what}_encrypted_response_alg`]: 'ECDH-ES+A256KW', ...jwks(EC, X25519) },
    ],
  ]),
  [
    'encryption without keys',
    { ...keyless, id_token_encrypted_response_alg: 'RSA-OAEP' },
    'jwks_uri or jwks must be given, because of id_token_encrypted_response_alg',
    { ...keyless, id_token_encrypted_response_alg: 'A256KW' },
  ],
]

function many(count: number): readonly unknown[] {
  return Array.from({ length: count }, (_, index) => ({ ...EC, kid: `${index}` }))
}

testRows(KEYS)
