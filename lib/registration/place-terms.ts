import type { RecordStore } from '../stores/store.js'

/** What places need of a store. */
export type PlaceStore = Pick<RecordStore, 'find' | 'upsert' | 'consume'>

/** One of the terms in which a place is held, one after the other: 0 is the first. */
export interface Term {
  readonly name: string
  readonly place: number
  readonly number: number
}

/** Who holds a place for a term. */
export interface Holding {
  readonly holder: string
  /** Epoch seconds; for good without it. */
  readonly until: number | undefined
  /** How often it has been kept on. */
  readonly kept: number
}

/**
 * The records of terms. None is ever taken back, so that whoever comes late, with what it read long ago, changes nothing: a term
 * is taken by the one who consumes its record, it ends when a record says so, and only then may the next be taken.
 */
export interface Terms {
  isTaken(term: Term): Promise<boolean>
  /** Of any number of simultaneous calls exactly one resolves `true`, ever. */
  claim(term: Term, holder: string, seconds: number): Promise<boolean>
  /** Who holds it; nobody once it has ended. */
  holding(term: Term): Promise<Holding | undefined>
  /** Has a term go on until a time, or for good. `false` when somebody has begun to end it: then it is over. */
  keep(term: Term, held: Holding, until: number | undefined): Promise<boolean>
  /** Ends a term whose time has come, and resolves whether it is over. */
  endIfOver(term: Term, held: Holding): Promise<boolean>
  end(term: Term): Promise<void>
}

const MODEL = 'Place'

export function placeTerms(store: PlaceStore): Terms {
  const idOf = (what: string, { name, place, number }: Term) => `${what} ${place} ${number} ${name}`
  const find = (what: string, term: Term) => store.find(MODEL, idOf(what, term))
  const write = (what: string, term: Term, record: object) => store.upsert(MODEL, idOf(what, term), { ...record }, undefined)
  const isThere = async (what: string, term: Term) => (await find(what, term)) !== undefined
  const ending = (kept: number) => `ending ${kept}`
  const hold = (term: Term, holding: Holding) => write('held', term, holding)

  const end: Terms['end'] = (term) => write('ended', term, {})

  const terms: Terms = {
    async isTaken(term) {
      return (await find('taken', term))?.consumed !== undefined
    },
    async claim(term, holder, seconds) {
      // All who try write the same; who wins is told by the record, and what it says counts until the winner has said who it is.
      await write('taken', term, { seconds })
      if (!(await store.consume(MODEL, idOf('taken', term)))) return false
      await hold(term, { holder, until: Date.now() / 1000 + seconds, kept: 0 })
      return true
    },
    async holding(term) {
      const [taken, held, isEnded] = await Promise.all([find('taken', term), find('held', term), isThere('ended', term)])
      if (isEnded || taken?.consumed === undefined) return undefined
      const { holder, until, kept } = held ?? {}
      if (typeof holder === 'string' && typeof kept === 'number')
        return { holder, until: typeof until === 'number' ? until : undefined, kept }
      // Its process has not said yet who it is, or died before it could.
      return { holder: '', until: taken.consumed + 1 + Number(taken.seconds), kept: 0 }
    },
    async keep(term, { holder, kept }, until) {
      // Each side says what it does before it looks what the other does: so at the most one of them goes through with it.
      await hold(term, { holder, until, kept: kept + 1 })
      const [isEnding, isEnded] = await Promise.all([isThere(ending(kept), term), isThere('ended', term)])
      if (!isEnding && !isEnded) return true
      await end(term)
      return false
    },
    async endIfOver(term, { until = Number.POSITIVE_INFINITY, kept }) {
      if (until > Date.now() / 1000) return false
      await write(ending(kept), term, {})
      const now = await terms.holding(term)
      if (now && now.kept !== kept) return false
      await end(term)
      return true
    },
    end,
  }
  return Object.freeze(terms)
}
