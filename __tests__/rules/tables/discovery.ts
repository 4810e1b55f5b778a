import type { Published } from '../../../lib/core/facts.js'
import * as rules from '../../../lib/rules/discovery.js'
import { ecKey, ISSUER, rsaKey } from '../facts.js'
import { type RuleTable, ruleTable } from '../support.js'

const withMetadata = (metadata: Readonly<Record<string, unknown>>) => ['discovery', { server: { metadata } }] as const
const withServer = (server: Partial<Published>) => ['discovery', { server }] as const
const withKeys = (...keys: readonly Readonly<Record<string, unknown>>[]) => withServer({ jwks: { keys } })

const ALGORITHMS = ['PS256', 'ES256']
const some = rules.someAlgorithmPublished(ALGORITHMS)
const named = (kid: string, key = rsaKey(2048)) => ({ ...key, kid, use: 'sig' })

export const discoveryTables: readonly RuleTable[] = [
  ruleTable(rules.issuerPublished, {
    passes: [withServer({}), withServer({ issuer: `${ISSUER}/a`, asked: `${ISSUER}/a` })],
    breaks: [
      [...withServer({ issuer: `${ISSUER}/` }), 'issuer must be the identifier that was asked for'],
      [...withServer({ issuer: '' }), 'issuer must be the identifier that was asked for'],
      [...withServer({ asked: ISSUER.toUpperCase() }), 'issuer must be the identifier that was asked for'],
    ],
  }),
  ruleTable(rules.httpsEndpoints, {
    passes: [
      withMetadata({}),
      withMetadata({ mtls_endpoint_aliases: { token_endpoint: 'https://mtls.example/token' } }),
      withMetadata({ service_documentation: 'http://docs.example' }),
    ],
    breaks: [
      [...withMetadata({ token_endpoint: 'http://as.bank.example/token' }), 'token_endpoint must be an https URL'],
      [...withMetadata({ jwks_uri: 'http://as.bank.example/jwks' }), 'jwks_uri must be an https URL'],
      [...withMetadata({ userinfo_endpoint: 7 }), 'userinfo_endpoint must be an https URL'],
      [...withMetadata({ mtls_endpoint_aliases: { token_endpoint: 'http://mtls.example/token' } }), 'token_endpoint must be an https URL'],
    ],
  }),
  ruleTable(rules.endpointsPublished, {
    passes: [withMetadata({})],
    breaks: [
      [...withMetadata({ jwks_uri: undefined }), 'jwks_uri must be there'],
      [...withMetadata({ authorization_endpoint: '', token_endpoint: 1 }), 'authorization_endpoint, token_endpoint must be there'],
    ],
  }),
  ruleTable(rules.responseIssuerPublished, {
    passes: [withMetadata({})],
    breaks: [
      [
        ...withMetadata({ authorization_response_iss_parameter_supported: undefined }),
        'authorization_response_iss_parameter_supported must be true',
      ],
      [
        ...withMetadata({ authorization_response_iss_parameter_supported: 'true' }),
        'authorization_response_iss_parameter_supported must be true',
      ],
    ],
  }),
  ruleTable(rules.pkcePublished, {
    passes: [
      withMetadata({}),
      ['discovery', { server: { exclusive: false, metadata: { code_challenge_methods_supported: ['plain', 'S256'] } } }],
    ],
    breaks: [
      [...withMetadata({ code_challenge_methods_supported: undefined }), 'code_challenge_methods_supported must include S256'],
      [...withMetadata({ code_challenge_methods_supported: ['plain'] }), 'code_challenge_methods_supported must include S256'],
      [...withMetadata({ code_challenge_methods_supported: ['S256', 'plain'] }), 'code_challenge_methods_supported must have S256 only'],
    ],
  }),
  ruleTable(some, {
    passes: [
      withServer({}),
      withServer({ id_token_signing_alg_values_supported: ['RS256', 'PS256'] }),
      withServer({ dpop_signing_alg_values_supported: [] }),
    ],
    breaks: [
      [
        ...withServer({ id_token_signing_alg_values_supported: ['RS256'] }),
        'id_token_signing_alg_values_supported must have one of PS256, ES256',
      ],
      [...withServer({ dpop_signing_alg_values_supported: ['EdDSA'] }), 'dpop_signing_alg_values_supported must have one of PS256, ES256'],
    ],
  }),
  ruleTable(rules.publicKeysOnly, {
    passes: [withServer({}), withKeys()],
    breaks: [
      [...withKeys({ ...ecKey('P-256'), d: 'AQ' }), 'jwks_uri must serve public keys only'],
      [...withKeys({ kty: 'oct', k: 'AQ' }), 'jwks_uri must serve public keys only'],
    ],
  }),
  ruleTable(rules.distinctKeyIds, {
    passes: [
      withServer({}),
      withKeys(named('a'), named('b')),
      withKeys(named('a'), named('a', ecKey('P-256'))),
      withKeys(rsaKey(2048), rsaKey(2048)),
      withKeys(named('a'), { ...named('a'), use: 'enc' }),
    ],
    breaks: [[...withKeys(named('a'), named('b'), named('a')), 'kid must differ from key to key']],
  }),
  ruleTable(rules.parEndpointPublished, {
    passes: [withServer({}), withServer({ pushed_authorization_requests_supported: false, require_pushed_authorization_requests: false })],
    breaks: [
      [
        ...withServer({ pushed_authorization_requests_supported: false }),
        'pushed_authorization_request_endpoint must be there, because require_pushed_authorization_requests is true',
      ],
    ],
  }),
]
