import { refusalNamed } from './index.js'
import type { NamedRefusal, Wordings } from './named-refusal.js'
import { wordingsOfClients } from './wordings-of-clients.js'
import { wordingsOfRequests } from './wordings-of-requests.js'
import { wordingsOfTokens } from './wordings-of-tokens.js'

/** How servers word what we have a name for. */
export const wordings: Wordings = Object.freeze(Object.assign(Object.create(null), wordingsOfClients, wordingsOfRequests, wordingsOfTokens))

/** The refusal that an error and its words come down to; `worded` where the words say it, else what the error alone says. */
export function refusalWorded(error: unknown, text: string, how: 'worded' | 'always'): NamedRefusal | undefined {
  const known = typeof error === 'string' ? (wordings[error] ?? []) : []
  const [, id] = known.find(([words]) => (how === 'worded' ? words?.test(text) : words === undefined)) ?? []
  return id === undefined ? undefined : refusalNamed(id)
}

/** The refusal behind an error that a server gave: by its words, or else by the error alone. */
export const refusalBehind = (error: unknown, text: string): NamedRefusal | undefined =>
  refusalWorded(error, text, 'worded') ?? refusalWorded(error, text, 'always')
