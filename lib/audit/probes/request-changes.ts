import type { Jwk } from '../../core/facts.js'
import { freshKeys } from '../../readers/fresh-keys.js'
import type { Attempt } from '../attempt.js'
import type { Scene } from '../scene.js'
import type { Draft } from '../signing.js'

/* What probes do to a legal request. */

type Members = Readonly<Record<string, unknown>>

/** Without what is `undefined`. */
const changed = (members: Members, change: Members): Members =>
  Object.fromEntries(Object.entries({ ...members, ...change }).filter(([, value]) => value !== undefined))

/** A JWT with other claims; `undefined` takes one out. */
export const withClaims = (draft: Draft, claims: Members): Draft => ({ ...draft, claims: changed(draft.claims, claims) })

/** A JWT with another header; `undefined` takes a member out. */
export const withHeader = (draft: Draft, header: Members): Draft => ({ ...draft, header: changed(draft.header, header) })

/** The parameters that count: inside the request object where there is one. `undefined` takes one out. */
export function withParams(legal: Attempt, params: Readonly<Record<string, string | undefined>>): Attempt {
  if (legal.requestObject) return { ...legal, requestObject: withClaims(legal.requestObject, params) }
  return { ...legal, params: { ...legal.params, ...params } }
}

/** The value of a parameter that counts. */
export const paramOf = ({ requestObject, params }: Attempt, name: string): unknown =>
  requestObject ? requestObject.claims[name] : params[name]

export const seconds = (): number => Math.floor(Date.now() / 1000)

/** A private key that nobody registered. */
export function strangeKey(alg: string): Jwk {
  const kind = alg.startsWith('PS') || alg.startsWith('RS') ? 'RSA' : alg === 'ES256' ? 'P-256' : 'Ed25519'
  return { ...freshKeys(kind).privateKey.export({ format: 'jwk' }) }
}

/** The algorithm that FAPI forbids; only an RSA key of the client shows whether it is taken. */
export function withRs256(draft: Draft, { party }: Pick<Scene, 'party'>): Draft | undefined {
  const key = party?.keys.find(({ kty, d }) => kty === 'RSA' && d !== undefined)
  return key && { ...withHeader(draft, { alg: 'RS256', kid: key.kid }), key }
}

/** Why RS256 cannot be tried. */
export const NO_RSA_KEY = 'The client has no RSA key to sign with RS256: give one with --key whose public part is registered.'
