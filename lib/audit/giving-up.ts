import { setTimeout as wait } from 'node:timers/promises'
import { type Answer, type Exchange, NoAnswerError } from './exchange.js'

/** Requests in a row without an answer, our choice: a server that hangs is not asked for ever. */
const IN_VAIN = 3
/** Answers in a row that say the server is busy, our choice: more than are ever sent at once, twice. */
const BUSY = 20
/** Seconds that a server is waited for where it says how long (RFC 9110 §10.2.3), our choice. */
const PATIENCE = 5

/**
 * Waits once where a server asks for that, and sends nothing more once it has not answered several times in a row, or has been busy all the time.
 * Once `signal` is aborted nothing is sent either. Rejects with a `NoAnswerError`.
 */
export function givingUp(send: Exchange, signal?: AbortSignal): Exchange {
  let inVain = 0
  let busy = 0
  const reasonNotTo = () => {
    if (signal?.aborted) return 'the audit was stopped'
    if (inVain >= IN_VAIN) return 'the server has stopped answering'
    return busy >= BUSY ? 'the server wants to be left alone' : undefined
  }
  return async (outgoing, again = () => outgoing) => {
    const why = reasonNotTo()
    if (why !== undefined) throw new NoAnswerError(`${outgoing.method} ${outgoing.url.origin}${outgoing.url.pathname} → not sent: ${why}`)
    try {
      const first = await send(outgoing, again)
      const seconds = busy === 0 ? secondsToWait(first) : undefined
      const answer = seconds === undefined ? first : await later(() => send(again()), seconds)
      inVain = 0
      busy = isBusy(answer) ? busy + 1 : 0
      return answer
    } catch (cause) {
      // Whoever ends a connection has decided something.
      if (cause instanceof NoAnswerError && !cause.isAborted) inVain += 1
      throw cause
    }
  }
}

async function later(send: () => Promise<Answer>, seconds: number): Promise<Answer> {
  await wait(seconds * 1000)
  return { ...(await send()), waited: true }
}

/** RFC 6585 §4, RFC 9110 §15.6.4. */
const isBusy = ({ status }: Answer) => status === 429 || status === 503

/** How long a server wants to be left alone; `undefined` where it does not say, where it is too long, or where it was left alone already. */
export function secondsToWait(answer: Answer): number | undefined {
  const { 'retry-after': after = '' } = answer.headers
  if (!isBusy(answer) || answer.waited || after === '') return undefined
  const seconds = /^\d+$/.test(after) ? Number(after) : (Date.parse(after) - Date.now()) / 1000
  return seconds <= PATIENCE ? Math.max(0, seconds) : undefined
}
