import { judge } from '../../lib/core/judge.js'
import { profileNamed, profiles } from '../../lib/profiles/index.js'
import { clientFacts } from '../../lib/readers/client-metadata.js'
import { choicesOf, clientWith } from '../../lib/readiness/choices.js'
import { readinessOf } from '../../lib/readiness/readiness.js'
import { sampleClient } from '../../lib/readiness/sample-client.js'
import { metadataFaults } from '../../lib/registration/metadata-faults.js'
import { mintKey, weakRsaJwk } from '../support/keys.js'

type Metadata = Readonly<Record<string, unknown>>

const SIGNING = ['PS256', 'ES256']
const EC = mintKey()

const violationsOf = (metadata: Metadata, profile: string, before: Metadata) =>
  judge(profileNamed(profile), 'registration', { client: clientFacts(metadata), current: clientFacts(before) })

/** Registered long ago, under no profile. */
const plain: Metadata = {
  ...{ client_id: 'old', redirect_uris: ['https://tpp.example/cb'], grant_types: ['authorization_code'], response_types: ['code'] },
  ...{ token_endpoint_auth_method: 'client_secret_basic', id_token_signed_response_alg: 'RS256', userinfo_signed_response_alg: 'RS256' },
}
const keyed: Metadata = { ...plain, jwks: { keys: [EC.publicJwk] } }
const hybrid: Metadata = {
  ...{ client_id: 'hybrid', redirect_uris: ['https://tpp.example/cb'], response_types: ['code id_token'] },
  ...{ grant_types: ['authorization_code', 'implicit', 'refresh_token'], jwks: { keys: [EC.publicJwk] } },
  ...{ token_endpoint_auth_method: 'private_key_jwt', tls_client_certificate_bound_access_tokens: true },
  ...{ require_signed_request_object: true, request_object_signing_alg: 'ES256', id_token_signed_response_alg: 'ES256' },
}

test('a FAPI 1.0 Advanced client moves to FAPI 2.0 by the changes that are proposed', () => {
  expect(readinessOf(hybrid, profileNamed('fapi1-advanced'), SIGNING)).toMatchObject({ ready: true, breaks: [], changed: hybrid })
  const { ready, breaks, changed } = readinessOf(hybrid, profileNamed('fapi2-security'), SIGNING)
  expect(ready).toBe(false)
  expect(breaks.map(({ rule, change }) => [rule, change])).toEqual([
    ['client-response-types', { response_types: ['code'], grant_types: ['authorization_code', 'refresh_token'] }],
    ['clients-push', { require_pushed_authorization_requests: true }],
  ])
  expect(breaks[1]?.clauses).toEqual(['FAPI2-SP-5.3.2.2-3'])
  expect(violationsOf(changed, 'fapi2-security', hybrid)).toEqual([])
  expect(metadataFaults(changed)).toEqual([])
  expect(changed.tls_client_certificate_bound_access_tokens).toBe(true)
  expect(readinessOf(changed, profileNamed('fapi2-security'), SIGNING).ready).toBe(true)
})

test.each([
  ['an old client with a key', keyed, 'fapi2-security', { token_endpoint_auth_method: 'private_key_jwt', dpop_bound_access_tokens: true }],
  [
    'an old client with a key',
    keyed,
    'fapi1-advanced',
    { tls_client_certificate_bound_access_tokens: true, require_signed_request_object: true },
  ],
  [
    'one that signs assertions with its secret',
    { ...keyed, token_endpoint_auth_method: 'client_secret_jwt', token_endpoint_auth_signing_alg: 'HS256' },
    'fapi2-security',
    { token_endpoint_auth_method: 'private_key_jwt', token_endpoint_auth_signing_alg: 'ES256' },
  ],
  [
    'one of mutual TLS',
    { ...plain, token_endpoint_auth_method: 'tls_client_auth', tls_client_auth_subject_dn: 'CN=tpp' },
    'fapi2-security',
    { tls_client_certificate_bound_access_tokens: true },
  ],
  [
    'one that only knows plain responses',
    { ...hybrid, response_types: ['code'], grant_types: ['authorization_code'], response_modes: ['query'] },
    'fapi1-advanced',
    { response_modes: ['query', 'jwt'] },
  ],
])('%s: %j becomes compliant with %s', (_who, client, profile, wanted) => {
  const { ready, breaks, changed } = readinessOf(client, profileNamed(profile), SIGNING)
  expect(ready).toBe(false)
  expect(breaks.filter(({ change }) => change === undefined)).toEqual([])
  expect(changed).toMatchObject(wanted)
  expect(violationsOf(changed, profile, client)).toEqual([])
  expect(metadataFaults(changed)).toEqual([])
})

test('algorithms that break one rule are changed together, to what the server signs with', () => {
  const { breaks, changed } = readinessOf(keyed, profileNamed('fapi2-security'), ['ES256'])
  const { change } = breaks.find(({ rule }) => rule === 'registered-algorithms') ?? {}
  expect(Object.keys(change ?? {}).sort()).toEqual(['id_token_signed_response_alg', 'userinfo_signed_response_alg'])
  expect(changed.id_token_signed_response_alg).toBe('ES256')
})

test('an algorithm that the profile allows and the server has no key for is changed too', () => {
  const client = { ...hybrid, id_token_signed_response_alg: 'PS256' }
  const { breaks, changed } = readinessOf(client, profileNamed('fapi1-advanced'), ['ES256'])
  expect(breaks).toMatchObject([{ rule: 'metadata', clauses: [], change: { id_token_signed_response_alg: 'ES256' } }])
  expect(changed.id_token_signed_response_alg).toBe('ES256')
})

test.each([
  ['a client without a key', plain, 'authentication-methods', /jwks_uri or jwks must be given/],
  ['a key that is too short', { ...hybrid, jwks: { keys: [EC.publicJwk, weakRsaJwk()] } }, 'strong-keys', /2048/],
  ['a redirect URI without TLS', { ...hybrid, redirect_uris: ['http://tpp.example/cb'] }, 'https-redirect-uris', /./],
])('%s is for a person to mend', (_what, client, rule, says) => {
  const found = readinessOf(client, profileNamed('fapi2-security'), SIGNING)
  const broken = found.breaks.find((one) => one.rule === rule)
  expect(broken).not.toHaveProperty('change')
  expect(broken?.mend).toMatch(says)
  expect(violationsOf(found.changed, 'fapi2-security', client).map((one) => one.rule)).toContain(rule)
})

test('encryption for which there is no key is not given up', () => {
  const client = { ...hybrid, id_token_encrypted_response_alg: 'RSA-OAEP' }
  const { breaks, changed } = readinessOf(client, profileNamed('fapi2-security'), SIGNING)
  expect(breaks.filter(({ change }) => !change)).toMatchObject([{ rule: 'metadata', mend: expect.stringMatching(/./) }])
  expect(changed.id_token_encrypted_response_alg).toBe('RSA-OAEP')
  const rsa = { ...mintKey('PS256').publicJwk, use: 'enc' }
  const withKey = { ...client, id_token_encrypted_response_alg: 'RSA1_5', jwks: { keys: [EC.publicJwk, rsa] } }
  expect(readinessOf(withKey, profileNamed('fapi2-security'), SIGNING).changed.id_token_encrypted_response_alg).toBe('RSA-OAEP-256')
})

test('nothing is said twice, and no two changes contradict each other', () => {
  const client = {
    ...{ ...keyed, redirect_uris: ['http://tpp.example/cb'], grant_types: ['authorization_code', 'implicit'], response_modes: ['query'] },
    ...{ response_types: ['code', 'code id_token token'], id_token_encrypted_response_alg: 'RSA1_5', tls_client_auth_subject_dn: 'x' },
  }
  for (const profile of profiles) {
    const { breaks, changed } = readinessOf(client, profile, SIGNING)
    for (const { change = {} } of breaks)
      expect(Object.keys(change).map((name) => [name, change[name]])).toEqual(
        Object.keys(change).map((name) => [name, changed[name] ?? null]),
      )
    const fields = breaks.flatMap(({ description }) =>
      ['must not be RSA1_5', 'id_token_signed_response_alg'].filter((word) => description.includes(word)),
    )
    expect(fields).toEqual([...new Set(fields)])
  }
})

test('protections are never taken back on the way', () => {
  const client = { ...hybrid, response_types: ['code'], grant_types: ['authorization_code'], response_modes: ['jwt'] }
  const { changed } = readinessOf(client, profileNamed('fapi2-security'), SIGNING)
  expect(changed).toMatchObject({ response_modes: ['jwt'], require_signed_request_object: true })
})

test('clauses hold that look at metadata and break by nothing', () => {
  const { holds, breaks } = readinessOf(hybrid, profileNamed('fapi2-security'), SIGNING)
  const broken = breaks.flatMap(({ clauses }) => clauses)
  expect(holds.find(({ clause }) => clause === 'FAPI2-SP-5.3.2.1-3')).toEqual({
    clause: 'FAPI2-SP-5.3.2.1-3',
    rules: ['confidential-clients'],
  })
  expect(holds.filter(({ clause }) => broken.includes(clause))).toEqual([])
  expect(holds.map(({ clause }) => clause)).not.toContain('FAPI2-SP-5.3.2.2-5')
})

test('what has to go is null, so that it can be sent', () => {
  const client = { ...hybrid, tls_client_auth_subject_dn: 'CN=tpp' }
  const { breaks, changed } = readinessOf(client, profileNamed('fapi1-advanced'), SIGNING)
  expect(breaks).toMatchObject([{ rule: 'metadata', change: { tls_client_auth_subject_dn: null } }])
  expect(changed).not.toHaveProperty('tls_client_auth_subject_dn')
})

test('what the server does not offer is not proposed', () => {
  const client = { ...keyed, token_endpoint_auth_method: 'client_secret_jwt' }
  const supported = { token_endpoint_auth_methods_supported: ['self_signed_tls_client_auth'] }
  const of = (server?: Metadata) =>
    readinessOf(client, profileNamed('fapi2-security'), SIGNING, server).breaks.find(({ rule }) => rule === 'authentication-methods')
  expect(of()?.change).toEqual({ token_endpoint_auth_method: 'private_key_jwt' })
  expect(of(supported)).not.toHaveProperty('change')
})

test('what is handed in is not written to', () => {
  const before = structuredClone(keyed)
  readinessOf(keyed, profileNamed('fapi2-security'), SIGNING)
  expect(keyed).toEqual(before)
})

describe.each(profiles.flatMap((from) => profiles.filter((to) => to !== from).map((to) => [from.name, to.name] as const)))(
  'from %s to %s',
  (from, to) => {
    const options = choicesOf(profileNamed(from), SIGNING)
      .filter(({ field }) => /method|grant_types|response_types|response_modes|binding|request_object_signing_alg|^require/.test(field))
      .flatMap(({ field, options }) =>
        options.filter(({ available }) => available).map((option) => [`${field} ${option.value}`, option] as const),
      )

    test.each(options)('with %s: what is proposed mends what it is for, and the rest is in words', (_option, option) => {
      const client = clientWith(profileNamed(from), SIGNING, option)
      const { breaks, changed, ready } = readinessOf(client, profileNamed(to), SIGNING)
      const left = breaks.filter(({ change }) => change === undefined)
      expect(left.filter(({ mend }) => !mend)).toEqual([])
      expect(violationsOf(changed, to, client).map(({ rule }) => rule)).toEqual(
        left.map(({ rule }) => rule).filter((rule) => rule !== 'metadata' && rule !== 'code-needs-jarm'),
      )
      expect(readinessOf(changed, profileNamed(to), SIGNING).ready).toBe(left.length === 0)
      expect(ready).toBe(breaks.length === 0)
    })
  },
)

test('a client that is compliant is ready for its own profile', () => {
  const unready = profiles.filter((profile) => !readinessOf(sampleClient(profile, SIGNING), profile, SIGNING).ready)
  expect(unready).toEqual([])
})
