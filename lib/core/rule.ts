import type { OAuthError } from './errors.js'
import type { Facts, Server, Stage } from './facts.js'

/**
 * One thing that must hold. A rule reads facts and returns a sentence saying what is wrong, or
 * nothing. It keeps no state, asks no clock or store, and knows neither which specification it
 * serves nor what happens when it is broken.
 */
export interface Rule<S extends Stage = Stage> {
  /** Stable and kebab-case: what people write in waivers and search for in logs. It names the good state. */
  readonly id: string
  /** One present-tense sentence, for the console and the coverage table. */
  readonly summary: string
  /** What to do so that the rule holds, for whoever has never read the specification: one or two imperative sentences with names and values. */
  readonly mend?: string
  /** The stages at which the rule looks. */
  readonly at: readonly S[]
  /** Set where what it asks is a SHOULD, or something conformance tests only warn of: an audit warns, it does not fail. */
  readonly advises?: true
  /** The OAuth error to answer with, where the stage's own would mislead. */
  readonly error?: OAuthError
  /** The setting a configuration rule reads, so that an adapter can name the user's option for it. */
  readonly setting?: keyof Server | `client_defaults.${string}`
  /** Returns what is wrong, fit to be read by the client, or `undefined`. */
  check(facts: Facts[S]): string | undefined
}

/** Declares a rule; `facts` is narrowed to the stages named in `at`. */
export function defineRule<const S extends Stage>(rule: Rule<S>): Rule<S> {
  return Object.freeze(rule)
}
