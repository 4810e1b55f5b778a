import { isHttpsUrl, isText, wordsInOrder } from '../core/claims.js'
import type { Server } from '../core/facts.js'
import { defineRule } from '../core/rule.js'

type Name = { [K in keyof Server]: Server[K] extends boolean ? K : never }[keyof Server]

/** A switch that must stand one way where every client is held to the profile; with `always`, wherever the profile is served. */
const settingIs = (id: string, setting: Name, value: boolean, summary: string, { always = false } = {}) =>
  defineRule({
    id,
    summary,
    at: ['configuration'],
    setting,
    check: ({ server }) => (server[setting] === value || !(always || server.exclusive) ? undefined : `must be ${value}`),
  })

export const requestObjectsOffered = settingIs(
  'request-objects-offered',
  'request_parameter_supported',
  true,
  'The server takes request objects.',
  { always: true },
)
export const requestObjectsRequired = settingIs(
  'request-objects-required',
  'require_signed_request_object',
  true,
  'The server takes no authorization request without a signed request object.',
)
export const parOffered = settingIs(
  'par-offered',
  'pushed_authorization_requests_supported',
  true,
  'The server has a pushed authorization request endpoint.',
  { always: true },
)
export const parRequired = settingIs(
  'par-required',
  'require_pushed_authorization_requests',
  true,
  'The server takes no authorization request that was not pushed.',
)
export const certificateBindingOffered = settingIs(
  'certificate-binding-offered',
  'tls_client_certificate_bound_access_tokens',
  true,
  'The server binds access tokens to client certificates.',
  { always: true },
)
export const redirectUrisRegistered = settingIs(
  'redirect-uris-registered',
  'unregistered_redirect_uris_allowed',
  false,
  'Redirect URIs are registered in advance.',
)
export const redirectUriNotDefaulted = settingIs(
  'redirect-uri-not-defaulted',
  'omitted_redirect_uri_allowed',
  false,
  'The redirect URI is not filled in where a request leaves it out.',
)
export const noQueryTokens = settingIs(
  'no-query-tokens',
  'query_access_tokens_allowed',
  false,
  'Access tokens in the query are not accepted.',
  { always: true },
)
export const noRefreshRotation = settingIs('no-refresh-rotation', 'refresh_token_rotation', false, 'Refresh tokens are not rotated.')
export const dpopReplayRefused = settingIs('dpop-replay-refused', 'dpop_replay_allowed', false, 'A DPoP proof is accepted once.', {
  always: true,
})
export const noDevelopmentPages = settingIs(
  'no-development-pages',
  'development_pages',
  false,
  'Nobody logs in through development pages that ask for no password.',
  { always: true },
)

export const httpsIssuer = defineRule({
  id: 'https-issuer',
  summary: 'The issuer is an https URL without query or fragment.',
  at: ['configuration'],
  setting: 'issuer',
  check: ({ server: { issuer } }) =>
    isHttpsUrl(issuer) && !/[?#]/.test(issuer) ? undefined : 'must be an https URL without query or fragment',
})

export const jarmOffered = defineRule({
  id: 'jarm-offered',
  summary: 'The server can answer with a signed JWT (response_mode jwt).',
  at: ['configuration'],
  setting: 'response_modes_supported',
  check: ({ server }) => (server.response_modes_supported.includes('jwt') ? undefined : 'must include jwt'),
})

export const serverResponseTypes = (allowed: readonly string[]) =>
  defineRule({
    id: 'server-response-types',
    summary: `The server offers no other response type than ${allowed.join(', ')}.`,
    at: ['configuration'],
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
    at: ['configuration'],
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
  at: ['configuration'],
  setting: 'dpop_signing_alg_values_supported',
  check: ({ server }) =>
    !server.exclusive || server.dpop_signing_alg_values_supported.length === 0
      ? undefined
      : 'must be off: this profile binds tokens to certificates only',
})

export const someBindingOffered = defineRule({
  id: 'some-binding-offered',
  summary: 'The server binds access tokens to certificates or to DPoP keys.',
  at: ['configuration'],
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
    at: ['configuration'],
    setting: 'authorization_code_lifetime',
    check: ({ server: { exclusive, authorization_code_lifetime: lifetime } }) =>
      !exclusive || lifetime === undefined || lifetime <= seconds ? undefined : `must be at most ${seconds} seconds`,
  })

export const clockTolerance = (least: number, most: number) =>
  defineRule({
    id: 'clock-tolerance',
    summary: `Clocks may be off by ${least} seconds at least and ${most} at most.`,
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
    at: ['configuration'],
    setting: 'fapi_checks',
    check: ({ server: { exclusive, fapi_checks: checks } }) =>
      checks === undefined || checks === generation || !exclusive
        ? undefined
        : `must be ${generation === 'off' ? generation : `on, for FAPI ${generation}`}`,
  })
