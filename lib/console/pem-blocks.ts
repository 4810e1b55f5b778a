import { GivenError } from './given-error.js'

/** A block of PEM: its label, and the text from BEGIN to END. */
export interface PemBlock {
  readonly label: string
  readonly text: string
}

const BEGIN = /-----BEGIN ([A-Z0-9 ]{1,40})-----/g
const PRIVATE = /-----BEGIN [A-Z0-9 ]{0,40}PRIVATE/

/** What is said of a private key, wherever one is found. */
export const privateKeyFound = (where: string) =>
  new GivenError(
    'secret',
    `${where} a private key. It must stay with the client, which gives its public half only; this one must be considered known now: make a new pair of keys, and use this one no more`,
  )

/**
 * The blocks of PEM in a text (RFC 7468 §2, with whatever text between them). Throws a `GivenError` for a private key, and for a
 * block without its end.
 */
export function pemBlocks(text: string): readonly PemBlock[] {
  if (PRIVATE.test(text)) throw privateKeyFound('the text holds')
  const blocks: PemBlock[] = []
  let from = 0
  for (const { 0: begin, 1: label = '', index } of text.matchAll(BEGIN)) {
    if (index < from) throw new GivenError('unreadable', 'the text holds a PEM block inside another: each must have its END line')
    const end = `-----END ${label}-----`
    const at = text.indexOf(end, index + begin.length)
    if (at === -1)
      throw new GivenError('unreadable', `the text holds a PEM block (${label}) without its END line: it was cut off, give all of it`)
    from = at + end.length
    blocks.push({ label, text: text.slice(index, from) })
  }
  return blocks
}
