import type { IncomingMessage } from 'node:http'
import type { ClientCertificate } from '../core/facts.js'
import type { CertificateSource } from './certificate.js'
import { CertificateError } from './certificate-error.js'

/** What a request showed: a certificate, one that must not be used, or none. */
export interface ShownCertificate {
  readonly certificate?: ClientCertificate | undefined
  /** Why what was shown does not count. */
  readonly flaw?: CertificateError | undefined
}

const NONE: ShownCertificate = Object.freeze({})

/** Asks a source. One that fails has shown no certificate: who needs one is refused, who needs none is not. Waits only for one that takes time. */
export function shownCertificate(source: CertificateSource, req: IncomingMessage): ShownCertificate | Promise<ShownCertificate> {
  try {
    const found = source(req)
    return found && 'then' in found ? found.then((certificate) => ({ certificate }), withoutCertificate) : { certificate: found }
  } catch (error) {
    return withoutCertificate(error)
  }
}

/** What a source that threw has shown. */
export const withoutCertificate = (error: unknown): ShownCertificate => (error instanceof CertificateError ? { flaw: error } : NONE)
