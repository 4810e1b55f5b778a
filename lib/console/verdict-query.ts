import type { TallyQuery } from '../stores/store.js'
import { invalid } from './console-error.js'
import { textGiven } from './given.js'
import type { Call, Parameter } from './operation.js'

/** Seconds of a time that can be written with a year of four digits: the end of 9999. */
const LAST = 253_402_300_799

/** Characters of what is looked for, our choice: ids are shorter. */
const LONGEST = 300

const TIME = { type: 'integer', minimum: 0, maximum: LAST }

/** What verdicts are chosen by. */
export const VERDICT_FILTER: Readonly<Record<keyof Omit<TallyQuery, 'outcome'>, Parameter>> = {
  client: { description: 'Only those about the client with this client_id.' },
  rule: { description: 'Only those in which the rule with this id was broken; `server` for what no rule says.' },
  interaction: { description: 'Only those of the request with this x-fapi-interaction-id.' },
  search: { description: 'Only those that contain this text anywhere, whatever the case.' },
  from: { description: 'From then on, in epoch seconds.', schema: TIME },
  until: { description: 'Until then, in epoch seconds.', schema: TIME },
}

const TEXTS = ['client', 'rule', 'interaction', 'search'] as const

/** Reads what verdicts are chosen by. Throws a `ConsoleError` that says what would be right. */
export function verdictFilterGiven(query: Call['query']): Omit<TallyQuery, 'outcome'> {
  const texts = TEXTS.flatMap((name) => (query[name] === undefined ? [] : [[name, textGiven(name, query[name], LONGEST)]]))
  const [from, until] = [timeGiven('from', query.from), timeGiven('until', query.until)]
  if (from !== undefined && until !== undefined && from > until) throw invalid('from must not be after until')
  return { ...Object.fromEntries(texts), ...(from !== undefined && { from }), ...(until !== undefined && { until }) }
}

function timeGiven(name: string, text: string | undefined): number | undefined {
  if (text === undefined) return undefined
  const time = /^\d{1,12}$/.test(text) ? Number(text) : Number.NaN
  if (!(time <= LAST)) throw invalid(`${name} must be a time in whole epoch seconds, from 0 to ${LAST}`)
  return time
}
