import { isText, wordsInOrder } from '../core/claims.js'
import type { Profile } from '../core/profile.js'
import { modeViolation } from '../readiness/response-modes.js'
import type { Metadata } from '../registration/metadata.js'
import { textIn, textsIn } from '../registration/metadata-kinds.js'

/** What a snippet is written for. */
export interface SnippetOf {
  readonly issuer: string
  /** The metadata of the application, as they are registered. */
  readonly metadata: Metadata
  /** The profile that it is held to. */
  readonly profile?: Profile | undefined
}

/** How a client signs a user in, by what is registered. */
export interface SignIn {
  readonly method: string
  readonly assertionAlg: string | undefined
  /** Whether requests are signed with a key, and with what, where that is registered. With a secret, openid-client signs none. */
  readonly signs: boolean
  readonly requestAlg: string | undefined
  readonly encryption: readonly string[]
  readonly decryptsWith: string | undefined
  readonly usesCertificate: boolean
  readonly usesDpop: boolean
  readonly pushes: boolean
  readonly isHybrid: boolean
  readonly isDetached: boolean
  readonly usesJarm: boolean
  readonly scope: string
  /** What openid-client has to know of the registration. */
  readonly known: Metadata
}

/** Members of the registration by which openid-client checks what it gets. */
const KNOWN = [
  ...['id_token_signed_response_alg', 'authorization_signed_response_alg', 'userinfo_signed_response_alg'],
  ...['introspection_signed_response_alg', 'default_max_age', 'require_auth_time'],
]
/** What comes to the client encrypted in the course of a sign-in. */
const ENCRYPTED = ['id_token_encrypted_response', 'authorization_encrypted_response']

/** Reads off a registration how its client signs a user in. */
export function signInOf({ metadata, profile }: SnippetOf): SignIn {
  const method = textIn(metadata, 'token_endpoint_auth_method') ?? 'client_secret_basic'
  const usesCertificate = method.endsWith('tls_client_auth') || metadata.tls_client_certificate_bound_access_tokens === true
  const types = (textsIn(metadata, 'response_types') ?? ['code']).map(wordsInOrder)
  const isHybrid = !types.includes('code') && types.includes('code id_token')
  const requestAlg = textIn(metadata, 'request_object_signing_alg')
  const lacksKey = requestAlg === 'none' || requestAlg?.startsWith('HS') === true
  const encrypted = ENCRYPTED.filter((what) => isText(metadata[`${what}_alg`]))
  const known = Object.fromEntries(KNOWN.filter((name) => metadata[name] !== undefined).map((name) => [name, metadata[name]]))
  const usesDpop = metadata.dpop_bound_access_tokens === true
  return {
    ...{ method, usesCertificate, usesDpop, isHybrid },
    assertionAlg: textIn(metadata, 'token_endpoint_auth_signing_alg'),
    signs: !lacksKey && (metadata.require_signed_request_object === true || requestAlg !== undefined),
    requestAlg,
    encryption: encrypted.map((what) => textIn(metadata, `${what}_enc`) ?? 'A128CBC-HS256'),
    decryptsWith: encrypted.map((what) => textIn(metadata, `${what}_alg`))[0],
    pushes: metadata.require_pushed_authorization_requests === true || profile?.generation === '2.0',
    isDetached: isHybrid && (profile?.name ?? metadata.fapi_profile) === 'fapi1-advanced',
    usesJarm: !isHybrid && answersInJwt(metadata, profile),
    scope: textIn(metadata, 'scope') ?? 'openid',
    known: usesCertificate ? { ...known, use_mtls_endpoint_aliases: true } : known,
  }
}

/** Whether the answer has to come as a JWT: the registration says so, or the profile refuses any other. */
const answersInJwt = (metadata: Metadata, profile: Profile | undefined) =>
  textsIn(metadata, 'response_modes')?.includes('jwt') === true ||
  (profile !== undefined && modeViolation(profile, metadata, 'code', undefined) !== undefined)
