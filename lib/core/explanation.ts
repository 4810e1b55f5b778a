import { isText, isTime } from './claims.js'
import { type Profile, rulesOf } from './profile.js'
import { redacted } from './redacted.js'
import { clausesFor } from './refusals/clauses.js'
import { refusalNamed } from './refusals/index.js'
import { refusalBehind } from './refusals/wordings.js'
import type { Rule } from './rule.js'
import { specificationOf } from './specifications.js'
import type { Verdict } from './verdict.js'

/** What a verdict says, told to somebody who has to do something about it. What an old or damaged entry does not say is `undefined`. */
export interface Explanation {
  /** Epoch seconds. */
  readonly at: number | undefined
  readonly stage: string | undefined
  readonly mode: string | undefined
  /** Whether the request was refused; otherwise it went on, whatever was broken. */
  readonly refused: boolean
  readonly client: string | undefined
  readonly interaction: string | undefined
  /** The profile that judged. Where several did, at boot, names and titles of all. */
  readonly profile: { readonly name: string; readonly title: string } | undefined
  readonly by: 'rules' | 'server'
  /** What the request was refused for comes first. */
  readonly violations: readonly ExplainedViolation[]
}

/** One thing that was wrong, what would be right and what to do. */
export interface ExplainedViolation {
  /** The id of the rule or of the named refusal; `server` for what neither says. */
  readonly rule: string
  readonly clauses: readonly ExplainedClause[]
  readonly error: string
  /** What holds where nothing is refused: the summary of the rule or of the named refusal. */
  readonly expected: string | undefined
  /** What was found, with the detail for operators and without credentials. */
  readonly got: string
  /** What to do. */
  readonly mend: string | undefined
  /** Why the rule was not enforced. */
  readonly waived?: string
  /** Whether the request was answered with this. */
  readonly answered: boolean
}

/** A clause, and where to read it. */
export interface ExplainedClause {
  readonly clause: string
  readonly specification: string | undefined
  readonly link: string | undefined
  /** Why a profile asks for it beyond its own text. */
  readonly why?: string
}

type Claimed<T> = { readonly [K in keyof T]?: unknown }
type Found = Claimed<Verdict['violations'][number]>

/**
 * Explains a verdict by the profiles of the policy, or by all there are. Verdicts may come from a journal that another version
 * wrote: nothing in one is taken for granted, and what cannot be told is left out. Never throws.
 */
export function explain(verdict: Verdict, profiles: readonly Profile[]): Explanation {
  const { at, stage, mode, client, interaction, profile, by, violations, rejection }: Claimed<Verdict> = membersOf(verdict)
  const names = isText(profile) ? profile.split(' ').filter(isText) : []
  const chosen = profiles.filter(({ name }) => names.includes(name))
  const answer = isThing(rejection) ? membersOf<Found>(rejection) : undefined
  const found = listOf(violations)
    .filter(isThing)
    .map(membersOf<Found>)
  const answered = answer && found.find((one) => isSame(one, answer))
  const ordered = [...(answer ? [answered ?? answer] : []), ...found.filter((one) => one !== answered)]
  const context = {
    chosen,
    profiles,
    by: by === 'server' ? ('server' as const) : ('rules' as const),
    known: [client, interaction].filter(isText),
  }
  return {
    at: isTime(at) ? at : undefined,
    stage: textOf(stage),
    mode: textOf(mode),
    refused: answer !== undefined,
    client: textOf(client),
    interaction: textOf(interaction),
    profile: names.length > 0 ? { name: names.join(' '), title: names.map((name) => titleOf(name, chosen)).join(', ') } : undefined,
    by: context.by,
    violations: ordered.map((one, index) => explained(one, context, answer !== undefined && index === 0)),
  }
}

interface Context {
  /** The profiles that judged. */
  readonly chosen: readonly Profile[]
  /** All that are known. */
  readonly profiles: readonly Profile[]
  readonly by: Explanation['by']
  /** What no redaction is for. */
  readonly known: readonly string[]
}

function explained(violation: Found, context: Context, answered: boolean): ExplainedViolation {
  const { rule: id, clauses, error, description, detail, waived } = violation
  const [name, said] = [textOf(id) ?? 'server', textOf(description) ?? '']
  const more = isText(detail) && detail !== said ? detail : undefined
  const told = listOf(clauses).filter(isText)
  const { meaning, named } = meaningOf(name, told, error, `${said} ${more ?? ''}`, context)
  const shown = (text: string) => redacted(text, context.known)
  return {
    rule: name,
    clauses: (told.length > 0 ? told : named).map((clause) => explainedClause(clause, context)),
    error: textOf(error) ?? '',
    expected: meaning?.summary,
    got: more === undefined ? shown(said) : said ? `${shown(said)} (${shown(more)})` : shown(more),
    mend: meaning?.mend,
    ...(isText(waived) && { waived }),
    answered,
  }
}

/** What an id stands for: a rule, a named refusal, or what a policy refuses by itself. A server's refusal without any is recognised by its words. */
function meaningOf(name: string, clauses: readonly string[], error: unknown, text: string, context: Context): Meant {
  const rule = ruleNamed(name, clauses, context) ?? OWN_RULES[name]
  if (rule) return { meaning: rule, named: [] }
  const refusal = refusalNamed(name) ?? (context.by === 'server' ? refusalBehind(error, text) : undefined)
  return { meaning: refusal, named: refusal ? clausesFor(refusal, context.chosen[0]) : [] }
}

interface Meant {
  readonly meaning: Pick<Rule, 'summary' | 'mend'> | undefined
  /** The clauses of a named refusal, for an entry that has none. */
  readonly named: readonly string[]
}

/** What a policy refuses by itself, when it cannot judge. */
const OWN_RULES: Readonly<Record<string, Pick<Rule, 'summary' | 'mend'> | undefined>> = Object.assign(Object.create(null), {
  'profile-chosen': {
    summary: 'A profile can be chosen for each client.',
    mend: 'Look in the log of the server for the warning FAPI_UNDECIDED: it says why choose failed. It must return a profile of the policy, or undefined, for every client.',
  },
  judged: {
    summary: 'Every request can be judged.',
    mend: 'The request may be right: look in the log of the server for the warning FAPI_UNDECIDED, which says what failed while it was judged.',
  },
})

/** The rule as the profile that judged has it, which has it under these clauses; where that is not known, as all others have it, if they agree. */
function ruleNamed(id: string, clauses: readonly string[], { chosen, profiles }: Context): Rule | undefined {
  const among = (some: readonly Profile[]) => some.flatMap(rulesOf).filter(([, rule]) => rule.id === id)
  const candidates = among(chosen)
  const [, own] = candidates.find(([clause]) => clauses.includes(clause)) ?? candidates[0] ?? []
  if (own) return own
  const [first, ...others] = among(profiles).map(([, rule]) => rule)
  return others.every(({ summary, mend }) => summary === first?.summary && mend === first?.mend) ? first : undefined
}

/** A clause with its document, and why a profile asks for it; `chosen` are the profiles that judged, `profiles` all that are known. */
export function explainedClause(clause: string, { chosen, profiles }: Pick<Context, 'chosen' | 'profiles'>): ExplainedClause {
  const has = ({ clauses, beyond }: Profile) => Object.hasOwn(clauses, clause) || Object.hasOwn(beyond, clause)
  const profile = chosen.find(has) ?? profiles.find(has) ?? chosen[0]
  const { title, link } = specificationOf(clause, profile) ?? {}
  const why = profile && Object.hasOwn(profile.beyond, clause) ? profile.beyond[clause]?.why : undefined
  return { clause, specification: title, link, ...(why !== undefined && { why }) }
}

const titleOf = (name: string, profiles: readonly Profile[]) => profiles.find((profile) => profile.name === name)?.title ?? name

/** An entry that was read back holds copies. */
const isSame = (one: Found, other: Found) =>
  (['rule', 'error', 'description', 'setting', 'detail'] as const).every((member) => one[member] === other[member]) && !isText(one.waived)

const isThing = (value: unknown): value is object => typeof value === 'object' && value !== null
const membersOf = <T>(value: unknown): T | Record<string, never> => (isThing(value) ? (value as T) : {})
const listOf = (value: unknown): readonly unknown[] => (Array.isArray(value) ? value : [])
const textOf = (value: unknown) => (isText(value) ? value : undefined)
