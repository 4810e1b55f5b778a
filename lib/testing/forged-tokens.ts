import { createHmac } from 'node:crypto'
import { fromNow } from './compact-jwt.js'
import { fakeIssuer } from './fake-issuer.js'
import { type Forgery, type Legal, legalRequest, type TestRequest, tokenFor } from './forgery.js'
import { signingKey } from './signing-key.js'

/** Sent as the client sends its tokens, with a proof or a certificate that holds. */
const sending = (does: string, tokenOf: (legal: Legal) => string): Forgery => ({
  does,
  status: 401,
  error: 'invalid_token',
  forge: (legal) => [legalRequest(legal, tokenOf(legal))],
})

const badRequest = (does: string, change: (request: TestRequest, token: string) => Partial<TestRequest>): Forgery => ({
  does,
  status: 400,
  error: 'invalid_request',
  forge(legal) {
    const token = tokenFor(legal)
    const request = legalRequest(legal, token)
    return [{ ...request, ...change(request, token) }]
  },
})

/** Access tokens that are none, or are somebody else's; of any client. */
export const forgedTokens = Object.freeze({
  expiredToken: sending('Sends an access token that has expired.', ({ issuer, client, claims }) =>
    issuer.token(client, { ...claims, iat: fromNow(-600), exp: fromNow(-60) }),
  ),
  futureToken: sending('Sends an access token that is not valid yet.', ({ issuer, client, claims }) =>
    issuer.token(client, { ...claims, iat: fromNow(3600), nbf: fromNow(3600), exp: fromNow(7200) }),
  ),
  otherIssuer: sending('Sends an access token of another authorization server.', ({ issuer: { audience }, client, claims }) =>
    fakeIssuer({ issuer: 'https://other-issuer.example', audience }).token(client, claims),
  ),
  otherSigner: sending('Sends an access token that names the right issuer and that another key has signed.', ({ issuer, client, claims }) =>
    issuer.token(client, claims, { sign: signingKey(issuer.signingKey.alg).sign }),
  ),
  otherAudience: sending('Sends an access token for another API.', ({ issuer, client, claims }) =>
    issuer.token(client, { ...claims, aud: 'https://other-api.example' }),
  ),
  idTokenAsAccessToken: sending('Sends an ID token in place of an access token.', ({ issuer, client, claims }) =>
    issuer.token(client, { ...claims, aud: client.clientId, nonce: 'a nonce', auth_time: fromNow(0) }, { header: { typ: 'JWT' } }),
  ),
  jwtAsAccessToken: sending('Sends a JWT of the issuer that does not say that it is an access token.', ({ issuer, client, claims }) =>
    issuer.token(client, claims, { header: { typ: undefined } }),
  ),
  unsignedToken: sending('Sends an access token that nobody has signed (alg none).', ({ issuer, client, claims }) =>
    issuer.token(client, claims, { header: { alg: 'none', kid: undefined }, sign: () => '' }),
  ),
  symmetricToken: sending('Sends an access token signed with HS256 and the public key of its issuer.', ({ issuer, client, claims }) =>
    issuer.token(client, claims, {
      header: { alg: 'HS256' },
      sign: (input) => createHmac('sha256', JSON.stringify(issuer.signingKey.publicJwk)).update(input).digest('base64url'),
    }),
  ),
  tamperedToken: sending('Sends an access token whose claims were changed after it was signed.', (legal) => {
    const { issuer, client, claims } = legal
    const [header = '', , signature = ''] = tokenFor(legal).split('.')
    const [, changed = ''] = issuer.token(client, { ...claims, sub: 'somebody else' }).split('.')
    return [header, changed, signature].join('.')
  }),
  opaqueToken: sending('Sends what is no token of anybody.', () => 'no-token-of-anybody'),
  unboundToken: {
    does: 'Sends an access token that is bound to nothing, as Bearer.',
    status: 401,
    error: 'invalid_token',
    forge(legal) {
      const token = legal.issuer.token(legal.client, { ...legal.claims, cnf: undefined })
      return [{ ...legalRequest(legal, token), headers: { authorization: `Bearer ${token}` } }]
    },
  },
  queryToken: badRequest('Sends the access token in the query instead of a header.', ({ url, headers }, token) => {
    const { authorization: _, ...others } = headers
    return { url: withQuery(url, token), headers: others }
  }),
  queryTokenToo: badRequest('Sends the access token in the query and in the header.', ({ url }, token) => ({ url: withQuery(url, token) })),
  twoAuthorizations: badRequest('Sends the access token in two headers.', ({ headers }) => ({
    headers: { ...headers, authorization: [String(headers.authorization), String(headers.authorization)] },
  })),
} satisfies Record<string, Forgery>)

function withQuery(url: string, token: string): string {
  const changed = new URL(url)
  changed.searchParams.set('access_token', token)
  return changed.href
}
