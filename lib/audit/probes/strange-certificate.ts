import { X509Certificate } from 'node:crypto'
import { subjectOf } from '../../readers/certificate-fields.js'
import { freshKeys } from '../../readers/fresh-keys.js'
import { selfSignedCertificate } from '../../readers/self-signed.js'
import type { CertificateWithKey } from '../exchange.js'

/** A certificate that nobody issued or registered, with the subject of another: valid for an hour, our choice. */
export function strangeCertificate({ certificate }: CertificateWithKey): CertificateWithKey {
  const { privateKey } = freshKeys('P-256')
  const subject = subjectOf(new X509Certificate(certificate))
  const [notBefore, notAfter] = [new Date(Date.now() - 300_000), new Date(Date.now() + 3_600_000)]
  return {
    certificate: selfSignedCertificate({ subject, privateKey, usage: 'client', notBefore, notAfter }),
    key: privateKey.export({ type: 'pkcs8', format: 'pem' }).toString(),
  }
}
