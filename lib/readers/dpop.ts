import { isAmongUrls, isText, isTime } from '../core/claims.js'
import type { Jwt } from '../core/facts.js'
import { secondsIn, shown } from '../core/shown.js'
import { type CompactJws, compactJws, isSigned, jsonPart } from './jws.js'
import { aheadDetail, claimDetail, expiredDetail } from './jwt-fault.js'
import { type ProofKeys, proofKeys, whyNoProofKey } from './proof-key.js'

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

/** The named refusals of DPoP proofs. */
export type DpopRule =
  | 'dpop-proof-given'
  | 'dpop-proof-readable'
  | 'proof-algorithms'
  | 'dpop-signature'
  | 'dpop-time'
  | 'dpop-method'
  | 'dpop-url'
  | 'dpop-token-hash'
  | 'dpop-nonce'
  | 'dpop-key'

interface DpopFault {
  readonly error?: DpopError['error']
  readonly rule?: DpopRule
  readonly detail?: string
}

/** What is wrong with a proof, for its sender to read. */
export class DpopError extends Error {
  override readonly name = 'DpopError'
  readonly code = 'ERR_FAPI_DPOP'
  /** `use_dpop_nonce`: the same proof with a nonce of this server would do (RFC 9449 §9); `invalid_token`: the token is another's. */
  readonly error: 'invalid_dpop_proof' | 'use_dpop_nonce' | 'invalid_token'
  /** What should have held, by the name it is recorded under. */
  readonly rule: DpopRule
  /** For the operator alone: what was there, and what would be right. */
  readonly detail: string | undefined

  constructor(message: string, { error = 'invalid_dpop_proof', rule = 'dpop-proof-readable', detail }: DpopFault = {}) {
    super(message)
    this.error = error
    this.rule = rule
    this.detail = detail
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
  if (!jws || !signer || !claims || !algorithms.includes(signer.alg) || !isInForce(claims, now, window.ahead))
    throw malformed(whyUnusable(proof.length > LONGEST ? undefined : jws, expected))
  const { jti, htm, htu, ath } = claims

  if (typeof jti !== 'string' || jti === '' || jti.length > 1024)
    throw new DpopError('jti of the DPoP proof is missing or too long', {
      detail: isText(jti) ? `jti has ${jti.length} characters, it may have 1024` : `jti is ${shown(jti)}, it must be a text`,
    })
  if (htm !== method)
    throw new DpopError('htm of the DPoP proof is not the method of the request', {
      rule: 'dpop-method',
      detail: claimDetail('htm', htm, [method]),
    })
  if (!isAmongUrls(htu, urls))
    throw new DpopError('htu of the DPoP proof is not the URL of the request', { rule: 'dpop-url', detail: claimDetail('htu', htu, urls) })
  const until = acceptableUntil(claims, expected)
  if (accessToken !== undefined && ath !== accessToken.hash)
    throw new DpopError('ath of the DPoP proof is not the hash of the access token', {
      rule: 'dpop-token-hash',
      detail: ath === undefined ? 'ath is missing' : 'ath is the hash of another access token, or of something else',
    })
  // Whoever only has the token must not choose with what there is to compute.
  if (accessToken?.jkt !== undefined && signer.jkt !== accessToken.jkt)
    throw new DpopError('the access token is bound to another DPoP key', {
      error: 'invalid_token',
      rule: 'dpop-key',
      detail: `the proof is of the key with the thumbprint ${shown(signer.jkt)}, the access token is bound to ${shown(accessToken.jkt)}`,
    })
  // Last, since it costs most.
  if (!(await isSigned(jws, signer.alg, signer.key)))
    throw malformed({ rule: 'dpop-signature', detail: `alg ${signer.alg}: the jwk in the header did not make this signature` })
  return { header: signer.header, claims, jkt: signer.jkt, jti, acceptableUntil: until + MARGIN }
}

/** RFC 9449 §11.1: a proof is as fresh as its nonce, or as its `iat` where it has none. */
function acceptableUntil(
  { iat, nonce }: Jwt['claims'],
  { now, window, nonceUntil, nonceRequired }: Omit<DpopExpectations, 'keys'>,
): number {
  const stale = (detail: string) => new DpopError('iat of the DPoP proof is not recent enough', { rule: 'dpop-time', detail })
  if (!isTime(iat)) throw stale(`iat is ${shown(iat)}, it must be a time in seconds since 1970`)
  const byNonce = nonceUntil?.(nonce)
  // Remembered for as long as another guard, one without nonces, would take it.
  if (byNonce !== undefined && Math.abs(iat - now) <= FARTHEST) return Math.max(byNonce, iat + window.behind)
  const isRecent = iat <= now + window.ahead && iat >= now - window.behind
  if (nonceUntil && (nonceRequired || nonce !== undefined || !isRecent))
    throw new DpopError('the DPoP proof needs a nonce of this server, which is in the header DPoP-Nonce', {
      error: 'use_dpop_nonce',
      rule: 'dpop-nonce',
      detail:
        nonce === undefined ? 'there is no nonce in the proof' : 'the nonce in the proof is not of this server, or has served its time',
    })
  if (!isRecent) {
    const off = iat > now ? `${secondsIn(iat - now)} ahead` : `${secondsIn(now - iat)} ago`
    throw stale(`iat is ${off}; at most ${window.behind} s ago and ${window.ahead} s ahead are allowed (now is ${Math.floor(now)})`)
  }
  return iat + window.behind
}

const malformed = (fault: DpopFault) =>
  new DpopError('the DPoP proof is not a JWT of type dpop+jwt signed by its own jwk with an accepted algorithm', fault)

/** What keeps a proof from being looked at, told apart for the operator. */
function whyUnusable(
  jws: CompactJws | undefined,
  { algorithms, now, window }: Pick<DpopExpectations, 'algorithms' | 'now' | 'window'>,
): DpopFault {
  if (!jws) return { detail: `it is no JWT in its compact form, or has more than ${LONGEST} characters` }
  const wrong = whyNoProofKey(jws.header, algorithms)
  if (wrong) return { rule: wrong.of === 'alg' ? 'proof-algorithms' : 'dpop-proof-readable', detail: wrong.detail }
  const claims = jsonPart(jws.payload)
  if (!claims) return { detail: 'its claims are no JSON object' }
  const { exp, nbf } = claims
  const expired = exp !== undefined && !(isTime(exp) && exp > now - window.ahead)
  return {
    rule: 'dpop-time',
    detail: expired
      ? isTime(exp)
        ? expiredDetail(exp, now)
        : `exp is ${shown(exp)}, it must be a time`
      : aheadDetail({ nbf }, now, window.ahead),
  }
}

/** `exp` and `nbf` hold where they are given (RFC 7519 §4.1.4, §4.1.5). */
const isInForce = ({ exp, nbf }: Jwt['claims'], now: number, tolerance: number) =>
  (exp === undefined || (isTime(exp) && exp > now - tolerance)) && (nbf === undefined || (isTime(nbf) && nbf <= now + tolerance))
