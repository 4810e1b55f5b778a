import type { KoaContextWithOIDC } from 'oidc-provider'
import { isText, isTime } from '../core/claims.js'
import type { Client, Jwk, Jwt } from '../core/facts.js'
import { FAPI_ALGORITHMS } from '../core/jwk.js'
import { listed, secondsIn, shown } from '../core/shown.js'
import { compactJws, jsonPart } from '../readers/jws.js'
import { readJwt } from '../readers/jwt.js'
import { algorithmDetail, claimDetail, expiredDetail, missingDetail, signedBy, timesAhead } from '../readers/jwt-fault.js'
import { whyNoProofKey } from '../readers/proof-key.js'
import { endpointUrls } from './endpoints.js'
import { clientOf } from './facts.js'
import { keysRead } from './key-sets.js'

/** What failed with a JWT, as far as it can be told apart. */
export interface JoseFailure {
  /** The named refusal, where it is another than the words of the provider say. */
  readonly rule?: string
  /** For the operator: what was there, and what would be right. */
  readonly detail: string
}

/** An error of node-oidc-provider, or of jose underneath it. */
interface Failed {
  readonly error?: string | undefined
  readonly error_description?: string | undefined
  readonly error_detail?: string | undefined
  readonly cause?: unknown
}

/** What is compared with the JWT that was sent. */
interface Expected {
  readonly client: Client
  readonly keys: readonly Jwk[] | undefined
  readonly issuer: string
  /** The metadata that names the algorithm. */
  readonly algorithm: 'token_endpoint_auth_signing_alg' | 'request_object_signing_alg'
  /** Claims that must be there. */
  readonly required: readonly string[]
  readonly now: number
}

/**
 * Works out of a refusal of the provider what was wrong with the client assertion, the request object or the DPoP proof of the request:
 * the provider says little, and everything is at hand once it has refused. `undefined` for whatever else it refuses. Never throws.
 */
export function joseFailure(ctx: KoaContextWithOIDC, failed: Failed): JoseFailure | undefined {
  try {
    return failureOf(ctx, failed)
  } catch {
    return undefined
  }
}

function failureOf(ctx: KoaContextWithOIDC, failed: Failed): JoseFailure | undefined {
  const { client_assertion: assertion, request }: Readonly<Record<string, unknown>> = { ...ctx.oidc?.params }
  const { error, error_description: description = '' } = failed
  const words = `${description} ${failed.error_detail ?? ''}`
  if (error === 'invalid_dpop_proof' || /DPoP proof JWT Replay/.test(words)) return ofProof(ctx, words, codeOf(failed))
  if (error === 'invalid_request' && /client_assertion format/.test(words))
    return { rule: 'assertion-readable', detail: unreadable(assertion) }
  const { client } = ctx.oidc ?? {}
  if (!client) return undefined
  const common = { client: clientOf(client), keys: keysRead(client), issuer: ctx.oidc.issuer, now: Date.now() / 1000 }
  if (error === 'invalid_client' && isText(assertion))
    return ofJwt(assertion, words, codeOf(failed), {
      ...{ ...common, algorithm: 'token_endpoint_auth_signing_alg', required: ['iss', 'sub', 'aud', 'exp', 'jti'] },
    })
  if (error === 'invalid_request_object' && isText(request))
    return /decrypt/.test(words)
      ? { detail: undecrypted(request, codeOf(failed), failed) }
      : ofJwt(request, words, codeOf(failed), { ...common, algorithm: 'request_object_signing_alg', required: ['aud', 'exp', 'nbf'] })
  return undefined
}

/** By the words of the provider, and of jose, in order. */
const OF_JWTS: readonly (readonly [words: RegExp, detail: (jwt: Jwt, expected: Expected, words: string) => string])[] = [
  [/\balg\b/, ({ header }, { client, algorithm }) => wrongAlgorithm(header.alg, client[algorithm], algorithm)],
  [/ERR_JWKS_NO_MATCHING_KEY/, ({ header }, expected) => `${signedBy(header)}; known is ${keysOf(expected)}`],
  [
    /ERR_JWS_SIGNATURE/,
    ({ header }) => `${signedBy(header)}: no key of the client that fits made this signature, or what was signed has been changed`,
  ],
  [/jwt expired/, ({ claims: { exp } }, { now }) => (isTime(exp) ? expiredDetail(exp, now) : missingDetail('exp', exp))],
  [/not active|in the future/, ({ claims: { iat, nbf } }, { now }) => timesAhead({ iat, nbf }, now)],
  [
    /must be (?:provided|specified)|is missing|missing the/,
    ({ claims }, { required }) => `missing is ${listed(required.filter((name) => !claims[name]))}`,
  ],
  [/audience|\baud\b/, ({ claims: { aud } }, { issuer }) => claimDetail('aud', aud, [issuer])],
  [/issuer|\biss\b/, ({ claims: { iss } }, { client }) => claimDetail('iss', iss, [client.client_id])],
  [/client_id/, ({ claims: { client_id } }, { client }) => claimDetail('client_id', client_id, [client.client_id])],
  [/response_type/, ({ claims: { response_type } }) => `response_type inside is ${shown(response_type)}`],
  [/invalid (?:nbf|iat|exp|jti|iss|aud|sub) value/, ({ claims }, _, words) => wrongKind(claims, words)],
  [/must only be used once/, () => 'an assertion with this jti has been used before'],
]

function ofJwt(compact: string, words: string, code: string, expected: Expected): JoseFailure | undefined {
  const jwt = readJwt(compact)
  if (!jwt) return { detail: unreadable(compact) }
  const text = `${words} ${code}`
  const [, tell] = OF_JWTS.find(([pattern]) => pattern.test(text)) ?? []
  const detail = tell?.(jwt, expected, text)
  return detail === undefined ? undefined : { detail }
}

const wrongAlgorithm = (alg: unknown, registered: unknown, name: string) =>
  registered === undefined ? algorithmDetail(alg, FAPI_ALGORITHMS) : `${algorithmDetail(alg, [registered])} (${name})`

function wrongKind(claims: Jwt['claims'], words: string): string {
  const [, name = ''] = /invalid (\w+) value/.exec(words) ?? []
  // A subject is somebody.
  return `${name} is ${name === 'sub' ? typeof claims[name] : shown(claims[name])}, which is of the wrong kind`
}

function keysOf({ client: { jwks, jwks_uri: uri }, keys }: Expected): string {
  const known = keys ?? jwks?.keys
  if (!known) return uri === undefined ? 'no key: none is registered' : 'no key: those at jwks_uri have not been read'
  return listed(
    known,
    'none',
    ({ kid, alg, crv, kty }) => `${kid === undefined ? 'a key without kid' : `kid ${shown(kid)}`} (${shown(alg ?? crv ?? kty)})`,
  )
}

/** Why a text is no JWT. */
function unreadable(text: unknown): string {
  if (!isText(text)) return 'there is no text'
  const parts = text.split('.').length
  return parts === 3 ? 'its header or its claims are no JSON object in base64url' : `it has ${parts} parts, a signed JWT has 3`
}

function undecrypted(jwe: string, code: string, { error_detail: detail = '' }: Failed): string {
  const header = jsonPart(jwe.split('.', 1)[0] ?? '')
  if (!header) return 'its header is no JSON object in base64url'
  const { alg, enc, kid } = header
  const why = /unsupported/.test(detail)
    ? 'the server does not offer that'
    : code === 'ERR_JWE_DECRYPTION_FAILED'
      ? 'the key that fits does not open it, so it was encrypted to another one'
      : 'no key of this server is for that'
  return `alg is ${shown(alg)}, enc is ${shown(enc)}, kid is ${shown(kid)}: ${why}`
}

function ofProof(ctx: KoaContextWithOIDC, words: string, code: string): JoseFailure | undefined {
  const proof = ctx.get('dpop')
  const jws = compactJws(proof)
  if (!jws) return proof ? { rule: 'dpop-proof-readable', detail: unreadable(proof) } : undefined
  const unusable = whyNoProofKey(jws.header, FAPI_ALGORITHMS)
  if (unusable) return { rule: unusable.of === 'alg' ? 'proof-algorithms' : 'dpop-proof-readable', detail: unusable.detail }
  const claims = jsonPart(jws.payload)
  if (!claims) return { rule: 'dpop-proof-readable', detail: 'its claims are no JSON object' }
  const now = Date.now() / 1000
  const { iat, htm, htu, ath, exp } = claims
  if (code === 'ERR_JWS_SIGNATURE_VERIFICATION_FAILED')
    return { rule: 'dpop-signature', detail: 'the jwk in the header did not make this signature' }
  if (code === 'ERR_JWT_EXPIRED' && isTime(exp)) return { rule: 'dpop-time', detail: expiredDetail(exp, now) }
  if (/Replay/.test(words)) return { rule: 'dpop-once', detail: 'a proof with this jti has been used before' }
  if (/\bhtm\b/.test(words)) return { detail: claimDetail('htm', htm, [ctx.method]) }
  if (/\bhtu\b/.test(words)) return { detail: claimDetail('htu', htu, [endpointUrls(ctx).get(String(ctx.oidc.route))]) }
  if (/\bath\b/.test(words))
    return { detail: ath === undefined ? 'ath is missing' : 'ath is the hash of another access token, or of something else' }
  if (/\bjti\b/.test(words)) return { detail: 'jti is missing, or no text' }
  if (/\biat\b/.test(words))
    return {
      detail: isTime(iat)
        ? `iat is ${secondsIn(Math.abs(now - iat))} ${iat > now ? 'ahead' : 'ago'} (now is ${Math.floor(now)})`
        : missingDetail('iat', iat),
    }
  return undefined
}

/** What jose says went wrong. */
function codeOf({ cause }: Failed): string {
  const { code }: { readonly code?: unknown } = typeof cause === 'object' && cause !== null ? cause : {}
  return isText(code) ? code : ''
}
