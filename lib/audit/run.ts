import { profiles } from '../profiles/index.js'
import { type Given, readCommandLine } from './command-line.js'
import { commandTerms } from './flags.js'
import { widthOf } from './reports/terminal-look.js'
import type { ExitCode, Surroundings } from './surroundings.js'

type Command = (target: string, flags: Given, surroundings: Surroundings) => Promise<ExitCode>

/** Each is loaded when it is asked for: none waits for what only another needs. */
const COMMANDS: Readonly<Record<string, () => Promise<Command>>> = {
  audit: async () => (await import('./audit-command.js')).auditCommand,
  lint: async () => (await import('./lint/lint.js')).lintCommand,
  clients: async () => (await import('./clients/clients.js')).clientsCommand,
  keys: async () => (await import('./keys/keys.js')).keysCommand,
}

/** Does what a command line asks for. Throws a `CommandError` where it cannot be done. */
export async function run(args: readonly string[], surroundings: Surroundings): Promise<ExitCode> {
  const commands = commandTerms(profiles.map(({ name }) => name))
  const asked = readCommandLine(args, { commands, version: surroundings.version, width: widthOf(surroundings.terminal) })
  if (asked.kind === 'text') {
    await surroundings.say(`${asked.text}\n`)
    return 0
  }
  const command = COMMANDS[asked.command]
  if (!command) throw new TypeError(`${asked.command} is explained and not there`)
  return (await command())(asked.target, asked.flags, surroundings)
}
