import { reasonOf } from '../core/errors.js'
import type { Client, Jwt, Params, Stage } from '../core/facts.js'
import { listed, shown } from '../core/shown.js'
import { algorithmDetail, claimDetail, isFault } from '../readers/jwt-fault.js'
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
 * that count; what they must be is for the rules. `holds` is called as soon as the signature is known to hold. Throws an `OAuthRefusal`.
 */
export async function readRequestObject(
  setup: Setup,
  text: string,
  client: Client,
  { stage, holds }: { readonly stage: Stage; readonly holds?: () => void },
): Promise<SignedRequest> {
  const refuse = (description: string, of: string, detail?: string): OAuthRefusal =>
    new OAuthRefusal('invalid_request_object', description, { stage, client, detail, rule: `request-object-${of}` })
  if (text.length > LONGEST)
    throw refuse('the request object is too long', 'readable', `it has ${text.length} characters, it may have ${LONGEST}`)
  const isEncrypted = text.split('.').length === 5
  if (!isEncrypted && client.request_object_encryption_alg !== undefined)
    throw refuse(
      'this client is registered to encrypt its request objects',
      'decryption',
      `it is not encrypted, request_object_encryption_alg is ${shown(client.request_object_encryption_alg)}`,
    )
  const signed = isEncrypted
    ? await setup.keys.decrypt(text).catch((cause: unknown) => {
        throw refuse('the request object is encrypted with a key or an algorithm that is not of this server', 'decryption', reasonOf(cause))
      })
    : text
  const jwt = takeApart(signed)
  if (!jwt) {
    const parts = signed.split('.').length
    const detail = parts === 3 ? 'its header or its claims are no JSON object' : `it has ${parts} parts, a signed JWT has 3`
    throw refuse('the request object is not a signed JWT', 'readable', isEncrypted ? `what was encrypted is none: ${detail}` : detail)
  }
  const { header, claims } = jwt
  const { request_object_signing_alg: registered } = client
  if (registered !== undefined && registered !== header.alg)
    throw refuse(
      'the request object is signed with another algorithm than is registered',
      'registered-alg',
      `${algorithmDetail(header.alg, [registered])} (request_object_signing_alg)`,
    )
  const key = await verifyingKey(jwt, setup.keysOf(client), 'the request object')
  if (isFault(key)) throw refuse(key.description, key.kind, key.detail)
  if (holds) holds()

  const { client_id, iss, request, request_uri } = claims
  if (client_id !== client.client_id || (iss !== undefined && iss !== client.client_id))
    throw refuse(
      'client_id and iss of the request object must be the client_id of the request',
      'client',
      `${claimDetail('client_id', client_id, [client.client_id])}; iss is ${shown(iss)}`,
    )
  if (request !== undefined || request_uri !== undefined)
    throw refuse(
      'a request object must contain neither request nor request_uri',
      'flat',
      `it contains ${listed(['request', 'request_uri'].filter((name) => claims[name] !== undefined))}`,
    )
  return { object: { header, claims }, params: paramsIn(claims) }
}

/** Claims as the parameters they stand for: what is no text is one as JSON (RFC 9101 §4). */
function paramsIn(claims: Jwt['claims']): Params {
  const named = Object.entries(claims).filter(([name, value]) => !OF_THE_JWT.includes(name) && value !== undefined && value !== null)
  return Object.fromEntries(named.map(([name, value]) => [name, typeof value === 'string' ? value : JSON.stringify(value)]))
}
