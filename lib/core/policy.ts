import { isText } from './claims.js'
import { deepFreeze } from './deep-freeze.js'
import { ConfigurationError, messageOf, type OAuthError } from './errors.js'
import type { Client, Facts, Stage, Wire } from './facts.js'
import { judge, type Violation } from './judge.js'
import { optionFaults, type PolicyOptions } from './policy-options.js'
import { firstToAnswer } from './precedence.js'
import { type Profile, rulesOf } from './profile.js'
import type { Judging } from './recorder.js'
import { redacted } from './redacted.js'
import { clausesFor } from './refusals/clauses.js'
import { refusalNamed } from './refusals/index.js'
import { refusalBehind, refusalWorded } from './refusals/wordings.js'
import { warnOfSandbox } from './sandbox-warning.js'
import type { Mode, Verdict } from './verdict.js'
import { type Waiver, waivedBecause } from './waiver.js'

/** A policy is a value: what it holds people to can be read off it. */
export interface Policy {
  readonly profiles: readonly Profile[]
  /** Whether every client is held to one and the same profile. */
  readonly exclusive: boolean
  /** The mode for everybody, or that it goes by client. */
  readonly mode: Mode | 'by client'
  readonly waivers: Readonly<Record<string, Waiver>>
  /** Whether clients that have authenticated are told what to do about a refusal: for test environments alone. */
  readonly sandbox: boolean
  /** The profile a client is held to. Throws what `choose` throws. */
  profileOf(client: Client): Profile | undefined
  /** The mode for a client, or the policy's own where no client is known. A mode that cannot be told is `enforce`. */
  modeOf(client?: Client): Mode
  /** Judges one moment and records the verdict. Returns nothing when no profile applies. */
  decide<S extends Stage>(stage: S, facts: Facts[S]): Verdict | undefined
  /** Judges one moment like `decide`, and records nothing: for what somebody only thinks of doing. */
  consider<S extends Stage>(stage: S, facts: Facts[S]): Verdict | undefined
  /** Records a refusal that no rule made. */
  note(refusal: Refusal): void
}

/** A refusal that did not come from a rule. */
export interface Refusal {
  readonly stage: Stage
  readonly client: Client | undefined
  readonly wire: Wire | undefined
  readonly error: string
  readonly description: string
  /** What the operator may know beyond it. */
  readonly detail?: string | undefined
  /** The rule that says the same, or the named refusal: its clauses are then told. Otherwise it is recognised by its words, as far as it can be. */
  readonly rule?: string | undefined
  /** It would have been refused, and goes on (report mode). */
  readonly passes?: boolean
}

/** Decides, for each client and moment, what holds. Throws a `ConfigurationError` that lists everything wrong with the options. */
export function createPolicy(options: PolicyOptions): Policy {
  const { mode = 'enforce', sandbox = false } = options
  const exclusive = 'profile' in options
  const profiles = Object.freeze(exclusive ? [options.profile] : [options.profiles ?? []].flat())
  const faults = optionFaults(options)
  if (faults.length) throw new ConfigurationError(faults)
  if (sandbox) warnOfSandbox()
  const recorders = Object.freeze([options.record ?? []].flat())
  const waivers = deepFreeze(structuredClone(options.waivers ?? {}))
  const choose = exclusive ? () => profiles[0] : options.choose

  const profileOf = (client: Client) => {
    const profile = choose(client)
    if (profile !== undefined && !profiles.includes(profile))
      throw new TypeError('choose returned a profile that is not among the policy profiles')
    return profile
  }
  const modeOf = (client?: Client): Mode => {
    if (typeof mode === 'string') return mode
    try {
      return client && mode(client) === 'report' ? 'report' : 'enforce'
    } catch {
      return 'enforce'
    }
  }
  const warn = (cause: unknown) =>
    process.emitWarning(`the record function of the policy failed: ${redacted(reasonOf(cause))}`, { code: 'FAPI_RECORD' })
  const tell = (verdict: Verdict, judging: Judging = { took: undefined, registered: verdict.stage !== 'registration' }) => {
    // What one recorder writes to it must not be what the next one reads.
    Object.freeze(judging)
    const clean = withoutSecrets(verdict)
    for (const record of recorders) {
      try {
        const recorded = record(clean, judging)
        if (recorded !== undefined) Promise.resolve(recorded).catch(warn)
      } catch (cause) {
        warn(cause)
      }
    }
  }

  return Object.freeze<Policy>({
    profiles,
    exclusive,
    mode: typeof mode === 'function' ? 'by client' : mode,
    waivers,
    sandbox,
    profileOf,
    modeOf,
    consider,
    decide(stage, facts) {
      if (recorders.length === 0) return consider(stage, facts)
      const begun = performance.now()
      const verdict = consider(stage, facts)
      const took = (performance.now() - begun) / 1000
      if (verdict) tell(verdict, { took, registered: isRegistered(stage, facts) })
      return verdict
    },
    note({ stage, client, wire, error, description, detail, rule, passes = false }) {
      const profile = client ? profileIfAny({ profileOf }, client) : exclusive ? profiles[0] : undefined
      const name = nameOf({ rule, error, text: `${description} ${detail ?? ''}` }, profile)
      const violation = {
        rule: name,
        clauses: clausesOf(profile, name),
        error: error as Violation['error'],
        description,
        ...(detail !== undefined && { detail }),
      }
      const verdict: Verdict = deepFreeze({
        ...{
          at: Date.now() / 1000,
          stage,
          mode: modeOf(client),
          by: 'server' as const,
          violations: [violation],
          rejection: passes ? undefined : violation,
        },
        profile: profile?.name,
        client: client?.client_id,
        interaction: interactionOf(wire),
      })
      tell(verdict)
    },
  })

  function consider<S extends Stage>(stage: S, facts: Facts[S]): Verdict | undefined {
    // Facts have many shapes: to read what a shape may not have is quicker than to ask for it first.
    const { client, now: at = Date.now() / 1000, current, wire } = facts as AnyFacts
    const found = violationsOf(stage, facts)
    if (!found) return undefined

    // An update that would lead from enforce to report is not made yet: it is judged as the client it comes from.
    const ownMode = current && modeOf(current) === 'enforce' ? 'enforce' : modeOf(client)
    const violations = found.violations.length
      ? deepFreeze(found.violations.map((one) => ({ ...one, waived: waivedBecause(waivers[one.rule], client, at) })))
      : NO_VIOLATIONS
    const rejection = ownMode === 'report' || violations === NO_VIOLATIONS ? undefined : firstToAnswer(violations)
    // One literal: what is spread is copied member by member, with each request.
    const verdict: Verdict = {
      at,
      stage,
      mode: ownMode,
      by: 'rules',
      violations,
      rejection,
      profile: found.profile,
      client: client?.client_id,
      interaction: interactionOf(wire),
    }
    return Object.freeze(verdict)
  }

  /** All that is broken at a stage; `undefined` when the client is outside all profiles. */
  function violationsOf<S extends Stage>(stage: S, facts: Facts[S]): { profile: string | undefined; violations: Violation[] } | undefined {
    if (stage === 'configuration') {
      return {
        profile: profiles.map(({ name }) => name).join(' '),
        violations: profiles.flatMap((profile) => judge(profile, stage, facts)),
      }
    }
    let profile: Profile | undefined
    try {
      const { client } = facts as { client?: Client }
      if (!client && !exclusive) throw new TypeError('no client to choose a profile for')
      profile = exclusive ? profiles[0] : profileOf(client as Client)
    } catch (cause) {
      const registering = stage === 'registration'
      const description = registering ? 'no profile could be chosen for this client' : 'the request could not be judged'
      return undecided('profile-chosen', registering ? 'invalid_client_metadata' : 'server_error', description, cause)
    }
    try {
      return profile && { profile: profile.name, violations: judge(profile, stage, facts) }
    } catch (cause) {
      return undecided('judged', 'server_error', 'the request could not be judged', cause, profile?.name)
    }
  }
}

/** What facts of any stage may say. */
interface AnyFacts {
  readonly client?: Client | undefined
  readonly current?: Client | undefined
  readonly now?: number
  readonly wire?: Wire | undefined
}

const NO_VIOLATIONS: Verdict['violations'] = Object.freeze([])

/** An error while deciding never means "not FAPI": nobody gets in by breaking the decision. The operator is told of the cause. */
function undecided(rule: string, error: OAuthError, description: string, cause: unknown, profile?: string) {
  process.emitWarning(`${description}: ${redacted(reasonOf(cause))}`, { code: 'FAPI_UNDECIDED' })
  return { profile, violations: [{ rule, clauses: [], error, description }] }
}

const reasonOf = (cause: unknown) => messageOf(cause) ?? `something that is no error (${typeof cause})`

/** Who registers has an id that may never be heard of again; who changes a registration has one. */
const isRegistered = (stage: Stage, facts: Facts[Stage]) => stage !== 'registration' || ('current' in facts && facts.current !== undefined)

/** A verdict for the record, which stays and is read by many: whoever sent a secret may hear it again, nobody else. */
function withoutSecrets(verdict: Verdict): Verdict {
  const { violations, rejection, client, interaction } = verdict
  if (violations.length === 0) return verdict
  const known = [client, interaction].filter(isText)
  const clean = <T extends Violation>(violation: T): T => {
    const description = redacted(violation.description, known)
    const detail = violation.detail === undefined ? undefined : redacted(violation.detail, known)
    if (description === violation.description && detail === violation.detail) return violation
    return Object.freeze({ ...violation, description, ...(detail !== undefined && { detail }) })
  }
  const cleaned = violations.map(clean)
  if (cleaned.every((one, index) => one === violations[index])) return verdict
  const answer = rejection && (cleaned[violations.indexOf(rejection)] ?? clean(rejection))
  return Object.freeze({ ...verdict, violations: Object.freeze(cleaned), rejection: answer })
}

const interactionOf = (wire: Wire | undefined) => wire?.headers['x-fapi-interaction-id']

/** What a refusal is called that no rule made: as it was told, unless the profile has no such rule and the words have a name. */
function nameOf({ rule, error, text }: { rule: string | undefined; error: string; text: string }, profile: Profile | undefined): string {
  const isKnown = rule !== undefined && (refusalNamed(rule) || (profile && rulesOf(profile).some(([, { id }]) => id === rule)))
  if (isKnown) return rule
  return refusalWorded(error, text, 'worded')?.id ?? rule ?? refusalBehind(error, text)?.id ?? 'server'
}

/** Of a rule, as the profile has it; of what no rule says, as it stands in the profile's specification and in RFCs. */
function clausesOf(profile: Profile | undefined, rule: string): readonly string[] {
  const refusal = refusalNamed(rule)
  if (refusal) return clausesFor(refusal, profile)
  return (profile ? rulesOf(profile) : []).filter(([, { id }]) => id === rule).map(([clause]) => clause)
}

/** The profile a client is held to, where one applies and can be chosen. For what is not a decision: a failure reads as none. */
export function profileIfAny({ profileOf }: Pick<Policy, 'profileOf'>, client: Client): Profile | undefined {
  try {
    return profileOf(client)
  } catch {
    return undefined
  }
}
