import { X509Certificate } from 'node:crypto'
import type { JWK } from 'jose'
import type { ClientMetadata } from 'oidc-provider'
import { type Identity, issueCertificate } from '../../examples/bank/certificates.js'
import { mintKey, type SigningKey } from './keys.js'

/** A client: what the bank knows of it, and what only it has. */
export interface Tpp {
  readonly id: string
  readonly metadata: ClientMetadata
  readonly redirectUri: string
  /** Signs its assertions and request objects. */
  readonly key: SigningKey
  /** Signs its DPoP proofs, if it uses them. */
  readonly proofKey: SigningKey | undefined
  readonly certificate: Identity | undefined
}

/** Who it is in a sentence: the profile, how it authenticates, what its tokens are bound to. */
export interface Role {
  readonly profile: string
  readonly alg?: string
  readonly proofAlg?: string
  readonly auth: 'private_key_jwt' | 'tls_client_auth' | 'self_signed_tls_client_auth' | 'client_secret_basic'
  readonly bound?: 'dpop' | 'certificate'
  readonly redirectUri?: string
  readonly metadata?: Readonly<Record<string, unknown>>
}

const SECRET = 'a-secret-of-a-plain-client-that-is-long-enough'
const JARM = { response_modes: ['jwt'] }
const SIGNED = { require_signed_request_object: true }
/** Everything the server signs for this client is ES256. */
const ES256 = {
  id_token_signed_response_alg: 'ES256',
  authorization_signed_response_alg: 'ES256',
  introspection_signed_response_alg: 'ES256',
}
const HYBRID = { response_types: ['code id_token'], grant_types: ['authorization_code', 'implicit', 'refresh_token'] }
const withQuery = 'https://second.example/cb?dummy1=lorem&dummy2=ipsum'

const ROLES = {
  fapi2: { profile: 'fapi2-security', alg: 'PS256', auth: 'private_key_jwt', bound: 'dpop' },
  'fapi2-second': { profile: 'fapi2-security', auth: 'private_key_jwt', bound: 'dpop', redirectUri: withQuery, metadata: ES256 },
  'fapi2-mtls': { profile: 'fapi2-security', auth: 'tls_client_auth', bound: 'certificate' },
  'fapi2-mtls-second': { profile: 'fapi2-security', auth: 'tls_client_auth', bound: 'certificate' },
  'fapi2-selfsigned': { profile: 'fapi2-security', auth: 'self_signed_tls_client_auth', bound: 'certificate' },
  'fapi2-mtls-dpop': { profile: 'fapi2-security', auth: 'tls_client_auth', bound: 'dpop' },
  'fapi2-selfsigned-dpop': { profile: 'fapi2-security', auth: 'self_signed_tls_client_auth', bound: 'dpop' },
  'fapi2-jwt-mtls': { profile: 'fapi2-security', auth: 'private_key_jwt', bound: 'certificate' },
  signing: { profile: 'fapi2-message-signing', auth: 'private_key_jwt', bound: 'dpop', metadata: { ...JARM, ...SIGNED } },
  'signing-second': {
    profile: 'fapi2-message-signing',
    auth: 'private_key_jwt',
    bound: 'dpop',
    metadata: { ...JARM, ...SIGNED, ...ES256 },
  },
  'signing-requests-only': {
    profile: 'fapi2-message-signing',
    auth: 'private_key_jwt',
    bound: 'dpop',
    metadata: { ...SIGNED, response_modes: ['query', 'jwt'] },
  },
  'signing-responses-only': {
    profile: 'fapi2-message-signing',
    auth: 'private_key_jwt',
    bound: 'dpop',
    metadata: { ...JARM, require_signed_request_object: false },
  },
  'signing-by-algorithm': {
    profile: 'fapi2-message-signing',
    auth: 'private_key_jwt',
    bound: 'dpop',
    metadata: { ...JARM, require_signed_request_object: false, request_object_signing_alg: 'ES256' },
  },
  'fapi1-jarm': {
    profile: 'fapi1-advanced',
    alg: 'PS256',
    auth: 'private_key_jwt',
    bound: 'certificate',
    metadata: { ...JARM, ...SIGNED },
  },
  'fapi1-hybrid': { profile: 'fapi1-advanced', auth: 'tls_client_auth', bound: 'certificate', metadata: { ...HYBRID, ...SIGNED } },
  'fapi1-both': {
    profile: 'fapi1-advanced',
    auth: 'private_key_jwt',
    bound: 'certificate',
    metadata: { ...HYBRID, ...SIGNED, response_types: ['code', 'code id_token'] },
  },
  baseline: { profile: 'fapi1-baseline', auth: 'private_key_jwt' },
  plain: { profile: 'none', auth: 'client_secret_basic', metadata: { client_secret: SECRET } },
  'plain-jwt': { profile: 'none', auth: 'private_key_jwt' },
} satisfies Readonly<Record<string, Role>>

export type TppName = keyof typeof ROLES

/** Makes the clients of those names, with fresh keys; certificates come from `authority` unless the client signs its own. */
export async function makeTpps(names: readonly TppName[], authority: Identity): Promise<Tpp[]> {
  return Promise.all(names.map((name) => makeTpp(`tpp-${name}`, ROLES[name], authority)))
}

/** Makes a client: the keys, the certificate and the metadata that go with its role. */
export async function makeTpp(id: string, role: Role, authority: Identity): Promise<Tpp> {
  const { profile, alg = 'ES256', auth, bound, redirectUri = 'https://tpp.example/cb' } = role
  const key = mintKey(alg)
  const usesCertificate = bound === 'certificate' || auth.endsWith('tls_client_auth')
  const certificate = usesCertificate ? await certificateFor(id, auth === 'self_signed_tls_client_auth' ? undefined : authority) : undefined
  const keys = [key.publicJwk, ...(auth === 'self_signed_tls_client_auth' && certificate ? [certificateJwk(certificate)] : [])]
  return {
    id,
    redirectUri,
    key,
    certificate,
    proofKey: bound === 'dpop' ? mintKey(role.proofAlg) : undefined,
    metadata: {
      client_id: id,
      client_name: id,
      fapi_profile: profile,
      redirect_uris: [redirectUri],
      response_types: ['code'],
      grant_types: ['authorization_code', 'refresh_token'],
      token_endpoint_auth_method: auth,
      ...(auth === 'client_secret_basic' ? {} : { jwks: { keys } as { keys: JWK[] } }),
      ...(auth === 'tls_client_auth' && { tls_client_auth_subject_dn: `CN=${id},O=Example TPP,C=GB` }),
      ...(bound === 'dpop' && { dpop_bound_access_tokens: true }),
      ...(bound === 'certificate' && { tls_client_certificate_bound_access_tokens: true, use_mtls_endpoint_aliases: true }),
      ...(profile.startsWith('fapi2') && { require_pushed_authorization_requests: true }),
      ...role.metadata,
    } as ClientMetadata,
  }
}

/** A client certificate; without an authority it signs itself. */
export const certificateFor = (name: string, authority?: Identity): Promise<Identity> =>
  issueCertificate(authority, { subject: `C=GB, O=Example TPP, CN=${name}`, usage: 'client', keyType: 'EC' })

/** A certificate the way `self_signed_tls_client_auth` registers it (RFC 8705 §2.2.2). */
export function certificateJwk({ certificate }: Identity): JWK {
  const { publicKey, raw } = new X509Certificate(certificate)
  return { ...(publicKey.export({ format: 'jwk' }) as JWK), x5c: [raw.toString('base64')] }
}
