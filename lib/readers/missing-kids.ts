import { type Moment, secondsSince, thisMoment } from './moment.js'
import type { WantedKey } from './verification-keys.js'

/** Keys that an issuer was asked for in vain. */
export interface MissingKids {
  has(wanted: WantedKey): boolean
  add(wanted: WantedKey): void
}

/** How many are remembered, our choice. When there are more, those that came first stay: nobody can push out what others asked for. */
const MOST = 1000

/** Remembers for some seconds what is not there, so that it is not looked for over and over. */
export function missingKids(seconds: number): MissingKids {
  const since = new Map<string, Moment>()
  const nameOf = ({ alg, kid }: WantedKey) => JSON.stringify([alg, kid])
  const isOver = (moment: Moment | undefined) => !moment || secondsSince(moment) >= seconds

  return {
    has: (wanted) => !isOver(since.get(nameOf(wanted))),
    add(wanted) {
      // The first are the oldest.
      for (const [name, moment] of since) {
        if (!isOver(moment)) break
        since.delete(name)
      }
      if (since.size < MOST) since.set(nameOf(wanted), thisMoment())
    },
  }
}
