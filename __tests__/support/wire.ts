import { Agent, request } from 'undici'
import type { Identity } from '../../examples/bank/certificates.js'

/** What came back, as it came. */
export interface Answer {
  readonly status: number
  readonly headers: Readonly<Record<string, string | readonly string[] | undefined>>
  readonly text: string
  /** The members of a JSON object; none where the body is something else. */
  readonly json: Readonly<Record<string, unknown>>
}

export interface Sending {
  readonly method?: string
  /** A header that is an array is sent once for each value. */
  readonly headers?: Readonly<Record<string, string | string[] | undefined>>
  readonly body?: string
  /** Shown if the listener asks for one. */
  readonly certificate?: Identity | undefined
}

/** HTTPS to servers whose certificate comes from `ca`. */
export interface Wire {
  send(url: string, sending?: Sending): Promise<Answer>
  close(): Promise<void>
}

/** Milliseconds after which an idle connection is given up: well before a server closes it, which is after five seconds. */
const IDLE = 1000

/** Opens connections as needed, one pool per client certificate. */
export function openWire(ca: string): Wire {
  const agents = new Map<string, Agent>()
  const agentFor = (identity: Identity | undefined) => {
    const name = identity?.certificate ?? ''
    const connect = { ca, ...(identity && { cert: identity.certificate, key: identity.key }) }
    const agent = agents.get(name) ?? new Agent({ keepAliveTimeout: IDLE, keepAliveMaxTimeout: IDLE, connect })
    agents.set(name, agent)
    return agent
  }
  return {
    async send(url, { method = 'GET', headers = {}, body, certificate } = {}) {
      const answer = await request(url, {
        method: method as 'GET',
        headers: Object.fromEntries(Object.entries(headers).filter(([, value]) => value !== undefined)),
        body: body ?? null,
        dispatcher: agentFor(certificate),
      })
      const text = await answer.body.text()
      return { status: answer.statusCode, headers: answer.headers, text, json: objectIn(text) }
    },
    async close() {
      await Promise.all([...agents.values()].map((agent) => agent.close()))
    },
  }
}

function objectIn(text: string): Answer['json'] {
  try {
    const value: unknown = JSON.parse(text)
    return typeof value === 'object' && value !== null ? { ...value } : {}
  } catch {
    return {}
  }
}

export type Params = Readonly<Record<string, string | readonly string[] | undefined>>

/** Form encoding; what is `undefined` is left out, an array repeats the parameter. */
export const formOf = (params: Params): string =>
  new URLSearchParams(
    Object.entries(params).flatMap(([name, value]) =>
      value === undefined ? [] : [value].flat().map((one): [string, string] => [name, one]),
    ),
  ).toString()
