import type { Verdict } from '../core/verdict.js'
import { type JournalQuery, outcomeOf } from './store.js'

/** Whether a verdict is what a query looks for; drivers without indexes for it ask each one. `text` is what `searchable` made of it. */
export function matches(verdict: Verdict, query: JournalQuery, text = () => searchable(verdict)): boolean {
  const { interaction, client, rule, outcome, from, until, search } = query
  return (
    (interaction === undefined || verdict.interaction === interaction) &&
    (client === undefined || verdict.client === client) &&
    (rule === undefined || verdict.violations.some((violation) => violation.rule === rule)) &&
    (outcome === undefined || outcomeOf(verdict) === outcome) &&
    (from === undefined || verdict.at >= from) &&
    (until === undefined || verdict.at <= until) &&
    (search === undefined || text().includes(search))
  )
}

/** Every text that a verdict holds, once and in lower case: what a search looks into. */
export function searchable(verdict: Verdict): string {
  const texts = new Set<string>()
  collect(verdict, texts)
  return [...texts].join(BETWEEN).toLowerCase()
}

/** Stands between texts: a noncharacter, so that nothing that is searched for spans two of them. */
export const BETWEEN = '\uffff'

function collect(value: unknown, texts: Set<string>): void {
  if (typeof value === 'string') texts.add(value)
  else if (typeof value === 'object' && value !== null) for (const part of Object.values(value)) collect(part, texts)
}
