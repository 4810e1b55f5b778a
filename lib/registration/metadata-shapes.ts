import { isText } from '../core/claims.js'
import { describable } from '../core/errors.js'
import { shown } from './metadata-fault.js'

/** How the values of a metadata field are written. */
type Shape = 'list' | 'scopes' | 'text' | 'open'

/** Metadata that are lists of texts (RFC 7591 §2, OpenID Connect Registration 1.0 §2, Logout, RFC 9396 §10, Open Finance Brasil DCR). */
const LISTS: readonly string[] = [
  ...['redirect_uris', 'grant_types', 'response_types', 'contacts', 'request_uris', 'default_acr_values'],
  ...['post_logout_redirect_uris', 'webhook_uris', 'authorization_details_types'],
]

/** Metadata that are one text each, whatever their end says. */
const TEXTS: readonly string[] = [
  'client_name',
  'application_type',
  'subject_type',
  'software_id',
  'software_version',
  'org_id',
  'org_name',
]
const TEXT_ENDS = /_(?:uri|alg|enc|method|dn|san_dns|san_uri|san_ip|san_email)$/

/** How a field is written; `open` where RFC 7591 and its like do not say. */
export function shapeOf(field: string): Shape {
  // RFC 7591 §2.2: a language may be named behind the field.
  const [name = ''] = field.split('#')
  if (name === 'scope') return 'scopes'
  if (LISTS.includes(name)) return 'list'
  return TEXTS.includes(name) || TEXT_ENDS.test(name) ? 'text' : 'open'
}

/** RFC 6749 §3.3. */
export const isScope = (value: unknown): value is string => typeof value === 'string' && /^[!#-[\]-~]+$/.test(value)

const areTexts = (value: unknown): value is readonly string[] => Array.isArray(value) && value.every(isText)

/** The values that metadata have; `undefined` for what is written in another way than RFC 7591 §2 has it. */
export function valuesOf(field: string, value: unknown): readonly string[] | undefined {
  const shape = shapeOf(field)
  if (shape === 'scopes') {
    const scopes = typeof value === 'string' ? value.split(' ') : []
    return scopes.length > 0 && scopes.every(isScope) ? scopes : undefined
  }
  if (shape !== 'list' && isText(value)) return [value]
  return shape !== 'text' && areTexts(value) ? value : undefined
}

/** The values of a claim. Directories are less strict than clients have to be: one text for a list of one, a list for scopes, a number for a version. */
export function claimValues(field: string, claim: unknown): readonly string[] | undefined {
  if (typeof claim === 'number' && shapeOf(field) === 'text') return [String(claim)]
  if (isText(claim)) return shapeOf(field) === 'scopes' ? claim.split(' ').filter(Boolean) : [claim]
  return areTexts(claim) ? claim : undefined
}

/** A claim as metadata have it; `undefined` for what cannot stand there. */
export function metadataOf(field: string, claim: unknown): unknown {
  const shape = shapeOf(field)
  if (shape === 'open') return claim
  const values = claimValues(field, claim)
  if (shape === 'list') return values && [...values]
  // A client with an empty scope would be one without: it could ask for any.
  if (shape === 'scopes') return values && values.length > 0 && values.every(isScope) ? values.join(' ') : undefined
  return Array.isArray(claim) ? undefined : values?.[0]
}

const FORMS: Readonly<Record<Shape, string>> = {
  list: 'a list of texts',
  scopes: 'scopes with one space between them',
  text: 'a text',
  open: 'a text, or a list of texts',
}

/** What metadata must be, in words. */
export const formOf = (field: string): string => FORMS[shapeOf(field)]

/** Values that are shown of what somebody sent, our choice. */
const SHOWN = 5

/** Some values for people to read. */
export function listed(values: readonly string[]): string {
  const more = values.length > SHOWN ? [`${values.length - SHOWN} more`] : []
  return [...values.slice(0, SHOWN).map((value) => describable(shown(value))), ...more].join(', ') || 'none'
}
