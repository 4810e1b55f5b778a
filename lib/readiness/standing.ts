import { isText } from '../core/claims.js'
import { SIGNED_METADATA } from '../core/client-defaults.js'
import { judge } from '../core/judge.js'
import type { Profile } from '../core/profile.js'
import { clientFacts } from '../readers/client-metadata.js'
import type { Metadata } from '../registration/metadata.js'
import { metadataFaults } from '../registration/metadata-faults.js'
import { textsIn } from '../registration/metadata-kinds.js'
import { mayCarry, modeViolation } from './response-modes.js'

/** An application on its way to a profile. */
export interface Move {
  readonly to: Profile
  readonly signingAlgorithms: readonly string[]
  /** The server's metadata, where what it does not offer is to be left out. */
  readonly supported: Metadata | undefined
  /** The metadata that it comes with: protections are not taken back on the way. */
  readonly from: Metadata
}

/** Something wrong with metadata under a profile. */
export interface Problem {
  /** `metadata` where it is RFC 7591 or a relative of it that is broken, or the server cannot do it. */
  readonly rule: string
  readonly clauses: readonly string[]
  readonly description: string
}

/** All that is wrong with metadata, were they registered under the profile. */
export function problemsOf({ to, signingAlgorithms, from }: Move, metadata: Metadata): readonly Problem[] {
  const violations = judge(to, 'registration', { client: clientFacts(metadata), current: clientFacts(from) })
  const said = violations.map(({ description }) => description)
  // What a rule of the profile has said already is not said again.
  const faults = [
    ...metadataFaults(metadata)
      .map(({ description }) => description)
      .filter((fault) => !said.some((one) => fault.startsWith(one))),
    ...unsigned(metadata, signingAlgorithms).filter((fault) => !said.some((one) => sharesField(one, fault))),
  ]
  return [
    ...violations.map(({ rule, clauses, description }) => ({ rule, clauses, description })),
    ...unanswerable(to, metadata),
    ...faults.map((description) => ({ rule: 'metadata', clauses: [], description })),
  ]
}

const sharesField = (said: string, fault: string) => said.includes(fault.split(' ', 1)[0] ?? fault)

const unsigned = (metadata: Metadata, algorithms: readonly string[]) =>
  SIGNED_METADATA.filter((name) => isText(metadata[name]) && !algorithms.some((alg) => alg === metadata[name])).map(
    (name) => `${name} must be one of ${algorithms.join(', ')}: this server signs with no other`,
  )

/** Response types that no registered response mode may answer. */
function unanswerable(profile: Profile, metadata: Metadata): readonly Problem[] {
  const modes = textsIn(metadata, 'response_modes')
  if (!modes?.length) return []
  const found = (textsIn(metadata, 'response_types') ?? ['code']).flatMap((type) => {
    const violations = modes.filter((mode) => mayCarry(type, mode)).map((mode) => modeViolation(profile, metadata, type, mode))
    return violations.some((violation) => violation === undefined) ? [] : (violations[0] ?? [])
  })
  return found
    .slice(0, 1)
    .map(({ rule, clauses, description }) => ({ rule, clauses, description: `response_modes have none that would do: ${description}` }))
}

/** Whether two problems are one and the same: a rule speaks once, whatever it finds. */
export const isSame = (one: Problem, other: Problem): boolean =>
  one.rule === other.rule && (one.rule !== 'metadata' || one.description === other.description)

/** Metadata with a change; what is `undefined` goes. */
export const applied = (metadata: Metadata, change: Metadata): Metadata =>
  Object.fromEntries(Object.entries({ ...metadata, ...change }).filter(([, value]) => value !== undefined))
