import type { X509Certificate } from 'node:crypto'
import { Certificate } from 'pkijs'
import { onOneLine } from './wording.js'

/** One certificate of a path, read twice: by Node, which compares and verifies, and by pkijs, which shows what is inside. */
export interface Link {
  readonly x509: X509Certificate
  readonly fields: Certificate
  /** Its subject, for the operator. */
  readonly name: string
}

/** Reads a certificate with pkijs too. Throws an error of pkijs for one that it cannot read. */
export const linkOf = (x509: X509Certificate): Link =>
  Object.freeze({ x509, fields: Certificate.fromBER(new Uint8Array(x509.raw)), name: onOneLine(x509.subject) })

/** A serial number, the octets of an INTEGER, as it is looked up: without the zero octets before it. */
export function serialText(octets: Buffer): string {
  let start = 0
  while (octets[start] === 0 && start < octets.length - 1) start += 1
  return octets.toString('hex', start)
}

/** Whether a certificate bears its issuer's own name, as those of a key roll-over do (RFC 5280 §3.2). */
export const isSelfIssued = ({ fields: { subject, issuer } }: Link): boolean =>
  Buffer.from(subject.valueBeforeDecode).equals(Buffer.from(issuer.valueBeforeDecode))
