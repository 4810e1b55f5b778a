import type { IncomingMessage } from 'node:http'
import { urlOf } from '../core/claims.js'
import type { Token } from '../core/facts.js'

/** An access token and the scheme it was sent under. */
export interface Sent {
  readonly scheme: Token['scheme']
  readonly token: string
}

/**
 * The access token of a request, from its Authorization header and from nowhere else (FAPI1-BASE-6.2.1-2, -3); `undefined` where
 * there is none, a sentence where there is one that cannot be taken.
 */
export function readAuthorization(req: IncomingMessage & { readonly originalUrl?: string }): Sent | string | undefined {
  const target = req.originalUrl ?? req.url ?? ''
  if (target.includes('?') && urlOf(`https://api${target.startsWith('/') ? '' : '/'}${target}`)?.searchParams.has('access_token'))
    return 'an access token must not be sent in the query'
  // Node keeps the first of several and says nothing (RFC 9449 §7.2).
  const [header, ...more] = sentIn(req, 'authorization')
  if (more.length > 0) return 'there must be one Authorization header'
  // RFC 6750 §3.1: who uses another scheme does not know that a token is needed.
  if (header === undefined || !/^(?:bearer|dpop)(?:[ \t,]|$)/i.test(header)) return undefined
  const [, scheme = '', token = ''] = /^(bearer|dpop) +([A-Za-z0-9\-._~+/]+=*)$/i.exec(header) ?? []
  if (!token) return 'the Authorization header must be Bearer or DPoP with an access token'
  return { scheme: scheme.toLowerCase() === 'dpop' ? 'dpop' : 'bearer', token }
}

/** The values of a header as they came over the wire; `name` in lower case. */
function sentIn({ rawHeaders }: IncomingMessage, name: string): string[] {
  const values: string[] = []
  for (let at = 0; at < rawHeaders.length; at += 2) {
    const sent = rawHeaders[at]
    if (sent?.length === name.length && sent.toLowerCase() === name) values.push(rawHeaders[at + 1] ?? '')
  }
  return values
}
