import { randomBytes } from 'node:crypto'
import { isIP } from 'node:net'
import { TLS13_SUITES } from './cipher-suites.js'

/** The protocol versions there are, under Node's names, and their numbers on the wire (RFC 8446 §4.2.1). */
export const VERSIONS = { SSLv3: 0x0300, TLSv1: 0x0301, 'TLSv1.1': 0x0302, 'TLSv1.2': 0x0303, 'TLSv1.3': 0x0304 } as const

/** Their names, oldest first. */
export const VERSION_NAMES = ['SSLv3', 'TLSv1', 'TLSv1.1', 'TLSv1.2', 'TLSv1.3'] as const

export type Version = (typeof VERSION_NAMES)[number]

/** What a client offers. */
export interface Offer {
  readonly version: Version
  /** Whether TLS 1.3 is offered next to it. */
  readonly newest?: boolean
  /** Codes of cipher suites for TLS 1.2 and before. */
  readonly suites: readonly number[]
  /** The host asked for. An address is not sent (RFC 6066 §3). */
  readonly host: string
}

/** X25519, P-256, P-384, P-521, secp256k1 and the Brainpool curves; without a word of finite fields, so that a server takes its own. */
const GROUPS = [0x001d, 0x0017, 0x0018, 0x0019, 0x0016, 0x001a, 0x001b, 0x001c]
/** Every signature algorithm a certificate of today, or of yesterday, may need: with SHA-1 at the end. */
const SIGNATURES = [
  ...[0x0403, 0x0503, 0x0603, 0x0807, 0x0808, 0x0804, 0x0805, 0x0806, 0x0809, 0x080a, 0x080b],
  ...[0x0401, 0x0501, 0x0601, 0x0402, 0x0203, 0x0201, 0x0202],
]
/** Says that renegotiation will be secure (RFC 5746 §3.3). */
const RENEGOTIATION = 0x00ff

/**
 * The first message of a TLS client (RFC 5246 §7.4.1.2, RFC 8446 §4.1.2), ready to be sent. It is written here, and not by Node, because
 * Node's own cannot offer what it does not know any more, such as RC4, and because a listener that asks for a client certificate answers it, too.
 */
export function clientHello({ version, newest = false, suites, host }: Offer): Buffer {
  const modern = newest || version === 'TLSv1.3'
  const offered = [...(modern ? TLS13_SUITES : []), ...(version === 'TLSv1.3' ? [] : [...suites, RENEGOTIATION])]
  const body = Buffer.concat([
    numbers(Math.min(VERSIONS[version], VERSIONS['TLSv1.2'])),
    randomBytes(32),
    // What looks like a resumed session keeps boxes in between quiet (RFC 8446 §D.4).
    sized(1, modern ? randomBytes(32) : Buffer.alloc(0)),
    sized(2, numbers(...offered)),
    sized(1, Buffer.from([0])),
    ...(version === 'SSLv3' ? [] : [sized(2, Buffer.concat(extensions(version, modern, host)))]),
  ])
  const message = Buffer.concat([Buffer.from([1, 0]), sized(2, body)])
  return Buffer.concat([Buffer.from([22]), numbers(Math.min(VERSIONS[version], VERSIONS.TLSv1)), sized(2, message)])
}

function extensions(version: Version, modern: boolean, host: string): readonly Buffer[] {
  const name = Buffer.concat([Buffer.from([0]), sized(2, Buffer.from(host))])
  const versions = [...(modern ? [VERSIONS['TLSv1.3']] : []), ...(version === 'TLSv1.3' ? [] : [VERSIONS[version]])]
  return [
    ...(isIP(host) ? [] : [extension(0, sized(2, name))]),
    extension(10, sized(2, numbers(...GROUPS))),
    // Points uncompressed, RFC 8422 §5.1.2.
    extension(11, Buffer.from([1, 0])),
    ...(modern || version === 'TLSv1.2' ? [extension(13, sized(2, numbers(...SIGNATURES)))] : []),
    // The master secret of RFC 7627.
    extension(23, Buffer.alloc(0)),
    ...(modern
      ? [
          extension(43, sized(1, numbers(...versions))),
          extension(45, Buffer.from([1, 1])),
          // Any 32 octets are a key for X25519; nobody goes on to use it.
          extension(51, sized(2, Buffer.concat([numbers(0x001d), sized(2, randomBytes(32))]))),
        ]
      : []),
  ]
}

const extension = (type: number, data: Buffer) => Buffer.concat([numbers(type), sized(2, data)])

/** Numbers of two octets each. */
const numbers = (...values: readonly number[]) => Buffer.from(values.flatMap((value) => [value >> 8, value & 0xff]))

/** Octets with their number in front of them, in one or two octets. */
const sized = (by: 1 | 2, data: Buffer) => Buffer.concat([by === 1 ? Buffer.from([data.length]) : numbers(data.length), data])
