import { X509Certificate } from 'node:crypto'
import { derOf, derSequence, listed, malformed, pemCertificates, percentDecoded } from './certificate-bytes.js'
import { CertificateError } from './certificate-error.js'
import { xfccCertificates } from './xfcc.js'

/**
 * How a header holds a certificate: as PEM that is percent-encoded (`pem-url`), with others behind it (`pem-url-chain`), or with
 * spaces or tabs for its line breaks (`pem`); as DER in base64 (`der-base64`), with others behind it after commas
 * (`der-base64-list`); as RFC 9440 has it (`rfc9440`), or as Envoy does (`xfcc`).
 */
export type Encoding = 'pem-url' | 'pem-url-chain' | 'pem' | 'der-base64' | 'der-base64-list' | 'rfc9440' | 'xfcc'

/** Characters of a header; our choice. Ten certificates with RSA keys of 4096 bits take some 20,000. */
const LONGEST = 65_536

interface Reader {
  /** What should be there, for the message. */
  readonly expects: string
  /** DER certificates. Throws a `CertificateError` whose message goes behind the name of the header. */
  readonly read: (value: string) => readonly Buffer[]
  /** Whether the header may come several times, as one list. */
  readonly isList?: boolean
}

const LEAF_READERS: Readonly<Record<Encoding, Reader>> = Object.freeze({
  'pem-url': {
    expects: 'one certificate as percent-encoded PEM',
    read: (value: string) => only(pemCertificates(percentDecoded(single(value)))),
  },
  'pem-url-chain': {
    expects: 'certificates as percent-encoded PEM',
    read: (value: string) => pemCertificates(percentDecoded(single(value))),
  },
  pem: { expects: 'one certificate as PEM on one line', read: (value: string) => only(pemCertificates(single(value))) },
  'der-base64': { expects: 'one certificate as DER in base64', read: (value: string) => [derOf(single(value))] },
  // Traefik, which used to percent-encode them.
  'der-base64-list': {
    expects: 'certificates as DER in base64 with commas between them',
    read: (value: string) => listed(percentDecoded(value)).map(derOf),
  },
  rfc9440: { expects: 'one byte sequence between colons (RFC 9440 §2.2)', read: (value: string) => [byteSequence(single(value))] },
  xfcc: { expects: "one element with the client's Cert or Chain", read: xfccCertificates },
})

/** What stands beside the client's own certificate, in a header of its own. */
const CHAIN_READERS: Readonly<Partial<Record<Encoding, Reader>>> = Object.freeze({
  'pem-url': LEAF_READERS['pem-url-chain'],
  pem: { expects: 'certificates as PEM on one line', read: (value: string) => pemCertificates(single(value)) },
  'der-base64': { expects: 'DER certificates one behind the other, in base64', read: (value: string) => derSequence(single(value)) },
  rfc9440: {
    expects: 'a list of byte sequences between colons (RFC 9440 §2.3)',
    read: (value: string) => listed(value).map(byteSequence),
    isList: true,
  },
})

/** Every encoding there is. */
export const encodings = (): readonly Encoding[] => Object.keys(LEAF_READERS) as Encoding[]

/** Whether the encoding leaves the chain to a header of its own. */
export const hasChainHeader = (encoding: Encoding): boolean => encoding in CHAIN_READERS

/**
 * The certificates of a header, the client's own first; `values` is what came under its name. Throws a `CertificateError` that
 * names the header and what should be in it.
 */
export const readCertificates = (header: string, values: readonly string[], encoding: Encoding): readonly X509Certificate[] =>
  readWith(LEAF_READERS[encoding], header, values)

/** The certificates of a header for the chain alone. Throws a `CertificateError` as {@link readCertificates} does. */
export function readChain(header: string, values: readonly string[], encoding: Encoding): readonly X509Certificate[] {
  const reader = CHAIN_READERS[encoding]
  return reader ? readWith(reader, header, values) : []
}

function readWith({ expects, read, isList }: Reader, header: string, values: readonly string[]): readonly X509Certificate[] {
  try {
    if (values.length !== 1 && !isList) throw malformed(`came ${values.length} times`)
    const value = values.join(', ')
    if (value.length > LONGEST) throw malformed(`is longer than ${LONGEST} characters`)
    if (!/^[\t\r\n\x20-\x7e]*$/.test(value)) throw malformed('has characters that are not printable ASCII')
    return read(value).map(x509Of)
  } catch (error) {
    if (!(error instanceof CertificateError)) throw error
    throw malformed(`${header} ${error.message}, where ${expects} should be`)
  }
}

function x509Of(der: Buffer): X509Certificate {
  const x509 = parsed(der)
  // What OpenSSL forgives another reader may not, and then they have seen different certificates in the same bytes.
  if (!x509?.raw.equals(der)) throw malformed('holds what is no X.509 certificate')
  return x509
}

function parsed(der: Buffer): X509Certificate | undefined {
  try {
    return new X509Certificate(der)
  } catch {
    return undefined
  }
}

/** No encoding of one value has a comma in it, and a comma is what joins two headers of one name. */
function single(value: string): string {
  if (value.includes(',')) throw malformed('holds two values')
  return value
}

function only(certificates: readonly Buffer[]): readonly Buffer[] {
  if (certificates.length > 1) throw malformed(`holds ${certificates.length} certificates`)
  return certificates
}

/** RFC 8941 §3.3.5. Its parameters have no place in RFC 9440 §2.1 and are refused. */
function byteSequence(item: string): Buffer {
  if (item.length < 2 || !item.startsWith(':') || !item.endsWith(':')) throw malformed('is not between colons')
  return derOf(item.slice(1, -1))
}
