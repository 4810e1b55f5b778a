import { type OAuthError, STAGE_ERRORS } from './errors.js'
import type { Facts, Stage } from './facts.js'
import { type Profile, rulesOf } from './profile.js'
import type { Rule } from './rule.js'

/** A rule, broken: the rule's own sentence and everything needed to answer for it. */
export interface Violation {
  /** The id of the rule. */
  readonly rule: string
  /** Every clause the rule serves in the profile that judged; the first is the one to name. */
  readonly clauses: readonly string[]
  readonly error: OAuthError
  readonly description: string
  /** What was compared with what, for the operator; no client sees it. */
  readonly detail?: string | undefined
  /** The server setting concerned, at the stage `configuration`. */
  readonly setting?: string | undefined
}

/** Holds facts against a profile and returns every violation, in the profile's order; a rule that serves two clauses speaks once. */
export function judge<S extends Stage>(profile: Profile, stage: S, facts: Facts[S]): Violation[] {
  const violations: Violation[] = []
  for (const [rule, clauses] of lookingAt(profile, stage)) {
    const description = rule.check(facts)
    if (description === undefined) continue
    const { id, error = STAGE_ERRORS[stage], setting } = rule
    violations.push({ rule: id, clauses, error, description, ...(setting && { setting }) })
  }
  return violations
}

type Table = readonly (readonly [rule: Rule, clauses: readonly string[]])[]

const tables = new WeakMap<Profile, Map<Stage, Table>>()

/** The rules of a profile that look at a stage, each with its clauses; worked out once per profile. */
function lookingAt(profile: Profile, stage: Stage): Table {
  const table = tables.get(profile) ?? new Map<Stage, Table>()
  const known = table.get(stage)
  if (known) return known
  const rules = new Map<Rule, string[]>()
  for (const [clause, rule] of rulesOf(profile)) {
    if (rule.at.includes(stage)) rules.set(rule, [...(rules.get(rule) ?? []), clause])
  }
  const looking = [...rules]
  tables.set(profile, table.set(stage, looking))
  return looking
}
