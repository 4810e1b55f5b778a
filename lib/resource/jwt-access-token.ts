import type { KeyObject } from 'node:crypto'
import { isAhead, isText, isTime } from '../core/claims.js'
import { FAPI_ALGORITHMS } from '../core/jwk.js'
import { compactJws, isSigned, jsonPart } from '../readers/jws.js'
import type { KeySource } from '../readers/key-set.js'
import { KeySetError } from '../readers/key-set-error.js'

type Claims = Readonly<Record<string, unknown>>

/** A JWT that holds, and the key that said so. */
export interface VerifiedJwt {
  readonly claims: Claims
  readonly header: Claims
  readonly key: KeyObject
}

export interface JwtExpectations {
  readonly issuer: string
  readonly audiences: readonly string[]
  readonly keys: KeySource
  /** Epoch seconds. */
  readonly now: number
}

/** Characters of an access token, our choice: more than headers usually hold. */
export const LONGEST = 32_768
/** Seconds by which the issuer's clock may be ahead. Our choice, within FAPI2-SP-5.3.2.1-13. */
const AHEAD = 30

/** The issuer that a token names, unverified; `undefined` for what is no JWT. */
export function namedIssuer(token: string): unknown {
  const jws = compactJws(token)
  return jws && jsonPart(jws.header) ? jsonPart(jws.payload)?.iss : undefined
}

/**
 * Verifies an access token that is a JWT (RFC 9068 §4). Resolves to what it says, or to what is wrong with it. Rejects when its
 * issuer's keys cannot be had.
 */
export async function readJwtAccessToken(token: string, { issuer, audiences, keys, now }: JwtExpectations): Promise<VerifiedJwt | string> {
  const jws = compactJws(token)
  const header = jws && jsonPart(jws.header)
  const claims = jws && jsonPart(jws.payload)
  if (!jws || !header || !claims) return 'the access token is not a JWT'
  const { typ, alg, crit } = header
  if (typeof typ !== 'string' || !/^(?:application\/)?at\+jwt$/i.test(typ)) return 'typ of the access token is not at+jwt'
  if (!isText(alg) || !FAPI_ALGORITHMS.some((known) => known === alg))
    return 'the access token is signed with an algorithm that is not accepted'
  if (crit !== undefined) return 'the access token has critical header members that are not understood'
  const wrong = wrongClaim(claims, issuer, audiences, now)
  if (wrong !== undefined) return wrong
  try {
    const key = await keys(header)
    return (await isSigned(jws, alg, key)) ? { claims, header, key } : 'the signature of the access token does not hold'
  } catch (error) {
    if (error instanceof KeySetError && error.kind === 'token') return error.message
    throw error
  }
}

const REQUIRED = ['sub', 'client_id', 'jti'] as const

function wrongClaim(claims: Claims, issuer: string, audiences: readonly string[], now: number): string | undefined {
  const { iss, aud, exp, iat, nbf } = claims
  if (iss !== issuer) return 'iss of the access token is another issuer'
  if (![aud].flat().some((audience) => isText(audience) && audiences.includes(audience))) return 'aud of the access token is another API'
  if (!isTime(exp)) return 'exp of the access token is missing'
  if (exp <= now) return 'the access token has expired'
  if (!isTime(iat)) return 'iat of the access token is missing'
  if (isAhead(iat, now, AHEAD) || isAhead(nbf, now, AHEAD)) return 'the access token is not valid yet'
  const missing = REQUIRED.find((name) => !isText(claims[name]))
  return missing && `${missing} of the access token is missing`
}
