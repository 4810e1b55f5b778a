import { reasonOf } from '../core/errors.js'
import type { Client, Jwt, Params, Stage } from '../core/facts.js'
import { takeApart, verifyingKey } from '../readers/signed-jwt.js'
import type { Setup } from './fapi-options.js'
import { OAuthRefusal } from './oauth-refusal.js'

/** A request object whose signature holds, and the parameters in it. */
export interface SignedRequest {
  readonly object: Jwt
  readonly params: Params
}

/** Characters of a request object, our choice. */
const LONGEST = 65_536

/** RFC 9101 §4: what a request object says about itself is no parameter. */
const OF_THE_JWT = ['iss', 'aud', 'exp', 'nbf', 'iat', 'jti', 'sub']

/**
 * Verifies a request object (RFC 9101 §6), decrypting it where it is encrypted to this server. Its parameters are the only ones
 * that count; what they must be is for the rules. Throws an `OAuthRefusal`.
 */
export async function readRequestObject(setup: Setup, text: string, client: Client, stage: Stage): Promise<SignedRequest> {
  const refuse = (description: string, detail?: string): OAuthRefusal =>
    new OAuthRefusal('invalid_request_object', description, { stage, client, detail })
  if (text.length > LONGEST) throw refuse('the request object is too long')
  const isEncrypted = text.split('.').length === 5
  if (!isEncrypted && client.request_object_encryption_alg !== undefined)
    throw refuse('this client is registered to encrypt its request objects')
  const signed = isEncrypted
    ? await setup.keys.decrypt(text).catch((cause: unknown) => {
        throw refuse('the request object is encrypted with a key or an algorithm that is not of this server', reasonOf(cause))
      })
    : text
  const jwt = takeApart(signed)
  if (!jwt) throw refuse('the request object is not a signed JWT')
  const { header, claims } = jwt
  const { request_object_signing_alg: registered } = client
  if (registered !== undefined && registered !== header.alg)
    throw refuse('the request object is signed with another algorithm than is registered')
  const key = await verifyingKey(jwt, setup.keysOf(client), 'the request object')
  if (typeof key === 'string') throw refuse(key)

  const { client_id, iss, request, request_uri } = claims
  if (client_id !== client.client_id || (iss !== undefined && iss !== client.client_id))
    throw refuse('client_id and iss of the request object must be the client_id of the request')
  if (request !== undefined || request_uri !== undefined) throw refuse('a request object must contain neither request nor request_uri')
  return { object: { header, claims }, params: paramsIn(claims) }
}

/** Claims as the parameters they stand for: what is no text is one as JSON (RFC 9101 §4). */
function paramsIn(claims: Jwt['claims']): Params {
  const named = Object.entries(claims).filter(([name, value]) => !OF_THE_JWT.includes(name) && value !== undefined && value !== null)
  return Object.fromEntries(named.map(([name, value]) => [name, typeof value === 'string' ? value : JSON.stringify(value)]))
}
