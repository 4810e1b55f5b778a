import type { CertificateSource, Policy, Store } from 'express-fapi'
import { guardedFetch, observe, pairwiseSubject, storage, withFapi } from 'express-fapi/provider'
import Provider, { type Account, type ClientMetadata, type Configuration, errors, type JWKS } from 'oidc-provider'
import { ACR_VALUES } from './acr.js'
import { profileValidator } from './clients.js'
import { ENCRYPTION_ALGORITHM, type Secrets } from './keys.js'
import { errorPage } from './pages.js'
import { type Directory, outboundTo } from './registration.js'
import { CLAIMS } from './scopes.js'
import { RESOURCE_SERVER } from './seeds.js'
import type { Users } from './users.js'

export interface ProviderOptions {
  readonly issuer: string
  /** The origin of the listener that asks for client certificates. */
  readonly mtlsOrigin: string
  readonly policy: Policy
  readonly store: Store
  readonly rotateRefreshTokens: boolean
  readonly certificate: CertificateSource
  readonly clients: readonly ClientMetadata[]
  /** The clients that may be outside all profiles. */
  readonly outside: ReadonlySet<string>
  readonly scopes: readonly string[]
  readonly directory: Directory | undefined
  /** The URL of the registration endpoint. */
  readonly registrationUrl: string
  readonly jwks: JWKS
  readonly secrets: Secrets
  readonly users: Users
}

/** How long a consent lasts, and with it everything issued on it. Our own choice. */
export const CONSENT_DAYS = 90
const MINUTE = 60
const DAY = 24 * 60 * MINUTE
const ALGORITHMS = ['PS256', 'ES256'] as const
const ENCRYPTED_TO_KEYS = ['RSA-OAEP-256', 'ECDH-ES'] as const

/** The authorization server: node-oidc-provider with this bank's users and clients, under the policy. */
export function createProvider(options: ProviderOptions): Provider {
  const { issuer, policy, certificate, store } = options
  return observe(policy, new Provider(issuer, withFapi(policy, issuer, configuration(options), { certificate, store })))
}

/** What is not said here, withFapi fills in: mutual TLS, PAR, DPoP, request objects, JARM, and what differs by client. */
function configuration(options: ProviderOptions): Configuration {
  const { mtlsOrigin, registrationUrl, directory, store, clients, outside, scopes, jwks, secrets, rotateRefreshTokens, users } = options
  return {
    adapter: storage(store),
    clients: [...clients],
    jwks,
    cookies: { keys: [secrets.cookies] },
    findAccount: (_ctx, login) => accountOf(users, login),
    scopes: [...scopes],
    claims: CLAIMS,
    acrValues: ACR_VALUES,
    subjectTypes: ['public', 'pairwise'],
    pairwiseIdentifier: pairwiseSubject({ secret: secrets.pairwise }),
    responseTypes: ['code', 'code id_token'],
    clientAuthMethods: ['private_key_jwt', 'tls_client_auth', 'self_signed_tls_client_auth', 'client_secret_basic'],
    clientDefaults: {
      token_endpoint_auth_method: 'private_key_jwt',
      id_token_signed_response_alg: 'PS256',
      authorization_signed_response_alg: 'PS256',
      introspection_signed_response_alg: 'PS256',
    },
    enabledJWA: {
      clientAuthSigningAlgValues: ALGORITHMS,
      requestObjectSigningAlgValues: ALGORITHMS,
      idTokenSigningAlgValues: ALGORITHMS,
      userinfoSigningAlgValues: ALGORITHMS,
      authorizationSigningAlgValues: ALGORITHMS,
      introspectionSigningAlgValues: ALGORITHMS,
      dPoPSigningAlgValues: ALGORITHMS,
      idTokenEncryptionAlgValues: ENCRYPTED_TO_KEYS,
      userinfoEncryptionAlgValues: ENCRYPTED_TO_KEYS,
      introspectionEncryptionAlgValues: ENCRYPTED_TO_KEYS,
      authorizationEncryptionAlgValues: ENCRYPTED_TO_KEYS,
      requestObjectEncryptionAlgValues: [ENCRYPTION_ALGORITHM],
    },
    extraClientMetadata: { properties: ['fapi_profile'], validator: profileValidator(outside) },
    discovery: { registration_endpoint: registrationUrl, mtls_endpoint_aliases: aliases(mtlsOrigin) },
    // Read once, when a client registers.
    sectorIdentifierUriValidate: () => false,
    features: {
      devInteractions: { enabled: false },
      rpInitiatedLogout: { enabled: false },
      claimsParameter: { enabled: true },
      encryption: { enabled: true },
      jwtUserinfo: { enabled: true },
      clientCredentials: { enabled: true },
      revocation: { enabled: true, allowedPolicy: mayRevoke },
      introspection: { enabled: true, allowedPolicy: mayIntrospect },
    },
    ...(directory && { fetch: guardedFetch(outboundTo(directory)) }),
    clientBasedCORS: () => false,
    // The demo refreshes without asking for offline_access.
    issueRefreshToken: (_ctx, client) => client.grantTypeAllowed('refresh_token'),
    ...(rotateRefreshTokens && { rotateRefreshToken: true }),
    // A refresh token outlives the login that came before it.
    expiresWithSession: () => false,
    ttl: {
      AccessToken: 5 * MINUTE,
      ClientCredentials: 5 * MINUTE,
      AuthorizationCode: 1 * MINUTE,
      IdToken: 5 * MINUTE,
      Interaction: 15 * MINUTE,
      Session: 1 * DAY,
      Grant: CONSENT_DAYS * DAY,
      RefreshToken: CONSENT_DAYS * DAY,
    },
    renderError(ctx, out) {
      const { error, error_description } = out
      // Errors of these endpoints are JSON whatever the caller would like to see (RFC 6749 §5.2).
      if (JSON_ROUTES.has(ctx.oidc?.route ?? '')) {
        ctx.body = out
        return
      }
      const text = error === 'server_error' ? 'Something went wrong on our side.' : (error_description ?? 'The request was refused.')
      ctx.type = 'html'
      ctx.body = errorPage({ text, code: error, reference: ctx.response.get('x-fapi-interaction-id') })
    },
  }
}

const JSON_ROUTES = new Set(['token', 'pushed_authorization_request', 'revocation', 'introspection', 'userinfo'])

/** The API may ask about every token, a client about its own. */
const mayIntrospect = (_ctx: unknown, client: { readonly clientId: string }, token: { readonly clientId?: string | undefined }) =>
  client.clientId === RESOURCE_SERVER || client.clientId === token.clientId

/** RFC 7009 §2.1: who asks for the end of somebody else's token is told so. */
function mayRevoke(_ctx: unknown, client: { readonly clientId: string }, token: { readonly clientId?: string | undefined }): boolean {
  if (client.clientId !== token.clientId) throw new errors.InvalidRequest('the token belongs to another client')
  return true
}

function accountOf(users: Users, login: string): Account | undefined {
  const user = users.find(login)
  if (!user) return undefined
  const { given_name, family_name } = user
  return { accountId: login, claims: () => ({ sub: login, name: `${given_name} ${family_name}`, given_name, family_name }) }
}

/** The endpoints clients call with a certificate, under the host that asks for one (RFC 8705 §5). */
function aliases(origin: string) {
  return {
    token_endpoint: `${origin}/token`,
    pushed_authorization_request_endpoint: `${origin}/request`,
    userinfo_endpoint: `${origin}/me`,
    revocation_endpoint: `${origin}/token/revocation`,
    introspection_endpoint: `${origin}/token/introspection`,
    registration_endpoint: `${origin}/reg`,
  }
}
