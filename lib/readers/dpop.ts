import { isAmongUrls, isTime } from '../core/claims.js'
import type { Jwt } from '../core/facts.js'
import { compactJws, isSigned, jsonPart } from './jws.js'
import { type ProofKeys, proofKeys } from './proof-key.js'

export interface DpopExpectations {
  /** The request method, for `htm`. */
  readonly method: string
  /** The URLs this request may have been sent to, for `htu`; their query and fragment do not count. */
  readonly urls: readonly string[]
  /** The access token that comes with the proof: SHA-256 over it in base64url, for `ath`, and the thumbprint of the key it is bound to. */
  readonly accessToken?: { readonly hash: string; readonly jkt?: string }
  readonly algorithms: readonly string[]
  /** Epoch seconds. */
  readonly now: number
  /** By how many seconds `iat` may lie ahead of `now` or behind it. */
  readonly window: { readonly ahead: number; readonly behind: number }
  /** Until when a nonce counts, in epoch seconds; `undefined` for one that does not. Without it nonces are not looked at. */
  readonly nonceUntil?: ((nonce: unknown) => number | undefined) | undefined
  /** Whether a proof needs a nonce even when its `iat` is recent. */
  readonly nonceRequired?: boolean
  /** Reads headers, and remembers the keys in them. */
  readonly keys?: ProofKeys
}

/** A proof that holds: its key and until when it could be sent again. */
export interface DpopProof extends Jwt {
  /** The `jkt` thumbprint of the proof key (RFC 7638). */
  readonly jkt: string
  readonly jti: string
  /** Epoch seconds until which the proof must be remembered: when it is too old by itself, and a margin for a request already on its way. */
  readonly acceptableUntil: number
}

/** Seconds, our choice: longer than a request takes from reading the clock to the store. */
const MARGIN = 60

/** What is wrong with a proof, for its sender to read. */
export class DpopError extends Error {
  override readonly name = 'DpopError'
  readonly code = 'ERR_FAPI_DPOP'
  /** `use_dpop_nonce`: the same proof with a nonce of this server would do (RFC 9449 §9); `invalid_token`: the token is another's. */
  readonly error: 'invalid_dpop_proof' | 'use_dpop_nonce' | 'invalid_token'

  constructor(message: string, error: DpopError['error'] = 'invalid_dpop_proof') {
    super(message)
    this.error = error
  }
}

/** Seconds by which a clock may be wrong that a nonce makes up for. Our choice. */
const FARTHEST = 172_800
/** Characters of a proof, our choice. */
const LONGEST = 16_384

/** Verifies a DPoP proof (RFC 9449 §4.3), replay excepted. Throws a `DpopError` that says what is wrong. */
export async function readDpop(proof: string, { keys = proofKeys(), ...expected }: DpopExpectations): Promise<DpopProof> {
  const { method, urls, accessToken, algorithms, now, window } = expected
  const jws = proof.length > LONGEST ? undefined : compactJws(proof)
  const [signer, claims] = jws ? [await keys(jws.header), jsonPart(jws.payload)] : []
  if (!jws || !signer || !claims || !algorithms.includes(signer.alg) || !isInForce(claims, now, window.ahead)) throw malformed()
  const { jti, htm, htu, ath } = claims

  insist(typeof jti === 'string' && jti !== '' && jti.length <= 1024, 'jti of the DPoP proof is missing or too long')
  insist(htm === method, 'htm of the DPoP proof is not the method of the request')
  insist(isAmongUrls(htu, urls), 'htu of the DPoP proof is not the URL of the request')
  const until = acceptableUntil(claims, expected)
  insist(accessToken === undefined || ath === accessToken.hash, 'ath of the DPoP proof is not the hash of the access token')
  // Whoever only has the token must not choose with what there is to compute.
  if (accessToken?.jkt !== undefined && signer.jkt !== accessToken.jkt)
    throw new DpopError('the access token is bound to another DPoP key', 'invalid_token')
  // Last, since it costs most.
  if (!(await isSigned(jws, signer.alg, signer.key))) throw malformed()
  return { header: signer.header, claims, jkt: signer.jkt, jti: jti as string, acceptableUntil: until + MARGIN }
}

/** RFC 9449 §11.1: a proof is as fresh as its nonce, or as its `iat` where it has none. */
function acceptableUntil(
  { iat, nonce }: Jwt['claims'],
  { now, window, nonceUntil, nonceRequired }: Omit<DpopExpectations, 'keys'>,
): number {
  const stale = 'iat of the DPoP proof is not recent enough'
  if (!isTime(iat)) throw new DpopError(stale)
  const byNonce = nonceUntil?.(nonce)
  // Remembered for as long as another guard, one without nonces, would take it.
  if (byNonce !== undefined && Math.abs(iat - now) <= FARTHEST) return Math.max(byNonce, iat + window.behind)
  const isRecent = iat <= now + window.ahead && iat >= now - window.behind
  if (nonceUntil && (nonceRequired || nonce !== undefined || !isRecent))
    throw new DpopError('the DPoP proof needs a nonce of this server, which is in the header DPoP-Nonce', 'use_dpop_nonce')
  if (!isRecent) throw new DpopError(stale)
  return iat + window.behind
}

const malformed = () => new DpopError('the DPoP proof is not a JWT of type dpop+jwt signed by its own jwk with an accepted algorithm')

/** `exp` and `nbf` hold where they are given (RFC 7519 §4.1.4, §4.1.5). */
const isInForce = ({ exp, nbf }: Jwt['claims'], now: number, tolerance: number) =>
  (exp === undefined || (isTime(exp) && exp > now - tolerance)) && (nbf === undefined || (isTime(nbf) && nbf <= now + tolerance))

function insist(holds: boolean, otherwise: string): void {
  if (!holds) throw new DpopError(otherwise)
}
