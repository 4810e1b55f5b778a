import type { KeyObject } from 'node:crypto'
import type { IncomingHttpHeaders } from 'node:http'
import { ConfigurationError, reasonOf } from '../core/errors.js'
import type { Jwk } from '../core/facts.js'
import { FAPI_ALGORITHMS } from '../core/jwk.js'
import { freshCopy } from './fresh-copy.js'
import { KeySetError } from './key-set-error.js'
import { algorithmFaults, type KeySetOptions, keySetFaults, type LocalKeySetOptions } from './key-set-options.js'
import { missingKids } from './missing-kids.js'
import { type Moment, secondsSince, thisMoment } from './moment.js'
import { OutboundError, outbound } from './outbound.js'
import { findKey, noKey, readKeySet, type VerificationKeys, type WantedKey, wantedKey } from './verification-keys.js'

interface Header {
  readonly alg?: unknown
  readonly kid?: unknown
}

/**
 * Finds the key that verifies a JWS, by what its header says; fits as the key of jose's `jwtVerify`. Rejects with a `KeySetError`
 * that tells whether the token is at fault or its issuer.
 */
export interface KeySource {
  (header: Header): Promise<KeyObject>
  /** The same key where it can be told without waiting. */
  readonly atHand?: (header: Header) => KeyObject | undefined
}

/** Our choice: the least seconds of freshness, which is what an issuer gets that asks for none. */
const LEAST_FRESHNESS = 60

/**
 * Verifies with the public keys that an issuer publishes at an https URL. They are read when the first token comes, and each is
 * imported once. Throws a `ConfigurationError`.
 */
export function keySet(url: string | URL, options: KeySetOptions = {}): KeySource {
  const faults = keySetFaults(url, options)
  if (faults.length > 0) throw new ConfigurationError(faults)
  const { maxAge = 600, staleIfError = 86_400, cooldown = 5, algorithms = FAPI_ALGORITHMS } = options
  const [target, served] = [new URL(url), [...algorithms]]
  const fetchText = outbound(options)
  const copy = freshCopy({ read, staleIfError, onFailure: warn })
  const missing = missingKids(2 * cooldown)
  let lookedAt: Moment | undefined

  return Object.assign(keyOf, { atHand: (header: Header) => keyIn(copy.fresh(), header, served) })

  async function keyOf(header: Header) {
    const wanted = wantedKey(header, served)
    const before = copy.held()?.value
    const keys = await copy.get().catch((cause) => {
      throw unavailable(cause, copy.held() ? 'and those at hand are too old to go on with' : 'and none are at hand')
    })
    const key = findKey(keys, wanted)
    if (key) return key
    if (missing.has(wanted)) throw noKey(keys, wanted)
    // What was read while this waited is new enough.
    const newest = keys === before ? await lookAgain(keys, wanted) : keys
    const found = findKey(newest, wanted)
    if (found) return found
    missing.add(wanted)
    throw noKey(newest, wanted)
  }

  async function read(last: VerificationKeys | undefined) {
    const { headers, text } = await fetchText(target)
    const value = readKeySet(parsed(text), served, last)
    if (typeof value === 'string') throw new OutboundError(`${target.origin}${target.pathname} ${value}`)
    return { value, freshFor: freshness(headers, maxAge) }
  }

  /** Reads the set anew for a key that is not in it, unless that has just been done for another one. */
  async function lookAgain(keys: VerificationKeys, wanted: WantedKey): Promise<VerificationKeys> {
    const newer = 'and the token needs one that is not at hand'
    if (!copy.isRefreshing() && lookedAt && secondsSince(lookedAt) < cooldown) {
      const failure = copy.failure()
      throw failure ? unavailable(failure.cause, newer) : noKey(keys, wanted)
    }
    try {
      return await copy.refresh()
    } catch (cause) {
      throw unavailable(cause, newer)
    } finally {
      lookedAt = thisMoment()
    }
  }

  function warn(cause: unknown) {
    const held = copy.held()
    if (!held) return
    const rest = `those of ${Math.floor(held.age)} seconds ago go on verifying, up to ${staleIfError} seconds beyond their time`
    process.emitWarning(`the keys of an issuer could not be read (${reasonOf(cause)}); ${rest}`, { code: 'FAPI_KEYS' })
  }
}

const unavailable = (cause: unknown, rest: string) =>
  new KeySetError('issuer', `the keys of the issuer could not be read (${reasonOf(cause)}), ${rest}`, { cause })

/** Verifies with public keys that are at hand. Throws a `ConfigurationError` when none of them can verify anything. */
export function localKeySet(jwks: { readonly keys: readonly Jwk[] }, { algorithms = FAPI_ALGORITHMS }: LocalKeySetOptions = {}): KeySource {
  const faults = algorithmFaults(algorithms)
  if (faults.length > 0) throw new ConfigurationError(faults)
  const served = [...algorithms]
  const keys = readKeySet(jwks, served)
  // Neither says what is in a key: it may be a private one.
  if (typeof keys === 'string')
    throw new ConfigurationError([{ option: 'jwks', got: typeof jwks, allowed: `must be a JWK Set; it ${keys}` }])
  if (keys.keys.length === 0) {
    const allowed = `must have a public key for ${served.join(' or ')}`
    throw new ConfigurationError([{ option: 'jwks', got: keys.refused.map(({ why }) => why), allowed }])
  }

  const keyOf = async (header: Header) => {
    const wanted = wantedKey(header, served)
    const key = findKey(keys, wanted)
    if (!key) throw noKey(keys, wanted)
    return key
  }
  return Object.assign(keyOf, { atHand: (header: Header) => keyIn(keys, header, served) })
}

/** The key that is asked for; `undefined` also where there is something to say against it. */
function keyIn(keys: VerificationKeys | undefined, header: Header, served: readonly string[]): KeyObject | undefined {
  try {
    return keys && findKey(keys, wantedKey(header, served))
  } catch {
    return undefined
  }
}

/** Seconds for which an answer is fresh (RFC 9111 §4.2.1), within our bounds. */
function freshness({ 'cache-control': control = '', age = '' }: IncomingHttpHeaders, maxAge: number): number {
  const least = Math.min(LEAST_FRESHNESS, maxAge)
  if (/(?:^|[\s,])no-(?:cache|store)(?:$|[\s,=])/i.test(control)) return least
  const [, seconds] = /(?:^|[\s,])max-age="?(\d+)/i.exec(control) ?? []
  if (seconds === undefined) return maxAge
  return Math.min(Math.max(Number(seconds) - (/^\d+$/.test(age) ? Number(age) : 0), least), maxAge)
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}
