import type { ExplainedClause } from '../core/explanation.js'
import type { Profile } from '../core/profile.js'
import { redacted } from '../core/redacted.js'
import type { Break } from '../readiness/readiness.js'
import { explainedClauses } from './clauses.js'
import { escaped } from './reports/json.js'
import { shown } from './reports/shown.js'
import { widthOf } from './reports/terminal-look.js'
import { wrapped } from './reports/terminal-text.js'
import { painted, type Surroundings } from './surroundings.js'

/** Something that is wrong with a configuration or a client, for people and for programs. Nothing in it is secret. */
export interface Told {
  readonly rule: string
  readonly clauses: readonly ExplainedClause[]
  /** `failed`: it is not compliant, or cannot work. `warned`: somebody should look. */
  readonly status: 'failed' | 'warned'
  /** The option or client by its name; absent where the description says all. */
  readonly option?: string
  /** What was found there. */
  readonly got?: string
  /** What is wrong, or what would be right. */
  readonly description: string
  /** What to do, in words. */
  readonly mend?: string
  /** The metadata that mend it; `null` is for what has to go. */
  readonly change?: Readonly<Record<string, unknown>>
}

/** What stands between a client and a profile, told. */
export const toldBreak = (profile: Profile, { rule, clauses, description, mend, change }: Break, known: readonly string[] = []): Told => ({
  rule,
  clauses: explainedClauses(clauses, profile),
  status: 'failed',
  description: redacted(description, known),
  ...(mend !== undefined && { mend: redacted(mend, known) }),
  ...(change && { change }),
})

/** A value as a configuration would have it; keys and functions are named, and not shown. */
export function valueText(value: unknown): string {
  if (typeof value === 'function') return 'a function'
  try {
    return redacted(JSON.stringify(value)?.replaceAll('","', '", "') ?? 'undefined', [])
  } catch {
    return typeof value
  }
}

export type Look = Pick<Surroundings, 'terminal'>

/** Problems as paragraphs, each with its rule in front. */
export const toldText = (problems: readonly Told[], look: Look): string => problems.map((problem) => paragraph(problem, look)).join('')

function paragraph({ rule, clauses, status, option, got, description, mend, change }: Told, look: Look): string {
  const mark = status === 'failed' ? painted(look, 'failed', '✗') : painted(look, 'warned', '!')
  const names = clauses.map(({ clause }) => shown(clause)).join(', ')
  const line = (label: string, text: string) => indented(`${label}: ${shown(text)}`, look)
  return [
    `  ${mark} ${painted(look, 'strong', rule)}${names ? `  ${names}` : ''}\n`,
    ...(option === undefined ? [indented(shown(description), look)] : [line(option, got ?? ''), line('allowed', description)]),
    ...(change ? [line('change', changeText(change))] : []),
    ...(mend !== undefined && !change ? [line('mend', mend)] : []),
    ...clauses.flatMap(({ why }) => (why === undefined ? [] : [line('beyond the text', why)])),
  ].join('')
}

/** Where to read what the clauses say, each document once. */
export function linksText(links: ReadonlySet<string>, look: Look): string {
  return links.size === 0 ? '' : `The clauses stand in\n${[...links].map((link) => `  ${painted(look, 'quiet', link)}\n`).join('')}\n`
}

/** The documents in which the clauses of problems stand; what a profile asks for beyond its text stands in none. */
export const linksOf = (problems: readonly Told[]): readonly string[] =>
  problems.flatMap(({ clauses }) => clauses.flatMap(({ link, why }) => (why === undefined ? (link ?? []) : [])))

/** Text in lines of a terminal, below what it belongs to. */
export const indented = (text: string, { terminal }: Look): string =>
  wrapped(text, widthOf(terminal) - 6)
    .map((line, index) => `${index === 0 ? '    ' : '      '}${line}\n`)
    .join('')

/** Metadata that are to be changed, in one line. */
const changeText = (change: Readonly<Record<string, unknown>>) =>
  Object.entries(change)
    .map(([name, value]) => (value === null ? `leave out ${name}` : `${name} = ${valueText(value)}`))
    .join(', ')

/** `1 client`, `2 clients`. */
export const counted = (count: number, one: string): string => `${count} ${one}${count === 1 ? '' : 's'}`

/** JSON for people: indented, with a newline at its end, and nothing in it that hides or commands a terminal. */
export const prettyJson = (value: unknown): string => `${escaped(JSON.stringify(value, null, 2))}\n`
