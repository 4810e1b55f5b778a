/** The names OpenSSL and registrations use for the attribute types seen in client certificates. */
const TYPES: Readonly<Record<string, string>> = {
  cn: '2.5.4.3',
  sn: '2.5.4.4',
  serialnumber: '2.5.4.5',
  c: '2.5.4.6',
  l: '2.5.4.7',
  st: '2.5.4.8',
  s: '2.5.4.8',
  street: '2.5.4.9',
  o: '2.5.4.10',
  ou: '2.5.4.11',
  businesscategory: '2.5.4.15',
  postalcode: '2.5.4.17',
  organizationidentifier: '2.5.4.97',
  uid: '0.9.2342.19200300.100.1.1',
  dc: '0.9.2342.19200300.100.1.25',
  e: '1.2.840.113549.1.9.1',
  emailaddress: '1.2.840.113549.1.9.1',
  jurisdictionc: '1.3.6.1.4.1.311.60.2.1.3',
  jurisdictioncountryname: '1.3.6.1.4.1.311.60.2.1.3',
}

/**
 * Whether two distinguished names are the same: one as RFC 4514 writes them, the other as Node prints a certificate's
 * subject (one RDN per line, in the order they are encoded). RFC 4514 begins with the last RDN; because many people
 * write names in the encoded order, that order counts too.
 */
export function sameName(written: string, printed: string): boolean {
  const one = readName(written)
  const other = readName(printed)
  if (!one || !other || one.length === 0) return false
  const encoded = JSON.stringify(other)
  return JSON.stringify(one.toReversed()) === encoded || JSON.stringify(one) === encoded
}

/** The RDNs of a name in the order they stand, each as one comparable string; `undefined` for what is no name. */
function readName(text: string): string[] | undefined {
  const rdns = split(text, ',\n').map((rdn) => split(rdn, '+').map(readAttribute))
  if (rdns.some((attributes) => attributes.includes(undefined))) return undefined
  // The attributes of one RDN are a set.
  return rdns.map((attributes) => JSON.stringify(attributes.toSorted()))
}

/** Splits at separators that no backslash precedes. */
function split(text: string, separators: string): string[] {
  const parts = ['']
  for (const [piece] of text.matchAll(/\\.|./gs)) {
    if (separators.includes(piece)) parts.push('')
    else parts.push((parts.pop() ?? '') + piece)
  }
  return parts
}

function readAttribute(text: string): string | undefined {
  const [, type = '', value = ''] = /^\s*([A-Za-z][A-Za-z0-9-]*|\d+(?:\.\d+)+)\s*=(.*)$/s.exec(text) ?? []
  const oid = TYPES[type.toLowerCase()] ?? (type || undefined)
  if (oid === undefined) return undefined
  return JSON.stringify([oid.toLowerCase(), comparable(value.trim().startsWith('#') ? decoded(value.trim()) : unescaped(value))])
}

/** RFC 4514 §2.4: `\,` is a character, `\c3\a9` is UTF-8. */
const unescaped = (value: string) =>
  value.replaceAll(/((?:\\[0-9a-f]{2})+)|\\(.)/gis, (_, bytes: string | undefined, character: string | undefined) =>
    bytes === undefined ? (character ?? '') : Buffer.from(bytes.replaceAll('\\', ''), 'hex').toString('utf8'),
  )

/** RFC 4514 §2.4: `#` and the value's DER in hexadecimal; a short string is a tag, a length and its bytes. */
const decoded = (value: string) => Buffer.from(value.slice(1), 'hex').subarray(2).toString('utf8')

/** caseIgnoreMatch (RFC 4517 §4.2.11), as far as case and spaces go. */
const comparable = (value: string) => value.normalize('NFKC').trim().replaceAll(/\s+/g, ' ').toLowerCase()
