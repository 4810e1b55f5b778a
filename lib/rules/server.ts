import { isHttpsUrl, isText, wordsInOrder } from '../core/claims.js'
import type { Published, Server } from '../core/facts.js'
import { defineRule } from '../core/rule.js'

type Name<T> = { [K in keyof T]: T[K] extends boolean ? K : never }[keyof T]

/** A switch that must stand one way where every client is held to the profile; with `always`, wherever the profile is served. */
const settingIs = (id: string, setting: Name<Server>, value: boolean, summary: string, mend: string, { always = false } = {}) =>
  defineRule({
    id,
    summary,
    mend,
    at: ['configuration'],
    setting,
    check: ({ server }) => (server[setting] === value || !(always || server.exclusive) ? undefined : `must be ${value}`),
  })

/** A switch that a server publishes, so that it is judged at boot and from outside. */
const publishedSettingIs = (id: string, setting: Name<Server> & Name<Published>, summary: string, mend: string, { always = false } = {}) =>
  defineRule({
    id,
    summary,
    mend,
    at: ['configuration', 'discovery'],
    setting,
    check: ({ server }) => (server[setting] || !(always || server.exclusive) ? undefined : 'must be true'),
  })

export const requestObjectsOffered = publishedSettingIs(
  'request-objects-offered',
  'request_parameter_supported',
  'The server takes request objects.',
  'Set request_parameter_supported to true (node-oidc-provider: features.requestObjects.enabled: true).',
  { always: true },
)
export const requestObjectsRequired = publishedSettingIs(
  'request-objects-required',
  'require_signed_request_object',
  'The server takes no authorization request without a signed request object.',
  'Set require_signed_request_object to true (node-oidc-provider: features.requestObjects.requireSignedRequestObject: true).',
)
export const parOffered = publishedSettingIs(
  'par-offered',
  'pushed_authorization_requests_supported',
  'The server has a pushed authorization request endpoint.',
  'Switch on the pushed authorization request endpoint (node-oidc-provider: features.pushedAuthorizationRequests.enabled: true).',
  { always: true },
)
export const parRequired = publishedSettingIs(
  'par-required',
  'require_pushed_authorization_requests',
  'The server takes no authorization request that was not pushed.',
  'Set require_pushed_authorization_requests to true (node-oidc-provider: features.pushedAuthorizationRequests.requirePushedAuthorizationRequests: true).',
)
export const certificateBindingOffered = publishedSettingIs(
  'certificate-binding-offered',
  'tls_client_certificate_bound_access_tokens',
  'The server binds access tokens to client certificates.',
  'Set tls_client_certificate_bound_access_tokens to true (node-oidc-provider: features.mTLS.enabled and features.mTLS.certificateBoundAccessTokens), and say where client certificates are found, such as fromTls() or fromProxy().',
  { always: true },
)
export const redirectUrisRegistered = settingIs(
  'redirect-uris-registered',
  'unregistered_redirect_uris_allowed',
  false,
  'Redirect URIs are registered in advance.',
  'Take only registered redirect URIs (node-oidc-provider: features.pushedAuthorizationRequests.allowUnregisteredRedirectUris: false).',
)
export const redirectUriNotDefaulted = settingIs(
  'redirect-uri-not-defaulted',
  'omitted_redirect_uri_allowed',
  false,
  'The redirect URI is not filled in where a request leaves it out.',
  'Let requests without redirect_uri fail (node-oidc-provider: allowOmittingSingleRegisteredRedirectUri: false).',
)
export const noQueryTokens = settingIs(
  'no-query-tokens',
  'query_access_tokens_allowed',
  false,
  'Access tokens in the query are not accepted.',
  'Take access tokens from the Authorization header alone (node-oidc-provider: acceptQueryParamAccessTokens: false).',
  { always: true },
)
export const noRefreshRotation = settingIs(
  'no-refresh-rotation',
  'refresh_token_rotation',
  false,
  'Refresh tokens are not rotated.',
  'Answer a refresh with the refresh token that was sent (node-oidc-provider: rotateRefreshToken: false).',
)
export const dpopReplayRefused = settingIs(
  'dpop-replay-refused',
  'dpop_replay_allowed',
  false,
  'A DPoP proof is accepted once.',
  'Remember the jti of each proof and refuse it the second time (node-oidc-provider: features.dPoP.allowReplay: false).',
  { always: true },
)
export const noDevelopmentPages = settingIs(
  'no-development-pages',
  'development_pages',
  false,
  'Nobody logs in through development pages that ask for no password.',
  'Switch the development pages off (node-oidc-provider: features.devInteractions.enabled: false), and serve login and consent pages of your own at interactions.url.',
  { always: true },
)

export const httpsIssuer = defineRule({
  id: 'https-issuer',
  summary: 'The issuer is an https URL without query or fragment.',
  mend: 'Set the issuer to the public https URL of the server, such as https://auth.bank.example, without query or fragment. Behind a proxy it is the URL that clients see.',
  at: ['configuration', 'discovery'],
  setting: 'issuer',
  check: ({ server: { issuer } }) =>
    isHttpsUrl(issuer) && !/[?#]/.test(issuer) ? undefined : 'must be an https URL without query or fragment',
})

export const jarmOffered = defineRule({
  id: 'jarm-offered',
  summary: 'The server can answer with a signed JWT (response_mode jwt).',
  mend: 'Add jwt to response_modes_supported (node-oidc-provider: features.jwtResponseModes.enabled: true).',
  at: ['configuration', 'discovery'],
  setting: 'response_modes_supported',
  check: ({ server }) => (server.response_modes_supported.includes('jwt') ? undefined : 'must include jwt'),
})

export const serverResponseTypes = (allowed: readonly string[]) =>
  defineRule({
    id: 'server-response-types',
    summary: `The server offers no other response type than ${allowed.join(', ')}.`,
    mend: `Set response_types_supported to ${JSON.stringify(allowed)}, or a part of it (node-oidc-provider: responseTypes).`,
    at: ['configuration', 'discovery'],
    setting: 'response_types_supported',
    check({ server }) {
      const offered = server.response_types_supported.map(wordsInOrder)
      if (!offered.some((type) => allowed.includes(type))) return `must include ${allowed.join(' or ')}`
      return !server.exclusive || offered.every((type) => allowed.includes(type)) ? undefined : `must list only ${allowed.join(', ')}`
    },
  })

export const serverAuthenticationMethods = (allowed: readonly string[]) =>
  defineRule({
    id: 'server-authentication-methods',
    summary: `The server authenticates clients by ${allowed.join(', ')} only.`,
    mend: `Set token_endpoint_auth_methods_supported to some of ${allowed.join(', ')} (node-oidc-provider: clientAuthMethods).`,
    at: ['configuration', 'discovery'],
    setting: 'token_endpoint_auth_methods_supported',
    check({ server }) {
      const offered = server.token_endpoint_auth_methods_supported
      if (!offered.some((method) => allowed.includes(method))) return `must include ${allowed.join(' or ')}`
      return !server.exclusive || offered.every((method) => allowed.includes(method)) ? undefined : `must list only ${allowed.join(', ')}`
    },
  })

export const defaultAuthenticationMethod = (allowed: readonly string[]) =>
  defineRule({
    id: 'default-authentication-method',
    summary: `A client that registers no authentication method gets one of ${allowed.join(', ')}.`,
    mend: `Leave the default of token_endpoint_auth_method unset, or set it to one of ${allowed.join(', ')} (node-oidc-provider: clientDefaults).`,
    at: ['configuration'],
    setting: 'client_defaults.token_endpoint_auth_method',
    check({ server }) {
      const { token_endpoint_auth_method: method } = server.client_defaults
      return !server.exclusive || method === undefined || (isText(method) && allowed.includes(method))
        ? undefined
        : `must be one of ${allowed.join(', ')}`
    },
  })

export const noDpop = defineRule({
  id: 'no-dpop',
  summary: 'Access tokens are bound to certificates alone, so DPoP is off.',
  mend: 'Switch DPoP off (node-oidc-provider: features.dPoP.enabled: false, and no enabledJWA.dPoPSigningAlgValues). Clients of DPoP need a profile of FAPI 2.0.',
  at: ['configuration', 'discovery'],
  setting: 'dpop_signing_alg_values_supported',
  check: ({ server }) =>
    !server.exclusive || server.dpop_signing_alg_values_supported.length === 0
      ? undefined
      : 'must be off: this profile binds tokens to certificates only',
})

export const someBindingOffered = defineRule({
  id: 'some-binding-offered',
  summary: 'The server binds access tokens to certificates or to DPoP keys.',
  mend: 'Switch on DPoP (node-oidc-provider: features.dPoP.enabled: true), or mutual TLS with tls_client_certificate_bound_access_tokens: true (features.mTLS.enabled and features.mTLS.certificateBoundAccessTokens).',
  at: ['configuration', 'discovery'],
  setting: 'dpop_signing_alg_values_supported',
  check: ({ server }) =>
    server.tls_client_certificate_bound_access_tokens || server.dpop_signing_alg_values_supported.length > 0
      ? undefined
      : 'must be on, or certificate-bound access tokens must be',
})

export const authorizationCodeLifetime = (seconds: number) =>
  defineRule({
    id: 'authorization-code-lifetime',
    summary: `Authorization codes live no longer than ${seconds} seconds.`,
    mend: `Set the lifetime of authorization codes to ${seconds} seconds or less (node-oidc-provider: ttl.AuthorizationCode), or leave it unset.`,
    at: ['configuration'],
    setting: 'authorization_code_lifetime',
    check: ({ server: { exclusive, authorization_code_lifetime: lifetime } }) =>
      !exclusive || lifetime === undefined || lifetime <= seconds ? undefined : `must be at most ${seconds} seconds`,
  })

export const clockTolerance = (least: number, most: number) =>
  defineRule({
    id: 'clock-tolerance',
    summary: `Clocks may be off by ${least} seconds at least and ${most} at most.`,
    mend: `Set the clock tolerance to ${least} seconds, or at most ${most} (node-oidc-provider: clockTolerance), and keep the clock of the server right with NTP.`,
    at: ['configuration'],
    setting: 'clock_tolerance',
    check: ({ server: { clock_tolerance: tolerance } }) =>
      tolerance >= least && tolerance <= most ? undefined : `must be between ${least} and ${most} seconds`,
  })

/** Baseline has none: node-oidc-provider's checks for FAPI 1.0 are those of Advanced. */
export const serverChecks = (generation: '1.0' | '2.0' | 'off') =>
  defineRule({
    id: 'server-checks',
    summary:
      generation === 'off'
        ? 'The server underneath runs no checks of another profile.'
        : `The server underneath runs its own FAPI ${generation} checks too.`,
    mend:
      generation === 'off'
        ? 'Switch the checks of the server underneath off (node-oidc-provider: features.fapi.enabled: false).'
        : `Switch the FAPI checks of the server underneath on (node-oidc-provider: features.fapi: { enabled: true, profile: '${generation === '2.0' ? '2.0' : '1.0 Final'}' }), or leave the option out.`,
    at: ['configuration'],
    setting: 'fapi_checks',
    check: ({ server: { exclusive, fapi_checks: checks } }) =>
      checks === undefined || checks === generation || !exclusive
        ? undefined
        : `must be ${generation === 'off' ? generation : `on, for FAPI ${generation}`}`,
  })
