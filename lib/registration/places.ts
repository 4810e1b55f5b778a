import { forgetOldest } from '../core/forget-oldest.js'
import { firstWithout } from './first-without.js'
import { type Holding, type PlaceStore, placeTerms, type Term } from './place-terms.js'

/** Numbered places, of which no more are held at once than there are, across any number of processes. */
export interface Places {
  /**
   * Takes a free place among those from 0 up to `limit`, for `seconds` unless it is kept; `undefined` when all are taken. `holder` says
   * who takes it, and each attempt should have one of its own. Who lowers the limit later frees no place: those above stay held.
   */
  take(name: string, limit: number, holder: string, seconds: number): Promise<number | undefined>
  /**
   * Keeps a place for good, or until `expiresAt` (epoch seconds); again, with another time. `false` when it is not the holder's any more:
   * its time had come and it was given away. Then nothing may be built on it. Of two calls at once for one place the later counts.
   */
  keep(name: string, place: number, holder: string, expiresAt?: number): Promise<boolean>
  /** Gives a place back, if the holder still has it. */
  free(name: string, place: number, holder: string): Promise<void>
  /** Gives back whatever a holder has among the places from 0 up to `limit`. */
  freeOf(name: string, limit: number, holder: string): Promise<void>
  /** Who holds the places from 0 up to `limit`, by place. */
  holders(name: string, limit: number): Promise<string[]>
}

/** Places of one name, our choice: what is looked through when all are taken. */
export const MOST_PLACES = 10_000

/** Places that are looked at together. */
const BATCH = 50

/** Seconds for which many places that were found taken are not looked through again, our choice, and the names this is remembered of. */
const FULL_FOR = 5
const MOST_NAMES = 1_000

/** Keeps places in a store. Each leaves some two hundred octets there whenever it is given back, which is what makes a late writer harmless. */
export function places(store: PlaceStore): Places {
  const terms = placeTerms(store)
  const full = new Map<string, { readonly limit: number; readonly until: number }>()

  /** The last term in which a place was held, and who holds it now. */
  async function lastTerm(name: string, place: number): Promise<{ readonly term: Term; readonly held: Holding | undefined } | undefined> {
    const next = await firstWithout((number) => terms.isTaken({ name, place, number }))
    if (next === 0) return undefined
    const term = { name, place, number: next - 1 }
    return { term, held: await terms.holding(term) }
  }

  /** Takes a place that was never taken before: the lowest, or, where many are at it, one further on. */
  async function takeNew(name: string, limit: number, holder: string, seconds: number): Promise<number | undefined> {
    let place = await firstWithout((at) => terms.isTaken({ name, place: at, number: 0 }), limit)
    for (let spread = 1; place < limit; spread *= 2) {
      if (await terms.claim({ name, place, number: 0 }, holder, seconds)) return place
      place += 1 + Math.floor(Math.random() * spread)
    }
    return undefined
  }

  /** Looks at each place, and takes the first that is free again. */
  async function takeFreed(name: string, limit: number, holder: string, seconds: number): Promise<number | undefined> {
    let fullUntil = Date.now() / 1000 + FULL_FOR
    for await (const { place, last } of lastTerms(name, limit)) {
      if (last?.held && !(await terms.endIfOver(last.term, last.held))) {
        fullUntil = Math.min(fullUntil, last.held.until ?? fullUntil)
        continue
      }
      const number = last ? last.term.number + 1 : 0
      if (await terms.claim({ name, place, number }, holder, seconds)) return place
    }
    if (limit > BATCH) remember(name, limit, fullUntil)
    return undefined
  }

  function remember(name: string, limit: number, until: number): void {
    full.set(name, { limit, until })
    forgetOldest(full, MOST_NAMES)
  }

  /** The last terms of all places, batch by batch. */
  async function* lastTerms(name: string, limit: number) {
    for (let from = 0; from < limit; from += BATCH) {
      const batch = numbers(from, Math.min(from + BATCH, limit))
      const last = await Promise.all(batch.map((place) => lastTerm(name, place)))
      for (const [index, place] of batch.entries()) yield { place, last: last[index] }
    }
  }

  async function heldBy(name: string, place: number, holder: string) {
    const last = await lastTerm(name, place)
    return last?.held?.holder === holder ? { term: last.term, held: last.held } : undefined
  }

  async function end(term: Term): Promise<void> {
    await terms.end(term)
    full.delete(term.name)
  }

  return Object.freeze<Places>({
    async take(name, limit, holder, seconds) {
      insistOnLimit(limit)
      insistOnHolder(holder)
      if (!(Number.isFinite(seconds) && seconds > 0)) throw new TypeError('seconds must be more than 0')
      const known = full.get(name)
      if (known && known.limit >= limit && known.until > Date.now() / 1000) return undefined
      full.delete(name)
      return (await takeNew(name, limit, holder, seconds)) ?? (await takeFreed(name, limit, holder, seconds))
    },
    async keep(name, place, holder, expiresAt) {
      insistOnHolder(holder)
      if (expiresAt !== undefined && !Number.isFinite(expiresAt)) throw new TypeError('expiresAt must be a time in epoch seconds')
      const own = await heldBy(name, place, holder)
      return own !== undefined && terms.keep(own.term, own.held, expiresAt)
    },
    async free(name, place, holder) {
      insistOnHolder(holder)
      const own = await heldBy(name, place, holder)
      if (own) await end(own.term)
    },
    async freeOf(name, limit, holder) {
      insistOnLimit(limit)
      insistOnHolder(holder)
      for await (const { last } of lastTerms(name, limit)) if (last?.held?.holder === holder) await end(last.term)
    },
    async holders(name, limit) {
      insistOnLimit(limit)
      const found: string[] = []
      const now = Date.now() / 1000
      for await (const { last } of lastTerms(name, limit))
        if (last?.held?.holder && (last.held.until ?? now + 1) > now) found.push(last.held.holder)
      return found
    },
  })
}

const numbers = (from: number, to: number) => Array.from({ length: to - from }, (_, index) => from + index)

function insistOnLimit(limit: number): void {
  if (!(Number.isInteger(limit) && limit >= 1 && limit <= MOST_PLACES)) throw new TypeError(`limit must be from 1 to ${MOST_PLACES}`)
}

function insistOnHolder(holder: string): void {
  if (typeof holder !== 'string' || holder === '') throw new TypeError('holder must say who takes the place')
}
