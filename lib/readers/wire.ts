import type { IncomingMessage } from 'node:http'
import type { Wire } from '../core/facts.js'
import type { CertificateSource } from './certificate.js'

/** States what the wire carried. `base` is the public origin: the Host header is not to be believed. */
export function readWire(req: IncomingMessage & { readonly originalUrl?: string }, base: string, certificate: CertificateSource): Wire {
  const path = (req.originalUrl ?? req.url ?? '/').replace(/^\/{2,}/, '/')
  const headers = Object.entries(req.headers).map(([name, value]) => [name, Array.isArray(value) ? value.join(', ') : value])
  return {
    method: req.method ?? 'GET',
    url: URL.canParse(path, base) ? new URL(path, base) : new URL(base),
    headers: Object.fromEntries(headers),
    certificate: certificate(req),
  }
}
