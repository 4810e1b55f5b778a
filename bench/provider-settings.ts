import { isDeepStrictEqual } from 'node:util'
import type { Store } from 'express-fapi'
import { storage } from 'express-fapi/provider'
import type { ClientMetadata, Configuration, JWKS } from 'oidc-provider'
import { type Cast, type Party, REDIRECT_URI } from './provider-cast.js'

const ALGORITHMS = ['PS256', 'ES256'] as const

type Features = NonNullable<Configuration['features']>

/** How a provider without the suite is told of client certificates. */
export type Certificates = Pick<NonNullable<Features['mTLS']>, 'getCertificate' | 'certificateAuthorized'>

/** Everything that withFapi would fill in for the bank's policy, and the bank's own, written by hand: a FAPI 2.0 provider without the suite. */
export const settings = ({ jwks, parties }: Cast, store: Store, certificates: Certificates): Configuration => ({
  adapter: storage(store),
  clients: parties.map(clientOf),
  // The provider's types want keys that are not read-only.
  jwks: structuredClone(jwks) as JWKS,
  cookies: { keys: ['of no use here'] },
  scopes: ['openid', 'accounts', 'payments'],
  responseTypes: ['code', 'code id_token'],
  clientAuthMethods: ['private_key_jwt', 'tls_client_auth', 'self_signed_tls_client_auth'],
  clientDefaults: { token_endpoint_auth_method: 'private_key_jwt', id_token_signed_response_alg: 'PS256' },
  extraClientMetadata: { properties: ['fapi_profile'] },
  enabledJWA: {
    clientAuthSigningAlgValues: ALGORITHMS,
    requestObjectSigningAlgValues: ALGORITHMS,
    idTokenSigningAlgValues: ALGORITHMS,
    userinfoSigningAlgValues: ALGORITHMS,
    authorizationSigningAlgValues: ALGORITHMS,
    introspectionSigningAlgValues: ALGORITHMS,
    dPoPSigningAlgValues: ALGORITHMS,
  },
  features: {
    devInteractions: { enabled: false },
    fapi: { enabled: true, profile: '2.0' },
    clientCredentials: { enabled: true },
    pushedAuthorizationRequests: { enabled: true },
    requestObjects: { enabled: true },
    jwtResponseModes: { enabled: true },
    jwtUserinfo: { enabled: true },
    introspection: { enabled: true },
    jwtIntrospection: { enabled: true },
    revocation: { enabled: true },
    dPoP: { enabled: true },
    mTLS: {
      enabled: true,
      certificateBoundAccessTokens: true,
      selfSignedTlsClientAuth: true,
      tlsClientAuth: true,
      ...certificates,
    },
    // The types know only some combinations of features.
  } as Features,
  rotateRefreshToken: false,
  ttl: { AuthorizationCode: 60, ClientCredentials: 300 },
})

/** Metadata that say everything a profile asks about, so that nothing is filled in. */
const clientOf = ({ clientId, key: { d: _private, ...jwk } }: Party): ClientMetadata =>
  ({
    client_id: clientId,
    fapi_profile: 'fapi2-security',
    redirect_uris: [REDIRECT_URI],
    grant_types: ['authorization_code', 'client_credentials'],
    response_types: ['code'],
    scope: 'openid accounts payments',
    token_endpoint_auth_method: 'private_key_jwt',
    token_endpoint_auth_signing_alg: 'ES256',
    id_token_signed_response_alg: 'PS256',
    authorization_signed_response_alg: 'PS256',
    introspection_signed_response_alg: 'PS256',
    request_object_signing_alg: 'ES256',
    require_pushed_authorization_requests: true,
    dpop_bound_access_tokens: true,
    jwks: { keys: [jwk] },
  }) as ClientMetadata

/** Options in which withFapi has a name of its own beside its validator. */
const HOOKS = ['configuration.extraParams', 'configuration.extraClientMetadata']

/** Names what two configurations say differently, but for the functions and names withFapi hooks in with. */
export function differences(one: unknown, other: unknown, at = 'configuration'): readonly string[] {
  if (typeof other === 'function' || HOOKS.includes(at) || isDeepStrictEqual(one, other)) return []
  if (!isThing(one) || !isThing(other)) return [at]
  return [...new Set([...Object.keys(one), ...Object.keys(other)])].flatMap((name) => differences(one[name], other[name], `${at}.${name}`))
}

const isThing = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === 'object' && value !== null && !Array.isArray(value)
