import { randomUUID } from 'node:crypto'
import type { Jwk } from '../core/facts.js'
import { type KeySource, localKeySet } from '../readers/key-set.js'
import type { TestClient } from './client.js'
import { compactJwt, fromNow, type Members } from './compact-jwt.js'
import { type SigningAlgorithm, type SigningKey, signingKey } from './signing-key.js'

export interface FakeIssuerOptions {
  readonly issuer?: string
  /** The name of the API under test. */
  readonly audience?: string
  /** What its access tokens are signed with; ES256 when not given, which is made quickly. */
  readonly alg?: SigningAlgorithm
}

/** What an access token is not signed with as usual. */
export interface TokenSigning {
  readonly header?: Members
  /** Signs in place of the issuer's key. */
  readonly sign?: (input: string) => string
}

/** An authorization server of which there is nothing but its access tokens. It fits as one of the `issuers` of `protect`. */
export interface FakeIssuer {
  readonly issuer: string
  readonly audience: string
  /** Verifies its access tokens. */
  readonly keys: KeySource
  /** What it would publish at its `jwks_uri`, for guards that take a JWK Set. */
  readonly jwks: { readonly keys: readonly Jwk[] }
  readonly signingKey: SigningKey
  /** An access token (RFC 9068) for five minutes, bound to the client. Claims are as given; one that is `undefined` is left out. */
  token(client: Pick<TestClient, 'clientId' | 'cnf'>, claims?: Members, signing?: TokenSigning): string
}

/**
 * Makes an authorization server in this process, with a key of its own, for tests: whoever can call it has an access token. Throws a
 * `ConfigurationError`.
 */
export function fakeIssuer({
  issuer = 'https://issuer.example',
  audience = 'https://api.example',
  alg = 'ES256',
}: FakeIssuerOptions = {}): FakeIssuer {
  const key = signingKey(alg)
  const kid = key.thumbprint
  const jwks = Object.freeze({ keys: Object.freeze([Object.freeze({ ...key.publicJwk, kid, alg, use: 'sig' })]) })
  return Object.freeze({
    ...{ issuer, audience, jwks },
    keys: localKeySet(jwks),
    signingKey: key,
    token: (
      { clientId, cnf }: Pick<TestClient, 'clientId' | 'cnf'>,
      claims: Members = {},
      { header, sign = key.sign }: TokenSigning = {},
    ) =>
      compactJwt(
        { typ: 'at+jwt', alg, kid, ...header },
        {
          ...{ iss: issuer, aud: audience, sub: 'user', client_id: clientId, jti: randomUUID() },
          ...{ iat: fromNow(0), exp: fromNow(300), cnf, ...claims },
        },
        sign,
      ),
  })
}
