import { createHash } from 'node:crypto'
import { calculateJwkThumbprint, EmbeddedJWK, jwtVerify } from 'jose'
import { comparableUrl } from '../core/claims.js'
import type { Jwt } from '../core/facts.js'

export interface DpopExpectations {
  /** The request method, for `htm`. */
  readonly method: string
  /** The URLs this request may have been sent to, for `htu`; their query and fragment do not count. */
  readonly urls: readonly string[]
  /** The access token that comes with the proof, for `ath`. */
  readonly accessToken: string
  readonly algorithms: readonly string[]
  /** Epoch seconds. */
  readonly now: number
  /** By how many seconds `iat` may lie ahead of `now` or behind it. */
  readonly window: { readonly ahead: number; readonly behind: number }
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
}

/** Verifies a DPoP proof for a protected resource (RFC 9449 §4.3), replay excepted. Throws a `DpopError` that says what is wrong. */
export async function readDpop(
  proof: string,
  { method, urls, accessToken, algorithms, now, window }: DpopExpectations,
): Promise<DpopProof> {
  const { payload, protectedHeader } = await jwtVerify(proof, EmbeddedJWK, {
    typ: 'dpop+jwt',
    algorithms: [...algorithms],
    currentDate: new Date(now * 1000),
    clockTolerance: window.ahead,
  }).catch(() => {
    throw new DpopError('the DPoP proof is not a JWT of type dpop+jwt signed by its own jwk with an accepted algorithm')
  })
  const { jti, htm, htu, iat, ath } = payload

  insist(typeof jti === 'string' && jti !== '' && jti.length <= 1024, 'jti of the DPoP proof is missing or too long')
  insist(htm === method, 'htm of the DPoP proof is not the method of the request')
  insist(isFor(htu, urls), 'htu of the DPoP proof is not the URL of the request')
  insist(typeof iat === 'number' && iat <= now + window.ahead && iat >= now - window.behind, 'iat of the DPoP proof is not recent enough')
  insist(ath === createHash('sha256').update(accessToken).digest('base64url'), 'ath of the DPoP proof is not the hash of the access token')

  const jkt = await calculateJwkThumbprint(protectedHeader.jwk as Parameters<typeof calculateJwkThumbprint>[0])
  return {
    header: { ...protectedHeader },
    claims: payload,
    jkt,
    jti: jti as string,
    acceptableUntil: (iat as number) + window.behind + MARGIN,
  }
}

function isFor(htu: unknown, urls: readonly string[]): boolean {
  const meant = comparableUrl(htu)
  return meant !== undefined && urls.some((url) => comparableUrl(url) === meant)
}

function insist(holds: boolean, otherwise: string): void {
  if (!holds) throw new DpopError(otherwise)
}
