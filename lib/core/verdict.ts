import type { Stage } from './facts.js'
import type { Violation } from './judge.js'

/** `enforce` answers a violation with an error, `report` only records it. */
export type Mode = 'enforce' | 'report'

/** What came of holding one moment against a profile. */
export interface Verdict {
  /** When it fell, in epoch seconds. */
  readonly at: number
  readonly stage: Stage
  /** The name of the profile; `undefined` where none could be chosen. */
  readonly profile: string | undefined
  /** The `client_id`, when a client is known. */
  readonly client: string | undefined
  /** The `x-fapi-interaction-id` of the request judged, when a request was judged. */
  readonly interaction: string | undefined
  readonly mode: Mode
  /** `rules` when a profile judged; `server` when no rule did: an adapter that verifies, or the server underneath. */
  readonly by: 'rules' | 'server'
  readonly violations: readonly (Violation & { readonly waived?: string | undefined })[]
  /** The violation to answer with; absent when the request may pass. */
  readonly rejection: Violation | undefined
}
