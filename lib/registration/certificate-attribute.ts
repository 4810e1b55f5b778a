import type { X509Certificate } from 'node:crypto'
import { attributeName } from '../core/attribute-types.js'
import type { ClientCertificate } from '../core/facts.js'
import { subjectOf } from '../readers/certificate-fields.js'
import type { Ecosystem } from './ecosystem.js'
import type { Metadata } from './metadata.js'
import { CERTIFICATE, matchFaults } from './statement-fields.js'

/** Finds the values of an attribute in a certificate's subject, by its short name (`UID`) or object identifier. */
export const subjectValues =
  (x509: X509Certificate) =>
  (attribute: string): readonly string[] =>
    subjectOf(x509)
      .flat()
      .filter(({ type }) => type === attribute || attributeName(type) === attribute)
      .flatMap(({ value }) => (typeof value === 'string' ? [value] : []))

const isAboutCertificates = ({ field }: Ecosystem['matches'][number]) => field.startsWith(CERTIFICATE)

/** Whether an ecosystem says whose certificate belongs to which statement. */
export const comparesCertificates = ({ matches }: Ecosystem): boolean => matches.some(isAboutCertificates)

/** What is wrong with the certificate of a client, by the statement about its software; nothing where the ecosystem does not compare them. */
export function certificateMisfit(
  ecosystem: Ecosystem,
  statement: Metadata,
  certificate: ClientCertificate | undefined,
): string | undefined {
  const matches = ecosystem.matches.filter(isAboutCertificates)
  const [fault] = matchFaults({ ...ecosystem, matches }, {}, statement, certificate && subjectValues(certificate.x509))
  return fault?.description
}
