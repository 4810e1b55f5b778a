import type { Verdict } from '../core/verdict.js'
import { matches, searchable } from './journal.js'
import type { Journal } from './store.js'
import { countVerdict, tallyCount } from './tally.js'

const APPENDED = Promise.resolve()

/** The newest verdicts, so many at the most. */
export function memoryJournal(capacity: number): Journal {
  /** A ring: who is forgotten leaves the place to the newest. To move all the others up would take longer than to judge a request. */
  const ring: Verdict[] = []
  /** How many verdicts there ever were. */
  let count = 0
  /** A verdict's text is made for the first search that asks for it. */
  const texts = new WeakMap<Verdict, string>()
  const textOf = (verdict: Verdict) => {
    const text = texts.get(verdict) ?? searchable(verdict)
    texts.set(verdict, text)
    return text
  }

  return {
    append(verdict) {
      ring[count % capacity] = verdict
      count++
      return APPENDED
    },
    async search({ cursor, limit = 50, ...query } = {}) {
      // Verdicts are counted from the first there ever was, so that a listing goes on where it was when old ones are forgotten.
      const start = cursor === undefined ? count : Math.min(Math.trunc(Number(cursor) || 0), count)
      const found: (readonly [number: number, verdict: Verdict])[] = []
      for (let number = start - 1; number >= count - ring.length && found.length <= limit; number--) {
        const verdict = ring[number % capacity]
        if (verdict && matches(verdict, query, () => textOf(verdict))) found.push([number, verdict])
      }
      const items = found.slice(0, limit)
      const cursorAfter = found.length > limit ? String(items.at(-1)?.[0] ?? 0) : undefined
      return { items: items.map(([, verdict]) => verdict), cursor: cursorAfter }
    },
    async tally(query, bucket) {
      const tallied = tallyCount()
      for (const verdict of ring) {
        if (matches(verdict, query, () => textOf(verdict))) countVerdict(tallied, verdict, bucket)
      }
      return tallied.tally()
    },
  }
}
