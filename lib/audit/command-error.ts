import { redacted } from '../core/redacted.js'
import { shown } from './reports/shown.js'

/** A command that cannot be carried out. Its message says in one line what was wrong and what would be right; the exit code is 2. */
export class CommandError extends Error {
  override readonly name = 'CommandError'

  constructor(message: string) {
    super(shown(message))
  }
}

/** What a file or module threw, in one line: its code as the system gives it, or else the first line of what it says, without credentials. */
export function causeOf(cause: unknown): string {
  if (!(cause instanceof Error)) return 'no reason given'
  if ('code' in cause && typeof cause.code === 'string' && /^E[A-Z0-9]{2,}$/.test(cause.code)) return cause.code
  return shown(redacted(cause.message.split('\n', 1)[0] ?? '', [])).slice(0, LONGEST)
}

/** Characters of a foreign message, our choice. */
const LONGEST = 300
