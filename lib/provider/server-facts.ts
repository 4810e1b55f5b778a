import type { Configuration } from 'oidc-provider'
import type { Jwk, Server } from '../core/facts.js'

/** What node-oidc-provider 9 does where its configuration is silent, as far as a profile asks. A test holds this against the provider. */
const SILENT = {
  clientAuthMethods: ['client_secret_basic', 'client_secret_jwt', 'client_secret_post', 'private_key_jwt', 'none'],
  responseTypes: ['code id_token', 'code', 'id_token', 'none'],
  withHmac: ['HS256', 'RS256', 'PS256', 'ES256', 'Ed25519', 'EdDSA'],
  asymmetric: ['RS256', 'PS256', 'ES256', 'Ed25519', 'EdDSA'],
  dpop: ['ES256', 'Ed25519', 'EdDSA'],
  clientDefaults: { id_token_signed_response_alg: 'RS256', token_endpoint_auth_method: 'client_secret_basic' },
  codeSeconds: 60,
  clockTolerance: 15,
} as const

/** The option each setting stands for in node-oidc-provider's configuration, for errors that name what the user wrote. */
export const OPTION_OF: Readonly<Record<string, string>> = {
  issuer: 'issuer',
  token_endpoint_auth_methods_supported: 'clientAuthMethods',
  token_endpoint_auth_signing_alg_values_supported: 'enabledJWA.clientAuthSigningAlgValues',
  request_object_signing_alg_values_supported: 'enabledJWA.requestObjectSigningAlgValues',
  id_token_signing_alg_values_supported: 'enabledJWA.idTokenSigningAlgValues',
  userinfo_signing_alg_values_supported: 'enabledJWA.userinfoSigningAlgValues',
  authorization_signing_alg_values_supported: 'enabledJWA.authorizationSigningAlgValues',
  introspection_signing_alg_values_supported: 'enabledJWA.introspectionSigningAlgValues',
  dpop_signing_alg_values_supported: 'features.dPoP and enabledJWA.dPoPSigningAlgValues',
  dpop_replay_allowed: 'features.dPoP.allowReplay',
  response_types_supported: 'responseTypes',
  response_modes_supported: 'features.jwtResponseModes',
  request_parameter_supported: 'features.requestObjects.enabled',
  require_signed_request_object: 'features.requestObjects.requireSignedRequestObject',
  pushed_authorization_requests_supported: 'features.pushedAuthorizationRequests.enabled',
  require_pushed_authorization_requests: 'features.pushedAuthorizationRequests.requirePushedAuthorizationRequests',
  tls_client_certificate_bound_access_tokens: 'features.mTLS.certificateBoundAccessTokens',
  unregistered_redirect_uris_allowed: 'features.pushedAuthorizationRequests.allowUnregisteredRedirectUris',
  omitted_redirect_uri_allowed: 'allowOmittingSingleRegisteredRedirectUri',
  query_access_tokens_allowed: 'acceptQueryParamAccessTokens',
  refresh_token_rotation: 'rotateRefreshToken',
  development_pages: 'features.devInteractions.enabled',
  authorization_code_lifetime: 'ttl.AuthorizationCode',
  clock_tolerance: 'clockTolerance',
  fapi_checks: 'features.fapi',
  jwks: 'jwks',
}

/** A configuration of node-oidc-provider, restated as facts: what it says, and what the provider does where it is silent. */
export function serverFacts(issuer: string, configuration: Configuration, exclusive: boolean): Server {
  const { features = {}, enabledJWA = {}, ttl = {}, clientDefaults = {} } = configuration
  const { dPoP, mTLS, requestObjects, pushedAuthorizationRequests: par } = features
  const mtlsOn = mTLS?.enabled === true
  return {
    issuer,
    exclusive,
    token_endpoint_auth_methods_supported: listOf(configuration.clientAuthMethods, SILENT.clientAuthMethods),
    token_endpoint_auth_signing_alg_values_supported: listOf(enabledJWA.clientAuthSigningAlgValues, SILENT.withHmac),
    request_object_signing_alg_values_supported: listOf(enabledJWA.requestObjectSigningAlgValues, SILENT.withHmac),
    id_token_signing_alg_values_supported: listOf(enabledJWA.idTokenSigningAlgValues, SILENT.asymmetric),
    userinfo_signing_alg_values_supported: listOf(enabledJWA.userinfoSigningAlgValues, SILENT.asymmetric),
    authorization_signing_alg_values_supported: listOf(enabledJWA.authorizationSigningAlgValues, SILENT.asymmetric),
    introspection_signing_alg_values_supported: listOf(enabledJWA.introspectionSigningAlgValues, SILENT.asymmetric),
    dpop_signing_alg_values_supported: dPoP?.enabled === false ? [] : listOf(enabledJWA.dPoPSigningAlgValues, SILENT.dpop),
    dpop_replay_allowed: dPoP?.allowReplay === true,
    response_types_supported: listOf(configuration.responseTypes, SILENT.responseTypes),
    response_modes_supported: ['query', 'fragment', 'form_post', ...(features.jwtResponseModes?.enabled ? ['jwt'] : [])],
    request_parameter_supported: requestObjects?.enabled === true,
    require_signed_request_object: requestObjects?.enabled === true && requestObjects.requireSignedRequestObject === true,
    pushed_authorization_requests_supported: par?.enabled !== false,
    require_pushed_authorization_requests: par?.requirePushedAuthorizationRequests === true,
    tls_client_certificate_bound_access_tokens: mtlsOn && mTLS?.certificateBoundAccessTokens === true,
    unregistered_redirect_uris_allowed: par?.allowUnregisteredRedirectUris === true,
    omitted_redirect_uri_allowed: configuration.allowOmittingSingleRegisteredRedirectUri !== false,
    query_access_tokens_allowed: configuration.acceptQueryParamAccessTokens === true,
    refresh_token_rotation: configuration.rotateRefreshToken !== false,
    development_pages: features.devInteractions?.enabled !== false,
    authorization_code_lifetime: typeof ttl.AuthorizationCode === 'function' ? undefined : (ttl.AuthorizationCode ?? SILENT.codeSeconds),
    clock_tolerance: configuration.clockTolerance ?? SILENT.clockTolerance,
    fapi_checks: fapiChecks(features.fapi),
    client_defaults: { ...SILENT.clientDefaults, ...clientDefaults },
    jwks: { keys: (configuration.jwks?.keys ?? []) as readonly Jwk[] },
  }
}

const listOf = (value: Iterable<string> | undefined, silent: readonly string[]): readonly string[] =>
  value === undefined ? silent : [...value]

function fapiChecks(fapi: NonNullable<Configuration['features']>['fapi']): Server['fapi_checks'] {
  if (!fapi?.enabled) return 'off'
  if (typeof fapi.profile === 'function') return undefined
  return fapi.profile === '2.0' ? '2.0' : '1.0'
}
