import type { KeyObject } from 'node:crypto'
import { isAhead, isText, isTime } from '../core/claims.js'
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
const AHEAD = 30

/** The issuer that a token names, unverified; `undefined` for what is no JWT. */
export function namedIssuer(token: string): unknown {
  return takeApart(token)?.claims.iss
}

/**
 * Verifies an access token that is a JWT (RFC 9068 §4). Resolves to what it says, or to what is wrong with it. Rejects when its
 * issuer's keys cannot be had.
 */
export async function readJwtAccessToken(token: string, { issuer, audiences, keys, now }: JwtExpectations): Promise<VerifiedJwt | string> {
  const jwt = takeApart(token)
  if (!jwt) return 'the access token is not a JWT'
  const { header, claims } = jwt
  if (typeof header.typ !== 'string' || !/^(?:application\/)?at\+jwt$/i.test(header.typ)) return 'typ of the access token is not at+jwt'
  const wrong = wrongClaim(claims, issuer, audiences, now)
  if (wrong !== undefined) return wrong
  const key = await verifyingKey(jwt, keys, 'the access token')
  return typeof key === 'string' ? key : { claims, header, key }
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
