import { isText } from '../core/claims.js'
import type { Jwk, Published } from '../core/facts.js'

type Metadata = Readonly<Record<string, unknown>>

/**
 * What a server publishes of itself, as facts: its metadata (RFC 8414) and key set, with the defaults of RFC 8414 §2 and
 * OpenID Connect Discovery §3 where it is silent. `exclusive` says whether every client is meant to be held to the judging profile.
 */
export function publishedServer(
  metadata: Metadata,
  keys: readonly Jwk[],
  { asked, exclusive }: Pick<Published, 'asked' | 'exclusive'>,
): Published {
  const list = (name: string, byDefault: readonly string[] = []) =>
    Array.isArray(metadata[name]) ? metadata[name].filter(isText) : byDefault
  const algorithms = (of: string) => list(`${of}_alg_values_supported`)
  return {
    issuer: isText(metadata.issuer) ? metadata.issuer : '',
    ...{ asked, exclusive, metadata },
    token_endpoint_auth_methods_supported: list('token_endpoint_auth_methods_supported', ['client_secret_basic']),
    token_endpoint_auth_signing_alg_values_supported: algorithms('token_endpoint_auth_signing'),
    request_object_signing_alg_values_supported: algorithms('request_object_signing'),
    id_token_signing_alg_values_supported: algorithms('id_token_signing'),
    userinfo_signing_alg_values_supported: algorithms('userinfo_signing'),
    authorization_signing_alg_values_supported: algorithms('authorization_signing'),
    introspection_signing_alg_values_supported: algorithms('introspection_signing'),
    dpop_signing_alg_values_supported: algorithms('dpop_signing'),
    response_types_supported: list('response_types_supported'),
    response_modes_supported: list('response_modes_supported', ['query', 'fragment']),
    request_parameter_supported: metadata.request_parameter_supported === true || metadata.require_signed_request_object === true,
    require_signed_request_object: metadata.require_signed_request_object === true,
    pushed_authorization_requests_supported: isText(metadata.pushed_authorization_request_endpoint),
    require_pushed_authorization_requests: metadata.require_pushed_authorization_requests === true,
    tls_client_certificate_bound_access_tokens: metadata.tls_client_certificate_bound_access_tokens === true,
    jwks: { keys },
  }
}
