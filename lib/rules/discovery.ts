import { isHttpsUrl, isText } from '../core/claims.js'
import type { Jwk, Published } from '../core/facts.js'
import { PRIVATE_MEMBERS } from '../core/jwk.js'
import { defineRule } from '../core/rule.js'

/* What can be seen of a server from outside, in what it publishes. */

export const issuerPublished = defineRule({
  id: 'issuer-published',
  summary: 'The issuer in the metadata is the identifier that clients ask for it with, letter by letter.',
  mend: 'Publish as issuer the very identifier that clients are given, with or without a final slash as they have it; clients must refuse what differs.',
  at: ['discovery'],
  check: ({ server: { issuer, asked } }) => (issuer === asked ? undefined : 'issuer must be the identifier that was asked for'),
})

const ENDPOINT = /_endpoint$|^jwks_uri$/

/** Every URL that clients are sent to, mutual TLS aliases included. */
const endpointsIn = ({ metadata }: Published): readonly (readonly [name: string, url: unknown])[] => {
  const { mtls_endpoint_aliases: aliases } = metadata
  const more = typeof aliases === 'object' && aliases !== null ? Object.entries(aliases) : []
  return [...Object.entries(metadata).filter(([name]) => ENDPOINT.test(name)), ...more]
}

export const httpsEndpoints = defineRule({
  id: 'https-endpoints',
  summary: 'All endpoints in the metadata are https URLs.',
  mend: 'Publish https URLs for all endpoints and for jwks_uri. Behind a proxy that ends TLS, tell the server so (node-oidc-provider: provider.proxy = true).',
  at: ['discovery'],
  check({ server }) {
    const wrong = endpointsIn(server).find(([, url]) => !isHttpsUrl(url))
    return wrong && `${wrong[0]} must be an https URL`
  },
})

export const endpointsPublished = defineRule({
  id: 'endpoints-published',
  summary: 'The metadata name the authorization endpoint, the token endpoint and the key set.',
  mend: 'Publish authorization_endpoint, token_endpoint and jwks_uri in the server metadata (RFC 8414).',
  at: ['discovery'],
  check({ server: { metadata } }) {
    const missing = ['authorization_endpoint', 'token_endpoint', 'jwks_uri'].filter((name) => !isText(metadata[name]))
    return missing.length === 0 ? undefined : `${missing.join(', ')} must be there`
  },
})

export const responseIssuerPublished = defineRule({
  id: 'response-issuer-published',
  summary: 'The metadata say that authorization responses carry iss (RFC 9207).',
  mend: 'Put iss into every authorization response, and authorization_response_iss_parameter_supported: true into the metadata.',
  at: ['discovery'],
  check: ({ server: { metadata } }) =>
    metadata.authorization_response_iss_parameter_supported === true
      ? undefined
      : 'authorization_response_iss_parameter_supported must be true',
})

export const pkcePublished = defineRule({
  id: 'pkce-published',
  summary: 'The metadata offer PKCE with S256, and no other method.',
  mend: 'Publish code_challenge_methods_supported: ["S256"], and take no challenge made with plain.',
  at: ['discovery'],
  check({ server: { metadata, exclusive } }) {
    const methods: readonly unknown[] = [metadata.code_challenge_methods_supported].flat()
    if (!methods.includes('S256')) return 'code_challenge_methods_supported must include S256'
    return !exclusive || methods.every((method) => method === 'S256') ? undefined : 'code_challenge_methods_supported must have S256 only'
  },
})

const LISTS = [
  'token_endpoint_auth_signing_alg_values_supported',
  'request_object_signing_alg_values_supported',
  'id_token_signing_alg_values_supported',
  'authorization_signing_alg_values_supported',
  'dpop_signing_alg_values_supported',
] as const

/** A list that is not published is for other rules to miss. */
export const someAlgorithmPublished = (allowed: readonly string[]) =>
  defineRule({
    id: 'some-algorithm-published',
    summary: `Each list of signing algorithms in the metadata has one of ${allowed.join(', ')}.`,
    mend: `Add ${allowed.join(' or ')} to each list of signing algorithms, and keys for it where the server signs.`,
    at: ['discovery'],
    check({ server }) {
      const list = LISTS.find((name) => server[name].length > 0 && !server[name].some((alg) => allowed.includes(alg)))
      return list && `${list} must have one of ${allowed.join(', ')}`
    },
  })

export const publicKeysOnly = defineRule({
  id: 'public-keys-only',
  summary: 'The key set that the server publishes holds no private and no symmetric key.',
  mend: 'Take the private members (d, p, q, dp, dq, qi, k) out of what jwks_uri serves, and replace the keys at once: they are known to everybody.',
  at: ['discovery'],
  check: ({ server: { jwks } }) =>
    jwks.keys.some((key) => PRIVATE_MEMBERS.some((member) => key[member] !== undefined))
      ? 'jwks_uri must serve public keys only'
      : undefined,
})

/** What a key is chosen by (FAPI2-SP-5.4.3-1). */
const textOf = (value: unknown) => (isText(value) ? JSON.stringify(value) : '')
const TELLING = ['kid', 'kty', 'use', 'alg', 'crv']

export const distinctKeyIds = defineRule({
  id: 'distinct-key-ids',
  summary: 'No two keys of the server that serve the same have one kid.',
  mend: 'Give each key of the key set a kid of its own, such as its thumbprint (RFC 7638).',
  at: ['discovery'],
  check({ server: { jwks } }) {
    const named = jwks.keys.filter(({ kid }) => isText(kid)).map((key: Jwk) => TELLING.map((member) => textOf(key[member])).join(' '))
    return new Set(named).size < named.length ? 'kid must differ from key to key' : undefined
  },
})

export const parEndpointPublished = defineRule({
  id: 'par-endpoint-published',
  summary: 'A server that requires pushed authorization requests says where they are pushed.',
  mend: 'Publish pushed_authorization_request_endpoint next to require_pushed_authorization_requests.',
  at: ['discovery'],
  check: ({ server }) =>
    server.require_pushed_authorization_requests && !server.pushed_authorization_requests_supported
      ? 'pushed_authorization_request_endpoint must be there, because require_pushed_authorization_requests is true'
      : undefined,
})
