import type { IncomingMessage } from 'node:http'
import { urlOf } from '../core/claims.js'
import type { ClientCertificate, Wire } from '../core/facts.js'

/** States what the wire carried. `base` is the public origin: the Host header is not to be believed. */
export function readWire(
  req: IncomingMessage & { readonly originalUrl?: string },
  base: string,
  certificate: ClientCertificate | undefined,
): Wire {
  const target = req.originalUrl ?? req.url ?? '/'
  let url: URL | undefined
  return {
    method: req.method ?? 'GET',
    // Most who judge do not ask for it.
    get url() {
      url ??= urlAt(new URL(base).origin, target)
      return url
    },
    headers: joined(req.headers),
    certificate,
  }
}

/** Headers as text. Only what came more than once is a list, if anything is: the others are told as they are, since to copy them takes longer than to judge. */
function joined(headers: IncomingMessage['headers']): Wire['headers'] {
  for (const name in headers) if (typeof headers[name] === 'object') return allJoined(headers)
  return headers as Wire['headers']
}

const allJoined = (headers: IncomingMessage['headers']): Wire['headers'] =>
  Object.fromEntries(Object.entries(headers).map(([name, value]) => [name, Array.isArray(value) ? value.join(', ') : value]))

/** Joins text to text: resolving `//host`, `/\\host` or a whole URL as a reference would let the request choose the origin. */
function urlAt(origin: string, target: string): URL {
  const path = target.startsWith('/') ? target : `/${target.replace(/^[a-z][a-z0-9+.-]*:\/\/[^/?#]*\/?/i, '')}`
  return urlOf(origin + path) ?? new URL(origin)
}
