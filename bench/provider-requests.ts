import { createHash, randomBytes, randomUUID } from 'node:crypto'
import { ISSUER, type Party, REDIRECT_URI } from './provider-cast.js'
import { proofHeader, signer } from './signer.js'

/** What is asked of the provider, and the status of an answer to an honest request. */
export const KINDS = {
  par: { path: '/request', status: 201 },
  token: { path: '/token', status: 200 },
} as const

export type Kind = keyof typeof KINDS

/** Requests of a client, each with a client assertion and where it takes one a DPoP proof of its own. */
export function requestsOf({ clientId, key, proofKey }: Party, kind: Kind): () => Buffer {
  const { path } = KINDS[kind]
  const assertion = signer(key, { typ: 'JWT', kid: key.kid })
  const proof = signer(proofKey, proofHeader(proofKey))
  return function request() {
    const now = Math.floor(Date.now() / 1000)
    const fresh = () => ({ jti: randomUUID(), iat: now })
    const client = {
      client_id: clientId,
      client_assertion_type: 'urn:ietf:params:oauth:client-assertion-type:jwt-bearer',
      client_assertion: assertion({ ...fresh(), iss: clientId, sub: clientId, aud: ISSUER, nbf: now, exp: now + 120 }),
    }
    if (kind === 'par') return requestBytes(path, { ...client, ...authorization() })
    const form = { ...client, grant_type: 'client_credentials', scope: 'accounts' }
    return requestBytes(path, form, { dpop: proof({ ...fresh(), htm: 'POST', htu: ISSUER + path }) })
  }
}

/** An authorization request with PKCE. */
const authorization = () => ({
  response_type: 'code',
  redirect_uri: REDIRECT_URI,
  scope: 'openid accounts',
  state: randomUUID(),
  nonce: randomUUID(),
  code_challenge: createHash('sha256').update(randomBytes(32).toString('base64url')).digest('base64url'),
  code_challenge_method: 'S256',
})

/** A request as it lies on the wire, behind a proxy that ended TLS. */
function requestBytes(path: string, form: Readonly<Record<string, string>>, more: Readonly<Record<string, string>> = {}): Buffer {
  const body = new URLSearchParams(form).toString()
  const headers = {
    host: new URL(ISSUER).host,
    'x-forwarded-proto': 'https',
    'x-fapi-interaction-id': randomUUID(),
    accept: 'application/json',
    'content-type': 'application/x-www-form-urlencoded',
    'content-length': String(body.length),
    ...more,
  }
  const lines = Object.entries(headers).map(([name, value]) => `${name}: ${value}\r\n`)
  return Buffer.from(`POST ${path} HTTP/1.1\r\n${lines.join('')}\r\n${body}`, 'latin1')
}
