import { CertificateError } from './certificate-error.js'

/* Everything here takes time in proportion to its input, and throws a CertificateError whose message goes behind the name of a header. */

/** Certificates in one header, the client's own included; our choice. */
const MOST = 10

/** What is wrong with a header, without its name. */
export const malformed = (message: string) => new CertificateError('malformed', message)

/** What all refuse that read several certificates. */
export const tooMany = () => malformed(`holds more than ${MOST} certificates`)

/** The parts of a list, white space around them taken off. */
export function listed(value: string): readonly string[] {
  const parts = value.split(',', MOST + 1)
  if (parts.length > MOST) throw tooMany()
  return parts.map((part) => part.trim())
}

/** RFC 3986 §2.1, all of it ASCII; a plus is a plus. */
export function percentDecoded(text: string): string {
  if (/[^\x21-\x7e]/.test(text)) throw malformed('has spaces that are not percent-encoded')
  const decoded = decodedOf(text)
  if (decoded === undefined) throw malformed('has percent-encoding that is not valid')
  if (!/^[\t\r\n\x20-\x7e]*$/.test(decoded)) throw malformed('encodes characters that PEM does not have')
  return decoded
}

function decodedOf(text: string): string | undefined {
  try {
    return decodeURIComponent(text)
  } catch {
    return undefined
  }
}

const BEGIN = '-----BEGIN CERTIFICATE-----'
const END = '-----END CERTIFICATE-----'

/** The DER of PEM certificates (RFC 7468 §5.1), with any white space for the line breaks and nothing else between them. */
export function pemCertificates(text: string): readonly Buffer[] {
  const found: Buffer[] = []
  for (let rest = text.trim(); rest !== ''; ) {
    if (!rest.startsWith(BEGIN)) throw malformed(wrongStart(rest, found.length))
    if (found.length === MOST) throw tooMany()
    const end = rest.indexOf(END)
    if (end === -1) throw malformed('holds a PEM block without its end')
    found.push(derOf(pemBody(rest.slice(BEGIN.length, end))))
    rest = rest.slice(end + END.length).trimStart()
  }
  if (found.length === 0) throw malformed('is empty')
  return found
}

function wrongStart(text: string, before: number): string {
  if (text.startsWith('-----BEGIN ')) return 'holds a PEM block of something else'
  return before === 0 ? 'does not begin with a PEM block' : 'holds more than PEM blocks'
}

function pemBody(body: string): string {
  if (body.includes('-----BEGIN')) throw malformed('holds a PEM block inside another')
  if (body.includes(':')) throw malformed('holds a PEM block with headers')
  return body.replaceAll(/[\t\r\n ]/g, '')
}

/** The bytes of one DER element in base64, with nothing behind it. */
export function derOf(base64: string): Buffer {
  const bytes = bytesOf(base64)
  if (derLength(bytes) < bytes.length) throw malformed('holds bytes behind a certificate')
  return bytes
}

/** The bytes of DER elements one behind the other, in base64. */
export function derSequence(base64: string): readonly Buffer[] {
  const found: Buffer[] = []
  for (let rest = bytesOf(base64); rest.length > 0; ) {
    if (found.length === MOST) throw tooMany()
    const length = derLength(rest)
    found.push(rest.subarray(0, length))
    rest = rest.subarray(length)
  }
  return found
}

/** RFC 4648 §4: the alphabet with + and /, padded, and no bits left over. */
function bytesOf(base64: string): Buffer {
  const bytes = Buffer.from(base64, 'base64')
  if (bytes.toString('base64') !== base64) throw malformed(wrongText(base64))
  if (bytes.length === 0) throw malformed('is empty')
  return bytes
}

function wrongText(text: string): string {
  if (text.includes('-----BEGIN')) return 'holds PEM'
  return /[_-]/.test(text) && !/[^\w+/=-]/.test(text) ? 'holds base64url' : 'holds what is no base64'
}

/** How many bytes the DER sequence at the beginning takes (X.690 §8.1.3, §10.1). */
function derLength(bytes: Buffer): number {
  const [tag, first = 0] = bytes
  const more = first > 0x80 ? first - 0x80 : 0
  if (tag !== 0x30 || first === 0x80 || more > 3) throw malformed('holds what is no DER')
  const head = 2 + more
  const length = bytes.length < head ? head : head + (more > 0 ? bytes.readUIntBE(2, more) : first)
  if (bytes.length < length) throw malformed('holds a certificate that was cut off')
  return length
}
