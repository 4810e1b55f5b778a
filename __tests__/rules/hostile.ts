import type { Facts, Jwt, Stage } from '../../lib/core/facts.js'
import { certificate, ISSUER, legalFacts } from './facts.js'

/** What a stranger may put where something else is expected: in a claim, a parameter, a key, a metadata value. */
export const HOSTILE: readonly unknown[] = [
  ...[undefined, null, true, false, 0, -0, -1, 1.5, Number.NaN, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY, Number.MAX_VALUE],
  ...['', ' ', '\0', '\r\n', '"', '\\', '😀', '\ud800', '\u202e', '%', '%zz', '0', '1e999', 'NaN', 'null', 'x'.repeat(100_000)],
  ...[
    'constructor',
    '__proto__',
    'toString',
    'hasOwnProperty',
    'https:/x',
    'https://',
    'http://[',
    'javascript:',
    ISSUER,
    'app',
    'none',
    'jwt',
  ],
  ...[[], [[]], [null], ['app'], [[ISSUER]], [ISSUER, {}], Array(1000).fill('code'), {}, { length: 1 }, { toString: 1, valueOf: 1 }],
  ...[Object.create(null), JSON.parse('{"__proto__":{"polluted":true}}'), { toJSON: 1 }, new Date(Number.NaN), 10n, Symbol('x')],
]

const CLAIMS = [
  'iss',
  'sub',
  'aud',
  'exp',
  'nbf',
  'iat',
  'jti',
  'nonce',
  'scope',
  'redirect_uri',
  'response_type',
  'htm',
  'htu',
  'ath',
  'cnf',
  'client_id',
]
const HEADERS = ['alg', 'typ', 'kid', 'jwk', 'crit', 'cty', 'x5u', 'jku']
const PARAMETERS = [
  ...['client_id', 'response_type', 'response_mode', 'redirect_uri', 'scope', 'state', 'nonce', 'code_challenge'],
  ...['code_challenge_method', 'grant_type', 'code', 'request', 'request_uri', 'dpop_jkt'],
]
const METADATA = [
  ...[
    'fapi_profile',
    'sector_identifier_uri',
    'request_object_signing_alg',
    'token_endpoint_auth_signing_alg',
    'id_token_signed_response_alg',
  ],
  ...[
    'userinfo_signed_response_alg',
    'authorization_signed_response_alg',
    'introspection_signed_response_alg',
    'request_object_encryption_alg',
  ],
  ...['id_token_encrypted_response_alg', 'userinfo_encrypted_response_alg', 'tls_client_auth_subject_dn', 'tls_client_auth_san_dns'],
]
const KEY_MEMBERS = ['kty', 'crv', 'n', 'e', 'x', 'y', 'k', 'alg', 'use', 'kid', 'key_ops']
const DEFAULTS = [
  ...[
    'token_endpoint_auth_method',
    'id_token_signed_response_alg',
    'authorization_signed_response_alg',
    'introspection_signed_response_alg',
  ],
]

/** Puts a hostile value here and there. */
type Spoil = (names: readonly string[], from: object) => Record<string, unknown>

/** Facts of a stage in which everything that a stranger chooses may be hostile; what an adapter vouches for has its type. */
function hostileFacts(stage: Stage, spoil: Spoil): object {
  const jwt = ({ header, claims }: Jwt = { header: {}, claims: {} }) => ({ header: spoil(HEADERS, header), claims: spoil(CLAIMS, claims) })
  const jwk = (from: object) => spoil(KEY_MEMBERS, from)
  const { client: legalClient } = legalFacts.registration
  const { keys = [] } = legalClient.jwks ?? {}
  const client = { ...spoil(METADATA, legalClient), jwks: { keys: keys.map(jwk) } }
  const { wire } = legalFacts.token
  const spoiledWire = { ...wire, certificate, headers: { ...wire.headers } }

  switch (stage) {
    case 'configuration': {
      const { server } = legalFacts.configuration
      return { server: { ...server, client_defaults: spoil(DEFAULTS, server.client_defaults), jwks: { keys: server.jwks.keys.map(jwk) } } }
    }
    case 'discovery': {
      const { server } = legalFacts.discovery
      const named = [...Object.keys(server.metadata), 'mtls_endpoint_aliases', 'registration_endpoint', 'userinfo_endpoint']
      return { server: { ...server, metadata: spoil(named, server.metadata), jwks: { keys: server.jwks.keys.map(jwk) } } }
    }
    case 'tls':
      return { ...legalFacts.tls, listener: { ...legalFacts.tls.listener, ...spoil(['strictTransportSecurity'], {}) } }
    case 'registration':
      return { client, current: { ...legalClient, ...spoil(METADATA, {}) } }
    case 'key':
      return { client, key: jwk(legalFacts.key.key) }
    case 'authentication':
      return { ...legalFacts.authentication, client, assertion: jwt(legalFacts.authentication.assertion) }
    case 'par':
    case 'authorization': {
      const legal = legalFacts[stage]
      const more = { client, params: spoil(PARAMETERS, legal.params), requestObject: jwt(legal.requestObject) }
      return { ...legal, ...more, ...(stage === 'par' && { proof: jwt(legalFacts.par.proof) }) }
    }
    case 'token':
      return {
        ...legalFacts.token,
        wire: spoiledWire,
        client,
        params: spoil(PARAMETERS, legalFacts.token.params),
        proof: jwt(legalFacts.token.proof),
      }
    case 'issuance':
      return { ...legalFacts.issuance, client, cnf: spoil(['jkt', 'x5t#S256'], legalFacts.issuance.cnf) }
    case 'resource': {
      const { token, proof } = legalFacts.resource
      return { ...legalFacts.resource, client, proof: jwt(proof), token: { ...token, claims: spoil(CLAIMS, token.claims) } }
    }
  }
}

/** Hostile facts of a stage: every name with every value, then `rounds` mixtures. The same in every run. */
export function* hostileFactsAt<S extends Stage>(stage: S, rounds: number): Generator<Facts[S]> {
  const random = randomNumbers(0x5eed)
  for (const value of HOSTILE) {
    const everywhere: Spoil = (names, from) => ({ ...from, ...Object.fromEntries(names.map((name) => [name, value])) })
    yield hostileFacts(stage, everywhere) as Facts[S]
    for (const only of [CLAIMS, HEADERS, PARAMETERS, METADATA, KEY_MEMBERS, DEFAULTS, ['jkt', 'x5t#S256']].flat()) {
      const there: Spoil = (names, from) => ({ ...from, ...(names.includes(only) && { [only]: value }) })
      yield hostileFacts(stage, there) as Facts[S]
    }
  }
  const pick = () => HOSTILE[Math.floor(random() * HOSTILE.length)]
  const sometimes: Spoil = (names, from) => ({
    ...from,
    ...Object.fromEntries(names.flatMap((name) => (random() < 0.3 ? [[name, pick()]] : []))),
  })
  for (let round = 0; round < rounds; round += 1) yield hostileFacts(stage, sometimes) as Facts[S]
}

/** Pseudo-random numbers from 0 to 1 that are the same in every run (mulberry32). */
function randomNumbers(seed: number): () => number {
  let state = seed
  return () => {
    state = (state + 0x6d2b79f5) | 0
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state)
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296
  }
}
