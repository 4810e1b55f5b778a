import { createHmac, timingSafeEqual } from 'node:crypto'
import { isText, isTime } from '../core/claims.js'
import type { Client } from '../core/facts.js'
import type { CompactJws } from '../readers/jws.js'
import { algorithmDetail, expiredDetail, isFault, signedBy } from '../readers/jwt-fault.js'
import { takeApart, type UnverifiedJwt, verifyingKey } from '../readers/signed-jwt.js'
import type { ClientKeys } from './client-keys.js'
import { OAuthRefusal } from './oauth-refusal.js'

/** RFC 7523 §2.2. */
export const ASSERTION_TYPE = 'urn:ietf:params:oauth:client-assertion-type:jwt-bearer'

/** Characters of an assertion, our choice. */
const LONGEST = 16_384

/** Takes a client assertion apart: who it says it is from is not yet believed. `undefined` for what is none. */
export const readAssertion = (text: string): UnverifiedJwt | undefined => (text.length > LONGEST ? undefined : takeApart(text))

/** Verifies the signature and the expiry of a client assertion (RFC 7523 §3); what it must say is for the rules. Throws an `OAuthRefusal`. */
export async function verifyAssertion(assertion: UnverifiedJwt, client: Client, keysOf: ClientKeys): Promise<void> {
  const { jws, header, claims } = assertion
  const refuse = (description: string, of: string, detail: string): OAuthRefusal =>
    new OAuthRefusal('invalid_client', description, { stage: 'authentication', client, rule: `assertion-${of}`, detail })
  const { token_endpoint_auth_method: method, token_endpoint_auth_signing_alg: registered, client_secret: secret } = client
  if (registered !== undefined && registered !== header.alg)
    throw refuse(
      'the client assertion is signed with another algorithm than is registered',
      'registered-alg',
      `${algorithmDetail(header.alg, [registered])} (token_endpoint_auth_signing_alg)`,
    )
  if (method === 'client_secret_jwt') {
    if (header.alg !== 'HS256' || header.crit !== undefined || !hasMac(jws, secret))
      throw refuse('the signature of the client assertion does not hold', 'signature', `${signedBy(header)}: client_secret did not make it`)
  } else {
    const key = await verifyingKey(assertion, keysOf(client), 'the client assertion')
    if (isFault(key)) throw refuse(key.description, key.kind, key.detail)
  }
  const now = Date.now() / 1000
  if (isTime(claims.exp) && claims.exp <= now) throw refuse('the client assertion has expired', 'expired', expiredDetail(claims.exp, now))
}

/** HMAC with SHA-256 (RFC 7518 §3.2), for `client_secret_jwt`. */
function hasMac({ input, signature }: CompactJws, secret: string | undefined): boolean {
  if (!isText(secret)) return false
  const expected = createHmac('sha256', secret).update(input).digest()
  const sent = Buffer.from(signature, 'base64url')
  return sent.length === expected.length && timingSafeEqual(sent, expected)
}
