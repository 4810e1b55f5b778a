import type { RequestHandler } from 'express'
import { ConfigurationError } from '../core/errors.js'
import type { Server } from '../core/facts.js'
import type { Policy } from '../core/policy.js'
import { ENDPOINT_NAMES, type Setup } from './fapi-options.js'
import { CONTENT_ENCRYPTION } from './signing.js'

/** What a server with these middlewares in front does, as far as a profile asks. Throws a `ConfigurationError` for what breaks one. */
export function serverFacts(setup: Setup): Server {
  const { policy, issuer, keys, idToken } = setup
  const of = (name: ListName) => offered(policy, name)
  const signing = (name: ListName) => of(name).filter((alg) => keys.algorithms.includes(alg))
  const always = (name: SwitchName) => policy.exclusive && policy.mode === 'enforce' && policy.profiles[0]?.defaults.server[name] === true
  const server: Server = {
    issuer,
    exclusive: policy.exclusive && policy.mode === 'enforce',
    token_endpoint_auth_methods_supported: of('token_endpoint_auth_methods_supported'),
    token_endpoint_auth_signing_alg_values_supported: of('token_endpoint_auth_signing_alg_values_supported'),
    request_object_signing_alg_values_supported: of('request_object_signing_alg_values_supported'),
    id_token_signing_alg_values_supported: signing('id_token_signing_alg_values_supported'),
    userinfo_signing_alg_values_supported: signing('userinfo_signing_alg_values_supported'),
    authorization_signing_alg_values_supported: signing('authorization_signing_alg_values_supported'),
    introspection_signing_alg_values_supported: signing('introspection_signing_alg_values_supported'),
    dpop_signing_alg_values_supported: of('dpop_signing_alg_values_supported'),
    dpop_replay_allowed: false,
    response_types_supported: of('response_types_supported').filter((type) => type === 'code' || idToken !== undefined),
    response_modes_supported: ['query', 'fragment', 'form_post', 'jwt', 'query.jwt', 'fragment.jwt', 'form_post.jwt'],
    request_parameter_supported: true,
    require_signed_request_object: always('require_signed_request_object'),
    pushed_authorization_requests_supported: true,
    require_pushed_authorization_requests: always('require_pushed_authorization_requests'),
    tls_client_certificate_bound_access_tokens: true,
    unregistered_redirect_uris_allowed: false,
    omitted_redirect_uri_allowed: false,
    query_access_tokens_allowed: false,
    refresh_token_rotation: false,
    development_pages: false,
    authorization_code_lifetime: 60,
    clock_tolerance: 10,
    fapi_checks: undefined,
    client_defaults: policy.profiles[0]?.defaults.client ?? {},
    jwks: keys.jwks,
  }
  const verdict = policy.decide('configuration', { server })
  if (!verdict?.rejection) return server
  throw new ConfigurationError(
    verdict.violations.map(({ rule, setting, description, clauses }) => ({
      option: setting ?? rule,
      got: server[setting as keyof Server],
      allowed: description,
      clause: clauses[0],
    })),
  )
}

type ListName = { [K in keyof Server]: Server[K] extends readonly string[] ? K : never }[keyof Server]
type SwitchName = { [K in keyof Server]: Server[K] extends boolean ? K : never }[keyof Server]

/** What any of the profiles serves. */
const offered = ({ profiles }: Policy, name: ListName): readonly string[] => [
  ...new Set(profiles.flatMap(({ defaults }) => defaults.server[name] ?? [])),
]

/** Members of the facts that are metadata of RFC 8414, RFC 9126, RFC 9101, RFC 8705, RFC 9449 and JARM by the same name. */
const PUBLISHED = [
  'token_endpoint_auth_methods_supported',
  'token_endpoint_auth_signing_alg_values_supported',
  'request_object_signing_alg_values_supported',
  'id_token_signing_alg_values_supported',
  'authorization_signing_alg_values_supported',
  'dpop_signing_alg_values_supported',
  'response_types_supported',
  'response_modes_supported',
  'request_parameter_supported',
  'require_signed_request_object',
  'require_pushed_authorization_requests',
  'tls_client_certificate_bound_access_tokens',
] as const

/** The metadata document (RFC 8414, OpenID Connect Discovery): what stands in it is what the middlewares go by. */
export function metadata({ issuer, endpoints, aliases, keys, metadata: more }: Setup, server: Server): RequestHandler {
  const named = ENDPOINT_NAMES.filter((name) => name !== 'jwks' && endpoints[name] !== undefined)
  const urls = named.map((name) => [`${name}_endpoint`, endpoints[name]])
  const moved = Object.entries(aliases).map(([name, url]) => [`${name}_endpoint`, url])
  const stated = PUBLISHED.map((name) => [name, server[name]] as const).filter(([, value]) => !(Array.isArray(value) && value.length === 0))
  const document = {
    grant_types_supported: ['authorization_code', 'refresh_token'],
    subject_types_supported: ['public'],
    ...more,
    issuer,
    ...Object.fromEntries(urls),
    jwks_uri: endpoints.jwks,
    ...Object.fromEntries(stated),
    request_uri_parameter_supported: false,
    authorization_response_iss_parameter_supported: true,
    code_challenge_methods_supported: ['S256'],
    ...(keys.encryption.length > 0 && {
      request_object_encryption_alg_values_supported: keys.encryption,
      request_object_encryption_enc_values_supported: CONTENT_ENCRYPTION,
    }),
    ...(endpoints.introspection !== undefined && {
      introspection_signing_alg_values_supported: server.introspection_signing_alg_values_supported,
    }),
    ...(moved.length > 0 && { mtls_endpoint_aliases: Object.fromEntries(moved) }),
  }
  return function fapiMetadata(_req, res) {
    res.set('cache-control', 'public, max-age=300').json(document)
  }
}

/** The server's public keys (RFC 7517): mount it where `endpoints.jwks` says. */
export const jwks = ({ keys }: Setup): RequestHandler =>
  function fapiJwks(_req, res) {
    res.set('cache-control', 'public, max-age=300').type('application/jwk-set+json').send(JSON.stringify(keys.jwks))
  }
