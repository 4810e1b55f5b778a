import { createHash, randomUUID } from 'node:crypto'
import { fromNow, type JwtChange, signJwt } from './jwt.js'
import type { SigningKey } from './keys.js'

/** How a DPoP proof differs from an honest one. */
export interface ProofChange extends JwtChange {
  readonly method?: string
  readonly url?: string
}

/** The request a proof is for. */
export interface Occasion {
  readonly method: string
  readonly url: string
  readonly accessToken?: string
}

/** A DPoP proof (RFC 9449 §4.2), signed by the key that its header shows. */
export function dpopProof(key: SigningKey, { method, url, accessToken }: Occasion, change: ProofChange = {}): Promise<string> {
  const signer = change.key ?? key
  const { kid: _, use: __, ...jwk } = signer.publicJwk
  const ath = accessToken && createHash('sha256').update(accessToken).digest('base64url')
  const claims = { jti: randomUUID(), htm: change.method ?? method, htu: change.url ?? url, iat: fromNow(0), ...(ath && { ath }) }
  return signJwt({ key: signer, header: { typ: 'dpop+jwt', jwk }, claims }, { ...change, header: { kid: undefined, ...change.header } })
}
