import { fapi1Advanced, fapi1Baseline, fapi2MessageSigning, fapi2Security, profiles } from '../../lib/profiles/index.js'
import { ADVANCED, BASELINE, MESSAGE_SIGNING, SECURITY } from './clauses.js'

const CLAUSES = [
  [fapi1Baseline, BASELINE],
  [fapi1Advanced, [...BASELINE, ...ADVANCED]],
  [fapi2Security, SECURITY],
  [fapi2MessageSigning, [...SECURITY, ...MESSAGE_SIGNING]],
] as const

/** Words, and an end. */
const SENTENCES = /^\w\S* .*[^\s.]\.$/

test('every profile is held against its specification', () => {
  expect(CLAUSES.map(([profile]) => profile)).toEqual(profiles)
})

describe.each(CLAUSES.map(([profile, clauses]) => [profile.name, profile, clauses] as const))('%s', (_name, profile, clauses) => {
  const { unchecked, beyond } = profile
  const accounted = [...Object.keys(profile.clauses), ...Object.keys(unchecked)]

  test('accounts for every clause', () => {
    expect(clauses.filter((clause) => !accounted.includes(clause))).toEqual([])
  })

  test('knows no clause that is not there', () => {
    expect(accounted.filter((clause) => !clauses.includes(clause))).toEqual([])
  })

  test('has each clause once: checked, or settled by somebody else', () => {
    expect(accounted).toHaveLength(new Set(accounted).size)
  })

  test('goes beyond the text under no clause of its own, and says why', () => {
    expect(Object.keys(beyond).filter((clause) => clauses.includes(clause) && accounted.includes(clause))).toEqual([])
    expect(Object.values(beyond).filter(({ rules }) => rules.length === 0)).toEqual([])
  })

  test.each(Object.entries({ ...unchecked, ...beyond }))('says in sentences why %s stands as it does', (_clause, { why }) => {
    expect(why).toMatch(SENTENCES)
    expect(why.length).toBeGreaterThan(10)
  })
})
