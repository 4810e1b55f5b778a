import type { Server } from './facts.js'
import type { Rule } from './rule.js'

/** Who sees to a clause that no rule here checks. */
export type Settler = 'setting' | 'provider' | 'operator' | 'guard' | 'client' | 'nobody'

/** A clause without a rule: who settles it, and how. */
export interface Unchecked {
  readonly by: Settler
  readonly why: string
}

/** Rules a profile adds to its specification, and the text or reason they stand on. */
export interface Beyond {
  readonly why: string
  readonly rules: readonly Rule[]
}

/** A specification read as a table: each clause, and the rules that check it. */
export interface Profile {
  readonly name: string
  readonly title: string
  readonly spec: string
  /** Which generation of FAPI the profile belongs to. */
  readonly generation: '1.0' | '2.0'
  /** Clause to rules, in the order the specification states them. */
  readonly clauses: Readonly<Record<string, readonly Rule[]>>
  /** Clauses no rule here checks: who settles them, and how. */
  readonly unchecked: Readonly<Record<string, Unchecked>>
  /** What is asked on top of the specification's own text. */
  readonly beyond: Readonly<Record<string, Beyond>>
  /** What can be seen from outside alone, by clause: rules of the stages `discovery` and `tls`, whoever settles the clause inside. */
  readonly audited?: Readonly<Record<string, readonly Rule[]>>
  /** What an adapter fills in where the user is silent. */
  readonly defaults: {
    /** How a server is set up when it serves this profile alone. */
    readonly server: Partial<Server>
    /** RFC 7591 metadata a client gets that registers without saying. */
    readonly client: Readonly<Record<string, unknown>>
  }
}

/** Declares a profile. Throws a `TypeError` when a clause is listed twice. */
export function defineProfile(profile: Profile): Profile {
  const { name, clauses, unchecked, beyond } = profile
  for (const clause of Object.keys(clauses)) {
    if (clause in unchecked) throw new TypeError(`${name}: clause ${clause} is both checked and unchecked`)
    if (clause in beyond) throw new TypeError(`${name}: clause ${clause} is both the specification's and beyond it`)
    if (clauses[clause]?.length === 0) throw new TypeError(`${name}: clause ${clause} has no rule; list it under unchecked and say why`)
  }
  return Object.freeze(profile)
}

/** Every rule of a profile with the clause it answers for, the specification's own first. */
export function rulesOf({ clauses, audited = {}, beyond }: Profile): (readonly [clause: string, rule: Rule])[] {
  const listed = (table: Readonly<Record<string, readonly Rule[]>>) =>
    Object.entries(table).flatMap(([clause, rules]) => rules.map((rule) => [clause, rule] as const))
  const more = Object.entries(beyond).flatMap(([clause, { rules }]) => rules.map((rule) => [clause, rule] as const))
  return [...listed(clauses), ...listed(audited), ...more]
}
