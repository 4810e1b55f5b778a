import { OctetString } from 'asn1js'
import { AltName, type GeneralName, NameConstraints, RelativeDistinguishedNames } from 'pkijs'
import { rdnsOf } from './directory-name.js'
import { EXTENSION, extensionOf } from './extensions.js'
import { isSelfIssued, type Link } from './link.js'

/** A name of a certificate, or the base of a subtree, by its tag (RFC 5280 §4.2.1.6). */
type Name = Pick<GeneralName, 'type' | 'value'>

const RFC822 = 1
const DIRECTORY = 4
const EMAIL_ADDRESS = '1.2.840.113549.1.9.1'

/** Says whether a name lies in a subtree; throws a `TypeError` for a name that cannot be told (RFC 5280 §4.2.1.10). */
const WITHIN: Readonly<Record<number, (name: unknown, subtree: unknown) => boolean>> = {
  [RFC822]: (name, subtree) => isMailWithin(text(name), text(subtree)),
  2: (name, subtree) => isHostWithin(hostIn(text(name)), text(subtree)),
  [DIRECTORY]: (name, subtree) => isDirectoryWithin(name, subtree),
  6: (name, subtree) => isDomainOf(hostOfUri(text(name)), text(subtree)),
  7: (name, subtree) => isAddressWithin(octets(name), octets(subtree)),
}

/**
 * Which name of a path an authority above it may not vouch for. pkijs lets a certificate pass when one of its names is permitted,
 * adds up what several authorities permit, does not heed the anchor's constraints and passes over forms that it does not know.
 */
export function nameConstraintFlaw(path: readonly Link[]): string | undefined {
  for (const [at, authority] of path.entries()) {
    const constraints = extensionOf(authority.fields.extensions, EXTENSION.nameConstraints, NameConstraints)
    if (!constraints) continue
    const bound = path.slice(0, at).filter((link, depth) => depth === 0 || !isSelfIssued(link))
    const outside = bound.find((link) => !namesOf(link).every((name) => isAllowed(name, constraints)))
    if (outside) return `${outside.name} has a name that ${authority.name} may not vouch for (name constraints)`
  }
  return undefined
}

/** All names of a certificate; addresses in the subject count as those in its alternative names do. */
function namesOf({ fields: { subject, extensions } }: Link): readonly Name[] {
  const addresses = subject.typesAndValues.filter(({ type }) => type === EMAIL_ADDRESS)
  return [
    ...(subject.typesAndValues.length ? [{ type: DIRECTORY, value: subject }] : []),
    ...addresses.map(({ value }) => ({ type: RFC822, value: value.valueBlock.value as unknown })),
    ...(extensionOf(extensions, EXTENSION.subjectAltName, AltName)?.altNames ?? []),
  ]
}

function isAllowed(name: Name, { permittedSubtrees = [], excludedSubtrees = [] }: NameConstraints): boolean {
  const lies = ({ base, minimum, maximum }: { readonly base: Name; readonly minimum: unknown; readonly maximum?: unknown }) => {
    const within = WITHIN[name.type]
    if (!within || minimum !== 0 || maximum !== undefined)
      throw new TypeError(`name constraints of the form ${name.type} cannot be checked`)
    return within(name.value, base.value)
  }
  const ofItsForm = ({ base }: { readonly base: Name }) => base.type === name.type
  const permitted = permittedSubtrees.filter(ofItsForm)
  return !excludedSubtrees.filter(ofItsForm).some(lies) && (permitted.length === 0 || permitted.some(lies))
}

function text(value: unknown): string {
  if (typeof value !== 'string') throw new TypeError('a name is not text')
  return value
}

function octets(value: unknown): Uint8Array {
  if (!(value instanceof OctetString)) throw new TypeError('an address is not octets')
  return value.valueBlock.valueHexView
}

/** A host name as it is compared. One that ends in a dot, or holds anything else that DNS would read differently, is not let through. */
function hostIn(name: string): string {
  if (!/^[a-z0-9_*-]+(\.[a-z0-9_-]+)*$/i.test(name)) throw new TypeError('a name is no host name')
  return name.toLowerCase()
}

/** The host itself and everything below it; after a leading dot only what is below. */
function isHostWithin(host: string, subtree: string): boolean {
  const base = subtree.toLowerCase()
  return base === '' || host === base || host.endsWith(base.startsWith('.') ? base : `.${base}`)
}

/** The host itself; after a leading dot everything below it. For addresses and URIs. */
const isDomainOf = (host: string, subtree: string): boolean =>
  subtree.startsWith('.') ? host.endsWith(subtree.toLowerCase()) : host === subtree.toLowerCase()

function isMailWithin(address: string, subtree: string): boolean {
  const [, local, host = ''] = /^([^@"\s]+)@([^@]+)$/.exec(address) ?? []
  if (local === undefined) throw new TypeError('a name is no mail address')
  const [box, at, domain = ''] = subtree.split(/(@)/)
  return at ? local === box && hostIn(host) === domain.toLowerCase() : isDomainOf(hostIn(host), subtree)
}

function hostOfUri(uri: string): string {
  const [, host] = /^[a-z][a-z0-9+.-]*:\/\/([a-z0-9._-]+)(?::\d*)?(?:[/?#]|$)/i.exec(uri) ?? []
  if (host === undefined || /^[\d.]+$/.test(host)) throw new TypeError('a URI names no host')
  return hostIn(host)
}

function isDirectoryWithin(name: unknown, subtree: unknown): boolean {
  if (!(name instanceof RelativeDistinguishedNames) || !(subtree instanceof RelativeDistinguishedNames))
    throw new TypeError('a name is no directory name')
  const rdns = rdnsOf(name)
  return rdnsOf(subtree).every((rdn, at) => rdn === rdns[at])
}

/** The subtree is an address and a mask of the same length. */
const isAddressWithin = (address: Uint8Array, subtree: Uint8Array): boolean =>
  subtree.length === address.length * 2 &&
  address.every((octet, at) => ((octet ^ (subtree[at] ?? 0)) & (subtree[address.length + at] ?? 0)) === 0)
