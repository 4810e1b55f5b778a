import { judge } from '../core/judge.js'
import { rulesOf } from '../core/profile.js'
import { explainedClauses } from './clauses.js'
import type { Finding } from './finding.js'
import type { Scene } from './scene.js'

/** Judges the client that the audit acts as: a request can only be legal if its client is. */
export function clientFindings({ profile, party }: Scene): readonly Finding[] {
  if (!party) return []
  const broken = judge(profile, 'registration', { client: party.client })
  const shared = { area: 'authentication', title: 'The client that the audit acts as', evidence: [] } as const
  if (broken.length === 0) {
    const expected = 'Its metadata break no rule of the profile.'
    return [
      {
        ...shared,
        id: 'compliant-client',
        rule: 'compliant-client',
        status: 'passed',
        clauses: [],
        expected,
        got: 'They break none.',
        mend: undefined,
      },
    ]
  }
  return broken.map(({ rule: id, clauses, description }): Finding => {
    const rule = rulesOf(profile).find(([, one]) => one.id === id)?.[1]
    return {
      ...shared,
      id: `${id}/client`,
      rule: id,
      status: clauses.every((clause) => Object.hasOwn(profile.beyond, clause)) ? 'warned' : 'failed',
      clauses: explainedClauses(clauses, profile),
      expected: rule?.summary ?? '',
      got: `Its metadata say otherwise: ${description}.`,
      mend: rule?.mend,
    }
  })
}
