import { isText, isTime } from '../core/claims.js'
import { deepFreeze } from '../core/deep-freeze.js'
import { ConfigurationError, type ConfigurationFault } from '../core/errors.js'
import type { Client, Token } from '../core/facts.js'
import { forgetOldest } from '../core/forget-oldest.js'
import type { Policy } from '../core/policy.js'
import { shown } from '../core/shown.js'
import { aheadDetail, claimDetail, expiredDetail, isFault, type JwtFault } from '../readers/jwt-fault.js'
import { KeySetError } from '../readers/key-set-error.js'
import { type Issuer, unknownClient } from './issuer.js'
import { AHEAD, LONGEST, namedIssuer, otherAudience, otherIssuer, readJwtAccessToken, type VerifiedJwt } from './jwt-access-token.js'

/** An access token that holds. */
export interface AccessToken {
  readonly issuer: string
  readonly claims: Token['claims']
  readonly client: Client | undefined
  readonly policy: Policy
}

/** Why an access token is worth nothing: for its sender, and for the operator. */
export interface Worthless {
  readonly description: string
  /** What should have held, by the name it is recorded under. */
  readonly rule: string
  readonly detail?: string
}

/** Finds out what an access token is worth; resolves to why that is nothing. `hash` stands for the token where it is remembered. */
export type AccessTokens = (token: string, hash: string, now: number) => AccessToken | Worthless | Promise<AccessToken | Worthless>

/** A verified JWT, and by which key of whom. */
interface Kept {
  readonly token: AccessToken
  readonly jwt: VerifiedJwt
  readonly from: Issuer
}

/** Verified tokens that are kept, our choice: each takes about as much as its text. */
const KEPT = 10_000
const unknown = (rule: string, detail: string): Worthless => ({
  description: 'the access token is unknown, expired or revoked',
  rule,
  detail,
})

/**
 * The access tokens of one issuer or several. JWTs are verified once and remembered until they expire; what only the issuer can
 * read is asked of it. Throws a `ConfigurationError`.
 */
export function accessTokens(policy: Policy, issuers: readonly Issuer[]): AccessTokens {
  const faults = issuerFaults(issuers)
  if (faults.length > 0) throw new ConfigurationError(faults)
  const known = issuers.map((one) => ({ ...one, audiences: [one.audience].flat() }))
  const verified = new Map<string, Kept>()

  return function accessToken(token, hash, now) {
    if (token.length > LONGEST)
      return named('readable', 'the access token is too long', `it has ${token.length} characters, it may have ${LONGEST}`)
    const kept = verified.get(hash)
    // As most requests go: nothing to wait for.
    if (kept && isInTime(kept, now) && kept.from.keys?.atHand?.(kept.jwt.header) === kept.jwt.key) return asRegistered(kept)
    return look(token, hash, now, kept)
  }

  async function look(token: string, hash: string, now: number, kept: Kept | undefined): Promise<AccessToken | Worthless> {
    if (kept && isInTime(kept, now) && (await isStillPublished(kept))) return asRegistered(kept)
    verified.delete(hash)
    const iss = namedIssuer(token)
    const issuer = known.find(({ issuer }) => issuer === iss)
    if (issuer?.keys) return readJwt(issuer, token, hash, now)
    const owner = issuer ?? (iss === undefined ? opaqueOwner(token) : undefined)
    if (owner?.tokens) return lookUp(owner, token, now)
    const detail =
      iss === undefined
        ? 'it is no JWT that can be read, and no issuer says that it is its own'
        : claimDetail(
            'iss',
            iss,
            known.map((one) => one.issuer),
          )
    return named('issuer', 'the access token is of an issuer that is not accepted', detail)
  }

  /** A registration may change while a token lives. */
  function asRegistered({ from, token }: Kept): AccessToken | Promise<AccessToken | Worthless> {
    return from.clientOf ? described(from, token.claims) : token
  }

  /** An issuer that withdraws a key takes back what it has signed with it. */
  async function isStillPublished({ jwt, from }: Kept): Promise<boolean> {
    try {
      return (await from.keys?.(jwt.header)) === jwt.key
    } catch (error) {
      if (error instanceof KeySetError && error.kind === 'token') return false
      throw error
    }
  }

  async function readJwt({ keys, audiences, ...issuer }: (typeof known)[number], token: string, hash: string, now: number) {
    if (!keys) return unknown('access-token-known', 'its issuer has no keys')
    const jwt = await readJwtAccessToken(token, { issuer: issuer.issuer, audiences, keys, now })
    if (isFault(jwt)) return named(jwt.kind, jwt.description, jwt.detail)
    const found = await described(issuer, deepFreeze(jwt.claims))
    if ('rule' in found) return found
    verified.set(hash, { token: found, jwt, from: { ...issuer, keys } })
    forgetOldest(verified, KEPT)
    return found
  }

  async function lookUp({ tokens, audiences, ...issuer }: (typeof known)[number], token: string, now: number) {
    const found = await tokens?.(token)
    if (!found) return unknown('access-token-known', 'its issuer says that it is not active')
    const { iss = issuer.issuer, aud = audiences, exp, nbf } = found.claims
    if (iss !== issuer.issuer) return ofFault(otherIssuer(iss, [issuer.issuer]))
    if (![aud].flat().some((audience) => isText(audience) && audiences.includes(audience))) return ofFault(otherAudience(aud, audiences))
    // Of tokens that do not say, their issuer knows.
    if (exp !== undefined && !(isTime(exp) && exp > now))
      return unknown('access-token-expired', isTime(exp) ? expiredDetail(exp, now) : `exp is ${shown(exp)}, it must be a time`)
    if (nbf !== undefined && !(isTime(nbf) && nbf <= now + AHEAD))
      return unknown('access-token-not-yet-valid', aheadDetail({ nbf }, now, AHEAD))
    // Whoever looked it up may keep it: what a handler does to it is not for the next request to see.
    return described(issuer, deepFreeze(structuredClone(found.claims)), found.client)
  }

  function opaqueOwner(token: string) {
    const candidates = known.filter(({ tokens }) => tokens !== undefined)
    // A JWT that is damaged or encrypted may be another's.
    const isAnyones = known.length === 1 || !/^eyJ[^.]*\./.test(token)
    return isAnyones && candidates.length === 1 && !candidates[0]?.owns
      ? candidates[0]
      : candidates.find(({ owns }) => owns?.(token) === true)
  }

  async function described(
    { issuer, policy: own, clientOf }: Issuer,
    claims: Token['claims'],
    client?: Client,
  ): Promise<AccessToken | Worthless> {
    const { client_id } = claims
    if (client_id !== undefined && !isText(client_id))
      return named('claims', 'client_id of the access token is none', `client_id is ${shown(client_id)}, it must be a text`)
    const registered = client ?? (isText(client_id) ? await clientOf?.(client_id) : undefined)
    if (clientOf && !registered)
      return {
        description: 'the client of the access token is not known',
        rule: 'client-known',
        detail: `client_id is ${shown(client_id)}`,
      }
    return Object.freeze({
      issuer,
      claims,
      client: registered ?? (isText(client_id) ? unknownClient(client_id) : undefined),
      policy: own ?? policy,
    })
  }
}

const named = (of: string, description: string, detail: string): Worthless => ({ description, rule: `access-token-${of}`, detail })
const ofFault = ({ kind, description, detail }: JwtFault): Worthless => named(kind, description, detail)

const isInTime = ({ token }: Kept, now: number) => Number(token.claims.exp) > now

function issuerFaults(issuers: readonly Issuer[]): ConfigurationFault[] {
  const faults: ConfigurationFault[] = []
  const fault = (option: string, got: unknown, allowed: string) => void faults.push({ option, got, allowed })
  if (issuers.length === 0) fault('issuers', [], 'must name at least one authorization server')
  const strange = issuers.filter((one) => typeof one !== 'object' || one === null)
  if (strange.length > 0) fault('issuers', strange[0], 'must list issuers: { issuer, audience, keys } or { issuer, audience, tokens }')
  if (faults.length > 0) return faults
  const opaque = issuers.filter(({ tokens }) => tokens !== undefined)
  for (const { issuer, audience, keys, tokens, owns, policy, clientOf } of issuers) {
    const about = `issuers (${String(issuer)})`
    if (!isText(issuer)) fault('issuers.issuer', issuer, 'must be an issuer identifier')
    if ([audience].flat().length === 0 || ![audience].flat().every(isText))
      fault(`${about}.audience`, audience, 'must be the name of this API in aud, or several')
    for (const [option, got] of Object.entries({ keys, tokens, owns, clientOf }))
      if (got !== undefined && typeof got !== 'function') fault(`${about}.${option}`, typeof got, 'must be a function')
    if (policy !== undefined && typeof policy?.decide !== 'function')
      fault(`${about}.policy`, policy, 'must be a policy, of createPolicy()')
    if (!keys && !tokens) fault(about, undefined, 'must have keys (for JWTs) or tokens (for what only the issuer can read)')
    if (tokens && opaque.length > 1 && !owns)
      fault(`${about}.owns`, owns, 'must say which opaque tokens are its own, because several issuers have some')
  }
  const names = issuers.map(({ issuer }) => issuer)
  const twice = names.find((name, index) => names.indexOf(name) !== index)
  if (twice !== undefined) fault('issuers', twice, 'must name each issuer once')
  return faults
}
