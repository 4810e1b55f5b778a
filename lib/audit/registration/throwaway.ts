import { X509Certificate } from 'node:crypto'
import { SIGNED_METADATA } from '../../core/client-defaults.js'
import type { Jwk } from '../../core/facts.js'
import type { Profile } from '../../core/profile.js'
import { freshKeys } from '../../readers/fresh-keys.js'
import { selfSignedCertificate } from '../../readers/self-signed.js'
import type { Metadata } from '../../registration/metadata.js'
import type { CertificateWithKey } from '../exchange.js'
import { firstOffered, freshKey } from '../party.js'
import type { Scene, SigningKey } from '../scene.js'
import { publicPart } from '../signing.js'

/** A client that an audit registers, uses and deletes. */
export interface Throwaway {
  /** What it registers with (RFC 7591 §2): it breaks no rule of the profile. */
  readonly metadata: Metadata
  readonly signing: SigningKey
  /** All its private keys. */
  readonly keys: readonly Jwk[]
  readonly proofKey: SigningKey
  readonly certificate: CertificateWithKey | undefined
}

/** Where its users would come back to; nobody has this name (RFC 2606 §3). */
export const REDIRECT_URI = 'https://audit.example/cb'

/** By which whoever finds one knows it. */
export const CLIENT_NAME = 'express-fapi audit: deleted when it is over'

/** Makes a client for the profile out of what the server offers, with keys of its own. */
export function throwaway({ profile, metadata: server }: Pick<Scene, 'profile' | 'metadata'>): Throwaway {
  const { client: defaults } = profile.defaults
  const alg = firstOffered(server.token_endpoint_auth_signing_alg_values_supported, server.request_object_signing_alg_values_supported)
  const signing = freshKey(alg, { kid: 'audit-signing' })
  const byCertificate = isBoundByCertificate({ profile, metadata: server })
  const method = methodOf(server, byCertificate)
  const certificate = byCertificate || method !== 'private_key_jwt' ? ownCertificate() : undefined
  const signs = defaults.require_signed_request_object === true
  const types = responseTypesOf({ profile, metadata: server })
  // Without an RSA key nobody could tell whether the server takes RS256.
  const more = alg.startsWith('PS') ? [] : [freshKey('PS256', { kid: 'audit-rsa' })]
  const ownKeys = [signing, ...more]
  const keys = [
    publicKey(signing),
    ...more.map(({ key }) => ({ ...publicPart(key), use: 'sig' })),
    ...(method !== 'private_key_jwt' && certificate ? [certificateKey(certificate)] : []),
  ]
  return {
    signing,
    keys: ownKeys.map(({ key }) => key),
    certificate,
    proofKey: freshKey(firstOffered(server.dpop_signing_alg_values_supported), { kid: 'audit-proof' }),
    metadata: {
      ...defaults,
      ...responseAlgorithms(server, profile),
      client_name: CLIENT_NAME,
      // Servers of this package choose by it; others ignore what they do not know (RFC 7591 §2).
      fapi_profile: profile.name,
      redirect_uris: [REDIRECT_URI],
      response_types: types,
      grant_types: [
        'authorization_code',
        ...(types.includes('code id_token') ? ['implicit'] : []),
        ...(offers(server.grant_types_supported, 'client_credentials') ? ['client_credentials'] : []),
      ],
      jwks: { keys },
      token_endpoint_auth_method: method,
      ...(method === 'private_key_jwt' && { token_endpoint_auth_signing_alg: alg }),
      ...(signs && { request_object_signing_alg: alg }),
      ...(profile.generation === '2.0' && !byCertificate && { dpop_bound_access_tokens: true }),
      ...(byCertificate && { tls_client_certificate_bound_access_tokens: true }),
      ...(defaults.response_modes !== undefined && isWithout(server.response_modes_supported, 'jwt') && { response_modes: undefined }),
    },
  }
}

const offers = (list: unknown, value: string) => Array.isArray(list) && list.includes(value)
/** A list that is not published says nothing. */
const isWithout = (list: unknown, value: string) => Array.isArray(list) && !list.includes(value)

function isBoundByCertificate({ profile, metadata }: Pick<Scene, 'profile' | 'metadata'>): boolean {
  if (profile.defaults.client.tls_client_certificate_bound_access_tokens === true) return true
  const hasDpop = metadata.dpop_signing_alg_values_supported !== undefined
  return profile.generation === '2.0' && !hasDpop && metadata.tls_client_certificate_bound_access_tokens === true
}

function methodOf({ token_endpoint_auth_methods_supported: offered }: Scene['metadata'], byCertificate: boolean): string {
  const methods = ['private_key_jwt', 'self_signed_tls_client_auth']
  const preferred = byCertificate ? methods.reverse() : methods
  return preferred.find((method) => offers(offered, method)) ?? 'private_key_jwt'
}

/** FAPI1-ADV-5.2.2-2: a code alone comes by JARM, or else with an ID token. */
function responseTypesOf({ profile, metadata }: Pick<Scene, 'profile' | 'metadata'>): readonly string[] {
  const wantsJarm = profile.generation === '1.0' && profile.defaults.server.response_modes_supported?.includes('jwt')
  return wantsJarm && isWithout(metadata.response_modes_supported, 'jwt') ? ['code id_token'] : ['code']
}

/** What the server signs with for this client: the first that it offers. What it does not offer at all is not asked for. */
function responseAlgorithms(server: Scene['metadata'], { generation, defaults: { client: defaults } }: Profile): Metadata {
  const algorithms = ['PS256', 'ES256', ...(generation === '2.0' ? ['EdDSA', 'Ed25519'] : [])]
  const named = SIGNED_METADATA.filter((name) => defaults[name] !== undefined)
  return Object.fromEntries(
    named.map((name) => {
      const list = server[name.replace('signed_response_alg', 'signing_alg_values_supported')]
      return [name, algorithms.find((alg) => offers(list, alg))]
    }),
  )
}

const publicKey = ({ key, alg }: SigningKey): Jwk => ({ ...publicPart(key), use: 'sig', alg })

/** Valid for a day, and from an hour ago, because clocks differ; our choice. */
function ownCertificate(): CertificateWithKey {
  const { privateKey } = freshKeys('P-256')
  const subject = [[{ type: '2.5.4.3', value: 'express-fapi audit' }]]
  const [notBefore, notAfter] = [new Date(Date.now() - 3_600_000), new Date(Date.now() + 86_400_000)]
  return {
    certificate: selfSignedCertificate({ subject, privateKey, usage: 'client', notBefore, notAfter }),
    key: privateKey.export({ type: 'pkcs8', format: 'pem' }).toString(),
  }
}

/** RFC 8705 §2.2.2. */
function certificateKey({ certificate }: CertificateWithKey): Jwk {
  const { publicKey: key, raw } = new X509Certificate(certificate)
  return { ...key.export({ format: 'jwk' }), kid: 'audit-certificate', x5c: [raw.toString('base64')] }
}
