import { isText } from '../core/claims.js'
import type { Jwk } from '../core/facts.js'
import { isKeySet } from '../readers/client-metadata.js'
import type { Metadata, MetadataFault } from './metadata.js'
import { faultsOfEach, givenIn, invalid, invalidRedirect } from './metadata-fault.js'

/** What metadata must be of one kind. */
interface Kind {
  readonly says: string
  readonly holds: (value: unknown) => boolean
  readonly names: readonly string[]
}

const isTexts = (value: unknown): value is readonly string[] => Array.isArray(value) && value.every(isText)
const isSeconds = (value: unknown) => Number.isSafeInteger(value) && Number(value) >= 0

/** What is encrypted, by the metadata that say how: each has `_alg` and `_enc`. */
export const ENCRYPTED = [
  'request_object_encryption',
  'id_token_encrypted_response',
  'userinfo_encrypted_response',
  'authorization_encrypted_response',
  'introspection_encrypted_response',
] as const

/**
 * Of what kind metadata are: RFC 7591 §2, RFC 7592 §3, OpenID Connect Registration 1.0 §2, RFC 8705 §2.1.2 and §3.4, RFC 9126 §6, RFC 9101 §10.5,
 * JARM §3, RFC 9449 §5.2, RFC 9701 §6, RFC 9396 §10, CIBA §4, and the three OpenID Connect logout specifications.
 */
const KINDS: readonly Kind[] = [
  {
    says: 'a list of strings that are not empty',
    holds: isTexts,
    names: [
      ...['redirect_uris', 'grant_types', 'response_types', 'response_modes', 'contacts', 'default_acr_values', 'request_uris'],
      ...['authorization_details_types', 'post_logout_redirect_uris'],
    ],
  },
  { says: 'a JWK Set: an object with a list of keys', holds: isKeySet, names: ['jwks'] },
  {
    says: 'true or false',
    holds: (value) => typeof value === 'boolean',
    names: [
      ...['require_auth_time', 'tls_client_certificate_bound_access_tokens', 'use_mtls_endpoint_aliases', 'dpop_bound_access_tokens'],
      ...['require_pushed_authorization_requests', 'require_signed_request_object', 'backchannel_user_code_parameter'],
      ...['frontchannel_logout_session_required', 'backchannel_logout_session_required'],
    ],
  },
  {
    says: 'whole seconds, 0 or more',
    holds: isSeconds,
    names: ['default_max_age', 'client_id_issued_at', 'client_secret_expires_at'],
  },
  {
    says: 'a string',
    holds: isText,
    names: [
      ...['client_id', 'client_secret', 'registration_access_token', 'registration_client_uri', 'fapi_profile'],
      ...['token_endpoint_auth_method', 'token_endpoint_auth_signing_alg', 'application_type', 'subject_type', 'scope'],
      ...['jwks_uri', 'sector_identifier_uri', 'initiate_login_uri', 'software_id', 'software_version', 'software_statement'],
      ...['tls_client_auth_subject_dn', 'tls_client_auth_san_dns', 'tls_client_auth_san_uri', 'tls_client_auth_san_ip'],
      ...['tls_client_auth_san_email', 'frontchannel_logout_uri', 'backchannel_logout_uri', 'backchannel_token_delivery_mode'],
      ...['backchannel_client_notification_endpoint', 'backchannel_authentication_request_signing_alg', 'request_object_signing_alg'],
      ...['id_token', 'userinfo', 'authorization', 'introspection'].map((what) => `${what}_signed_response_alg`),
      ...ENCRYPTED.flatMap((what) => [`${what}_alg`, `${what}_enc`]),
    ],
  },
]

/** What people read, which may be given in several languages as `client_name#de` (RFC 7591 §2.2). */
const IN_LANGUAGES = ['client_name', 'client_uri', 'logo_uri', 'policy_uri', 'tos_uri']
/** The shape of a language tag (RFC 5646 §2.1). What is behind another `#` is a field that nobody knows. */
const VARIANT = /^([a-z_]+)#[A-Za-z]{1,8}(?:-[A-Za-z0-9]{1,8})*$/

/** The names under which metadata have these fields, each in all its languages. */
export const inLanguages = (metadata: Metadata, fields: readonly string[]): readonly string[] =>
  Object.keys(metadata).filter((name) => fields.includes(VARIANT.exec(name)?.[1] ?? name))

const KNOWN = new Set(KINDS.flatMap(({ names }) => names))

/** Whether a specification knows the field. */
export const isKnownField = (name: string): boolean => KNOWN.has(name) || inLanguages({ [name]: name }, IN_LANGUAGES).length > 0

/** What is of another kind than its specification says. Fields that nobody knows are nobody's business (RFC 7591 §2). */
export function kindFaults(metadata: Metadata): MetadataFault[] {
  const given = givenIn(metadata)
  const wrong = KINDS.flatMap(({ says, holds, names }) =>
    names.filter((name) => Object.hasOwn(given, name) && !holds(given[name])).map((name) => [name, says] as const),
  )
  const faults = wrong.map(([name, says]) => (name === 'redirect_uris' ? invalidRedirect : invalid)(`${name} must be ${says}`))
  const inWords = faultsOfEach('client_name and its like', inLanguages(given, IN_LANGUAGES), (name) =>
    isText(given[name]) ? undefined : `${name} must be a string`,
  )
  return [...faults, ...inWords.map(invalid)]
}

/* What is of another kind reads as absent: `kindFaults` names it. */

export function textIn(metadata: Metadata, name: string): string | undefined {
  const value = metadata[name]
  return isText(value) ? value : undefined
}

export function textsIn(metadata: Metadata, name: string): readonly string[] | undefined {
  const value = metadata[name]
  return isTexts(value) ? value : undefined
}

export const keysIn = ({ jwks }: Metadata): readonly Jwk[] | undefined => (isKeySet(jwks) ? jwks.keys : undefined)
