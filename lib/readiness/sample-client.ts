import { createECDH } from 'node:crypto'
import { fillClient } from '../core/client-defaults.js'
import type { Jwk } from '../core/facts.js'
import type { Profile } from '../core/profile.js'
import type { Metadata } from '../registration/metadata.js'

/** The modulus of the example key in RFC 7517 appendix A.1. Only the shape of keys is judged here. */
const MODULUS = [
  '0vx7agoebGcQSuuPiLJXZptN9nndrQmbXEps2aiAFbWhM78LhWx4cbbfAAtVT86zwu1RK7aPFFxuhDR1L6tSoc_BJECPebWKRXjBZCiFV4n3oknjhMstn64tZ_2W-5Js',
  'GY4Hc5n9yBXArwl93lqt7_RN5w6Cf0h4QyQ5v-65YGjQR0_FDW2QvzqY368QQMicAtaSqzs8KJZgnYb9c7d0zgdAZHzu6qMQvRL5hajrn1n91CbOpbISD08qNLyrdkt-',
  'bFTWhAI4vMQFh6WeZu0fM4lFd2NcRwr3XPksINHaQ-G_xBniIqbw0Ls1jF44-csFCur-kEgU8awapJzKnqDKgw',
].join('')

/** The example certificate of RFC 9440 section 2.1. */
const CERTIFICATE = [
  'MIIBqDCCAU6gAwIBAgIBBzAKBggqhkjOPQQDAjA6MRswGQYDVQQKDBJMZXQncyBBdXRoZW50aWNhdGUxGzAZBgNVBAMMEkxBIEludGVybWVkaWF0ZSBDQTAeFw0yMDAx',
  'MTQyMjU1MzNaFw0yMTAxMjMyMjU1MzNaMA0xCzAJBgNVBAMMAkJDMFkwEwYHKoZIzj0CAQYIKoZIzj0DAQcDQgAE8YnXXfaUgmnMtOXU/IncWalRhebrXmckC8vdgJ1p',
  '5Be5F/3YC8OthxM4+k1M6aEAEFcGzkJiNy6J84y7uzo9M6NyMHAwCQYDVR0TBAIwADAfBgNVHSMEGDAWgBRm3WjLa38lbEYCuiCPct0ZaSED2DAOBgNVHQ8BAf8EBAMC',
  'BsAwEwYDVR0lBAwwCgYIKwYBBQUHAwIwHQYDVR0RAQH/BBMwEYEPYmRjQGV4YW1wbGUuY29tMAoGCCqGSM49BAMCA0gAMEUCIBHda/r1vaL6G3VliL4/Di6YK0Q6bMje',
  'SkC3dFCOOB8TAiEAx/kHSB4urmiZ0NX5r5XarmPk0wmuydBVoU4hBVZ1yhk=',
].join('')

/** The key in that certificate. */
const CERTIFIED_KEY: Jwk = {
  ...{ kty: 'EC', crv: 'P-256' },
  ...{ x: '8YnXXfaUgmnMtOXU_IncWalRhebrXmckC8vdgJ1p5Bc', y: 'uRf92AvDrYcTOPpNTOmhABBXBs5CYjcuifOMu7s6PTM' },
}
/** The example key of RFC 8037 appendix A.2. */
const ED25519_KEY: Jwk = { kty: 'OKP', crv: 'Ed25519', x: '11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo', kid: 'ed', use: 'sig' }

const rsa = (kid: string, use: string): Jwk => ({ kty: 'RSA', n: MODULUS, e: 'AQAB', kid, use })

/** The keys that a client needs for what it registers: the examples of specifications, and the base points of curves. */
function keysFor(metadata: Metadata): readonly Jwk[] {
  const algorithms = Object.entries(metadata).flatMap(([name, value]) => (name.endsWith('_alg') ? [String(value)] : []))
  const some = (pattern: RegExp, key: () => Jwk) => (algorithms.some((alg) => pattern.test(alg)) ? [key()] : [])
  const isSelfSigned = metadata.token_endpoint_auth_method === 'self_signed_tls_client_auth'
  return [
    { ...CERTIFIED_KEY, kid: 'ec', use: 'sig', ...(isSelfSigned && { x5c: [CERTIFICATE] }) },
    ...some(/^[PR]S/, () => rsa('rsa', 'sig')),
    ...some(/^ES384$/, () => ({ ...basePoint('secp384r1', 'P-384', 48), kid: 'ec-384', use: 'sig' })),
    ...some(/^ES512$/, () => ({ ...basePoint('secp521r1', 'P-521', 66), kid: 'ec-521', use: 'sig' })),
    ...some(/^Ed/, () => ED25519_KEY),
    ...some(/^RSA/, () => rsa('rsa-encryption', 'enc')),
    ...some(/^ECDH/, () => ({ ...CERTIFIED_KEY, kid: 'ec-encryption', use: 'enc' })),
  ]
}

/** The point that belongs to the private key 1. */
function basePoint(name: string, crv: string, octets: number): Jwk {
  const curve = createECDH(name)
  curve.setPrivateKey(Buffer.from([1]))
  const point = curve.getPublicKey()
  const coordinate = (at: number) => point.subarray(1 + at * octets, 1 + (at + 1) * octets).toString('base64url')
  return { kty: 'EC', crv, x: coordinate(0), y: coordinate(1) }
}

/** 43 characters, as the registration makes secrets; nobody has it. */
const SECRET = 'x'.repeat(43)

/**
 * A client that is complete and, as long as `change` is compliant, compliant: what its profile fills in, keys for everything, and
 * what goes with the metadata in `change`. `without` leaves one of the latter out.
 */
export function sampleClient(
  profile: Profile | undefined,
  signingAlgorithms: readonly string[],
  change: Metadata = {},
  without?: string,
): Metadata {
  const companions = Object.entries(companionsOf(change)).filter(([name]) => name !== without)
  const chosen: Metadata = { ...Object.fromEntries(companions), ...change }
  const metadata: Record<string, unknown> = {
    ...{ client_id: 'sample', client_name: 'Sample', redirect_uris: ['https://client.example/cb'], scope: 'openid' },
    ...{ grant_types: CODE, response_types: ['code'], jwks: { keys: keysFor(chosen) } },
    ...chosen,
  }
  const given = new Set(Object.keys(metadata))
  if (profile) fillClient(profile, metadata, (name) => given.has(name), undefined, signingAlgorithms[0])
  const usesSecret = Object.entries(metadata).some(
    ([name, value]) => (name === 'token_endpoint_auth_method' || name.endsWith('_alg')) && /^(?:client_secret_|HS)/.test(String(value)),
  )
  return usesSecret ? { ...metadata, client_secret: SECRET } : metadata
}

const CODE = ['authorization_code', 'refresh_token']

/** What has to be registered together with a choice (RFC 7591 §2.1, OpenID Connect Registration §2, RFC 8705 §2.1.2, CIBA §4). */
export function companionsOf(change: Metadata): Metadata {
  const [[field = '', value] = []] = Object.entries(change)
  const text = String(value)
  if (field === 'token_endpoint_auth_method' && value === 'tls_client_auth') return { tls_client_auth_subject_dn: 'CN=client.example' }
  if (field === 'token_endpoint_auth_signing_alg')
    return { token_endpoint_auth_method: text.startsWith('HS') ? 'client_secret_jwt' : 'private_key_jwt' }
  if (field === 'request_object_signing_alg' && value === 'none') return { require_signed_request_object: false }
  if (field === 'grant_types' && text.includes('implicit')) return { response_types: ['code id_token'] }
  if (field === 'grant_types' && text.includes('ciba')) return { backchannel_token_delivery_mode: 'poll' }
  if (field === 'response_types') return { grant_types: grantsFor(text.split(' ')) }
  if (field.endsWith('_enc')) return { [field.replace(/enc$/, 'alg')]: 'RSA-OAEP-256' }
  return {}
}

const grantsFor = (words: readonly string[]) => [
  ...(words.includes('code') ? CODE : []),
  ...(words.some((word) => word === 'id_token' || word === 'token') ? ['implicit'] : []),
]
