import { type Moment, secondsSince, thisMoment } from './moment.js'

/** What was read, and for how many seconds it is as good as new. */
export interface Reading<T> {
  readonly value: T
  readonly freshFor: number
}

export interface FreshCopyOptions<T> {
  /** Reads it anew, told what it was last. */
  readonly read: (last: T | undefined) => Promise<Reading<T>>
  /** Seconds for which it goes on to be used when it is no longer fresh and cannot be read. */
  readonly staleIfError: number
  /** Told why it could not be read: once, until it can be again. */
  readonly onFailure: (cause: unknown) => void
}

/** A copy of something that others keep, as fresh as need be. */
export interface FreshCopy<T> {
  /**
   * The copy. Waits for a new one only where there is none, or where it is not fresh and nobody has tried to read it for as long
   * as that would have lasted. Rejects with the failure when there is none, or it is too old.
   */
  get(): Promise<T>
  /** Reads it anew, together with whoever else is waiting. Rejects with the failure, also while it is too early to try again. */
  refresh(): Promise<T>
  isRefreshing(): boolean
  /** The copy, where it is so fresh that nobody reads it anew yet. */
  fresh(): T | undefined
  /** The copy at hand, however old. */
  held(): { readonly value: T /** Seconds. */; readonly age: number } | undefined
  /** Why it could not be read the last time. */
  failure(): { readonly cause: unknown } | undefined
}

/** Our choice: the part of its life after which a copy is read anew in the background; the longest pause after failures, in seconds. */
const REFRESH_AT = 0.75
const LONGEST_PAUSE = 30

/** Keeps a {@link FreshCopy}. Nothing is read before it is asked for, and no timer runs. */
export function freshCopy<T>({ read, staleIfError, onFailure }: FreshCopyOptions<T>): FreshCopy<T> {
  let copy: (Reading<T> & { readonly since: Moment }) | undefined
  let failed: { readonly cause: unknown; readonly times: number; readonly at: Moment } | undefined
  let flight: Promise<T> | undefined

  const fresh = () => (copy && secondsSince(copy.since) < copy.freshFor * REFRESH_AT ? copy.value : undefined)

  async function get(): Promise<T> {
    if (!copy) return refresh()
    const { value, freshFor, since } = copy
    if (fresh() !== undefined) return value
    const age = secondsSince(since)
    const next = refresh()
    const isUsable = () => secondsSince(since) < freshFor + staleIfError
    const isKnownToFail = failed !== undefined && secondsSince(failed.at) < freshFor
    if (age < freshFor || (isKnownToFail && isUsable())) {
      // What it fails with is kept, and nobody waits for it.
      next.catch(() => undefined)
      return value
    }
    return next.catch((cause) => {
      if (isUsable()) return value
      throw cause
    })
  }

  function refresh(): Promise<T> {
    if (flight) return flight
    if (failed && secondsSince(failed.at) < pauseAfter(failed.times)) return Promise.reject(failed.cause)
    flight = readAnew().finally(() => {
      flight = undefined
    })
    return flight
  }

  async function readAnew(): Promise<T> {
    const since = thisMoment()
    try {
      copy = { ...(await read(copy?.value)), since }
      failed = undefined
      return copy.value
    } catch (cause) {
      if (!failed) onFailure(cause)
      failed = { cause, times: (failed?.times ?? 0) + 1, at: thisMoment() }
      throw cause
    }
  }

  return {
    get,
    refresh,
    fresh,
    isRefreshing: () => flight !== undefined,
    held: () => copy && { value: copy.value, age: secondsSince(copy.since) },
    failure: () => failed,
  }
}

/** Seconds: 1, 2, 4 and so on. */
const pauseAfter = (times: number) => Math.min(2 ** (times - 1), LONGEST_PAUSE)
