import type { Client } from 'express-fapi'
import type { ClientMetadata } from 'oidc-provider'

/** A registered client as the policy reads it: with the defaults of RFC 7591 §2 where its metadata is silent. */
export function clientFacts(metadata: ClientMetadata): Client {
  return {
    ...metadata,
    application_type: metadata.application_type ?? 'web',
    token_endpoint_auth_method: metadata.token_endpoint_auth_method ?? 'client_secret_basic',
    redirect_uris: metadata.redirect_uris ?? [],
    response_types: metadata.response_types ?? ['code'],
    response_modes: metadata.response_modes,
    jwks: metadata.jwks && { keys: metadata.jwks.keys.map((key) => ({ ...key })) },
    jwks_uri: metadata.jwks_uri,
    client_secret: metadata.client_secret,
    dpop_bound_access_tokens: metadata.dpop_bound_access_tokens === true,
    tls_client_certificate_bound_access_tokens: metadata.tls_client_certificate_bound_access_tokens === true,
    require_pushed_authorization_requests: metadata.require_pushed_authorization_requests === true,
    require_signed_request_object: metadata.require_signed_request_object === true,
  }
}
