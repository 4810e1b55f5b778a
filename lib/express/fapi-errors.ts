import type { ErrorRequestHandler } from 'express'
import { isText } from '../core/claims.js'
import { describable, OAUTH_ERRORS, reasonOf } from '../core/errors.js'
import { isRegisteredRedirectUri } from '../core/redirect-uri.js'
import { addressed, answerAuthorization } from './authorization-answer.js'
import { askedIn } from './authorization-request.js'
import { isWatched } from './authorization-response.js'
import type { Setup } from './fapi-options.js'
import { refusalPage } from './pages.js'
import { servedOf } from './served.js'

/**
 * Answers what the server itself throws at a request that a middleware let through, as OAuth has it: an authorization request at its
 * redirect URI, others in JSON, and nothing of what the operator alone may know. What is thrown at other requests is the server's to answer. Mount it last.
 */
export function fapiErrors(setup: Setup): ErrorRequestHandler {
  return function fapiErrorHandler(error, req, res, next) {
    if (res.headersSent) return next(error)
    const served = servedOf(req)
    // What nobody looked at, or only looked at, is answered as ever.
    if (!served || setup.policy.modeOf(served.client) === 'report') return next(error)
    const { status, values } = told(error)
    if (status >= 500) process.emitWarning(`the server failed: ${reasonOf(error)}`, { code: 'FAPI_SERVER_ERROR' })
    const asked = askedIn(req)
    if (!asked) return void res.status(status).set('cache-control', 'no-store').json(values)
    const { client, params } = asked
    const { redirect_uri: redirectUri } = params
    if (!isText(redirectUri) || !isRegisteredRedirectUri(redirectUri, client))
      return refusalPage(res, status, values.error, values.error_description)
    // Like any other answer of the server, where that is looked at.
    if (isWatched(res)) return res.redirect(303, addressed(redirectUri, values, 'query'))
    answerAuthorization(setup, res, { client, params: { ...params, redirect_uri: redirectUri } }, values).catch(next)
  }
}

/** Those of ours, and those that only a login or a consent page knows (RFC 6749 §4.1.2.1, OpenID Connect Core 3.1.2.6, RFC 9470). */
const ERRORS = {
  ...OAUTH_ERRORS,
  access_denied: 400,
  login_required: 400,
  consent_required: 400,
  interaction_required: 400,
  account_selection_required: 400,
  unmet_authentication_requirements: 400,
} as const

/** An error by the names that OAuth servers of Node give their own: `name` or `error`, with a `status` or `code`. */
function told(thrown: unknown) {
  // The name and the message of an error are no properties of its own.
  const said = (name: string): unknown => (typeof thrown === 'object' && thrown !== null ? Reflect.get(thrown, name) : undefined)
  const [error, name, message, status] = [said('error'), said('name'), said('message'), said('status') ?? said('statusCode')]
  const known = [error, name].find((one): one is keyof typeof ERRORS => isText(one) && Object.hasOwn(ERRORS, one))
  if (known && known !== 'server_error')
    return { status: ERRORS[known], values: { error: known, error_description: describable(isText(message) ? message : known) } }
  const isOfClient = typeof status === 'number' && status >= 400 && status < 500
  return isOfClient
    ? { status, values: { error: 'invalid_request', error_description: 'the request cannot be read' } }
    : { status: 500, values: { error: 'server_error', error_description: 'something went wrong here' } }
}
