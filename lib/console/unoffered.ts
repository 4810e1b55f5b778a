import { profileIfAny } from '../core/policy.js'
import { clientFacts } from '../readers/client-metadata.js'
import { choicesOf } from '../readiness/choices.js'
import type { Metadata } from '../registration/metadata.js'
import type { Console } from './console.js'
import { ConsoleError } from './console-error.js'

/**
 * What metadata ask for that the server does not do, one sentence each: it would be kept, and nothing would come of it. What an application
 * has already is left to it. What a profile forbids is said elsewhere.
 */
export async function unofferedIn(
  { registration: { terms }, serverMetadata }: Console,
  metadata: Metadata,
  current: Metadata = {},
): Promise<readonly string[]> {
  const profile = profileIfAny(terms.policy, clientFacts(metadata))
  const choices = choicesOf(profile, terms.signingAlgorithms, await serverMetadata?.())
  return choices.flatMap(({ field, options }) => {
    const had = valuesOf(current[field])
    const asked = valuesOf(metadata[field]).filter((value) => !had.includes(value))
    return options.flatMap(({ value, available, rule, why }) =>
      available || rule !== undefined || why === undefined || !asked.includes(value) ? [] : `${field}: ${value} cannot be had: ${why}`,
    )
  })
}

/** Throws a `ConsoleError` that names them. */
export async function insistOnOffered(console: Console, metadata: Metadata, current?: Metadata): Promise<void> {
  const faults = await unofferedIn(console, metadata, current)
  if (faults.length > 0) throw new ConsoleError(400, 'invalid_client_metadata', faults.join('; '), faults)
}

const valuesOf = (value: unknown): readonly unknown[] => (value === undefined || value === false ? [] : [value].flat())
