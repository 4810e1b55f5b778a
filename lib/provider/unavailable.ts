import Provider, { errors } from 'oidc-provider'
import { reasonOf } from '../core/errors.js'

/** Seconds after which a client may try again, our choice: long enough for a restart, short enough for a person. */
const RETRY_AFTER = 5

/**
 * Waits for a store, and answers 503 `temporarily_unavailable` when it does not answer: a guard that cannot remember
 * refuses. The operator is warned; what the store said stays out of the answer.
 */
export async function orUnavailable<T>(work: Promise<T>): Promise<T> {
  try {
    return await work
  } catch (cause) {
    process.emitWarning(`the store did not answer: ${reasonOf(cause)}`, { code: 'FAPI_STORE' })
    const ctx = Provider.ctx
    if (ctx && !ctx.headerSent) ctx.set('retry-after', String(RETRY_AFTER))
    throw Object.assign(new errors.TemporarilyUnavailable('the server cannot answer right now, try again'), {
      status: 503,
      statusCode: 503,
      cause,
    })
  }
}
