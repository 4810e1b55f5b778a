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

/** Asks a source. One that fails has shown no certificate: who needs one is refused, who needs none is not. */
export async function shownCertificate(source: CertificateSource, req: IncomingMessage): Promise<ShownCertificate> {
  try {
    return { certificate: await source(req) }
  } catch (error) {
    return withoutCertificate(error)
  }
}

/** What a source that threw has shown. */
export const withoutCertificate = (error: unknown): ShownCertificate => (error instanceof CertificateError ? { flaw: error } : NONE)
