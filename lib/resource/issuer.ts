import type { Client, Token } from '../core/facts.js'
import type { Policy } from '../core/policy.js'
import type { KeySource } from '../readers/key-set.js'

/** What an access token stands for. */
export interface Found {
  readonly claims: Token['claims']
  /** The client it was issued to, where it is known; otherwise the profile goes by its `client_id` alone. */
  readonly client?: Client | undefined
}

/** Finds what an access token stands for; `undefined` when it is unknown, expired or revoked. What it throws refuses the request. */
export type TokenSource = (token: string) => Promise<Found | undefined>

/** An authorization server whose access tokens an API takes. */
export interface Issuer {
  /** Its issuer identifier, as it stands in `iss` (RFC 8414 §2). */
  readonly issuer: string
  /** The names of this API, one of which must be in `aud` (RFC 9068 §3). */
  readonly audience: string | readonly string[]
  /** Its keys, for access tokens that are JWTs (RFC 9068): `keySet(url)` or `localKeySet(jwks)`. */
  readonly keys?: KeySource
  /** For access tokens that only it can read: `introspection(…)`, or a look-up in the same process. Asked each time. */
  readonly tokens?: TokenSource
  /** Which opaque tokens are its own. Needed where several issuers have such tokens, and for
   * encrypted ones beside another issuer: one issuer's token is no other's business. */
  readonly owns?: (token: string) => boolean
  /** What its tokens are held to; the policy of the guard when not given. */
  readonly policy?: Policy
  /** The registration of a client, by which the policy may choose. Without it a policy that chooses knows the `client_id`
   * alone; with it the token of a client it does not know is refused. */
  readonly clientOf?: (clientId: string) => Client | undefined | Promise<Client | undefined>
}

/** A registration of which nothing is known but the `client_id`, with the defaults of RFC 7591 §2. */
export const unknownClient = (client_id: string): Client => ({
  client_id,
  application_type: 'web',
  token_endpoint_auth_method: 'client_secret_basic',
  redirect_uris: [],
  response_types: ['code'],
  response_modes: undefined,
  jwks: undefined,
  jwks_uri: undefined,
  client_secret: undefined,
  dpop_bound_access_tokens: false,
  tls_client_certificate_bound_access_tokens: false,
  require_pushed_authorization_requests: false,
  require_signed_request_object: false,
})
