import type { ExplainedClause } from '../core/explanation.js'
import type { Violation } from '../core/judge.js'
import { type Profile, rulesOf } from '../core/profile.js'
import { refusalNamed } from '../core/refusals/index.js'
import { explainedClauses, namedClauses } from './clauses.js'

/** What a probe is about: a rule, a named refusal, or that a request which breaks nothing is accepted. */
export interface Meaning {
  readonly rule: string
  readonly clauses: readonly ExplainedClause[]
  readonly expected: string
  /** What to do where it is accepted although it must not be. */
  readonly mend: string
  /** Whether no specification asks for it, but this package does. */
  readonly isBeyond: boolean
}

export function meaningOfViolation(profile: Profile, { rule: id, clauses }: Pick<Violation, 'rule' | 'clauses'>): Meaning {
  const [, rule] = rulesOf(profile).find(([clause, one]) => one.id === id && clauses.includes(clause)) ?? []
  return {
    rule: id,
    clauses: explainedClauses(clauses, profile),
    expected: rule?.summary ?? id,
    mend: `Refuse such requests. What must hold: ${rule?.summary ?? id}`,
    isBeyond: clauses.every((clause) => Object.hasOwn(profile.beyond, clause)),
  }
}

/** `title` says what is accepted where nothing has to be refused. Throws a `TypeError` for an id that is none. */
export function meaningOfRefusal(profile: Profile, id: string | undefined, title: string): Meaning {
  if (id === undefined) {
    const expected = `Accepted, because nothing in the profile is against it: ${title}.`
    return { rule: 'legal-request', clauses: [], expected, mend: 'Accept this request.', isBeyond: false }
  }
  const refusal = refusalNamed(id)
  if (!refusal) throw new TypeError(`no refusal is named ${id}`)
  return {
    rule: id,
    clauses: namedClauses(refusal, profile),
    expected: refusal.summary,
    mend: `Refuse such requests. What must hold: ${refusal.summary}`,
    isBeyond: false,
  }
}
