import { OAUTH_ERRORS, type OAuthError } from '../../lib/core/errors.js'
import type { Client } from '../../lib/core/facts.js'
import { createPolicy, type Policy } from '../../lib/core/policy.js'
import type { PolicyOptions } from '../../lib/core/policy-options.js'
import { defineProfile, type Profile } from '../../lib/core/profile.js'
import { defineRule, type Rule } from '../../lib/core/rule.js'
import type { Verdict } from '../../lib/core/verdict.js'
import { legalFacts, STAGES } from '../rules/facts.js'

/** The errors of the table, in its order. */
export const ERRORS = Object.keys(OAUTH_ERRORS).filter((name): name is OAuthError => name in OAUTH_ERRORS)

/** A rule that is broken wherever it looks. */
export const brokenRule = (id: string, more: Partial<Rule> = {}): Rule =>
  defineRule({ id, summary: 'Nothing is right.', at: STAGES, check: () => `${id} is broken`, ...more })

/** A rule that fails instead of answering. */
export const failingRule = (id: string): Rule =>
  brokenRule(id, {
    check() {
      throw new Error(`${id} failed`)
    },
  })

/** A profile of these clauses and nothing else. */
export const profileOf = (name: string, clauses: Profile['clauses'], more: Partial<Profile> = {}): Profile =>
  defineProfile({
    name,
    title: name,
    spec: 'https://specs.example',
    generation: '2.0',
    clauses,
    unchecked: {},
    beyond: {},
    defaults: { server: {}, client: {} },
    ...more,
  })

export const clientNamed = (client_id: string, metadata: Readonly<Record<string, unknown>> = {}): Client => ({
  ...legalFacts.registration.client,
  ...metadata,
  client_id,
})

/** A policy and what it has recorded. */
export function recording(options: PolicyOptions): { readonly policy: Policy; readonly verdicts: readonly Verdict[] } {
  const verdicts: Verdict[] = []
  const policy = createPolicy({ ...options, record: (verdict) => void verdicts.push(verdict) })
  return { policy, verdicts }
}
