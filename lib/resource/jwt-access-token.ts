import type { KeyObject } from 'node:crypto'
import { isAhead, isText, isTime } from '../core/claims.js'
import { listed } from '../core/shown.js'
import { aheadDetail, claimDetail, expiredDetail, fault, isFault, type JwtFault, missingDetail } from '../readers/jwt-fault.js'
import type { KeySource } from '../readers/key-set.js'
import { takeApart, verifyingKey } from '../readers/signed-jwt.js'

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
export const AHEAD = 30

/** The issuer that a token names, unverified; `undefined` for what is no JWT. */
export function namedIssuer(token: string): unknown {
  return takeApart(token)?.claims.iss
}

/**
 * Verifies an access token that is a JWT (RFC 9068 §4). Resolves to what it says, or to what is wrong with it. Rejects when its
 * issuer's keys cannot be had.
 */
export async function readJwtAccessToken(
  token: string,
  { issuer, audiences, keys, now }: JwtExpectations,
): Promise<VerifiedJwt | JwtFault> {
  const jwt = takeApart(token)
  if (!jwt)
    return fault(
      'readable',
      'the access token is not a JWT',
      `it has ${token.split('.').length} parts, and 3 are JSON in base64url in a JWT`,
    )
  const { header, claims } = jwt
  if (typeof header.typ !== 'string' || !/^(?:application\/)?at\+jwt$/i.test(header.typ))
    return fault('readable', 'typ of the access token is not at+jwt', claimDetail('typ', header.typ, ['at+jwt']))
  const wrong = wrongClaim(claims, issuer, audiences, now)
  if (wrong !== undefined) return wrong
  const key = await verifyingKey(jwt, keys, 'the access token')
  return isFault(key) ? key : { claims, header, key }
}

const REQUIRED = ['sub', 'client_id', 'jti'] as const

function wrongClaim(claims: Claims, issuer: string, audiences: readonly string[], now: number): JwtFault | undefined {
  const { iss, aud, exp, iat, nbf } = claims
  if (iss !== issuer) return otherIssuer(iss, [issuer])
  if (![aud].flat().some((audience) => isText(audience) && audiences.includes(audience))) return otherAudience(aud, audiences)
  if (!isTime(exp)) return fault('claims', 'exp of the access token is missing', missingDetail('exp', exp))
  if (exp <= now) return fault('expired', 'the access token has expired', expiredDetail(exp, now))
  if (!isTime(iat)) return fault('claims', 'iat of the access token is missing', missingDetail('iat', iat))
  if (isAhead(iat, now, AHEAD) || isAhead(nbf, now, AHEAD))
    return fault('not-yet-valid', 'the access token is not valid yet', aheadDetail({ iat, nbf }, now, AHEAD))
  const missing = REQUIRED.find((name) => !isText(claims[name]))
  if (missing === undefined) return undefined
  const all = REQUIRED.filter((name) => !isText(claims[name]))
  return fault('claims', `${missing} of the access token is missing`, `missing, or no text: ${listed(all)}`)
}

/** States that a token is of another issuer. */
export const otherIssuer = (iss: unknown, known: readonly string[]): JwtFault =>
  fault('issuer', 'iss of the access token is another issuer', claimDetail('iss', iss, known))

/** States that a token is for another API. */
export const otherAudience = (aud: unknown, audiences: readonly string[]): JwtFault =>
  fault('audience', 'aud of the access token is another API', claimDetail('aud', aud, audiences))
