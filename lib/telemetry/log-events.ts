import { ConfigurationError, type ConfigurationFault } from '../core/errors.js'
import { explain } from '../core/explanation.js'
import type { Profile } from '../core/profile.js'
import type { Recorder } from '../core/recorder.js'
import { redacted } from '../core/redacted.js'
import type { Verdict } from '../core/verdict.js'
import { profiles as ownProfiles } from '../profiles/index.js'
import { shownInteraction } from './interaction.js'
import { type Decided, decided, type VerdictOutcome } from './outcome.js'
import { unharmed } from './unharmed.js'

/** A logger that takes an object and a message, in this order: pino, bunyan, `console`. For others, three functions that turn it round. */
export interface EventLogger {
  debug(event: FapiEvent, message: string): unknown
  info(event: FapiEvent, message: string): unknown
  warn(event: FapiEvent, message: string): unknown
  /** Asked, where there is one, before an event is made. */
  isLevelEnabled?(level: EventLevel): boolean
}

export type EventLevel = 'debug' | 'info' | 'warn'

export interface LogEventsOptions {
  /** The lowest level to log at. Default: what the logger says is enabled, or `info`. */
  readonly level?: EventLevel
  /** Where to look up what to do about a broken rule: the policy's, where it has profiles of your own. Default: those of this package. */
  readonly profiles?: readonly Profile[]
}

/** What is logged of a verdict. What is not known, or not there, is left out. */
export interface FapiEvent {
  readonly event: 'fapi.verdict'
  readonly interaction?: string
  readonly stage: string
  readonly profile?: string
  readonly client?: string
  readonly mode: string
  readonly outcome: VerdictOutcome
  /** The rule that decided. */
  readonly rule?: string
  readonly clauses?: readonly string[]
  readonly error?: string
  readonly description?: string
  readonly detail?: string
  readonly mend?: string
  /** Why the rule is waived. */
  readonly waived?: string
  /** The other rules that were broken. */
  readonly also?: readonly string[]
}

const LEVELS = ['debug', 'info', 'warn'] as const
const LEVEL_OF: Readonly<Record<VerdictOutcome, EventLevel>> = { passed: 'debug', waived: 'info', reported: 'info', refused: 'warn' }

/**
 * Logs each verdict as one event without credentials, for the `record` of a policy: refusals as warnings, what would have been refused or
 * is waived as information, the rest for debugging. A logger that fails changes no answer and becomes one process warning,
 * `FAPI_TELEMETRY`. Throws a `ConfigurationError`.
 */
export function logEvents(logger: EventLogger, options: LogEventsOptions = {}): Recorder {
  const faults = logFaults(logger, options)
  if (faults.length) throw new ConfigurationError(faults)
  const { level: lowest, profiles = ownProfiles } = options
  const mendOf = mends(profiles)
  const tryLogging = unharmed('logging verdicts')
  const isWanted = (level: EventLevel) =>
    LEVELS.indexOf(level) >= LEVELS.indexOf(lowest ?? (logger.isLevelEnabled ? 'debug' : 'info')) &&
    (logger.isLevelEnabled?.(level) ?? true)
  return function logVerdict(verdict) {
    tryLogging(() => {
      const result = decided(verdict)
      const level = LEVEL_OF[result.outcome]
      return isWanted(level) ? logger[level](eventOf(verdict, result, mendOf), messageOf(verdict, result)) : undefined
    })
  }
}

function eventOf(verdict: Verdict, { outcome, by }: Decided, mendOf: Mends): FapiEvent {
  const { stage, profile, client, mode } = verdict
  const interaction = shownInteraction(verdict.interaction)
  return {
    event: 'fapi.verdict',
    ...(interaction !== undefined && { interaction }),
    stage,
    ...(profile !== undefined && { profile }),
    ...(client !== undefined && { client }),
    ...{ mode, outcome },
    ...(by && broken(verdict, by, mendOf)),
  }
}

function broken(verdict: Verdict, by: Broken, mendOf: Mends): Partial<FapiEvent> {
  const { rule, clauses, error, description, detail, waived } = by
  const known = [verdict.client, shownInteraction(verdict.interaction)].filter((one) => one !== undefined)
  const mend = mendOf(verdict, by)
  const also = [...new Set(verdict.violations.map((one) => one.rule))].filter((other) => other !== rule)
  return {
    ...{ rule, clauses, error, description: redacted(description, known) },
    ...(detail !== undefined && { detail: redacted(detail, known) }),
    ...(mend !== undefined && { mend }),
    ...(waived !== undefined && { waived }),
    ...(also.length > 0 && { also }),
  }
}

type Broken = NonNullable<Decided['by']>
type Mends = (verdict: Verdict, by: Broken) => string | undefined

/** Says what to do about what was broken. For a rule that is looked up once: in report mode, the same rules are broken with each request. */
function mends(profiles: readonly Profile[]): Mends {
  const ofRules = new Map<string, string | undefined>()
  const lookUp: Mends = (verdict, { rule }) => explain(verdict, profiles).violations.find((one) => one.rule === rule)?.mend
  return function mendOf(verdict, by) {
    if (verdict.by !== 'rules') return lookUp(verdict, by)
    const key = `${verdict.profile} ${by.rule}`
    if (!ofRules.has(key)) ofRules.set(key, lookUp(verdict, by))
    return ofRules.get(key)
  }
}

/** Short, and made of names: it may go to a terminal. A refusal of the server itself may have no name but that of its error. */
function messageOf({ stage, violations }: Verdict, { outcome, by }: Decided): string {
  const more = violations.length > 1 ? ` and ${violations.length - 1} more` : ''
  const what = by && `: ${by.rule === 'server' ? by.error : by.rule}${more}`
  return `${outcome} at ${stage}${what ?? ''}`.replaceAll(/\p{Cc}/gu, '?')
}

function logFaults(logger: Partial<EventLogger> | undefined, { level, profiles }: LogEventsOptions): ConfigurationFault[] {
  const faults: ConfigurationFault[] = []
  if (LEVELS.some((name) => typeof logger?.[name] !== 'function'))
    faults.push({ option: 'logger', got: typeof logger, allowed: 'must have the functions debug, info and warn, as pino and console have' })
  if (level !== undefined && !LEVELS.includes(level)) faults.push({ option: 'level', got: level, allowed: 'must be debug, info or warn' })
  if (profiles !== undefined && !Array.isArray(profiles)) faults.push({ option: 'profiles', got: profiles, allowed: 'must list profiles' })
  return faults
}
