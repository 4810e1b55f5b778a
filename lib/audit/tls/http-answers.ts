import { type ClientRequest, request as httpRequest, type IncomingMessage } from 'node:http'
import { request as httpsRequest } from 'node:https'
import { reasonOf } from '../../core/errors.js'
import type { Listener } from '../../core/facts.js'
import { shown } from '../../core/shown.js'
import type { Place } from './greet.js'
import { connectionTo, type Trusting } from './server-certificate.js'

/** Paths that are asked for over plain http, our choice. */
const MOST_PATHS = 12

type Answered = { readonly response: IncomingMessage } | { readonly failed: string }

/** A name in an `Host` header; an IPv6 address stands in brackets there. */
export const hostName = (host: string): string => (host.includes(':') ? `[${host}]` : host)

/** What one request is answered with, looked at up to its headers. The time is that of the whole. Never rejects. */
function headersOf(sent: ClientRequest, seconds: number): Promise<Answered> {
  return new Promise((resolve) => {
    const give = (answered: Answered) => {
      clearTimeout(timer)
      sent.destroy()
      resolve(answered)
    }
    const timer = setTimeout(() => give({ failed: 'no answer in time' }), seconds * 1000)
    sent.on('response', (response) => give({ response }))
    sent.on('upgrade', (response) => give({ response }))
    sent.on('error', (cause) => give({ failed: reasonOf(cause).slice(0, 200) }))
    sent.on('close', () => give({ failed: 'connection closed' }))
    sent.end()
  })
}

const asking = (place: Place, path: string, port: number, byDefault: number) => ({
  method: 'GET',
  path,
  agent: false,
  maxHeaderSize: 16_384,
  headers: {
    host: `${hostName(place.host)}${port === byDefault ? '' : `:${port}`}`,
    accept: 'text/html, application/json, */*;q=0.1',
    'user-agent': 'express-fapi-audit',
  },
})

/** The `Strict-Transport-Security` of an answer over https; `untried` where there was no answer. */
export async function transportSecurity(
  place: Place,
  path: string,
  trusting: Trusting,
): Promise<{ readonly header: string | undefined; readonly untried: string | undefined; readonly evidence: string }> {
  const asked = `GET https://${hostName(place.host)}:${place.port}${path}`
  const sent = httpsRequest({ ...asking(place, path, place.port, 443), ...connectionTo(place, trusting) })
  const answered = await headersOf(sent, place.timeout)
  if ('failed' in answered)
    return { header: undefined, untried: `no answer over https: ${answered.failed}`, evidence: `${asked} → ${answered.failed}` }
  const { statusCode = 0, headers } = answered.response
  // Of several, only the first counts (RFC 6797 §8.1).
  const header = headers['strict-transport-security']
  return {
    header,
    untried: undefined,
    evidence: `${asked} → ${statusCode}, ${header === undefined ? 'without Strict-Transport-Security' : `Strict-Transport-Security: ${shown(header)}`}`,
  }
}

/**
 * What plain http answers: at port 80 for a listener at 443, otherwise at the listener's own port. Errors are no content. One path after the other is asked for,
 * until there is content, or no answer at all.
 */
export async function plainHttp(
  place: Place,
  paths: readonly string[],
): Promise<{ readonly plain: NonNullable<Listener['plain']>; readonly evidence: readonly string[] }> {
  const port = place.port === 443 ? 80 : place.port
  const evidence: string[] = []
  let plain: NonNullable<Listener['plain']> = 'nothing'
  for (const path of paths.slice(0, MOST_PATHS)) {
    const answer = await plainAnswer(place, path, port)
    evidence.push(answer.line)
    if (answer.plain !== 'nothing') plain = answer.plain
    if (plain === 'content' || !answer.isThere) break
  }
  return { plain, evidence }
}

async function plainAnswer(place: Place, path: string, port: number) {
  const url = `http://${hostName(place.host)}:${port}${path}`
  const sent = httpRequest({ ...asking(place, path, port, 80), host: place.address, port })
  const answered = await headersOf(sent, place.timeout)
  if ('failed' in answered) return { plain: 'nothing' as const, isThere: false, line: `GET ${url} → ${answered.failed}` }
  const { statusCode: status = 0, headers } = answered.response
  const to = headers.location === undefined ? '' : `, to ${shown(headers.location.replace(/[?#].*$/s, ''))}`
  return { plain: kindOf(status, headers.location, url), isThere: true, line: `GET ${url} → ${status}${to}` }
}

function kindOf(status: number, location: string | undefined, url: string): NonNullable<Listener['plain']> {
  if (status >= 400) return 'nothing'
  if (status < 300 || location === undefined) return 'content'
  return leadsToHttps(location, url) ? 'redirect' : 'content'
}

function leadsToHttps(location: string, from: string): boolean {
  try {
    return new URL(location, from).protocol === 'https:'
  } catch {
    return false
  }
}
