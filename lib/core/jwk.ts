import type { Jwk } from './facts.js'

/** Whether a private or public JWK can serve one of the JWS algorithms that FAPI knows (RFC 7518 §3.1, RFC 8037 §3.1). */
export function canServe({ kty, crv, alg, use }: Jwk, wanted: string): boolean {
  if ((alg !== undefined && alg !== wanted) || use === 'enc') return false
  if (wanted.startsWith('PS')) return kty === 'RSA'
  return wanted === 'ES256' ? crv === 'P-256' : crv === 'Ed25519'
}
