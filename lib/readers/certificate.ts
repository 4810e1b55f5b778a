import type { X509Certificate } from 'node:crypto'
import type { IncomingMessage } from 'node:http'
import { TLSSocket } from 'node:tls'

/**
 * Where the client's certificate is to be found: returns it, or `undefined` when none was shown. There is no default:
 * guessing is how mutual TLS is bypassed.
 */
export type CertificateSource = (req: IncomingMessage) => X509Certificate | undefined

/** This process terminates TLS itself, so the certificate is the one of the connection. On a plain connection there is none. */
export const fromTls = (): CertificateSource => (req) => (req.socket instanceof TLSSocket ? req.socket.getPeerX509Certificate() : undefined)

/** The `x5t#S256` thumbprint: SHA-256 over the DER certificate, base64url without padding (RFC 8705 §3.1). */
export const thumbprint = (certificate: X509Certificate): string =>
  Buffer.from(certificate.fingerprint256.replaceAll(':', ''), 'hex').toString('base64url')
