import type { X509Certificate } from 'node:crypto'
import { attributeName } from '../core/attribute-types.js'
import { subjectOf } from '../readers/certificate-fields.js'

/** Finds the values of an attribute in a certificate's subject, by its short name (`UID`) or object identifier. */
export const subjectValues =
  (x509: X509Certificate) =>
  (attribute: string): readonly string[] =>
    subjectOf(x509)
      .flat()
      .filter(({ type }) => type === attribute || attributeName(type) === attribute)
      .flatMap(({ value }) => (typeof value === 'string' ? [value] : []))
