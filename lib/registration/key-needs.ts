import { isText } from '../core/claims.js'
import type { Jwk } from '../core/facts.js'
import type { Metadata, MetadataFault } from './metadata.js'
import { invalid, isGiven, shown } from './metadata-fault.js'
import { ENCRYPTED, keysIn, textIn } from './metadata-kinds.js'

/** What a client registers for that takes a key of its own. */
interface Need {
  readonly because: string
  /** What the key must be, for who has to add it. */
  readonly key: string
  readonly fits: (jwk: Jwk) => boolean
}

/** What is asked of keys given by value; of published ones it is asked once they have been read. */
export function keyNeedFaults(metadata: Metadata): MetadataFault[] {
  const needs = keyNeeds(metadata)
  const [byValue, byReference] = [isGiven(metadata.jwks), isGiven(metadata.jwks_uri)]
  if (byValue && byReference) return [invalid('jwks and jwks_uri must not both be given')]
  if (byReference || needs.length === 0) return []
  if (!byValue) return [invalid(`jwks_uri or jwks must be given, because of ${needs.map(({ because }) => because).join(', ')}`)]
  const keys = keysIn(metadata)
  return keys ? unmetNeeds('jwks', metadata, keys) : []
}

/** What a client registers for and none of its keys can do. */
export const unmetNeeds = (field: string, metadata: Metadata, keys: readonly Jwk[]): MetadataFault[] =>
  keyNeeds(metadata)
    .filter(({ fits }) => !keys.some(fits))
    .map(({ because, key }) => invalid(`${field} must have ${key}, because of ${because}`))

function keyNeeds(metadata: Metadata): readonly Need[] {
  const method = textIn(metadata, 'token_endpoint_auth_method')
  const needs: Need[] = []
  if (method === 'private_key_jwt') {
    const alg = textIn(metadata, 'token_endpoint_auth_signing_alg')
    const key = alg === undefined ? 'a key for signatures' : `a key for signatures with ${shown(alg)}`
    needs.push({ because: 'token_endpoint_auth_method private_key_jwt', key, fits: (jwk) => signsWith(jwk, alg) })
  }
  // RFC 8705 §2.2.2.
  if (method === 'self_signed_tls_client_auth')
    needs.push({
      because: 'token_endpoint_auth_method self_signed_tls_client_auth',
      key: 'a key with its certificate in x5c',
      fits: ({ x5c }) => Array.isArray(x5c) && x5c.length > 0,
    })
  const signed = signedRequest(metadata)
  if (signed !== undefined) needs.push({ because: signed, key: 'a key for signatures', fits: (jwk) => signsWith(jwk, undefined) })
  return [...needs, ...encryptionNeeds(metadata)]
}

/** The field by which a client registers to sign its requests with a key of its own, if it does. */
function signedRequest(metadata: Metadata): string | undefined {
  const isOwn = (name: string) => isSignedByKey(textIn(metadata, name))
  const alg = textIn(metadata, 'request_object_signing_alg')
  if (metadata.require_signed_request_object === true && (alg === undefined || isSignedByKey(alg))) return 'require_signed_request_object'
  return ['request_object_signing_alg', 'backchannel_authentication_request_signing_alg'].find(isOwn)
}

/** HMACs are made with the client secret. */
const isSignedByKey = (alg: string | undefined) => alg !== undefined && alg !== 'none' && !alg.startsWith('HS')

function encryptionNeeds(metadata: Metadata): readonly Need[] {
  return ENCRYPTED.filter((what) => what !== 'request_object_encryption').flatMap((what) => {
    const alg = textIn(metadata, `${what}_alg`)
    // The others are keyed with the client secret (OpenID Connect Core §10.2).
    if (alg === undefined || !isEncryption(alg)) return []
    return [{ because: `${what}_alg`, key: `a key for encryption with ${shown(alg)}`, fits: (jwk: Jwk) => encryptsWith(jwk, alg) }]
  })
}

/** RFC 7518 §3.1, RFC 8037 §3.1, RFC 8812 §3.2, RFC 9864 §2. */
const CURVES: Readonly<Record<string, readonly unknown[]>> = {
  ES256: ['P-256'],
  ES384: ['P-384'],
  ES512: ['P-521'],
  ES256K: ['secp256k1'],
  EdDSA: ['Ed25519', 'Ed448'],
  Ed25519: ['Ed25519'],
  Ed448: ['Ed448'],
}
const SIGNING_CURVES = Object.values(CURVES).flat()

const isEncryption = (alg: unknown) => isText(alg) && /^(?:RSA|ECDH)/.test(alg)

/** Without an algorithm: with any. */
function signsWith({ kty, crv, alg, use, key_ops: operations }: Jwk, wanted: string | undefined): boolean {
  if (use !== undefined && use !== 'sig') return false
  if (operations !== undefined && !(Array.isArray(operations) && operations.includes('verify'))) return false
  if (wanted === undefined) return !isEncryption(alg) && (kty === 'RSA' || SIGNING_CURVES.includes(crv))
  if (alg !== undefined && alg !== wanted) return false
  if (/^[PR]S\d/.test(wanted)) return kty === 'RSA'
  return Object.hasOwn(CURVES, wanted) ? CURVES[wanted]?.includes(crv) === true : SIGNING_CURVES.includes(crv)
}

/** RFC 7518 §4.1, RFC 8037 §3.2. */
function encryptsWith({ kty, crv, alg, use }: Jwk, wanted: string): boolean {
  if ((use !== undefined && use !== 'enc') || (alg !== undefined && alg !== wanted)) return false
  return wanted.startsWith('RSA') ? kty === 'RSA' : kty === 'EC' || crv === 'X25519' || crv === 'X448'
}
