import { defineProfile, rulesOf } from '../../lib/core/profile.js'
import { defineRule } from '../../lib/core/rule.js'
import { brokenRule, profileOf } from './support.js'

const a = brokenRule('a')
const b = brokenRule('b')
const settled = { by: 'operator', why: 'Somebody does.' } as const

describe('defineProfile', () => {
  const bases = { name: 'p', title: 'p', spec: 'https://specs.example', generation: '2.0', defaults: { server: {}, client: {} } } as const

  test.each([
    [
      'is checked and unchecked',
      { clauses: { '1': [a] }, unchecked: { '1': settled }, beyond: {} },
      'p: clause 1 is both checked and unchecked',
    ],
    [
      'is in the text and beyond it',
      { clauses: { '1': [a] }, unchecked: {}, beyond: { '1': { why: 'More.', rules: [b] } } },
      "p: clause 1 is both the specification's and beyond it",
    ],
    ['has no rule', { clauses: { '1': [] }, unchecked: {}, beyond: {} }, 'p: clause 1 has no rule; list it under unchecked and say why'],
  ])('throws when a clause %s', (_what, tables, message) => {
    expect(() => defineProfile({ ...bases, ...tables })).toThrow(new TypeError(message))
  })

  test('returns a frozen value', () => {
    const profile = profileOf('p', { '1': [a] })
    expect(Object.isFrozen(profile)).toBe(true)
    expect(profile.clauses['1']).toEqual([a])
  })
})

describe('rulesOf', () => {
  test("gives every rule with its clause, the specification's own first", () => {
    const profile = profileOf('p', { '2': [b], x: [a, b] }, { beyond: { extra: { why: 'More.', rules: [a] } } })
    expect(rulesOf(profile)).toEqual([
      ['2', b],
      ['x', a],
      ['x', b],
      ['extra', a],
    ])
  })
})

test('defineRule returns the rule itself, frozen', () => {
  const rule = { id: 'x', summary: 'X is.', at: ['token'] as const, check: () => undefined }
  expect(defineRule(rule)).toBe(rule)
  expect(Object.isFrozen(rule)).toBe(true)
})
