import { type ClientRequest, request as plainRequest } from 'node:http'
import { request as tlsRequest } from 'node:https'
import type { ConnectionOptions, TLSSocket } from 'node:tls'
import type { Answer, Sending, Wire } from '../support/wire.js'

export interface LocalSending extends Sending {
  /** What the connection is told to be for (SNI), where that is not the host of the URL. */
  readonly servername?: string
  readonly tls?: Pick<ConnectionOptions, 'session' | 'minVersion' | 'maxVersion' | 'ciphers' | 'cert'>
  /** The address it comes from, one of this machine's own. */
  readonly from?: string
  /** Called with the connection, once TLS stands. */
  readonly onSecure?: (socket: TLSSocket) => void
}

/** Like the wire of the other tests, but every name leads to 127.0.0.1, and each request has a connection of its own. */
export interface LocalWire extends Wire {
  send(url: string, sending?: LocalSending): Promise<Answer>
}

/** HTTPS to servers whose certificate comes from `ca`, and HTTP. */
export function openLocalWire(ca: string): LocalWire {
  return {
    send(url, { method = 'GET', headers = {}, body, certificate, servername, tls, from, onSecure } = {}) {
      const { protocol, hostname, host, port, pathname, search } = new URL(url)
      const options = {
        ...{ host: '127.0.0.1', port: port || 443, path: pathname + search, method, agent: false },
        headers: { host, ...Object.fromEntries(Object.entries(headers).filter(([, value]) => value !== undefined)) },
        ...(from && { localAddress: from }),
      }
      if (protocol === 'http:') return answered(plainRequest(options), body)
      const shown = certificate && { cert: certificate.certificate, key: certificate.key }
      const request = tlsRequest({ ...options, ...shown, ...tls, ca, servername: servername ?? hostname })
      if (onSecure) request.on('socket', (socket) => socket.on('secureConnect', () => onSecure(socket as TLSSocket)))
      return answered(request, body)
    },
    async close() {},
  }
}

function answered(request: ClientRequest, body: string | undefined): Promise<Answer> {
  return new Promise((resolve, reject) => {
    request.on('error', reject)
    request.on('response', (response) => {
      const parts: Buffer[] = []
      response.on('data', (part: Buffer) => parts.push(part))
      response.on('error', reject)
      response.on('end', () => {
        const text = Buffer.concat(parts).toString('utf8')
        resolve({ status: response.statusCode ?? 0, headers: response.headers, text, json: objectIn(text) })
      })
    })
    request.end(body)
  })
}

function objectIn(text: string): Answer['json'] {
  try {
    const value: unknown = JSON.parse(text)
    return typeof value === 'object' && value !== null ? { ...value } : {}
  } catch {
    return {}
  }
}
