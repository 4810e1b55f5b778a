import type { Metadata, MetadataFault } from './metadata.js'

/* How faults are told: each names its field and what would be right, and repeats nothing that is long or secret. */

/** A fault of metadata other than redirect URIs. */
export const invalid = (description: string): MetadataFault => ({ error: 'invalid_client_metadata', description: cut(description, 300) })

/** A fault of redirect URIs. */
export const invalidRedirect = (description: string): MetadataFault => ({
  error: 'invalid_redirect_uri',
  description: cut(description, 300),
})

/** Characters, our choice: enough to recognise an address or a name of a key. */
const SHOWN = 80
/** Characters that are looked through for secrets, our choice. */
const LOOKED_AT = 2000

/** A value as a description may repeat it: cut, and without credentials and query, where secrets stand. */
export function shown(text: string): string {
  // What is long is cut before anything looks at it.
  const [address = ''] = text.slice(0, LOOKED_AT).split('?', 1)
  const told = address.length < Math.min(text.length, LOOKED_AT) ? `${address}?...` : address
  const at = told.lastIndexOf('@')
  const [scheme = ''] = /^[a-z][a-z0-9+.-]{0,30}:\/{0,3}/i.exec(told) ?? []
  return cut(at < 0 ? told : `${scheme}...@${told.slice(at + 1)}`, SHOWN)
}

const cut = (text: string, most: number) => (text.length > most ? `${text.slice(0, most)}...` : text)

/** Values of one list whose faults are told one by one, our choice; the others are counted. */
const TOLD = 5

/** What is wrong with the values of a list; `check` says it of one. */
export function faultsOfEach<T>(field: string, values: readonly T[], check: (value: T) => string | undefined): readonly string[] {
  const found = values.map(check).filter((fault) => fault !== undefined)
  const rest = found.length - TOLD
  return rest > 0 ? [...found.slice(0, TOLD), `${field} has ${rest} more that are wrong`] : found
}

/** Whether metadata have a value: `null` and an empty string say nothing (RFC 7592 §2.2). */
export const isGiven = (value: unknown): boolean => value !== undefined && value !== null && value !== ''

/** Metadata without what says nothing. */
export const givenIn = (metadata: Metadata): Metadata => Object.fromEntries(Object.entries(metadata).filter(([, value]) => isGiven(value)))
