import { explain } from './explanation.js'
import type { Client } from './facts.js'
import { type Policy, profileIfAny } from './policy.js'
import { refusalBehind } from './refusals/wordings.js'
import type { Verdict } from './verdict.js'

/** What a request is refused with. */
export interface ToBeTold {
  readonly error: string
  readonly description: string
  /** The rule or named refusal; what no rule says has none. */
  readonly rule?: string | undefined
  readonly by?: Verdict['by']
}

/**
 * What a client is told: the description, and in the sandbox what to do about it. Only for a client that has authenticated in that very
 * request, which is for the caller to know; whoever failed to authenticate is told nothing more, whatever the caller thinks.
 */
export function told(policy: Pick<Policy, 'sandbox' | 'profiles' | 'profileOf'>, client: Client | undefined, refusal: ToBeTold): string {
  const hint = policy.sandbox && client && refusal.error !== 'invalid_client' ? hintFor(policy, client, refusal) : undefined
  return hint === undefined ? refusal.description : `${refusal.description.replace(/\.$/, '')}. Hint: ${hint}`
}

function hintFor(policy: Pick<Policy, 'profiles' | 'profileOf'>, client: Client, refusal: ToBeTold): string | undefined {
  const { error, description, by = 'server' } = refusal
  const rule = refusal.rule ?? refusalBehind(error, description)?.id ?? 'server'
  const violation = { rule, clauses: [], error, description }
  // Like an entry of the journal: the explanation takes nothing in one for granted.
  const entry: unknown = { by, profile: profileIfAny(policy, client)?.name, violations: [violation], rejection: violation }
  return explain(entry as Verdict, policy.profiles).violations[0]?.mend
}
