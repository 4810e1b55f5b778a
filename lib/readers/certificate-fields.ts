import type { X509Certificate } from 'node:crypto'
import { BitString, Constructed, fromBER, ObjectIdentifier, OctetString, Primitive, Sequence, Set as SetOf } from 'asn1js'
import { type AlternativeName, addressOf } from '../core/alternative-name.js'
import { attributeValue } from '../core/attribute-values.js'
import type { Attribute, DistinguishedName } from '../core/distinguished-name.js'
import { CertificateError } from './certificate-error.js'

/* What Node prints of a certificate is for people: RDNs run together, and text in it may look like another field. This reads the DER. */

type Element = ReturnType<typeof fromBER>['result']

interface Fields {
  readonly subject: Element
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

/** A reader that reads each certificate once. Whatever fails in it, the certificate is malformed. */
function perCertificate<T>(what: string, read: (x509: X509Certificate) => T): (x509: X509Certificate) => T {
  const known = new WeakMap<X509Certificate, { readonly value: T }>()
  return function readOnce(x509) {
    try {
      const found = known.get(x509) ?? { value: read(x509) }
      known.set(x509, found)
      return found.value
    } catch (cause) {
      throw new CertificateError('malformed', `the client certificate cannot be read (${what})`, { cause })
    }
  }
}

function elementOf(der: Uint8Array): Element {
  const { offset, result } = fromBER(der, { parseEmbedded: false })
  if (offset !== der.byteLength) throw new TypeError(result.error || 'more octets than one element')
  return result
}

/** RFC 5280 §4.1: a version in front, then six fields, the subject the fifth, and the extensions last. */
function readFields({ raw }: X509Certificate): Fields {
  const [certificate] = partsOf(elementOf(raw), Sequence)
  const parts = partsOf(certificate, Sequence)
  const subject = parts[isContext(parts[0], 0) ? 5 : 4]
  const last = parts.at(-1)
  if (!subject) throw new TypeError('no subject')
  return { subject, extensions: isContext(last, 3) ? readExtensions(last) : new Map() }
}

function readExtensions(tagged: Element): Fields['extensions'] {
  const [list] = partsOf(tagged, Constructed)
  const extensions = new Map<string, Uint8Array>()
  for (const extension of partsOf(list, Sequence)) {
    const parts = partsOf(extension, Sequence)
    const oid = oidOf(parts[0])
    // RFC 5280 §4.2: never two of one kind. Who reads the first and who reads the last would see two certificates.
    if (extensions.has(oid)) throw new TypeError(`the extension ${oid} stands there twice`)
    extensions.set(oid, contentOf(parts.at(-1), OctetString))
  }
  return extensions
}

function readSubject(x509: X509Certificate): DistinguishedName {
  const rdns = partsOf(fieldsOf(x509).subject, Sequence).map((rdn) => Object.freeze(partsOf(rdn, SetOf).map(readAttribute)))
  if (rdns.some(({ length }) => length === 0)) throw new TypeError('an empty RDN')
  return Object.freeze(rdns)
}

function readAttribute(element: Element): Attribute {
  const [type, encoded, ...more] = partsOf(element, Sequence)
  const value = encoded && attributeValue(encoded.valueBeforeDecodeView)
  if (value === undefined || more.length > 0) throw new TypeError('an attribute is a type and a value')
  return Object.freeze({ type: oidOf(type), value })
}

/** The tags of a GeneralName (RFC 5280 §4.2.1.6) that are plain text, IA5String. */
const TEXT_NAMES = { 1: 'email', 2: 'dns', 6: 'uri' } as const
const IP_ADDRESS = 7

function readAlternativeNames(x509: X509Certificate): readonly AlternativeName[] {
  const der = fieldsOf(x509).extensions.get(SUBJECT_ALTERNATIVE_NAME)
  return Object.freeze(der ? partsOf(elementOf(der), Sequence).flatMap(readAlternativeName) : [])
}

function readAlternativeName(name: Element): readonly AlternativeName[] {
  const { tagClass, tagNumber } = name.idBlock
  if (tagClass !== CONTEXT) throw new TypeError('a name without its kind')
  if (tagNumber === IP_ADDRESS) {
    const value = addressOf(contentOf(name, Primitive))
    if (value === undefined) throw new TypeError('an address has 4 or 16 octets')
    return [Object.freeze({ type: 'ip', value })]
  }
  const type = Object.entries(TEXT_NAMES).find(([tag]) => Number(tag) === tagNumber)?.[1]
  // One character for each octet, whatever it is: nothing ends at a NUL, and what is no ASCII equals nothing that may be registered.
  return type ? [Object.freeze({ type, value: Buffer.from(contentOf(name, Primitive)).toString('latin1') })] : []
}

function readSignature(x509: X509Certificate): boolean {
  const der = fieldsOf(x509).extensions.get(KEY_USAGE)
  if (!der) return true
  const [bits = 0] = contentOf(elementOf(der), BitString)
  // RFC 5280 §4.2.1.3: bit 0, the highest one.
  return (bits & 0x80) !== 0
}

function readUsages(x509: X509Certificate): readonly string[] | undefined {
  const der = fieldsOf(x509).extensions.get(EXTENDED_KEY_USAGE)
  return der && Object.freeze(partsOf(elementOf(der), Sequence).map(oidOf))
}

const CONTEXT = 3

const isContext = (element: Element | undefined, tag: number): element is Element =>
  element?.idBlock.tagClass === CONTEXT && element.idBlock.tagNumber === tag

type Kind<T> = new () => T

function partsOf(element: Element | undefined, kind: Kind<Constructed>): readonly Element[] {
  if (!(element instanceof kind)) throw new TypeError('another element than RFC 5280 has there')
  return element.valueBlock.value
}

function contentOf(element: Element | undefined, kind: Kind<Primitive | OctetString | BitString>): Uint8Array {
  if (!(element instanceof kind) || element.idBlock.isConstructed) throw new TypeError('another element than RFC 5280 has there')
  return element.valueBlock.valueHexView
}

/** X.690 §8.19: seven bits in each octet, and the first number holds the first two arcs. */
function oidOf(element: Element | undefined): string {
  if (!(element instanceof ObjectIdentifier)) throw new TypeError('no object identifier')
  const der = element.valueBeforeDecodeView
  const numbers = [0n]
  for (const octet of der.subarray(der.length - element.lenBlock.length)) {
    numbers.push(((numbers.pop() ?? 0n) << 7n) | BigInt(octet & 0x7f))
    if (octet < 0x80) numbers.push(0n)
  }
  const [first = 0n, ...rest] = numbers.slice(0, -1)
  const root = first < 80n ? first / 40n : 2n
  return [root, first - 40n * root, ...rest].join('.')
}
