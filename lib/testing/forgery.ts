import type { RequestHeaders, TestClient, TlsIdentity } from './client.js'
import type { Members } from './compact-jwt.js'
import type { FakeIssuer } from './fake-issuer.js'

/** A request that an API under test should let through. */
export interface Legal<C extends TestClient = TestClient> {
  readonly issuer: FakeIssuer
  readonly client: C
  /** `GET` when not given. */
  readonly method?: string
  /** Under the public name of the API. */
  readonly url: string
  /** What its access token has besides: `{ scope: 'accounts' }`. */
  readonly claims?: Members
  /** A nonce of the API, from its header `DPoP-Nonce`. */
  readonly nonce?: string
}

/** A request to send. */
export interface TestRequest {
  readonly method: string
  readonly url: string
  readonly headers: RequestHeaders
  /** The certificate to connect with, if any. */
  readonly tls: TlsIdentity | undefined
}

/** A request that looks like a legal one and is not. */
export interface Forgery<C extends TestClient = TestClient> {
  /** What it does, in a sentence. */
  readonly does: string
  /** What `protect` refuses it with, under a FAPI profile: the status, and `error` in body and challenge. */
  readonly status: 400 | 401
  readonly error: 'invalid_request' | 'invalid_token' | 'invalid_dpop_proof'
  /** The requests to send, one after the other: the last one is to be refused, and any before it are legal. */
  forge(legal: Legal<C>): readonly TestRequest[]
}

/** The request itself, with an access token of its own. */
export function legalRequest<C extends TestClient>(legal: Legal<C>, token = tokenFor(legal)): TestRequest {
  const { client, method = 'GET', url, nonce } = legal
  return { method, url, headers: client.headers({ method, url, token, nonce }), tls: client.tls }
}

/** The access token that goes with a request. */
export const tokenFor = <C extends TestClient>({ issuer, client, claims }: Legal<C>): string => issuer.token(client, claims)
