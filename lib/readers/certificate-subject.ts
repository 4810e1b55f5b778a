import { type AlternativeNameType, comparableName } from '../core/alternative-name.js'
import { visible } from '../core/attribute-values.js'
import { SUBJECT_FIELDS, subjectFault, subjectFieldsOf } from '../core/certificate-subject.js'
import { printDistinguishedName, sameDistinguishedName, sameTurnedRound } from '../core/distinguished-name.js'
import type { ClientCertificate } from '../core/facts.js'
import { parseDistinguishedName } from '../core/parse-distinguished-name.js'
import { CertificateError } from './certificate-error.js'
import { alternativeNamesOf, subjectOf } from './certificate-fields.js'

/** Why a certificate is not the one that a client registered. */
export interface Mismatch {
  /** For the client; it says nothing of what is registered. */
  readonly description: string
  /** For the operator: what is registered and what is in the certificate, normalised. */
  readonly detail: string
}

type Certificate = Pick<ClientCertificate, 'x509'>

/**
 * Says why a certificate does not carry the subject registered for a client of `tls_client_auth` (RFC 8705 §2.1.2), or nothing
 * when it does. A client with none of the five metadata fields, or with several, matches no certificate.
 */
export function subjectMismatch({ x509 }: Certificate, metadata: Readonly<Record<string, unknown>>): Mismatch | undefined {
  const detail = detailOf(x509, metadata)
  return detail === undefined ? undefined : { description: 'the client certificate is not the one registered for this client', detail }
}

function detailOf(x509: Certificate['x509'], metadata: Readonly<Record<string, unknown>>): string | undefined {
  const [field, ...more] = subjectFieldsOf(metadata)
  if (field === undefined) return `none of ${Object.keys(SUBJECT_FIELDS).join(', ')} is registered`
  if (more.length > 0) return `only one certificate subject may be registered, and there are ${[field, ...more].join(', ')}`
  const registered = metadata[field]
  const fault = subjectFault(field, registered)
  if (fault !== undefined) return fault
  try {
    const kind = SUBJECT_FIELDS[field]
    return kind === 'subject' ? otherSubject(x509, String(registered)) : otherNames(x509, kind, String(registered))
  } catch (error) {
    if (error instanceof CertificateError) return error.message
    throw error
  }
}

function otherSubject(x509: Certificate['x509'], written: string): string | undefined {
  const registered = parseDistinguishedName(written)
  const subject = subjectOf(x509)
  if (sameDistinguishedName(registered, subject)) return undefined
  const sides = `registered: ${printDistinguishedName(registered)}; certificate: ${printDistinguishedName(subject) || 'no subject'}`
  return sameTurnedRound(registered, subject) ? `${sides}; write the RDNs of tls_client_auth_subject_dn the other way round` : sides
}

function otherNames(x509: Certificate['x509'], kind: AlternativeNameType, written: string): string | undefined {
  const registered = comparableName(kind, written) ?? ''
  const names = alternativeNamesOf(x509).flatMap(({ type, value }) => (type === kind ? [value] : []))
  if (names.some((name) => comparableName(kind, name) === registered)) return undefined
  const carried = listed(names.map((name) => comparableName(kind, name) ?? name))
  return `registered: ${kind} ${shown(registered)}; certificate: ${carried || `no ${kind} name`}`
}

/** How many names are shown, and how many characters of each. Both our choice. */
const SHOWN = 10
const LONGEST = 255

const shown = (value: string) => visible((value.length > LONGEST ? `${value.slice(0, LONGEST)}...` : value).replaceAll(/[\\,;]/g, '\\$&'))

const listed = (values: readonly string[]) =>
  [...values.slice(0, SHOWN).map(shown), ...(values.length > SHOWN ? [`${values.length - SHOWN} more`] : [])].join(', ')
