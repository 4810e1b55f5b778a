import { createPolicy, type Policy } from '../../lib/core/policy.js'
import type { PolicyOptions } from '../../lib/core/policy-options.js'
import type { Recorder } from '../../lib/core/recorder.js'
import { fapi2Security } from '../../lib/profiles/index.js'
import { legalFacts, NOW } from '../rules/facts.js'

export const INTERACTION = 'c770aef3-6784-41f7-8e0e-ff5f97bddb3a'

const { par } = legalFacts
const wire = { ...par.wire, headers: { ...par.wire.headers, 'x-fapi-interaction-id': INTERACTION } }

/** A pushed request as it should be. */
export const rightPar = { ...par, wire }
/** One that breaks a rule. */
export const unchallengedPar = { ...rightPar, params: { ...par.params, code_challenge_method: 'plain' } }
/** A waiver of the rule it breaks, for a day more. */
export const waiver = { 'pkce-s256': { reason: 'OPS-142', until: new Date((NOW + 86_400) * 1000).toISOString().slice(0, 10) } }

/** What the server refuses by itself. */
export const refusal = {
  stage: 'token',
  client: par.client,
  wire,
  error: 'invalid_grant',
  description: 'the code has been used',
  rule: 'code-unused',
} as const

/** What nobody has a name for. */
export const nameless = { error: 'too_late', description: 'come back tomorrow', rule: undefined } as const

type More = Pick<PolicyOptions, 'mode' | 'waivers'>

/** A real policy, told of to whoever records. */
export const policyFor = (record: Recorder | readonly Recorder[], more: More = {}): Policy =>
  createPolicy({ profile: fapi2Security, record, ...more })

/** Each outcome there is, as a policy comes to it. */
export const MOMENTS: readonly (readonly [
  what: string,
  more: More,
  act: (policy: Policy) => void,
  expected: Readonly<Record<string, unknown>>,
])[] = [
  ['a request that passes', {}, (policy) => policy.decide('par', rightPar), { stage: 'par', mode: 'enforce', outcome: 'passed' }],
  [
    'a request that is refused',
    {},
    (policy) => policy.decide('par', unchallengedPar),
    { stage: 'par', mode: 'enforce', outcome: 'refused', rule: 'pkce-s256', error: 'invalid_request' },
  ],
  [
    'a request that would be refused',
    { mode: 'report' },
    (policy) => policy.decide('par', unchallengedPar),
    { stage: 'par', mode: 'report', outcome: 'reported', rule: 'pkce-s256', error: 'invalid_request' },
  ],
  [
    'a request that breaks a waived rule',
    { waivers: waiver },
    (policy) => policy.decide('par', unchallengedPar),
    { stage: 'par', mode: 'enforce', outcome: 'waived', rule: 'pkce-s256', error: 'invalid_request' },
  ],
  [
    'a request that breaks a waived rule while everything is only reported',
    { mode: 'report', waivers: waiver },
    (policy) => policy.decide('par', unchallengedPar),
    { stage: 'par', mode: 'report', outcome: 'waived', rule: 'pkce-s256', error: 'invalid_request' },
  ],
  [
    'a refusal of the server itself',
    {},
    (policy) => policy.note(refusal),
    { stage: 'token', mode: 'enforce', outcome: 'refused', rule: 'code-unused', error: 'invalid_grant' },
  ],
  [
    'what the server would have refused',
    { mode: 'report' },
    (policy) => policy.note({ ...refusal, ...nameless, passes: true }),
    { stage: 'token', mode: 'report', outcome: 'reported', rule: 'server', error: 'too_late' },
  ],
]
