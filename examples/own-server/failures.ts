import OAuth2Server from '@node-oauth/oauth2-server'
import type { ErrorRequestHandler, NextFunction, Request, RequestHandler, Response } from 'express'
import { errorPage } from './pages.js'
import { RequestError } from './request-error.js'

/** What machines call: they get JSON. */
const MACHINES = ['/token', '/introspect', '/accounts']

/** Hands what an asynchronous handler throws to Express, whose version 4 does not look for itself. */
export const route =
  (handler: (req: Request, res: Response, next: NextFunction) => Promise<void>): RequestHandler =>
  (req, res, next) => {
    handler(req, res, next).catch(next)
  }

/** Answers what went wrong: programs with JSON, people with a page, and nobody with a stack. */
export const showFailure: ErrorRequestHandler = (error: unknown, req, res, next) => {
  if (res.headersSent) return next(error)
  const { status, code, message } = failureOf(error)
  if (status >= 500) console.error(error)
  res.status(status).set('cache-control', 'no-store')
  if (MACHINES.includes(req.path)) res.json({ error: code, error_description: message })
  else res.send(errorPage(message, code))
}

function failureOf(error: unknown): Pick<RequestError, 'status' | 'code' | 'message'> {
  if (error instanceof RequestError) return error
  if (error instanceof OAuth2Server.OAuthError && error.code < 500) return { status: error.code, code: error.name, message: error.message }
  // What the body parser refuses has a status, too.
  const status = error instanceof Error && 'status' in error ? Number(error.status) : 500
  if (status >= 400 && status < 500) return { status, code: 'invalid_request', message: 'The request cannot be read.' }
  return { status: 500, code: 'server_error', message: 'Something went wrong on our side.' }
}
