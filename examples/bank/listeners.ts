import { constants } from 'node:crypto'
import { createServer, type RequestListener, type Server } from 'node:http'
import { createServer as createTlsServer } from 'node:https'
import type { ListenOptions, Socket } from 'node:net'
import type { Behind } from './behind.js'
import type { Identity } from './certificates.js'
import { StartError } from './start-error.js'

interface ListenerOptions {
  /** The flag the place came from, for the error when it is taken. */
  readonly flag: string
  /** A port, where 0 picks a free one, or a path. */
  readonly at: ListenOptions
  readonly create: (serve: RequestListener) => Pick<Server, 'on' | 'once' | 'listen' | 'address' | 'close' | 'closeIdleConnections'>
}

/** An open port. */
export interface Listener {
  /** 0 for a Unix socket. */
  readonly port: number
  /** Hands requests to the application from now on; until then they are told to come back. */
  serve(application: RequestListener): void
  /** Stops listening and resolves when no connection is left; requests under way have a moment to finish. */
  close(): Promise<void>
}

/** FAPI1-ADV-8.5-1 and RFC 9325: these two for TLS 1.2, and what TLS 1.3 has. */
const CIPHERS = [
  'TLS_AES_256_GCM_SHA384',
  'TLS_AES_128_GCM_SHA256',
  'TLS_CHACHA20_POLY1305_SHA256',
  'ECDHE-RSA-AES128-GCM-SHA256',
  'ECDHE-RSA-AES256-GCM-SHA384',
].join(':')

/** How long a request under way may take once the bank closes, in milliseconds. */
const PATIENCE = 2000

/** Ours: a client that says nothing for so long is gone. An idle connection is kept longer than proxies and clients keep theirs, so that none sends into one that is being closed. Milliseconds. */
const LIMITS = { headersTimeout: 10_000, requestTimeout: 30_000, keepAliveTimeout: 65_000 }

function createHttps(identity: Identity, asksForCertificate: boolean): ListenerOptions['create'] {
  return (serve) =>
    createTlsServer(
      {
        cert: identity.certificate,
        key: identity.key,
        minVersion: 'TLSv1.2',
        ciphers: CIPHERS,
        honorCipherOrder: true,
        // A client that could renegotiate could change its certificate in the middle of a connection.
        secureOptions: constants.SSL_OP_NO_RENEGOTIATION,
        // Any certificate will do here, even one that signs itself, and no list of authorities is sent: with one, many
        // clients silently send nothing. Who trusts a certificate for what verifies it.
        requestCert: asksForCertificate,
        rejectUnauthorized: false,
        handshakeTimeout: 10_000,
        ...LIMITS,
      },
      serve,
    )
}

/** Idle connections stay open for longer than proxies keep theirs: nothing is sent into one that is being closed. Milliseconds. */
const createHttp: ListenerOptions['create'] = (serve) => createServer({ ...LIMITS, keepAliveTimeout: 75_000 }, serve)

/** Opens a port. Throws a `StartError` when it cannot be had. */
async function openListener({ flag, at, create }: ListenerOptions): Promise<Listener> {
  let application: RequestListener = (_req, res) => res.writeHead(503, { 'retry-after': '1' }).end()
  const server = create((req, res) => application(req, res))

  // Connections, and not only those that got as far as TLS: one that never says a word must not keep the bank open.
  const sockets = new Set<Socket>()
  server.on('connection', (socket: Socket) => {
    sockets.add(socket)
    socket.once('close', () => sockets.delete(socket))
  })
  await new Promise<void>((resolve, reject) => {
    server.once('error', (cause) => reject(placeError(`${flag} ${at.path ?? at.port}`, cause)))
    server.listen(at, resolve)
  })
  const address = server.address()

  return {
    port: typeof address === 'object' && address ? address.port : 0,
    serve(next) {
      application = next
    },
    async close() {
      const impatience = setTimeout(() => {
        for (const socket of sockets) socket.destroy()
      }, PATIENCE)
      await new Promise((resolve) => {
        server.close(resolve)
        server.closeIdleConnections()
      })
      clearTimeout(impatience)
    },
  }
}

/** Opens the port for everybody and the one for certificates. Throws a `StartError` with neither open when one cannot be had. */
export async function openListeners(port: number, mtlsPort: number, identity: Identity): Promise<readonly [Listener, Listener]> {
  const main = await openListener({ flag: '--port', at: { port }, create: createHttps(identity, false) })
  try {
    return [main, await openListener({ flag: '--mtls-port', at: { port: mtlsPort }, create: createHttps(identity, true) })]
  } catch (error) {
    await main.close()
    throw error
  }
}

/** Opens the port, or the Unix socket, that the proxy in front connects to. Throws a `StartError` when it cannot be had. */
export const openPlainListener = (port: number, { host, socket }: Behind): Promise<Listener> =>
  socket === undefined
    ? openListener({ flag: '--port', at: { port, host }, create: createHttp })
    : openListener({ flag: '--socket', at: { path: socket }, create: createHttp })

function placeError(place: string, cause: NodeJS.ErrnoException): StartError {
  if (cause.code === 'EADDRINUSE' && place.startsWith('--socket'))
    return new StartError(`${place} is there already: stop what listens there, or remove what an earlier bank left behind`)
  if (cause.code === 'EADDRINUSE')
    return new StartError(`${place} is in use: stop what listens there, or give another port (0 picks a free one)`)
  if (cause.code === 'EACCES') return new StartError(`${place} is not for this user: give a port above 1023, or a folder it may write`)
  return new StartError(`${place} cannot be listened on: ${cause.message}`)
}
