import { isText } from '../core/claims.js'
import { forgetOldest } from '../core/forget-oldest.js'
import type { Tally, TallyBucket, TallyQuery } from '../stores/store.js'
import type { Console } from './console.js'

/** Verdicts counted over a stretch of time, with every bar of a chart, also those in which nothing fell. */
export interface VerdictTally extends Pick<Tally, 'total' | 'rules'> {
  /** Epoch seconds: where the first bar begins. */
  readonly from: number
  /** Epoch seconds: where the last bar ends. */
  readonly until: number
  /** Seconds of a bar. */
  readonly bucket_seconds: number
  readonly buckets: readonly TallyBucket[]
}

/** Seconds that a count is remembered: our choice, so that whoever loads a page again and again does not make the journal count again and again. */
const REMEMBERED = 15
/** How many counts a console remembers at the most; our choice. */
const MOST = 100

interface Remembered {
  readonly tally: Promise<VerdictTally>
  /** Milliseconds. */
  readonly at: number
}

const memories = new WeakMap<Console, Map<string, Remembered>>()

/** Counts what a filter finds between two times. The count may be some seconds old. */
export function tallied(console: Console, filter: Omit<TallyQuery, 'from' | 'until'>, from: number, until: number): Promise<VerdictTally> {
  const memory = memories.get(console) ?? new Map<string, Remembered>()
  memories.set(console, memory)
  const bucket = bucketFor(from, until)
  const [first, end] = [Math.floor(from / bucket) * bucket, (Math.floor(until / bucket) + 1) * bucket]
  const key = JSON.stringify([Object.entries(filter).sort(), first, end, bucket])
  const now = Date.now()
  const known = memory.get(key)
  if (known && now >= known.at && now - known.at < REMEMBERED * 1000) return known.tally
  const tally = count(console, filter, { first, end, bucket })
  const remembered = { tally, at: now }
  memory.delete(key)
  memory.set(key, remembered)
  forgetOldest(memory, MOST)
  // What could not be counted is asked for again.
  tally.catch(() => memory.get(key) === remembered && memory.delete(key))
  return tally
}

interface Range {
  readonly first: number
  readonly end: number
  readonly bucket: number
}

async function count({ store }: Console, filter: TallyQuery, { first, end, bucket }: Range): Promise<VerdictTally> {
  const { total, buckets, rules } = await store.tally({ ...filter, from: first, until: justBefore(end) }, bucket)
  const known = new Map(buckets.map((one) => [one.from, one]))
  const bars = Array.from({ length: Math.round((end - first) / bucket) }, (_, index): TallyBucket => {
    const from = first + index * bucket
    return known.get(from) ?? { from, refused: 0, broken: 0, passed: 0 }
  })
  // An entry of another version may name none.
  return { from: first, until: end, bucket_seconds: bucket, total, buckets: bars, rules: rules.filter(({ rule }) => isText(rule)) }
}

/** What falls at the very end belongs to the next bar. */
const justBefore = (end: number) => end - 0.001

/** Seconds that people count in; each at most 2.5 times the one before, so that one of them gives 24 to 60 bars. */
const STEPS = [
  ...[1, 2, 5, 10, 15, 30, 60, 120, 300, 600, 900, 1800],
  ...[1, 2, 3, 6, 12].map((hours) => hours * 3600),
  ...[1, 2, 5, 10, 20, 40, 80, 200, 400].map((days) => days * 86_400),
]
const MOST_BARS = 60

/** The seconds of a bar, so that there are 24 to 60: fewer for less than 24 seconds. */
export function bucketFor(from: number, until: number): number {
  const barsOf = (step: number) => Math.floor(until / step) - Math.floor(from / step) + 1
  const last = STEPS.at(-1) ?? 1
  return STEPS.find((step) => barsOf(step) <= MOST_BARS) ?? last * Math.ceil(barsOf(last) / (MOST_BARS - 2))
}
