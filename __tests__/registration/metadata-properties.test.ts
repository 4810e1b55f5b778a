import { fapi1Advanced, fapi2MessageSigning, fapi2Security } from 'express-fapi'
import fc from 'fast-check'
import { judge } from '../../lib/core/judge.js'
import { clientFacts } from '../../lib/readers/client-metadata.js'
import { metadataFaults } from '../../lib/registration/metadata-faults.js'
import { mintKey, weakRsaJwk } from '../support/keys.js'
import type { Metadata } from '../support/registration.js'
import { EC, honest, KEY, RSA } from './metadata-rows.js'

const PROFILES = [fapi1Advanced, fapi2Security, fapi2MessageSigning]
const ED = mintKey('EdDSA')

const NAMES = [
  ...Object.keys(honest),
  ...['jwks_uri', 'scope', 'contacts', 'software_id', 'software_statement', 'application_type', 'subject_type', 'sector_identifier_uri'],
  ...['default_max_age', 'require_auth_time', 'client_uri', 'logo_uri#de', 'client_name#x', 'post_logout_redirect_uris', 'request_uris'],
  ...['tls_client_auth_subject_dn', 'tls_client_auth_san_ip', 'tls_client_certificate_bound_access_tokens', 'dpop_bound_access_tokens'],
  ...['require_pushed_authorization_requests', 'require_signed_request_object', 'request_object_signing_alg', 'response_modes'],
  ...[
    'id_token_signed_response_alg',
    'id_token_encrypted_response_alg',
    'id_token_encrypted_response_enc',
    'request_object_encryption_alg',
  ],
  ...['token_endpoint_auth_signing_alg', 'authorization_signed_response_alg', 'backchannel_token_delivery_mode', 'client_secret'],
]
const URIS = [
  ...['https://tpp.example/cb', 'https://other.example/cb', 'http://tpp.example/cb', 'http://127.0.0.1/cb', 'com.example.app:/cb'],
  ...['javascript:alert(1)', 'https://*.tpp.example/', 'https://me:pw@tpp.example/', 'https://tpp.example/#', 'https://tpp.example\\@x'],
]
const ALGORITHMS = ['PS256', 'ES256', 'EdDSA', 'RS256', 'HS256', 'none', 'RSA1_5', 'RSA-OAEP-256', 'ECDH-ES', 'A256GCM']
const METHODS = ['private_key_jwt', 'tls_client_auth', 'self_signed_tls_client_auth', 'client_secret_basic', 'client_secret_jwt', 'none']
const JWKS = [EC, RSA.publicJwk, ED.publicJwk, KEY.privateJwk, weakRsaJwk(), { kty: 'oct', k: 'AAAA' }, { ...EC, use: 'enc', kid: 'e' }]

const key = fc.oneof(
  { weight: 6, arbitrary: fc.constantFrom(...JWKS) },
  fc
    .tuple(fc.constantFrom(...JWKS), fc.dictionary(fc.constantFrom('kty', 'crv', 'x', 'n', 'e', 'd', 'kid', 'use', 'x5c'), fc.jsonValue()))
    .map(([jwk, change]) => ({ ...jwk, ...change })),
)
const value = fc.oneof(
  fc.jsonValue(),
  fc.boolean(),
  fc.string({ unit: 'binary' }),
  fc.constantFrom(...URIS, ...ALGORITHMS, ...METHODS, 'web', 'native', 'public', 'pairwise', 'CN=tpp', '192.0.2.1', null, ''),
  fc.subarray(URIS),
  fc.subarray([
    'code',
    'id_token',
    'code id_token',
    'token',
    'authorization_code',
    'implicit',
    'refresh_token',
    'client_credentials',
    'jwt',
  ]),
  fc.array(key, { maxLength: 3 }).map((keys) => ({ keys })),
)
const change = fc.dictionary(fc.constantFrom(...NAMES), value, { maxKeys: 4 })
/** Honest metadata with a few things changed, so that some are taken and some are not. */
const metadata: fc.Arbitrary<Metadata> = change.map((changed) => ({ ...honest, ...changed }))

const RUNS = { numRuns: 1000 }

test('it never throws, whatever JSON it is given, and says something fit to be sent', () => {
  const anything = fc.oneof(
    metadata,
    fc.dictionary(fc.oneof(fc.constantFrom(...NAMES), fc.string()), value),
    fc.object() as fc.Arbitrary<Metadata>,
  )
  fc.assert(
    fc.property(anything, (given) => {
      for (const { error, description } of metadataFaults(given)) {
        expect(['invalid_client_metadata', 'invalid_redirect_uri']).toContain(error)
        expect(description.length).toBeLessThanOrEqual(303)
      }
    }),
    RUNS,
  )
})

test('it says the same twice, writes to nothing, and takes null and an empty string for nothing', () => {
  fc.assert(
    fc.property(metadata, fc.constantFrom(null, '', undefined), (given, nothing) => {
      const before = structuredClone(given)
      const faults = metadataFaults(given)
      const absent = Object.fromEntries(NAMES.filter((name) => !(name in given)).map((name) => [name, nothing]))
      expect(metadataFaults({ ...absent, ...given })).toEqual(faults)
      expect(given).toEqual(before)
    }),
    RUNS,
  )
})

test('what it takes and a profile takes has nothing in it that no client may have', () => {
  const counted = { taken: 0, refused: 0 }
  fc.assert(
    fc.property(metadata, fc.constantFrom(...PROFILES), (changed, profile) => {
      const given = { ...profile.defaults.client, dpop_bound_access_tokens: profile.generation === '2.0', ...changed }
      const faults = [...metadataFaults(given), ...judge(profile, 'registration', { client: clientFacts(given) })]
      if (faults.length > 0) return void counted.refused++
      counted.taken++
      const { redirect_uris, jwks, jwks_uri } = clientFacts(given)
      for (const uri of redirect_uris) {
        const { protocol, hash, username, password, hostname } = new URL(uri)
        const isLoopback = profile.generation === '2.0' && 'application_type' in given && hostname === '127.0.0.1'
        expect(isLoopback ? 'https:' : protocol).toBe('https:')
        expect([hash, username, password, uri.includes('*'), uri.includes('\\')]).toEqual(['', '', '', false, false])
      }
      expect(new Set(redirect_uris).size).toBe(redirect_uris.length)
      for (const one of jwks?.keys ?? []) {
        expect(Object.keys(one).filter((member) => ['d', 'p', 'q', 'k'].includes(member))).toEqual([])
        expect(one.kty).not.toBe('oct')
      }
      expect(Boolean(jwks) && Boolean(jwks_uri)).toBe(false)
    }),
    RUNS,
  )
  // Otherwise nothing has been shown.
  expect(counted.taken).toBeGreaterThan(50)
  expect(counted.refused).toBeGreaterThan(50)
})

test('no secret comes back in what it says', () => {
  const secret = 'hunter2hunter2'
  const hiding = fc.constantFrom<Metadata>(
    { client_secret: [secret] },
    { registration_access_token: { secret } },
    { software_statement: [secret] },
    { jwks: { keys: [{ ...EC, d: secret }] } },
    { jwks: { keys: [{ kty: 'oct', k: secret }] } },
    ...URIS.map((uri) => ({ redirect_uris: [uri.replace('://', `://me:${secret}@`), `${uri}?${secret}`] })),
    { post_logout_redirect_uris: [`javascript:${'x'.repeat(90)}${secret}`] },
    { client_uri: `https://me:${secret}@tpp.example` },
    { jwks_uri: `https://me:${secret}@tpp.example` },
  )
  fc.assert(
    fc.property(metadata, hiding, (given, hidden) => {
      expect(JSON.stringify(metadataFaults({ ...given, ...hidden }))).not.toContain(secret)
    }),
    { numRuns: 500 },
  )
})
