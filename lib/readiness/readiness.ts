import { type Profile, rulesOf } from '../core/profile.js'
import type { Metadata } from '../registration/metadata.js'
import { fieldsIn, obstacle, remedyFor } from './remedies.js'
import { applied, type Move, type Problem, problemsOf } from './standing.js'

/** What stands between an application and a profile. */
export interface Readiness {
  /** Whether the metadata are compliant as they are. */
  readonly ready: boolean
  readonly breaks: readonly Break[]
  /** The clauses that look at metadata and hold already, with the rules that check them. */
  readonly holds: readonly { readonly clause: string; readonly rules: readonly string[] }[]
  /** The metadata with every change that is proposed. Under which profile they are judged is for whoever saves them. */
  readonly changed: Metadata
}

/** A rule that metadata break under the profile. */
export interface Break extends Problem {
  /** What to do, in words. */
  readonly mend?: string
  /** The metadata that mend it; `null` is for what has to go (RFC 7592 §2.2). Absent where a person has to do more than that. */
  readonly change?: Readonly<Record<string, unknown>>
}

/**
 * Judges stored metadata as they would be under another profile, and looks for what would mend them. A change is proposed only where it
 * has been tried: what was broken is mended by it, and nothing else is broken. `supported` is the server's metadata (RFC 8414).
 */
export function readinessOf(client: Metadata, to: Profile, signingAlgorithms: readonly string[], supported?: Metadata): Readiness {
  const move: Move = { to, signingAlgorithms, supported, from: client }
  const broken = problemsOf(move, client)
  const remedies = new Map<Problem, Metadata>()
  let changed = client
  // What one change mends may be what stood in the way of another.
  for (const problem of [...broken, ...broken]) {
    const remedy = remedies.has(problem) ? undefined : remedyFor(move, changed, problem)
    if (!remedy) continue
    changed = applied(changed, remedy)
    remedies.set(problem, remedy)
  }
  const breaks = broken.map((problem): Break => {
    const remedy = remedies.get(problem)
    const change = remedy && picked(changed, Object.keys(remedy).length > 0 ? Object.keys(remedy) : differing(client, changed, problem))
    const words = [mendOf(to, problem.rule), change ? undefined : obstacle(move, changed, problem)].filter((text) => text !== undefined)
    if (!change && words.length === 0) words.push(FOR_A_PERSON)
    return { ...problem, ...(words.length > 0 && { mend: words.join(' ') }), ...(change && { change }) }
  })
  return { ready: broken.length === 0, breaks, holds: holding(to, broken), changed }
}

/** What is said where neither a rule nor a setting has an answer. */
const FOR_A_PERSON = 'Nothing that can be chosen here mends it: what the description names has to be changed by hand.'

/** The fields that a description names and that another change has set. */
const differing = (before: Metadata, after: Metadata, { description }: Problem): readonly string[] =>
  fieldsIn(description).filter((field) => before[field] !== after[field])

/** Fields as they are in the end: a later change may have gone further. */
const picked = (metadata: Metadata, fields: readonly string[]): Metadata =>
  Object.fromEntries(fields.map((field) => [field, metadata[field] ?? null]))

const mendOf = (profile: Profile, id: string): string | undefined => rulesOf(profile).find(([, rule]) => rule.id === id)?.[1].mend

/** The clauses all of whose rules about metadata hold. */
function holding(profile: Profile, broken: readonly Problem[]): Readiness['holds'] {
  const clauses = new Map<string, string[]>()
  for (const [clause, { id, at }] of rulesOf(profile)) {
    if (at.includes('registration')) clauses.set(clause, [...(clauses.get(clause) ?? []), id])
  }
  return [...clauses].filter(([, rules]) => !broken.some(({ rule }) => rules.includes(rule))).map(([clause, rules]) => ({ clause, rules }))
}
