import { hash } from 'node:crypto'
import type { Jwk } from '../core/facts.js'

/** The members that make a public key, in the order of their names (RFC 7638 §3.2, RFC 8037 §2). */
const REQUIRED: ReadonlyMap<unknown, readonly string[]> = new Map([
  ['EC', ['crv', 'kty', 'x', 'y']],
  ['OKP', ['crv', 'kty', 'x']],
  ['RSA', ['e', 'kty', 'n']],
])

/** The thumbprint of a public key (RFC 7638, SHA-256); `undefined` for a type of key that is not known, or without a member that makes it. */
export function keyThumbprint(jwk: Jwk): string | undefined {
  const members = REQUIRED.get(jwk.kty)?.map((member) => [member, jwk[member]] as const) ?? []
  if (members.length === 0 || !members.every(([, value]) => typeof value === 'string' && value !== '')) return undefined
  return hash('sha256', JSON.stringify(Object.fromEntries(members)), 'base64url')
}
