import { Agent as HttpAgent, request as httpRequest, type IncomingHttpHeaders, type IncomingMessage } from 'node:http'
import { Agent as HttpsAgent, request as httpsRequest } from 'node:https'
import { rootCertificates } from 'node:tls'
import { isText } from '../core/claims.js'
import { reasonOf } from '../core/errors.js'
import { redacted } from '../core/redacted.js'
import { type Reach, reachFrom } from './reach.js'

/** A request as it goes over the wire. */
export interface Outgoing {
  readonly method: string
  readonly url: URL
  readonly headers?: Readonly<Record<string, string>>
  readonly body?: string | undefined
  /** What the TLS client shows. */
  readonly certificate?: CertificateWithKey | undefined
}

/** A client certificate and its key, both PEM. */
export interface CertificateWithKey {
  readonly certificate: string
  readonly key: string
}

/** What came back. */
export interface Answer {
  readonly status: number
  readonly headers: IncomingHttpHeaders
  readonly text: string
  /** The body, where it is a JSON object. */
  readonly json: Readonly<Record<string, unknown>> | undefined
  /** The OAuth error, where one is named, without anything secret. */
  readonly error: string | undefined
  /** Request and answer in one line, without anything secret. */
  readonly line: string
  /** That the server wanted to be left alone for a while, and was. */
  readonly waited?: true
}

/** No answer came: the connection was refused or aborted, or nothing was said in time. */
export class NoAnswerError extends Error {
  override readonly name = 'NoAnswerError'
  readonly line: string
  /** Whether the other side ended the connection, TLS included. */
  readonly isAborted: boolean

  constructor(line: string, options?: ErrorOptions) {
    super(line, options)
    this.line = line
    const { cause } = this
    const code = cause instanceof Error && 'code' in cause ? String(cause.code) : ''
    this.isAborted = /^(?:ERR_SSL|ECONNRESET$|EPIPE$)/.test(code)
  }
}

/** Sends a request. `again` makes the one that is sent where a server wants to be asked later: what is good for once only has to be new. */
export type Exchange = (outgoing: Outgoing, again?: () => Outgoing) => Promise<Answer>

export interface ExchangeOptions {
  /** PEM: trusted next to the authorities that Node knows. */
  readonly ca: string | undefined
  /** Seconds until an answer must be whole; our own choice is 15. */
  readonly timeout?: number
  /** Where requests may go; https, and http on this machine, when not given. */
  readonly reach?: Reach
}

/** Octets of a body that are read, and objects inside of one another in JSON; our choice. */
const LONGEST = 1024 * 1024
const DEEPEST = 32

/** Sends requests as they are given, follows nothing, and keeps no cookies. Server certificates are verified. Rejects with a `NoAnswerError`. */
export function exchange({ ca, timeout = 15, reach = reachFrom([]) }: ExchangeOptions): Exchange {
  const plain = new HttpAgent({ keepAlive: false })
  const agents = new Map<string, HttpsAgent>()
  const agentFor = (certificate: CertificateWithKey | undefined) => {
    const name = certificate?.certificate ?? ''
    const agent =
      agents.get(name) ??
      new HttpsAgent({
        keepAlive: true,
        maxSockets: 16,
        // Without `ca` Node takes its own authorities, those of NODE_EXTRA_CA_CERTS included.
        ...(ca !== undefined && { ca: [...rootCertificates, ca] }),
        ...(certificate && { cert: certificate.certificate, key: certificate.key }),
      })
    agents.set(name, agent)
    return agent
  }

  return async (outgoing) => {
    const { method, url, headers = {}, body, certificate } = outgoing
    const asked = `${method} ${url.origin === 'null' ? url.protocol : url.origin}${url.pathname}${certificate ? ' (with a client certificate)' : ''}`
    const unanswered = (cause: unknown) => new NoAnswerError(`${asked} → no answer: ${redacted(reasonOf(cause))}`, { cause })
    const lookup = await reach(url).catch((cause: unknown) => Promise.reject(unanswered(cause)))
    return new Promise((resolve, reject) => {
      const give = (cause: unknown) => reject(unanswered(cause))
      const length = body === undefined ? {} : { 'content-length': String(Buffer.byteLength(body)) }
      const options = {
        method,
        headers: {
          ...{ accept: 'application/json, text/html;q=0.9, */*;q=0.1', 'accept-encoding': 'identity', 'user-agent': 'express-fapi-audit' },
          ...length,
          ...headers,
        },
        signal: AbortSignal.timeout(timeout * 1000),
        ...(lookup && { lookup }),
      }
      const secure = url.protocol === 'https:'
      const sent = secure ? httpsRequest(url, { ...options, agent: agentFor(certificate) }) : httpRequest(url, { ...options, agent: plain })
      sent.on('error', give)
      // What is upgraded to something else is no answer, and Node says nothing of it.
      sent.on('upgrade', (_response, socket) => void socket.destroy())
      let isAnswered = false
      sent.on('close', () => isAnswered || give(new Error('the connection was closed')))
      sent.on('response', (response) => {
        isAnswered = true
        read(response).then((text) => resolve(answerOf(response, text, { asked, sent: secretsIn(outgoing) })), give)
      })
      sent.end(body)
    })
  }
}

/** What was sent and is nobody's business: a server may say it back. */
function secretsIn({ headers = {}, body = '' }: Outgoing): readonly string[] {
  const params = body.startsWith('{') ? [] : [...new URLSearchParams(body)]
  const credentials = [
    headers.authorization?.replace(/^\S+ /, ''),
    headers.dpop,
    ...params.filter(([name]) => SECRET.test(name)).map(([, one]) => one),
  ]
  // What is shorter is a word: taking it out would spoil the text.
  return credentials.filter(isText).filter((one) => one.length >= 6)
}

const SECRET = /secret|assertion$|^(?:request|code|code_verifier|token|password)$|_token$/

async function read(response: IncomingMessage): Promise<string> {
  const parts: Buffer[] = []
  let length = 0
  for await (const part of response as AsyncIterable<Buffer>) {
    length += part.length
    if (length > LONGEST) throw new Error('the answer is longer than 1 MiB')
    parts.push(part)
  }
  return Buffer.concat(parts).toString('utf8')
}

function answerOf(
  { statusCode: status = 0, headers }: IncomingMessage,
  text: string,
  { asked, sent }: { readonly asked: string; readonly sent: readonly string[] },
): Answer {
  const json = objectIn(text)
  const { error, error_description: description } = json ?? {}
  const clean = (said: string) => redacted(sent.reduce((so, secret) => so.replaceAll(secret, '[redacted]'), said).slice(0, 300))
  const said = [error, description].filter(isText).join(': ')
  const where = headers.location === undefined ? '' : `, to ${clean(withoutParameters(headers.location))}`
  return {
    ...{ status, headers, text, json, error: isText(error) ? clean(error).slice(0, 100) : undefined },
    line: `${asked} → ${status}${said ? ` ${clean(said)}` : ''}${where}`,
  }
}

/** A URL without what may be secret in it. */
export const withoutParameters = (url: string): string => url.replace(/[?#].*$/s, '').slice(0, 200)

function objectIn(text: string): Readonly<Record<string, unknown>> | undefined {
  try {
    const value: unknown = JSON.parse(text)
    return typeof value === 'object' && value !== null && !Array.isArray(value) && isShallow(value) ? { ...value } : undefined
  } catch {
    return undefined
  }
}

/** Whoever looks at each level with a call of its own would run out of them. */
function isShallow(value: object): boolean {
  let level: readonly unknown[] = [value]
  for (let depth = 0; depth < DEEPEST; depth++) {
    level = level.flatMap((one) => (typeof one === 'object' && one !== null ? Object.values(one) : []))
    if (level.length === 0) return true
  }
  return false
}

/** A form as the body of a request. A parameter may repeat. */
export const formOf = (params: Readonly<Record<string, string | readonly string[] | undefined>>): string =>
  new URLSearchParams(
    Object.entries(params).flatMap(([name, value]) => [value].flat().flatMap((one) => (one === undefined ? [] : [[name, one]]))),
  ).toString()
