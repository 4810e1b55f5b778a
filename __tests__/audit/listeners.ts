import { once } from 'node:events'
import { createServer as createHttpServer, type RequestListener } from 'node:http'
import { createServer as createHttpsServer } from 'node:https'
import { type AddressInfo, createServer, type Server, type Socket } from 'node:net'
import type { TlsOptions } from 'node:tls'
import { VERSION_NAMES, VERSIONS, type Version } from '../../lib/audit/tls/client-hello.js'
import { selfSigned } from '../readers/identity.js'

const open = new Set<Socket>()
const servers = new Set<Server>()

/** Listens on some port of the loopback address, or of another one, and answers the port. */
export async function listening(server: Server, address = '127.0.0.1'): Promise<number> {
  servers.add(server)
  server.on('connection', (socket: Socket) => {
    open.add(socket)
    socket.on('error', () => undefined)
    socket.on('close', () => open.delete(socket))
  })
  await once(server.listen(0, address), 'listening')
  return (server.address() as AddressInfo).port
}

/** Ends every listener that a test made. */
export async function closeListeners(): Promise<void> {
  for (const socket of open) socket.destroy()
  await Promise.all([...servers].map((server) => new Promise((resolve) => server.close(resolve))))
  servers.clear()
}

/** On an RSA key, so that every kind of cipher suite is possible; for localhost. */
export const rsa = await selfSigned('CN=localhost', 'RSA 2048', { notAfter: new Date(Date.now() + 90 * 86_400_000) })

export const pemOf = ({ certificate }: typeof rsa): string => certificate.toString()

/** What the pages of a compliant server are answered with. */
export const answersBrowsers: RequestListener = (_request, response) => {
  response.setHeader('strict-transport-security', 'max-age=31536000')
  response.end('a page')
}

/** An https server of Node itself. */
export function httpsListener(options: TlsOptions = {}, answer = answersBrowsers, identity = rsa): Server {
  return createHttpsServer({ cert: pemOf(identity), key: identity.key, ...options }, answer).on('tlsClientError', () => undefined)
}

/** Plain http and TLS at one port, told apart by the first octet. */
export function bothAtOnce(plain: RequestListener): Server {
  const [http, https] = [createHttpServer(plain), httpsListener()]
  return createServer((socket) => {
    socket.once('data', (first) => {
      socket.pause()
      socket.unshift(first)
      ;(first[0] === 22 ? https : http).emit('connection', socket)
      process.nextTick(() => socket.resume())
    })
  })
}

/** What a client's first message offers. */
export interface Offered {
  readonly versions: readonly Version[]
  readonly suites: readonly number[]
  readonly name: string | undefined
}

/** A listener that answers each first message as it is told, octet by octet, and hangs up; where it is told nothing, it stays. */
export const scripted = (answer: (offered: Offered, socket: Socket) => Buffer | undefined): Server =>
  createServer((socket) => {
    let bytes: Buffer = Buffer.alloc(0)
    const hear = (more: Buffer) => {
      bytes = Buffer.concat([bytes, more])
      if (bytes[0] !== 22) return void socket.destroy()
      if (bytes.length < 5 || bytes.length < 5 + bytes.readUInt16BE(3)) return undefined
      socket.off('data', hear).resume()
      const said = answer(offeredIn(bytes), socket)
      return void (said && socket.end(said))
    }
    socket.on('data', hear)
  })

/** Reads a ClientHello as RFC 5246 §7.4.1.2 has it, and not as the one who wrote it thought. */
function offeredIn(record: Buffer): Offered {
  const hello = record.subarray(9)
  if (record[0] !== 22 || record[5] !== 1 || record.readUInt16BE(3) !== record.length - 5 || record.readUIntBE(6, 3) !== hello.length)
    throw new Error('no ClientHello')
  let at = 34
  at += 1 + (hello[at] ?? 0)
  const suites = words(hello.subarray(at + 2, at + 2 + hello.readUInt16BE(at)))
  at += 2 + hello.readUInt16BE(at)
  at += 1 + (hello[at] ?? 0)
  const extensions = new Map<number, Buffer>()
  if (at < hello.length && at + 2 + hello.readUInt16BE(at) !== hello.length) throw new Error('extensions of another length')
  for (at += 2; at < hello.length; at += 4 + hello.readUInt16BE(at + 2)) {
    extensions.set(hello.readUInt16BE(at), hello.subarray(at + 4, at + 4 + hello.readUInt16BE(at + 2)))
  }
  const supported = extensions.get(43)
  const numbers = supported ? words(supported.subarray(1)) : [hello.readUInt16BE(0)]
  return {
    versions: VERSION_NAMES.filter((name) => numbers.includes(VERSIONS[name])),
    suites,
    name: extensions.get(0)?.subarray(5).toString(),
  }
}

const words = (bytes: Buffer) => Array.from({ length: bytes.length / 2 }, (_, index) => bytes.readUInt16BE(2 * index))

/** A ServerHello in one record; TLS 1.3 stands in an extension. */
export function serverHello(version: Version, suite: number): Buffer {
  const modern = version === 'TLSv1.3'
  const legacy = Math.min(VERSIONS[version], VERSIONS['TLSv1.2'])
  const extensions = modern ? Buffer.from([0, 6, 0, 43, 0, 2, 3, 4]) : Buffer.alloc(0)
  const head = Buffer.from([legacy >> 8, legacy & 255])
  const body = Buffer.concat([head, Buffer.alloc(32, 7), Buffer.from([0, suite >> 8, suite & 255, 0]), extensions])
  return recordOf(22, Buffer.concat([Buffer.from([2, 0, 0, body.length]), body]))
}

export const recordOf = (type: number, data: Buffer): Buffer =>
  Buffer.concat([Buffer.from([type, 3, 3, data.length >> 8, data.length & 255]), data])

export const alertOf = (level: 1 | 2, description: number): Buffer => recordOf(21, Buffer.from([level, description]))
