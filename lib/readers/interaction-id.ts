import { randomUUID } from 'node:crypto'
import type { IncomingMessage, ServerResponse } from 'node:http'

const HEADER = 'x-fapi-interaction-id'
const UUID = /^[0-9a-f]{8}-[0-9a-f]{4}-[1-8][0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/i

/**
 * Settles the interaction id of a request: the caller's own when it is a UUID, a fresh one otherwise. It then stands in the
 * headers of the request and of the answer (FAPI1-BASE-6.2.1-11). Asked again, it is the same.
 */
export function settleInteractionId(req: IncomingMessage, res: ServerResponse): string {
  const settled = res.getHeader(HEADER)
  if (typeof settled === 'string') return settled
  const sent = req.headers[HEADER]
  const id = typeof sent === 'string' && UUID.test(sent) ? sent : randomUUID()
  req.headers[HEADER] = id
  if (!res.headersSent) res.setHeader(HEADER, id)
  return id
}
