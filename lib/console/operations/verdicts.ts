import { explainer } from '../../core/explainer.js'
import { type Explanation, explain } from '../../core/explanation.js'
import type { Verdict } from '../../core/verdict.js'
import { type Outcome, outcomeOf, type Page } from '../../stores/store.js'
import type { Console } from '../console.js'
import { invalid } from '../console-error.js'
import { PAGING, pagingGiven, textGiven } from '../given.js'
import { defineOperation } from '../operation.js'
import { listOutcomes } from '../verdict-listing.js'
import { VERDICT_FILTER, verdictFilterGiven } from '../verdict-query.js'
import { tallied, type VerdictTally } from '../verdict-tallies.js'

/** A verdict, explained, and what came of the request. */
export interface ExplainedVerdict extends Explanation {
  readonly outcome: Outcome
}

const explained = ({ registration }: Console, verdict: Verdict): ExplainedVerdict => ({
  ...explain(verdict, registration.terms.policy.profiles),
  outcome: outcomeOf(verdict),
})

const outcomeOfExplanation = ({ refused, violations }: Explanation): Outcome =>
  refused ? 'refused' : violations.length > 0 ? 'broken' : 'passed'

const OUTCOMES = ['refused', 'broken', 'passed'] as const

/** What matters: that somebody was refused, or would have been. */
const WANTED = OUTCOMES.slice(0, 2)

function outcomesGiven(text: string | undefined): readonly Outcome[] | undefined {
  if (text === undefined) return WANTED
  if (text === 'all') return undefined
  const outcome = OUTCOMES.find((one) => one === text)
  if (!outcome) throw invalid(`outcome must be one of ${OUTCOMES.join(', ')}, all`)
  return [outcome]
}

export const searchVerdicts = defineOperation<Page<ExplainedVerdict>>({
  name: 'searchVerdicts',
  method: 'GET',
  path: '/verdicts',
  role: 'viewer',
  summary: 'Lists verdicts, newest first, each explained.',
  parameters: {
    ...VERDICT_FILTER,
    outcome: {
      description:
        'What came of the request: refused, broken (rules were broken and nobody was refused: report mode, a waiver), passed, or all. Refused and broken when not given.',
      schema: { enum: [...OUTCOMES, 'all'] },
    },
    ...PAGING,
  },
  answer: 'Verdicts, and where the listing goes on.',
  async handle(console, { query }) {
    const { limit, cursor } = pagingGiven(query)
    const wanted = { ...verdictFilterGiven(query), limit, cursor }
    const outcomes = outcomesGiven(query.outcome)
    const [only] = outcomes ?? []
    const isOne = outcomes === undefined || outcomes.length === 1
    const page = isOne ? await console.store.search({ ...wanted, outcome: only }) : await listOutcomes(console.store, outcomes, wanted)
    return { items: page.items.map((verdict) => explained(console, verdict)), cursor: page.cursor }
  },
})

/** Hours of a range, our choice: ten years. */
const MOST_HOURS = 87_600
const USUAL_HOURS = 24

function hoursGiven(text: string | undefined): number {
  const hours = text === undefined ? USUAL_HOURS : Number(/^\d{1,6}$/.test(text) ? text : Number.NaN)
  if (!(hours >= 1 && hours <= MOST_HOURS)) throw invalid(`hours must be a whole number from 1 to ${MOST_HOURS}`)
  return hours
}

export const tallyVerdicts = defineOperation<VerdictTally>({
  name: 'tallyVerdicts',
  method: 'GET',
  path: '/verdict-tally',
  role: 'viewer',
  summary: 'Counts verdicts over time and by rule, in 24 to 60 stretches of time. The count may be 15 seconds old.',
  parameters: {
    ...VERDICT_FILTER,
    hours: {
      description: `How many hours before until, where from is not given; ${USUAL_HOURS} when not given. until is now when not given.`,
      schema: { type: 'integer', minimum: 1, maximum: MOST_HOURS },
    },
  },
  answer: 'How many of each outcome, in all and by stretch of time, and how often each rule was broken.',
  async handle(console, { query }) {
    const { from, until = Math.floor(Date.now() / 1000), ...filter } = verdictFilterGiven(query)
    const hours = hoursGiven(query.hours)
    const start = from ?? Math.max(0, until - hours * 3600)
    if (start > until) throw invalid('from must not be in the future, or until must be given as well')
    return tallied(console, filter, start, until)
  },
})

/** What is known of one request. */
export interface ExplainedInteraction {
  readonly interaction: string
  /** Oldest first. */
  readonly verdicts: readonly ExplainedVerdict[]
  /** Whether there are older ones. */
  readonly more: boolean
}

/** Verdicts of one request, our choice: an honest one has a handful, and whoever sends the same id with each has any number. */
const MOST_VERDICTS = 200

export const explainInteraction = defineOperation<ExplainedInteraction>({
  name: 'explainInteraction',
  method: 'GET',
  path: '/interactions/{interaction_id}',
  role: 'viewer',
  summary: 'Explains why a request was refused: every verdict under its x-fapi-interaction-id.',
  answer: `The newest ${MOST_VERDICTS} at the most, oldest first; none where the journal knows of none.`,
  async handle(console, { path }) {
    const interaction = textGiven('interaction_id', path.interaction_id, 300)
    const { profiles } = console.registration.terms.policy
    // One more than are shown, to know whether there are others.
    const found = await explainer(console.store, profiles, { most: MOST_VERDICTS + 1 })(interaction)
    const verdicts = found.slice(-MOST_VERDICTS).map((one): ExplainedVerdict => ({ ...one, outcome: outcomeOfExplanation(one) }))
    return { interaction: verdicts[0]?.interaction ?? interaction, verdicts, more: found.length > MOST_VERDICTS }
  },
})
