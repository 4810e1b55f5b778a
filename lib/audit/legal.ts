import { createHash, randomBytes, randomUUID } from 'node:crypto'
import { isText } from '../core/claims.js'
import type { Params } from '../core/facts.js'
import { type Attempt, urlOfAttempt, violationsOf } from './attempt.js'
import type { Party, Scene } from './scene.js'
import { type Draft, publicPart } from './signing.js'

/* Requests that break nothing: what a probe changes, and what must be accepted before a refusal means anything. */

const seconds = () => Math.floor(Date.now() / 1000)
const random = () => randomBytes(24).toString('base64url')

/** A client assertion of the party (RFC 7523); `undefined` where it authenticates otherwise. */
export function legalAssertion({ issuer, party }: Scene): Draft | undefined {
  if (!party?.signing || party.client.token_endpoint_auth_method !== 'private_key_jwt') return undefined
  const { client_id } = party.client
  const [now, { key, alg }] = [seconds(), party.signing]
  return {
    header: { typ: 'JWT', alg, ...(isText(key.kid) && { kid: key.kid }) },
    claims: { iss: client_id, sub: client_id, aud: issuer, jti: randomUUID(), iat: now, exp: now + 60 },
    key,
  }
}

/** A DPoP proof for a URL (RFC 9449); `undefined` for a client whose tokens are bound to its certificate, or where there is no DPoP. */
export function legalProof(
  { profile, metadata, party }: Pick<Scene, 'profile' | 'metadata' | 'party'>,
  method: string,
  url: URL,
  more: Readonly<Record<string, unknown>> = {},
): Draft | undefined {
  if (!party) return undefined
  const { dpop_bound_access_tokens: bound, tls_client_certificate_bound_access_tokens: byCertificate } = party.client
  // A client that is bound to nothing has to be able to bind its tokens all the same.
  const isOffered = profile.generation === '2.0' && metadata.dpop_signing_alg_values_supported !== undefined && !byCertificate
  if (!bound && !isOffered) return undefined
  const { key, alg } = party.proofKey
  return {
    header: { typ: 'dpop+jwt', alg, jwk: publicPart(key) },
    claims: { jti: randomUUID(), htm: method, htu: url.origin + url.pathname, iat: seconds(), ...more },
    key,
  }
}

const authenticated = (scene: Scene, party: Party) => ({
  assertion: legalAssertion(scene),
  certificate: party.certificate,
})

/**
 * An authorization request that the profile has nothing against, pushed where the profile or the server wants that; `undefined` where the
 * rules find something wrong with each that the client could send: then it is the client that is not compliant, or the server offers too little.
 */
export function legalRequest(scene: Scene): Attempt | undefined {
  const { party, metadata } = scene
  if (!party) return undefined
  const ways = waysOf(scene, party)
  const signs = metadata.require_signed_request_object === true || party.client.require_signed_request_object
  return (signs ? ways.filter(({ requestObject }) => requestObject) : ways).find((way) => violationsOf(scene, way).length === 0)
}

/** The same with a request object, where the server takes any; a profile may want none, but what is sent is held to it. */
export function legalSignedRequest(scene: Scene): Attempt | undefined {
  const { party, metadata } = scene
  const isOffered = metadata.request_parameter_supported === true || metadata.request_object_signing_alg_values_supported !== undefined
  return party && isOffered ? waysOf(scene, party).find((way) => way.requestObject && violationsOf(scene, way).length === 0) : undefined
}

/** What a client of plain OAuth would send: it may break the profile, and is only good to be changed or refused. */
export const plainRequest = (scene: Scene): Attempt | undefined =>
  scene.party && wayOf(scene, scene.party, { endpoint: 'authorization', type: 'code', mode: undefined, signs: false })

/** Pushed before direct, plain before signed, and of the client's response types the plainest first. */
function waysOf(scene: Scene, party: Party): readonly Attempt[] {
  // A client that sends no browser anywhere has no such request.
  if (party.client.redirect_uris.length === 0) return []
  const places = (['par', 'authorization'] as const).filter((endpoint) => urlOfAttempt(scene, endpoint))
  const { response_modes_supported: offered } = scene.metadata
  // Where a code comes in no query, it comes in a response JWT.
  const isJarmOnly = Array.isArray(offered) && !offered.includes('query')
  const modes = (type: string) => (type !== 'code' ? [undefined] : isJarmOnly ? ['jwt'] : [undefined, 'jwt'])
  return places.flatMap((endpoint) =>
    party.client.response_types.flatMap((type) =>
      modes(type).flatMap((mode) => [false, true].flatMap((signs) => wayOf(scene, party, { endpoint, type, mode, signs }) ?? [])),
    ),
  )
}

interface Way {
  readonly endpoint: 'par' | 'authorization'
  readonly type: string
  readonly mode: string | undefined
  readonly signs: boolean
}

function wayOf(scene: Scene, party: Party, { endpoint, type, mode, signs }: Way): Attempt | undefined {
  const { client_id } = party.client
  const params = requestParams(party, type, mode, scene.metadata)
  const pushed = endpoint === 'par'
  const attempt = {
    endpoint,
    method: pushed ? 'POST' : 'GET',
    headers: {},
    proof: undefined,
    ...(pushed ? authenticated(scene, party) : { assertion: undefined, certificate: undefined }),
  } as const
  if (!signs) return { ...attempt, params, requestObject: undefined }
  if (!party.signing) return undefined
  const { key, alg } = party.signing
  const now = seconds()
  const requestObject: Draft = {
    header: { typ: 'oauth-authz-req+jwt', alg, ...(isText(key.kid) && { kid: key.kid }) },
    claims: { iss: client_id, aud: scene.issuer, iat: now, nbf: now, exp: now + 300, jti: randomUUID(), ...params },
    key,
  }
  // OpenID Connect Core §6.1: outside a request object these two are repeated, where nobody pushes it.
  return { ...attempt, params: { client_id, ...(!pushed && { response_type: type, scope: String(params.scope) }) }, requestObject }
}

function requestParams(
  { client }: Party,
  type: string,
  mode: string | undefined,
  { scopes_supported: scopes }: Scene['metadata'],
): Readonly<Record<string, string>> {
  const { scope } = client
  const offered = Array.isArray(scopes) && !scopes.includes('openid') ? scopes.find(isText) : undefined
  const [first = offered ?? 'openid'] = isText(scope) ? [scope] : []
  return {
    client_id: client.client_id,
    response_type: type,
    ...(mode !== undefined && { response_mode: mode }),
    redirect_uri: client.redirect_uris[0] ?? '',
    scope: first,
    state: random(),
    nonce: random(),
    code_challenge: createHash('sha256').update(random()).digest('base64url'),
    code_challenge_method: 'S256',
  }
}

/** A token request with which a token is issued, where the client may ask for one by itself. */
export const legalTokenRequest = (scene: Scene): Attempt | undefined =>
  grantsOf(scene).includes('client_credentials') ? tokenRequest(scene, { grant_type: 'client_credentials', ...ownScope(scene) }) : undefined

/**
 * A token request with a code that nobody was given: who authenticates hears `invalid_grant`, who does not `invalid_client`. So authentication can be
 * tried where nobody logs in.
 */
export const strangeCodeRequest = (scene: Scene): Attempt | undefined =>
  tokenRequest(scene, {
    grant_type: 'authorization_code',
    code: random(),
    redirect_uri: scene.party?.client.redirect_uris[0],
    code_verifier: randomBytes(32).toString('base64url'),
  })

const grantsOf = ({ party }: Scene): readonly unknown[] => [party?.client.grant_types ?? ['authorization_code']].flat()

/** Scopes of the API; `openid` means nothing without a user. */
function ownScope({ party }: Scene): Params {
  const scope = party?.client.scope
  const values = isText(scope) ? scope.split(' ').filter((value) => value !== 'openid' && value !== 'offline_access') : []
  return values.length > 0 ? { scope: values.join(' ') } : {}
}

function tokenRequest(scene: Scene, params: Params): Attempt | undefined {
  const { party } = scene
  const url = urlOfAttempt(scene, 'token')
  if (!party || !url) return undefined
  return {
    endpoint: 'token',
    method: 'POST',
    params: { client_id: party.client.client_id, ...params },
    requestObject: undefined,
    proof: legalProof(scene, 'POST', url),
    headers: {},
    ...authenticated(scene, party),
  }
}
