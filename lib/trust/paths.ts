import { createHash, type X509Certificate } from 'node:crypto'
import { CertificateChainValidationEngine } from 'pkijs'
import type { ClientCertificate } from '../core/facts.js'
import type { Authorities } from './authorities.js'
import { candidatePaths, type Path, whyNoPath } from './candidate-paths.js'
import { type Link, linkOf } from './link.js'
import { type LinkedPath, pathFlaw } from './path-rules.js'
import { createMemory } from './remembered.js'
import { engine } from './signatures.js'
import { causeText, printable } from './wording.js'

/** The paths of a certificate that hold, or why none does. */
export type Judged = { readonly paths: readonly [LinkedPath, ...LinkedPath[]] } | { readonly flaw: string }

/** Certificates that may be sent beside the client's own; seconds for which a path is not looked at again; paths remembered. All three are our choice. */
const SENT = 20
const LIFE = 60
const REMEMBERED = 250

/** Finds the paths of certificates to the given authorities (RFC 5280 §6), and remembers them for a short while. Times are epoch seconds. */
export function pathFinder({ anchors, intermediates }: Authorities) {
  const memory = createMemory<Judged>(REMEMBERED)
  const known = new Map([...anchors, ...intermediates].map((link) => [link.x509, link]))
  const linked = (x509: X509Certificate): Link => known.get(x509) ?? linkOf(x509)
  const top = apart(
    anchors.map(({ x509 }) => x509),
    [],
  )
  const between = intermediates.map(({ x509 }) => x509)

  return async function findPaths({ x509: leaf, chain }: ClientCertificate, now: number): Promise<Judged> {
    if (chain.length > SENT) return { flaw: `${chain.length} certificates were sent beside it, at most ${SENT} are looked at` }
    const key = createHash('sha256')
      .update([leaf, ...chain].map(({ fingerprint256 }) => fingerprint256).join(' '))
      .digest('base64')
    const remembered = memory.recall(key, now)
    if (remembered) return remembered
    const judged = await judge(leaf, chain, now)
    memory.keep(key, judged, now, 'paths' in judged ? Math.min(now + LIFE, ...judged.paths.map(endOf)) : now + LIFE)
    return judged
  }

  async function judge(leaf: X509Certificate, chain: readonly X509Certificate[], now: number): Promise<Judged> {
    const others = apart([...between, ...chain], [leaf, ...top])
    const candidates = candidatePaths(leaf, others, top)
    if (candidates.length === 0) return { flaw: whyNoPath(leaf, others, top) }
    const verdicts = await Promise.all(candidates.map((path) => judgePath(path, now)))
    const [first, ...more] = verdicts.filter((verdict): verdict is LinkedPath => typeof verdict !== 'string')
    return first ? { paths: [first, ...more] } : { flaw: verdicts.find((verdict) => typeof verdict === 'string') ?? 'no path holds' }
  }

  async function judgePath([leaf, ...authorities]: Path, now: number): Promise<LinkedPath | string> {
    try {
      const path: LinkedPath = [linkOf(leaf), ...authorities.map(linked)]
      return pathFlaw(path, now) ?? (await libraryFlaw(path, now)) ?? path
    } catch (cause) {
      return `the path cannot be judged: ${causeText(cause)}`
    }
  }
}

/** Each certificate once, and none of those that are known already. */
function apart(certificates: readonly X509Certificate[], known: readonly X509Certificate[]): X509Certificate[] {
  const seen = new Set(known.map(({ fingerprint256 }) => fingerprint256))
  return certificates.filter(({ fingerprint256 }) => !seen.has(fingerprint256) && seen.add(fingerprint256))
}

/** When the first certificate of a path expires. */
const endOf = (path: LinkedPath): number => Math.min(...path.map(({ fields }) => fields.notAfter.value.getTime() / 1000))

/**
 * What pkijs says of a path: validity, name chaining, authorities, policies, name constraints. It is told who issued whom: of what
 * a client sends it would take the wrong certificate for the client's where one comes twice, and would never come to an end where
 * two authorities certify each other.
 */
async function libraryFlaw(path: LinkedPath, now: number): Promise<string | undefined> {
  const fields = path.map((link) => link.fields)
  const issuers = new Map(path.map((link, at) => [link.fields, fields[at + 1]]))
  const validation = new CertificateChainValidationEngine({
    trustedCerts: fields.slice(-1),
    certs: fields.slice(0, -1).reverse(),
    checkDate: new Date(now * 1000),
    findIssuer: async (certificate) => [issuers.get(certificate)].filter((issuer) => issuer !== undefined),
  })
  const { result, resultMessage, certificatePath = [] } = await validation.verify({}, engine)
  if (!result) return `the path does not hold: ${printable(resultMessage)}`
  const same = certificatePath.length === fields.length && certificatePath.every((certificate, at) => certificate === fields[at])
  return same ? undefined : 'the path that was validated is another one'
}
