/**
 * The attribute types that have names here, the one that is printed first: those of RFC 4514 §3 and RFC 4519, and those that
 * OpenSSL, Java, .NET and the directories of open banking write. Where one of them holds text, case does not count.
 */
const NAMES: Readonly<Record<string, readonly string[]>> = {
  '2.5.4.3': ['CN', 'commonName'],
  '2.5.4.4': ['SN', 'surname'],
  '2.5.4.5': ['serialNumber'],
  '2.5.4.6': ['C', 'countryName'],
  '2.5.4.7': ['L', 'localityName'],
  '2.5.4.8': ['ST', 'stateOrProvinceName', 'S', 'SP'],
  '2.5.4.9': ['STREET', 'streetAddress'],
  '2.5.4.10': ['O', 'organizationName'],
  '2.5.4.11': ['OU', 'organizationalUnitName'],
  '2.5.4.12': ['title', 'T'],
  '2.5.4.13': ['description'],
  '2.5.4.15': ['businessCategory'],
  '2.5.4.16': ['postalAddress'],
  '2.5.4.17': ['postalCode'],
  '2.5.4.18': ['postOfficeBox'],
  '2.5.4.19': ['physicalDeliveryOfficeName'],
  '2.5.4.20': ['telephoneNumber'],
  '2.5.4.41': ['name'],
  '2.5.4.42': ['GN', 'givenName', 'G'],
  '2.5.4.43': ['initials', 'I'],
  '2.5.4.44': ['generationQualifier', 'generation'],
  '2.5.4.45': ['x500UniqueIdentifier'],
  '2.5.4.46': ['dnQualifier', 'DNQ'],
  '2.5.4.51': ['houseIdentifier'],
  '2.5.4.65': ['pseudonym'],
  '2.5.4.72': ['role'],
  '2.5.4.97': ['organizationIdentifier'],
  '0.9.2342.19200300.100.1.1': ['UID', 'userId'],
  '0.9.2342.19200300.100.1.3': ['mail', 'rfc822Mailbox'],
  '0.9.2342.19200300.100.1.25': ['DC', 'domainComponent'],
  '1.2.840.113549.1.9.1': ['emailAddress', 'E', 'email'],
  '1.2.840.113549.1.9.2': ['unstructuredName'],
  '1.2.840.113549.1.9.8': ['unstructuredAddress'],
  '1.3.6.1.4.1.311.60.2.1.1': ['jurisdictionL', 'jurisdictionLocalityName', 'jurisdictionOfIncorporationLocalityName'],
  '1.3.6.1.4.1.311.60.2.1.2': [
    'jurisdictionST',
    'jurisdictionStateOrProvinceName',
    'jurisdictionOfIncorporationStateOrProvinceName',
    'jurisdictionS',
  ],
  '1.3.6.1.4.1.311.60.2.1.3': ['jurisdictionC', 'jurisdictionCountryName', 'jurisdictionOfIncorporationCountryName'],
}

const TYPES: ReadonlyMap<string, string> = new Map(
  Object.entries(NAMES).flatMap(([type, names]) => names.map((name) => [name.toLowerCase(), type] as const)),
)

/** RFC 4512 §1.4: numbers without leading zeros. X.660: the first is 0, 1 or 2, and below 2 the second is under 40. */
const OID = /^(?:[01]\.[1-3]?\d|2\.(?:0|[1-9]\d*))(?:\.(?:0|[1-9]\d*))*$/

/** The object identifier of an attribute type that is written by a name (case does not count) or as an object identifier, with or without `OID.` in front. */
export function attributeType(written: string): string | undefined {
  const oid = written.replace(/^OID\./i, '')
  return OID.test(oid) ? oid : TYPES.get(written.toLowerCase())
}

/** The short name of an attribute type, or its object identifier if it has none here. */
export const attributeName = (type: string): string => NAMES[type]?.[0] ?? type

/** telephoneNumberMatch (RFC 4517 §4.2.29): neither spaces nor hyphens count. */
export const TELEPHONE_NUMBER = '2.5.4.20'

/** Whether values of a type are compared by caseIgnoreMatch or caseIgnoreIA5Match (RFC 4517 §4.2.11, §4.2.7). */
export const ignoresCase = (type: string): boolean => Object.hasOwn(NAMES, type)
