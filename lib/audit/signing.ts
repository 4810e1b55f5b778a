import { constants, createHmac, createPrivateKey, type JsonWebKey, sign } from 'node:crypto'
import type { Jwk, Jwt } from '../core/facts.js'

/** A JWT that is to be signed, rightly or not. */
export interface Draft extends Jwt {
  /** The private key. */
  readonly key: Jwk
  /** How it differs from an honest one: its signature is spoilt, left out (`alg` none), or an HMAC made with the public key as secret. */
  readonly forged?: 'signature' | 'none' | 'hmac'
}

/** JWS algorithms, those that FAPI forbids included: an audit sends them. */
const ALGORITHMS: Readonly<Record<string, { readonly hash: string | null; readonly options: object }>> = {
  PS256: { hash: 'sha256', options: { padding: constants.RSA_PKCS1_PSS_PADDING, saltLength: constants.RSA_PSS_SALTLEN_DIGEST } },
  RS256: { hash: 'sha256', options: { padding: constants.RSA_PKCS1_PADDING } },
  ES256: { hash: 'sha256', options: { dsaEncoding: 'ieee-p1363' } },
  EdDSA: { hash: null, options: {} },
  Ed25519: { hash: null, options: {} },
}

const base64url = (value: object) => Buffer.from(JSON.stringify(value)).toString('base64url')

/** Signs a JWT as its header says. Throws a `TypeError` where the key cannot. */
export function signed({ header, claims, key, forged }: Draft): string {
  const input = `${base64url(header)}.${base64url(claims)}`
  if (forged === 'none') return `${input}.`
  if (forged === 'hmac')
    return `${input}.${createHmac('sha256', JSON.stringify(publicPart(key)))
      .update(input)
      .digest('base64url')}`
  const algorithm = typeof header.alg === 'string' && Object.hasOwn(ALGORITHMS, header.alg) ? ALGORITHMS[header.alg] : undefined
  if (!algorithm) throw new TypeError(`the audit cannot sign with ${header.alg}`)
  const signature = sign(algorithm.hash, Buffer.from(input), {
    ...algorithm.options,
    key: createPrivateKey({ key: key as JsonWebKey, format: 'jwk' }),
  })
  if (forged === 'signature') signature[0] = (signature[0] ?? 0) ^ 0xff
  return `${input}.${signature.toString('base64url')}`
}

/** What of a key may be shown. */
export const publicPart = ({ kty, n, e, crv, x, y, kid, alg, use }: Jwk): Jwk =>
  Object.fromEntries(Object.entries({ kty, n, e, crv, x, y, kid, alg, use }).filter(([, value]) => value !== undefined))
