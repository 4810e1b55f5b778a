import type { Response } from 'express'
import { describable, reasonOf } from '../core/errors.js'
import { answerJson } from './answer.js'
import { REGISTRATION_ERRORS, RegistrationError } from './registration-error.js'
import { StaleRevisionError } from './registration-settings.js'

/** Ends a request to the settings API. */
export class ApiError extends Error {
  override readonly name = 'ApiError'
  readonly code = 'ERR_FAPI_SETTINGS_API'
  readonly status: number
  readonly error: string

  constructor(status: number, error: string, description: string) {
    super(description)
    this.status = status
    this.error = error
  }
}

/** Characters of a description, our choice. */
const LONGEST = 2000

/** Answers what ended a request. What nobody expected is reported, and said to be the server's fault and nothing more. */
export function answerFailure(res: Response, cause: unknown): void {
  if (res.headersSent) return
  const { status, error, message } = answerTo(cause)
  if (cause instanceof StaleRevisionError) res.set('etag', `"${cause.current.revision}"`)
  if (status === 503) res.set('retry-after', '5')
  answerJson(res, status, { error, error_description: describable(message).slice(0, LONGEST) })
}

function answerTo(cause: unknown): { readonly status: number; readonly error: string; readonly message: string } {
  if (cause instanceof ApiError) return cause
  // RFC 9110 §13.1.1: what the client wanted to change is not what is there.
  if (cause instanceof StaleRevisionError) return { status: 412, error: 'stale_revision', message: cause.message }
  if (cause instanceof RegistrationError)
    // Nobody shows a token here: it is the request that is wrong.
    return { status: REGISTRATION_ERRORS[cause.error], error: cause.error, message: cause.message }
  process.emitWarning(`the settings API failed: ${reasonOf(cause)}`, { code: 'FAPI_SETTINGS_API' })
  return { status: 503, error: 'temporarily_unavailable', message: 'the request cannot be answered right now, try again' }
}
