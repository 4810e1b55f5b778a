import type { IncomingMessage } from 'node:http'
import type { Socket } from 'node:net'
import { type PeerCertificate, TLSSocket } from 'node:tls'
import { describable } from '../core/errors.js'
import type { ClientCertificate } from '../core/facts.js'
import { forgetOldest } from '../core/forget-oldest.js'
import { usable } from './certificate.js'
import { readCertificates, readChain } from './certificate-encodings.js'
import { CertificateError } from './certificate-error.js'
import { dropped } from './dropped-headers.js'
import type { ProxyHeaders, ProxyKind, Verified } from './proxy-kinds.js'
import { type FromProxyOptions, proxyHeaders, saysOf } from './proxy-options.js'
import { trustedPeers } from './trusted-peers.js'

/** What came under a name, whatever its case. */
type Sent = (name: string | undefined) => readonly string[]

/** A certificate and what came with it. */
type Forwarded = Pick<ClientCertificate, 'x509' | 'chain'>

/** How many certificates are kept parsed, and how many characters of a proxy's verdict are repeated. Both our choice. */
const KEPT = 500
const LONGEST_VERDICT = 200

/**
 * A proxy in front ends TLS and puts the client's certificate into a header. That is read from the connections of the proxies that
 * `trusts` names and from no other: a header that anyone can send is no authentication. Nor may it be sent through the proxy, which
 * therefore sets or removes every header that is read here. Next to a header, a certificate of the connection itself must be the
 * same. Throws a `ConfigurationError`.
 */
export function fromProxy(kind: ProxyKind, options: FromProxyOptions): (req: IncomingMessage) => ClientCertificate | undefined {
  const headers = proxyHeaders(kind, options)
  const { header, chainHeader, verified } = headers
  const names = [header, chainHeader, ...saysOf(verified).map((says) => says.header)].filter((name) => name !== undefined)
  const isTrusted = trustedPeers(options.trusts)
  const tell = dropped(options.record)
  const forwarded = remembering(headers)

  return function readFromProxy(req) {
    const sent = sentIn(req, names)
    if (!isTrusted(req.socket)) {
      const untrusted = names.filter((name) => sent(name).length > 0)
      tell(req, untrusted)
      return undefined
    }
    const found = forwarded(sent(header), sent(chainHeader))
    if (!found) return undefined
    refuseAnother(found, req.socket, header)
    return usable({ ...found, ...verification(verified, sent) })
  }
}

/** As it came over the wire: `req.headers` joins some headers that were sent twice and forgets others. */
function sentIn({ rawHeaders }: IncomingMessage, names: readonly string[]): Sent {
  const values = new Map<string, string[]>(names.map((name) => [name.toLowerCase(), []]))
  for (let at = 0; at < rawHeaders.length; at += 2) values.get(rawHeaders[at]?.toLowerCase() ?? '')?.push(rawHeaders[at + 1] ?? '')
  return (name = '') => values.get(name.toLowerCase()) ?? []
}

/** Reads what was not read lately. What cannot be read is not kept: it is found out quickly. */
function remembering(headers: ProxyHeaders): (values: readonly string[], chain: readonly string[]) => Forwarded | undefined {
  const known = new Map<string, Forwarded>()
  return function forwarded(values, chain) {
    const key = JSON.stringify([values, chain])
    const found = known.get(key) ?? read(headers, values, chain)
    if (!found) return undefined
    known.delete(key)
    known.set(key, found)
    forgetOldest(known, KEPT)
    return found
  }
}

function read(
  { header, chainHeader = '', encoding, none }: ProxyHeaders,
  values: readonly string[],
  chainValues: readonly string[],
): Forwarded | undefined {
  // Proxies send an empty header for want of a chain, and an empty list is none (RFC 8941 §3.1).
  const above = chainValues.every((value) => value === '' || none.includes(value)) ? [] : readChain(chainHeader, chainValues, encoding)
  if (values.length === 0 || (values.length === 1 && none.includes(values[0] ?? ''))) {
    if (above.length === 0) return undefined
    // RFC 9440 §2.3.
    throw new CertificateError('malformed', `${chainHeader} came without ${header}`)
  }
  const [x509, ...others] = readCertificates(header, values, encoding)
  if (!x509) return undefined
  // A chain may begin with the client's own certificate, as it does on the wire.
  const chain = above[0]?.raw.equals(x509.raw) ? above.slice(1) : above
  return Object.freeze({ x509, chain: Object.freeze([...others, ...chain]) })
}

function refuseAnother({ x509 }: Forwarded, socket: Socket, header: string): void {
  // Not getPeerX509Certificate(): that forgets what came with it once it has been asked.
  const shown: Partial<PeerCertificate> | null = socket instanceof TLSSocket ? socket.getPeerCertificate() : null
  if (shown?.raw?.equals(x509.raw) === false)
    throw new CertificateError('malformed', `two certificates: the TLS connection showed another one than ${header} holds`)
}

const SILENT = 'this proxy does not say whether it verified the certificate'

function verification(verified: Verified, sent: Sent): Pick<ClientCertificate, 'verified' | 'unverified'> {
  if (verified === 'never') return { verified: false, unverified: SILENT }
  for (const { header, value } of saysOf(verified)) {
    const values = sent(header)
    if (values.length > 1) throw new CertificateError('malformed', `${header} came ${values.length} times, where ${value} should be`)
    const [said = ''] = values
    if (said === '') return { verified: false, unverified: `${SILENT}: ${header} is missing` }
    if (said !== value) {
      const verdict = describable(said.slice(0, LONGEST_VERDICT))
      return { verified: false, unverified: `the proxy says: ${verdict} (${header})` }
    }
  }
  return { verified: 'proxy' }
}
