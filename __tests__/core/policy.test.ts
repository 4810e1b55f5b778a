import { jest } from '@jest/globals'
import { ConfigurationError } from '../../lib/core/errors.js'
import type { Client } from '../../lib/core/facts.js'
import { createPolicy } from '../../lib/core/policy.js'
import type { PolicyOptions } from '../../lib/core/policy-options.js'
import { clausesFor } from '../../lib/core/refusals/clauses.js'
import { type NamedRefusal, refusalNamed } from '../../lib/core/refusals/index.js'
import { fapi2Security } from '../../lib/profiles/index.js'
import { legalFacts } from '../rules/facts.js'
import { brokenRule, clientNamed, ERRORS, failingRule, profileOf, recording } from './support.js'

type Choose = Extract<PolicyOptions, { readonly choose: unknown }>['choose']

const { token, configuration, registration } = legalFacts
const one = profileOf('one', { '1.1': [brokenRule('a')] })
const two = profileOf('two', { '2.2': [brokenRule('a'), brokenRule('b')] })
const asClient = (client: Client) => ({ ...token, client })

/** By the client's own `fapi_profile`, as a bank does it. */
const byName = (client: Client) => [one, two].find(({ name }) => name === client.fapi_profile)
const partners = { profiles: [one, two], choose: byName }

const warnings: string[] = []
jest.spyOn(process, 'emitWarning').mockImplementation((...[warning, options]: readonly unknown[]) => {
  warnings.push(`${typeof options === 'object' && options !== null && 'code' in options ? options.code : ''}: ${warning}`)
})
beforeEach(() => warnings.splice(0))

describe('the answer to several violations', () => {
  const pairs = ERRORS.slice(1).map((later, index) => [ERRORS[index] ?? later, later] as const)

  test.each(pairs)('is %s rather than %s, whatever the order of the profile', (first, later) => {
    const rules = [brokenRule('first', { error: first }), brokenRule('later', { error: later })]
    for (const order of [rules, rules.toReversed()]) {
      const policy = createPolicy({ profile: profileOf('p', { '1': order }) })
      expect(policy.decide('token', token)?.rejection).toMatchObject({ rule: 'first', error: first })
    }
  })

  test('is the first of the profile where the errors are the same', () => {
    const policy = createPolicy({ profile: profileOf('p', { '1': [brokenRule('b'), brokenRule('a')] }) })
    expect(policy.decide('token', token)?.rejection?.rule).toBe('b')
  })

  test('is one of them; all are recorded in the order of the profile', () => {
    const rules = [brokenRule('a'), brokenRule('b', { error: 'invalid_client' }), brokenRule('c', { error: 'invalid_grant' })]
    const { policy, verdicts } = recording({ profile: profileOf('p', { '1': rules }) })
    const verdict = policy.decide('token', token)
    expect(verdicts).toEqual([verdict])
    expect(verdict?.violations.map(({ rule }) => rule)).toEqual(['a', 'b', 'c'])
    expect(verdict?.rejection?.rule).toBe('b')
  })
})

describe('a verdict', () => {
  test('says when, where, who and under what', () => {
    const { policy, verdicts } = recording({ profile: one })
    const wire = { ...token.wire, headers: { 'x-fapi-interaction-id': 'an id' } }
    policy.decide('token', { ...token, wire })
    const violation = { rule: 'a', clauses: ['1.1'], error: 'invalid_request', description: 'a is broken', waived: undefined }
    expect(verdicts).toEqual([
      {
        ...{ at: token.now, stage: 'token', profile: 'one', client: 'app', interaction: 'an id', mode: 'enforce', by: 'rules' },
        violations: [violation],
        rejection: violation,
      },
    ])
  })

  test('is the same for who only considers, and nothing is recorded', () => {
    const { policy, verdicts } = recording({ profile: two })
    const considered = policy.consider('token', token)
    expect(verdicts).toEqual([])
    expect({ ...policy.decide('token', token), at: 0 }).toEqual({ ...considered, at: 0 })
    expect(verdicts).toHaveLength(1)
  })

  test('is recorded for what passes, too', () => {
    const { policy, verdicts } = recording({ profile: profileOf('p', { '1': [brokenRule('a', { check: () => undefined })] }) })
    expect(policy.decide('token', token)).toMatchObject({ violations: [], rejection: undefined })
    expect(verdicts).toHaveLength(1)
  })

  test('has the time of the facts, or now where the stage has none', () => {
    const policy = createPolicy({ profile: one })
    expect(policy.decide('token', token)?.at).toBe(token.now)
    const before = Date.now() / 1000
    const at = policy.decide('registration', registration)?.at
    expect(at).toBeGreaterThanOrEqual(before)
    expect(at).toBeLessThanOrEqual(Date.now() / 1000)
  })

  test('on a configuration judges every profile the policy can choose', () => {
    const policy = createPolicy(partners)
    expect(policy.decide('configuration', configuration)).toMatchObject({
      profile: 'one two',
      client: undefined,
      interaction: undefined,
      violations: [{ clauses: ['1.1'] }, { clauses: ['2.2'] }, { clauses: ['2.2'] }],
    })
  })
})

describe('the mode', () => {
  const byPartner = (client: Client) => (client.client_id === 'new' ? 'report' : 'enforce')

  test('report refuses nothing and records everything', () => {
    const { policy, verdicts } = recording({ profile: two, mode: 'report' })
    for (const stage of ['token', 'par', 'resource'] as const)
      expect(policy.decide(stage, legalFacts[stage])).toMatchObject({ mode: 'report', rejection: undefined, violations: [{}, {}] })
    expect(verdicts).toHaveLength(3)
  })

  test('report does not refuse when no profile can be chosen or a rule fails either', () => {
    const choose = () => {
      throw new Error('the partner list is down')
    }
    const failing = profileOf('p', { '1': [failingRule('a')] })
    const { policy, verdicts } = recording({ profiles: [one], choose, mode: 'report' })
    expect(createPolicy({ profile: failing, mode: 'report' }).decide('token', token)?.rejection).toBeUndefined()
    expect(policy.decide('token', token)?.rejection).toBeUndefined()
    expect(verdicts).toMatchObject([{ violations: [{ rule: 'profile-chosen', error: 'server_error' }] }])
  })

  test.each([
    ['enforce', 'enforce'],
    ['report', 'report'],
    [byPartner, 'by client'],
  ] as const)('%p reads as %s on the policy', (mode, says) => {
    expect(createPolicy({ profile: one, mode }).mode).toBe(says)
  })

  test('may go by client', () => {
    const { policy, verdicts } = recording({ profile: one, mode: byPartner })
    expect(policy.decide('token', asClient(clientNamed('new')))?.rejection).toBeUndefined()
    expect(policy.decide('token', asClient(clientNamed('old')))?.rejection?.rule).toBe('a')
    expect(verdicts.map(({ mode, client }) => [client, mode])).toEqual([
      ['new', 'report'],
      ['old', 'enforce'],
    ])
  })

  test('of an update is the one of the client as it was, if that is enforced', () => {
    const policy = createPolicy({ profile: one, mode: byPartner })
    const update = (from: string, to: string) =>
      policy.decide('registration', { client: clientNamed(to), current: clientNamed(from) })?.mode
    expect([update('old', 'new'), update('old', 'old'), update('new', 'new'), update('new', 'old')]).toEqual([
      ...['enforce', 'enforce', 'report', 'enforce'],
    ])
  })

  test('that goes by client is enforce where no client is known', () => {
    const policy = createPolicy({ profile: one, mode: () => 'report' })
    expect(policy.modeOf()).toBe('enforce')
    expect(policy.decide('configuration', configuration)?.rejection?.rule).toBe('a')
  })

  const strange: unknown[] = ['off', '', undefined, null, true, {}, Promise.resolve('report')]
  test.each(strange.map((value) => [value]))('a function that returns %p enforces', (value) => {
    const policy = createPolicy({ profile: one, mode: () => value as 'enforce' })
    expect(policy.modeOf(clientNamed('app'))).toBe('enforce')
  })

  test('a function that throws enforces', () => {
    const policy = createPolicy({
      profile: one,
      mode() {
        throw new Error('the partner list is down')
      },
    })
    expect(policy.decide('token', token)).toMatchObject({ mode: 'enforce', rejection: { rule: 'a' } })
  })
})

describe('choose', () => {
  test('decides what a client is held to', () => {
    const policy = createPolicy(partners)
    expect(policy.exclusive).toBe(false)
    expect(policy.profileOf(clientNamed('x', { fapi_profile: 'two' }))).toBe(two)
    expect(policy.decide('token', asClient(clientNamed('x', { fapi_profile: 'two' })))?.profile).toBe('two')
  })

  test('that returns nothing leaves a client outside: nothing is judged or recorded', () => {
    const { policy, verdicts } = recording(partners)
    expect(policy.decide('token', asClient(clientNamed('x')))).toBeUndefined()
    expect(verdicts).toEqual([])
  })

  const failures: readonly (readonly [what: string, choose: (client: Client) => unknown])[] = [
    [
      'throws',
      () => {
        throw new Error('the partner list is down')
      },
    ],
    ['returns a profile the policy does not have', () => fapi2Security],
    ['returns a copy of a profile', () => ({ ...one })],
    ['returns a name', () => 'one'],
    ['returns null', () => null],
    ['returns a promise', () => Promise.resolve(one)],
  ]

  test.each(failures)('that %s refuses: an error while deciding never means "not FAPI"', (_what, choose) => {
    const { policy, verdicts } = recording({ profiles: [one, two], choose: choose as Choose })
    for (const stage of ['authentication', 'par', 'authorization', 'token', 'issuance', 'resource', 'key'] as const) {
      const verdict = policy.decide(stage, legalFacts[stage])
      expect(verdict).toMatchObject({
        profile: undefined,
        client: 'app',
        mode: 'enforce',
        rejection: { error: 'server_error', clauses: [] },
      })
      expect(verdict?.rejection?.description).toBe('the request could not be judged')
    }
    expect(policy.decide('registration', registration)?.rejection).toMatchObject({
      error: 'invalid_client_metadata',
      description: 'no profile could be chosen for this client',
    })
    expect(verdicts).toHaveLength(8)
    expect(() => policy.profileOf(clientNamed('app'))).toThrow()
  })

  test('is not asked where no client is known; the request is refused', () => {
    const seen: unknown[] = []
    const policy = createPolicy({ profiles: [one], choose: (client) => void seen.push(client) })
    const verdict = policy.decide('resource', { ...legalFacts.resource, client: undefined })
    expect(seen).toHaveLength(0)
    expect(verdict?.rejection?.error).toBe('server_error')
  })
})

describe('an error while judging', () => {
  const profile = profileOf('p', { '1': [failingRule('a'), brokenRule('b')] })

  test('refuses, under the name of the profile', () => {
    const { policy, verdicts } = recording({ profile })
    const verdict = policy.decide('token', token)
    expect(verdict).toMatchObject({ profile: 'p', rejection: { error: 'server_error', description: 'the request could not be judged' } })
    expect(verdicts).toEqual([verdict])
  })

  test.each(['token', 'registration'] as const)('at %s tells the operator what went wrong, and nobody else', (stage) => {
    const verdict = createPolicy({ profile }).decide(stage, legalFacts[stage])
    expect(JSON.stringify(verdict)).not.toContain('a failed')
    expect(warnings).toEqual([expect.stringContaining('a failed')])
  })

  test('cannot be waived', () => {
    for (const rule of ['profile-chosen', 'judged'])
      expect(() => createPolicy({ profile, waivers: { [rule]: { reason: 'OPS-1' } } })).toThrow(ConfigurationError)
  })
})

describe('record', () => {
  const failures: readonly (readonly [what: string, record: () => void | Promise<void>])[] = [
    [
      'throws',
      () => {
        throw new Error('the disk is full')
      },
    ],
    [
      'throws something that is no error',
      () => {
        throw Object.assign(Object.create(null), { why: 'the disk is full' })
      },
    ],
    ['rejects', async () => Promise.reject(new Error('the disk is full'))],
  ]

  test.each(failures)('that %s changes no answer and becomes a process warning', async (_what, record) => {
    const policy = createPolicy({ profile: one, record })
    expect(policy.decide('token', token)?.rejection?.rule).toBe('a')
    policy.note({ stage: 'token', client: undefined, wire: undefined, error: 'invalid_request', description: 'no' })
    await new Promise(setImmediate)
    expect(warnings).toHaveLength(2)
    expect(warnings[0]).toMatch(/^FAPI_RECORD: /)
  })

  test('cannot change the answer', () => {
    const policy = createPolicy({
      profile: one,
      record(verdict) {
        Object.assign(verdict, { rejection: undefined })
      },
    })
    expect(policy.decide('token', token)?.rejection?.rule).toBe('a')
  })
})

describe('note', () => {
  const refusal = { stage: 'token', client: undefined, wire: undefined, error: 'invalid_grant', description: 'no' } as const

  test('names the clause of the rule in the profile of the client', () => {
    const { policy, verdicts } = recording(partners)
    const wire = { ...token.wire, headers: { 'x-fapi-interaction-id': 'an id' } }
    for (const fapi_profile of ['one', 'two']) policy.note({ ...refusal, wire, client: clientNamed('x', { fapi_profile }), rule: 'a' })
    expect(verdicts).toMatchObject([
      { profile: 'one', violations: [{ rule: 'a', clauses: ['1.1'] }] },
      { profile: 'two', violations: [{ rule: 'a', clauses: ['2.2'] }] },
    ])
    expect(verdicts[0]).toMatchObject({ stage: 'token', client: 'x', interaction: 'an id', mode: 'enforce', by: 'server' })
    expect(verdicts[0]?.rejection).toEqual({ rule: 'a', clauses: ['1.1'], error: 'invalid_grant', description: 'no' })
  })

  test.each([
    ['a rule the profile lacks', { client: clientNamed('x', { fapi_profile: 'one' }), rule: 'b' }, { rule: 'b', clauses: [] }],
    ['an error nobody knows', { error: 'invalid_future' }, { rule: 'server', clauses: [] }],
    ['a client outside all profiles', { client: clientNamed('x'), rule: 'a' }, { rule: 'a', clauses: [] }],
    ['no client', { rule: 'a' }, { rule: 'a', clauses: [] }],
  ])('names no clause for %s', (_what, more, violation) => {
    const { policy, verdicts } = recording(partners)
    policy.note({ ...refusal, ...more })
    expect(verdicts[0]?.violations).toMatchObject([violation])
  })

  test.each([
    ['by its name', { rule: 'code-unused' }, 'code-unused'],
    ['by its words', { description: 'the authorization code has been used' }, 'code-unused'],
    ['by what only the operator is told', { detail: 'authorization code already consumed' }, 'code-unused'],
    ['by its error alone', {}, 'grant-valid'],
  ])('names what no rule says: %s', (_what, more, rule) => {
    const { policy, verdicts } = recording({ profiles: [fapi2Security], choose: () => fapi2Security })
    policy.note({ ...refusal, ...more, client: clientNamed('x') })
    policy.note({ ...refusal, ...more })
    const [own = [], rfcs = []] = verdicts.map(({ rejection }) => rejection?.clauses)
    expect(verdicts.map(({ rejection }) => rejection?.rule)).toEqual([rule, rule])
    expect(rfcs.length).toBeGreaterThan(0)
    expect(rfcs.filter((clause) => !clause.startsWith('RFC'))).toEqual([])
    expect(own).toEqual(clausesFor(refusalNamed(rule) as NamedRefusal, fapi2Security))
  })

  test('survives a choose that throws', () => {
    const choose = () => {
      throw new Error('the partner list is down')
    }
    const { policy, verdicts } = recording({ profiles: [one], choose })
    policy.note({ ...refusal, client: clientNamed('x'), rule: 'a' })
    expect(verdicts).toMatchObject([{ profile: undefined, client: 'x', violations: [{ clauses: [] }] }])
  })

  test('stays a refusal in report mode: the server refused already', () => {
    const { policy, verdicts } = recording({ profile: one, mode: 'report' })
    policy.note({ ...refusal, client: clientNamed('x') })
    expect(verdicts).toMatchObject([{ mode: 'report', by: 'server', rejection: { error: 'invalid_grant' } }])
  })
})
