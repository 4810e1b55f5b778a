import { judge } from '../../lib/core/judge.js'
import { profileNamed, profiles } from '../../lib/profiles/index.js'
import { clientFacts } from '../../lib/readers/client-metadata.js'
import { CHOICE_FIELDS } from '../../lib/readiness/choice-fields.js'
import { type Choice, choicesOf, clientWith } from '../../lib/readiness/choices.js'
import { modeViolation } from '../../lib/readiness/response-modes.js'
import { sampleClient } from '../../lib/readiness/sample-client.js'
import { metadataFaults } from '../../lib/registration/metadata-faults.js'

const SIGNING = ['PS256', 'ES256']
const EVERYTHING = ['PS256', 'ES256', 'EdDSA', 'Ed25519', 'RS256']

const optionOf = (name: string | undefined, field: string, value: unknown): Choice => {
  const profile = name === undefined ? undefined : profileNamed(name)
  const found = choicesOf(profile, SIGNING)
    .find((one) => one.field === field)
    ?.options.find((option) => option.value === value)
  if (!found) throw new Error(`there is no ${value} of ${field}`)
  return found
}

describe.each(profiles.map((profile) => [profile.name, profile] as const))('%s', (_name, profile) => {
  const choices = choicesOf(profile, SIGNING)
  const options = choices.flatMap(({ field, options }) => options.map((option) => [`${field} ${option.value}`, option] as const))

  test('the client that options are put into is compliant', () => {
    const metadata = sampleClient(profile, SIGNING)
    expect(judge(profile, 'registration', { client: clientFacts(metadata) })).toEqual([])
    expect(metadataFaults(metadata)).toEqual([])
  })

  test('every field with values has its choices, and there is always one', () => {
    expect(choices.map(({ field }) => field)).toEqual(CHOICE_FIELDS.map(({ field }) => field))
    expect(choices.filter(({ options }) => !options.some(({ available }) => available))).toEqual([])
  })

  test.each(options.filter(([, { available }]) => available))('%s can be had', (_option, option) => {
    const metadata = clientWith(profile, SIGNING, option)
    expect(metadata).toMatchObject(option.metadata)
    expect(judge(profile, 'registration', { client: clientFacts(metadata) })).toEqual([])
    expect(metadataFaults(metadata)).toEqual([])
    expect(option).not.toHaveProperty('why')
  })

  test.each(options.filter(([, { available }]) => !available))('%s is refused by what it names', (_option, option) => {
    const metadata = clientWith(profile, SIGNING, option)
    const { rule, stage, why } = option
    if (stage === 'authorization') {
      const [mode] = [metadata.response_modes].flat().map(String)
      expect(modeViolation(profile, metadata, 'code', mode)?.rule).toBe(rule)
    } else if (rule !== undefined) {
      const violation = judge(profile, 'registration', { client: clientFacts(metadata) }).find((one) => one.rule === rule)
      expect(violation).toMatchObject({ rule, clauses: option.clauses })
      expect(why).toBe(`${violation?.description}.`)
    } else {
      expect(judge(profile, 'registration', { client: clientFacts(metadata) })).toEqual([])
      const faults = metadataFaults(metadata).map(({ description }) => `${description}.`)
      expect([...faults, 'This server does not sign with it.']).toContain(why)
    }
  })

  test('what a client gets by default is among what it can have', () => {
    const wrong = choices.filter(({ byDefault, options }) =>
      [byDefault ?? []].flat().some((value) => !options.some((option) => option.value === value && option.available)),
    )
    expect(wrong).toEqual([])
  })
})

test.each([
  ['fapi1-baseline', 'token_endpoint_auth_method', 'client_secret_basic', 'authentication-methods'],
  ['fapi1-advanced', 'token_endpoint_auth_method', 'client_secret_basic', 'authentication-methods'],
  ['fapi1-advanced', 'token_endpoint_auth_method', 'client_secret_jwt', 'authentication-methods'],
  ['fapi1-advanced', 'token_endpoint_auth_method', 'none', 'confidential-clients'],
  ['fapi1-advanced', 'token_endpoint_auth_signing_alg', 'RS256', 'registered-algorithms'],
  ['fapi1-advanced', 'id_token_signed_response_alg', 'RS256', 'registered-algorithms'],
  ['fapi1-advanced', 'request_object_signing_alg', 'EdDSA', 'registered-algorithms'],
  ['fapi1-advanced', 'response_types', 'code token', 'client-response-types'],
  ['fapi1-advanced', 'response_modes', 'query', 'code-needs-jarm'],
  ['fapi1-advanced', 'request_object_encryption_alg', 'RSA1_5', 'no-rsa1-5-encryption'],
  ['fapi1-advanced', 'id_token_encrypted_response_alg', 'RSA1_5', 'no-rsa1-5-encryption'],
  ['fapi1-advanced', 'binding', 'none', 'certificate-bound-clients'],
  ['fapi1-advanced', 'binding', 'dpop', 'certificate-bound-clients'],
  ['fapi1-advanced', 'require_signed_request_object', false, 'clients-sign'],
  ['fapi2-security', 'response_types', 'code id_token', 'client-response-types'],
  ['fapi2-security', 'grant_types', 'implicit', 'client-response-types'],
  ['fapi2-security', 'require_pushed_authorization_requests', false, 'clients-push'],
  ['fapi2-security', 'binding', 'none', 'sender-constrained-clients'],
  ['fapi2-security', 'token_endpoint_auth_method', 'client_secret_post', 'authentication-methods'],
  ['fapi2-message-signing', 'request_object_signing_alg', 'none', 'registered-algorithms'],
])('%s: %s %s is refused by %s', (profile, field, value, rule) => {
  const option = optionOf(profile, field, value)
  expect(option).toMatchObject({ available: false, rule })
  expect(option.why).toMatch(/\.$/)
  expect(option.clauses?.length).toBeGreaterThan(0)
})

test.each([
  ['fapi1-baseline', 'token_endpoint_auth_method', 'client_secret_jwt'],
  ['fapi1-baseline', 'token_endpoint_auth_method', 'none'],
  ['fapi1-baseline', 'binding', 'none'],
  ['fapi1-advanced', 'token_endpoint_auth_method', 'self_signed_tls_client_auth'],
  ['fapi1-advanced', 'token_endpoint_auth_signing_alg', 'ES256'],
  ['fapi1-advanced', 'response_types', 'code id_token'],
  ['fapi1-advanced', 'response_modes', 'jwt'],
  ['fapi1-advanced', 'require_pushed_authorization_requests', false],
  ['fapi1-advanced', 'id_token_encrypted_response_alg', 'RSA-OAEP-256'],
  ['fapi2-security', 'token_endpoint_auth_signing_alg', 'EdDSA'],
  ['fapi2-security', 'require_signed_request_object', false],
  ['fapi2-security', 'binding', 'dpop'],
  ['fapi2-security', 'binding', 'certificate'],
  ['fapi2-security', 'response_modes', 'query'],
])('%s: %s %s can be had', (profile, field, value) => {
  expect(optionOf(profile, field, value)).toMatchObject({ available: true })
})

test.each([
  ['fapi1-advanced', 'response_types', 'code', { field: 'response_modes', values: ['jwt'] }],
  ['fapi1-advanced', 'response_modes', 'fragment', { field: 'response_types', values: ['code id_token'] }],
  ['fapi1-advanced', 'grant_types', 'implicit', { field: 'response_types', values: ['code id_token'] }],
  ['fapi2-security', 'token_endpoint_auth_method', 'tls_client_auth', { field: 'tls_client_auth_subject_dn' }],
  [undefined, 'token_endpoint_auth_signing_alg', 'HS256', { field: 'token_endpoint_auth_method', values: ['client_secret_jwt'] }],
  [undefined, 'response_types', 'id_token', { field: 'grant_types', values: ['implicit'] }],
  [undefined, 'id_token_encrypted_response_enc', 'A256GCM', { field: 'id_token_encrypted_response_alg' }],
])('%s: %s %s goes with something else', (profile, field, value, need) => {
  expect(optionOf(profile, field, value).needs).toEqual([need])
})

test.each([
  ['fapi1-advanced', 'response_types', 'code id_token'],
  ['fapi1-advanced', 'response_modes', 'jwt'],
  ['fapi2-security', 'response_types', 'code'],
  ['fapi2-security', 'token_endpoint_auth_method', 'private_key_jwt'],
])('%s: %s %s goes by itself', (profile, field, value) => {
  expect(optionOf(profile, field, value)).not.toHaveProperty('needs')
})

test('who is held to no profile can have whatever this server knows', () => {
  const choices = choicesOf(undefined, EVERYTHING)
  const refused = choices.flatMap(({ field, options }) =>
    options
      .filter(({ available, why }) => !available && why !== 'This server does not sign with it.')
      .map(({ value }) => `${field} ${value}`),
  )
  expect(refused).toEqual(
    ['request_object_encryption', 'authorization_encrypted_response', 'id_token_encrypted_response', 'userinfo_encrypted_response']
      .concat('introspection_encrypted_response')
      .map((what) => `${what}_alg RSA1_5`),
  )
})

test.each([
  ['id_token_signed_response_alg', 'EdDSA'],
  ['authorization_signed_response_alg', 'Ed25519'],
  ['userinfo_signed_response_alg', 'EdDSA'],
])('what the server has no key for, it does not offer: %s %s', (field, value) => {
  const profile = profileNamed('fapi2-security')
  const found = (algorithms: readonly string[]) =>
    choicesOf(profile, algorithms)
      .find((one) => one.field === field)
      ?.options.find((option) => option.value === value)
  expect(found(SIGNING)).toMatchObject({ available: false, why: 'This server does not sign with it.' })
  expect(found(SIGNING)).not.toHaveProperty('rule')
  expect(found([...SIGNING, value])).toMatchObject({ available: true })
})

test('with the metadata of the server, what it does not list is not available, and what no list is for stays', () => {
  const profile = profileNamed('fapi2-security')
  const supported = { token_endpoint_auth_methods_supported: ['private_key_jwt', 'client_secret_basic'] }
  const options = choicesOf(profile, SIGNING, supported)
  const of = (field: string, value: unknown) => options.find((one) => one.field === field)?.options.find((option) => option.value === value)
  expect(of('token_endpoint_auth_method', 'private_key_jwt')).toMatchObject({ available: true })
  expect(of('token_endpoint_auth_method', 'tls_client_auth')).toMatchObject({ available: false, why: 'This server does not offer it.' })
  expect(of('token_endpoint_auth_method', 'client_secret_basic')).toMatchObject({ rule: 'authentication-methods' })
  expect(of('id_token_encrypted_response_alg', 'RSA-OAEP-256')).toMatchObject({ available: false })
  expect(of('subject_type', 'pairwise')).toMatchObject({ available: false })
  expect(of('application_type', 'native')).toMatchObject({ available: true })
})

test.each([
  ['binding', 'dpop', { dpop_signing_alg_values_supported: ['ES256'] }, { dpop_signing_alg_values_supported: [] }],
  ['binding', 'certificate', { tls_client_certificate_bound_access_tokens: true }, {}],
  ['require_pushed_authorization_requests', true, { pushed_authorization_request_endpoint: 'https://as.example/par' }, {}],
  ['require_signed_request_object', true, { request_parameter_supported: true }, { request_parameter_supported: false }],
])('what no list is for can be lacking too: %s %s', (field, value, offered, lacking) => {
  const of = (supported: Readonly<Record<string, unknown>>) =>
    choicesOf(profileNamed('fapi2-security'), SIGNING, supported)
      .find((one) => one.field === field)
      ?.options.find((option) => option.value === value)?.available
  expect([of(offered), of(lacking)]).toEqual([true, false])
})

test('choices are worked out once, and nobody can change them for others', () => {
  const profile = profileNamed('fapi2-security')
  expect(choicesOf(profile, SIGNING)).toBe(choicesOf(profile, [...SIGNING]))
  expect(choicesOf(profile, ['ES256'])).not.toBe(choicesOf(profile, SIGNING))
  expect(Object.isFrozen(choicesOf(profile, SIGNING)[0]?.options)).toBe(true)
})
