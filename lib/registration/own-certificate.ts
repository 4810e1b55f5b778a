import { isText } from '../core/claims.js'
import type { ClientCertificate } from '../core/facts.js'
import { thumbprint } from '../readers/certificate.js'
import { subjectMismatch } from '../readers/certificate-subject.js'
import type { Metadata } from './metadata.js'
import type { RegistrationRecord } from './registration-record.js'

/** The very certificate that the client registered with, or one that it authenticates with at the token endpoint. */
export function isItsOwn(certificate: ClientCertificate, record: RegistrationRecord, metadata: Metadata): boolean {
  if (isText(record.certificate) && thumbprint(certificate.x509) === record.certificate) return true
  return (
    metadata.token_endpoint_auth_method === 'tls_client_auth' &&
    certificate.verified !== false &&
    subjectMismatch(certificate, metadata) === undefined
  )
}
