import type { Policy } from '../core/policy.js'
import type { Profile, Settler } from '../core/profile.js'
import type { Rule } from '../core/rule.js'
import { specificationOf } from '../core/specifications.js'
import type { Waiver } from '../core/waiver.js'

/** How the clauses of a profile are settled, counted. */
export interface Coverage extends Readonly<Record<Settler, number>> {
  /** Clauses that rules check. */
  readonly checked: number
  /** Texts beyond the specification's own that rules check. */
  readonly beyond: number
  /** Different rules. */
  readonly rules: number
}

/** A profile in a list. */
export interface ProfileSummary {
  readonly name: string
  readonly title: string
  readonly spec: string
  readonly generation: Profile['generation']
  readonly mode: Policy['mode']
  readonly counts: Coverage
}

/** A rule, for whoever reads what is asked. */
export interface RuleView {
  readonly rule: string
  readonly summary: string
  /** The stages at which it looks. */
  readonly stages: Rule['at']
  readonly mend?: string
  /** Why it is not enforced; the waiver may have expired. */
  readonly waived?: Waiver
}

/** A clause, and who sees to it. */
export interface ClauseView {
  readonly clause: string
  /** The document that it stands in. */
  readonly specification: string | undefined
  readonly link: string | undefined
  /** `rules` where rules check it. */
  readonly by: 'rules' | Settler
  /** How it is settled, where no rule checks it; why it is asked for, where it is beyond the text. */
  readonly why?: string
  readonly rules: readonly RuleView[]
}

export interface ProfileView extends ProfileSummary {
  /** The specification's own, in its order. */
  readonly clauses: readonly ClauseView[]
  readonly beyond: readonly ClauseView[]
  /** What a client gets that registers without saying, under the names of RFC 7591. */
  readonly client_defaults: Readonly<Record<string, unknown>>
}

type Terms = Pick<Policy, 'mode' | 'waivers'>

const NOBODY: Readonly<Record<Settler, number>> = { setting: 0, provider: 0, operator: 0, guard: 0, client: 0, nobody: 0 }

export function profileSummaryOf({ mode }: Terms, { name, title, spec, generation, clauses, unchecked, beyond }: Profile): ProfileSummary {
  const settled: Record<Settler, number> = { ...NOBODY }
  for (const { by } of Object.values(unchecked)) settled[by]++
  const rules = new Set([...Object.values(clauses).flat(), ...Object.values(beyond).flatMap((one) => one.rules)].map(({ id }) => id))
  const counts = { ...settled, checked: Object.keys(clauses).length, beyond: Object.keys(beyond).length, rules: rules.size }
  return { name, title, spec, generation, mode, counts }
}

export function profileViewOf(terms: Terms, profile: Profile): ProfileView {
  const view = (clause: string, by: ClauseView['by'], rules: readonly Rule[], why?: string): ClauseView => {
    const { title, link } = specificationOf(clause, profile) ?? {}
    return {
      ...{ clause, specification: title, link, by },
      ...(why !== undefined && { why }),
      rules: rules.map((rule) => ruleViewOf(terms, rule)),
    }
  }
  const checked = Object.entries(profile.clauses).map(([clause, rules]) => view(clause, 'rules', rules))
  const settled = Object.entries(profile.unchecked).map(([clause, { by, why }]) => view(clause, by, [], why))
  return {
    ...profileSummaryOf(terms, profile),
    clauses: [...checked, ...settled].sort(inOrder),
    beyond: Object.entries(profile.beyond).map(([clause, { why, rules }]) => view(clause, 'rules', rules, why)),
    client_defaults: profile.defaults.client,
  }
}

function ruleViewOf({ waivers }: Terms, { id, summary, at, mend }: Rule): RuleView {
  const waived = Object.hasOwn(waivers, id) ? waivers[id] : undefined
  return { rule: id, summary, stages: at, ...(mend !== undefined && { mend }), ...(waived !== undefined && { waived }) }
}

/** Numbers as numbers, as they follow each other in the document. */
const inOrder = (a: ClauseView, b: ClauseView) => a.clause.localeCompare(b.clause, 'en', { numeric: true })
