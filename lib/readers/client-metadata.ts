import type { Client, Jwk } from '../core/facts.js'

const text = (value: unknown, otherwise: string) => (typeof value === 'string' ? value : otherwise)
/** What is no text reads as empty: it is not left out, so that a rule still finds it wrong. */
const texts = (value: unknown) => (Array.isArray(value) ? value.map((item) => text(item, '')) : [])
const maybeText = (value: unknown) => (typeof value === 'string' ? value : undefined)

/** RFC 7591 metadata, with the defaults that RFC 7591 §2 gives what is absent. What has the wrong type reads as absent: the provider refuses it by name. */
export function clientFacts(metadata: Readonly<Record<string, unknown>>): Client {
  const { jwks } = metadata
  return {
    ...metadata,
    client_id: text(metadata.client_id, ''),
    application_type: text(metadata.application_type, 'web'),
    token_endpoint_auth_method: text(metadata.token_endpoint_auth_method, 'client_secret_basic'),
    redirect_uris: texts(metadata.redirect_uris),
    response_types: metadata.response_types === undefined ? ['code'] : texts(metadata.response_types),
    response_modes: metadata.response_modes === undefined ? undefined : texts(metadata.response_modes),
    jwks: isKeySet(jwks) ? jwks : undefined,
    jwks_uri: maybeText(metadata.jwks_uri),
    client_secret: maybeText(metadata.client_secret),
    dpop_bound_access_tokens: metadata.dpop_bound_access_tokens === true,
    tls_client_certificate_bound_access_tokens: metadata.tls_client_certificate_bound_access_tokens === true,
    require_pushed_authorization_requests: metadata.require_pushed_authorization_requests === true,
    require_signed_request_object: metadata.require_signed_request_object === true,
  }
}

/** Whether a client is not to be served: its directory, or the operator, says so. */
export const isSuspended = ({ client_status: status }: Readonly<Record<string, unknown>>): boolean => status === 'suspended'

/** Whether a value has the shape of a JSON Web Key Set (RFC 7517 §5). */
export const isKeySet = (value: unknown): value is { keys: Jwk[] } =>
  typeof value === 'object' &&
  value !== null &&
  'keys' in value &&
  Array.isArray(value.keys) &&
  value.keys.every((key) => typeof key === 'object' && key !== null)
