import { subjectFault, subjectFieldsOf } from '../core/certificate-subject.js'
import { isText } from '../core/claims.js'
import type { Metadata, MetadataFault } from './metadata.js'
import { invalid, isGiven, shown } from './metadata-fault.js'
import { grantsIn, responseTypesIn } from './metadata-grants.js'
import { ENCRYPTED, textIn } from './metadata-kinds.js'

/** What does not fit together, or has a value that its specification does not know. */
export function fitFaults(metadata: Metadata): MetadataFault[] {
  return [
    ...choiceFaults(metadata),
    ...[methodFault, idTokenFault, signedRequestFault, scopeFault].map((check) => check(metadata)).filter(isText),
    ...unsignedFaults(metadata),
    ...encryptionFaults(metadata),
    ...subjectFaults(metadata),
    ...backchannelFaults(metadata),
  ].map(invalid)
}

/** OpenID Connect Registration §2, CIBA §4. */
const CHOICES: Readonly<Record<string, readonly string[]>> = {
  application_type: ['web', 'native'],
  subject_type: ['public', 'pairwise'],
  backchannel_token_delivery_mode: ['poll', 'ping', 'push'],
}

const choiceFaults = (metadata: Metadata): readonly string[] =>
  Object.entries(CHOICES).flatMap(([name, choices]) => {
    const value = textIn(metadata, name)
    return value === undefined || choices.includes(value) ? [] : [`${name} must be one of ${choices.join(', ')}`]
  })

/** OpenID Connect Registration §2: the algorithm is that of client assertions, and `none` is not one. */
function methodFault(metadata: Metadata): string | undefined {
  const [name, alg] = ['token_endpoint_auth_signing_alg', textIn(metadata, 'token_endpoint_auth_signing_alg')]
  if (alg === undefined) return undefined
  switch (textIn(metadata, 'token_endpoint_auth_method')) {
    case 'private_key_jwt':
      return alg === 'none' || alg.startsWith('HS') ? `${name} must be an algorithm of private keys, such as PS256 or ES256` : undefined
    case 'client_secret_jwt':
      return alg.startsWith('HS') ? undefined : `${name} must be an algorithm of secrets, such as HS256`
    default:
      return `${name} must only be given with token_endpoint_auth_method private_key_jwt or client_secret_jwt`
  }
}

/** OpenID Connect Registration §2: an ID token without signature never comes by way of the browser. */
const idTokenFault = (metadata: Metadata) =>
  textIn(metadata, 'id_token_signed_response_alg') === 'none' &&
  responseTypesIn(metadata).some((type) => type.split(' ').includes('id_token'))
    ? 'id_token_signed_response_alg must not be none, because response_types has id_token'
    : undefined

/** RFC 9101 §10.5. */
const signedRequestFault = (metadata: Metadata) =>
  metadata.require_signed_request_object === true && textIn(metadata, 'request_object_signing_alg') === 'none'
    ? 'request_object_signing_alg must not be none, because require_signed_request_object is true'
    : undefined

/** RFC 6749 §3.3. */
const SCOPE = /^[\x21\x23-\x5b\x5d-\x7e]+(?: [\x21\x23-\x5b\x5d-\x7e]+)*$/

function scopeFault(metadata: Metadata): string | undefined {
  const scope = textIn(metadata, 'scope')
  return scope === undefined || SCOPE.test(scope)
    ? undefined
    : 'scope must be words with one space between each (RFC 6749 section 3.3), printable ASCII without quotes and backslashes'
}

/** JARM §3, RFC 9701 §6, CIBA §4. */
const NEVER_UNSIGNED = [
  'authorization_signed_response_alg',
  'introspection_signed_response_alg',
  'backchannel_authentication_request_signing_alg',
]

const unsignedFaults = (metadata: Metadata) =>
  NEVER_UNSIGNED.filter((name) => textIn(metadata, name) === 'none').map((name) => `${name} must not be none`)

/** OpenID Connect Registration §2, JARM §3, RFC 9701 §6. RSA1_5 can be broken by who may ask often enough whether something decrypts. */
const encryptionFaults = (metadata: Metadata): readonly string[] =>
  ENCRYPTED.flatMap((what) => {
    const [alg, enc] = [`${what}_alg`, `${what}_enc`]
    if (textIn(metadata, alg) === 'RSA1_5') return [`${alg} must not be RSA1_5; RSA-OAEP-256 or ECDH-ES would do`]
    return isGiven(metadata[enc]) && !isGiven(metadata[alg]) ? [`${enc} must only be given with ${alg}`] : []
  })

/** RFC 8705 §2.1.2. */
function subjectFaults(metadata: Metadata): readonly string[] {
  const fields = subjectFieldsOf(metadata)
  if (textIn(metadata, 'token_endpoint_auth_method') !== 'tls_client_auth')
    return fields.map((field) => `${field} must only be given with token_endpoint_auth_method tls_client_auth`)
  const wrong = fields.flatMap((field) => (isText(metadata[field]) ? (subjectFault(field, metadata[field]) ?? []) : []))
  if (fields.length === 1) return wrong
  const given = fields.length === 0 ? 'none was' : `${fields.join(', ')} were`
  return [`exactly one of the tls_client_auth_ subject parameters must be given, ${given}`, ...wrong]
}

const CIBA = 'urn:openid:params:grant-type:ciba'

/** CIBA §4. */
function backchannelFaults(metadata: Metadata): readonly string[] {
  if (!grantsIn(metadata).includes(CIBA)) return []
  const [mode, endpoint] = ['backchannel_token_delivery_mode', 'backchannel_client_notification_endpoint']
  if (!isGiven(metadata[mode])) return [`${mode} is required, because grant_types has ${CIBA}`]
  const value = textIn(metadata, mode)
  const isCalled = value === 'ping' || value === 'push'
  return isCalled && !isGiven(metadata[endpoint]) ? [`${endpoint} is required, because ${mode} is ${shown(value)}`] : []
}
