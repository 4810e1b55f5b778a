import { constants, createHash, sign } from 'node:crypto'
import { ConfigurationError } from '../core/errors.js'
import type { Jwk } from '../core/facts.js'
import { FAPI_ALGORITHMS } from '../core/jwk.js'
import { freshKeys } from '../readers/fresh-keys.js'

export type SigningAlgorithm = (typeof FAPI_ALGORITHMS)[number]

/** A key pair of a test, made in its own process. */
export interface SigningKey {
  readonly alg: SigningAlgorithm
  readonly publicJwk: Jwk
  readonly privateJwk: Jwk
  /** The `jkt` thumbprint (RFC 7638). */
  readonly thumbprint: string
  /** Signs the first two parts of a JWS and answers with the third. */
  sign(input: string): string
}

/** For EdDSA the hash is part of the algorithm; ES256 signatures are the two numbers side by side (RFC 7518 §3.4). */
const PSS = { padding: constants.RSA_PKCS1_PSS_PADDING, saltLength: constants.RSA_PSS_SALTLEN_DIGEST }
const KINDS = {
  PS256: { kind: 'RSA', hash: 'sha256', options: PSS },
  ES256: { kind: 'P-256', hash: 'sha256', options: { dsaEncoding: 'ieee-p1363' } },
  EdDSA: { kind: 'Ed25519', hash: null, options: {} },
  Ed25519: { kind: 'Ed25519', hash: null, options: {} },
} as const

/** Makes a key pair that signs with one of the algorithms of FAPI. RSA takes a moment. Throws a `ConfigurationError`. */
export function signingKey(alg: SigningAlgorithm = 'ES256'): SigningKey {
  if (!FAPI_ALGORITHMS.includes(alg))
    throw new ConfigurationError([{ option: 'alg', got: alg, allowed: `must be one of ${FAPI_ALGORITHMS.join(', ')}` }])
  const { kind, hash, options } = KINDS[alg]
  const { publicKey, privateKey } = freshKeys(kind)
  const publicJwk: Jwk = { ...publicKey.export({ format: 'jwk' }) }
  return Object.freeze({
    alg,
    publicJwk,
    privateJwk: { ...privateKey.export({ format: 'jwk' }) },
    thumbprint: thumbprintOf(publicJwk),
    sign: (input: string) => sign(hash, Buffer.from(input), { ...options, key: privateKey }).toString('base64url'),
  })
}

/** RFC 7638 §3.2, RFC 8037 §2: the members that make a key, in the order of their names. */
function thumbprintOf({ crv, e, kty, n, x, y }: Jwk): string {
  return createHash('sha256').update(JSON.stringify({ crv, e, kty, n, x, y })).digest('base64url')
}
