import type { X509Certificate } from 'node:crypto'
import { onOneLine } from './wording.js'

/** Leads from a client's certificate to an authority that is trusted, each signed by the next. */
export type Path = readonly [X509Certificate, ...X509Certificate[]]

/** Certificates in a path, the anchor among them; paths that are looked at; steps taken to find them. All three are our choice. */
const LONGEST = 10
const MOST = 8
const STEPS = 200

/**
 * All ways from a certificate up to an anchor, the shortest first. They are found from the anchors downwards, so that no
 * signature is verified with a key that nobody trusted vouches for, and no two certificates are compared twice: whoever sends
 * certificates chooses neither the work nor the keys.
 */
export function candidatePaths(leaf: X509Certificate, others: readonly X509Certificate[], anchors: readonly X509Certificate[]): Path[] {
  const issuers = issuersBelow(leaf, others, anchors)
  const found: Path[] = []
  const open: Path[] = [[leaf]]
  // What is pushed while this runs is reached as well.
  for (const path of open) {
    const last = path.at(-1) as X509Certificate
    if (anchors.includes(last)) found.push(path)
    else if (path.length < LONGEST)
      for (const issuer of issuers.get(last) ?? []) if (!path.some((one) => isSameAuthority(one, issuer))) open.push([...path, issuer])
    if (found.length === MOST || open.length > STEPS) break
  }
  return found
}

/** Who signed what, as far as it leads down from an anchor. */
function issuersBelow(leaf: X509Certificate, others: readonly X509Certificate[], anchors: readonly X509Certificate[]) {
  const issuers = new Map<X509Certificate, X509Certificate[]>()
  const trusted = [...anchors]
  // What is pushed while this runs is reached as well.
  for (const authority of trusted) {
    for (const candidate of [leaf, ...others]) {
      if (candidate === authority || !isIssued(candidate, authority)) continue
      issuers.set(candidate, [...(issuers.get(candidate) ?? []), authority])
      if (candidate !== leaf && candidate.ca && !trusted.includes(candidate)) trusted.push(candidate)
    }
  }
  return issuers
}

/** Whether name, key identifier, usage and signature say that the authority issued it. What cannot be verified was not. */
export function isIssued(certificate: X509Certificate, authority: X509Certificate): boolean {
  try {
    return certificate.checkIssued(authority) && certificate.verify(authority.publicKey)
  } catch {
    return false
  }
}

/** An authority may have several certificates; going through it twice leads nowhere. */
const isSameAuthority = (a: X509Certificate, b: X509Certificate): boolean => a.subject === b.subject && a.publicKey.equals(b.publicKey)

/** Why there is no path, for the operator: what the certificates lead to by their names. */
export function whyNoPath(leaf: X509Certificate, others: readonly X509Certificate[], anchors: readonly X509Certificate[]): string {
  const seen = [leaf]
  let top = leaf
  for (let next = issuerByName(top, others); next && !seen.includes(next); next = issuerByName(top, others)) {
    seen.push(next)
    top = next
  }
  const issuer = onOneLine(top.issuer)
  const reason = anchors.some(({ subject }) => subject === top.issuer)
    ? `${issuer} is trusted, but the signatures below it do not hold`
    : top.subject === top.issuer
      ? `${issuer} signed itself and is not among the trusted ones`
      : `issuer ${issuer} is not among the trusted ones`
  return `no path to a trusted authority: ${reason}`
}

const issuerByName = ({ subject, issuer }: X509Certificate, others: readonly X509Certificate[]) =>
  subject === issuer ? undefined : others.find((other) => other.subject === issuer)
