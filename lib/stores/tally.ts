import type { Verdict } from '../core/verdict.js'
import { type Outcome, outcomeOf, type Tally, type TallyBucket, type TallyRule } from './store.js'

/** Adds up for a tally: verdicts of the bucket that begins at `from`, and those in which a rule was broken. */
export interface TallyCount {
  verdicts(from: number, outcome: Outcome, count?: number): void
  rule(rule: string, outcome: Outcome, count?: number): void
  tally(): Tally
}

/** Our choice: a chart has no room for more. */
const RULES = 100

export function tallyCount(): TallyCount {
  const total = nothing()
  const buckets = new Map<number, Counts>()
  const rules = new Map<string, Counts>()
  return {
    verdicts(from, outcome, count = 1) {
      total[outcome] += count
      entryOf(buckets, from)[outcome] += count
    },
    rule(rule, outcome, count = 1) {
      entryOf(rules, rule)[outcome] += count
    },
    tally: () => ({
      total,
      buckets: [...buckets].map(([from, counts]): TallyBucket => ({ from, ...counts })).sort((a, b) => a.from - b.from),
      rules: [...rules]
        .map(([rule, { refused, broken }]): TallyRule => ({ rule, refused, broken }))
        .sort((a, b) => b.refused + b.broken - (a.refused + a.broken) || (a.rule < b.rule ? -1 : 1))
        .slice(0, RULES),
    }),
  }
}

/** Counts a verdict in buckets of so many seconds. */
export function countVerdict(count: TallyCount, verdict: Verdict, bucket: number): void {
  const outcome = outcomeOf(verdict)
  count.verdicts(Math.floor(verdict.at / bucket) * bucket, outcome)
  for (const rule of new Set(verdict.violations.map((violation) => violation.rule))) count.rule(rule, outcome)
}

export const isOutcome = (value: unknown): value is Outcome => value === 'refused' || value === 'broken' || value === 'passed'

type Counts = Record<Outcome, number>
const nothing = (): Counts => ({ refused: 0, broken: 0, passed: 0 })

function entryOf<K>(entries: Map<K, Counts>, key: K): Counts {
  const counts = entries.get(key) ?? nothing()
  entries.set(key, counts)
  return counts
}
