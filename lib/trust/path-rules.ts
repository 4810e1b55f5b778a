import { BasicConstraints } from 'pkijs'
import { weakPublicKey } from '../core/key-strength.js'
import { allowsUsage, EXTENSION, extensionOf, extensionsFlaw, PURPOSE, purposesOf, USAGE } from './extensions.js'
import { isSelfIssued, type Link } from './link.js'
import { nameConstraintFlaw } from './name-constraints.js'
import { weakSignature } from './signatures.js'
import { timeText } from './wording.js'

/** A client's certificate, the authorities above it, and the anchor last. */
export type LinkedPath = readonly [Link, ...Link[]]

/** What pkijs does not check, or not well enough, in the order in which it is told. `now` is in epoch seconds. */
const CHECKS: readonly ((path: LinkedPath, now: number) => string | undefined)[] = [
  unreadable,
  outdated,
  weak,
  clientIsAuthority,
  pathTooLong,
  otherPurpose,
  nameConstraintFlaw,
]

/** Why a path does not hold; nothing when it does. Throws an error where a certificate cannot be read. */
export function pathFlaw(path: LinkedPath, now: number): string | undefined {
  for (const check of CHECKS) {
    const flaw = check(path, now)
    if (flaw) return flaw
  }
  return undefined
}

/** The first flaw that any certificate of a path has, said of it by name. */
function said(links: readonly Link[], flawOf: (link: Link) => string | undefined): string | undefined {
  for (const link of links) {
    const flaw = flawOf(link)
    if (flaw) return `${link.name} ${flaw}`
  }
  return undefined
}

function unreadable(path: LinkedPath): string | undefined {
  return said(path, ({ fields }) => extensionsFlaw(fields))
}

/** The anchor too: what an authority did not mean to vouch for any longer is not vouched for. A date that cannot be read is not now. */
function outdated(path: LinkedPath, now: number): string | undefined {
  return said(path, ({ fields: { notBefore, notAfter } }) => {
    const [from, to] = [notBefore.value.getTime() / 1000, notAfter.value.getTime() / 1000]
    if (!(from <= now)) return `is not valid before ${timeText(from)}`
    return now <= to ? undefined : `has expired at ${timeText(to)}`
  })
}

/** Keys of all, signatures of all but the anchor: it is trusted for what it is, not for who signed it. */
function weak(path: LinkedPath): string | undefined {
  for (const { x509, name } of path) {
    const flaw = weakPublicKey(x509.publicKey, `the key of ${name}`, 256)
    if (flaw) return flaw
  }
  return said(path.slice(0, -1), ({ fields }) => {
    const flaw = weakSignature(fields.signatureAlgorithm)
    return flaw && `is ${flaw}`
  })
}

/** What stands between it and the anchor was told apart when the path was found. */
function clientIsAuthority([leaf]: LinkedPath): string | undefined {
  const isAuthority = extensionOf(leaf.fields.extensions, EXTENSION.basicConstraints, BasicConstraints)?.cA === true
  return isAuthority ? `${leaf.name} is an authority's certificate, not a client's` : undefined
}

/** RFC 5280 §4.2.1.9: how many authorities may stand between this one and the client; pkijs does not look. */
function pathTooLong(path: LinkedPath): string | undefined {
  for (const [at, { fields, name }] of path.entries()) {
    const limit = extensionOf(fields.extensions, EXTENSION.basicConstraints, BasicConstraints)?.pathLenConstraint
    const between = path.slice(1, at).filter((link) => !isSelfIssued(link)).length
    if (at > 0 && limit !== undefined && !(typeof limit === 'number' && between <= limit))
      return `${name} allows fewer authorities below it than there are (pathLenConstraint)`
  }
  return undefined
}

/** A client signs (RFC 8446 §4.4.2.4); an authority that is confined to other purposes vouches for no client. */
function otherPurpose(path: LinkedPath): string | undefined {
  const [leaf] = path
  if (!allowsUsage(leaf.fields, USAGE.digitalSignature)) return `${leaf.name} may not be used for digital signatures`
  return said(path, ({ fields }) => {
    const purposes = purposesOf(fields)
    return !purposes || purposes.includes(PURPOSE.clientAuth) || purposes.includes(PURPOSE.anyPurpose)
      ? undefined
      : 'is confined to purposes other than client authentication'
  })
}
