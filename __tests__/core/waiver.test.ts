import { createPolicy } from '../../lib/core/policy.js'
import { legalFacts } from '../rules/facts.js'
import { brokenRule, clientNamed, profileOf, recording } from './support.js'

const { token, configuration } = legalFacts

describe('waivers', () => {
  const profile = profileOf('p', { '1': [brokenRule('a'), brokenRule('b', { error: 'invalid_grant' })] })
  const waived = (waiver: { readonly reason: string; readonly until?: string; readonly clients?: readonly string[] }) =>
    createPolicy({ profile, waivers: { a: waiver } })

  test('are recorded with their reason and not enforced', () => {
    const { policy, verdicts } = recording({ profile, waivers: { a: { reason: 'OPS-1' } } })
    policy.decide('token', token)
    expect(verdicts[0]?.violations.map(({ rule, waived: why }) => [rule, why])).toEqual([
      ['a', 'OPS-1'],
      ['b', undefined],
    ])
    expect(verdicts[0]?.rejection?.rule).toBe('b')
  })

  test('of every rule broken let the request pass', () => {
    const policy = createPolicy({ profile, waivers: { a: { reason: 'OPS-1' }, b: { reason: 'OPS-2' } } })
    expect(policy.decide('token', token)).toMatchObject({ violations: [{ rule: 'a' }, { rule: 'b' }], rejection: undefined })
  })

  test.each([
    ['2027-05-31T12:00:00.000Z', 'OPS-1'],
    ['2027-06-01T00:00:00.000Z', 'OPS-1'],
    ['2027-06-01T23:59:59.999Z', 'OPS-1'],
    ['2027-06-02T00:00:00.000Z', undefined],
    ['2028-01-01T00:00:00.000Z', undefined],
  ])('until 2027-06-01 are at %s: %s', (time, reason) => {
    const facts = { ...token, now: Date.parse(time) / 1000 }
    const verdict = waived({ reason: 'OPS-1', until: '2027-06-01' }).decide('token', facts)
    expect(verdict?.violations[0]?.waived).toBe(reason)
    expect(verdict?.rejection?.rule).toBe(reason ? 'b' : 'a')
  })

  test.each([
    [['partner-10'], 'partner-10', 'OPS-1'],
    [['x', 'partner-10'], 'partner-10', 'OPS-1'],
    [['partner-10'], 'partner-1', undefined],
    [[], 'partner-10', undefined],
  ])('for the clients %j are for %s: %s', (clients, name, reason) => {
    const verdict = waived({ reason: 'OPS-1', clients }).decide('token', { ...token, client: clientNamed(name) })
    expect(verdict?.violations[0]?.waived).toBe(reason)
  })

  test('for some clients do not count where no client is known', () => {
    const policy = waived({ reason: 'OPS-1', clients: ['app'] })
    expect(policy.decide('configuration', configuration)?.violations[0]?.waived).toBeUndefined()
    expect(waived({ reason: 'OPS-1' }).decide('configuration', configuration)?.violations[0]?.waived).toBe('OPS-1')
  })

  test('count in the profile of the client only by the name of the rule', () => {
    const other = profileOf('other', { '1': [brokenRule('c')] })
    const policy = createPolicy({ profiles: [profile, other], choose: () => other, waivers: { a: { reason: 'OPS-1' } } })
    expect(policy.decide('token', token)?.rejection?.rule).toBe('c')
  })
})
