import { createPublicKey, type JsonWebKey, type KeyObject } from 'node:crypto'
import type { Jwk } from '../core/facts.js'

/** What makes a public key, whatever else its JWK says (RFC 7518 §6, RFC 8037 §2). */
export const PUBLIC_MEMBERS = ['kty', 'crv', 'x', 'y', 'n', 'e']

/** The public key that a JWK describes; `undefined` for what is none, such as a point that is not on its curve. */
export function publicKeyOf(jwk: Jwk): KeyObject | undefined {
  const members = Object.fromEntries(PUBLIC_MEMBERS.map((member) => [member, jwk[member]]))
  try {
    return createPublicKey({ key: members as JsonWebKey, format: 'jwk' })
  } catch {
    return undefined
  }
}
