import type { RequestHandler } from 'express'
import { settleInteractionId } from '../readers/interaction-id.js'

/**
 * Gives every request an interaction id: the caller's own when it is a UUID, a fresh one otherwise. It is echoed on every
 * answer, errors included, and stands in `req.headers` for whoever logs (FAPI1-BASE-6.2.1-11, FAPI2-IMP-2.1.1). Mount it first.
 */
export const interactionId = (): RequestHandler =>
  function fapiInteractionId(req, res, next) {
    settleInteractionId(req, res)
    next()
  }
