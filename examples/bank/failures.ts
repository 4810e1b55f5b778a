import type { ErrorRequestHandler } from 'express'
import { errors } from 'oidc-provider'
import { errorPage } from './pages.js'

interface Failure {
  readonly status: number
  readonly text: string
  readonly code: string
}

/** Answers what went wrong outside the provider: with the error page, and never with a stack. */
export const showFailure: ErrorRequestHandler = (error: unknown, req, res, next) => {
  if (res.headersSent) return next(error)
  const { status, text, code } = failureOf(error)
  if (status >= 500) console.error(error)
  res.status(status).set('cache-control', 'no-store')
  if (!req.path.startsWith('/interaction/') && !req.accepts('html')) {
    res.json({ error: code, error_description: text })
    return
  }
  res.send(errorPage({ text, code, reference: res.get('x-fapi-interaction-id') }))
}

const OVER = 'This sign-in has expired, or it was finished already, or cookies are turned off.'
const OURS = { status: 500, code: 'server_error', text: 'Something went wrong on our side.' }

function failureOf(error: unknown): Failure {
  if (error instanceof errors.SessionNotFound) return { status: 400, code: 'invalid_request', text: OVER }
  if (!(error instanceof Error) || !('status' in error) || typeof error.status !== 'number') return OURS
  const { status } = error
  if (status < 400 || status >= 500) return OURS
  if (status === 413) return { status, code: 'invalid_request', text: 'The form is too large.' }
  return { status, code: status === 403 ? 'access_denied' : 'invalid_request', text: error.message }
}
