import type { ClientMetadata } from 'oidc-provider'
import type { SigningAlgorithm } from './keys.js'

/** One of the clients the bank comes with, before it has keys. */
export interface Seed {
  readonly client_id: string
  readonly alg: SigningAlgorithm
  /** Whether its certificate signs itself instead of coming from the bank's authority. */
  readonly selfSigned?: true
  readonly metadata: Partial<ClientMetadata>
}

/** The API of `examples/api.ts`, which asks what tokens stand for and does nothing else (RFC 9701 §3). */
export const RESOURCE_SERVER = 'accounts-api'

/** A client for each way of being a FAPI client, and an API; what they have in common is added when they get their keys. */
export const SEEDS: readonly Seed[] = [
  {
    client_id: 'fapi1-pkjwt',
    alg: 'PS256',
    metadata: {
      client_name: 'Ledgerleaf Budgets',
      fapi_profile: 'fapi1-advanced',
      token_endpoint_auth_method: 'private_key_jwt',
      token_endpoint_auth_signing_alg: 'PS256',
      response_types: ['code'],
      response_modes: ['jwt'],
      request_object_signing_alg: 'PS256',
      require_signed_request_object: true,
      tls_client_certificate_bound_access_tokens: true,
      use_mtls_endpoint_aliases: true,
    },
  },
  {
    client_id: 'fapi1-mtls',
    alg: 'ES256',
    metadata: {
      client_name: 'Harbourlight Lending',
      fapi_profile: 'fapi1-advanced',
      token_endpoint_auth_method: 'tls_client_auth',
      tls_client_auth_subject_dn: 'CN=fapi1-mtls,O=Example TPP,C=GB',
      response_types: ['code id_token'],
      grant_types: ['authorization_code', 'implicit', 'refresh_token'],
      request_object_signing_alg: 'ES256',
      require_signed_request_object: true,
      tls_client_certificate_bound_access_tokens: true,
      use_mtls_endpoint_aliases: true,
    },
  },
  {
    client_id: 'fapi2-dpop',
    alg: 'ES256',
    metadata: {
      client_name: 'Pennywise Planner',
      fapi_profile: 'fapi2-security',
      token_endpoint_auth_method: 'private_key_jwt',
      token_endpoint_auth_signing_alg: 'ES256',
      require_pushed_authorization_requests: true,
      dpop_bound_access_tokens: true,
    },
  },
  {
    client_id: 'fapi2-mtls',
    alg: 'ES256',
    selfSigned: true,
    metadata: {
      client_name: 'Quayside Accounting',
      fapi_profile: 'fapi2-security',
      token_endpoint_auth_method: 'self_signed_tls_client_auth',
      require_pushed_authorization_requests: true,
      tls_client_certificate_bound_access_tokens: true,
      use_mtls_endpoint_aliases: true,
    },
  },
  {
    client_id: 'fapi2-ms',
    alg: 'ES256',
    metadata: {
      client_name: 'Marlow Mortgages',
      fapi_profile: 'fapi2-message-signing',
      token_endpoint_auth_method: 'private_key_jwt',
      token_endpoint_auth_signing_alg: 'ES256',
      response_modes: ['jwt'],
      request_object_signing_alg: 'ES256',
      require_signed_request_object: true,
      require_pushed_authorization_requests: true,
      dpop_bound_access_tokens: true,
    },
  },
  {
    client_id: RESOURCE_SERVER,
    alg: 'ES256',
    metadata: {
      client_name: 'Accounts API',
      fapi_profile: 'none',
      token_endpoint_auth_method: 'private_key_jwt',
      token_endpoint_auth_signing_alg: 'ES256',
      redirect_uris: [],
      response_types: [],
      grant_types: [],
    },
  },
]
