/** What a certificate or a responder says, cut short and without anything that would forge a line in a log. */
export const printable = (text: string): string =>
  (text.length > 200 ? `${text.slice(0, 200)}…` : text).replaceAll(/[\p{C}\p{Zl}\p{Zp}]/gu, '?')

/** A distinguished name as Node prints it, on one line. */
export const onOneLine = (name: string | undefined): string =>
  printable(name?.split('\n').join(', ') ?? '') || 'a certificate without a subject'

/** A time as operators read it; `seconds` since the epoch. */
export const timeText = (seconds: number): string => {
  const date = new Date(seconds * 1000)
  return Number.isNaN(date.getTime()) ? 'an unreadable date' : date.toISOString().replace('.000Z', 'Z')
}

/** What went wrong, from whatever was thrown. */
export const causeText = (cause: unknown): string =>
  printable(cause instanceof Error ? cause.message : `something that is no error (${typeof cause})`)
