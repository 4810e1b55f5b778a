import { BitString } from 'asn1js'
import { type Certificate, type Extension, ExtKeyUsage } from 'pkijs'

/** Extensions by name (RFC 5280 §4.2.1, §5.2; RFC 6960 §4.2.2.2.1, §4.4.1). */
export const EXTENSION = {
  keyUsage: '2.5.29.15',
  subjectAltName: '2.5.29.17',
  basicConstraints: '2.5.29.19',
  reasonCode: '2.5.29.21',
  deltaCRLIndicator: '2.5.29.27',
  issuingDistributionPoint: '2.5.29.28',
  nameConstraints: '2.5.29.30',
  cRLDistributionPoints: '2.5.29.31',
  certificatePolicies: '2.5.29.32',
  policyMappings: '2.5.29.33',
  policyConstraints: '2.5.29.36',
  extKeyUsage: '2.5.29.37',
  inhibitAnyPolicy: '2.5.29.54',
  authorityInfoAccess: '1.3.6.1.5.5.7.1.1',
  ocspNonce: '1.3.6.1.5.5.7.48.1.2',
  ocspNocheck: '1.3.6.1.5.5.7.48.1.5',
} as const

/** Purposes of a key (RFC 5280 §4.2.1.12). */
export const PURPOSE = { anyPurpose: '2.5.29.37.0', clientAuth: '1.3.6.1.5.5.7.3.2', ocspSigning: '1.3.6.1.5.5.7.3.9' } as const

/** Bits of the first octet of `keyUsage` (RFC 5280 §4.2.1.3). */
export const USAGE = { digitalSignature: 0x80, keyCertSign: 0x04, cRLSign: 0x02 } as const

/** What the library and the checks beside it heed. Any other extension that is critical refuses its certificate (RFC 5280 §4.2). */
const HEEDED = new Set<string>([
  EXTENSION.keyUsage,
  EXTENSION.subjectAltName,
  EXTENSION.basicConstraints,
  EXTENSION.nameConstraints,
  EXTENSION.cRLDistributionPoints,
  EXTENSION.certificatePolicies,
  EXTENSION.policyMappings,
  EXTENSION.policyConstraints,
  EXTENSION.extKeyUsage,
  EXTENSION.inhibitAnyPolicy,
])

/**
 * Why the extensions of a certificate cannot be relied on. pkijs takes an unknown critical extension for a known one, and a
 * malformed one for an empty one.
 */
export function extensionsFlaw({ extensions = [] }: Certificate): string | undefined {
  const ids = extensions.map(({ extnID }) => extnID)
  const twice = ids.find((id, at) => ids.indexOf(id) !== at)
  if (twice !== undefined) return `has the extension ${twice} twice`
  const unknown = extensions.find(({ critical, extnID }) => critical && !HEEDED.has(extnID))
  if (unknown) return `has the critical extension ${unknown.extnID}, which is not known here`
  const malformed = extensions.find((one) => (one.critical || HEEDED.has(one.extnID)) && isMalformed(one))
  return malformed && `has the extension ${malformed.extnID}, which cannot be read`
}

function isMalformed({ parsedValue }: Extension): boolean {
  return parsedValue === undefined || ('parsingError' in parsedValue && parsedValue.parsingError !== undefined)
}

/** What an extension says, read as the type it is to have; `undefined` when it is not there. Throws a `TypeError` when it says anything else. */
export function extensionOf<T>(extensions: readonly Extension[] | undefined, id: string, type: abstract new () => T): T | undefined {
  const found = extensions?.find(({ extnID }) => extnID === id)
  if (!found) return undefined
  const { parsedValue } = found
  if (isMalformed(found) || !(parsedValue instanceof type)) throw new TypeError(`the extension ${id} cannot be read`)
  return parsedValue
}

/** Whether the key may be used so; a certificate that does not say allows everything. */
export function allowsUsage({ extensions }: Certificate, bit: number): boolean {
  const usage = extensionOf(extensions, EXTENSION.keyUsage, BitString)
  return usage === undefined || ((usage.valueBlock.valueHexView[0] ?? 0) & bit) !== 0
}

/** The purposes the key is confined to; `undefined` when it is to none. */
export const purposesOf = ({ extensions }: Certificate): readonly string[] | undefined =>
  extensionOf(extensions, EXTENSION.extKeyUsage, ExtKeyUsage)?.keyPurposes
