import { hasColours, LOOKS, type Terminal } from './reports/terminal-look.js'

/** Where a command runs: all that it may know of its terminal, and all that it may say to it. */
export interface Surroundings {
  /** Says what was asked for, and resolves once it is gone. */
  readonly say: (text: string) => Promise<void>
  /** Says what is beside it: progress, warnings, errors. */
  readonly tell: (text: string) => Promise<void>
  /** Where it is said. */
  readonly terminal: Terminal
  /** Where the rest is told. */
  readonly beside: Terminal
  readonly version: string
  /** Keeps what has to be done however the command ends; answers how to do it early. */
  readonly atEnd: (work: () => Promise<void>) => () => Promise<void>
}

/** How a command ended: 0 nothing failed, 1 something did. That it could not be carried out is thrown. */
export type ExitCode = 0 | 1

/** Text in a look, where colours are allowed. */
export const painted = ({ terminal }: Pick<Surroundings, 'terminal'>, look: keyof typeof LOOKS, text: string): string =>
  hasColours(terminal) ? `\u001b[${LOOKS[look]}m${text}\u001b[0m` : text
