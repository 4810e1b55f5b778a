import type { Request } from 'express'
import { isText } from '../core/claims.js'
import { reasonOf } from '../core/errors.js'
import { ConsoleError } from './console-error.js'

/** What somebody may do, each all that those before it may: `viewer` looks, `operator` suspends, revokes and hands out tokens, `admin` changes applications and settings. */
export const ROLES = ['viewer', 'operator', 'admin'] as const

export type Role = (typeof ROLES)[number]

/** Somebody who uses the console. */
export interface Person {
  /** Who it is, for the audit trail; 200 characters at the most. */
  readonly id: string
  readonly roles: readonly Role[]
}

/** Says who a request is from; `null` for nobody. What it throws refuses the request. */
export type Authorize = (req: Request) => Person | null | Promise<Person | null>

/** Characters of an id, our choice: it stands in the audit trail, and in the history of the settings. */
const LONGEST_ID = 200

/** Who asks; `undefined` for nobody. Throws a `ConsoleError` when that cannot be found out. */
export async function personOf(authorize: Authorize, req: Request): Promise<Person | undefined> {
  try {
    const person = await authorize(req)
    if (person === null) return undefined
    const { id, roles } = { ...person }
    if (!isText(id) || id.length > LONGEST_ID)
      throw new TypeError(`authorize must give an id of 1 to ${LONGEST_ID} characters, or null for nobody`)
    if (!Array.isArray(roles) || !roles.every((role) => ROLES.includes(role)))
      throw new TypeError(`authorize must give roles, a list of some of ${ROLES.join(', ')}`)
    return Object.freeze<Person>({ id, roles: Object.freeze([...roles]) })
  } catch (cause) {
    process.emitWarning(`it could not be decided who uses the console: ${reasonOf(cause)}`, { code: 'FAPI_CONSOLE' })
    throw new ConsoleError(503, 'temporarily_unavailable', 'it cannot be decided right now who you are, try again')
  }
}

/** Whether somebody has a role, or one that comprises it. */
export const hasRole = ({ roles }: Person, needed: Role): boolean => roles.some((role) => ROLES.indexOf(role) >= ROLES.indexOf(needed))

/** Throws a `ConsoleError` for somebody who has not. */
export function insistOnRole(person: Person, needed: Role): void {
  if (!hasRole(person, needed))
    throw new ConsoleError(403, 'access_denied', `this needs the role ${needed}, and you have ${person.roles.join(', ') || 'none'}`)
}
