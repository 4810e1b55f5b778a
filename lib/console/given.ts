import { isText } from '../core/claims.js'
import type { Profile } from '../core/profile.js'
import { type Metadata, SAID_BY_SERVER } from '../registration/metadata.js'
import type { RegistrationTerms } from '../registration/registration.js'
import { ConsoleError, invalid, notFound } from './console-error.js'
import type { Call } from './operation.js'

/* Reads what was sent to an operation. Each throws a `ConsoleError` that says what would be right. */

/** The members of a JSON object, which has none but these. */
export function membersOf(body: unknown, names: readonly string[]): Readonly<Record<string, unknown>> {
  if (typeof body !== 'object' || body === null || Array.isArray(body)) throw invalid('the body must be a JSON object')
  const unknown = Object.keys(body).filter((name) => !names.includes(name))
  if (unknown.length > 0) throw invalid(`the body must have no ${listed(unknown)}: it may have ${names.join(', ')}`)
  return { ...body }
}

/** The metadata of an application, with none that the server does not know. What only the server says is left out: who sends back what he was told means no harm. */
export function metadataGiven({ knows }: Pick<RegistrationTerms, 'knows'>, value: unknown): Metadata {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) throw invalid('metadata must be a JSON object (RFC 7591 §2)')
  const entries = Object.entries(value).filter(([name]) => !SAID_BY_SERVER.includes(name))
  const unknown = entries.flatMap(([name]) => (knows(name) ? [] : [name]))
  if (unknown.length > 0)
    throw new ConsoleError(400, 'invalid_client_metadata', `metadata must not have ${listed(unknown)}, which this server does not know`)
  return Object.fromEntries(entries)
}

/** The profile of a name. */
export function profileGiven({ policy }: Pick<RegistrationTerms, 'policy'>, named: string | undefined): Profile {
  const profile = policy.profiles.find(({ name }) => name === named)
  if (!profile) throw notFound('profile')
  return profile
}

export function textGiven(name: string, value: unknown, longest = 500): string {
  if (!isText(value) || value.trim() === '' || value.length > longest) throw invalid(`${name} must be a text of 1 to ${longest} characters`)
  return value.trim()
}

export function numberGiven(name: string, value: unknown): number {
  if (typeof value !== 'number' || !Number.isSafeInteger(value) || value < 0) throw invalid(`${name} must be a whole number`)
  return value
}

/** Where a listing goes on, and what it looks for. */
export function pagingGiven({ limit, cursor, search }: Call['query']) {
  const size = limit === undefined ? 50 : Number(limit)
  if (!Number.isInteger(size) || size < 1 || size > 200) throw invalid('limit must be from 1 to 200')
  // No database takes it where it looks something up.
  if (cursor?.includes('\0')) throw invalid('cursor must be that of the page before')
  return { limit: size, cursor, search: search?.trim() || undefined }
}

export const PAGING = {
  limit: { description: 'How many, from 1 to 200. Default 50.', schema: { type: 'integer', minimum: 1, maximum: 200 } },
  cursor: { description: 'The cursor of the page before.' },
}

/** Some names for people to read: who sends hundreds is not read them all. */
const listed = (names: readonly string[]) =>
  [...names.slice(0, 5).map((name) => name.slice(0, 80)), ...(names.length > 5 ? [`${names.length - 5} more`] : [])].join(', ')
