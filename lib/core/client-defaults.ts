import type { Client } from './facts.js'
import type { Profile } from './profile.js'

/** What the server signs for a client, by the metadata that says with what. */
export const SIGNED_METADATA = ['id_token_signed_response_alg', 'authorization_signed_response_alg', 'introspection_signed_response_alg']

const MUTUAL_TLS = ['tls_client_auth', 'self_signed_tls_client_auth']

type Metadata = Record<string, unknown>

/** Gives a client what its profile wants where it said nothing; what it said stays. Flags and bindings it already had are kept by an update. */
export function fillClient(
  profile: Profile,
  metadata: Metadata,
  isGiven: (name: string) => boolean,
  current?: Client,
  algorithm?: string,
): void {
  for (const [name, value] of Object.entries(profile.defaults.client)) {
    if (!isGiven(name)) metadata[name] = SIGNED_METADATA.includes(name) ? (algorithm ?? value) : structuredClone(value)
  }
  const [dpop, certificate] = ['dpop_bound_access_tokens', 'tls_client_certificate_bound_access_tokens'] as const
  if (profile.generation !== '2.0' || isGiven(dpop) || isGiven(certificate)) return
  const usesCertificates = current ? current[certificate] : MUTUAL_TLS.some((method) => method === metadata.token_endpoint_auth_method)
  metadata[dpop] = !usesCertificates
  metadata[certificate] = usesCertificates
}
