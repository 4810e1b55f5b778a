import { freshKeys } from '../readers/fresh-keys.js'
import { selfSignedCertificate } from '../readers/self-signed.js'
import type { TlsIdentity } from './client.js'

export interface SelfSignedOptions {
  /** The common name, which is all of its subject. */
  readonly name?: string
  /** What it is for: a client, or a server on localhost. */
  readonly usage?: 'client' | 'server'
  readonly notBefore?: Date
  /** A day from now when not given. */
  readonly notAfter?: Date
}

const DAY = 86_400_000
const COMMON_NAME = '2.5.4.3'

/** Makes a certificate on P-256 that signs itself (RFC 5280 §4.1), and its private key. For tests: nobody has a reason to trust it. */
export function selfSigned({
  name = 'test client',
  usage = 'client',
  notBefore = new Date(Date.now() - 300_000),
  notAfter = new Date(Date.now() + DAY),
}: SelfSignedOptions = {}): TlsIdentity {
  const { privateKey } = freshKeys('P-256')
  const subject = [[{ type: COMMON_NAME, value: name }]]
  return Object.freeze({
    cert: selfSignedCertificate({ subject, privateKey, usage, notBefore, notAfter }),
    key: privateKey.export({ type: 'pkcs8', format: 'pem' }).toString(),
  })
}
