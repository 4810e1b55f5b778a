import { reasonOf } from '../core/errors.js'
import { REGISTRATION_ERRORS, RegistrationError } from '../registration/registration-error.js'
import { StaleRevisionError } from '../registration/registration-settings.js'
import { GivenError } from './given-error.js'

/** Ends a request to the console: what its sender is told. */
export class ConsoleError extends Error {
  override readonly name = 'ConsoleError'
  readonly code = 'ERR_FAPI_CONSOLE'
  readonly status: number
  readonly error: string
  /** Each thing that is wrong, where there are several. */
  readonly faults: readonly string[]

  constructor(status: number, error: string, description: string, faults: readonly string[] = []) {
    super(description)
    this.status = status
    this.error = error
    this.faults = faults
  }
}

export const notFound = (what: string) => new ConsoleError(404, 'not_found', `there is no such ${what}, or it is there no more`)

export const invalid = (description: string, faults: readonly string[] = []) =>
  new ConsoleError(400, 'invalid_request', description, faults)

/** What ended a request, as its sender is told. What nobody expected is reported, and said to be the server's fault and nothing more. */
export function told(cause: unknown): ConsoleError {
  if (cause instanceof ConsoleError) return cause
  if (cause instanceof StaleRevisionError) return new ConsoleError(412, 'stale_revision', cause.message)
  if (cause instanceof RegistrationError)
    return new ConsoleError(REGISTRATION_ERRORS[cause.error], cause.error, cause.message, cause.message.split('; '))
  if (cause instanceof GivenError) return invalid(cause.message)
  process.emitWarning(`the console failed: ${reasonOf(cause)}`, { code: 'FAPI_CONSOLE' })
  return new ConsoleError(503, 'temporarily_unavailable', 'this cannot be answered right now, try again')
}
