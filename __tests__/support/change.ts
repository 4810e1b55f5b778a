import type { Identity } from '../../examples/bank/certificates.js'
import type { Browser, User } from './browser.js'
import type { JwtChange } from './jwt.js'
import type { ProofChange } from './proof.js'
import type { Params, Sending } from './wire.js'

/** A JWT as it is, instead of one that is made for the occasion. */
export interface Compact {
  readonly compact: string
}

/** How a request differs from the one the honest client sends. */
export interface Change {
  /** Parameters to replace; `undefined` takes one out. In an authorization request: wherever the client puts them. */
  readonly params?: Params
  /** Form parameters next to the request object. */
  readonly outside?: Params
  readonly assertion?: JwtChange | 'none' | Compact
  readonly object?: JwtChange | 'none' | Compact
  /** An array is sent as that many headers. */
  readonly proof?: ProofChange | 'none' | readonly string[]
  readonly certificate?: Identity | 'none'
  readonly headers?: Sending['headers']
  /** Sent instead of the form. */
  readonly body?: string
  readonly method?: string
}

export interface AuthorizationChange extends Change {
  /** How the request travels; a client that must push does. */
  readonly via?: 'par' | 'value'
  readonly user?: User
  readonly browser?: Browser
  /** Parameters next to `client_id` and `request_uri` at the authorization endpoint. */
  readonly front?: Params
}
