import { createHmac } from 'node:crypto'
import type { RequestHeaders, RequestWithToken } from './client.js'
import { fromNow } from './compact-jwt.js'
import { type DpopClient, dpopClient, type ProofChange } from './dpop-client.js'
import { type Forgery, type Legal, legalRequest, tokenFor } from './forgery.js'
import { signingKey } from './signing-key.js'

type ProofForgery = Forgery<DpopClient>

const sending = (
  does: string,
  headersOf: (request: RequestWithToken, legal: Legal<DpopClient>) => RequestHeaders,
  error: ProofForgery['error'] = 'invalid_dpop_proof',
): ProofForgery => ({
  does,
  status: 401,
  error,
  forge(legal) {
    const { method = 'GET', url, nonce } = legal
    const token = tokenFor(legal)
    return [{ ...legalRequest(legal, token), headers: headersOf({ method, url, token, nonce }, legal) }]
  },
})

/** With a proof that differs from the right one. */
const proving = (does: string, change: (request: RequestWithToken, legal: Legal<DpopClient>) => ProofChange): ProofForgery =>
  sending(does, (request, legal) => ({
    authorization: `DPoP ${request.token}`,
    dpop: legal.client.proof(request, change(request, legal)),
  }))

const SECRET = 'a secret that the proof itself tells'
const hmac = (key: string) => (input: string) => createHmac('sha256', key).update(input).digest('base64url')

/** DPoP proofs that prove nothing (RFC 9449 §4.3, §11); of clients with a DPoP key. */
export const forgedProofs = Object.freeze({
  replay: {
    does: 'Sends a request a second time, as whoever recorded it would.',
    status: 401,
    error: 'invalid_dpop_proof',
    forge(legal) {
      const request = legalRequest(legal)
      return [request, request]
    },
  },
  wrongHtu: proving('Sends a proof that was made for another path.', ({ url }) => ({
    claims: { htu: new URL('/somewhere-else', url).href },
  })),
  otherHost: proving('Sends a proof that was made for another host.', ({ url }) => ({
    claims: { htu: `https://other-api.example${new URL(url).pathname}` },
  })),
  wrongHtm: proving('Sends a proof that was made for another method.', ({ method }) => ({
    claims: { htm: method === 'POST' ? 'GET' : 'POST' },
  })),
  wrongAth: proving('Sends a proof that was made for another access token.', () => ({
    claims: { ath: 'fUHyO2r2Z3DZ53EsNrWBb0xWXoaNy59IiKCAqksmQEo' },
  })),
  withoutAth: proving('Sends a proof as it goes to the authorization server, for no access token.', () => ({ claims: { ath: undefined } })),
  withoutJti: proving('Sends a proof that has no jti, so that it would never count as used.', () => ({ claims: { jti: undefined } })),
  staleProof: proving('Sends a proof of an hour ago.', () => ({ claims: { iat: fromNow(-3600) } })),
  futureProof: proving('Sends a proof that was made for an hour later.', () => ({ claims: { iat: fromNow(3600) } })),
  otherType: proving('Sends a JWT as proof that does not say that it is one.', () => ({ header: { typ: 'JWT' } })),
  algNone: proving('Sends a proof that nobody has signed (alg none).', () => ({ header: { alg: 'none' }, sign: () => '' })),
  symmetricProof: proving('Sends a proof signed with HS256 and a secret in its own header.', () => ({
    header: { alg: 'HS256', jwk: { kty: 'oct', k: Buffer.from(SECRET).toString('base64url') } },
    sign: hmac(SECRET),
  })),
  confusedProof: proving('Sends a proof signed with HS256 and the public key of the client.', (_request, { client }) => ({
    header: { alg: 'HS256' },
    sign: hmac(JSON.stringify(client.proofKey.publicJwk)),
  })),
  privateKeyInProof: proving('Sends a proof that shows the private key.', (_request, { client }) => ({
    header: { jwk: client.proofKey.privateJwk },
  })),
  stolenKey: proving('Sends a proof that shows the key of the client and is signed by another.', (_request, { client }) => ({
    sign: signingKey(client.proofKey.alg).sign,
  })),
  otherKey: sending(
    'Sends a stolen access token with a proof by the key of the thief.',
    (request, { client }) => dpopClient({ clientId: client.clientId, alg: client.proofKey.alg }).headers(request),
    'invalid_token',
  ),
  withoutProof: sending('Sends a stolen access token without a proof.', ({ token }) => ({ authorization: `DPoP ${token}` })),
  twoProofs: sending('Sends two proofs.', (request, { client }) => ({
    authorization: `DPoP ${request.token}`,
    dpop: [client.proof(request), client.proof(request)],
  })),
  asBearer: sending(
    'Sends a stolen access token as Bearer, without a proof.',
    ({ token }) => ({ authorization: `Bearer ${token}` }),
    'invalid_token',
  ),
  asBearerWithProof: sending(
    'Sends an access token as Bearer, next to a proof that holds.',
    (request, { client }) => ({ authorization: `Bearer ${request.token}`, dpop: client.proof(request) }),
    'invalid_token',
  ),
} satisfies Record<string, ProofForgery>)
