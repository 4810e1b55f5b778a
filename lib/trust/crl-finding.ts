import { type CertificateRevocationList, CRLDistributionPoints } from 'pkijs'
import { type Crl, scopeFlaw } from './crl.js'
import type { CrlFiles } from './crl-files.js'
import { allowsUsage, EXTENSION, extensionOf, USAGE } from './extensions.js'
import { type Finding, GOOD, revoked, SKEW, unknown } from './finding.js'
import { type Link, serialText } from './link.js'
import { engine } from './signatures.js'
import { causeText, timeText } from './wording.js'

/** Says what CRLs know of a certificate that this authority issued; `now` is in epoch seconds. */
export type CrlSource = (link: Link, issuer: Link, now: number) => Promise<Finding>

/**
 * Looks a certificate up in the lists that its own authority signed. A list that has run out still revokes, where no newer one is
 * there, and never says that a certificate is good.
 */
export function crlSource(files: CrlFiles): CrlSource {
  const verified = new WeakMap<CertificateRevocationList, WeakMap<object, Promise<string | undefined>>>()

  return async function askCrls(link, issuer, now) {
    const lists = (await files.current(now)).filter(({ fields }) => fields.issuer.isEqual(issuer.fields.subject))
    if (lists.length === 0) return unknown(`there is no CRL of ${issuer.name}`)
    const of = { isAuthority: link.x509.ca, points: pointsOf(link) }
    const judged = await Promise.all(lists.map(async (crl) => ({ crl, flaw: await flawOf(crl, of, issuer, now) })))

    const usable = judged.flatMap(({ crl, flaw }) => (flaw === undefined ? [crl] : []))
    const fresh = usable.filter(({ nextUpdate }) => nextUpdate !== undefined && now <= nextUpdate)
    const serial = serialText(Buffer.from(link.fields.serialNumber.valueBlock.valueHexView))
    for (const crl of fresh.length ? fresh : usable) {
      const revocation = crl.revocationOf(serial)
      if (revocation) return revoked(`${link.name} was ${revocation}, says the CRL of ${issuer.name}`)
    }
    if (fresh.length) return GOOD
    const [stale] = usable
    const [flawed] = judged
    return unknown(`the CRL of ${issuer.name} ${stale ? staleText(stale) : flawed?.flaw}`)
  }

  /** Why a list says nothing; one that cannot be judged does not keep others from speaking. */
  async function flawOf(crl: Crl, of: Parameters<typeof scopeFlaw>[1], issuer: Link, now: number): Promise<string | undefined> {
    try {
      return scopeFlaw(crl, of) ?? early(crl, now) ?? (await signatureFlaw(crl, issuer))
    } catch (cause) {
      return `cannot be judged: ${causeText(cause)}`
    }
  }

  /** Verified once for a list and an authority. */
  function signatureFlaw({ fields }: Crl, issuer: Link): Promise<string | undefined> {
    const known = verified.get(fields) ?? new WeakMap<object, Promise<string | undefined>>()
    verified.set(fields, known)
    const flaw = known.get(issuer.fields) ?? verify(fields, issuer)
    known.set(issuer.fields, flaw)
    return flaw
  }
}

async function verify(crl: CertificateRevocationList, issuer: Link): Promise<string | undefined> {
  if (!allowsUsage(issuer.fields, USAGE.cRLSign)) return 'is by a key that may not sign CRLs'
  try {
    return (await crl.verify({ issuerCertificate: issuer.fields }, engine)) ? undefined : 'is not signed by its key'
  } catch (cause) {
    return `cannot be verified: ${causeText(cause)}`
  }
}

const early = ({ thisUpdate }: Crl, now: number) =>
  thisUpdate <= now + SKEW ? undefined : `is of ${timeText(thisUpdate)}, which is to come`

const staleText = ({ nextUpdate }: Crl) =>
  nextUpdate === undefined ? 'does not say until when it holds' : `has run out at ${timeText(nextUpdate)}`

/** The URIs of the lists that a certificate says it may be in. */
const pointsOf = ({ fields: { extensions } }: Link): readonly string[] =>
  extensionOf(extensions, EXTENSION.cRLDistributionPoints, CRLDistributionPoints)?.distributionPoints.flatMap(
    ({ distributionPoint: names, cRLIssuer }) =>
      Array.isArray(names) && !cRLIssuer ? names.filter(({ type }) => type === 6).map(({ value }) => String(value)) : [],
  ) ?? []
