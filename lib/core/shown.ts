import { redacted } from './redacted.js'

/* What a detail for operators repeats comes from strangers: it is short, stays on one line, and has no credential in it. */

/** Characters of a value and members of a list, our choice: enough to see what went wrong. */
const LONGEST = 120
const MOST = 5

/** Control characters, and those that turn the direction of a text round. */
const UNPRINTABLE = /[\p{Cc}\p{Cf}\p{Zl}\p{Zp}\p{Co}\p{Cs}]/gu

/** A value that somebody sent, as it may stand in a detail: what may be a credential is cut to its ends. Never throws. */
export function shown(value: unknown): string {
  if (value === undefined) return 'nothing'
  if (typeof value === 'number' || typeof value === 'boolean' || value === null) return String(value)
  if (Array.isArray(value)) return listed(value, 'an empty list')
  if (typeof value !== 'string') return 'something that is no text'
  if (value === '') return 'an empty text'
  const text = value.slice(0, 4 * LONGEST).replaceAll(UNPRINTABLE, '?')
  const known = text.length > 16 && redacted(text) !== text ? abbreviated(text, value.length) : text
  return known.length > LONGEST ? `${known.slice(0, LONGEST)}… (${value.length} characters)` : known
}

/** The same for a description, to which it adds nothing that RFC 6749 §5.2 does not allow there. */
export const shownToClients = (value: unknown): string => shown(value).replaceAll('…', '...')

/** Several values, as they may stand in a detail; `none` is said of none. Of no more than are listed it is asked what they are called. */
export function listed<T>(values: readonly T[], none = 'none', nameOf: (value: T) => unknown = (value) => value): string {
  if (values.length === 0) return none
  const some = values.slice(0, MOST).map((value) => (Array.isArray(value) ? 'a list' : shown(nameOf(value))))
  return some.join(', ') + (values.length > MOST ? ` and ${values.length - MOST} more` : '')
}

/** Names of keys look like secrets: a few characters of both ends are enough to tell one from another. A URL keeps its host and path. */
const abbreviated = (text: string, length: number) =>
  /[\s/]/.test(text) || length < 24
    ? redacted(text)
    : `${text.slice(0, 6)}…${length > text.length ? '' : text.slice(-4)} (${length} characters)`

/** Seconds in a detail: whole ones, and never none. */
export const secondsIn = (seconds: number): string => `${Math.max(1, Math.ceil(Math.min(seconds, Number.MAX_SAFE_INTEGER)))} s`
