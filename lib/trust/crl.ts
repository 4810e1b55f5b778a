import { Enumerated, fromBER } from 'asn1js'
import { CertificateRevocationList, type Extension, IssuingDistributionPoint, RevokedCertificate } from 'pkijs'
import { type Element, elementAt, elementsIn } from '../readers/der.js'
import { sequenceOf } from './der.js'
import { EXTENSION, extensionOf } from './extensions.js'
import { reasonText } from './finding.js'
import { serialText } from './link.js'
import { timeText } from './wording.js'

/** A certificate revocation list (RFC 5280 §5). */
export interface Crl {
  readonly fields: CertificateRevocationList
  /** Epoch seconds. */
  readonly thisUpdate: number
  /** Epoch seconds; `undefined` when the list does not say when the next one comes. */
  readonly nextUpdate: number | undefined
  /** When and why the certificate of that serial number was revoked, for the operator; `undefined` when it was not. */
  readonly revocationOf: (serial: string) => string | undefined
}

const BEGIN = /-----BEGIN (?:X509 )?CRL-----/
const END = /-----END (?:X509 )?CRL-----/
const [SEQUENCE, INTEGER, UTC_TIME, GENERALIZED_TIME] = [0x30, 0x02, 0x17, 0x18]

/** Reads the lists of a file, PEM or DER. Throws an error for a file that holds none, or anything else. */
export function readCrls(file: Buffer): readonly Crl[] {
  if (file[0] === SEQUENCE) return [readCrl(file)]
  const text = file.toString('latin1')
  const blocks = text.split(BEGIN).slice(1)
  const bodies = blocks.map((block) => block.split(END))
  const isWhole = bodies.every((parts) => parts.length === 2) && blocks.length === text.split('-----BEGIN').length - 1
  if (blocks.length === 0 || !isWhole) throw new TypeError('no certificate revocation list')
  return bodies.map(([body = '']) => readCrl(Buffer.from(body, 'base64')))
}

/**
 * pkijs takes 20 seconds and a gigabyte for a list of 100,000 entries, and refuses one of some thousand: it is given the list
 * without its entries. Those are only told apart here; the one that is looked for is then read by pkijs.
 */
function readCrl(der: Buffer): Crl {
  const whole = elementAt(der, 0, der.length)
  const [tbs, ...signature] = [...elementsIn(der, whole)]
  if (!tbs || whole.end !== der.length || signature.length !== 2) throw new TypeError('no certificate revocation list')
  const parts = [...elementsIn(der, tbs)]
  const dated = parts.findIndex(({ tag }) => tag === UTC_TIME || tag === GENERALIZED_TIME)
  const entries = dated < 0 ? undefined : parts.slice(dated).find(({ tag }) => tag === SEQUENCE)
  const octetsOf = ({ start, end }: { readonly start: number; readonly end: number }) => der.subarray(start, end)
  const rest = sequenceOf(parts.filter((part) => part !== entries).map(octetsOf))

  const fields = CertificateRevocationList.fromBER(sequenceOf([rest, ...signature.map(octetsOf)]))
  // What is signed is the list as it came.
  fields.tbsView = new Uint8Array(octetsOf(tbs))
  const index = entries ? indexOf(der, entries) : new Map<string, number>()
  return Object.freeze<Crl>({
    fields,
    thisUpdate: fields.thisUpdate.value.getTime() / 1000,
    nextUpdate: fields.nextUpdate && fields.nextUpdate.value.getTime() / 1000,
    revocationOf: (serial) => {
      const start = index.get(serial)
      return start === undefined ? undefined : entryText(der.subarray(start, elementAt(der, start, der.length).end))
    },
  })
}

/** Where the entries of a list start, by serial number. There may be very many: nothing is kept of them but that. */
function indexOf(der: Buffer, { content, end }: Element): ReadonlyMap<string, number> {
  const index = new Map<string, number>()
  for (let start = content; start < end; ) {
    const entry = elementAt(der, start, end)
    const serial = elementAt(der, entry.content, entry.end)
    if (entry.tag !== SEQUENCE || serial.tag !== INTEGER) throw new TypeError('an entry without a serial number')
    index.set(serialText(der.subarray(serial.content, serial.end)), start)
    start = entry.end
  }
  return index
}

/** An entry that cannot be read still revokes. */
function entryText(der: Uint8Array): string {
  try {
    const { revocationDate, crlEntryExtensions } = new RevokedCertificate({ schema: fromBER(new Uint8Array(der)).result })
    const reason = extensionOf(crlEntryExtensions?.extensions, EXTENSION.reasonCode, Enumerated)
    return `revoked on ${timeText(revocationDate.value.getTime() / 1000)} (${reasonText(reason?.valueBlock.valueDec)})`
  } catch {
    return 'revoked'
  }
}

/** Why a list cannot say that a certificate is good; delta and indirect lists and those for some reasons are not supported. */
export function scopeFlaw(
  { fields }: Crl,
  certificate: { readonly isAuthority: boolean; readonly points: readonly string[] },
): string | undefined {
  const extensions: readonly Extension[] = fields.crlExtensions?.extensions ?? []
  if (extensions.some(({ extnID }) => extnID === EXTENSION.deltaCRLIndicator)) return 'is a delta CRL, which is not supported'
  const unheeded = extensions.find(({ critical, extnID }) => critical && extnID !== EXTENSION.issuingDistributionPoint)
  if (unheeded) return `has the critical extension ${unheeded.extnID}, which is not known here`
  const scope = extensionOf(extensions, EXTENSION.issuingDistributionPoint, IssuingDistributionPoint)
  if (!scope) return undefined
  if (scope.indirectCRL) return 'is an indirect CRL, which is not supported'
  if (scope.onlySomeReasons !== undefined) return 'covers some reasons only, which is not supported'
  if (scope.onlyContainsAttributeCerts) return 'covers attribute certificates only'
  if (scope.onlyContainsUserCerts && certificate.isAuthority) return 'does not cover authorities'
  if (scope.onlyContainsCACerts && !certificate.isAuthority) return 'covers authorities only'
  const { distributionPoint: names } = scope
  if (names === undefined) return undefined
  const covered = Array.isArray(names) && names.some(({ value }) => certificate.points.includes(value))
  return covered ? undefined : 'is for another distribution point'
}
