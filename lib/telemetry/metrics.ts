import { type Attributes, type Counter, type Histogram, type MeterProvider, metrics } from '@opentelemetry/api'
import type { Judging } from '../core/recorder.js'
import type { Verdict } from '../core/verdict.js'
import type { clientNames } from './client-names.js'
import { type Decided, outcomeOfViolation } from './outcome.js'

/** The instrumentation scope of all that is measured and traced here. */
export const SCOPE = 'express-fapi'

/** What is measured: names and units as OpenTelemetry writes them. */
export const METRICS = {
  verdict: {
    name: 'fapi.verdict',
    unit: '{verdict}',
    description: 'Verdicts: each moment that was judged counts once, under the rule that decided it',
  },
  violation: {
    name: 'fapi.violation',
    unit: '{violation}',
    description: 'Broken rules: a verdict counts once for each rule that was broken',
  },
  duration: { name: 'fapi.judge.duration', unit: 's', description: 'How long the policy took to judge one moment' },
} as const

/** Seconds, our choice: judging takes microseconds, and what takes milliseconds was held up. */
const BUCKETS = [...[0.000_005, 0.000_01, 0.000_025, 0.000_05, 0.000_1, 0.000_25, 0.000_5], ...[0.001, 0.002_5, 0.005, 0.01, 0.025, 0.1]]

interface Instruments {
  readonly verdict: Counter
  readonly violation: Counter
  readonly duration: Histogram
}

/** Counts a verdict and all that was broken in it, and measures how long judging took. Without a provider, the global one counts, whenever it is set. */
export function counting(
  provider: MeterProvider | undefined,
  nameOf: ReturnType<typeof clientNames>,
): (verdict: Verdict, judging: Judging, decided: Decided) => void {
  const instruments = instrumentsOf(provider)
  return function count(verdict, judging, { outcome, by }) {
    const { verdict: verdicts, violation: broken, duration } = instruments()
    const { stage, mode, profile, violations } = verdict
    const where = { 'fapi.stage': stage, ...(profile !== undefined && { 'fapi.profile': profile }) }
    const client = nameOf(verdict, judging)
    const common: Attributes = { ...where, 'fapi.mode': mode, ...(client !== undefined && { 'fapi.client': client }) }
    verdicts.add(1, { ...common, 'fapi.outcome': outcome, ...(by && { 'fapi.rule': by.rule }) })
    for (const [rule, violation] of new Map(violations.map((one) => [one.rule, one])))
      broken.add(1, { ...common, 'fapi.outcome': outcomeOfViolation(violation, outcome), 'fapi.rule': rule })
    if (judging.took !== undefined) duration.record(judging.took, where)
  }
}

/** The global provider of metrics has no stand-in that waits for the real one: what was made too early would count nothing for ever. */
function instrumentsOf(given: MeterProvider | undefined): () => Instruments {
  let from: MeterProvider | undefined
  let made: Instruments | undefined
  return function instruments() {
    const provider = given ?? metrics.getMeterProvider()
    if (made && provider === from) return made
    const meter = provider.getMeter(SCOPE)
    from = provider
    made = {
      verdict: meter.createCounter(METRICS.verdict.name, METRICS.verdict),
      violation: meter.createCounter(METRICS.violation.name, METRICS.violation),
      duration: meter.createHistogram(METRICS.duration.name, { ...METRICS.duration, advice: { explicitBucketBoundaries: [...BUCKETS] } }),
    }
    return made
  }
}
