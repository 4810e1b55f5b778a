import { isText } from '../core/claims.js'
import { deepFreeze } from '../core/deep-freeze.js'
import { ConfigurationError } from '../core/errors.js'
import { hostsOf } from '../readers/outbound-options.js'
import type { Page, Paging } from '../stores/store.js'
import { RegistrationError } from './registration-error.js'
import { changeOf, insistOnChange, isSame, pageOf, patched, refused, sentence } from './settings-changes.js'
import { kindFaults, type SettingsBounds, type SettingsValues, togetherFaults } from './settings-values.js'
import { type Overrides, readStored, type SettingsChange, type SettingsStore, writeStored } from './stored-settings.js'

export type { SettingsValues, StatementIssuer } from './settings-values.js'
export type { SettingsChange } from './stored-settings.js'

/** Settings, and how often they had been changed. */
export interface CurrentSettings {
  readonly revision: number
  readonly settings: SettingsValues
}

/** Settings that can be changed at run time, for all processes. */
export interface RegistrationSettings {
  /** The settings, five seconds old at the most. Rejects with a `RegistrationError` (`temporarily_unavailable`) when they cannot be read. */
  read(): Promise<SettingsValues>
  /** The settings as they are stored now. Rejects as `read` does. */
  current(): Promise<CurrentSettings>
  /**
   * Changes some settings, all or none; `null` gives one its default back. `by` says who does it, for the history. With `revision` only what is
   * still of that revision is changed. Rejects with a `RegistrationError` (`invalid_request`) that names everything wrong,
   * or with a `StaleRevisionError`.
   */
  change(patch: Readonly<Record<string, unknown>>, by: string, revision?: number): Promise<CurrentSettings>
  /** The last hundred changes, newest first. */
  history(paging?: Paging): Promise<Page<SettingsChange>>
}

export interface RegistrationSettingsOptions {
  /** The settings that nobody has changed. What is left out: authentication and FAPI are demanded, statements are not, and all profiles may be named. */
  readonly defaults?: Partial<SettingsValues>
  /** The names of the profiles that the server supports. */
  readonly profiles: readonly string[]
  /** Hosts of `jwks_uri` that may have private addresses. */
  readonly allowPrivateHosts?: readonly string[]
}

/** Settings were to be changed that somebody else has changed meanwhile. */
export class StaleRevisionError extends Error {
  override readonly name = 'StaleRevisionError'
  readonly code = 'ERR_FAPI_STALE_REVISION'
  /** What they are now. */
  readonly current: CurrentSettings

  constructor(current: CurrentSettings) {
    super(`the settings have been changed meanwhile: they are at revision ${current.revision}`)
    this.current = current
  }
}

/** Seconds for which a process goes on with settings it has read, changes that are remembered, and how often one that is overtaken tries again; our choice. */
const FRESH_FOR = 5
const REMEMBERED = 100
const ATTEMPTS = 20

/** Keeps the settings of the registration in a store. Throws a `ConfigurationError` when the defaults break a rule. */
export function registrationSettings(store: SettingsStore, options: RegistrationSettingsOptions): RegistrationSettings {
  const { profiles, allowPrivateHosts } = options
  if (!Array.isArray(profiles) || !profiles.every(isText))
    throw new ConfigurationError([{ option: 'profiles', got: profiles, allowed: 'must list the supported profiles' }])
  const bounds: SettingsBounds = { profiles: [...profiles], privateHosts: hostsOf(allowPrivateHosts ?? []) }
  const defaults = withDefaults(options.defaults ?? {}, bounds)
  const effective = (overrides: Overrides): SettingsValues => deepFreeze(structuredClone({ ...defaults, ...overrides }))
  const faultsOf = (values: SettingsValues) => {
    const faults = kindFaults({ ...values }, bounds)
    return faults.length > 0 ? faults : togetherFaults(values, bounds)
  }
  let cached: { readonly until: number; readonly settings: SettingsValues } | undefined
  let asked: Promise<SettingsValues> | undefined
  let changes = 0

  async function current(): Promise<CurrentSettings> {
    const { revision, overrides } = await readStored(store)
    const settings = effective(overrides)
    // They were right when they were stored; the server may have lost a profile since.
    const faults = faultsOf(settings)
    if (faults.length === 0) return { revision, settings }
    const detail = faults.map(sentence).join('; ')
    process.emitWarning(`the stored registration settings do not hold any more: ${detail}`, { code: 'FAPI_REGISTRATION_SETTINGS' })
    throw new RegistrationError('temporarily_unavailable', 'the registration settings do not hold any more', detail)
  }

  /** Reads anew, for all who ask meanwhile. What was read before a change of this process is not kept. */
  function fresh(): Promise<SettingsValues> {
    const [from, before] = [Date.now(), changes]
    const reading = current()
      .then(({ settings }) => {
        if (before === changes) cached = { until: from + FRESH_FOR * 1000, settings }
        return settings
      })
      .finally(() => {
        if (asked === reading) asked = undefined
      })
    asked = reading
    return reading
  }

  /** Tries to write a change; `undefined` when somebody was faster. */
  async function attempt(patch: Overrides, by: string, revision: number | undefined): Promise<CurrentSettings | undefined> {
    const stored = await readStored(store)
    if (revision !== undefined && stored.revision !== revision)
      throw new StaleRevisionError({ revision: stored.revision, settings: effective(stored.overrides) })
    const overrides = patched(stored.overrides, patch)
    const settings = effective(overrides)
    const faults = faultsOf(settings)
    if (faults.length > 0) throw refused(faults)
    if (isSame(overrides, stored.overrides)) return { revision: stored.revision, settings }
    const next = stored.revision + 1
    const change = changeOf(effective(stored.overrides), settings, next, by)
    const history = [change, ...stored.history].slice(0, REMEMBERED)
    return (await writeStored(store, { revision: next, overrides, history })) ? { revision: next, settings } : undefined
  }

  return Object.freeze<RegistrationSettings>({
    async read() {
      const now = Date.now()
      // A clock that was set back makes nothing fresher.
      if (cached && now < cached.until && now >= cached.until - FRESH_FOR * 1000) return cached.settings
      return asked ?? fresh()
    },
    current,
    async change(patch, by, revision) {
      insistOnChange(patch, by, revision, bounds)
      for (let tries = 1; tries <= ATTEMPTS; tries++) {
        const changed = await attempt(patch, by, revision)
        if (changed) {
          changes++
          cached = undefined
          asked = undefined
          return changed
        }
        await pause(tries)
      }
      throw new RegistrationError('temporarily_unavailable', 'the settings are being changed by somebody else, try again')
    },
    async history(paging = {}) {
      return pageOf((await readStored(store)).history, paging)
    },
  })
}

function withDefaults(given: Partial<SettingsValues>, bounds: SettingsBounds): SettingsValues {
  const defaults: SettingsValues = {
    ...{ authentication_required: true, software_statement_required: false, software_statement_issuers: [] },
    ...{ enforce_fapi: true, fapi_profile: undefined, fapi_profiles: bounds.profiles },
    ...Object.fromEntries(Object.entries(given).filter(([, value]) => value !== undefined)),
  }
  const faults = kindFaults({ ...defaults }, bounds)
  const all = faults.length > 0 ? faults : togetherFaults(defaults, bounds)
  if (all.length > 0) throw new ConfigurationError(all.map((fault) => ({ ...fault, option: `settings.${fault.option}` })))
  return deepFreeze(structuredClone(defaults))
}

/** Longer each time, and not for all alike: milliseconds. */
const pause = (tries: number) => new Promise((resolve) => setTimeout(resolve, Math.random() * 20 * tries))
