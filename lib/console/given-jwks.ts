import type { KeyObject, X509Certificate } from 'node:crypto'
import { isText, isTime } from '../core/claims.js'
import type { Jwk } from '../core/facts.js'
import { PRIVATE_MEMBERS } from '../core/jwk.js'
import { CURVE_BITS } from '../core/key-strength.js'
import { publicKeyOf } from '../readers/public-key.js'
import { GivenError } from './given-error.js'
import { type Candidate, certificateIn, FORMS, insistOnFew, MOST_ISSUERS, unreadable, weaknesses } from './given-key.js'
import { keyThumbprint } from './key-thumbprint.js'
import { pemBlocks, privateKeyFound } from './pem-blocks.js'

/** Characters of a kid; our choice, as long as thumbprints and names need. */
const LONGEST_KID = 512

/** Reads a JWK Set, a list of JWKs or one JWK, as JSON. Throws a `GivenError`. */
export function keysInJson(text: string): readonly Candidate[] {
  const { value, isSecret } = parsed(text)
  // What is secret is told first, wherever it stands: it matters more than all else that may be wrong.
  if (isSecret) {
    const keys = keysOf(value)
    for (const [index, jwk] of Array.isArray(keys) ? keys.entries() : []) if (isObject(jwk)) refuseSecrets(jwk, nameOf(index))
    throw privateKeyFound('the text holds')
  }
  const given = listedIn(keysOf(value))
  insistOnFew(given.length)
  return given.map((jwk, index) => readJwk(jwk, nameOf(index)))
}

function parsed(text: string): { readonly value: unknown; readonly isSecret: boolean } {
  let isSecret = false
  const look = (_name: string, value: unknown) => {
    isSecret ||= isObject(value) && hasSecret(value)
    return value
  }
  try {
    const value: unknown = JSON.parse(text, look)
    return { value, isSecret }
  } catch {
    if (isSecret || SECRET_TEXT.test(text)) throw privateKeyFound('the text, which is cut off or damaged, holds')
    pemBlocks(text)
    // Without the cause, which may quote the text.
    throw unreadable(`the text begins as JSON and is none: a bracket, comma or quotation mark may be missing. It should be ${FORMS}`)
  }
}

/** The private member of a key, in what is no JSON. */
const SECRET_TEXT = /"(?:d|k)"\s{0,20}:\s{0,20}"/

const hasSecret = (jwk: Jwk) => jwk.kty === 'oct' || ('kty' in jwk && PRIVATE_MEMBERS.some((member) => Object.hasOwn(jwk, member)))

const isObject = (value: unknown): value is Jwk => typeof value === 'object' && value !== null && !Array.isArray(value)

/** The list of a set; a key alone is a list of one. */
function keysOf(set: unknown): unknown {
  if (!isObject(set)) return set
  return 'keys' in set ? set.keys : [set]
}

function listedIn(keys: unknown): readonly Jwk[] {
  if (!Array.isArray(keys)) throw unreadable('keys is no list: a JWK Set is {"keys": [...]} (RFC 7517 section 5)')
  if (keys.length === 0) throw unreadable('the list of keys is empty, where at least one public key should be')
  const wrong = keys.findIndex((key) => !isObject(key))
  if (wrong !== -1) throw unreadable(`${nameOf(wrong)} is no JWK: it should be an object with kty and the members of its type`)
  return keys.filter(isObject)
}

const nameOf = (index: number) => `key ${index + 1}`

function refuseSecrets(jwk: Jwk, name: string): void {
  if (jwk.kty === 'oct')
    throw new GivenError(
      'secret',
      `${name} is symmetric: whoever can check with it can also sign with it. It must be considered known now; give the public half of a pair of keys (RSA, EC or OKP)`,
    )
  if (hasSecret(jwk)) throw privateKeyFound(`${name} is`)
}

/** What makes a key of each type (RFC 7518 §6, RFC 8037 §2). */
const MAKING: ReadonlyMap<unknown, readonly string[]> = new Map([
  ['RSA', ['n', 'e']],
  ['EC', ['crv', 'x', 'y']],
  ['OKP', ['crv', 'x']],
])
/** What else is kept of a JWK: its name, its purpose, its times, and its certificates by value. */
const TEXTS = ['kid', 'kty', 'use', 'alg']
const TIMES = ['iat', 'nbf', 'exp']
const LISTS = ['key_ops', 'x5c']
const MEMBERS = 'the members that RFC 7518 section 6 gives its kty'

function readJwk(given: Jwk, name: string): Candidate {
  const making = MAKING.get(given.kty)
  if (!making) throw unreadable(`${name} has no kty that is known: it should be RSA, EC or OKP`)
  const kept = [...TEXTS, ...making, ...TIMES, ...LISTS].filter((member) => Object.hasOwn(given, member))
  const jwk = Object.fromEntries(kept.map((member) => [member, given[member]]))
  const { kty, crv, kid, key_ops: operations, x5c } = jwk
  const noText = TEXTS.find((member) => Object.hasOwn(jwk, member) && !isText(jwk[member]))
  if (noText !== undefined) throw unreadable(`${noText} of ${name} should be a string that is not empty`)
  const noTime = TIMES.find((member) => Object.hasOwn(jwk, member) && !isTime(jwk[member]))
  if (noTime !== undefined) throw unreadable(`${noTime} of ${name} should be a time in epoch seconds`)
  if (isText(kid) && kid.length > LONGEST_KID) throw unreadable(`kid of ${name} should have at most ${LONGEST_KID} characters`)
  if (crv !== undefined && !(isText(crv) && /^[\w.-]{1,40}$/.test(crv)))
    throw unreadable(`crv of ${name} should be the name of a curve, such as P-256`)
  if (operations !== undefined && !(Array.isArray(operations) && operations.every(isText)))
    throw unreadable(`key_ops of ${name} should be a list of strings`)
  const thumbprint = keyThumbprint(jwk)
  if (thumbprint === undefined) throw unreadable(`${name} is no key: it should have ${MEMBERS}`)
  const key = publicKeyOf(jwk)
  // A curve that is not known here is for the rules to refuse: whether the point is on it cannot be told.
  if (!key && (kty === 'RSA' || CURVE_BITS.has(crv))) throw unreadable(`${name} is no valid public key: ${MEMBERS} do not fit together`)
  const [own, ...issuers] = x5c === undefined ? [] : chainOf(x5c, key, name)
  return { jwk, thumbprint, own, issuers, warnings: weaknesses(key, crv) }
}

/** RFC 7517 §4.7: standard base64 of DER, the key's own certificate first. */
function chainOf(x5c: unknown, key: KeyObject | undefined, name: string): readonly X509Certificate[] {
  const chain: readonly unknown[] = Array.isArray(x5c) ? x5c : []
  if (chain.length === 0 || chain.length > MOST_ISSUERS + 1 || !chain.every(isText))
    throw unreadable(`x5c of ${name} should be a list of 1 to ${MOST_ISSUERS + 1} certificates, as base64 of their DER`)
  const certificates = chain.map((der) => certificateIn(String(der), `a certificate in x5c of ${name}`))
  const isOwn = key !== undefined && certificates[0]?.publicKey.equals(key)
  if (!isOwn) throw unreadable(`the first certificate in x5c of ${name} is of another key, it should be its own (RFC 7517 section 4.7)`)
  return certificates
}
