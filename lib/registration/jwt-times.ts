import { isAhead, isTime } from '../core/claims.js'
import type { Metadata } from './metadata.js'

/** Seconds by which the clock of whoever signs may be ahead. Our choice, within FAPI2-SP-5.3.2.1-13. */
const AHEAD = 10

/** The end of the year 9999: what comes after it was not meant as a time in seconds (RFC 7519 §2). Our choice. */
const LAST = 253_402_300_799

/** A claimed time that stores can remember too. */
export const isDate = (value: unknown): value is number => isTime(value) && Math.abs(value) <= LAST

/** What is wrong with the times in a JWT (RFC 7519 §4.1.4 to §4.1.6), all of it; `needed` are those that must be there. */
export function timeFaults(claims: Metadata, now: number, needed: readonly string[]): string[] {
  const { iat, exp, nbf } = claims
  const faults = Object.entries({ iat, exp, nbf }).flatMap(([name, value]) => {
    if (value === undefined) return needed.includes(name) ? [`${name} is missing`] : []
    return isDate(value) ? [] : [`${name} must be a time, in seconds since 1970`]
  })
  if (isDate(exp) && exp <= now) faults.push(`it expired ${Math.ceil(now - exp)} seconds ago (exp)`)
  for (const [name, value] of Object.entries({ iat, nbf }))
    if (isDate(value) && isAhead(value, now, AHEAD)) faults.push(`${name} is ${Math.ceil(value - now)} seconds in the future`)
  return faults
}
