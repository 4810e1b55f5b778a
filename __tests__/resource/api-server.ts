import { once } from 'node:events'
import { Agent, createServer, type RequestOptions, request as requestTo } from 'node:https'
import express, { type Express } from 'express'
import { selfSigned, type TestRequest, type TlsIdentity } from 'express-fapi/testing'
import { portOf } from '../readers/loopback.js'
import '../support/clock.js'

/** The name of the API in front of its clients; where it listens is another matter. */
export const API = 'https://api.bank.example'

/** What came back. */
export interface Answer {
  readonly status: number
  readonly headers: Readonly<Record<string, string | string[] | undefined>>
  readonly text: string
  /** The members of a JSON object; none where the body is something else. */
  readonly json: Readonly<Record<string, unknown>>
  /** The challenges, in order. */
  readonly challenges: readonly Challenge[]
}

/** A challenge (RFC 9110 §11.6.1), its parameters by name. */
export interface Challenge {
  readonly scheme: string
  readonly parameters: Readonly<Record<string, string>>
}

/** Express over HTTPS on loopback, which asks for client certificates and takes any. */
export interface Api {
  readonly port: number
  /** Sends a request that was made for {@link API}, or for some of its paths. */
  send(request: Partial<TestRequest> & Pick<TestRequest, 'url'>, body?: string): Promise<Answer>
  close(): Promise<void>
}

const identity = selfSigned({ usage: 'server', name: 'localhost' })

export async function openApi(prepare: (app: Express) => void): Promise<Api> {
  const app = express()
  prepare(app)
  const server = createServer({ ...identity, requestCert: true, rejectUnauthorized: false }, app)
  // Connections stay open between requests, one pool for each client certificate.
  server.keepAliveTimeout = 0
  const agent = new Agent({ keepAlive: true })
  await once(server.listen(0, '127.0.0.1'), 'listening')
  const port = portOf(server)
  return {
    port,
    send: ({ url, method = 'GET', headers = {}, tls }, body) => send({ port, agent }, { url, method, headers, tls }, body),
    async close() {
      agent.destroy()
      server.closeAllConnections()
      await once(server.close(), 'close')
    },
  }
}

async function send(
  to: Pick<RequestOptions, 'port' | 'agent'>,
  { url, method, headers, tls }: TestRequest,
  body?: string,
): Promise<Answer> {
  // As it is written: parsing it here would mend what the server is to see.
  const path = url.startsWith(API) ? url.slice(API.length) : url
  const sent = requestTo({ ...connection(tls), ...to, path, method, headers: { ...headers } })
  const answered = once(sent, 'response')
  sent.end(body)
  const [response] = await answered
  let text = ''
  for await (const chunk of response) text += chunk
  return {
    status: response.statusCode,
    headers: response.headers,
    text,
    json: objectIn(text),
    challenges: (response.headersDistinct['www-authenticate'] ?? []).map(challengeIn),
  }
}

const connection = (tls: TlsIdentity | undefined): RequestOptions => ({
  ...{ host: 'localhost', servername: 'localhost', ca: identity.cert, ...tls },
  lookup: (_name, { all }, found) => (all ? found(null, [{ address: '127.0.0.1', family: 4 }]) : found(null, '127.0.0.1', 4)),
})

/** Throws for a challenge that is not well-formed, which fails the test it is in. */
function challengeIn(text: string): Challenge {
  const [scheme = '', ...rest] = text.split(' ')
  const list = rest.join(' ')
  const parameters = [...list.matchAll(/([a-z_]+)="([^"\\]*)"/g)].map(([, name = '', value = '']) => [name, value] as const)
  if (parameters.map(([name, value]) => `${name}="${value}"`).join(', ') !== list) throw new SyntaxError(`not a challenge: ${text}`)
  if (new Set(parameters.map(([name]) => name)).size < parameters.length) throw new SyntaxError(`a parameter twice: ${text}`)
  return { scheme, parameters: Object.fromEntries(parameters) }
}

function objectIn(text: string): Answer['json'] {
  try {
    const value: unknown = JSON.parse(text)
    return typeof value === 'object' && value !== null ? { ...value } : {}
  } catch {
    return {}
  }
}
