import type { Server } from '../../../lib/core/facts.js'
import * as rules from '../../../lib/rules/server.js'
import { alsoPublished, type RuleTable, ruleTable } from '../support.js'

const withServer = (server: Partial<Server>) => ['configuration', { server }] as const
const shared = (server: Partial<Server>) => withServer({ exclusive: false, ...server })

/** A switch: who is held to it decides whether a server for other clients too may leave it. */
function switchTable(rule: RuleTable['rule'], setting: keyof Server, wrong: boolean, { always }: { readonly always: boolean }): RuleTable {
  const broken = [
    ['configuration', { server: { [setting]: wrong } }],
    ['configuration', { server: { [setting]: wrong, exclusive: false } }],
  ] as const
  const says = `must be ${!wrong}`
  return {
    rule,
    passes: [withServer({}), shared({}), ...(always ? [] : [broken[1]])],
    breaks: [[...broken[0], says], ...(always ? [[...broken[1], says] as const] : [])],
  }
}

const ALWAYS = { always: true }
const WHEN_EXCLUSIVE = { always: false }
const KEYS = 'private_key_jwt, tls_client_auth'
const METHODS = ['private_key_jwt', 'tls_client_auth']

const withMethods = (token_endpoint_auth_methods_supported: readonly string[]) => ({ token_endpoint_auth_methods_supported })
const withTypes = (response_types_supported: readonly string[]) => ({ response_types_supported })
const withDefaultMethod = (token_endpoint_auth_method: unknown) => ({ client_defaults: { token_endpoint_auth_method } })
const withProofs = (dpop_signing_alg_values_supported: readonly string[]) => ({ dpop_signing_alg_values_supported })

const NOT_AN_ISSUER = [
  'http://as.bank.example',
  'https://as.bank.example?x=1',
  'https://as.bank.example/#x',
  'https://as.bank.example/?',
  'https:/as.bank.example',
  'https:///as.bank.example',
  'https://',
  'https://as bank.example',
  'https://as.bank.example ',
  ' https://as.bank.example',
  'https://as.bank\n.example',
  'as.bank.example',
  '//as.bank.example',
  '',
]

const tables: readonly RuleTable[] = [
  switchTable(rules.requestObjectsOffered, 'request_parameter_supported', false, ALWAYS),
  switchTable(rules.requestObjectsRequired, 'require_signed_request_object', false, WHEN_EXCLUSIVE),
  switchTable(rules.parOffered, 'pushed_authorization_requests_supported', false, ALWAYS),
  switchTable(rules.parRequired, 'require_pushed_authorization_requests', false, WHEN_EXCLUSIVE),
  switchTable(rules.certificateBindingOffered, 'tls_client_certificate_bound_access_tokens', false, ALWAYS),
  switchTable(rules.redirectUrisRegistered, 'unregistered_redirect_uris_allowed', true, WHEN_EXCLUSIVE),
  switchTable(rules.redirectUriNotDefaulted, 'omitted_redirect_uri_allowed', true, WHEN_EXCLUSIVE),
  switchTable(rules.noQueryTokens, 'query_access_tokens_allowed', true, ALWAYS),
  switchTable(rules.noRefreshRotation, 'refresh_token_rotation', true, WHEN_EXCLUSIVE),
  switchTable(rules.dpopReplayRefused, 'dpop_replay_allowed', true, ALWAYS),
  switchTable(rules.noDevelopmentPages, 'development_pages', true, ALWAYS),
  ruleTable(rules.httpsIssuer, {
    passes: ['https://as.bank.example', 'https://as.bank.example:8443', 'https://bank.example/brands/one', 'https://bank.example/'].map(
      (issuer) => withServer({ issuer }),
    ),
    breaks: NOT_AN_ISSUER.map((issuer) => [...withServer({ issuer }), 'must be an https URL without query or fragment'] as const),
  }),
  ruleTable(rules.jarmOffered, {
    passes: [withServer({ response_modes_supported: ['jwt'] }), shared({})],
    breaks: [
      [...withServer({ response_modes_supported: [] }), 'must include jwt'],
      [...shared({ response_modes_supported: ['query', 'query.jwt', 'JWT'] }), 'must include jwt'],
    ],
  }),
  ruleTable(rules.serverResponseTypes(['code']), {
    passes: [withServer(withTypes(['code'])), shared(withTypes(['code', 'token']))],
    breaks: [
      [...withServer(withTypes([])), 'must include code'],
      [...shared(withTypes(['token'])), 'must include code'],
      [...withServer(withTypes(['code', 'code id_token'])), 'must list only code'],
    ],
  }),
  ruleTable(rules.serverResponseTypes(['code', 'code id_token']), {
    passes: [
      withServer(withTypes(['code'])),
      withServer(withTypes(['code id_token'])),
      // The order of the words says nothing (RFC 6749 §3.1.1).
      withServer(withTypes(['id_token code'])),
      withServer(withTypes(['code', 'id_token code'])),
    ],
    breaks: [
      [...shared(withTypes(['id_token'])), 'must include code or code id_token'],
      [...withServer(withTypes(['code', 'code id_token', 'code token'])), 'must list only code, code id_token'],
    ],
  }),
  ruleTable(rules.serverAuthenticationMethods(METHODS), {
    passes: [
      withServer(withMethods(['private_key_jwt'])),
      withServer(withMethods(METHODS)),
      shared(withMethods(['none', 'tls_client_auth'])),
    ],
    breaks: [
      [...withServer(withMethods([])), 'must include private_key_jwt or tls_client_auth'],
      [...shared(withMethods(['none', 'client_secret_basic'])), 'must include private_key_jwt or tls_client_auth'],
      [...withServer(withMethods([...METHODS, 'none'])), `must list only ${KEYS}`],
      [...withServer(withMethods(['private_key_jwt', 'client_secret_jwt'])), `must list only ${KEYS}`],
    ],
  }),
  ruleTable(rules.defaultAuthenticationMethod(METHODS), {
    passes: [
      ...['private_key_jwt', 'tls_client_auth', undefined].map((method) => withServer(withDefaultMethod(method))),
      shared(withDefaultMethod('client_secret_basic')),
    ],
    breaks: ['client_secret_basic', 'none', '', null, 0, ['private_key_jwt'], {}, { toString: 1, valueOf: 1 }].map(
      (method) => [...withServer(withDefaultMethod(method)), `must be one of ${KEYS}`] as const,
    ),
  }),
  ruleTable(rules.noDpop, {
    passes: [withServer(withProofs([])), shared(withProofs(['ES256']))],
    breaks: [[...withServer(withProofs(['ES256'])), 'must be off: this profile binds tokens to certificates only']],
  }),
  ruleTable(rules.someBindingOffered, {
    passes: [
      withServer({}),
      withServer({ ...withProofs([]), tls_client_certificate_bound_access_tokens: true }),
      withServer({ ...withProofs(['ES256']), tls_client_certificate_bound_access_tokens: false }),
    ],
    breaks: [withServer, shared].map(
      (make) =>
        [
          ...make({ ...withProofs([]), tls_client_certificate_bound_access_tokens: false }),
          'must be on, or certificate-bound access tokens must be',
        ] as const,
    ),
  }),
  ruleTable(rules.authorizationCodeLifetime(60), {
    passes: [
      ...[60, 1, undefined].map((seconds) => withServer({ authorization_code_lifetime: seconds })),
      shared({ authorization_code_lifetime: 600 }),
    ],
    breaks: [61, 60.5, 600, Number.POSITIVE_INFINITY, Number.NaN].map(
      (seconds) => [...withServer({ authorization_code_lifetime: seconds }), 'must be at most 60 seconds'] as const,
    ),
  }),
  ruleTable(rules.clockTolerance(10, 60), {
    passes: [10, 15, 60].map((clock_tolerance) => withServer({ clock_tolerance })),
    breaks: [9, 0, -1, 61, 300, Number.NaN, Number.POSITIVE_INFINITY].flatMap((clock_tolerance) => [
      [...withServer({ clock_tolerance }), 'must be between 10 and 60 seconds'] as const,
      [...shared({ clock_tolerance }), 'must be between 10 and 60 seconds'] as const,
    ]),
  }),
  ruleTable(rules.serverChecks('1.0'), {
    passes: [withServer({ fapi_checks: '1.0' }), withServer({ fapi_checks: undefined }), shared({ fapi_checks: 'off' })],
    breaks: (['off', '2.0'] as const).map((fapi_checks) => [...withServer({ fapi_checks }), 'must be on, for FAPI 1.0'] as const),
  }),
  ruleTable(rules.serverChecks('off'), {
    passes: [withServer({ fapi_checks: 'off' }), withServer({ fapi_checks: undefined }), shared({ fapi_checks: '1.0' })],
    breaks: (['1.0', '2.0'] as const).map((fapi_checks) => [...withServer({ fapi_checks }), 'must be off'] as const),
  }),
  ruleTable(rules.serverChecks('2.0'), {
    passes: [withServer({ fapi_checks: '2.0' }), withServer({ fapi_checks: undefined }), shared({ fapi_checks: '1.0' })],
    breaks: (['off', '1.0'] as const).map((fapi_checks) => [...withServer({ fapi_checks }), 'must be on, for FAPI 2.0'] as const),
  }),
]

export const serverTables = tables.map(alsoPublished)
