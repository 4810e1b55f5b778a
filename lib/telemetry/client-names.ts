import type { Judging } from '../core/recorder.js'
import type { Verdict } from '../core/verdict.js'

/** Stands for all clients that get no series of their own. */
export const OTHER_CLIENT = 'other'

/** Our choice: no client of an ecosystem has a longer id, a document on the web may have. */
const LONGEST = 256

/**
 * Names clients in metrics. A name makes series that stay as long as the process, so only clients known to the server have one, the
 * first `most` of them; the others are `other`, and who is not known has none.
 */
export function clientNames(most: number): (verdict: Verdict, judging: Pick<Judging, 'registered'>) => string | undefined {
  const named = new Set<string>()
  return function nameOf({ client }, { registered }) {
    if (client === undefined || !registered) return undefined
    if (named.has(client)) return client
    if (named.size >= most || client.length > LONGEST) return OTHER_CLIENT
    named.add(client)
    return client
  }
}
