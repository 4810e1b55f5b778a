import { X509Certificate } from 'node:crypto'
import type { Identity } from '../../examples/bank/certificates.js'
import type { Sending } from '../support/wire.js'

/** The headers in which a proxy of a kind would forward a certificate, and say that it verified it. */
export interface Format {
  readonly name: string
  readonly write: (certificate: Identity) => string
  readonly verdict: readonly [name: string, value: string] | undefined
}

const der = ({ certificate }: Identity) => new X509Certificate(certificate).raw.toString('base64')
const CERT = 'X-SSL-Client-Cert'
const VERIFY = 'X-SSL-Client-Verify'

const FORMATS: Readonly<Record<string, Format>> = {
  nginx: { name: CERT, write: ({ certificate }) => encodeURIComponent(certificate), verdict: [VERIFY, 'SUCCESS'] },
  haproxy: { name: CERT, write: der, verdict: [VERIFY, '0'] },
  apache: { name: CERT, write: ({ certificate }) => certificate.trim().replaceAll('\n', ' '), verdict: [VERIFY, 'SUCCESS'] },
  caddy: { name: 'X-Client-Cert', write: der, verdict: undefined },
  rfc9440: { name: 'Client-Cert', write: (certificate) => `:${der(certificate)}:`, verdict: undefined },
}

export function formatOf(kind: string): Format {
  const format = FORMATS[kind]
  if (!format) throw new Error(`how does ${kind} write a certificate?`)
  return format
}

type Headers = NonNullable<Sending['headers']>

/** Ways to write a header that somebody might let through, or might read as the proxy's own. */
export const SPELLINGS: readonly (readonly [string, (name: string, value: string) => Headers])[] = [
  ['as the proxy writes it', (name, value) => ({ [name]: value })],
  ['in lower case', (name, value) => ({ [name.toLowerCase()]: value })],
  ['in upper case', (name, value) => ({ [name.toUpperCase()]: value })],
  ['with underscores', (name, value) => ({ [name.toLowerCase().replaceAll('-', '_')]: value })],
  ['with an underscore in the middle', (name, value) => ({ [name.replace(/-(?=[^-]*$)/, '_')]: value })],
  ['twice', (name, value) => ({ [name]: [value, value] })],
  ['twice, the first one empty', (name, value) => ({ [name]: ['', value] })],
  ['and listed in Connection', (name, value) => ({ [name]: value, connection: `close, ${name}` })],
]

/** A forged header and the verdict next to it, both spelled the same way. */
export function forged({ name, write, verdict }: Format, victim: Identity, spell: (name: string, value: string) => Headers): Headers {
  return { ...(verdict && spell(...verdict)), ...spell(name, write(victim)) }
}
