import type { IncomingMessage } from 'node:http'
import { urlOf } from '../core/claims.js'
import type { Wire } from '../core/facts.js'
import type { CertificateSource } from './certificate.js'

/** States what the wire carried. `base` is the public origin: the Host header is not to be believed. */
export function readWire(req: IncomingMessage & { readonly originalUrl?: string }, base: string, certificate: CertificateSource): Wire {
  const headers = Object.entries(req.headers).map(([name, value]) => [name, Array.isArray(value) ? value.join(', ') : value])
  return {
    method: req.method ?? 'GET',
    url: urlAt(new URL(base).origin, req.originalUrl ?? req.url ?? '/'),
    headers: Object.fromEntries(headers),
    certificate: shown(req, certificate),
  }
}

/** Joins text to text: resolving `//host`, `/\\host` or a whole URL as a reference would let the request choose the origin. */
function urlAt(origin: string, target: string): URL {
  const path = target.startsWith('/') ? target : `/${target.replace(/^[a-z][a-z0-9+.-]*:\/\/[^/?#]*\/?/i, '')}`
  return urlOf(origin + path) ?? new URL(origin)
}

/** A source that fails has shown no certificate: who needs one is refused, who needs none is not. */
function shown(req: IncomingMessage, certificate: CertificateSource): Wire['certificate'] {
  try {
    return certificate(req)
  } catch {
    return undefined
  }
}
