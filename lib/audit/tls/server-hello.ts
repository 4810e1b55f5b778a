import { VERSION_NAMES, VERSIONS, type Version } from './client-hello.js'

/** What a listener answered to a client's first message. */
export type Reply =
  /** It chose a version and a cipher suite. */
  | { readonly kind: 'chosen'; readonly version: Version | undefined; readonly suite: number }
  /** It refused, by an alert (RFC 8446 §6). */
  | { readonly kind: 'alert'; readonly alert: number }
  /** What it said is not TLS. */
  | { readonly kind: 'foreign' }

const [ALERT, HANDSHAKE] = [21, 22]
const SERVER_HELLO = 2
const WARNING = 1
const SUPPORTED_VERSIONS = 43
/** Octets of a ServerHello, our choice: most have about a hundred. */
const LONGEST = 16_384

/** Reads the first octets of a listener. `undefined` while they are too few; never throws. */
export function readReply(bytes: Buffer): Reply | undefined {
  let said: Buffer = Buffer.alloc(0)
  for (let at = 0; at < bytes.length; ) {
    const type = bytes[at]
    // Every version so far has 3 in front.
    if ((type !== ALERT && type !== HANDSHAKE) || (bytes.length > at + 1 && bytes[at + 1] !== 3)) return { kind: 'foreign' }
    if (bytes.length < at + 5) return undefined
    const end = at + 5 + bytes.readUInt16BE(at + 3)
    if (bytes.length < end) return bytes.length > 2 * LONGEST ? { kind: 'foreign' } : undefined
    const fragment = bytes.subarray(at + 5, end)
    at = end
    if (type === HANDSHAKE) {
      said = Buffer.concat([said, fragment])
      const reply = readHello(said)
      if (reply) return reply
    } else if (fragment.length < 2) return { kind: 'foreign' }
    // A warning, such as that the name is not known, is no refusal.
    else if (fragment[0] !== WARNING) return { kind: 'alert', alert: fragment[1] ?? 0 }
  }
  return bytes.length > 2 * LONGEST ? { kind: 'foreign' } : undefined
}

/** RFC 5246 §7.4.1.3, RFC 8446 §4.1.3: a HelloRetryRequest has the same form. */
function readHello(said: Buffer): Reply | undefined {
  if (said.length < 4) return undefined
  const length = said.readUIntBE(1, 3)
  if (said[0] !== SERVER_HELLO || length < 38 || length > LONGEST) return { kind: 'foreign' }
  if (said.length < 4 + length) return undefined
  const body = said.subarray(4, 4 + length)
  const after = 35 + (body[34] ?? 0)
  if (after + 3 > body.length) return { kind: 'foreign' }
  const version = versionIn(body.subarray(after + 3)) ?? body.readUInt16BE(0)
  return { kind: 'chosen', version: versionOf(version), suite: body.readUInt16BE(after) }
}

/** The version that TLS 1.3 hides in an extension. */
function versionIn(rest: Buffer): number | undefined {
  for (let at = 2; at + 4 <= rest.length; at += 4 + rest.readUInt16BE(at + 2)) {
    if (rest.readUInt16BE(at) === SUPPORTED_VERSIONS && at + 6 <= rest.length) return rest.readUInt16BE(at + 4)
  }
  return undefined
}

const versionOf = (number: number): Version | undefined => VERSION_NAMES.find((name) => VERSIONS[name] === number)
