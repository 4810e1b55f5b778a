import type { CrlFiles } from './crl-files.js'
import { crlSource } from './crl-finding.js'
import { type Finding, GOOD, unknown } from './finding.js'
import type { Link } from './link.js'
import { type OcspOptions, ocspSource } from './ocsp.js'
import type { LinkedPath } from './path-rules.js'
import { causeText } from './wording.js'

export interface RevocationOptions {
  /** Files of CRLs, PEM or DER, that somebody keeps up to date. They are read again when they change. */
  readonly crl?: { readonly files: readonly string[] }
  /** OCSP responders. */
  readonly ocsp?: OcspOptions
  /**
   * What becomes of a certificate whose status cannot be learned: the responder is silent, the CRL is missing or has run out. There is
   * no default: `refuse` lets an outage of the authority stop its clients, `accept` lets an outage hide a revocation.
   */
  readonly whenUnknown: 'refuse' | 'accept'
}

/** What revocation says of paths: which of them stands, or why none does. */
export type Standing = { readonly stands: true; readonly unknown: string | undefined } | { readonly stands: false; readonly reason: string }

/** Says whether one of the paths of a certificate stands; `now` is in epoch seconds. */
export type RevocationCheck = (paths: readonly LinkedPath[], now: number) => Promise<Standing>

/**
 * Looks up every certificate of a path but the anchor. CRLs and responders are both asked where both are configured: who is revoked
 * by either is refused, and what one of them calls good is good though the other does not know.
 */
export function revocationCheck({ crl, ocsp, whenUnknown }: RevocationOptions, files: CrlFiles | undefined): RevocationCheck {
  const crls = crl && files && crlSource(files)
  const sources = [...(crls ? [crls] : []), ...(ocsp ? [ocspSource(ocsp, crls)] : [])]

  return async function checkRevocation(paths, now) {
    const looked = await Promise.all(paths.map((path) => Promise.all(stepsOf(path).map((step) => look(step, now)))))
    const revoked = new Map(
      looked.flat().flatMap(({ link, finding }) => (finding.status === 'revoked' ? [[link.x509.fingerprint256, finding.reason]] : [])),
    )
    const standing = looked.filter((path) => !path.some(({ link }) => revoked.has(link.x509.fingerprint256)))
    if (standing.length === 0) return { stands: false, reason: [...revoked.values()].join('; ') }
    const unknowns = standing.map((path) => path.flatMap(({ finding }) => (finding.status === 'unknown' ? [finding.reason] : [])))
    if (unknowns.some((path) => path.length === 0)) return { stands: true, unknown: undefined }
    const reason = `revocation status unknown: ${[...new Set(unknowns.flat())].join('; ')}`
    return whenUnknown === 'accept' ? { stands: true, unknown: reason } : { stands: false, reason }
  }

  async function look({ link, issuer }: Step, now: number): Promise<{ readonly link: Link; readonly finding: Finding }> {
    const findings = await Promise.all(sources.map((ask) => ask(link, issuer, now).catch((cause: unknown) => unknown(causeText(cause)))))
    return { link, finding: worstOf(findings) }
  }
}

interface Step {
  readonly link: Link
  readonly issuer: Link
}

const stepsOf = (path: LinkedPath): readonly Step[] => path.slice(0, -1).map((link, at) => ({ link, issuer: path[at + 1] as Link }))

function worstOf(findings: readonly Finding[]): Finding {
  const revoked = findings.find(({ status }) => status === 'revoked')
  if (revoked) return revoked
  if (findings.some(({ status }) => status === 'good')) return GOOD
  return unknown(findings.map((finding) => ('reason' in finding ? finding.reason : '')).join('; '))
}
