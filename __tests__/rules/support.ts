import { inspect } from 'node:util'
import type { Facts, Stage } from '../../lib/core/facts.js'
import type { Rule } from '../../lib/core/rule.js'
import { type DeepPartial, factsAt } from './facts.js'

type Passing<S extends Stage> = { [K in S]: readonly [stage: K, facts: DeepPartial<Facts[K]>] }[S]
type Breaking<S extends Stage> = { [K in S]: readonly [stage: K, facts: DeepPartial<Facts[K]>, says: string] }[S]

/** Facts a rule lets pass, and facts it breaks on with the sentence it says; each states only in what it differs from the legal facts. */
export interface Cases<S extends Stage> {
  readonly passes: readonly Passing<S>[]
  readonly breaks: readonly Breaking<S>[]
}

/** A rule with its cases. They are data, so that the walk through the catalogue can see that every rule has some. */
export interface RuleTable {
  readonly rule: Rule
  readonly passes: readonly (readonly [stage: Stage, facts: object])[]
  readonly breaks: readonly (readonly [stage: Stage, facts: object, says: string])[]
}

export const ruleTable = <S extends Stage>(rule: Rule<S>, { passes, breaks }: Cases<S>): RuleTable => ({ rule, passes, breaks })

/** What a server is configured with, it publishes: the cases of a rule that looks at both, at both. */
export function alsoPublished({ rule, passes, breaks }: RuleTable): RuleTable {
  if (!rule.at.includes('discovery')) return { rule, passes, breaks }
  const isConfigured = ([stage]: readonly [Stage, ...unknown[]]) => stage === 'configuration'
  return {
    rule,
    passes: [...passes, ...passes.filter(isConfigured).map(([, facts]) => ['discovery', facts] as const)],
    breaks: [...breaks, ...breaks.filter(isConfigured).map(([, facts, says]) => ['discovery', facts, says] as const)],
  }
}

/** Tests a rule by its cases. */
export const testRule = <S extends Stage>(rule: Rule<S>, cases: Cases<S>): void => testTable(ruleTable(rule, cases))

/** Tests a rule by its table. */
export function testTable({ rule, passes, breaks }: RuleTable): void {
  describe(rule.id, () => {
    test.each(passes.map(([stage, facts]) => [nameOf(stage, facts), stage, facts] as const))('passes at %s', (_name, stage, facts) => {
      expect(rule.at).toContain(stage)
      expect(rule.check(factsAt(stage, facts))).toBeUndefined()
    })
    test.each(breaks.map(([stage, facts, says]) => [nameOf(stage, facts), stage, facts, says] as const))(
      'breaks at %s',
      (_name, stage, facts, says) => {
        expect(rule.at).toContain(stage)
        expect(rule.check(factsAt(stage, facts))).toBe(says)
      },
    )
  })
}

const nameOf = (stage: Stage, facts: unknown) =>
  `${stage}: ${inspect(facts, { depth: 6, compact: 9, breakLength: Number.POSITIVE_INFINITY, maxStringLength: 60 }).slice(0, 160)}`.replaceAll(
    '%',
    '%%',
  )
