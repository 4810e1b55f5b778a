import type { KeyObject } from 'node:crypto'
import { isText } from '../core/claims.js'
import type { Jwk } from '../core/facts.js'
import { canServe, PRIVATE_MEMBERS } from '../core/jwk.js'
import { weakPublicKey } from '../core/key-strength.js'
import { listed, shown } from '../core/shown.js'
import { signedBy } from './jwt-fault.js'
import { KeySetError } from './key-set-error.js'
import { PUBLIC_MEMBERS, publicKeyOf } from './public-key.js'
import { isSmallOrder } from './small-order.js'

/** A key that may verify signatures. */
interface VerificationKey {
  readonly kid: unknown
  /** The JWS algorithms it serves. */
  readonly algorithms: readonly string[]
  readonly key: KeyObject
  /** What it was made from, to know it again. */
  readonly material: string
}

/** The keys of a set that may verify signatures, and why the others may not. */
export interface VerificationKeys {
  readonly keys: readonly VerificationKey[]
  readonly refused: readonly { readonly kid: unknown; readonly why: string }[]
}

/** What a token's header asks for. */
export interface WantedKey {
  readonly alg: string
  readonly kid: string | undefined
}

/** Keys in a set and characters of a kid, our choice: issuers have a handful of keys, with thumbprints or names. */
const MOST_KEYS = 100
const LONGEST_KID = 512

/**
 * Reads a JWK Set (RFC 7517 §5), or says why it is none. A key that nothing may be verified with is left out, and the others
 * stay; one that was there before, in `last`, is not imported again.
 */
export function readKeySet(set: unknown, algorithms: readonly string[], last?: VerificationKeys): VerificationKeys | string {
  const { keys: listed }: { readonly keys?: unknown } = typeof set === 'object' && set !== null ? set : {}
  if (!Array.isArray(listed)) return 'is no JWK Set: an object with a list of keys'
  if (listed.length > MOST_KEYS) return `has ${listed.length} keys, more than ${MOST_KEYS} are not read`
  const known = new Map(last?.keys.map(({ material, key }) => [material, key]))
  const keys: VerificationKey[] = []
  const refused: { kid: unknown; why: string }[] = []
  for (const entry of listed) {
    const jwk: Jwk = typeof entry === 'object' && entry !== null ? entry : {}
    const read = readKey(jwk, algorithms, known)
    if (typeof read === 'string') refused.push({ kid: jwk.kid, why: read })
    else keys.push(read)
  }
  return { keys, refused }
}

function readKey(jwk: Jwk, algorithms: readonly string[], known: ReadonlyMap<string, KeyObject>): VerificationKey | string {
  const { kid, use, key_ops: operations } = jwk
  if (PRIVATE_MEMBERS.some((member) => jwk[member] !== undefined)) return 'it is private or symmetric, and shown to everybody'
  if (use !== undefined && use !== 'sig') return 'it is not for signatures (use)'
  if (operations !== undefined && !(Array.isArray(operations) && operations.includes('verify'))) return 'it is not for verifying (key_ops)'
  const served = algorithms.filter((alg) => canServe(jwk, alg))
  if (served.length === 0) return `it serves none of ${algorithms.join(', ')}`
  const material = JSON.stringify(PUBLIC_MEMBERS.map((member) => jwk[member]))
  const key = known.get(material) ?? publicKeyOf(jwk)
  if (!key) return 'it is no valid key'
  const weak = weakness(key)
  return weak ?? { kid, algorithms: served, key, material }
}

/** FAPI2-SP-5.4.1-2 and -3. */
const weakness = (key: KeyObject): string | undefined =>
  weakPublicKey(key, 'it', 224) ?? (isSmallOrder(key) ? 'it is a point with which anybody can sign' : undefined)

/** What the header of a token asks for. Throws a `KeySetError` for what no key may serve. */
export function wantedKey(header: unknown, algorithms: readonly string[]): WantedKey {
  const { alg, kid }: { readonly alg?: unknown; readonly kid?: unknown } = typeof header === 'object' && header !== null ? header : {}
  if (!isText(alg) || !algorithms.includes(alg)) throw new KeySetError('token', `alg of the token must be one of ${algorithms.join(', ')}`)
  if (kid === undefined) return { alg, kid }
  if (typeof kid !== 'string' || kid.length > LONGEST_KID)
    throw new KeySetError('token', `kid of the token must be a string of at most ${LONGEST_KID} characters`)
  return { alg, kid }
}

/** The one key that fits, or nothing. Throws a `KeySetError` when several do. */
export function findKey({ keys }: VerificationKeys, { alg, kid }: WantedKey): KeyObject | undefined {
  const [first, ...others] = keys.filter((one) => one.algorithms.includes(alg) && (kid === undefined || one.kid === kid))
  // One key may be listed twice, with each of two algorithms or with none.
  if (others.some(({ material }) => material !== first?.material))
    throw new KeySetError(
      'token',
      kid === undefined
        ? 'several keys of the issuer fit: kid of the token must name one'
        : 'several keys of the issuer have the kid of the token',
      { detail: `${signedBy({ alg, kid })}: ${1 + others.length} keys fit; known is ${keysIn(keys)}` },
    )
  return first?.key
}

/** Why no key fits. */
export function noKey({ keys, refused }: VerificationKeys, wanted: WantedKey): KeySetError {
  const { kid } = wanted
  const unusable = kid === undefined ? undefined : refused.find((one) => one.kid === kid)
  const detail = `${signedBy({ ...wanted })}; known is ${keysIn(keys)}`
  if (unusable)
    return new KeySetError('token', `the key that the token names cannot be used: ${unusable.why}`, {
      detail: `${detail}; the key with kid ${shown(kid)} is not used: ${unusable.why}`,
    })
  return new KeySetError('token', `the issuer has no key for alg${kid === undefined ? '' : ' and kid'} of the token`, { detail })
}

/** The keys of a set by name, for the operator. */
const keysIn = (keys: VerificationKeys['keys']): string =>
  listed(
    keys,
    'no key that can be used',
    ({ kid, algorithms }) => `${kid === undefined ? 'a key without kid' : `kid ${shown(kid)}`} (${algorithms.join(' or ')})`,
  )
