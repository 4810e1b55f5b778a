import type { X509Certificate } from 'node:crypto'
import type { Jwk } from '../../../lib/core/facts.js'
import * as rules from '../../../lib/rules/keys.js'
import { selfSigned } from '../../readers/identity.js'
import { certificate, ecKey, edKey, rsaKey, shownCertificate } from '../facts.js'
import { alsoPublished, type RuleTable, ruleTable } from '../support.js'
import { onP192, withDsa } from './weak-certificates.js'

/** The same key in a registration, second of two, and read from a `jwks_uri`. */
const clientKey = (key: Jwk) =>
  [
    ['registration', { client: { jwks: { keys: [ecKey('P-256'), key] } } }],
    ['key', { key }],
  ] as const
const serverKeys = (...keys: readonly Jwk[]) => ['configuration', { server: { jwks: { keys } } }] as const

const [rsa, weakRsa, p384, ed] = await Promise.all([
  selfSigned('CN=app', 'RSA 2048'),
  selfSigned('CN=app', 'RSA 1024'),
  selfSigned('CN=app', 'P-384'),
  selfSigned('CN=app', 'Ed25519'),
])
const derOf = ({ raw }: X509Certificate) => raw.toString('base64')
/** The key of a certificate, with that certificate and whatever else behind it. */
const certified = (own: X509Certificate, ...chain: readonly unknown[]): Jwk => ({
  ...own.publicKey.export({ format: 'jwk' }),
  x5c: [derOf(own), ...chain],
})

const STRONG: readonly Jwk[] = [
  ...[certificate, rsa.certificate, p384.certificate, ed.certificate].map((own) => certified(own)),
  certified(certificate, derOf(rsa.certificate)),
  rsaKey(2048),
  rsaKey(2048, 2),
  rsaKey(2049),
  rsaKey(4096),
  ecKey('P-256'),
  ecKey('P-384'),
  ecKey('P-521'),
  ecKey('secp256k1'),
  edKey,
  // Of a kind no rule knows: whoever wants to verify with it will refuse it.
  { kty: 'AKP' },
  {},
]

const rsaOf = (bits: number) => `a key is an RSA key of ${bits} bits, at least 2048 are required`
const onCurve = (crv: string) => `a key is on the curve ${crv}, P-256 or a stronger one is required`
const NO_CURVE = 'a key is on no curve, P-256 or a stronger one is required'
const SYMMETRIC = 'a key is symmetric, which no key of a key set may be'

const WEAK: readonly (readonly [key: Jwk, says: string])[] = [
  [rsaKey(2047), rsaOf(2047)],
  // Zero octets in front make a number longer, not stronger.
  [rsaKey(2047, 1), rsaOf(2047)],
  [rsaKey(1024, 128), rsaOf(1024)],
  [rsaKey(1024), rsaOf(1024)],
  [{ kty: 'RSA', n: '', e: 'AQAB' }, rsaOf(0)],
  [{ kty: 'RSA', n: 'AAAA', e: 'AQAB' }, rsaOf(0)],
  ...[undefined, null, 2048, {}, [rsaKey(2048).n]].map((n) => [{ kty: 'RSA', n, e: 'AQAB' }, rsaOf(0)] as const),
  [{ ...rsaKey(1024), kid: 'k1' }, 'the key k1 is an RSA key of 1024 bits, at least 2048 are required'],
  [{ ...rsaKey(1024), kid: { toString: 1 } }, rsaOf(1024)],
  ...['P-192', 'P-224', 'secp160r1', 'p-256', 'P-256 ', 'constructor', 'toString', '__proto__', 'Ｐ-256'].map(
    (crv) => [ecKey(crv), onCurve(crv)] as const,
  ),
  ...[undefined, null, '', 256, ['P-256'], {}, { toString: 1, valueOf: 1 }].map((crv) => [ecKey(crv), NO_CURVE] as const),
  [{ kty: 'oct', k: Buffer.alloc(64).toString('base64url') }, SYMMETRIC],
  // A strong key in front of a weak certificate, its own or one above it.
  [{ ...rsaKey(2048), x5c: [derOf(weakRsa.certificate)] }, 'a certificate of a key is an RSA key of 1024 bits, at least 2048 are required'],
  [certified(rsa.certificate, derOf(weakRsa.certificate)), 'a certificate of a key is an RSA key of 1024 bits, at least 2048 are required'],
  [certified(certificate, derOf(onP192)), 'a certificate of a key is on the curve prime192v1, P-256 or a stronger one is required'],
  [certified(certificate, derOf(withDsa)), 'a certificate of a key has a key of a kind that is not accepted'],
  [certified(certificate, derOf(withDsa), derOf(onP192)), 'a certificate of a key has a key of a kind that is not accepted'],
  // A certificate for another key: whoever is known by it is somebody else.
  [{ ...certified(certificate), x5c: [derOf(rsa.certificate)] }, 'the first certificate of a key must be its own'],
  [{ ...certified(certificate), x5c: [derOf(rsa.certificate), derOf(certificate)] }, 'the first certificate of a key must be its own'],
  [{ ...certified(certificate), kid: 'k1', x5c: [derOf(rsa.certificate)] }, 'the first certificate of the key k1 must be its own'],
  [{ ...certified(certificate), x5c: [] }, 'the first certificate of a key must be its own'],
  ...[null, '', 'garbage', ['garbage'], [''], [null], [5], [{}], [{ toString: 1, valueOf: 1 }], {}].map(
    (x5c) => [{ ...certified(certificate), x5c }, 'x5c of a key must be certificates'] as const,
  ),
  [certified(certificate, 'garbage'), 'x5c of a key must be certificates'],
  [{ kty: 'oct', kid: 'k1' }, 'the key k1 is symmetric, which no key of a key set may be'],
]

const strongKeysTable = (ecBits: number) =>
  ruleTable(rules.strongKeys(ecBits), {
    passes: [
      ...STRONG.flatMap(clientKey),
      ['registration', { client: { jwks: undefined } }],
      ['registration', { client: { jwks: { keys: [] } } }],
      // At the stage `key` only the key read is judged, not what was registered.
      ['key', { key: ecKey('P-256'), client: { jwks: { keys: [rsaKey(1024)] } } }],
    ],
    breaks: [
      ...WEAK.flatMap(([key, says]) => clientKey(key).map((facts) => [...facts, says] as const)),
      ['registration', { client: { jwks: { keys: [rsaKey(1024), rsaKey(1536)] } } }, rsaOf(1024)],
    ],
  })

/** Clients that have a use for their certificate. */
const USERS = [
  { token_endpoint_auth_method: 'tls_client_auth' },
  { token_endpoint_auth_method: 'self_signed_tls_client_auth' },
  { tls_client_certificate_bound_access_tokens: true },
]
const shows = (shown: X509Certificate | undefined) =>
  USERS.map((client) => ['authentication', { client, wire: { certificate: shown && shownCertificate(shown) } }] as const)
const wrongCertificate = (shown: X509Certificate, says: string) => shows(shown).map((facts) => [...facts, says] as const)

const strongCertificatesTable = (ecBits: number) =>
  ruleTable(rules.strongCertificates(ecBits), {
    passes: [
      ...[undefined, certificate, rsa.certificate, p384.certificate, ed.certificate].flatMap(shows),
      // Shown to a proxy that asks everybody, and used for nothing.
      ['authentication', { wire: { certificate: shownCertificate(weakRsa.certificate) } }],
    ],
    breaks: [
      ...wrongCertificate(weakRsa.certificate, 'the client certificate is an RSA key of 1024 bits, at least 2048 are required'),
      ...wrongCertificate(onP192, 'the client certificate is on the curve prime192v1, P-256 or a stronger one is required'),
      ...wrongCertificate(withDsa, 'the client certificate has a key of a kind that is not accepted'),
    ],
  })

const CANNOT_SIGN_1 = 'must hold a key that can sign with PS256 or ES256'
const CANNOT_SIGN_2 = 'must hold a key that can sign with PS256 or ES256 or EdDSA or Ed25519'

const tables: readonly RuleTable[] = [
  strongKeysTable(160),
  strongKeysTable(224),
  // No curve lies on the limits of the profiles; P-256 lies on this one.
  strongKeysTable(256),
  strongCertificatesTable(160),
  strongCertificatesTable(224),
  strongCertificatesTable(256),
  ...[160, 224].map((ecBits) =>
    ruleTable(rules.strongServerKeys(ecBits), {
      passes: [serverKeys(...STRONG), serverKeys()],
      breaks: WEAK.map(([key, says]) => [...serverKeys(rsaKey(2048), key), says] as const),
    }),
  ),
  ruleTable(rules.serverCanSign(['PS256', 'ES256']), {
    passes: [
      serverKeys(rsaKey(2048)),
      serverKeys(ecKey('P-256')),
      serverKeys(edKey, { ...rsaKey(2048), alg: 'PS256', use: 'sig' }),
      serverKeys({ ...rsaKey(2048), alg: 'RS256' }, { ...ecKey('P-256'), alg: 'ES256' }),
    ],
    breaks: [
      serverKeys(),
      serverKeys(edKey),
      serverKeys(ecKey('P-384')),
      serverKeys({ ...rsaKey(2048), alg: 'RS256' }),
      serverKeys({ ...rsaKey(2048), use: 'enc' }, { ...ecKey('P-256'), use: 'enc' }),
      serverKeys({ kty: 'oct' }, {}, { kty: null, crv: ['P-256'] }),
    ].map((facts) => [...facts, CANNOT_SIGN_1] as const),
  }),
  ruleTable(rules.serverCanSign(['PS256', 'ES256', 'EdDSA', 'Ed25519']), {
    passes: [serverKeys(edKey), serverKeys({ ...edKey, alg: 'EdDSA' }), serverKeys({ ...edKey, alg: 'Ed25519' })],
    breaks: [serverKeys({ ...edKey, crv: 'Ed448' }), serverKeys({ ...edKey, alg: 'ES256' }), serverKeys({ ...edKey, crv: 'X25519' })].map(
      (facts) => [...facts, CANNOT_SIGN_2] as const,
    ),
  }),
]

export const keyTables = tables.map(alsoPublished)
