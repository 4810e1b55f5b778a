import { jest } from '@jest/globals'
import fc from 'fast-check'
import { OAUTH_ERRORS } from '../../lib/core/errors.js'
import { type ExplainedViolation, explain } from '../../lib/core/explanation.js'
import { createPolicy } from '../../lib/core/policy.js'
import { rulesOf } from '../../lib/core/profile.js'
import { refusalNamed } from '../../lib/core/refusals/index.js'
import { refusalWorded } from '../../lib/core/refusals/wordings.js'
import { specificationOf } from '../../lib/core/specifications.js'
import type { Verdict } from '../../lib/core/verdict.js'
import { fapi1Advanced, fapi1Baseline, fapi2MessageSigning, fapi2Security, profiles } from '../../lib/profiles/index.js'
import { legalFacts } from '../rules/facts.js'
import { brokenRule, clientNamed, failingRule, profileOf, recording } from './support.js'

const violation = {
  rule: 'pkce-s256',
  clauses: ['FAPI2-SP-5.3.2.2-5'],
  error: 'invalid_request',
  description: 'code_challenge is required',
} as const

const verdict: Verdict = {
  at: 1_763_843_999,
  stage: 'par',
  profile: 'fapi2-security',
  client: 'client-1',
  interaction: 'c770aef3-6784-41f7-8e0e-ff5f97bddb3a',
  mode: 'enforce',
  by: 'rules',
  violations: [violation],
  rejection: violation,
}

/** The verdict as a journal gives it back. */
const stored = (one: Verdict): Verdict => JSON.parse(JSON.stringify(one))

const first = (one: Verdict, known = profiles): ExplainedViolation | undefined => explain(one, known).violations[0]

/** What came of a refusal by the server underneath. */
const refusedByServer = (error: string, description: string, more: Partial<Verdict['violations'][number]> = {}): Verdict => {
  const one = { rule: 'server', clauses: [], error: error as 'invalid_client', description, ...more }
  return { ...verdict, by: 'server', violations: [one], rejection: one }
}

test('a refusal is told with what would be right and what to do', () => {
  expect(explain(verdict, profiles)).toStrictEqual({
    at: 1_763_843_999,
    stage: 'par',
    mode: 'enforce',
    refused: true,
    client: 'client-1',
    interaction: 'c770aef3-6784-41f7-8e0e-ff5f97bddb3a',
    profile: { name: 'fapi2-security', title: 'FAPI 2.0 Security Profile' },
    by: 'rules',
    violations: [
      {
        rule: 'pkce-s256',
        clauses: [{ clause: 'FAPI2-SP-5.3.2.2-5', specification: 'FAPI 2.0 Security Profile', link: fapi2Security.spec }],
        error: 'invalid_request',
        expected: 'Authorization requests carry a PKCE challenge made with S256.',
        got: 'code_challenge is required',
        mend: 'Make a random code_verifier of 43 to 128 characters for each request, and send code_challenge = BASE64URL(SHA-256(code_verifier)) with code_challenge_method=S256.',
        answered: true,
      },
    ],
  })
})

test('it is the same for a verdict that comes out of a journal', () => {
  expect(explain(stored(verdict), profiles)).toStrictEqual(explain(verdict, profiles))
})

describe('what was answered', () => {
  const waived = { ...violation, rule: 'redirect-uri-given', waived: 'Until they have moved.' }
  const other = { ...violation, rule: 'response-types', error: 'unsupported_response_type' } as const

  test.each([
    ['comes first', { violations: [other, violation] }, ['pkce-s256 true', 'response-types false']],
    ['is one of two that are the same', { violations: [violation, violation] }, ['pkce-s256 true', 'pkce-s256 false']],
    ['is told even if it is not among what was broken', { violations: [other] }, ['pkce-s256 true', 'response-types false']],
    ['is nothing in report mode', { mode: 'report', rejection: undefined }, ['pkce-s256 false']],
    ['is nothing where all is waived', { violations: [waived], rejection: undefined }, ['redirect-uri-given false']],
    ['is not what is waived', { violations: [{ ...violation, waived: 'So.' }, violation] }, ['pkce-s256 true', 'pkce-s256 false']],
  ] as const)('%s', (_what, more, expected) => {
    const { violations, refused } = explain(stored({ ...verdict, ...more }), profiles)
    expect(violations.map(({ rule, answered }) => `${rule} ${answered}`)).toEqual(expected)
    expect(refused).toBe(violations.some(({ answered }) => answered))
  })

  test('a waiver is told with its reason', () => {
    expect(first({ ...verdict, violations: [waived], rejection: undefined })?.waived).toBe('Until they have moved.')
    expect(first(verdict)).not.toHaveProperty('waived')
  })
})

describe('the rule is that of the profile that judged', () => {
  const responseTypes = { ...violation, rule: 'response-types', clauses: [] }
  const broken: Verdict = { ...verdict, violations: [responseTypes], rejection: responseTypes }

  test.each([
    ['fapi2-security', 'The response type is code.', 'Send response_type=code.'],
    ['fapi1-advanced', 'The response type is code or code id_token.', 'Send response_type=code or response_type=code id_token.'],
    ['of-another-version', undefined, undefined],
    [undefined, undefined, undefined],
  ])('%s', (profile, expected, mend) => {
    expect(first({ ...broken, profile })).toMatchObject({ expected, mend })
  })

  test('and of several that the clause is of', () => {
    const boot: Verdict = { ...verdict, stage: 'configuration', profile: 'fapi1-advanced fapi2-security' }
    const expectedFor = (clause: string) => {
      const one = { ...violation, rule: 'server-response-types', clauses: [clause] }
      return first({ ...boot, violations: [one], rejection: one })?.expected
    }
    expect(expectedFor('FAPI1-ADV-5.2.2-2')).toBe('The server offers no other response type than code, code id_token.')
    expect(expectedFor('FAPI2-SP-5.3.2.2-1')).toBe('The server offers no other response type than code.')
  })

  test('or of all, where they agree', () => {
    expect(first({ ...verdict, profile: 'of-another-version' })?.mend).toMatch(/^Make a random code_verifier/)
  })

  test('a rule nobody knows has neither', () => {
    const one = { ...violation, rule: 'rule-of-the-future' }
    expect(first({ ...verdict, violations: [one], rejection: one })).toMatchObject({
      expected: undefined,
      mend: undefined,
      got: violation.description,
    })
  })
})

test('several profiles at boot are all named', () => {
  const one = { ...violation, rule: 'https-issuer', clauses: ['FAPI1-BASE-7.1'] }
  const boot: Verdict = { ...verdict, stage: 'configuration', profile: 'fapi1-baseline fapi2-security', violations: [one], rejection: one }
  const { profile, violations } = explain(boot, profiles)
  expect(profile).toEqual({
    name: 'fapi1-baseline fapi2-security',
    title: 'FAPI 1.0 Part 1: Baseline, FAPI 2.0 Security Profile',
  })
  expect(violations[0]?.clauses[0]).toEqual({ clause: 'FAPI1-BASE-7.1', specification: fapi1Baseline.title, link: fapi1Baseline.spec })
})

describe('a clause', () => {
  const custom = profileOf('bank', { 'BANK-1': [brokenRule('a')] }, { title: 'Rules of the bank', spec: 'https://bank.example/rules' })

  test.each([
    ['its own document', 'FAPI2-SP-5.3.2.2-5', fapi2Security, fapi2Security.title, fapi2Security.spec],
    ['the document it is inherited from', 'FAPI2-SP-5.3.2.2-5', fapi2MessageSigning, fapi2Security.title, fapi2Security.spec],
    ['the document of FAPI 1.0 too', 'FAPI1-BASE-5.2.2-8', fapi1Advanced, fapi1Baseline.title, fapi1Baseline.spec],
    ['an RFC', 'RFC9449-11.1', fapi2Security, 'RFC 9449', 'https://www.rfc-editor.org/rfc/rfc9449'],
    ['the profile, for what we ask ourselves', 'server-checks', fapi2Security, fapi2Security.title, fapi2Security.spec],
    ['the profile of somebody else', 'BANK-1', custom, 'Rules of the bank', 'https://bank.example/rules'],
    ['a document even without a profile', 'FAPI1-ADV-8.2', undefined, fapi1Advanced.title, fapi1Advanced.spec],
    ['nothing where nobody knows', 'BANK-1', undefined, undefined, undefined],
    ['nothing for what only looks like an RFC', 'RFC9449/../x', undefined, undefined, undefined],
  ])('stands in %s', (_what, clause, profile, specification, link) => {
    const one = { ...violation, clauses: [clause] }
    const told = first({ ...verdict, profile: profile?.name, violations: [one], rejection: one }, profile ? [profile] : [])
    expect(told?.clauses[0]).toMatchObject({ clause, specification, link })
  })

  test('beyond the text says why it is asked for', () => {
    const one = { ...violation, clauses: ['RFC7592-2.2'] }
    expect(first({ ...verdict, violations: [one], rejection: one })?.clauses[0]?.why).toBe(fapi2Security.beyond['RFC7592-2.2']?.why)
  })

  test('of each profile stands in the document the profile names', () => {
    const prefixes = {
      'FAPI1-BASE-': fapi1Baseline,
      'FAPI1-ADV-': fapi1Advanced,
      'FAPI2-SP-': fapi2Security,
      'FAPI2-MS-': fapi2MessageSigning,
    }
    for (const [prefix, { title, spec }] of Object.entries(prefixes))
      expect(specificationOf(`${prefix}1`, undefined)).toEqual({ title, link: spec })
  })
})

describe('what was found', () => {
  test.each([
    ['is the description', { description: 'aud is wrong' }, 'aud is wrong'],
    [
      'has the detail',
      { description: 'client authentication failed', detail: 'no client tpp' },
      'client authentication failed (no client tpp)',
    ],
    ['is not told twice', { description: 'same', detail: 'same' }, 'same'],
    ['may be the detail alone', { description: '', detail: 'no client tpp' }, 'no client tpp'],
    [
      'has no credentials',
      { description: 'client_secret=hunter2', detail: 'sent Bearer abc123def' },
      'client_secret=[redacted, 7 characters] (sent Bearer [redacted, 9 characters])',
    ],
    [
      'names the client',
      { description: 'no client-1 with c770aef3-6784-41f7-8e0e-ff5f97bddb3a' },
      'no client-1 with c770aef3-6784-41f7-8e0e-ff5f97bddb3a',
    ],
  ])('%s', (_what, more, got) => {
    const one = { ...violation, ...more }
    expect(first({ ...verdict, violations: [one], rejection: one })?.got).toBe(got)
  })
})

describe('a refusal of the server', () => {
  test.each([
    ['invalid_client', 'the client assertion has been used, sign a new one for every request', 'assertion-once'],
    ['invalid_client', 'client assertion tokens must only be used once', 'assertion-once'],
    ['invalid_client', 'this client is suspended', 'client-not-suspended'],
    ['invalid_client', 'client not found', 'client-known'],
    ['invalid_client', 'the client certificate is not one of those registered', 'client-certificate'],
    ['invalid_client', 'the client certificate was not issued by an authority that is trusted for it', 'certificate-trusted'],
    ['invalid_client', 'the signature of the client assertion does not hold', 'assertion-signature'],
    ['invalid_client', 'the client assertion has expired', 'assertion-expired'],
    ['invalid_client', 'a client must not authenticate in two ways', 'one-authentication-method'],
    ['invalid_client', 'client authentication failed', 'client-authenticated'],
    ['use_dpop_nonce', 'the DPoP proof needs a nonce of this server', 'dpop-nonce'],
    ['invalid_dpop_proof', 'the DPoP proof has been used', 'dpop-once'],
    ['invalid_dpop_proof', 'htm of the DPoP proof is not the method of the request', 'dpop-method'],
    ['invalid_dpop_proof', 'DPoP proof htu mismatch', 'dpop-url'],
    ['invalid_dpop_proof', 'ath of the DPoP proof is not the hash of the access token', 'dpop-token-hash'],
    ['invalid_dpop_proof', 'iat of the DPoP proof is not recent enough', 'dpop-time'],
    ['invalid_dpop_proof', 'a DPoP proof is required', 'dpop-proof-given'],
    ['invalid_dpop_proof', 'the DPoP proof is no JWT', 'dpop-proof-readable'],
    ['invalid_dpop_proof', 'wrong', 'dpop-sound'],
    ['invalid_request_object', 'could not decrypt request object', 'request-object-decryption'],
    ['invalid_request_object', 'the request object is signed with another algorithm than is registered', 'request-object-registered-alg'],
    ['invalid_request_object', 'the request object is too long', 'request-object-readable'],
    ['invalid_grant', 'PKCE verification failed', 'code-verifier'],
    ['invalid_grant', 'redirect_uri is not the one of the authorization request', 'code-redirect-uri'],
    ['invalid_grant', 'the refresh token is bound to another key', 'refresh-token-binding'],
    ['invalid_grant', 'the authorization code is bound to another DPoP key', 'code-binding'],
    ['invalid_grant', 'the authorization code has been used', 'code-unused'],
    ['invalid_grant', 'grant request is invalid', 'grant-valid'],
    ['invalid_redirect_uri', 'redirect_uris is wrong', 'redirect-uris-registrable'],
    ['an_error_of_the_future', 'what', undefined],
    ['__proto__', 'what', undefined],
  ])('%s: %s', (error, description, id) => {
    const { summary, mend } = (id && refusalNamed(id)) || {}
    const told = first(refusedByServer(error, description))
    expect(told).toMatchObject({ rule: 'server', error, got: description, expected: summary, mend })
    expect(told?.clauses.length).toBe(id ? told?.clauses.length : 0)
  })

  test('by name has its clauses: those of the profile first, then those of RFCs', () => {
    const named = { rule: 'code-unused' }
    const clausesFor = (profile: string | undefined) =>
      first({ ...refusedByServer('invalid_grant', 'x', named), profile })?.clauses.map(({ clause }) => clause)
    expect(clausesFor('fapi2-security')).toEqual(['FAPI2-SP-5.3.2.2-9', 'RFC6749-4.1.2'])
    expect(clausesFor('fapi1-advanced')).toEqual(['FAPI1-BASE-5.2.2-13', 'RFC6749-4.1.2'])
    expect(clausesFor(undefined)).toEqual(['RFC6749-4.1.2'])
  })

  test('that a rule says as well is told by the rule', () => {
    const rule = { rule: 'assertion-audience-is-issuer', clauses: ['FAPI2-SP-5.3.2.1-8'] }
    expect(first(refusedByServer('invalid_client', 'audience (aud) is missing', rule))).toMatchObject({
      expected: 'The audience of client assertions is the issuer, as a plain string.',
      mend: expect.stringMatching(/^Set aud of the client assertion to the issuer/),
    })
  })

  test('has what was compared with what', () => {
    const named = { rule: 'client-certificate', detail: 'registered: CN=a; certificate: CN=b' }
    const told = first(refusedByServer('invalid_client', 'the client certificate is not the one registered for this client', named))
    expect(told?.mend).toMatch(/^Connect with the registered client certificate/)
    expect(told?.got).toBe('the client certificate is not the one registered for this client (registered: CN=a; certificate: CN=b)')
  })

  test('says nothing of a rule that a profile has judged by', () => {
    const future = { ...violation, rule: 'rule-of-the-future', error: 'invalid_client' as const }
    expect(first({ ...verdict, violations: [future], rejection: future })?.mend).toBeUndefined()
  })

  test.each(Object.keys(OAUTH_ERRORS))('with %s always has something to look at first', (error) => {
    expect(refusalWorded(error, '', 'always')).toBeDefined()
  })
})

describe('what a policy records', () => {
  test('of every broken rule is explained', () => {
    const rules = rulesOf(fapi2Security).map(([, rule]) => rule)
    expect(rules.length).toBeGreaterThan(0)
    for (const { id, summary, mend } of rules) {
      const one = { ...violation, rule: id }
      expect(first({ ...verdict, violations: [one], rejection: one })).toMatchObject({ expected: summary, mend })
    }
  })

  test('by a decision and by a note', () => {
    const { policy, verdicts } = recording({ profile: fapi2Security })
    policy.decide('par', { ...legalFacts.par, params: {} })
    policy.note({
      stage: 'token',
      client: clientNamed('one'),
      wire: undefined,
      error: 'invalid_grant',
      description: 'the authorization code has expired',
    })
    const [decided, noted] = verdicts.map((one) => explain(one, policy.profiles))
    expect(decided?.violations.map(({ mend }) => typeof mend)).toEqual(decided?.violations.map(() => 'string'))
    expect(decided?.violations.filter(({ answered }) => answered)).toHaveLength(1)
    expect(noted).toMatchObject({ refused: true, by: 'server', client: 'one', violations: [{ rule: 'code-not-expired', answered: true }] })
  })

  test.each([
    ['profile-chosen', createPolicy({ profiles: [fapi2Security], choose: () => fapi1Baseline })],
    ['judged', createPolicy({ profile: profileOf('p', { '1': [failingRule('a')] }) })],
  ])('when it cannot decide: %s', (rule, policy) => {
    const warned = jest.spyOn(process, 'emitWarning').mockImplementation(() => {})
    const told = policy.decide('token', legalFacts.token)
    warned.mockRestore()
    expect(told && first(told, policy.profiles)).toMatchObject({
      rule,
      expected: expect.any(String),
      mend: expect.stringContaining('FAPI_UNDECIDED'),
    })
  })
})

describe('what is forged or from another time', () => {
  const member = fc.oneof(
    fc.anything({ withNullPrototype: true, withBigInt: true, withDate: true, withMap: true, withSet: true }),
    fc.constantFrom('__proto__', 'constructor', 'toString', 'fapi2-security', 'server', 'rules', 'judged'),
  )
  const members = (names: readonly string[]) =>
    fc.oneof(member, fc.record(Object.fromEntries(names.map((name) => [name, fc.oneof(member, fc.array(member))])), { requiredKeys: [] }))
  const broken = members(['rule', 'clauses', 'error', 'description', 'detail', 'waived', 'setting'])
  const forged = fc.oneof(
    member,
    fc.record(
      {
        ...Object.fromEntries(['at', 'stage', 'mode', 'client', 'interaction', 'profile', 'by'].map((name) => [name, member])),
        rejection: broken,
        violations: fc.oneof(member, fc.array(broken)),
      },
      { requiredKeys: [] },
    ),
  )

  test('is explained as far as it goes, and can be told', () => {
    fc.assert(
      fc.property(forged, (one) => {
        const { violations, by, refused } = explain(one as Verdict, profiles)
        expect(['rules', 'server']).toContain(by)
        expect(typeof refused).toBe('boolean')
        for (const { rule, error, got, expected = '', mend = '' } of violations)
          for (const text of [rule, error, got, expected, mend]) expect(typeof text).toBe('string')
      }),
    )
  })

  test.each([[undefined], [null], [5], ['a'], [[]], [{}], [{ violations: [null, 5, 'a', []] }]])('%p is nothing much', (one) => {
    expect(explain(one as unknown as Verdict, profiles)).toMatchObject({ refused: false, profile: undefined, at: undefined, by: 'rules' })
  })

  test.each([['__proto__'], ['constructor'], ['toString']])('a rule named %s is none', (rule) => {
    expect(first({ ...verdict, violations: [{ ...violation, rule }], rejection: undefined })).toMatchObject({
      rule,
      expected: undefined,
      mend: undefined,
    })
  })

  test('is not written to', () => {
    const before = stored(verdict)
    explain(before, profiles)
    expect(before).toEqual(stored(verdict))
  })
})
