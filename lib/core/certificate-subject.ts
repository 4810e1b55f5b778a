import { type AlternativeNameType, comparableName, NAME_FORMS } from './alternative-name.js'
import { isText } from './claims.js'
import { DistinguishedNameError, parseDistinguishedName } from './parse-distinguished-name.js'

/** The metadata of which a client of `tls_client_auth` has exactly one (RFC 8705 §2.1.2), and what of a certificate it names. */
export const SUBJECT_FIELDS = {
  tls_client_auth_subject_dn: 'subject',
  tls_client_auth_san_dns: 'dns',
  tls_client_auth_san_uri: 'uri',
  tls_client_auth_san_ip: 'ip',
  tls_client_auth_san_email: 'email',
} as const satisfies Readonly<Record<string, 'subject' | AlternativeNameType>>

/** The name of one of these metadata fields. */
export type SubjectField = keyof typeof SUBJECT_FIELDS

/** The subject fields that are there, whatever is in them. */
export const subjectFieldsOf = (metadata: Readonly<Record<string, unknown>>): readonly SubjectField[] =>
  Object.keys(SUBJECT_FIELDS)
    .filter(isSubjectField)
    .filter((field) => metadata[field] !== undefined)

const isSubjectField = (name: string): name is SubjectField => Object.hasOwn(SUBJECT_FIELDS, name)

/** Says why a registered subject can match no certificate, or nothing. */
export function subjectFault(field: SubjectField, value: unknown): string | undefined {
  const kind = SUBJECT_FIELDS[field]
  if (!isText(value)) return `${field} must be a string that is not empty`
  if (kind === 'subject') return nameFault(field, value)
  return comparableName(kind, value) === undefined ? `${field} must be ${NAME_FORMS[kind]}` : undefined
}

function nameFault(field: SubjectField, value: string): string | undefined {
  try {
    parseDistinguishedName(value)
    return undefined
  } catch (error) {
    const why = error instanceof DistinguishedNameError ? error.message : 'it cannot be read'
    return `${field} must be a distinguished name as RFC 4514 writes it: ${why}`
  }
}
