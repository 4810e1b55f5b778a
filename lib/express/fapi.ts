import type { ErrorRequestHandler, RequestHandler } from 'express'
import type { Client, Token } from '../core/facts.js'
import type { Policy } from '../core/policy.js'
import { authenticateCaller } from './authenticate-client.js'
import { authorizationRequest } from './authorization-request.js'
import { authorizationResponse } from './authorization-response.js'
import { endpoint } from './endpoint.js'
import { fapiErrors } from './fapi-errors.js'
import { type FapiOptions, setUp } from './fapi-options.js'
import { readForm } from './form.js'
import { grants } from './grants.js'
import { interactionId } from './interaction-id.js'
import { introspection } from './introspection-response.js'
import { proofs } from './proof.js'
import { pushAuthorizationRequest } from './push-authorization-request.js'
import { pushedRequests } from './pushed-requests.js'
import { registration } from './registration-request.js'
import { serve } from './served.js'
import { jwks, metadata, serverFacts } from './server-metadata.js'
import { tokenRequest } from './token-request.js'
import { standingOf } from './token-standing.js'

/** Says what an access token stands for, by its claims; `undefined` when it is unknown or has expired. */
export type FindClaims = (accessToken: string) => object | undefined | Promise<object | undefined>

/** What an access token stands for, with what it is bound to. */
export interface FoundToken {
  readonly claims: Token['claims']
  readonly client: Client | undefined
}

/** Middlewares that make an Express OAuth server hold a profile. Each is mounted in front of the route it is named after. */
export interface Fapi {
  /** Authenticates the client of a form, for endpoints of your own; `req.fapi.client` is who it is. */
  authenticateClient(): RequestHandler
  /** A whole endpoint: pushed authorization requests (RFC 9126). */
  pushAuthorizationRequest(): RequestHandler
  /** Verifies and judges authorization requests, and hands on the parameters that count (RFC 9101). */
  authorizationRequest(): RequestHandler
  /** Gives the server's redirects to the client `iss` (RFC 9207), or signs them (JARM). Mounted next to `authorizationRequest`. */
  authorizationResponse(): RequestHandler
  /** Authenticates the client and proves its key, checks code and verifier, and keeps what the token is bound to (RFC 8705, RFC 9449, RFC 7636). */
  tokenRequest(): RequestHandler
  /** Authenticates who asks, adds `cnf` to the answer and signs it where that is asked for (RFC 7662, RFC 9701). */
  introspection(): RequestHandler
  /** Judges client metadata and fills in what the profile sets (RFC 7591, RFC 7592). */
  registration(): RequestHandler
  /** A whole endpoint: the metadata document (RFC 8414, OpenID Connect Discovery). */
  metadata(): RequestHandler
  /** A whole endpoint: the server's public keys. */
  jwks(): RequestHandler
  /** Gives every request an `x-fapi-interaction-id`. Mounted first. */
  interactionId(): RequestHandler
  /** Answers what the server throws at a request that was let through. Mounted last. */
  fapiErrors(): ErrorRequestHandler
  /**
   * Access tokens for the `tokens` of `protect`, where the API knows the server's tokens: what `find` says of one (its claims, with
   * `client_id`), and what it was bound to here.
   */
  accessTokens(find: FindClaims): (accessToken: string) => Promise<FoundToken | undefined>
}

/**
 * Upgrades an Express OAuth server in place: mount these in front of its routes, keep the server. Throws a `ConfigurationError` that
 * lists everything wrong with the options, or with a server that its profile forbids.
 */
export function fapi(policy: Policy, options: FapiOptions): Fapi {
  const setup = setUp(policy, options)
  const server = serverFacts(setup)
  const pushed = pushedRequests(setup.store, setup.requestLifetime)
  const kept = grants(setup.store)
  const proofOf = proofs(setup)
  return Object.freeze<Fapi>({
    authenticateClient: () =>
      endpoint(setup, 'fapiAuthenticateClient', 'authentication', async (req, res) => {
        const form = await readForm(req, res, { stage: 'authentication' })
        const caller = await authenticateCaller(setup, req, form, 'nobody')
        if (!caller) return true
        await caller.spend()
        serve(req, { client: caller.client, params: {} })
        return true
      }),
    pushAuthorizationRequest: () => pushAuthorizationRequest(setup, proofOf, pushed),
    authorizationRequest: () => authorizationRequest(setup, pushed),
    authorizationResponse: () => authorizationResponse(setup, pushed, kept),
    tokenRequest: () => tokenRequest(setup, proofOf, kept),
    introspection: () => introspection(setup, kept),
    registration: () => registration(setup),
    metadata: () => metadata(setup, server),
    jwks: () => jwks(setup),
    interactionId,
    fapiErrors: () => fapiErrors(setup),
    accessTokens: (find) =>
      async function fapiAccessToken(accessToken) {
        const found = await find(accessToken)
        if (!found) return undefined
        const claims: FoundToken['claims'] = { ...found }
        const standing = await standingOf(setup, kept, accessToken, claims)
        return standing && { claims: { ...claims, cnf: standing.cnf }, client: standing.client }
      },
  })
}
