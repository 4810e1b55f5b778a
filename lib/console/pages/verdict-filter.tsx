import { rulesOf } from '../../core/profile.js'
import { refusals } from '../../core/refusals/index.js'
import { invalid } from '../console-error.js'
import { type Option, Select } from './choosing.js'
import { MomentField, TextField } from './fields.js'
import type { Visit } from './page.js'

type Query = Readonly<Record<string, string | undefined>>

const TEXTS = ['client', 'rule', 'outcome', 'interaction', 'search'] as const

/** What the filter says, in the words of the operations. */
export interface Wanted {
  readonly texts: Query
  readonly from: string | undefined
  readonly until: string | undefined
  /** The length of the range where its beginning is not given. */
  readonly hours: string
}

const RANGES = [
  ['1', 'Last hour'],
  ['24', 'Last 24 hours'],
  ['168', 'Last 7 days'],
  ['720', 'Last 30 days'],
] as const

/** Throws a `ConsoleError` for a time that is none. */
export function wantedOf(query: Query): Wanted {
  const texts = Object.fromEntries(TEXTS.map((name) => [name, query[name]?.trim() || undefined]))
  return { texts, from: secondsOf('from', query.from), until: secondsOf('until', query.until), hours: hoursOf(query) }
}

/** Whoever knows which request it was does not know when. */
const hoursOf = ({ hours, interaction }: Query) => hours ?? (interaction === undefined ? '24' : '720')

/** `2026-11-22T09:30`, as a browser sends it, in UTC; or epoch seconds. */
function secondsOf(name: string, text: string | undefined): string | undefined {
  if (text === undefined || /^\d{1,12}$/.test(text)) return text
  const moment = /^(\d{4}-\d\d-\d\dT\d\d:\d\d(?::\d\d)?)(?:\.\d{1,3})?$/.exec(text)?.[1]
  const time = moment === undefined ? Number.NaN : Date.parse(`${moment}Z`) / 1000
  if (!(time >= 0)) throw invalid(`${name} must be a moment such as 2026-11-22T09:30, in UTC`)
  return String(time)
}

/** As a field for a moment has it. */
function momentOf(text: string | undefined): string {
  const time = /^\d{1,12}$/.test(text ?? '') ? new Date(Number(text) * 1000) : undefined
  return time ? (Number.isNaN(time.getTime()) ? '' : time.toISOString().slice(0, 16)) : (text ?? '')
}

const OUTCOMES: readonly Option[] = [
  { value: '', label: 'Refused, or would have been' },
  { value: 'refused', label: 'Refused' },
  { value: 'broken', label: 'Would have been refused' },
  { value: 'passed', label: 'Passed' },
  { value: 'all', label: 'All' },
]

/** What is told when no rule of a profile is broken: by name, and by a policy itself. */
const NO_RULES = [...refusals.map(({ id }) => id).sort(), 'server', 'profile-chosen', 'judged']

function ruleOptions({ console: { registration }, query: { rule } }: Visit): readonly Option[] {
  const ids = registration.terms.policy.profiles.flatMap((profile) => rulesOf(profile).map(([, { id }]) => id))
  const all = [...new Set([...ids.sort(), ...NO_RULES, ...(rule === undefined ? [] : [rule])])]
  return [{ value: '', label: 'Any rule' }, ...all.map((id) => ({ value: id, label: id }))]
}

/** What verdicts are chosen by. */
export const VerdictFilter = ({ visit }: { readonly visit: Visit }) => {
  const { href, query } = visit
  const kept = Object.fromEntries([...TEXTS].map((name) => [name, query[name]]))
  const isChosen = (range: string) => query.from === undefined && query.until === undefined && hoursOf(query) === range
  return (
    <>
      <nav aria-label="Time" class="tabs">
        <ul>
          {RANGES.map(([range, label]) => (
            <li key={range}>
              <a href={href('/verdicts', {}, { ...kept, hours: range })} {...(isChosen(range) && { 'aria-current': 'true' as const })}>
                {label}
              </a>
            </li>
          ))}
        </ul>
      </nav>
      <form method="get" action={href('/verdicts')} class="filter" aria-label="Filter">
        <TextField name="client" label="Client" metadata="client_id" value={query.client} />
        <Select name="rule" label="Rule" metadata="" value={query.rule} options={ruleOptions(visit)} />
        <Select name="outcome" label="What came of it" metadata="" value={query.outcome} options={OUTCOMES} />
        <MomentField name="from" label="From (UTC)" metadata="" value={momentOf(query.from)} />
        <MomentField name="until" label="Until (UTC)" metadata="" value={momentOf(query.until)} />
        <TextField name="interaction" label="Interaction id" metadata="" value={query.interaction} />
        <TextField name="search" label="Text" metadata="" value={query.search} keyboard="search" />
        <div class="actions">
          <button type="submit" class="primary">
            Show
          </button>
          <a href={href('/verdicts')}>Clear</a>
        </div>
      </form>
    </>
  )
}
