import { createHash } from 'node:crypto'
import { isDeepStrictEqual } from 'node:util'
import { isText } from '../core/claims.js'
import type { Jwk } from '../core/facts.js'
import { PRIVATE_MEMBERS } from '../core/jwk.js'
import { isKeySet } from '../readers/client-metadata.js'
import { CHOICE_FIELDS } from '../readiness/choice-fields.js'
import type { Metadata } from '../registration/metadata.js'
import { keyThumbprint } from './key-thumbprint.js'

/** One metadata field that two registrations of a client differ in. Values are fit to be shown: what is secret reads `[hidden]`. */
export interface FieldDifference {
  readonly field: string
  /** Absent where the field was not there before. */
  readonly before?: unknown
  /** Absent where the field is no longer there. */
  readonly after?: unknown
  readonly kind: 'added' | 'removed' | 'changed'
  /** Of lists and key sets: which of their items came and which went. */
  readonly items?: { readonly added: readonly unknown[]; readonly removed: readonly unknown[] }
}

/** What stands in the place of a secret. */
export const HIDDEN = '[hidden]'

/** Where two registrations of a client differ, field by field, in the order in which pages show them. */
export function metadataDiff(before: Metadata, after: Metadata): readonly FieldDifference[] {
  const names = [...new Set([...Object.keys(before), ...Object.keys(after)])]
  return names
    .filter((field) => !isDeepStrictEqual(valueIn(before, field), valueIn(after, field)))
    .sort(byPlace)
    .map((field) => difference(field, valueIn(before, field), valueIn(after, field)))
}

/** What is `undefined` or inherited is not there. */
const valueIn = (metadata: Metadata, field: string): unknown => (Object.hasOwn(metadata, field) ? metadata[field] : undefined)

function difference(field: string, was: unknown, is: unknown): FieldDifference {
  const [before, after] = [shownValue(field, was), shownValue(field, is)]
  if (was === undefined) return { field, after, kind: 'added', ...itemsOf([], after) }
  if (is === undefined) return { field, before, kind: 'removed', ...itemsOf(before, []) }
  return { field, before, after, kind: 'changed', ...itemsOf(before, after) }
}

function itemsOf(before: unknown, after: unknown): Pick<FieldDifference, 'items'> {
  if (!Array.isArray(before) || !Array.isArray(after)) return {}
  const lacking = (items: readonly unknown[], others: readonly unknown[]) =>
    items.filter((item) => !others.some((other) => isDeepStrictEqual(item, other)))
  return { items: { added: lacking(after, before), removed: lacking(before, after) } }
}

/** Whatever the server or the client must keep to itself. */
const SECRET = /secret$|^(?:registration_access_token|initial_access_token|backchannel_client_notification_token)$/

/** A metadata value as a page or a script may be shown it: no secret, no private part of a key, keys by what names them. */
export function shownValue(field: string, value: unknown): unknown {
  if (value === undefined) return undefined
  if (SECRET.test(field)) return HIDDEN
  return field === 'jwks' && isKeySet(value) ? value.keys.map(keyInWords) : withoutSecrets(value)
}

/** Metadata as whoever may look at them has them: without what is secret, and with the public halves of keys alone. */
export const openMetadata = (metadata: Metadata): Metadata =>
  Object.fromEntries(
    Object.entries(metadata).flatMap(([name, value]) =>
      SECRET.test(name) ? [] : [[name, name === 'jwks' && isKeySet(value) ? { ...value, keys: value.keys.map(publicHalf) } : value]],
    ),
  )

const publicHalf = (key: Jwk) => Object.fromEntries(Object.entries(key).filter(([member]) => !PRIVATE_MEMBERS.includes(member)))

function withoutSecrets(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(withoutSecrets)
  if (typeof value !== 'object' || value === null) return value
  const isKey = ['kty', 'crv', 'n'].some((member) => member in value)
  return Object.fromEntries(
    Object.entries(value).map(([name, one]) => [
      name,
      SECRET.test(name) || (isKey && PRIVATE_MEMBERS.includes(name)) ? HIDDEN : withoutSecrets(one),
    ]),
  )
}

/** A key by its name, what it is for, and its thumbprint; of a certificate the fingerprint. */
function keyInWords(key: Jwk): string {
  const { kid, kty, crv, alg, use, x5c } = key
  const thumbprint = keyThumbprint(key)
  const kind = [kty, crv, use, alg].filter(isText).join(' ')
  const [certificate] = Array.isArray(x5c) ? x5c : []
  return [
    `${isText(kid) ? kid : 'without kid'} (${kind})`,
    ...(thumbprint === undefined ? [] : [`thumbprint ${thumbprint}`]),
    ...(isText(certificate) ? [`certificate ${sha256(Buffer.from(certificate, 'base64'))}`] : []),
    ...(PRIVATE_MEMBERS.some((member) => key[member] !== undefined) ? [`private part ${HIDDEN}`] : []),
  ].join(', ')
}

const sha256 = (bytes: Buffer) => createHash('sha256').update(bytes).digest('base64url')

const FIRST = ['client_id', 'client_name', 'fapi_profile', 'client_status', 'redirect_uris', 'scope', 'client_secret', 'jwks_uri', 'jwks']

function byPlace(one: string, other: string): number {
  const [a, b] = [placeOf(one), placeOf(other)]
  return a === b ? (one < other ? -1 : 1) : a - b
}

function placeOf(field: string): number {
  const place = [...FIRST, ...CHOICE_FIELDS.map((choice) => choice.field)].indexOf(field)
  return place === -1 ? Number.MAX_SAFE_INTEGER : place
}
