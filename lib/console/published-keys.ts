import { isText, isTime } from '../core/claims.js'
import { reasonOf } from '../core/errors.js'
import type { Jwk } from '../core/facts.js'
import { PRIVATE_MEMBERS } from '../core/jwk.js'
import { weakPublicKey } from '../core/key-strength.js'
import { publicKeyOf } from '../readers/public-key.js'
import { isSmallOrder } from '../readers/small-order.js'
import type { RecordStore } from '../stores/store.js'
import type { Console } from './console.js'
import { A_DAY, expiryWarning } from './expiry.js'
import { readGivenCertificate } from './given-certificate.js'
import { keyThumbprint } from './key-thumbprint.js'

/** Where the server's keys are to be had, and certificates to watch; only the first of each is looked at. */
export type KeySources = Partial<Pick<Console, 'jwks' | 'certificates'>>

/** Something to say of a key. `alarm`: it must be mended now; `warning`: soon; `note`: it is good to know. */
export interface KeyNote {
  readonly level: 'note' | 'warning' | 'alarm'
  readonly text: string
}

export interface PublishedKey {
  readonly kid: string | undefined
  readonly kty: string | undefined
  readonly alg: string | undefined
  readonly use: string | undefined
  /** Of an RSA key. */
  readonly bits: number | undefined
  readonly crv: string | undefined
  /** RFC 7638; `undefined` for what is no public key. */
  readonly thumbprint: string | undefined
  /** Epoch seconds; `undefined` when it cannot be told. */
  readonly since: number | undefined
  /** `key`: the key itself says so (`iat`, `nbf`). `seen`: it is when the console first saw it, and the key may be older. */
  readonly since_is: 'key' | 'seen' | undefined
  /** Whole days. */
  readonly age_days: number | undefined
  readonly notes: readonly KeyNote[]
}

export interface WatchedCertificate {
  readonly name: string
  readonly subject_dn: string | undefined
  readonly issuer_dn: string | undefined
  /** `x5t#S256`. */
  readonly thumbprint: string | undefined
  /** Epoch seconds. */
  readonly not_before: number | undefined
  /** Epoch seconds. */
  readonly not_after: number | undefined
  /** Whole days, negative once it is over. */
  readonly expires_in_days: number | undefined
  readonly notes: readonly KeyNote[]
}

export interface PublishedKeys {
  readonly keys: readonly PublishedKey[]
  readonly certificates: readonly WatchedCertificate[]
  /** What is to be said of all of them. */
  readonly notes: readonly KeyNote[]
}

/** The model under which the console remembers when it first saw a key, by its thumbprint. */
const SEEN_KEY = 'SeenKey'
/** Days after which a key is told to be old; our choice. */
const OLD_DAYS = 365
/** Keys that are looked at, our choice: servers have a handful. */
const MOST_KEYS = 100
/** FAPI2-SP-5.4.1-3. */
const CURVE_BITS = 224

/** Looks at the keys that the server publishes and at its certificates; `now` in epoch seconds. What cannot be had or read is told, and nothing is thrown. */
export async function publishedKeys(
  { jwks, certificates }: KeySources,
  store: Pick<RecordStore, 'find' | 'upsert'>,
  now: number,
): Promise<PublishedKeys> {
  const notes: KeyNote[] = []
  const given = await read('key set', async () => listed((await jwks?.())?.keys ?? []), notes)
  const watched = await read('certificates', async () => listed((await certificates?.()) ?? []), notes)
  if (given.length > MOST_KEYS) notes.push(warning(`the key set has ${given.length} keys, only ${MOST_KEYS} are shown`))
  const keys = given.slice(0, MOST_KEYS).map(fieldsOf)
  return Object.freeze({
    keys: Object.freeze(await Promise.all(keys.map((jwk) => describeKey(jwk, keys, store, now)))),
    certificates: Object.freeze(watched.map((one) => describeWatched(fieldsOf(one), now))),
    notes: Object.freeze(notes),
  })
}

const note = (text: string): KeyNote => Object.freeze({ level: 'note', text })
const warning = (text: string): KeyNote => Object.freeze({ level: 'warning', text })
const alarm = (text: string): KeyNote => Object.freeze({ level: 'alarm', text })

async function read(what: string, from: () => Promise<readonly unknown[]>, notes: KeyNote[]): Promise<readonly unknown[]> {
  try {
    return await from()
  } catch (error) {
    notes.push(alarm(`the ${what} cannot be read: ${reasonOf(error)}`))
    return []
  }
}

function listed(value: unknown): readonly unknown[] {
  if (!Array.isArray(value)) throw new TypeError('there is no list')
  return value
}

const fieldsOf = (value: unknown): Jwk => (typeof value === 'object' && value !== null ? { ...value } : {})
const textOf = (value: unknown) => (isText(value) ? value : undefined)

async function describeKey(jwk: Jwk, all: readonly Jwk[], store: Pick<RecordStore, 'find' | 'upsert'>, now: number): Promise<PublishedKey> {
  const { kid, kty, alg, use, crv } = jwk
  const thumbprint = keyThumbprint(jwk)
  const key = publicKeyOf(jwk)
  const { since, since_is } = await sinceOf(jwk, thumbprint, store, now)
  const age = since === undefined ? undefined : Math.floor((now - since) / A_DAY)
  const weak = key && key.asymmetricKeyType?.startsWith('x') !== true ? weakPublicKey(key, 'the key', CURVE_BITS) : undefined
  const secret = secretOf(jwk)
  const notes = [
    secret && alarm(secret),
    !key && kty !== 'oct' && warning('this is no valid public key, or of a kind that is not known here'),
    weak && warning(weak),
    key && isSmallOrder(key) && alarm('the key is a point with which anybody can sign'),
    !isText(kid) && all.length > 1 && warning('it has no kid, so nobody can tell which key signed: each key should have one'),
    isText(kid) &&
      isRepeated(jwk, all) &&
      warning('another key has the same kid: verifiers may take the wrong one, each should have its own'),
    age !== undefined && age > OLD_DAYS && note(`it is in use for ${age} days: publish a new key beside it, and sign with that one`),
  ].filter((one) => typeof one === 'object')
  return Object.freeze({
    ...{ kid: textOf(kid), kty: textOf(kty), alg: textOf(alg), use: textOf(use), crv: textOf(crv), thumbprint },
    bits: kty === 'RSA' ? key?.asymmetricKeyDetails?.modulusLength : undefined,
    ...{ since, since_is, age_days: age },
    notes: Object.freeze(notes),
  })
}

function secretOf(jwk: Jwk): string | undefined {
  if (jwk.kty === 'oct') return 'a symmetric key is published: anybody can sign with it. Take it out of the key set, and use it no more'
  return PRIVATE_MEMBERS.some((member) => jwk[member] !== undefined)
    ? 'a private key is published: anybody can sign as this server. Take it out of the key set, make a new one, and use this one no more'
    : undefined
}

/** RFC 7517 §4.5: keys of different types may share a kid. */
const isRepeated = (jwk: Jwk, all: readonly Jwk[]) => all.some((other) => other !== jwk && other.kid === jwk.kid && other.kty === jwk.kty)

type Since = Pick<PublishedKey, 'since' | 'since_is'>

async function sinceOf(
  { iat, nbf }: Jwk,
  thumbprint: string | undefined,
  store: Pick<RecordStore, 'find' | 'upsert'>,
  now: number,
): Promise<Since> {
  const said = [iat, nbf].filter(isTime).find((time) => time > 0 && time <= now)
  if (said !== undefined) return { since: said, since_is: 'key' }
  const since = thumbprint === undefined ? undefined : await firstSeen(thumbprint, store, now)
  return { since, since_is: since === undefined ? undefined : 'seen' }
}

/** Written once: who looks later finds it. A store that fails knows nothing. */
async function firstSeen(thumbprint: string, store: Pick<RecordStore, 'find' | 'upsert'>, now: number): Promise<number | undefined> {
  try {
    const known = await store.find(SEEN_KEY, thumbprint)
    if (known) return isTime(known.at) ? known.at : undefined
    await store.upsert(SEEN_KEY, thumbprint, { at: now }, undefined)
    return now
  } catch {
    return undefined
  }
}

function describeWatched({ name, pem }: Jwk, now: number): WatchedCertificate {
  const unknown = { subject_dn: undefined, issuer_dn: undefined, thumbprint: undefined, not_before: undefined, not_after: undefined }
  const shown = textOf(name) ?? 'a certificate'
  try {
    const found = readGivenCertificate(firstOf(textOf(pem) ?? ''), now)
    const { subject_dn, issuer_dn, thumbprint, not_before, not_after, expires_in_days } = found
    const expiry = expiryWarning('the certificate', { notBefore: not_before, notAfter: not_after }, now)
    const isOver = now > not_after || now < not_before
    const notes = expiry === undefined ? [] : [isOver ? alarm(expiry) : warning(expiry)]
    return Object.freeze({
      name: shown,
      subject_dn,
      issuer_dn,
      thumbprint,
      not_before,
      not_after,
      expires_in_days,
      notes: Object.freeze(notes),
    })
  } catch (error) {
    return Object.freeze({
      name: shown,
      ...unknown,
      expires_in_days: undefined,
      notes: Object.freeze([alarm(`it cannot be read: ${reasonOf(error)}`)]),
    })
  }
}

/** A server's own certificate stands in front of those that issued it. Its key, in the same file, is not looked at. */
function firstOf(pem: string): string {
  const [begin, end] = ['-----BEGIN CERTIFICATE-----', '-----END CERTIFICATE-----'] as const
  const at = pem.indexOf(begin)
  const until = pem.indexOf(end, at)
  return at === -1 || until === -1 ? pem.slice(Math.max(at, 0)) : pem.slice(at, until + end.length)
}
