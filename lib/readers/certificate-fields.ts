import type { X509Certificate } from 'node:crypto'
import { type AlternativeName, addressOf } from '../core/alternative-name.js'
import { attributeValue } from '../core/attribute-values.js'
import type { Attribute, DistinguishedName } from '../core/distinguished-name.js'
import { CertificateError } from './certificate-error.js'
import { type Element, elementAt, elementsIn } from './der.js'

/*
 * What Node prints of a certificate is for people: RDNs run together, and text in it may look like another field. This reads the DER,
 * and no more of it than is asked for: anybody may show a certificate, and each request may show it again.
 */

/** An element, and the octets it is in. */
interface Der extends Element {
  readonly octets: Uint8Array
}

interface Fields {
  readonly subject: Der
  /** The octets in each extension, by its object identifier. */
  readonly extensions: ReadonlyMap<string, Uint8Array>
}

const KEY_USAGE = '2.5.29.15'
const SUBJECT_ALTERNATIVE_NAME = '2.5.29.17'
const EXTENDED_KEY_USAGE = '2.5.29.37'

/** The subject of a certificate (RFC 5280 §4.1.2.6). Throws a `CertificateError` when it cannot be read. */
export const subjectOf = perCertificate('subject', readSubject)

/** The alternative names of a certificate, of the kinds that a client may be known by. Throws a `CertificateError` when they cannot be read. */
export const alternativeNamesOf = perCertificate('subjectAltName', readAlternativeNames)

/**
 * Whether the key of a certificate may sign: there is no key usage, or digitalSignature is in it. It is what a client of TLS
 * does with its key (RFC 8446 §4.4.2.3, RFC 5246 §7.4.8), so keyAgreement alone is not enough: the fixed Diffie-Hellman it was for is gone.
 * Throws a `CertificateError` when it cannot be read.
 */
export const maySign = perCertificate('keyUsage', readSignature)

/** What a certificate was made for, as object identifiers; `undefined` when it does not say. Throws a `CertificateError` when it cannot be read. */
export const extendedKeyUsageOf = perCertificate('extendedKeyUsage', readUsages)

const fieldsOf = perCertificate('fields', readFields)

/** A reader that reads each certificate once. Whatever fails in it, the certificate is malformed, and stays so. */
function perCertificate<T>(what: string, read: (x509: X509Certificate) => T): (x509: X509Certificate) => T {
  const known = new WeakMap<X509Certificate, { readonly value: T } | { readonly error: CertificateError }>()
  return function readOnce(x509) {
    const found = known.get(x509) ?? attempt(what, () => read(x509))
    known.set(x509, found)
    if ('error' in found) throw found.error
    return found.value
  }
}

function attempt<T>(what: string, read: () => T): { readonly value: T } | { readonly error: CertificateError } {
  try {
    return { value: read() }
  } catch (cause) {
    return { error: new CertificateError('malformed', `the client certificate cannot be read (${what})`, { cause }) }
  }
}

/** Octets of a certificate, our choice: with an RSA key of 4096 bits and many names it has some 3,000. */
const LONGEST = 16_384

/** The tags of X.690 that stand in a certificate. */
const TAG = { bitString: 0x03, octetString: 0x04, oid: 0x06, sequence: 0x30, set: 0x31, version: 0xa0, extensions: 0xa3 } as const

/** RFC 5280 §4.1: a version in front, then six fields, the subject the fifth, and the extensions last. */
function readFields({ raw }: X509Certificate): Fields {
  if (raw.length > LONGEST) throw new RangeError(`it has more than ${LONGEST} octets`)
  const [tbs] = partsOf(wholeOf(raw), TAG.sequence)
  const parts = partsOf(tbs, TAG.sequence)
  const subject = parts[parts[0]?.tag === TAG.version ? 5 : 4]
  const last = parts.at(-1)
  if (!subject) throw new TypeError('no subject')
  return { subject, extensions: last?.tag === TAG.extensions ? readExtensions(last) : new Map() }
}

function readExtensions(tagged: Der): Fields['extensions'] {
  const [list] = partsOf(tagged, TAG.extensions)
  const extensions = new Map<string, Uint8Array>()
  for (const extension of partsOf(list, TAG.sequence)) {
    const parts = partsOf(extension, TAG.sequence)
    const oid = oidOf(parts[0])
    // RFC 5280 §4.2: never two of one kind. Who reads the first and who reads the last would see two certificates.
    if (extensions.has(oid)) throw new TypeError(`the extension ${oid} stands there twice`)
    extensions.set(oid, contentOf(parts.at(-1), TAG.octetString))
  }
  return extensions
}

function readSubject(x509: X509Certificate): DistinguishedName {
  const rdns = partsOf(fieldsOf(x509).subject, TAG.sequence).map((rdn) => Object.freeze(partsOf(rdn, TAG.set).map(readAttribute)))
  if (rdns.some(({ length }) => length === 0)) throw new TypeError('an empty RDN')
  return Object.freeze(rdns)
}

/** The octets of a character in a UniversalString and in a BMPString. */
const WIDTHS: ReadonlyMap<number, number> = new Map([
  [0x1c, 4],
  [0x1e, 2],
])

function readAttribute(element: Part): Attribute {
  const [type, encoded, ...more] = partsOf(element, TAG.sequence)
  const value = encoded && attributeValue(encoded.octets.subarray(encoded.start, encoded.end))
  if (encoded && (encoded.end - encoded.content) % (WIDTHS.get(encoded.tag) ?? 1) !== 0) throw new TypeError('a character that is cut off')
  if (value === undefined || more.length > 0) throw new TypeError('an attribute is a type and a value')
  return Object.freeze({ type: oidOf(type), value })
}

/** The tags of a GeneralName (RFC 5280 §4.2.1.6) that are plain text, IA5String. */
const TEXT_NAMES: ReadonlyMap<number, AlternativeName['type']> = new Map([
  [0x81, 'email'],
  [0x82, 'dns'],
  [0x86, 'uri'],
])
const IP_ADDRESS = 0x87
const CONSTRUCTED = 0x20

function readAlternativeNames(x509: X509Certificate): readonly AlternativeName[] {
  const der = fieldsOf(x509).extensions.get(SUBJECT_ALTERNATIVE_NAME)
  return Object.freeze(der ? partsOf(wholeOf(der), TAG.sequence).flatMap(readAlternativeName) : [])
}

function readAlternativeName(name: Der): readonly AlternativeName[] {
  const content = contentOf(name, name.tag)
  if ((name.tag & 0xc0) !== 0x80) throw new TypeError('a name without its kind')
  if (TEXT_NAMES.has(name.tag - CONSTRUCTED) || name.tag === IP_ADDRESS + CONSTRUCTED) throw new TypeError('a name in pieces')
  if (name.tag === IP_ADDRESS) {
    const value = addressOf(content)
    if (value === undefined) throw new TypeError('an address has 4 or 16 octets')
    return [Object.freeze({ type: 'ip', value })]
  }
  const type = TEXT_NAMES.get(name.tag)
  // One character for each octet, whatever it is: nothing ends at a NUL, and what is no ASCII equals nothing that may be registered.
  return type ? [Object.freeze({ type, value: Buffer.from(content).toString('latin1') })] : []
}

function readSignature(x509: X509Certificate): boolean {
  const der = fieldsOf(x509).extensions.get(KEY_USAGE)
  if (!der) return true
  // The first octet counts the bits that are not used. RFC 5280 §4.2.1.3: bit 0, the highest one.
  const [, bits = 0] = contentOf(wholeOf(der), TAG.bitString)
  return (bits & 0x80) !== 0
}

function readUsages(x509: X509Certificate): readonly string[] | undefined {
  const der = fieldsOf(x509).extensions.get(EXTENDED_KEY_USAGE)
  return der && Object.freeze(partsOf(wholeOf(der), TAG.sequence).map(oidOf))
}

interface Part extends Der {
  readonly start: number
}

function wholeOf(octets: Uint8Array): Part {
  const element = elementAt(octets, 0, octets.length)
  if (element.end !== octets.length) throw new TypeError('more octets than one element')
  return { ...element, start: 0, octets }
}

function partsOf(element: Der | undefined, tag: number): readonly Part[] {
  if (element?.tag !== tag) throw new TypeError('another element than RFC 5280 has there')
  const { octets } = element
  return Array.from(elementsIn(octets, element), (part) => ({ ...part, octets }))
}

function contentOf(element: Der | undefined, tag: number): Uint8Array {
  if (element?.tag !== tag) throw new TypeError('another element than RFC 5280 has there')
  return element.octets.subarray(element.content, element.end)
}

/** X.690 §8.19: seven bits in each octet, and the first number holds the first two arcs. 64 octets are our choice, since the work grows with their square. */
function oidOf(element: Der | undefined): string {
  const der = contentOf(element, TAG.oid)
  if (der.length === 0 || der.length > 64 || (der.at(-1) ?? 0) >= 0x80) throw new TypeError('no object identifier')
  const numbers = [0n]
  for (const octet of der) {
    numbers.push(((numbers.pop() ?? 0n) << 7n) | BigInt(octet & 0x7f))
    if (octet < 0x80) numbers.push(0n)
  }
  const [first = 0n, ...rest] = numbers.slice(0, -1)
  const root = first < 80n ? first / 40n : 2n
  return [root, first - 40n * root, ...rest].join('.')
}
