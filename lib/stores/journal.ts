import type { Verdict } from '../core/verdict.js'
import { type JournalQuery, outcomeOf } from './store.js'

/** Whether a verdict is what a query looks for; drivers without indexes for it ask each one. */
export function matches(verdict: Verdict, { interaction, client, rule, outcome, from, until, search }: JournalQuery): boolean {
  return (
    (interaction === undefined || verdict.interaction === interaction) &&
    (client === undefined || verdict.client === client) &&
    (rule === undefined || verdict.violations.some((violation) => violation.rule === rule)) &&
    (outcome === undefined || outcomeOf(verdict) === outcome) &&
    (from === undefined || verdict.at >= from) &&
    (until === undefined || verdict.at <= until) &&
    (search === undefined || JSON.stringify(verdict).toLowerCase().includes(search))
  )
}
