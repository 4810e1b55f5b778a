import type { OAuthError } from '../core/errors.js'
import type { Client, Stage } from '../core/facts.js'
import type { Verdict } from '../core/verdict.js'

/** What is known of a refusal beyond its error. */
export interface RefusalFacts {
  readonly stage: Stage
  readonly client?: Client | undefined
  /** For the operator alone. */
  readonly detail?: string | undefined
  /** The rule that says the same, where one does. */
  readonly rule?: string | undefined
  /** It is refused in report mode too: somebody else's is at stake. */
  readonly always?: boolean
  /** The methods there are, where another one was used (RFC 9110 §15.5.6). */
  readonly allow?: readonly string[]
  /** A DPoP nonce to go on with (RFC 9449 §8). */
  readonly nonce?: string | undefined
}

/** Ends the judging of a request: what its sender is told, and what is recorded of it. */
export class OAuthRefusal extends Error {
  override readonly name = 'OAuthRefusal'
  readonly code = 'ERR_FAPI_REFUSED'
  readonly error: OAuthError | 'use_dpop_nonce'
  readonly facts: RefusalFacts
  /** Whether a verdict has told of it already. */
  readonly recorded: boolean

  constructor(error: OAuthRefusal['error'], description: string, facts: RefusalFacts, recorded = false) {
    super(description)
    this.error = error
    this.facts = facts
    this.recorded = recorded
  }
}

/** Throws what a verdict refuses with; `error` stands in for its own. */
export function insistOn(verdict: Verdict | undefined, facts: RefusalFacts, error?: OAuthError): void {
  if (!verdict?.rejection) return
  const { rejection } = verdict
  throw new OAuthRefusal(error ?? rejection.error, rejection.description, { ...facts, rule: rejection.rule }, true)
}
