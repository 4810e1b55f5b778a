import type { CommandTerms, Flag } from './flags.js'
import { wrapped } from './reports/terminal-text.js'

/** What every command takes. */
const GENERAL: readonly Flag[] = [
  { name: 'help', values: [], says: 'this text, or that of the command before it' },
  { name: 'version', values: [], says: 'the version of this program' },
]

const EXIT_CODES = `Exit codes:
  0  nothing failed
  1  something failed
  2  the command could not be carried out`

/** The help of the program. */
export const generalHelp = (commands: readonly CommandTerms[], width: number): string =>
  [
    `Usage: express-fapi <command> [flags]`,
    `Commands:\n${table(
      commands.map((terms) => [usageOf(terms), terms.summary]),
      width,
    )}`,
    `Flags:\n${flagTable(GENERAL, width)}`,
    'express-fapi <command> --help explains the flags of a command.',
    EXIT_CODES,
  ].join('\n\n')

/** The help of a command. */
export function commandHelp(terms: CommandTerms, width: number): string {
  const { takes, summary, flags, example } = terms
  return [
    `Usage: express-fapi ${usageOf(terms)} [flags]`,
    wrapped(`It ${summary}.`, width).join('\n'),
    ...(takes ? [table([[`<${takes.name}>`, takes.says]], width)] : []),
    `Flags:\n${flagTable(flags, width)}`,
    `For example:\n  ${example}`,
    EXIT_CODES,
  ].join('\n\n')
}

/** A flag with what stands for its values. */
export const flagUsage = ({ name, values }: Flag): string => [`--${name}`, ...values].join(' ')

const needsProfile = ({ flags }: CommandTerms) => flags.some(({ name }) => name === 'profile')

const usageOf = (terms: CommandTerms) =>
  [terms.name, ...(terms.takes ? [`<${terms.takes.name}>`] : []), ...(needsProfile(terms) ? ['--profile NAME'] : [])].join(' ')

const flagTable = (flags: readonly Flag[], width: number) =>
  table(
    flags.map((flag) => [flagUsage(flag), flag.says]),
    width,
  )

/** Two columns, the second wrapped. */
function table(rows: readonly (readonly [string, string])[], width: number): string {
  const first = Math.max(...rows.map(([left]) => left.length))
  const indent = first + 4
  return rows
    .map(([left, right]) => `  ${left.padEnd(first)}  ${wrapped(right, Math.max(width - indent, 30)).join(`\n${' '.repeat(indent)}`)}`)
    .join('\n')
}
