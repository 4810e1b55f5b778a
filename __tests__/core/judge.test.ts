import { judge } from '../../lib/core/judge.js'
import { legalFacts } from '../rules/facts.js'
import { brokenRule, failingRule, profileOf } from './support.js'

const { token } = legalFacts

describe('judge', () => {
  test('finds nothing where every rule is content', () => {
    const content = brokenRule('content', { check: () => undefined })
    expect(judge(profileOf('p', { '1': [content] }), 'token', token)).toEqual([])
  })

  test('finds every violation, in the order of the profile', () => {
    const profile = profileOf('p', { second: [brokenRule('b'), brokenRule('a')], first: [brokenRule('c')] })
    expect(judge(profile, 'token', token).map(({ rule }) => rule)).toEqual(['b', 'a', 'c'])
  })

  test('lets a rule that serves several clauses speak once, and names them all', () => {
    const rule = brokenRule('a')
    const profile = profileOf('p', { '1': [rule], '2': [brokenRule('b'), rule] }, { beyond: { more: { why: 'More.', rules: [rule] } } })
    expect(judge(profile, 'token', token)).toEqual([
      { rule: 'a', clauses: ['1', '2', 'more'], error: 'invalid_request', description: 'a is broken' },
      { rule: 'b', clauses: ['2'], error: 'invalid_request', description: 'b is broken' },
    ])
  })

  test('asks only the rules that look at the stage', () => {
    const profile = profileOf('p', { '1': [brokenRule('here', { at: ['token', 'par'] }), brokenRule('elsewhere', { at: ['par'] })] })
    expect(judge(profile, 'token', token).map(({ rule }) => rule)).toEqual(['here'])
    expect(judge(profile, 'par', legalFacts.par).map(({ rule }) => rule)).toEqual(['here', 'elsewhere'])
    expect(judge(profile, 'resource', legalFacts.resource)).toEqual([])
  })

  test('hands the rule the facts it was given', () => {
    const seen: unknown[] = []
    const rule = brokenRule('a', { check: (facts) => void seen.push(facts) })
    judge(profileOf('p', { '1': [rule] }), 'token', token)
    expect(seen).toEqual([token])
    expect(seen[0]).toBe(token)
  })

  test("answers with the rule's own error, else with the stage's", () => {
    const profile = profileOf('p', { '1': [brokenRule('own', { error: 'invalid_grant' }), brokenRule('plain')] })
    const errorsAt = (stage: 'authentication' | 'resource') => judge(profile, stage, legalFacts[stage]).map(({ error }) => error)
    expect(errorsAt('authentication')).toEqual(['invalid_grant', 'invalid_client'])
    expect(errorsAt('resource')).toEqual(['invalid_grant', 'invalid_token'])
  })

  test('names the setting of a configuration rule, and only of such a rule', () => {
    const profile = profileOf('p', { '1': [brokenRule('a', { setting: 'issuer' }), brokenRule('b')] })
    const violations = judge(profile, 'configuration', legalFacts.configuration)
    expect(violations.map(({ setting }) => setting)).toEqual(['issuer', undefined])
    expect(violations.map((violation) => 'setting' in violation)).toEqual([true, false])
  })

  test('counts an empty sentence as a violation: silence is undefined', () => {
    expect(judge(profileOf('p', { '1': [brokenRule('a', { check: () => '' })] }), 'token', token)).toHaveLength(1)
  })

  test('gives two profiles of the same rules their own clauses', () => {
    const rule = brokenRule('a')
    const clausesIn = (clause: string) => judge(profileOf(clause, { [clause]: [rule] }), 'token', token).map(({ clauses }) => clauses)
    expect([clausesIn('1'), clausesIn('2'), clausesIn('1')]).toEqual([[['1']], [['2']], [['1']]])
  })

  test('does not hide that a rule failed', () => {
    expect(() => judge(profileOf('p', { '1': [failingRule('a')] }), 'token', token)).toThrow('a failed')
  })
})
