import { createHash, randomUUID } from 'node:crypto'
import type { RequestWithToken, TestClient } from './client.js'
import { compactJwt, fromNow, type Members } from './compact-jwt.js'
import type { SigningKey } from './signing-key.js'
import { type SigningAlgorithm, signingKey } from './signing-key.js'

/** How a proof differs from an honest one. A member that is `undefined` is left out. */
export interface ProofChange {
  readonly header?: Members
  readonly claims?: Members
  /** Signs in place of the client's key, which the header still shows. */
  readonly sign?: (input: string) => string
}

/** A client whose access tokens are bound to a DPoP key (RFC 9449). */
export interface DpopClient extends TestClient {
  readonly proofKey: SigningKey
  /** A proof for one request (RFC 9449 §4.2), each with a `jti` of its own. */
  proof(request: RequestWithToken, change?: ProofChange): string
}

export interface DpopClientOptions {
  readonly clientId?: string
  /** What its proofs are signed with; ES256 when not given. */
  readonly alg?: SigningAlgorithm
}

/** Makes a client that signs DPoP proofs with a key of its own. For tests. Throws a `ConfigurationError`. */
export function dpopClient({ clientId = 'dpop-client', alg = 'ES256' }: DpopClientOptions = {}): DpopClient {
  const proofKey = signingKey(alg)

  function proof({ method, url, token, nonce }: RequestWithToken, { header, claims, sign = proofKey.sign }: ProofChange = {}): string {
    const ath = createHash('sha256').update(token).digest('base64url')
    return compactJwt(
      { typ: 'dpop+jwt', alg, jwk: proofKey.publicJwk, ...header },
      { jti: randomUUID(), htm: method, htu: withoutQuery(url), iat: fromNow(0), ath, nonce, ...claims },
      sign,
    )
  }

  return Object.freeze({
    clientId,
    cnf: Object.freeze({ jkt: proofKey.thumbprint }),
    tls: undefined,
    proofKey,
    proof,
    headers: (request: RequestWithToken) => ({ authorization: `DPoP ${request.token}`, dpop: proof(request) }),
  })
}

/** RFC 9449 §4.2: `htu` has neither query nor fragment. */
const withoutQuery = (url: string) => url.replace(/[?#].*$/s, '')
