import type { Response } from 'express'
import { describable } from '../core/errors.js'
import { REGISTRATION_ERRORS, type RegistrationError } from './registration-error.js'

/** Answers with JSON that nobody keeps (RFC 7591 §3.2.1). */
export function answerJson(res: Response, status: number, body: object): void {
  res.status(status).set('cache-control', 'no-store').set('pragma', 'no-cache').json(body)
}

/** Characters of a description, our choice: many fields may be wrong at once. */
const LONGEST = 2000

/** RFC 7591 §3.2.2; a token that is missing or does not hold is asked for (RFC 6750 §3). */
export function answerRefusal(res: Response, { error, message }: Pick<RegistrationError, 'error' | 'message'>, hasToken: boolean): void {
  const status = REGISTRATION_ERRORS[error]
  const description = describable(message).slice(0, LONGEST)
  if (status === 401) res.set('www-authenticate', hasToken ? `Bearer error="${error}", error_description="${description}"` : 'Bearer')
  if (error === 'insufficient_scope') res.set('www-authenticate', `Bearer error="${error}", error_description="${description}"`)
  if (status === 503) res.set('retry-after', '5')
  answerJson(res, status, { error, error_description: description })
}
