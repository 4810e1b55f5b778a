import { randomUUID } from 'node:crypto'
import type { RequestHandler } from 'express'

const HEADER = 'x-fapi-interaction-id'
const UUID = /^[0-9a-f]{8}-[0-9a-f]{4}-[1-8][0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/i

/**
 * Gives every request an interaction id: the caller's own when it is a UUID, a fresh one otherwise. It is echoed on every
 * answer, errors included, and stands in `req.headers` for whoever logs (FAPI1-BASE-6.2.1-11, FAPI2-IMP-2.1.1). Mount it first.
 */
export const interactionId = (): RequestHandler =>
  function fapiInteractionId(req, res, next) {
    const sent = req.get(HEADER)
    const id = sent && UUID.test(sent) ? sent : randomUUID()
    req.headers[HEADER] = id
    res.set(HEADER, id)
    next()
  }
