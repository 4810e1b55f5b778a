import { parseArgs } from 'node:util'
import { CommandError } from './command-error.js'
import type { CommandTerms, Flag } from './flags.js'
import { commandHelp, flagUsage, generalHelp } from './help.js'
import { nearestName } from './nearest-name.js'

/** What somebody asked for. */
export type Asked =
  | { readonly kind: 'text'; readonly text: string }
  | { readonly kind: 'command'; readonly command: string; readonly target: string; readonly flags: Given }

/** Flags as they were given: each with its values, in the order they came in. */
export type Given = Readonly<Record<string, readonly string[]>>

export interface CommandLineTerms {
  readonly commands: readonly CommandTerms[]
  readonly version: string
  /** Characters in a line of help. */
  readonly width: number
}

/** Reads a command line. Throws a `CommandError` that says what was wrong and what would be right. */
export function readCommandLine(args: readonly string[], { commands, version, width }: CommandLineTerms): Asked {
  const text = (said: string): Asked => ({ kind: 'text', text: said })
  const [first, ...rest] = args
  if (first === undefined || HELP.includes(first)) {
    const named = commands.find(({ name }) => name === rest[0])
    return text(named ? commandHelp(named, width) : generalHelp(commands, width))
  }
  if (VERSION.includes(first)) return text(version)
  const terms = commands.find(({ name }) => name === first)
  if (!terms) throw new CommandError(unknownCommand(first, commands))
  if (beforeTerminator(rest).some((arg) => HELP.slice(0, 2).includes(arg))) return text(commandHelp(terms, width))
  if (beforeTerminator(rest).some((arg) => VERSION.includes(arg))) return text(version)
  return { kind: 'command', command: terms.name, ...readFlags(terms, rest) }
}

const HELP = ['--help', '-h', 'help']
const VERSION = ['--version', '-v']

/** What follows `--` is no flag. */
const beforeTerminator = (args: readonly string[]) => (args.includes('--') ? args.slice(0, args.indexOf('--')) : args)

function unknownCommand(written: string, commands: readonly CommandTerms[]): string {
  const names = commands.map(({ name }) => name)
  if (written.startsWith('-')) return `the command is missing before ${written}: give one of ${names.join(', ')}; --help explains them`
  const meant = nearestName(written, names)
  const right = meant ? `did you mean ${meant}?` : `give one of ${names.join(', ')};`
  return `there is no command ${written}: ${right} express-fapi --help explains them`
}

function readFlags(terms: CommandTerms, args: readonly string[]): { readonly target: string; readonly flags: Given } {
  const options = Object.fromEntries(
    terms.flags.map(({ name, values }) => [name, { type: values.length > 0 ? 'string' : 'boolean', multiple: true }] as const),
  )
  const { tokens } = parseArgs({ args: [...args], options, strict: false, tokens: true, allowPositionals: true })
  const flags: Record<string, string[]> = Object.create(null)
  const targets: string[] = []
  for (let index = 0; index < tokens.length; index++) {
    const token = tokens[index]
    if (token?.kind === 'positional') targets.push(token.value)
    if (token?.kind !== 'option') continue
    const flag = knownFlag(terms, token.rawName)
    if (flags[flag.name] && !flag.several) throw new CommandError(`--${flag.name} is given twice: give it once`)
    const values = firstValue(flag, token)
    // The parser knows of one value: the others stand where arguments do, right behind.
    for (let next = tokens[index + 1]; values.length < flag.values.length && next?.kind === 'positional'; next = tokens[index + 1]) {
      values.push(next.value)
      index += 1
    }
    if (values.length < flag.values.length) throw missingValue(flag, tokens[index + 1])
    if (values.includes('')) throw new CommandError(`--${flag.name} is empty: give ${flagUsage(flag)}`)
    flags[flag.name] = [...(flags[flag.name] ?? []), ...values]
  }
  return { target: targetOf(terms, targets), flags }
}

interface OptionToken {
  readonly value?: string | undefined
  readonly inlineValue?: boolean | undefined
}

function firstValue(flag: Flag, { value, inlineValue }: OptionToken): string[] {
  if (flag.values.length === 0) {
    if (value !== undefined) throw new CommandError(`--${flag.name} is a switch and takes no value: leave out what follows the equals sign`)
    return []
  }
  // A flag is no value, but for what is written with an equals sign.
  if (value === undefined || (!inlineValue && /^-./.test(value))) throw missingValue(flag, undefined, value)
  return [value]
}

function missingValue(flag: Flag, next: unknown, instead?: string): CommandError {
  const found = instead === undefined ? '' : `, and ${instead} is a flag`
  const words = flag.values.length > 1 ? `${flag.values.length} values` : 'a value'
  return new CommandError(`--${flag.name} needs ${words}${next === undefined ? found : ''}: give ${flagUsage(flag)}`)
}

function knownFlag({ name, flags }: CommandTerms, written: string): Flag {
  const found = flags.find((flag) => `--${flag.name}` === written)
  if (found) return found
  const meant = nearestName(
    written.replace(/^-+/, ''),
    flags.map((flag) => flag.name),
  )
  const right = meant ? `did you mean --${meant}?` : `it takes ${flags.map((flag) => `--${flag.name}`).join(', ')};`
  throw new CommandError(`${name} has no flag ${written}: ${right} express-fapi ${name} --help explains them`)
}

function targetOf({ name, takes }: CommandTerms, targets: readonly string[]): string {
  const [target, more] = targets
  if (!takes) {
    if (target !== undefined) throw new CommandError(`${name} takes flags only, and ${target} is none: leave it out`)
    return ''
  }
  if (!target) throw new CommandError(`${name} needs <${takes.name}>: ${takes.says}`)
  if (more !== undefined) throw new CommandError(`${name} takes one <${takes.name}>, and there is ${more} beside ${target}: give one`)
  return target
}

/** The value of a flag that is given once at the most. */
export const valueGiven = (flags: Given, name: string): string | undefined => flags[name]?.[0]
