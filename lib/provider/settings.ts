import type { Configuration } from 'oidc-provider'
import { SIGNED_METADATA } from '../core/client-defaults.js'
import type { Server } from '../core/facts.js'
import { canServe } from '../core/jwk.js'
import type { Policy } from '../core/policy.js'
import type { Profile } from '../core/profile.js'
import { freshKeys } from '../readers/fresh-keys.js'

type Features = NonNullable<Configuration['features']>
type Jwks = NonNullable<Configuration['jwks']>

/** How much of a configuration withFapi may fill in. */
export type Extent = 'nothing' | 'what must be offered' | 'everything'

/** What can be known of client certificates. */
export interface CertificateUse {
  /** Whether they can be read at all. */
  readonly hasCertificates: boolean
  /** Whether somebody can say that a trusted authority issued one, as `tls_client_auth` needs. */
  readonly verifies: boolean
}

/** In report mode nothing that refuses is set; with several profiles, or a mode that goes by client, nothing that refuses anybody else. */
export function extentOf({ mode, exclusive }: Policy): Extent {
  if (mode === 'report') return 'nothing'
  return exclusive && mode === 'enforce' ? 'everything' : 'what must be offered'
}

/** Fills in what the profiles want where the user is silent; what the user wrote stays as it is. */
export function fillSettings(
  user: Configuration,
  profiles: readonly Profile[],
  extent: Extent,
  certificates: CertificateUse,
): Configuration {
  if (extent === 'nothing') return user
  const jwks = user.jwks ?? ownKeys()
  const offered = { ...user, jwks, ...offers(user, profiles, certificates) }
  return extent === 'everything' ? { ...offered, ...restrictions(user, offered, profiles[0] as Profile, jwks) } : offered
}

/** Capabilities: turning one on takes nothing away from any client. */
function offers(
  { features = {}, enabledJWA, clientAuthMethods }: Configuration,
  profiles: readonly Profile[],
  { hasCertificates, verifies }: CertificateUse,
): Configuration {
  const wants = (test: (server: Partial<Server>) => boolean | undefined) => profiles.some(({ defaults }) => test(defaults.server))
  const { mTLS = {}, introspection } = features
  const certificates = hasCertificates || wants((server) => server.dpop_signing_alg_values_supported?.length === 0)
  const filled = {
    ...features,
    devInteractions: { enabled: false, ...said(features.devInteractions) },
    revocation: { enabled: true, ...said(features.revocation) },
    pushedAuthorizationRequests: { enabled: true, ...said(features.pushedAuthorizationRequests) },
    ...(certificates && {
      mTLS: {
        enabled: true,
        certificateBoundAccessTokens: true,
        selfSignedTlsClientAuth: true,
        tlsClientAuth: verifies,
        ...said(mTLS),
      },
    }),
    ...(wants((server) => server.request_parameter_supported) && { requestObjects: { enabled: true, ...said(features.requestObjects) } }),
    ...(wants((server) => server.response_modes_supported?.includes('jwt')) && {
      jwtResponseModes: { enabled: true, ...said(features.jwtResponseModes) },
    }),
    ...(profiles.some(({ clauses, unchecked }) => 'FAPI2-MS-5.5.1-1' in { ...clauses, ...unchecked }) && {
      introspection: { enabled: true, ...said(introspection) },
      jwtIntrospection: { enabled: introspection?.enabled !== false, ...said(features.jwtIntrospection) },
    }),
  } as Features
  const proofs = new Set(profiles.flatMap(({ defaults }) => defaults.server.dpop_signing_alg_values_supported ?? []))
  return {
    features: filled,
    clientAuthMethods: clientAuthMethods ?? [...METHODS_OF_THE_PROVIDER, ...certificateMethods(filled)],
    enabledJWA: { ...(proofs.size > 0 && ({ dPoPSigningAlgValues: [...proofs] } as Configuration['enabledJWA'])), ...said(enabledJWA) },
  }
}

/** Limits: discovery then advertises only what the one profile allows. */
function restrictions(
  user: Configuration,
  offered: Configuration,
  { defaults: { server, client }, generation }: Profile,
  jwks: Jwks,
): Configuration {
  const { features = {} } = offered
  const { fapi, dPoP, pushedAuthorizationRequests: par, requestObjects } = features
  const possible: readonly string[] = [...METHODS_OF_THE_PROVIDER, ...certificateMethods(features)]
  const alg = signingAlgorithm(jwks, server.id_token_signing_alg_values_supported ?? [])
  const limits = {
    clientAuthMethods: server.token_endpoint_auth_methods_supported?.filter((method) => possible.includes(method)),
    responseTypes: server.response_types_supported,
    clockTolerance: server.clock_tolerance,
    rotateRefreshToken: server.refresh_token_rotation,
    allowOmittingSingleRegisteredRedirectUri: false,
    clientDefaults: { ...client, ...onlyOf(client, SIGNED_METADATA, alg), ...said(user.clientDefaults) },
    ttl: {
      AuthorizationCode: server.authorization_code_lifetime,
      ...(generation === '1.0' && { AccessToken: shortUnlessBound }),
      ...said(user.ttl),
    },
    enabledJWA: {
      clientAuthSigningAlgValues: server.token_endpoint_auth_signing_alg_values_supported,
      requestObjectSigningAlgValues: server.request_object_signing_alg_values_supported,
      idTokenSigningAlgValues: server.id_token_signing_alg_values_supported,
      userinfoSigningAlgValues: server.userinfo_signing_alg_values_supported,
      authorizationSigningAlgValues: server.authorization_signing_alg_values_supported,
      introspectionSigningAlgValues: server.introspection_signing_alg_values_supported,
      ...offered.enabledJWA,
    },
    features: {
      ...features,
      ...(!fapi &&
        server.fapi_checks !== 'off' && { fapi: { enabled: true, profile: server.fapi_checks === '2.0' ? '2.0' : '1.0 Final' } }),
      dPoP: { enabled: server.dpop_signing_alg_values_supported?.length !== 0, ...said(dPoP) },
      pushedAuthorizationRequests: {
        requirePushedAuthorizationRequests: server.require_pushed_authorization_requests === true,
        ...said(par),
      },
      ...(requestObjects?.enabled && {
        requestObjects: { requireSignedRequestObject: server.require_signed_request_object === true, ...said(requestObjects) },
      }),
    },
  }
  return { ...said(limits), ...said(pick(user, Object.keys(limits), ['clientDefaults', 'ttl', 'enabledJWA', 'features'])) } as Configuration
}

const METHODS_OF_THE_PROVIDER = ['client_secret_basic', 'client_secret_jwt', 'client_secret_post', 'private_key_jwt', 'none'] as const

const certificateMethods = ({ mTLS }: Features) => [
  ...(mTLS?.enabled && mTLS.tlsClientAuth ? (['tls_client_auth'] as const) : []),
  ...(mTLS?.enabled && mTLS.selfSignedTlsClientAuth ? (['self_signed_tls_client_auth'] as const) : []),
]

/** FAPI1-BASE-5.2.2-21: below ten minutes, unless the token is bound to a key. Both figures are our choice within that. */
function shortUnlessBound(_ctx: unknown, token: object): number {
  return ('x5t#S256' in token && token['x5t#S256']) || ('jkt' in token && token.jkt) ? 3600 : 540
}

/** The first of the profile's algorithms that the server has a key for; the first of all where none fits, which a rule then refuses. */
export function signingAlgorithm(jwks: Jwks, algorithms: readonly string[]): string | undefined {
  return algorithms.find((alg) => jwks.keys.some((key) => canServe({ ...key }, alg))) ?? algorithms[0]
}

/** node-oidc-provider falls back to a development key that is printed in its source; a server of ours would rather forget its keys. */
function ownKeys(): Jwks {
  process.emitWarning('no jwks configured: signing keys were made for this process and will be gone when it stops', {
    code: 'FAPI_FRESH_KEYS',
  })
  const jwks = (['RSA', 'P-256'] as const).map((kind) => freshKeys(kind).privateKey.export({ format: 'jwk' }))
  return { keys: jwks.map((jwk) => ({ ...jwk, use: 'sig' })) } as Jwks
}

/** What was said: an option that is `undefined` is silence. */
const said = <T extends object>(options: T | undefined): Partial<T> =>
  Object.fromEntries(Object.entries(options ?? {}).filter(([, value]) => value !== undefined)) as Partial<T>

const pick = <T extends object>(from: T, names: readonly string[], except: readonly string[]): Partial<T> =>
  Object.fromEntries(Object.entries(from).filter(([name]) => names.includes(name) && !except.includes(name))) as Partial<T>

const onlyOf = (from: Readonly<Record<string, unknown>>, names: readonly string[], value: unknown) =>
  Object.fromEntries(names.filter((name) => name in from).map((name) => [name, value]))
