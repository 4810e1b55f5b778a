import type { Verdict } from '../core/verdict.js'
import { matches, searchable } from './journal.js'
import { type Run, texts } from './redis-connection.js'
import { APPEND, ENTRIES } from './redis-scripts.js'
import { verdictFrom } from './remote.js'
import type { Journal, JournalQuery, Outcome } from './store.js'
import { countVerdict, tallyCount } from './tally.js'

/** A stream of the newest verdicts, all in one key. */
export const redisJournal = (run: Run, capacity: number): Journal => ({
  async append(verdict) {
    await run(APPEND, KEY, JSON.stringify(verdict), searchable(verdict), JSON.stringify(counted(verdict)), capacity)
  },
  async search({ cursor, limit = 50, ...query } = {}) {
    const found: { readonly id: string; readonly verdict: Verdict }[] = []
    if (cursor !== undefined && !/^\d{1,18}-\d{1,18}$/.test(cursor)) return { items: [], cursor: undefined }
    for await (const [id, text] of candidates(run, { ...query, cursor }, 'verdict')) {
      const verdict = verdictFrom(text)
      if (verdict && matches(verdict, query)) found.push({ id, verdict })
      // One more than asked for says whether there is a next page.
      if (found.length > limit) break
    }
    const page = found.slice(0, limit)
    return { items: page.map(({ verdict }) => verdict), cursor: found.length > limit ? page.at(-1)?.id : undefined }
  },
  async tally(query, bucket) {
    const count = tallyCount()
    for await (const [, text] of candidates(run, query, query.search === undefined ? 'counted' : 'verdict')) {
      const verdict = verdictFrom(text)
      if (verdict && matches(verdict, query)) countVerdict(count, verdict, bucket)
    }
    return count.tally()
  },
})

/** As much of a verdict as a tally asks for. */
const counted = ({ at, client, interaction, violations, rejection }: Verdict) => ({
  ...{ at, client, interaction },
  violations: violations.map(({ rule }) => ({ rule })),
  rejection: rejection && {},
})

/** Entries that may be what a query looks for, newest first; Redis leaves out most others. */
async function* candidates(
  run: Run,
  query: JournalQuery,
  what: 'verdict' | 'counted',
): AsyncGenerator<readonly [id: string, text: string]> {
  const { cursor, client, interaction, rule, outcome, from, search = '' } = query
  const marks = [client, interaction, rule].filter((value) => value !== undefined).map((value) => JSON.stringify(value))
  const oldest = from === undefined ? '-' : String(Math.max(0, Math.floor((from - EARLY) * 1000) || 0))
  let size = FIRST_CHUNK
  for (let newest = cursor ? `(${cursor}` : '+', more = true; more; size = CHUNK) {
    const reply = texts(await run(ENTRIES, KEY, newest, oldest, size, what, search, ...marks, ...(outcome ? OUTCOME_MARKS[outcome] : [])))
    const [looked, last = '', ...flat] = reply
    for (let index = 0; index < flat.length; index += 2) yield [flat[index] ?? '', flat[index + 1] ?? '']
    more = Number(looked) === size
    newest = `(${last}`
  }
}

/** What the text of a verdict has in it. */
const OUTCOME_MARKS: Readonly<Record<Outcome, readonly string[]>> = {
  refused: ['"rejection":{'],
  broken: [],
  passed: ['"violations":[]'],
}

const KEY = 'journal'

/** Our choices: Redis looks through so many entries at a time, and does nothing else for a few milliseconds. */
const FIRST_CHUNK = 200
const CHUNK = 2_000

/** Seconds by which a verdict's time may be later than Redis's when it was kept (our choice): their clocks are not the same. */
const EARLY = 3_600
