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
  const known = expected(cause)
  if (known) return known
  process.emitWarning(`the console failed: ${reasonOf(cause)}`, { code: 'FAPI_CONSOLE' })
  return new ConsoleError(503, 'temporarily_unavailable', 'this cannot be answered right now, try again')
}

/** What everybody may read of why something failed. */
export const readableReason = (cause: unknown): string => expected(cause)?.message ?? 'the server failed, and its log says why'

function expected(cause: unknown): ConsoleError | undefined {
  if (cause instanceof ConsoleError) return cause
  if (cause instanceof StaleRevisionError) return new ConsoleError(412, 'stale_revision', cause.message)
  if (cause instanceof RegistrationError)
    return new ConsoleError(REGISTRATION_ERRORS[cause.error], cause.error, cause.message, cause.message.split('; '))
  return cause instanceof GivenError ? invalid(cause.message) : undefined
}

/** What its sender can mend, for a page that is shown again. Throws what is nobody's but the server's, already told. */
export function mendable(cause: unknown): ConsoleError {
  const error = told(cause)
  if (error.status >= 500) throw error
  return error
}

/** Each thing that is wrong, one sentence each. */
export const problemsIn = ({ faults, message }: Pick<ConsoleError, 'faults' | 'message'>): readonly string[] =>
  faults.length > 0 ? faults : [message]
