import { forbiddenInUpdate, metadataFaults } from '../../lib/registration/metadata-faults.js'
import type { Metadata } from '../support/registration.js'
import { EC, honest, jwks, uris } from './metadata-rows.js'

test('an honest client is taken', () => {
  expect(metadataFaults(honest)).toEqual([])
})

test('fields that nobody knows are ignored, whatever is in them', () => {
  const unknown = { shoe_size: 42, ext_pkce: [null], 'client_name#': 7, 'client_name#not a tag': 7, 'shoe#de': 7, webhook_uris: 'x' }
  expect(metadataFaults({ ...honest, ...unknown, ...JSON.parse('{"__proto__":{"jwks_uri":7},"constructor":7,"toString":null}') })).toEqual(
    [],
  )
})

test('every fault is told, each with its field', () => {
  const faults = metadataFaults({
    ...uris('http://tpp.example/#x', 'javascript:x'),
    ...{
      token_endpoint_auth_method: 'private_key_jwt',
      scope: '"',
      subject_type: 'x',
      default_max_age: 'x',
      userinfo_encrypted_response_enc: 'x',
    },
  })
  expect(faults.map(({ error, description }) => `${error}: ${description}`)).toEqual([
    'invalid_client_metadata: default_max_age must be whole seconds, 0 or more',
    'invalid_redirect_uri: http://tpp.example/#x in redirect_uris must have no fragment',
    'invalid_redirect_uri: javascript:x in redirect_uris must not have the scheme javascript:',
    'invalid_client_metadata: jwks_uri or jwks must be given, because of token_endpoint_auth_method private_key_jwt',
    'invalid_client_metadata: subject_type must be one of public, pairwise',
    expect.stringContaining('scope must be words'),
    'invalid_client_metadata: userinfo_encrypted_response_enc must only be given with userinfo_encrypted_response_alg',
  ])
})

test('of a hundred that are wrong five are told, and the others counted', () => {
  const faults = metadataFaults({ ...honest, ...uris(...Array.from({ length: 100 }, (_, index) => `x${index}`)) })
  expect(faults.map(({ description }) => description.split(' ')[0])).toEqual(['x0', 'x1', 'x2', 'x3', 'x4', 'redirect_uris'])
  expect(faults.at(-1)?.description).toBe('redirect_uris has 95 more that are wrong')
})

test.each<[string, Metadata]>([
  ['a password in a redirect URI', uris('https://me:hunter2@tpp.example/cb', 'https://me:@hunter2@tpp.example/#x')],
  ['a long password', uris(`https://me:${'hunter2'.repeat(100)}@tpp.example/cb`)],
  ['a secret in a query', uris('https://tpp.example/cb?secret=hunter2#x')],
  ['a symmetric key', jwks({ kty: 'oct', k: 'hunter2' })],
  ['a private key', jwks({ ...EC, d: 'hunter2' })],
  ['a secret', { client_secret: ['hunter2'], registration_access_token: { hunter2: 1 }, software_statement: ['hunter2'] }],
])('no fault repeats %s', (_what, metadata) => {
  const faults = metadataFaults({ ...honest, ...metadata })
  expect(faults).not.toEqual([])
  expect(JSON.stringify(faults)).not.toContain('hunter2')
})

test('what is huge is cut', () => {
  const huge = 'x'.repeat(60_000)
  const faults = metadataFaults({
    ...{ ...honest, ...uris(huge), ...jwks({ ...EC, kid: huge, crv: huge }), token_endpoint_auth_signing_alg: huge, scope: `${huge}"` },
    ...{ [`client_name#${'x-'.repeat(20_000)}x`]: 7, tls_client_auth_subject_dn: huge },
  })
  expect(faults.length).toBeGreaterThan(4)
  expect(Math.max(...faults.map(({ description }) => description.length))).toBeLessThanOrEqual(303)
})

test.each(['registration_access_token', 'registration_client_uri', 'client_secret_expires_at', 'client_id_issued_at'])(
  'RFC7592-2.2-b %s must not be in an update, whatever its value',
  (name) => {
    for (const value of ['x', 7, '', null, undefined, {}])
      expect(forbiddenInUpdate({ ...honest, [name]: value })).toEqual([
        { error: 'invalid_client_metadata', description: `${name} must not be in an update: the server alone sets it` },
      ])
    expect(forbiddenInUpdate({ ...honest, client_id: 'x', client_secret: 'x' })).toEqual([])
  },
)
