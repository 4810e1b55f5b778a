import type { ErrorRequestHandler } from 'express'
import { settleInteractionId } from '../readers/interaction-id.js'

/**
 * Answers what went wrong behind `protect` as JSON, with the interaction id and without what only the operator may read. An error
 * with a 4xx status keeps it, and its message where it says `expose`; any other is a 500, told as a process warning. Mount it last.
 */
export const apiErrors = (): ErrorRequestHandler =>
  function fapiApiErrors(error, req, res, next) {
    const interactionId = settleInteractionId(req, res)
    if (res.headersSent) return next(error)
    const { status, statusCode = status, expose, message } = (error ?? {}) as Readonly<Record<string, unknown>>
    const isClients = typeof statusCode === 'number' && Number.isInteger(statusCode) && statusCode >= 400 && statusCode < 500
    if (!isClients)
      process.emitWarning(`the API failed: ${typeof message === 'string' ? message : 'no reason given'} [${interactionId}]`, {
        code: 'FAPI_API',
      })
    const description = isClients && expose === true && typeof message === 'string' ? message : undefined
    res
      .status(isClients ? statusCode : 500)
      .set('cache-control', 'no-store')
      .json({ error: isClients ? 'invalid_request' : 'server_error', ...(description !== undefined && { error_description: description }) })
  }
