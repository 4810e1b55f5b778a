import type { IncomingMessage } from 'node:http'
import { urlOf } from '../core/claims.js'
import type { ClientCertificate, Wire } from '../core/facts.js'

/** States what the wire carried. `base` is the public origin: the Host header is not to be believed. */
export function readWire(
  req: IncomingMessage & { readonly originalUrl?: string },
  base: string,
  certificate: ClientCertificate | undefined,
): Wire {
  const headers: Record<string, string | undefined> = {}
  for (const name of Object.keys(req.headers)) {
    const value = req.headers[name]
    headers[name] = Array.isArray(value) ? value.join(', ') : value
  }
  const target = req.originalUrl ?? req.url ?? '/'
  let url: URL | undefined
  return {
    method: req.method ?? 'GET',
    // Most who judge do not ask for it.
    get url() {
      url ??= urlAt(new URL(base).origin, target)
      return url
    },
    headers,
    certificate,
  }
}

/** Joins text to text: resolving `//host`, `/\\host` or a whole URL as a reference would let the request choose the origin. */
function urlAt(origin: string, target: string): URL {
  const path = target.startsWith('/') ? target : `/${target.replace(/^[a-z][a-z0-9+.-]*:\/\/[^/?#]*\/?/i, '')}`
  return urlOf(origin + path) ?? new URL(origin)
}
