import { createHmac, timingSafeEqual } from 'node:crypto'
import { isText, isTime } from '../core/claims.js'
import type { Client, Jwt } from '../core/facts.js'
import { FAPI_ALGORITHMS } from '../core/jwk.js'
import { type CompactJws, compactJws, isSigned, jsonPart } from '../readers/jws.js'
import { KeySetError } from '../readers/key-set-error.js'
import type { ClientKeys } from './client-keys.js'
import { OAuthRefusal } from './oauth-refusal.js'

/** RFC 7523 §2.2. */
export const ASSERTION_TYPE = 'urn:ietf:params:oauth:client-assertion-type:jwt-bearer'

/** Characters of an assertion, our choice. */
const LONGEST = 16_384

/** A client assertion taken apart: who it says it is from is not yet believed. */
export interface Assertion extends Jwt {
  readonly jws: CompactJws
}

/** Takes a client assertion apart; `undefined` for what is none. */
export function readAssertion(text: string): Assertion | undefined {
  const jws = text.length > LONGEST ? undefined : compactJws(text)
  const header = jws && jsonPart(jws.header)
  const claims = jws && jsonPart(jws.payload)
  return jws && header && claims ? { jws, header, claims } : undefined
}

/** Verifies the signature and the expiry of a client assertion (RFC 7523 §3); what it must say is for the rules. Throws an `OAuthRefusal`. */
export async function verifyAssertion({ jws, header, claims }: Assertion, client: Client, keysOf: ClientKeys): Promise<void> {
  const refuse = (description: string): never => {
    throw new OAuthRefusal('invalid_client', description, { stage: 'authentication', client })
  }
  const { alg, crit } = header
  const { token_endpoint_auth_method: method, token_endpoint_auth_signing_alg: registered } = client
  if (crit !== undefined) refuse('the client assertion has critical header members that are not understood')
  if (registered !== undefined && registered !== alg) refuse('the client assertion is signed with another algorithm than is registered')
  if (method === 'client_secret_jwt') {
    if (alg !== 'HS256' || !hasMac(jws, client.client_secret)) refuse('the signature of the client assertion does not hold')
  } else if (!isText(alg) || !FAPI_ALGORITHMS.some((known) => known === alg)) {
    refuse('the client assertion is signed with an algorithm that is not accepted')
  } else {
    const key = await keysOf(client)(header).catch((error: unknown) => {
      if (error instanceof KeySetError && error.kind === 'token') return refuse(`the client assertion cannot be verified: ${error.message}`)
      throw error
    })
    if (!(await isSigned(jws, alg, key))) refuse('the signature of the client assertion does not hold')
  }
  const { exp } = claims
  if (isTime(exp) && exp <= Date.now() / 1000) refuse('the client assertion has expired')
}

/** HMAC with SHA-256 (RFC 7518 §3.2), for `client_secret_jwt`. */
function hasMac({ input, signature }: CompactJws, secret: string | undefined): boolean {
  if (!isText(secret)) return false
  const expected = createHmac('sha256', secret).update(input).digest()
  const sent = Buffer.from(signature, 'base64url')
  return sent.length === expected.length && timingSafeEqual(sent, expected)
}
