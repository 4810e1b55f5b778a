import type { RequestHandler } from 'express'
import type { Recorder } from 'express-fapi'
import type { JWK } from 'jose'
import type { Client, FindClient } from './clients.js'
import type { CodeClaims, FindToken } from './model.js'

/** Where the endpoints are; the plain server has those of RFC 6749 and RFC 7662. */
export interface Endpoints {
  readonly authorization: string
  readonly token: string
  readonly introspection: string
  readonly accounts: string
  /** The plain server has no such endpoint. */
  readonly par: string
}

/** What a team has at hand when it makes its server a FAPI one. */
export interface OwnServerContext {
  readonly issuer: string
  /** The origin under which client certificates are asked for. */
  readonly mtlsOrigin: string
  readonly endpoints: Endpoints
  /** PEM: who issues client certificates. */
  readonly caCertificate: string
  /** The clients' metadata (RFC 7591). */
  readonly clients: readonly Client[]
  readonly findClient: FindClient
  /** The private signing keys, one for each algorithm (PS256, ES256). */
  readonly jwks: { readonly keys: readonly JWK[] }
  /** What an access token stands for; `undefined` when it is unknown or has expired. */
  readonly findToken: FindToken
  /** What an authorization code stands for that has not been redeemed. */
  findCode(code: string): CodeClaims | undefined
  /** What a client knows a user as. */
  subjectOf(client: Client, login: string): string
  /** Answers `GET /accounts` for the token whose claims are in `res.locals.token`. */
  readonly listAccounts: RequestHandler
  /** Take verdicts down. */
  readonly record: readonly Recorder[]
}
