import type { X509Certificate } from 'node:crypto'
import { isIP } from 'node:net'
import { type ConnectionOptions, connect, rootCertificates } from 'node:tls'
import { reasonOf } from '../../core/errors.js'
import { listed } from '../../core/shown.js'
import type { CertificateWithKey } from '../exchange.js'
import type { Place } from './greet.js'

/** What a client makes of the certificate that a listener shows. */
export interface Seen {
  /** Why it would not go on; `undefined` where it would. */
  readonly untrusted: string | undefined
  /** Epoch seconds. */
  readonly expires: number | undefined
  /** Why no certificate was seen. */
  readonly untried: string | undefined
  readonly evidence: string
}

export interface Trusting {
  /** PEM: trusted next to the authorities that Node knows. */
  readonly ca: string | undefined
  /** What is shown to a listener that asks for a client certificate. */
  readonly certificate: CertificateWithKey | undefined
}

/** How to connect to a listener whose certificate is looked at afterwards, and not by Node: nothing secret may be sent. */
export const connectionTo = ({ host, port, address }: Place, { ca, certificate }: Trusting): ConnectionOptions => ({
  host: address,
  port,
  ...(isIP(host) ? {} : { servername: host }),
  // Without `ca` Node takes its own authorities, those of NODE_EXTRA_CA_CERTS included.
  ...(ca !== undefined && { ca: [...rootCertificates, ca] }),
  ...(certificate && { cert: certificate.certificate, key: certificate.key }),
  rejectUnauthorized: false,
  checkServerIdentity: () => undefined,
  // So that old listeners show theirs, too.
  minVersion: 'TLSv1',
  ciphers: 'DEFAULT:@SECLEVEL=0',
})

/** Makes a whole handshake and looks at the certificate that came with it. Never rejects. */
export function serverCertificate(place: Place, trusting: Trusting): Promise<Seen> {
  return new Promise((resolve) => {
    const socket = connect(connectionTo(place, trusting))
    const give = (seen: Seen) => {
      clearTimeout(timer)
      socket.destroy()
      resolve(seen)
    }
    const fail = (why: string) => give({ untrusted: undefined, expires: undefined, untried: why, evidence: `handshake → ${why}` })
    const timer = setTimeout(() => fail('the handshake did not end in time'), place.timeout * 1000)
    socket.on('secureConnect', () => {
      const certificate = socket.getPeerX509Certificate()
      if (!certificate) return fail('the listener showed no certificate')
      // At run time it is the code of OpenSSL, or nothing.
      const path: unknown = socket.authorized ? undefined : socket.authorizationError
      const untrusted = path === undefined ? wrongName(certificate, place.host) : pathInWords(path)
      const evidence = `${socket.getProtocol() ?? 'TLS'} handshake → certificate until ${certificate.validTo}${untrusted === undefined ? ', accepted' : `: ${untrusted}`}`
      return give({ untrusted, expires: secondsOf(certificate.validTo), untried: undefined, evidence })
    })
    socket.on('error', (cause) => fail(`the handshake failed: ${failureOf(cause)}${hint(cause)}`))
    socket.on('close', () => fail('the listener closed the connection during the handshake'))
  })
}

/** RFC 9525 §6: names in subjectAltName only, and a wildcard only for the whole of the first label. */
function wrongName(certificate: X509Certificate, host: string): string | undefined {
  const options = { subject: 'never', partialWildcards: false, multiLabelWildcards: false } as const
  const matches = isIP(host) ? certificate.checkIP(host) : certificate.checkHost(host, options)
  if (matches !== undefined) return undefined
  const { subjectAltName } = certificate
  return subjectAltName === undefined
    ? `it names no host as a subjectAltName, and must name ${host}`
    : `it is for ${listed(subjectAltName.split(', '))}, and must name ${host}`
}

const PATHS: Readonly<Record<string, string>> = {
  DEPTH_ZERO_SELF_SIGNED_CERT: 'it signs itself',
  SELF_SIGNED_CERT_IN_CHAIN: 'its chain ends in an authority that is not trusted here',
  UNABLE_TO_VERIFY_LEAF_SIGNATURE: 'its issuer is not trusted here, or its intermediate certificate was not sent with it',
  UNABLE_TO_GET_ISSUER_CERT: 'a certificate of its chain was not sent with it',
  UNABLE_TO_GET_ISSUER_CERT_LOCALLY: 'its issuer is not trusted here, or its intermediate certificate was not sent with it',
  CERT_HAS_EXPIRED: 'it, or a certificate of its chain, has expired',
  CERT_NOT_YET_VALID: 'it is not valid yet',
  CERT_REVOKED: 'it was revoked',
  INVALID_PURPOSE: 'it is not for servers',
}

function pathInWords(error: unknown): string {
  const code = error instanceof Error ? error.message : String(error)
  return PATHS[code] ?? code
}

/** OpenSSL's reason, without where in OpenSSL it was found. */
const failureOf = (cause: unknown) => /:SSL routines:[^:]*:([^:]+):/.exec(reasonOf(cause))?.[1] ?? reasonOf(cause).slice(0, 200)

/** RFC 8446 §6: what a listener says that wants a client certificate and got none, or none that it takes. */
const hint = (cause: unknown) =>
  /handshake failure|certificate required|bad certificate|unknown ca/i.test(reasonOf(cause)) ? '; it may want a client certificate' : ''

function secondsOf(date: string): number | undefined {
  const milliseconds = Date.parse(date)
  return Number.isNaN(milliseconds) ? undefined : Math.floor(milliseconds / 1000)
}
