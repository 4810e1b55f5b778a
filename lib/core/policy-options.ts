import type { ConfigurationFault } from './errors.js'
import type { Client } from './facts.js'
import type { Profile } from './profile.js'
import type { Recorder } from './recorder.js'
import type { Mode } from './verdict.js'
import { type Waiver, waiverFaults } from './waiver.js'

interface CommonOptions {
  /** `enforce` answers a violation with an error; `report` only records it. Default `enforce`. */
  readonly mode?: Mode | ((client: Client) => Mode)
  /** Rules that are recorded but not enforced, by rule id. */
  readonly waivers?: Readonly<Record<string, Waiver>>
  /**
   * Tells clients that have authenticated what to do about a refusal, in `error_description`. For test environments: a warning says so at
   * construction. Default `false`.
   */
  readonly sandbox?: boolean
  /** Told of every verdict, also of the server's own refusals: one, or a list of which each is told, whatever becomes of the others. */
  readonly record?: Recorder | readonly Recorder[]
}

export type PolicyOptions = CommonOptions &
  (
    | { /** The profile everybody is held to. */ readonly profile: Profile }
    | {
        readonly profiles: readonly Profile[]
        /** The profile a client is held to; nothing for a client outside all of them. What it throws refuses the request. */
        readonly choose: (client: Client) => Profile | undefined
      }
  )

const isProfile = (value: unknown): value is Profile =>
  typeof value === 'object' && value !== null && 'clauses' in value && 'beyond' in value

/** What is wrong with the options, all of it. */
export function optionFaults(options: PolicyOptions): ConfigurationFault[] {
  const { mode = 'enforce', waivers = {}, record = [], sandbox = false } = options
  const profiles: readonly unknown[] = 'profile' in options ? [options.profile] : [options.profiles ?? []].flat()
  return [
    ...profileFaults(options),
    ...modeFaults(mode),
    ...sandboxFaults(sandbox),
    ...waiverFaults(waivers, profiles.filter(isProfile)),
    ...recordFaults(record),
  ]
}

function profileFaults(options: PolicyOptions): ConfigurationFault[] {
  if ('profile' in options) {
    if ('choose' in options)
      return [{ option: 'profile', got: 'given next to choose', allowed: 'give either profile, or profiles and choose' }]
    return isProfile(options.profile) ? [] : [{ option: 'profile', got: options.profile, allowed: 'must be a profile' }]
  }
  const { profiles, choose }: { readonly profiles?: unknown; readonly choose?: unknown } = options
  const faults: ConfigurationFault[] = []
  if (!Array.isArray(profiles) || profiles.length === 0 || !profiles.every(isProfile))
    faults.push({ option: 'profiles', got: profiles, allowed: 'must list profiles, at least one' })
  if (typeof choose !== 'function')
    faults.push({ option: 'choose', got: choose, allowed: 'must be a function from client metadata to a profile' })
  return faults
}

const modeFaults = (mode: unknown): ConfigurationFault[] =>
  mode === 'enforce' || mode === 'report' || typeof mode === 'function'
    ? []
    : [{ option: 'mode', got: mode, allowed: "must be 'enforce', 'report' or a function from client metadata to one of them" }]

const recordFaults = (record: unknown): ConfigurationFault[] =>
  [record].flat().every((one) => typeof one === 'function')
    ? []
    : [{ option: 'record', got: record, allowed: 'must be a function that is told of verdicts, or a list of such functions' }]

const sandboxFaults = (sandbox: unknown): ConfigurationFault[] =>
  typeof sandbox === 'boolean' ? [] : [{ option: 'sandbox', got: sandbox, allowed: 'must be true or false' }]
