import type { Verdict } from '../core/verdict.js'
import { matches, searchable } from './journal.js'
import type { Journal } from './store.js'
import { countVerdict, tallyCount } from './tally.js'

/** The newest verdicts, so many at the most. */
export function memoryJournal(capacity: number): Journal {
  const entries: { readonly verdict: Verdict; text?: string }[] = []
  let forgotten = 0
  /** A verdict's text is made for the first search that asks for it. */
  const textOf = (entry: (typeof entries)[number]) => {
    entry.text ??= searchable(entry.verdict)
    return entry.text
  }

  return {
    async append(verdict) {
      entries.push({ verdict })
      if (entries.length <= capacity) return
      entries.shift()
      forgotten++
    },
    async search({ cursor, limit = 50, ...query } = {}) {
      // Verdicts are counted from the first there ever was, so that a listing goes on where it was when old ones are forgotten.
      const start = cursor === undefined ? entries.length : Math.min(Math.trunc(Number(cursor) || 0) - forgotten, entries.length)
      const found: (readonly [index: number, verdict: Verdict])[] = []
      for (let index = start - 1; index >= 0 && found.length <= limit; index--) {
        const entry = entries[index]
        if (entry && matches(entry.verdict, query, () => textOf(entry))) found.push([index, entry.verdict])
      }
      const items = found.slice(0, limit)
      const cursorAfter = found.length > limit ? String((items.at(-1)?.[0] ?? 0) + forgotten) : undefined
      return { items: items.map(([, verdict]) => verdict), cursor: cursorAfter }
    },
    async tally(query, bucket) {
      const count = tallyCount()
      for (const entry of entries) {
        if (matches(entry.verdict, query, () => textOf(entry))) countVerdict(count, entry.verdict, bucket)
      }
      return count.tally()
    },
  }
}
