import type { Request } from 'express'
import type { Client, Confirmation, Params } from '../core/facts.js'

/** What the middlewares found out about a request to an authorization server: what the server underneath goes by. */
export interface Served {
  /** The client: at the token endpoint it has been authenticated. */
  readonly client: Client
  /** The parameters in force. */
  readonly params: Params
  /** At the token endpoint: what the access token is to be bound to (RFC 7800), for the token's `cnf`. */
  readonly cnf?: Confirmation
  /** At the token endpoint: the `token_type` of the answer. */
  readonly token_type?: 'Bearer' | 'DPoP'
}

const known = new WeakMap<Request, Served>()

/** Tells the server, as `req.fapi`. */
export function serve(req: Request, served: Served): void {
  known.set(req, served)
  Object.assign(req, { fapi: Object.freeze(served) })
}

/** What is known of a request that a middleware of `fapi` let through; `undefined` for one that no profile holds. */
export const servedOf = (req: Request): Served | undefined => known.get(req)
