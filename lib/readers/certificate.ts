import type { X509Certificate } from 'node:crypto'
import type { IncomingMessage } from 'node:http'
import type { ClientCertificate } from '../core/facts.js'
import { weakPublicKey } from '../core/key-strength.js'
import { CertificateError } from './certificate-error.js'
import { extendedKeyUsageOf, maySign } from './certificate-fields.js'

/**
 * Where the client's certificate is to be found: answers with it, or with `undefined` when none was shown. Throws a
 * `CertificateError` when what was shown cannot be read or may not be used. One that takes time must come to an end: the request
 * waits for it. There is no default: guessing is how mutual TLS is bypassed.
 */
export type CertificateSource = (req: IncomingMessage) => ClientCertificate | undefined | Promise<ClientCertificate | undefined>

/** The `x5t#S256` thumbprint: SHA-256 over the DER certificate, base64url without padding (RFC 8705 §3.1). */
export function thumbprint(certificate: X509Certificate): string {
  const known = thumbprints.get(certificate)
  if (known !== undefined) return known
  const found = Buffer.from(certificate.fingerprint256.replaceAll(':', ''), 'hex').toString('base64url')
  thumbprints.set(certificate, found)
  return found
}

const thumbprints = new WeakMap<X509Certificate, string>()

/** RFC 5280 §4.2.1.12: for TLS clients, and for anything. */
const CLIENT_PURPOSES = ['1.3.6.1.5.5.7.3.2', '2.5.29.37.0']
/** FAPI2-SP-5.4.1-3. What a profile asks for beyond it is for its rules. */
const LEAST_CURVE_BITS = 224

/**
 * Answers with a certificate that may be used now (in milliseconds), whoever issued it. Throws a `CertificateError` for one
 * that has expired or is not valid yet, was made for something else than clients, or has a weak key.
 */
export function usable(certificate: ClientCertificate, now = Date.now()): ClientCertificate {
  const known = constantsOf(certificate.x509)
  const wrong = outOfTime(certificate.x509, known, now) ?? known.flaw
  if (wrong !== undefined) throw new CertificateError('unusable', wrong)
  return certificate
}

function outOfTime({ validFrom, validTo }: X509Certificate, { from, to }: Constants, now: number): string | undefined {
  // Written so that a date nobody can read is no date to trust.
  if (!(from <= now)) return `the client certificate is not valid before ${validFrom}`
  if (!(now <= to)) return `the client certificate has expired, it was valid until ${validTo}`
  return undefined
}

/** What stays true of a certificate: its dates in milliseconds, and what is wrong with it at any time. */
interface Constants {
  readonly from: number
  readonly to: number
  readonly flaw: string | undefined
}

const constants = new WeakMap<X509Certificate, Constants>()

/** Found once. */
function constantsOf(x509: X509Certificate): Constants {
  const known = constants.get(x509)
  if (known) return known
  const found = { from: Date.parse(x509.validFrom), to: Date.parse(x509.validTo), flaw: wrongUsage(x509) ?? weakKey(x509) }
  constants.set(x509, found)
  return found
}

function wrongUsage(x509: X509Certificate): string | undefined {
  // A certificate without them is for anything.
  const purposes = extendedKeyUsageOf(x509)
  if (purposes && !purposes.some((purpose) => CLIENT_PURPOSES.includes(purpose)))
    return 'the client certificate was not made for TLS clients (extendedKeyUsage)'
  return maySign(x509) ? undefined : 'the client certificate was not made for signatures (keyUsage)'
}

function weakKey(x509: X509Certificate): string | undefined {
  try {
    return weakPublicKey(x509.publicKey, 'the client certificate', LEAST_CURVE_BITS)
  } catch {
    return 'the client certificate has a key of a kind that is not accepted'
  }
}
