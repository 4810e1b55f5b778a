import { isText } from '../core/claims.js'
import type { ConfigurationFault } from '../core/errors.js'
import type { Page, Paging } from '../stores/store.js'
import { RegistrationError } from './registration-error.js'
import { kindFaults, SETTING_NAMES, type SettingsBounds, type SettingsValues } from './settings-values.js'
import type { Overrides, SettingsChange } from './stored-settings.js'

/** Throws a `RegistrationError` (`invalid_request`) that names everything wrong with a change by itself. */
export function insistOnChange(patch: unknown, by: unknown, revision: unknown, bounds: SettingsBounds): void {
  if (typeof patch !== 'object' || patch === null || Array.isArray(patch))
    throw new RegistrationError('invalid_request', `a change must be an object with some of ${SETTING_NAMES.join(', ')}`)
  if (!isText(by) || by.length > 200)
    throw new RegistrationError('invalid_request', 'a change must say who makes it, in at most 200 characters')
  if (revision !== undefined && !Number.isInteger(revision))
    throw new RegistrationError('invalid_request', 'revision must be a whole number')
  // A member that says nothing is no way to unset one: that is null.
  const named = Object.entries(patch).filter(([, value]) => value !== null)
  const faults = kindFaults(Object.fromEntries(named), bounds)
  const unknown = Object.keys(patch).filter((name) => !SETTING_NAMES.includes(name) && Reflect.get(patch, name) === null)
  faults.push(...kindFaults(Object.fromEntries(unknown.map((name) => [name, 'unknown'])), bounds))
  for (const [option, value] of named)
    if (value === undefined) faults.push({ option, got: value, allowed: 'must have a value, or null for its default' })
  if (faults.length > 0) throw refused(faults)
}

/** Names everything that is wrong with settings. */
export const refused = (faults: readonly ConfigurationFault[]) => new RegistrationError('invalid_request', faults.map(sentence).join('; '))

export const sentence = ({ option, allowed }: ConfigurationFault) => `${option} ${allowed}`

/** RFC 7396: what is null goes. */
export const patched = (overrides: Overrides, patch: Overrides): Overrides =>
  Object.fromEntries(Object.entries({ ...overrides, ...structuredClone(patch) }).filter(([, value]) => value !== null))

export const isSame = (one: unknown, other: unknown) => JSON.stringify(sorted(one)) === JSON.stringify(sorted(other))

const sorted = (value: unknown) => Object.entries({ ...(typeof value === 'object' ? value : {}) }).sort(([a], [b]) => (a < b ? -1 : 1))

/** What a change comes to, for the history. */
export function changeOf(was: SettingsValues, is: SettingsValues, revision: number, by: string): SettingsChange {
  const [before, after]: Readonly<Record<string, unknown>>[] = [{ ...was }, { ...is }]
  const names = SETTING_NAMES.filter((name) => JSON.stringify(before?.[name]) !== JSON.stringify(after?.[name]))
  const some = (values: Readonly<Record<string, unknown>> | undefined) =>
    Object.fromEntries(names.map((name) => [name, values?.[name] ?? null]))
  return { revision, at: Math.floor(Date.now() / 1000), by, before: some(before), after: some(after) }
}

/** Some of a history; its cursors are revisions. */
export function pageOf(history: readonly SettingsChange[], { limit = 50, cursor, search = '' }: Paging): Page<SettingsChange> {
  if (!Number.isInteger(limit) || limit < 1 || limit > 1000) throw new TypeError('limit must be an integer from 1 to 1000')
  const below = cursor === undefined ? Number.POSITIVE_INFINITY : Number(cursor)
  const text = search.toLowerCase()
  const found = history.filter((change) => change.revision < below && JSON.stringify(change).toLowerCase().includes(text))
  const items = found.slice(0, limit)
  return { items, cursor: found.length > limit ? String(items.at(-1)?.revision) : undefined }
}
