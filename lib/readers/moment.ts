/** A moment to count seconds from: by the clock that people see, and by one that nobody sets. */
export interface Moment {
  readonly wall: number
  readonly steady: number
}

export const thisMoment = (): Moment => ({ wall: Date.now(), steady: performance.now() })

/** Seconds since a moment, whichever clock says more: the one may have been set back, the other have slept with its machine. */
export const secondsSince = ({ wall, steady }: Moment): number => Math.max(Date.now() - wall, performance.now() - steady) / 1000
