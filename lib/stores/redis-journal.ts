import type { Verdict } from '../core/verdict.js'
import { matches } from './journal.js'
import { type Run, texts } from './redis-connection.js'
import { APPEND, ENTRIES } from './redis-scripts.js'
import { verdictFrom } from './remote.js'
import type { Journal } from './store.js'

/** A stream of the newest verdicts, all in one key. */
export const redisJournal = (run: Run, capacity: number): Journal => ({
  async append(verdict) {
    await run(APPEND, KEY, JSON.stringify(verdict), capacity)
  },
  async search({ cursor, limit = 50, ...query } = {}) {
    const found: { readonly id: string; readonly verdict: Verdict }[] = []
    if (cursor !== undefined && !/^\d{1,18}-\d{1,18}$/.test(cursor)) return { items: [], cursor: undefined }
    // One more than asked for says whether there is a next page.
    for (let from = cursor ? `(${cursor}` : '+', more = true; more && found.length <= limit; ) {
      const entries = texts(await run(ENTRIES, KEY, from, CHUNK))
      for (let index = 0; index < entries.length; index += 2) {
        const [id = '', text = ''] = entries.slice(index, index + 2)
        const verdict = verdictFrom(text)
        if (verdict && matches(verdict, query)) found.push({ id, verdict })
        from = `(${id}`
      }
      more = entries.length === 2 * CHUNK
    }
    const page = found.slice(0, limit)
    return { items: page.map(({ verdict }) => verdict), cursor: found.length > limit ? page.at(-1)?.id : undefined }
  },
})

const KEY = 'journal'

/** Entries are read in chunks of this many: each is looked into. */
const CHUNK = 200
