import { randomUUID } from 'node:crypto'
import { setTimeout as wait } from 'node:timers/promises'
import { isText } from '../core/claims.js'
import { type Attempt, outgoingOf } from './attempt.js'
import { type Answer, NoAnswerError } from './exchange.js'
import { type Outcome, outcomeOf } from './outcome.js'
import type { Scene } from './scene.js'
import type { Draft } from './signing.js'

/** How a request is sent more than once. */
export interface Repetition {
  /** Sends it again after it was accepted, at once and a moment later; or eight times at once. Then one is to be accepted. */
  readonly repeated?: 'again' | 'at once'
  /** What differs each time it is sent again; without it, nothing does. */
  readonly renew?: (attempt: Attempt) => Attempt
}

/** How often one request is sent at once, our choice. */
const AT_ONCE = 8
/** Milliseconds after which a memory of a second has forgotten, our choice. */
export const A_MOMENT = 1500

/** Sends an attempt and says what came of it, each time. Throws where it cannot be signed. */
export async function send(
  scene: Scene,
  attempt: Attempt,
  { repeated, renew = (same) => same }: Repetition = {},
): Promise<readonly Outcome[]> {
  if (repeated === 'at once') return sendAtOnce(scene, attempt, renew)
  const first = await sendOnce(scene, attempt)
  if (repeated === undefined || first.outcome.kind !== 'accepted') return [first.outcome]
  const second = await sendAgain(scene, renew(first.attempt), first.attempt)
  if (second.kind !== 'refused') return [first.outcome, second]
  await wait(A_MOMENT)
  return [first.outcome, second, await sendAgain(scene, renew(first.attempt), first.attempt)]
}

/** What is sent again stays what it was, but for a nonce where the proof is not what is repeated. */
async function sendAgain(scene: Scene, next: Attempt, { proof }: Attempt): Promise<Outcome> {
  const outcome = await settled(scene, next, () => scene.send(outgoingOf(scene, next)))
  if (outcome.nonce === undefined || next.proof === proof) return outcome
  const fresh = { ...next, proof: withNonce(renewed(next.proof), outcome.nonce) }
  return settled(scene, fresh, () => scene.send(outgoingOf(scene, fresh)))
}

async function sendAtOnce(scene: Scene, attempt: Attempt, renew: (attempt: Attempt) => Attempt): Promise<readonly Outcome[]> {
  const all = (one: Attempt) => {
    const requests = Array.from({ length: AT_ONCE }, (_, index) => outgoingOf(scene, index === 0 ? one : renew(one)))
    return Promise.all(requests.map((outgoing) => settled(scene, one, () => scene.send(outgoing))))
  }
  const outcomes = await all(attempt)
  const isNonceWanted = attempt.proof !== undefined && outcomes.some((one) => one.nonce !== undefined)
  if (!isNonceWanted || outcomes.some(({ kind }) => kind === 'accepted')) return outcomes
  // Of eight nonces at once nobody knows which is the newest.
  const one = withFreshIds(attempt)
  const { nonce } = await settled(scene, one, () => scene.send(outgoingOf(scene, one)))
  if (nonce === undefined) return outcomes.map((outcome) => ({ ...outcome, kind: 'unclear' }))
  const again = await all(withFreshIds({ ...attempt, proof: withNonce(attempt.proof, nonce) }))
  // A nonce that is good for one request says nothing of the others where it was spent before.
  return again.every((one) => one.nonce !== undefined) ? again.map((one) => ({ ...one, kind: 'unclear' })) : again
}

interface Sent {
  /** As it was sent in the end: with a nonce, where the server wanted one. */
  readonly attempt: Attempt
  readonly answer: Answer
}

/** Sends an attempt; a server that wants a nonce gets it (RFC 9449 §8), and what was shown once is then made anew. Rejects as an exchange does. */
export async function answerTo(scene: Scene, attempt: Attempt): Promise<Sent> {
  let used = attempt
  const sending = () =>
    scene.send(outgoingOf(scene, used), () => {
      used = withFreshIds(used)
      return outgoingOf(scene, used)
    })
  const answer = await sending()
  const nonce = attempt.proof && wantedNonce(answer)
  if (nonce === undefined) return { attempt: used, answer }
  used = withFreshIds({ ...used, proof: withNonce(used.proof, nonce) })
  return { answer: await sending(), attempt: used }
}

async function sendOnce(scene: Scene, attempt: Attempt): Promise<{ readonly attempt: Attempt; readonly outcome: Outcome }> {
  let used = attempt
  const outcome = await settled(scene, attempt, async () => {
    const sent = await answerTo(scene, attempt)
    used = sent.attempt
    return sent.answer
  })
  return { attempt: used, outcome: { ...outcome, isDated: used.proof?.claims.nonce !== attempt.proof?.claims.nonce } }
}

async function settled(scene: Scene, attempt: Attempt, sending: () => Promise<Answer>): Promise<Outcome> {
  try {
    const answer = await sending()
    return { ...outcomeOf(attempt, answer), nonce: wantedNonce(answer) }
  } catch (cause) {
    if (!(cause instanceof NoAnswerError)) throw cause
    // A certificate may be refused before there is any answer: TLS ends the connection.
    const isAboutCertificate = attempt.certificate !== scene.party?.certificate
    return { kind: isAboutCertificate && cause.isAborted ? 'refused' : 'unclear', error: undefined, status: 0, line: cause.line }
  }
}

/** The nonce that a server, or an API, asks for (RFC 9449 §8 and §9). */
export function wantedNonce({ status, headers, json }: Answer): string | undefined {
  const { 'dpop-nonce': nonce, 'www-authenticate': challenge = '' } = headers
  const isWanted = status >= 400 && (challenge.includes('use_dpop_nonce') || json?.error === 'use_dpop_nonce')
  return isWanted && isText(nonce) ? nonce : undefined
}

/** Another JWT that says the same; one that has no jti stays without. */
const renewed = (draft: Draft | undefined): Draft | undefined =>
  draft && isText(draft.claims.jti) ? { ...draft, claims: { ...draft.claims, jti: randomUUID() } } : draft

const withNonce = (draft: Draft | undefined, nonce: string): Draft | undefined => draft && { ...draft, claims: { ...draft.claims, nonce } }

const withFreshIds = (attempt: Attempt): Attempt => ({
  ...attempt,
  assertion: renewed(attempt.assertion),
  requestObject: renewed(attempt.requestObject),
  proof: renewed(attempt.proof),
})
