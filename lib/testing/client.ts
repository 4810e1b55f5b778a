import type { Confirmation } from '../core/facts.js'

/** A certificate and its private key in PEM, under the names that `node:https`, undici and supertest know them by. */
export interface TlsIdentity {
  readonly cert: string
  readonly key: string
}

/** Headers by name; one that is a list is sent once for each value. */
export type RequestHeaders = Readonly<Record<string, string | string[]>>

/** A request that a client is about to send with an access token. */
export interface RequestWithToken {
  readonly method: string
  /** Under the public name of the API, as clients know it; the server under test may listen elsewhere. */
  readonly url: string
  readonly token: string
  /** A nonce of the API, from its header `DPoP-Nonce`. */
  readonly nonce?: string | undefined
}

/** A client of a test: what its access tokens are bound to, and how it sends them. */
export interface TestClient {
  readonly clientId: string
  readonly cnf: Confirmation
  /** What it shows when it connects, if anything. */
  readonly tls: TlsIdentity | undefined
  /** The headers with which it sends a request. */
  headers(request: RequestWithToken): RequestHeaders
}
