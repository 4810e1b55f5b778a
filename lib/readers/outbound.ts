import { lookup } from 'node:dns/promises'
import type { IncomingHttpHeaders, IncomingMessage } from 'node:http'
import { Agent, request } from 'node:https'
import { isIP, type LookupFunction } from 'node:net'
import { createSecureContext } from 'node:tls'
import { isText } from '../core/claims.js'
import { ConfigurationError } from '../core/errors.js'
import { addressFault, hostsOf, nameOf, type OutboundOptions, outboundFaults, urlFault } from './outbound-options.js'

/** What was fetched. */
export interface OutboundAnswer {
  /** 200, or one that was asked for. */
  readonly status: number
  readonly headers: IncomingHttpHeaders
  readonly text: string
}

/** Something could not be fetched, for the operator to read. */
export class OutboundError extends Error {
  override readonly name = 'OutboundError'
  readonly code = 'ERR_FAPI_OUTBOUND'
}

/** What is sent with a request that does more than read. */
export interface Sending {
  readonly accept: string
  /** Sent by POST, as `application/x-www-form-urlencoded`. */
  readonly form: string
  /** Statuses beside 200 whose answer is wanted. */
  readonly statuses?: readonly number[]
}

/** Milliseconds for one of several addresses, our choice: Node's own quarter of a second is too short for far ones. */
const EACH_ADDRESS = 1000

/**
 * Fetches text, by GET or with a form by POST: https alone, no redirects, within limits of time and size, and from the very addresses that were checked.
 * Throws a `ConfigurationError`; what it returns rejects with an `OutboundError`.
 */
export function outbound(options: OutboundOptions = {}): (url: URL, sending?: Sending) => Promise<OutboundAnswer> {
  const faults = outboundFaults(options)
  if (faults.length > 0) throw new ConfigurationError(faults)
  const { allowPrivateHosts, ca, identity, timeout = 5, maxBytes = 65_536, resolve = resolveBySystem } = options
  const allowed = hostsOf(allowPrivateHosts)
  const agent = new Agent({
    // Said aloud, because the environment can turn it off (FAPI2-SP-5.2.1-5).
    rejectUnauthorized: true,
    // A session that is taken up again would not be verified anew.
    maxCachedSessions: 0,
    secureContext: createSecureContext({ minVersion: 'TLSv1.2', ...identity, ...(ca !== undefined && { ca: [ca].flat() }) }),
    autoSelectFamilyAttemptTimeout: EACH_ADDRESS,
  })

  return async function fetchText(url, sending) {
    try {
      insist(urlFault(url.href, allowed))
      return await within(timeout, (signal) => exchange(url, signal, sending))
    } catch (cause) {
      const what = cause instanceof OutboundError ? cause.message : `could not be reached: ${reasonOf(cause)}`
      throw new OutboundError(`${url.origin}${url.pathname} ${what}`, { cause })
    }
  }

  async function exchange(url: URL, signal: AbortSignal, sending: Sending | undefined): Promise<OutboundAnswer> {
    const addresses = await addressesOf(url)
    const response = await answerOf(url, { agent, signal, lookup: always(addresses) }, sending)
    const { statusCode = 0, headers } = response
    if (statusCode !== 200 && !sending?.statuses?.includes(statusCode))
      throw new OutboundError(`answered ${statusCode}${statusCode >= 300 && statusCode < 400 ? ', and redirects are not followed' : ''}`)
    const encoding = headers['content-encoding'] ?? 'identity'
    if (encoding.toLowerCase() !== 'identity') throw new OutboundError('answered in a compressed form that was not asked for')
    return { status: statusCode, headers, text: await textOf(response, maxBytes) }
  }

  /** One address that is refused refuses the name: otherwise chance would decide. */
  async function addressesOf(url: URL): Promise<readonly string[]> {
    const name = nameOf(url)
    const addresses = isIP(name) ? [name] : [...(await resolve(name))]
    if (addresses.length === 0) throw new OutboundError('has no address')
    for (const address of addresses) insist(addressFault(address, url, allowed))
    return addresses
  }
}

const resolveBySystem = async (hostname: string) => (await lookup(hostname, { all: true })).map(({ address }) => address)

function insist(fault: string | undefined): void {
  if (fault !== undefined) throw new OutboundError(fault)
}

/** Does something that stops with its signal, and waits for it no longer than that. */
async function within<T>(seconds: number, work: (signal: AbortSignal) => Promise<T>): Promise<T> {
  const stop = new AbortController()
  const late = new Promise<never>((_, reject) => stop.signal.addEventListener('abort', () => reject(stop.signal.reason)))
  const timer = setTimeout(() => stop.abort(new OutboundError(`did not answer within ${seconds} seconds`)), seconds * 1000)
  try {
    return await Promise.race([work(stop.signal), late])
  } finally {
    clearTimeout(timer)
    // Also closes the connection of what was refused half-way.
    stop.abort()
  }
}

interface Way {
  readonly agent: Agent
  readonly signal: AbortSignal
  readonly lookup: LookupFunction
}

function answerOf(url: URL, way: Way, sending: Sending | undefined): Promise<IncomingMessage> {
  const { accept, form } = sending ?? { accept: 'application/json, application/jwk-set+json' }
  const common = { accept, 'accept-encoding': 'identity', 'user-agent': 'express-fapi' }
  const [method, headers] =
    form === undefined ? ['GET', common] : ['POST', { ...common, 'content-type': 'application/x-www-form-urlencoded' }]
  return new Promise((resolve, reject) => {
    request(url, { ...way, method, headers })
      .on('response', resolve)
      // Stays, since a connection may fail at any time.
      .on('error', reject)
      .on('close', () => reject(new OutboundError('closed the connection without an answer')))
      .end(form)
  })
}

/** Looks nothing up: connects to what was checked. */
function always(addresses: readonly string[]): LookupFunction {
  const found = addresses.map((address) => ({ address, family: isIP(address) }))
  return (_hostname, { all }, done) => (all ? done(null, found) : done(null, found[0]?.address ?? '', found[0]?.family))
}

async function textOf(response: IncomingMessage, maxBytes: number): Promise<string> {
  const tooLong = () => new OutboundError(`answered with more than ${maxBytes} octets`)
  if (Number(response.headers['content-length'] ?? 0) > maxBytes) throw tooLong()
  const chunks: Buffer[] = []
  let bytes = 0
  for await (const chunk of response as AsyncIterable<Buffer>) {
    bytes += chunk.length
    if (bytes > maxBytes) throw tooLong()
    chunks.push(chunk)
  }
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(Buffer.concat(chunks))
  } catch {
    throw new OutboundError('answered with something that is no UTF-8')
  }
}

/** Where every one of several addresses failed, Node has a code and no message. */
function reasonOf(cause: unknown): string {
  const { message, code } = (cause ?? {}) as { readonly message?: unknown; readonly code?: unknown }
  return [message, code].find(isText) ?? 'no reason given'
}
