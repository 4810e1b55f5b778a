import type { ErrorRequestHandler } from 'express'
import { isText } from '../core/claims.js'
import { describable, OAUTH_ERRORS, type OAuthError } from '../core/errors.js'
import { answerAuthorization } from './authorization-answer.js'
import { askedIn } from './authorization-request.js'
import type { Setup } from './fapi-options.js'
import { refusalPage } from './pages.js'

/**
 * Answers what the server itself throws as OAuth has it: at the redirect URI where an authorization request was let through, in JSON
 * otherwise, and nothing of what the operator alone may know. Mount it last.
 */
export function fapiErrors(setup: Setup): ErrorRequestHandler {
  return function fapiErrorHandler(error, req, res, next) {
    if (res.headersSent) return next(error)
    const { status, values } = told(error)
    if (status >= 500) process.emitWarning(`the server failed: ${reasonOf(error)}`, { code: 'FAPI_SERVER_ERROR' })
    const asked = askedIn(req)
    if (!asked) return void res.status(status).set('cache-control', 'no-store').json(values)
    const { client, params } = asked
    const { redirect_uri: redirectUri } = params
    if (!isText(redirectUri) || !client.redirect_uris.includes(redirectUri))
      return refusalPage(res, status, values.error, values.error_description)
    answerAuthorization(setup, res, { client, params: { ...params, redirect_uri: redirectUri } }, values).catch(next)
  }
}

/** An error by the names that OAuth servers of Node give their own: `name` or `error`, with a `status` or `code`. */
function told(thrown: unknown) {
  const {
    error,
    name,
    message,
    statusCode,
    status = statusCode,
  }: Readonly<Record<string, unknown>> = typeof thrown === 'object' && thrown !== null ? describe(thrown) : {}
  const known = [error, name].find((one): one is OAuthError => isText(one) && Object.hasOwn(OAUTH_ERRORS, one))
  if (known && known !== 'server_error')
    return { status: OAUTH_ERRORS[known], values: { error: known, error_description: describable(isText(message) ? message : known) } }
  const isOfClient = typeof status === 'number' && status >= 400 && status < 500
  return isOfClient
    ? { status, values: { error: 'invalid_request', error_description: 'the request cannot be read' } }
    : { status: 500, values: { error: 'server_error', error_description: 'something went wrong here' } }
}

/** The message of an error is no property of its own that a spread would take along. */
const describe = (thrown: object) => ({
  ...thrown,
  name: Reflect.get(thrown, 'name'),
  message: Reflect.get(thrown, 'message'),
  status: Reflect.get(thrown, 'status'),
})

const reasonOf = (cause: unknown) => (cause instanceof Error ? cause.message : 'no reason given')
