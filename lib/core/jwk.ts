import type { Jwk } from './facts.js'

/** The JWS algorithms that FAPI knows (FAPI2-SP-5.4.1-1.2); `Ed25519` is the fully specified name of EdDSA over Ed25519 (RFC 9864). */
export const FAPI_ALGORITHMS = Object.freeze(['PS256', 'ES256', 'EdDSA', 'Ed25519'] as const)

/** What of a JWK only the holder of a key may know (RFC 7518 §6, RFC 8037 §2). */
export const PRIVATE_MEMBERS: readonly string[] = ['d', 'p', 'q', 'dp', 'dq', 'qi', 'oth', 'k', 'priv']

/** Whether a private or public JWK can serve one of the JWS algorithms in {@link FAPI_ALGORITHMS} (RFC 7518 §3.1, RFC 8037 §3.1). */
export function canServe({ kty, crv, alg, use }: Jwk, wanted: string): boolean {
  if ((alg !== undefined && alg !== wanted) || use === 'enc') return false
  if (wanted.startsWith('PS')) return kty === 'RSA'
  return wanted === 'ES256' ? crv === 'P-256' : crv === 'Ed25519'
}
