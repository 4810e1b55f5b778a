import type { ClientCertificate } from '../core/facts.js'
import { type CertificateSource, thumbprint } from '../readers/certificate.js'
import type { AuthorityCertificates } from './authorities.js'
import { pathFinder } from './paths.js'
import { type RevocationOptions, revocationCheck } from './revocation.js'
import { readSettings } from './settings.js'
import { causeText, onOneLine } from './wording.js'

export interface TrustOptions {
  /** Where the certificates come from: `fromTls()` or `fromProxy(…)`. What it throws is thrown on. */
  readonly certificate: CertificateSource
  /**
   * The authorities that may issue client certificates, trusted for what they are: roots, or authorities below one. One that has expired
   * vouches for nobody.
   */
  readonly ca: AuthorityCertificates
  /** Authorities between those and the clients whose certificates clients may leave out. They are trusted only as far as `ca` signed them. */
  readonly intermediates?: AuthorityCertificates
  /** Where to learn whether a certificate was revoked. Without it nobody asks: a revoked certificate is then trusted until it expires. */
  readonly revocation?: RevocationOptions
  /**
   * Told of each certificate that is not trusted, and of each that is although its revocation status is unknown. What it throws, or rejects
   * with, is reported as a process warning.
   */
  readonly record?: (note: TrustNote) => void
}

/** What the operator may want to know of a certificate. */
export interface TrustNote {
  /** Epoch seconds. */
  readonly at: number
  readonly subject: string
  /** The `x5t#S256` thumbprint. */
  readonly thumbprint: string
  readonly trusted: boolean
  readonly reason: string
}

/** Trusted or not, and why; trusted for a reason only where its revocation status is unknown. */
type Verdict = { readonly trusted: boolean; readonly reason: string | undefined }

/**
 * Validates the chain of client certificates in this process (RFC 5280 §6): a certificate comes back as `verified: 'chain'` when one of
 * the authorities issued it and it was not revoked, and otherwise as not verified with the reason, whatever its source held of it. An
 * error while deciding means not verified. Throws a `ConfigurationError` that lists everything wrong with the options.
 */
export function trust(options: TrustOptions): CertificateSource {
  const { certificate, revocation, record } = options
  const { authorities, files } = readSettings({ ...options })
  const findPaths = pathFinder(authorities)
  const checkRevocation = revocation && revocationCheck(revocation, files)

  return async function fapiTrust(req) {
    const shown = await certificate(req)
    if (shown === undefined) return undefined
    const { x509, chain } = shown
    const now = Date.now() / 1000
    const { trusted, reason } = await decide(shown, now)
    if (record && reason !== undefined)
      tell(record, { at: now, subject: onOneLine(x509.subject), thumbprint: thumbprint(x509), trusted, reason })
    return Object.freeze<ClientCertificate>(
      trusted ? { x509, chain, verified: 'chain' } : { x509, chain, verified: false, unverified: reason ?? 'not trusted' },
    )
  }

  async function decide(shown: ClientCertificate, now: number): Promise<Verdict> {
    try {
      const found = await findPaths(shown, now)
      if ('flaw' in found) return { trusted: false, reason: found.flaw }
      const standing = await checkRevocation?.(found.paths, now)
      if (standing?.stands === false) return { trusted: false, reason: standing.reason }
      return { trusted: true, reason: standing?.unknown }
    } catch (cause) {
      return { trusted: false, reason: `the chain could not be judged: ${causeText(cause)}` }
    }
  }
}

/** Never keeps a request from being answered. */
function tell(record: (note: TrustNote) => void, note: TrustNote): void {
  const warn = (cause: unknown) => process.emitWarning(`the record function of trust failed: ${causeText(cause)}`, { code: 'FAPI_RECORD' })
  try {
    Promise.resolve(record(Object.freeze(note))).catch(warn)
  } catch (cause) {
    warn(cause)
  }
}
