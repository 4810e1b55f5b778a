import { createHash, createPrivateKey, type JsonWebKey, type KeyObject, randomUUID } from 'node:crypto'
import { SignJWT } from 'jose'
import { isAhead, isHttpsUrl, isText, isTime } from '../core/claims.js'
import { ConfigurationError, type ConfigurationFault } from '../core/errors.js'
import { forgetOldest } from '../core/forget-oldest.js'
import { isFault } from '../readers/jwt-fault.js'
import type { KeySource } from '../readers/key-set.js'
import { outbound } from '../readers/outbound.js'
import { type OutboundOptions, outboundFaults } from '../readers/outbound-options.js'
import { takeApart, verifyingKey } from '../readers/signed-jwt.js'
import type { Found, TokenSource } from './issuer.js'

type Json = Readonly<Record<string, unknown>>

export interface IntrospectionOptions extends OutboundOptions {
  /** The introspection endpoint, an https URL; its mutual TLS alias where the API authenticates by certificate. */
  readonly endpoint: string
  /** The issuer: whom assertions are for, and who signs answers. */
  readonly issuer: string
  /** Under which `client_id` the API is known there. */
  readonly clientId: string
  /** Authenticates by `private_key_jwt`: a private JWK, for PS256, ES256 or EdDSA. Without it by mutual TLS (RFC 8705 §2), with `identity`. */
  readonly key?: JsonWebKey & { readonly kid?: string }
  /** Asks for signed answers (RFC 9701), and accepts no others. The keys of the issuer. */
  readonly signedBy?: KeySource
  /** Takes answers without `token_type`: only for an issuer that calls no refresh token active. */
  readonly acceptUntyped?: boolean
  /** Seconds for which an answer is gone by: a revoked token may live on for as long. 10 when not given, 0 asks every time, at most 300. */
  readonly maxAge?: number
}

/** Answers that are kept, our choice. */
const KEPT = 10_000
/** Questions at a time, our choice: whoever sends made-up tokens gets 503, and not the issuer to its knees. */
const MOST_AT_ONCE = 256

/**
 * Asks an issuer what its access tokens stand for (RFC 7662). An issuer that does not answer, or not as it should, refuses the request
 * with 503. Throws a `ConfigurationError`.
 */
export function introspection(options: IntrospectionOptions): TokenSource {
  const { endpoint, issuer, clientId, key, signedBy, acceptUntyped = false, maxAge = 10 } = options
  const faults = [...introspectionFaults(options), ...outboundFaults(options)]
  if (faults.length > 0) throw new ConfigurationError(faults)
  const fetchText = outbound(options)
  const authenticate = key === undefined ? undefined : assertions(key, clientId, issuer)
  const url = new URL(endpoint)
  const accept = signedBy ? 'application/token-introspection+jwt' : 'application/json'
  const kept = new Map<string, { readonly found: Found; readonly until: number }>()
  const asking = new Map<string, { readonly since: number; readonly answer: Promise<Found | undefined> }>()

  return async function introspect(token) {
    const hash = createHash('sha256').update(token).digest('base64url')
    const known = kept.get(hash)
    if (known && known.until > Date.now() / 1000) return known.found
    const now = Date.now() / 1000
    const underway = asking.get(hash)
    // An answer that is underway for longer may be older than it may be.
    if (underway && now - underway.since < maxAge) return underway.answer
    if (asking.size >= MOST_AT_ONCE) throw new Error(`${endpoint} is asked about ${MOST_AT_ONCE} tokens already`)
    const mine = { since: now, answer: ask(token, hash, now) }
    asking.set(hash, mine)
    return mine.answer.finally(() => asking.get(hash) === mine && asking.delete(hash))
  }

  async function ask(token: string, hash: string, asked: number): Promise<Found | undefined> {
    const form = new URLSearchParams({ token, token_type_hint: 'access_token', client_id: clientId, ...(await authenticate?.()) })
    const { status, headers, text } = await fetchText(url, { accept, form: form.toString(), statuses: [400] })
    if (status === 400) return refusedToken(text)
    const now = Date.now() / 1000
    const claims = signedBy ? await signedAnswer(text, String(headers['content-type'] ?? ''), now) : jsonOf(text)
    kept.delete(hash)
    if (claims?.active === false) return undefined
    if (claims?.active !== true) throw new Error(`${endpoint} did not say whether the token is active`)
    const { active: _, ...rest } = claims
    // A refresh token may be active too, and is none of ours.
    if (!isAccessToken(rest.token_type, acceptUntyped)) return undefined
    const found: Found = { claims: rest }
    const until = Math.min(asked + maxAge, isTime(rest.exp) ? rest.exp : Number.POSITIVE_INFINITY)
    if (until > now) kept.set(hash, { found, until })
    forgetOldest(kept, KEPT)
    return found
  }

  /** RFC 7662 has no such answer, and servers that do not look at a token of some kind give it all the same (RFC 7009 §2.2.1). */
  function refusedToken(text: string): undefined {
    const { error } = jsonOf(text) ?? {}
    if (error !== 'unsupported_token_type') throw new Error(`${endpoint} answered 400${isText(error) ? ` (${error})` : ''}`)
  }

  /** RFC 9701 §5, §8.1: another JWT of the issuer is no answer. */
  async function signedAnswer(text: string, contentType: string, now: number): Promise<Json | undefined> {
    const jwt = takeApart(text.trim())
    const refuse = (why: string): never => {
      throw new Error(`${endpoint} answered with ${why}`)
    }
    if (!/^application\/token-introspection\+jwt *(?:;|$)/i.test(contentType) || !jwt || !signedBy)
      return refuse('what is no signed introspection response')
    const { header, claims } = jwt
    if (typeof header.typ !== 'string' || !/^(?:application\/)?token-introspection\+jwt$/i.test(header.typ))
      return refuse('a JWT of another type')
    const key = await verifyingKey(jwt, signedBy, 'it')
    if (isFault(key)) return refuse(`a JWT that does not count: ${key.description} (${key.detail})`)
    if (claims.iss !== issuer || ![claims.aud].flat().includes(clientId)) return refuse('a JWT of another issuer, or for another API')
    if (!isTime(claims.iat) || isAhead(claims.iat, now, 60)) return refuse('a JWT from the future')
    const { token_introspection: answer } = claims
    return typeof answer === 'object' && answer !== null ? { ...answer } : undefined
  }
}

const isAccessToken = (type: unknown, acceptUntyped: boolean) =>
  type === undefined ? acceptUntyped : isText(type) && /^(?:bearer|dpop)$/i.test(type)

function jsonOf(text: string): Json | undefined {
  try {
    const value: unknown = JSON.parse(text)
    return typeof value === 'object' && value !== null && !Array.isArray(value) ? { ...value } : undefined
  } catch {
    return undefined
  }
}

const ASSERTION_TYPE = 'urn:ietf:params:oauth:client-assertion-type:jwt-bearer'

/** A fresh assertion for each request, good for a minute (our choice), and for the issuer alone (FAPI2-SP-5.3.3.1-5). */
function assertions(jwk: JsonWebKey & { readonly kid?: string }, clientId: string, issuer: string): () => Promise<Record<string, string>> {
  const key = createPrivateKey({ key: jwk, format: 'jwk' })
  const header = { alg: algorithmOf(key) ?? '', ...(jwk.kid !== undefined && { kid: jwk.kid }) }
  return async () => ({
    client_assertion_type: ASSERTION_TYPE,
    client_assertion: await new SignJWT({ iss: clientId, sub: clientId, aud: issuer, jti: randomUUID() })
      .setProtectedHeader(header)
      .setIssuedAt()
      .setExpirationTime('1 minute')
      .sign(key),
  })
}

function algorithmOf({ asymmetricKeyType: type, asymmetricKeyDetails: details }: KeyObject): string | undefined {
  if (type === 'rsa') return (details?.modulusLength ?? 0) >= 2048 ? 'PS256' : undefined
  if (type === 'ec') return details?.namedCurve === 'prime256v1' ? 'ES256' : undefined
  return type === 'ed25519' ? 'EdDSA' : undefined
}

function introspectionFaults({
  endpoint,
  issuer,
  clientId,
  key,
  identity,
  signedBy,
  maxAge = 10,
}: IntrospectionOptions): ConfigurationFault[] {
  const faults: ConfigurationFault[] = []
  const insist = (holds: boolean, option: string, got: unknown, allowed: string) => {
    if (!holds) faults.push({ option, got, allowed })
  }
  insist(isHttpsUrl(endpoint), 'endpoint', endpoint, 'must be the https URL of the introspection endpoint')
  insist(isText(issuer), 'issuer', issuer, 'must be an issuer identifier')
  insist(isText(clientId), 'clientId', clientId, 'must be the client_id of this API at the issuer')
  insist(
    (key === undefined) !== (identity === undefined),
    'key, identity',
    undefined,
    'must be a private key (private_key_jwt) or a certificate with its key (mutual TLS), one of them',
  )
  insist(key === undefined || canSign(key), 'key', typeof key, 'must be a private JWK: RSA of 2048 bits or more, P-256 or Ed25519')
  insist(signedBy === undefined || typeof signedBy === 'function', 'signedBy', signedBy, 'must be keys, such as keySet(url)')
  insist(typeof maxAge === 'number' && maxAge >= 0 && maxAge <= 300, 'maxAge', maxAge, 'must be seconds, from 0 to 300')
  return faults
}

function canSign(jwk: JsonWebKey): boolean {
  try {
    return algorithmOf(createPrivateKey({ key: jwk, format: 'jwk' })) !== undefined
  } catch {
    return false
  }
}
