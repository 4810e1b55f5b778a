import type { Verdict } from '../core/verdict.js'

/**
 * Asks a database. What it throws becomes an error that carries its code and nothing else: drivers put the address, the
 * statement and its values into theirs, and errors end in logs.
 */
export async function answerOf<T>(store: string, ask: () => Promise<T>): Promise<T> {
  try {
    return await ask()
  } catch (cause) {
    throw new Error(`the ${store} store did not answer: ${codeOf(cause)}`)
  }
}

/** The code of a fault as databases and sockets give it: `42501`, `ECONNREFUSED`, `OOM`; else what kind of error it is. */
export function codeOf(cause: unknown): string {
  if (!(cause instanceof Error)) return 'no reason given'
  const code = 'code' in cause && /^[A-Z0-9_]+$/.exec(String(cause.code))
  const [first] = code || /^[A-Z]+(?= )/.exec(cause.message) || [cause.constructor.name]
  return first
}

/** A verdict as a journal kept it. What is none is reported, and then there is none. */
export function verdictFrom(text: string): Verdict | undefined {
  try {
    const verdict: unknown = JSON.parse(text)
    if (isVerdict(verdict)) return verdict
  } catch {
    // Reported with the rest: a parser's message quotes the text.
  }
  reportUnreadable('a verdict of the journal')
  return undefined
}

export const reportUnreadable = (what: string): void => process.emitWarning(`${what} cannot be read`, { code: 'FAPI_UNREADABLE_RECORD' })

const isVerdict = (value: unknown): value is Verdict =>
  typeof value === 'object' &&
  value !== null &&
  'at' in value &&
  typeof value.at === 'number' &&
  'violations' in value &&
  Array.isArray(value.violations)

/** Seconds by which the clocks of processes may differ (FAPI2-SP 5.3.2.1-13): what one holds for expired stays that much longer for the others. */
export const CLOCK_SKEW = 10
