import { isText, isTime } from '../core/claims.js'
import { reasonOf } from '../core/errors.js'
import type { OnceStore, RecordStore, StoredRecord } from '../stores/store.js'
import { RegistrationError } from './registration-error.js'

/** What settings need of a store. */
export type SettingsStore = OnceStore & Pick<RecordStore, 'find' | 'upsert' | 'consume'>

/** What has been changed, under the names of the settings; what is not here has its default. */
export type Overrides = Readonly<Record<string, unknown>>

/** One change, for those who ask who did that. Values are `null` where a setting had, or got, its default of nothing. */
export interface SettingsChange {
  readonly revision: number
  /** Epoch seconds. */
  readonly at: number
  readonly by: string
  /** The settings that changed, as they were. */
  readonly before: Overrides
  /** The same, as they were from then on. */
  readonly after: Overrides
}

/** All that is stored, as one record: so a change and its history are written together or not at all. */
export interface StoredSettings {
  /** How often they have been changed. */
  readonly revision: number
  readonly overrides: Overrides
  /** Newest first. */
  readonly history: readonly SettingsChange[]
}

const MODEL = 'RegistrationSettings'
const ID = 'settings'
const EVER_CHANGED = 'registration settings: changed'

/** Epoch seconds: no process's clock is before the one, or comes to the other. */
const LONG_AGO = 0
const NEVER = 200_000_000_000

/** Seconds for which whoever changes settings has them alone, and those after which it gives up; our choice. */
const ALONE_FOR = 15
const GIVES_UP_AFTER = 8

/** Reads what is stored. Rejects with a `RegistrationError` where there is something and it cannot be read: defaults may be less strict. */
export async function readStored(store: SettingsStore): Promise<StoredSettings> {
  try {
    const stored = await store.find(MODEL, ID)
    if (stored) return settingsIn(stored)
    // A key whose time has come is new again: to ask for it so leaves nothing behind.
    if (await store.once(EVER_CHANGED, LONG_AGO)) return { revision: 0, overrides: {}, history: [] }
    // They may have been changed for the first time just now.
    return settingsIn(await store.find(MODEL, ID))
  } catch (cause) {
    throw new RegistrationError('temporarily_unavailable', 'the registration settings cannot be read right now, try again', reasonOf(cause))
  }
}

/** Writes the revision that follows, unless somebody else does: of simultaneous calls one resolves `true`. */
export async function writeStored(store: SettingsStore, next: StoredSettings): Promise<boolean> {
  const began = performance.now()
  const turn = `revision ${next.revision}`
  // Whoever died in its turn is waited for as long as that, and no longer because others come.
  if (!(await store.find(MODEL, turn))) await store.upsert(MODEL, turn, {}, Date.now() / 1000 + ALONE_FOR)
  if (!(await store.consume(MODEL, turn))) return false
  // Somebody may have written this revision so long ago that its turn is forgotten.
  if ((await readStored(store)).revision !== next.revision - 1) return false
  if (performance.now() - began > GIVES_UP_AFTER * 1000)
    throw new RegistrationError('temporarily_unavailable', 'the store took too long, nothing was changed, try again')
  await store.upsert(MODEL, ID, { ...next }, undefined)
  await store.once(EVER_CHANGED, NEVER)
  return true
}

function settingsIn(stored: StoredRecord | undefined): StoredSettings {
  const { revision, overrides, history }: StoredRecord = { ...stored }
  if (!isTime(revision) || !isObject(overrides) || !Array.isArray(history))
    throw new TypeError('what is stored of the registration settings is there and cannot be read')
  return { revision, overrides, history: history.filter(isChange) }
}

const isObject = (value: unknown): value is Overrides => typeof value === 'object' && value !== null && !Array.isArray(value)

const isChange = (value: unknown): value is SettingsChange =>
  isObject(value) && isTime(value.revision) && isTime(value.at) && isText(value.by) && isObject(value.before) && isObject(value.after)
