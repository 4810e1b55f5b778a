import type { Verdict } from '../core/verdict.js'
import type { Journal, JournalQuery, Outcome, Page } from '../stores/store.js'
import { invalid } from './console-error.js'

/** How far the verdicts of one outcome have been listed. */
interface Place {
  readonly outcome: Outcome
  /** Where the page of the journal begins that comes next; the newest when not given. */
  readonly cursor?: string | undefined
  /** How many of that page have been listed. */
  readonly skip: number
  /** Until when the newest page is read, so that what has come since moves nothing. */
  readonly pin?: number | undefined
}

interface Reading {
  place: Place
  readonly rest: Verdict[]
  /** Where the page after this one begins; `undefined` when there is none. */
  next: string | undefined
}

/**
 * Lists verdicts of several outcomes, newest first, as if they stood in one listing: a journal is asked for one outcome at a time, which its
 * indexes serve. Rejects with a `ConsoleError` for a cursor that no page before gave.
 */
export async function listOutcomes(
  { search }: Pick<Journal, 'search'>,
  outcomes: readonly Outcome[],
  { limit = 50, cursor, ...query }: JournalQuery,
): Promise<Page<Verdict>> {
  const places = cursor === undefined ? outcomes.map((outcome): Place => ({ outcome, skip: 0 })) : placesIn(cursor, outcomes)
  const readings = await Promise.all(places.map((place) => read(place)))
  const items: Verdict[] = []
  for (let more = true; more && items.length < limit; ) {
    const reading = newest(readings)
    const verdict = reading?.rest.shift()
    more = reading !== undefined && verdict !== undefined
    if (!reading || !verdict) continue
    items.push(verdict)
    reading.place = { ...reading.place, skip: reading.place.skip + 1 }
    if (reading.rest.length === 0 && reading.next !== undefined)
      Object.assign(reading, await read({ outcome: reading.place.outcome, cursor: reading.next, skip: 0 }))
  }
  const left = readings.filter(({ rest }) => rest.length > 0).map(({ place }) => place)
  return { items, cursor: left.length > 0 ? textOf(left) : undefined }

  async function read(place: Place): Promise<Reading> {
    const { outcome, cursor: start, skip, pin } = place
    const until = start === undefined && pin !== undefined ? Math.min(pin, query.until ?? pin) : query.until
    const page = await search({ ...query, until, outcome, limit, cursor: start })
    const rest = page.items.slice(skip)
    if (rest.length === 0 && page.cursor !== undefined) return read({ outcome, cursor: page.cursor, skip: skip - page.items.length })
    const isNewest = start === undefined && pin === undefined && rest.length > 0
    return { place: isNewest ? { ...place, pin: Math.max(...rest.map(({ at }) => at)) } : place, rest, next: page.cursor }
  }
}

const newest = (readings: readonly Reading[]): Reading | undefined =>
  readings.reduce<Reading | undefined>((best, one) => (timeOf(one) > timeOf(best) ? one : best), undefined)

const timeOf = (reading: Reading | undefined) => reading?.rest[0]?.at ?? Number.NEGATIVE_INFINITY

const textOf = (places: readonly Place[]) => Buffer.from(JSON.stringify(places)).toString('base64url')

/** The longest cursor that is read, our choice: those of journals are numbers. */
const LONGEST = 1000
/** Nobody has been given more of a page than a page has. */
const MOST_SKIPPED = 200

function placesIn(cursor: string, outcomes: readonly Outcome[]): readonly Place[] {
  const places = cursor.length > LONGEST ? undefined : parsed(Buffer.from(cursor, 'base64url').toString())
  const known = Array.isArray(places) && places.every(isPlace) ? places : []
  const own = known.filter(({ outcome }) => outcomes.includes(outcome))
  if (own.length === 0 || own.length !== new Set(known.map(({ outcome }) => outcome)).size)
    throw invalid('cursor must be the one that the page before gave, with the same filter')
  return own
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}

function isPlace(value: unknown): value is Place {
  if (typeof value !== 'object' || value === null) return false
  const [outcome, cursor, skip, pin] = ['outcome', 'cursor', 'skip', 'pin'].map((name): unknown => Reflect.get(value, name))
  return (
    typeof outcome === 'string' &&
    (cursor === undefined || typeof cursor === 'string') &&
    Number.isInteger(skip) &&
    Number(skip) >= 0 &&
    Number(skip) <= MOST_SKIPPED &&
    (pin === undefined || (typeof pin === 'number' && Number.isFinite(pin)))
  )
}
