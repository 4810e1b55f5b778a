/** Seconds of a day. */
export const A_DAY = 86_400
/** Days ahead of the end of a certificate at which it is told; our choice. */
export const EXPIRY_DAYS = 30

/** When something is valid, in epoch seconds. */
export interface Validity {
  readonly notBefore: number
  readonly notAfter: number
}

/** Whole days until a time, both in epoch seconds; negative once it is over. */
export const daysUntil = (time: number, now: number): number => Math.floor((time - now) / A_DAY)

/** Says of a certificate that it is over, about to be, or not valid yet; `now` in epoch seconds. */
export function expiryWarning(name: string, { notBefore, notAfter }: Validity, now: number): string | undefined {
  if (now > notAfter) return `${name} has expired, it was valid until ${dateOf(notAfter)}`
  if (now < notBefore) return `${name} is not valid before ${dateOf(notBefore)}`
  const days = daysUntil(notAfter, now)
  if (days >= EXPIRY_DAYS) return undefined
  return days < 1
    ? `${name} expires within a day, at ${dateOf(notAfter)}`
    : `${name} expires in ${days} ${days === 1 ? 'day' : 'days'}, at ${dateOf(notAfter)}`
}

/** RFC 3339. */
const dateOf = (time: number) => new Date(time * 1000).toISOString()
