import { type Exchange, NoAnswerError } from './exchange.js'

/** Requests in a row without an answer, our choice: a server that hangs is not asked for ever. */
const IN_VAIN = 3

/** Sends nothing more once a server has not answered several times in a row. Rejects with a `NoAnswerError`. */
export function givingUp(send: Exchange): Exchange {
  let inVain = 0
  return async (outgoing) => {
    if (inVain >= IN_VAIN)
      throw new NoAnswerError(
        `${outgoing.method} ${outgoing.url.origin}${outgoing.url.pathname} → not sent: the server has stopped answering`,
      )
    try {
      const answer = await send(outgoing)
      inVain = 0
      return answer
    } catch (cause) {
      // Whoever ends a connection has decided something.
      if (cause instanceof NoAnswerError && !cause.isAborted) inVain += 1
      throw cause
    }
  }
}
