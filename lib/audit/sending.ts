import { type Attempt, outgoingOf } from './attempt.js'
import { NoAnswerError, type Outgoing } from './exchange.js'
import { type Outcome, outcomeOf } from './outcome.js'
import type { Scene } from './scene.js'

/** How a request is sent more than once. */
export interface Repetition {
  /** Sends it again after it was accepted, or eight times at once; then one is to be accepted. */
  readonly repeated?: 'again' | 'at once'
  /** What differs each time it is sent again; without it, nothing does. */
  readonly renew?: (attempt: Attempt) => Attempt
}

/** How often one request is sent at once, our choice. */
const AT_ONCE = 8

/** Sends an attempt and says what came of it, each time. Throws where it cannot be signed. */
export async function send(
  scene: Scene,
  attempt: Attempt,
  { repeated, renew = (same) => same }: Repetition = {},
): Promise<readonly Outcome[]> {
  const times = repeated === 'at once' ? AT_ONCE : repeated === 'again' ? 2 : 1
  const requests = Array.from({ length: times }, (_, index) => outgoingOf(scene, index === 0 ? attempt : renew(attempt)))
  if (repeated === 'at once') return Promise.all(requests.map((outgoing) => sendOnce(scene, attempt, outgoing)))
  const outcomes: Outcome[] = []
  for (const outgoing of requests) {
    outcomes.push(await sendOnce(scene, attempt, outgoing))
    if (outcomes.at(-1)?.kind !== 'accepted') break
  }
  return outcomes
}

async function sendOnce(scene: Scene, attempt: Attempt, outgoing: Outgoing): Promise<Outcome> {
  try {
    return outcomeOf(attempt, await scene.send(outgoing))
  } catch (cause) {
    if (!(cause instanceof NoAnswerError)) throw cause
    // A certificate may be refused before there is any answer: TLS ends the connection.
    const isAboutCertificate = attempt.certificate !== scene.party?.certificate
    return { kind: isAboutCertificate && cause.isAborted ? 'refused' : 'unclear', error: undefined, status: 0, line: cause.line }
  }
}
