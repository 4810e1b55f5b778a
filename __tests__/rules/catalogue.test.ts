import { readdirSync } from 'node:fs'
import { inspect } from 'node:util'
import { describable } from '../../lib/core/errors.js'
import { judge } from '../../lib/core/judge.js'
import { rulesOf } from '../../lib/core/profile.js'
import type { Rule } from '../../lib/core/rule.js'
import { fapi2MessageSigning, profiles } from '../../lib/profiles/index.js'
import * as catalogue from '../../lib/rules/index.js'
import { legalFacts, STAGES } from './facts.js'
import { hostileFactsAt } from './hostile.js'
import { tables } from './tables/all.js'

const allTables = Object.values(tables).flat()
const allRules = [
  ...new Set([...profiles.flatMap((profile) => rulesOf(profile).map(([, rule]) => rule)), ...allTables.map(({ rule }) => rule)]),
]

/** What RFC 6749 §5.2 allows in `error_description`. */
const DESCRIPTION = /^[\x20-\x21\x23-\x5b\x5d-\x7e]+$/
const SENTENCE = /^[A-Za-z](?!.*\. ).*[^.]\.$/
/** A summary says how things are, not how they should be. */
const NOT_PRESENT = /\b(must|should|shall|will|would|were)\b/i

/** Whole sentences, and nothing that a template left over. */
const ADVICE = /^(?!.*(?:undefined|NaN|\[object))[A-Z].*\.$/

const isRule = (value: unknown): value is Rule => typeof value === 'object' && value !== null && 'check' in value

test('every file of lib/rules has its tables', () => {
  const files = readdirSync('lib/rules').map((file) => file.replace(/\.ts$/, ''))
  expect(Object.keys(tables)).toEqual(files.filter((file) => file !== 'index').sort())
})

describe.each(profiles.map((profile) => [profile.name, profile] as const))('every rule of %s', (_name, profile) => {
  const ids = [...new Set(rulesOf(profile).map(([, { id }]) => id))]

  test.each(ids)('%s has a passing and a breaking case', (id) => {
    const cases = allTables.filter(({ rule }) => rule.id === id)
    expect(cases.flatMap(({ passes }) => passes)).not.toHaveLength(0)
    expect(cases.flatMap(({ breaks }) => breaks)).not.toHaveLength(0)
  })

  test('has an id of its own', () => {
    const rules = [...new Set(rulesOf(profile).map(([, rule]) => rule))]
    expect(rules.map(({ id }) => id).sort()).toEqual([...ids].sort())
  })
})

test('every rule that the catalogue exports has a table, also one no profile uses', () => {
  const exported = Object.values<unknown>(catalogue).filter(isRule)
  expect(exported.map(({ id }) => id).filter((id) => !allTables.some(({ rule }) => rule.id === id))).toEqual([])
})

test('a rule breaks at every stage at which it looks', () => {
  const missing = allTables.flatMap(({ rule }) => {
    const breaks = allTables.filter((table) => table.rule.id === rule.id).flatMap((table) => table.breaks)
    return rule.at.filter((stage) => !breaks.some(([at]) => at === stage)).map((stage) => `${rule.id} at ${stage}`)
  })
  expect(missing).toEqual([])
})

describe('a rule', () => {
  const byName = [...new Map(allRules.map((rule) => [`${rule.id}: ${rule.summary}`, rule])).values()]

  test.each(byName.map((rule) => [rule.id, rule] as const))('%s is a frozen value that says what holds', (id, rule) => {
    expect(id).toMatch(/^[a-z][a-z0-9]*(-[a-z0-9]+)*$/)
    expect(rule.summary).toMatch(SENTENCE)
    expect(rule.summary).not.toMatch(NOT_PRESENT)
    expect(Object.isFrozen(rule)).toBe(true)
    expect(rule.at.length).toBeGreaterThan(0)
    expect(STAGES).toEqual(expect.arrayContaining([...rule.at]))
    expect(rule.setting === undefined).toBe(!rule.at.includes('configuration'))
  })

  test.each(byName.map((rule) => [rule.id, rule] as const))('%s says what to do about it', (_id, { mend = '', summary }) => {
    expect(mend).toMatch(ADVICE)
    expect(mend).not.toBe(summary)
    expect(mend.length).toBeLessThanOrEqual(300)
  })

  test('with one id has one error and looks at the same stages everywhere', () => {
    const shapes = new Set(allRules.map(({ id, at, error }) => `${id}: ${at} ${error}`))
    expect(shapes.size).toBe(new Set(allRules.map(({ id }) => id)).size)
  })
})

test.each(STAGES)('the legal facts of these tables break nothing at %s', (stage) => {
  expect(judge(fapi2MessageSigning, stage, legalFacts[stage])).toEqual([])
})

test.each(STAGES)('hostile facts at %s make no rule throw, and every answer can be sent', (stage) => {
  const rules = allRules.filter(({ at }) => at.includes(stage))
  const faults = new Set<string | undefined>()
  for (const facts of hostileFactsAt(stage, 500)) for (const rule of rules) faults.add(faultOf(rule, facts))
  expect([...faults]).toStrictEqual([undefined])
})

function faultOf(rule: Rule, facts: Parameters<Rule['check']>[0]): string | undefined {
  try {
    const said: unknown = rule.check(facts)
    if (said === undefined || (typeof said === 'string' && DESCRIPTION.test(describable(said)))) return undefined
    return `${rule.id} said ${inspect(said)}`
  } catch (error) {
    return `${rule.id} threw ${error}`
  }
}
