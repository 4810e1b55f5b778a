import { X509Certificate } from 'node:crypto'
import type { IncomingMessage } from 'node:http'
import tls, { type DetailedPeerCertificate, TLSSocket } from 'node:tls'
import type { ClientCertificate } from '../core/facts.js'
import { forgetOldest } from '../core/forget-oldest.js'
import { usable } from './certificate.js'

/** How many certificates above the client's are looked at, for how many clients they are kept, and of how many octets at most. All are our choice. */
const LONGEST_CHAIN = 10
const KEPT_CHAINS = 500
const LARGEST_CHAIN = 16_384

/**
 * This process ends TLS itself, so the certificate is the one of the connection; on a plain connection there is none. It is
 * verified where the listener has a `ca` and Node says that the connection is authorized. A listener that has another `ca` for
 * another server name (SNI) takes up sessions of either under both: there, put `trust` around it.
 *
 * From then on no listener of this process lets a client renegotiate (`tls.CLIENT_RENEG_LIMIT`): in the middle of a second handshake
 * of TLS 1.2 Node tells of a certificate whose key nobody has proven yet, and goes on to call the connection authorized.
 */
export function fromTls(): (req: IncomingMessage) => ClientCertificate | undefined {
  Object.assign(tls, { CLIENT_RENEG_LIMIT: 0 })
  const shown = new WeakMap<TLSSocket, ClientCertificate>()
  const chains = new Map<string, ClientCertificate['chain']>()

  return function readTls({ socket }) {
    if (!(socket instanceof TLSSocket)) return undefined
    const known = shown.get(socket)
    if (known) return usable(known)
    const certificate = read(socket)
    if (!certificate) return undefined
    shown.set(socket, certificate)
    return usable(certificate)
  }

  function read(socket: TLSSocket): ClientCertificate | undefined {
    // Not getPeerX509Certificate(): that forgets what came with it once it has been asked.
    const peer: Partial<DetailedPeerCertificate> | null = socket.getPeerCertificate(true)
    if (!peer?.raw) return undefined
    const x509 = new X509Certificate(peer.raw)
    const chain = chainOf(peer, x509)
    if (socket.authorized && !socket.authorizationError) return { x509, chain, verified: 'tls' }
    return { x509, chain, verified: false, unverified: `the TLS listener says: ${socket.authorizationError ?? 'not authorized'}` }
  }

  /** A resumed session knows the certificate, but not what came with it: that is kept from the first. */
  function chainOf(peer: Partial<DetailedPeerCertificate>, { fingerprint256 }: X509Certificate): ClientCertificate['chain'] {
    const sent = issuersOf(peer)
    const known = chains.get(fingerprint256)
    if (sent.length === 0) return known ?? sent
    if (sent.reduce((octets, { raw }) => octets + raw.length, 0) > LARGEST_CHAIN) return sent
    chains.delete(fingerprint256)
    chains.set(fingerprint256, sent)
    forgetOldest(chains, KEPT_CHAINS)
    return sent
  }
}

function issuersOf(leaf: Partial<DetailedPeerCertificate>): X509Certificate[] {
  const chain: X509Certificate[] = []
  const seen = new Set([leaf.fingerprint256])
  // One that signs itself names itself as its issuer.
  for (let one = leaf.issuerCertificate; one?.raw && !seen.has(one.fingerprint256); one = one.issuerCertificate) {
    if (chain.length === LONGEST_CHAIN) break
    seen.add(one.fingerprint256)
    chain.push(new X509Certificate(one.raw))
  }
  return chain
}
