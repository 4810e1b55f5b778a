import { refusalNamed } from './index.js'
import type { NamedRefusal, Wordings } from './named-refusal.js'
import { wordingsOfClients } from './wordings-of-clients.js'
import { wordingsOfRequests } from './wordings-of-requests.js'
import { wordingsOfTokens } from './wordings-of-tokens.js'

/** How servers word what we have a name for. */
export const wordings: Wordings = Object.freeze(Object.assign(Object.create(null), wordingsOfClients, wordingsOfRequests, wordingsOfTokens))

/** Characters, our choice: sentences are shorter, and some patterns take time by the square of what they look at. */
const LONGEST = 1000

/** The part of a text in which words are looked for: what it repeats of a request may be as long as somebody likes. */
export const lookedAt = (text: string): string => text.slice(0, LONGEST)

/** The refusal that an error and its words come down to; `worded` where the words say it, else what the error alone says. */
export function refusalWorded(error: unknown, text: string, how: 'worded' | 'always'): NamedRefusal | undefined {
  const known = typeof error === 'string' ? (wordings[error] ?? []) : []
  const sentences = lookedAt(text)
  const [, id] = known.find(([words]) => (how === 'worded' ? words?.test(sentences) : words === undefined)) ?? []
  return id === undefined ? undefined : refusalNamed(id)
}

/** The refusal behind an error that a server gave: by its words, or else by the error alone. */
export const refusalBehind = (error: unknown, text: string): NamedRefusal | undefined =>
  refusalWorded(error, text, 'worded') ?? refusalWorded(error, text, 'always')
