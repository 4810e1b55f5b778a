import { isText } from '../core/claims.js'
import { claimAt, nameOfClaim } from './claim-at.js'
import type { RoleScopes } from './ecosystem.js'
import type { Metadata, MetadataFault } from './metadata.js'
import { isGiven } from './metadata-fault.js'
import { formOf, listed, valuesOf } from './metadata-shapes.js'

/** The scope that a client is registered with, or why it is none. */
export type Granted = { readonly scope: string; readonly isRequested: boolean } | { readonly fault: MetadataFault }

/** Settles `scope` by the roles in a statement: what is asked for must be among what they give, and who asks for nothing gets it all. */
export function grantScope(rules: RoleScopes, requested: unknown, statement: Metadata): Granted {
  const invalid = (error: MetadataFault['error'], description: string): Granted => ({ fault: { error, description } })
  const claim = `${nameOfClaim(rules.claim)} of the software statement`
  const roles = rolesIn(rules, claimAt(statement, rules.claim))
  if (!roles) return invalid('invalid_software_statement', `${claim} must be roles, as ${formOfRoles(rules)}`)
  const given = [
    ...new Set([...rules.always, ...roles.flatMap((role) => (Object.hasOwn(rules.table, role) ? (rules.table[role] ?? []) : []))]),
  ]
  if (requested === undefined) {
    // A client without scope could ask for any.
    if (given.length === 0) return invalid('invalid_software_statement', `${claim} has no role in force that gives a scope`)
    return { scope: given.join(' '), isRequested: false }
  }
  const scopes = valuesOf('scope', requested)
  if (!scopes) return invalid('invalid_client_metadata', `scope must be ${formOf('scope')}`)
  const foreign = scopes.filter((scope) => !given.includes(scope))
  if (foreign.length > 0) {
    const right = `it may only have what the roles in ${claim} give (${listed(given)})`
    return invalid('invalid_client_metadata', `scope has ${listed(foreign)}: ${right}`)
  }
  return { scope: [...new Set(scopes)].join(' '), isRequested: true }
}

/** The roles in force. */
function rolesIn({ role: member, active }: RoleScopes, claim: unknown): readonly string[] | undefined {
  if (!isGiven(claim)) return []
  const entries: readonly unknown[] = [claim].flat()
  const roles = entries.map((entry) => ({ role: member === undefined ? entry : claimOf(entry, member), entry }))
  if (!roles.every(({ role }) => isText(role))) return undefined
  const inForce = roles.filter(({ entry }) => active === undefined || claimOf(entry, active.field) === active.value)
  return inForce.flatMap(({ role }) => (isText(role) ? [role] : []))
}

const claimOf = (entry: unknown, member: string): unknown =>
  typeof entry === 'object' && entry !== null && !Array.isArray(entry) && Object.hasOwn(entry, member)
    ? Reflect.get(entry, member)
    : undefined

const formOfRoles = ({ role }: RoleScopes) => (role === undefined ? 'a text or a list of texts' : `objects with ${role}`)
