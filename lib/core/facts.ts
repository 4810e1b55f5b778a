import type { X509Certificate } from 'node:crypto'

/**
 * What is known at each stage. A stage is a moment at which rules may look; its facts are everything
 * an adapter can state about that moment, already read and never to be written to.
 */
export interface Facts {
  /** Once, at boot: how the authorization server is configured. */
  configuration: { readonly server: Server }
  /** A client is loaded, registered, or updates its registration. `current` is what is registered so far; `undefined` for a newcomer. */
  registration: { readonly client: Client; readonly current?: Client | undefined }
  /** A key is read from a client's `jwks_uri`. */
  key: { readonly client: Client; readonly key: Jwk }
  /** A client authenticates, at whatever endpoint. The signature of its assertion has been verified. */
  authentication: Moment & { readonly assertion: Jwt | undefined }
  /** An authorization request is pushed (RFC 9126). The signature of its request object has been verified. */
  par: AuthorizationRequest & { readonly proof: Jwt | undefined }
  /** An authorization request reaches the authorization endpoint. */
  authorization: AuthorizationRequest & { readonly pushed: boolean }
  /** An authenticated client asks for a token. The proof's signature has not been verified yet. */
  token: Moment & { readonly params: Params; readonly proof: Jwt | undefined }
  /** An access token is about to leave the token endpoint. */
  issuance: Moment & { readonly cnf: Confirmation }
  /** A verified token is presented to a protected resource, with the proof verified. */
  resource: Omit<Moment, 'client'> & { readonly client: Client | undefined; readonly token: Token; readonly proof: Jwt | undefined }
  /** A server's metadata were fetched from outside, as anybody can. */
  discovery: { readonly server: Published }
  /** A listener was connected to from outside, in as many ways as it may take; `now` is when, in epoch seconds. */
  tls: { readonly now: number; readonly listener: Listener }
}

export type Stage = keyof Facts

/** What every request-bound stage knows. */
export interface Moment {
  /** When the request was read, in epoch seconds. */
  readonly now: number
  readonly wire: Wire
  readonly client: Client
  /** Who the client was talking to. */
  readonly recipient: Recipient
}

export interface AuthorizationRequest extends Moment {
  /** The parameters in force: with a request object, its parameters and no others. */
  readonly params: Params
  /** The request object as it was signed; `undefined` when the request came as plain parameters. */
  readonly requestObject: Jwt | undefined
}

/** Request parameters by name. A parameter may repeat only where its specification lets it. */
export type Params = Readonly<Record<string, string | readonly string[] | undefined>>

/** The names a server answers to. */
export interface Recipient {
  readonly issuer: string
  /** The URLs of the token and pushed authorization request endpoints, aliases included. */
  readonly endpoints: readonly string[]
}

/** What the wire carried, before anybody interpreted it. */
export interface Wire {
  readonly method: string
  readonly url: URL
  readonly headers: Readonly<Record<string, string | undefined>>
  readonly certificate: ClientCertificate | undefined
}

/** The certificate a client showed, and what is known of it. Whoever has one may show it: that its sender holds the key is for who ended the TLS connection to see to. */
export interface ClientCertificate {
  readonly x509: X509Certificate
  /** What was shown with it, from its issuer upwards; shown is not trusted. */
  readonly chain: readonly X509Certificate[]
  /**
   * Who found that a trusted authority issued it: the TLS listener of this process, the proxy in front, or `trust`.
   * `tls_client_auth` needs it (RFC 8705 §2.1); `self_signed_tls_client_auth` and `cnf` need only the certificate.
   */
  readonly verified: 'tls' | 'proxy' | 'chain' | false
  /** Why it is not verified, for the operator. */
  readonly unverified?: string | undefined
}

/** A client's registration, under the names RFC 7591 gives its metadata. What is `undefined` was not registered. */
export interface Client {
  readonly client_id: string
  readonly application_type: string
  readonly token_endpoint_auth_method: string
  readonly redirect_uris: readonly string[]
  readonly response_types: readonly string[]
  readonly response_modes: readonly string[] | undefined
  readonly jwks: { readonly keys: readonly Jwk[] } | undefined
  readonly jwks_uri: string | undefined
  readonly client_secret: string | undefined
  readonly dpop_bound_access_tokens: boolean
  readonly tls_client_certificate_bound_access_tokens: boolean
  readonly require_pushed_authorization_requests: boolean
  readonly require_signed_request_object: boolean
  /** Algorithms, `fapi_profile` and whatever else was registered, as it was registered. */
  readonly [metadata: string]: unknown
}

/** A JSON Web Key (RFC 7517), unparsed. */
export type Jwk = Readonly<Record<string, unknown>>

/** The `cnf` claim of an access token (RFC 7800): what it is bound to. */
export interface Confirmation {
  readonly 'x5t#S256'?: string | undefined
  readonly jkt?: string | undefined
}

/**
 * An authorization server's configuration, under the names RFC 8414 gives its metadata where it has one. `undefined`
 * means that an adapter cannot know (a function decides at run time).
 */
export interface Server {
  readonly issuer: string
  /** Whether every client is held to the profile that judges; otherwise only what a server must offer is judged, not what it must not. */
  readonly exclusive: boolean
  readonly token_endpoint_auth_methods_supported: readonly string[]
  readonly token_endpoint_auth_signing_alg_values_supported: readonly string[]
  readonly request_object_signing_alg_values_supported: readonly string[]
  readonly id_token_signing_alg_values_supported: readonly string[]
  readonly userinfo_signing_alg_values_supported: readonly string[]
  readonly authorization_signing_alg_values_supported: readonly string[]
  readonly introspection_signing_alg_values_supported: readonly string[]
  /** Empty when DPoP is off. */
  readonly dpop_signing_alg_values_supported: readonly string[]
  readonly dpop_replay_allowed: boolean
  readonly response_types_supported: readonly string[]
  readonly response_modes_supported: readonly string[]
  readonly request_parameter_supported: boolean
  readonly require_signed_request_object: boolean
  readonly pushed_authorization_requests_supported: boolean
  readonly require_pushed_authorization_requests: boolean
  readonly tls_client_certificate_bound_access_tokens: boolean
  readonly unregistered_redirect_uris_allowed: boolean
  readonly omitted_redirect_uri_allowed: boolean
  readonly query_access_tokens_allowed: boolean
  readonly refresh_token_rotation: boolean
  readonly development_pages: boolean
  /** Seconds. */
  readonly authorization_code_lifetime: number | undefined
  /** Seconds by which a clock may be off. */
  readonly clock_tolerance: number
  /** Which generation's own checks the server underneath runs, if it has any. */
  readonly fapi_checks: 'off' | '1.0' | '2.0' | undefined
  /** What a client gets that registers without saying. */
  readonly client_defaults: Readonly<Record<string, unknown>>
  readonly jwks: { readonly keys: readonly Jwk[] }
}

/** What a server publishes of itself (RFC 8414), with the specification's defaults where it is silent. */
export interface Published
  extends Pick<
    Server,
    | 'issuer'
    | 'exclusive'
    | 'token_endpoint_auth_methods_supported'
    | 'token_endpoint_auth_signing_alg_values_supported'
    | 'request_object_signing_alg_values_supported'
    | 'id_token_signing_alg_values_supported'
    | 'userinfo_signing_alg_values_supported'
    | 'authorization_signing_alg_values_supported'
    | 'introspection_signing_alg_values_supported'
    | 'dpop_signing_alg_values_supported'
    | 'response_types_supported'
    | 'response_modes_supported'
    | 'request_parameter_supported'
    | 'require_signed_request_object'
    | 'pushed_authorization_requests_supported'
    | 'require_pushed_authorization_requests'
    | 'tls_client_certificate_bound_access_tokens'
    | 'jwks'
  > {
  /** The issuer identifier that was asked for. */
  readonly asked: string
  /** The document as it was published. */
  readonly metadata: Readonly<Record<string, unknown>>
}

/** What a TLS listener took from a client that offered it one thing at a time. */
export interface Listener {
  /** Host and port. */
  readonly host: string
  /** Whether browsers come here too: the authorization endpoint and the pages. */
  readonly browsers: boolean
  /** Whether clients come here without a browser: the token endpoint, the API and the like. */
  readonly clients: boolean
  /** The protocol versions it takes, under Node's names: `SSLv3`, `TLSv1`, `TLSv1.1`, `TLSv1.2`, `TLSv1.3`. Those that could not be tried are in neither list. */
  readonly versions: readonly string[]
  readonly refusedVersions: readonly string[]
  /** What it chose when everything from TLS 1.2 on was offered. */
  readonly preferred: string | undefined
  /** The TLS 1.2 cipher suites it takes, under the names of the IANA registry. */
  readonly ciphers: readonly string[]
  /** Why its certificate is not accepted; `undefined` where it is. */
  readonly untrusted: string | undefined
  /** When its certificate expires, in epoch seconds. */
  readonly expires: number | undefined
  /** `Strict-Transport-Security` of an answer over https; `undefined` where it sent none. */
  readonly strictTransportSecurity: string | undefined
  /** What plain http answers at the same host, where it does. */
  readonly plain: 'nothing' | 'redirect' | 'content' | undefined
}

/** A JWT taken apart. Whether its signature has been verified is the stage's business. */
export interface Jwt {
  readonly header: Readonly<Record<string, unknown>>
  readonly claims: Readonly<Record<string, unknown>>
}

/** A verified access token, whatever its format. */
export interface Token {
  /** The scheme it was presented under, in lower case. */
  readonly scheme: 'bearer' | 'dpop'
  readonly claims: Readonly<Record<string, unknown>> & { readonly cnf?: Confirmation | undefined }
}
