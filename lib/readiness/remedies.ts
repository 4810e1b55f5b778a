import { isDeepStrictEqual } from 'node:util'
import { fillClient, SIGNED_METADATA } from '../core/client-defaults.js'
import type { Metadata } from '../registration/metadata.js'
import { textsIn } from '../registration/metadata-kinds.js'
import { bindingOf, CHOICE_FIELDS } from './choice-fields.js'
import { type Choice, choicesOf } from './choices.js'
import { applied, isSame, type Move, type Problem, problemsOf } from './standing.js'

/** How many changes may follow from one another, our choice: the method, its algorithm, and what has to go with it. */
const DEPTH = 2

/** Metadata that mend a problem and bring no other; none where nothing is left to mend, `undefined` where no setting does. */
export function remedyFor(
  move: Move,
  metadata: Metadata,
  problem: Problem,
  depth: number = DEPTH,
  settled: readonly string[] = [],
): Metadata | undefined {
  const before = problemsOf(move, metadata)
  const now = before.find((one) => isSame(one, problem))
  if (!now) return {}
  let change: Metadata = {}
  for (const field of fieldsIn(now.description).filter((name) => !settled.includes(name))) {
    for (const candidate of candidatesFor(move, applied(metadata, change), field)) {
      const attempt = { ...change, ...candidate }
      const after = problemsOf(move, applied(metadata, attempt))
      if (after.some((one) => isSame(one, now) && fieldsIn(one.description).includes(field))) continue
      const followers = followersFor(move, applied(metadata, attempt), newIn(after, before), depth, [...settled, ...Object.keys(attempt)])
      if (!followers) continue
      change = { ...attempt, ...followers }
      break
    }
    if (!problemsOf(move, applied(metadata, change)).some((one) => isSame(one, now))) return change
  }
  return undefined
}

const newIn = (after: readonly Problem[], before: readonly Problem[]) => after.filter((one) => !before.some((other) => isSame(one, other)))

/** What has to be changed because of a change, if that can be done. */
function followersFor(
  move: Move,
  metadata: Metadata,
  problems: readonly Problem[],
  depth: number,
  settled: readonly string[],
): Metadata | undefined {
  if (problems.length > 0 && depth === 0) return undefined
  let followers: Metadata = {}
  for (const problem of problems) {
    const more = remedyFor(move, applied(metadata, followers), problem, depth - 1, [...settled, ...Object.keys(followers)])
    if (!more) return undefined
    followers = { ...followers, ...more }
  }
  return followers
}

/** Why a setting does not mend a problem: what would, if it were not for something else. `undefined` where no setting would. */
export function obstacle(move: Move, metadata: Metadata, problem: Problem): string | undefined {
  const before = problemsOf(move, metadata)
  const tried = fieldsIn(problem.description).flatMap((field) =>
    candidatesFor(move, metadata, field).flatMap((candidate) => {
      const after = problemsOf(move, applied(metadata, candidate))
      return after.some((one) => isSame(one, problem)) ? [] : [{ candidate, left: newIn(after, before) }]
    }),
  )
  const [best] = tried.sort((one, other) => one.left.length - other.left.length)
  if (!best) return undefined
  const setting = Object.entries(best.candidate).map(([name, value]) =>
    value === undefined ? `no ${name}` : `${name} ${JSON.stringify(value)}`,
  )
  return `${setting.join(' and ')} would mend it, but then: ${best.left.map(({ description }) => description).join('; ')}.`
}

const BINDINGS = Object.keys(bindingOf('none'))
const CHOSEN = new Set([...CHOICE_FIELDS.map(({ field }) => field), ...BINDINGS])

/** The metadata fields that a description names and that can be changed, in its order. */
export const fieldsIn = (description: string): readonly string[] => [
  ...new Set((description.match(/[a-z][a-z0-9_]*/g) ?? []).filter((word) => CHOSEN.has(word) || word.startsWith('tls_client_auth_'))),
]

/** What a field could be changed to: what the profile gives by default first, then what is available, then nothing. */
function candidatesFor(move: Move, metadata: Metadata, field: string): readonly Metadata[] {
  const candidates = BINDINGS.includes(field)
    ? bindings(move, metadata)
    : fieldValues(move, metadata, field).map((value) => ({ [field]: value }))
  // Nothing is not the same as what it stands for: who has not said `false` need not say it now.
  const fresh = candidates.map((candidate) =>
    Object.fromEntries(Object.entries(candidate).filter(([name, value]) => !isDeepStrictEqual(metadata[name] ?? false, value ?? false))),
  )
  return fresh.filter((candidate) => Object.keys(candidate).length > 0)
}

function fieldValues(move: Move, metadata: Metadata, field: string): readonly unknown[] {
  const { to, signingAlgorithms } = move
  const found = CHOICE_FIELDS.find((one) => one.field === field)
  if (!found) return [undefined]
  const available = optionsOf(move, field).map(({ value }) => value)
  if (found.takes === 'several') return lists(textsIn(metadata, field) ?? [], available.map(String))
  const preset = SIGNED_METADATA.includes(field) ? signingAlgorithms[0] : to.defaults.client[field]
  const byDefault = available.find((value) => value === preset)
  // Nobody stops encrypting because a key is missing.
  return [...(byDefault === undefined ? [] : [byDefault]), ...available, ...(isEncryption(field) ? [] : [undefined])]
}

const isEncryption = (field: string) => /_(?:encryption|encrypted_response)_alg$/.test(field)

/** Lists near to the one there is come first. */
const lists = (present: readonly string[], available: readonly string[]): readonly (readonly string[])[] => [
  ...[present.filter((value) => available.includes(value))].filter(({ length }) => length > 0),
  ...available.filter((value) => !present.includes(value)).map((value) => [...present, value]),
  ...available.map((value) => [value]),
  ...present.map((value) => present.filter((other) => other !== value)).filter(({ length }) => length > 0),
]

/** As a client gets it that says nothing of it, and the others that are available. */
function bindings(move: Move, metadata: Metadata): readonly Metadata[] {
  const silent = applied(metadata, Object.fromEntries(BINDINGS.map((name) => [name, undefined])))
  const filled: Record<string, unknown> = { ...silent }
  fillClient(move.to, filled, (name) => silent[name] !== undefined)
  const byDefault = Object.fromEntries(BINDINGS.map((name) => [name, filled[name] === true]))
  const available = optionsOf(move, 'binding').map((option) => option.metadata)
  return [...available.filter((one) => isDeepStrictEqual(one, byDefault)), ...available]
}

const optionsOf = ({ to, signingAlgorithms, supported }: Move, field: string): readonly Choice[] =>
  (choicesOf(to, signingAlgorithms, supported).find((one) => one.field === field)?.options ?? []).filter(({ available }) => available)
