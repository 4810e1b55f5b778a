import type { X509Certificate } from 'node:crypto'
import { type AlternativeName, alternativeNames } from './certificates.js'
import { sameName } from './distinguished-name.js'

const CLIENT_AUTHENTICATION = '1.3.6.1.5.5.7.3.2'

/** Whether the authority issued a certificate, for clients, and it is valid now. The listeners ask for any certificate, so this decides. */
export function isTrustedClient(authority: X509Certificate, certificate: X509Certificate, now = Date.now()): boolean {
  return (
    certificate.checkIssued(authority) &&
    certificate.verify(authority.publicKey) &&
    !certificate.ca &&
    (certificate.keyUsage ?? []).includes(CLIENT_AUTHENTICATION) &&
    Date.parse(certificate.validFrom) <= now &&
    now <= Date.parse(certificate.validTo)
  )
}

/** The kind of alternative name a registered `tls_client_auth_san_*` property is compared with. */
const SAN_TYPES: Readonly<Record<string, AlternativeName['type']>> = {
  tls_client_auth_san_dns: 'dns',
  tls_client_auth_san_uri: 'url',
  tls_client_auth_san_ip: 'ip',
  tls_client_auth_san_email: 'email',
}

/** Whether a certificate carries what a client registered for `tls_client_auth` (RFC 8705 §2.1.2). */
export function subjectMatches(certificate: X509Certificate, property: string, expected: string): boolean {
  if (property === 'tls_client_auth_subject_dn') return sameName(expected, certificate.subject)
  const type = SAN_TYPES[property]
  return alternativeNames(certificate.raw).some(
    (name) => name.type === type && comparable(property, name.value) === comparable(property, expected),
  )
}

/** DNS names ignore case, and an address may be written in several ways; everything else is compared as it stands. */
function comparable(property: string, value: string): string {
  if (property === 'tls_client_auth_san_dns') return value.toLowerCase()
  if (property === 'tls_client_auth_san_ip' && value.includes(':'))
    return URL.canParse(`https://[${value}]`) ? new URL(`https://[${value}]`).hostname : value
  return value
}
