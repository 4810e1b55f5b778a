import { randomUUID } from 'node:crypto'
import { authorizationParams } from './authorization-request.js'
import { fromNow, type JwtChange, signJwt } from './jwt.js'
import { dpopProof, type Occasion, type ProofChange } from './proof.js'
import type { Tpp } from './tpp.js'
import type { Params } from './wire.js'

/** What a client signs. */
export interface Signer {
  /** A client assertion (RFC 7523 §3). */
  assertion(change?: JwtChange): Promise<string>
  /** A request object (RFC 9101 §4) with the client's authorization request in it. */
  object(params?: Params, change?: JwtChange): Promise<string>
  proof(occasion: Occasion, change?: ProofChange): Promise<string>
}

export function signerOf(tpp: Tpp, issuer: string): Signer {
  const { id, key } = tpp
  return {
    assertion(change) {
      const claims = { iss: id, sub: id, aud: issuer, jti: randomUUID(), iat: fromNow(0), exp: fromNow(60) }
      return signJwt({ key, header: { kid: key.kid }, claims }, change)
    },
    object(params, change) {
      const times = { iat: fromNow(0), nbf: fromNow(0), exp: fromNow(300) }
      const claims = { iss: id, aud: issuer, ...times, ...authorizationParams(tpp), ...params }
      return signJwt({ key, header: { kid: key.kid, typ: 'oauth-authz-req+jwt' }, claims }, change)
    },
    proof: (occasion, change) => dpopProof(tpp.proofKey ?? key, occasion, change),
  }
}
