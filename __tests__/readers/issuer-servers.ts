import { once } from 'node:events'
import type { RequestListener } from 'node:http'
import { createServer } from 'node:https'
import type { Server, Socket } from 'node:net'
import { createServer as createTlsServer, type TLSSocket, type TlsOptions } from 'node:tls'
import { createAuthority, issueCertificate } from '../../examples/bank/certificates.js'
import { portOf } from './loopback.js'

/** A server on loopback that publishes something. */
export interface Listening {
  readonly port: number
  close(): Promise<void>
}

const authority = await createAuthority('CN=Test CA')
/** Who vouches for the servers below, as PEM. */
export const ca = authority.certificate

/** A server certificate for these names; for `localhost` when none are given. */
export async function serverIdentity(names = ['localhost'], notAfter?: Date): Promise<{ readonly cert: string; readonly key: string }> {
  const alternatives = names.map((value) => ({ type: 'dns', value }) as const)
  const request = { subject: 'CN=server', usage: 'server', keyType: 'EC', names: alternatives } as const
  const { certificate, key } = await issueCertificate(authority, { ...request, ...(notAfter && { notBefore: new Date(0), notAfter }) })
  return { cert: certificate, key }
}

/** An HTTPS server, on a port of its own unless told otherwise. */
export async function listenTo(answer: RequestListener, options?: TlsOptions, host?: string, port?: number): Promise<Listening> {
  return listening(createServer(options ?? (await serverIdentity()), answer), host, port)
}

/** A server that speaks TLS, and then says what it likes. */
export async function listenWith(talk: (socket: TLSSocket) => void): Promise<Listening> {
  const server = createTlsServer(await serverIdentity(), (socket) => {
    // Clients are free to go.
    socket.on('error', () => socket.destroy())
    talk(socket)
  })
  return listening(server)
}

async function listening(server: Server, host = '127.0.0.1', port = 0): Promise<Listening> {
  const open = new Set<Socket>()
  server.on('connection', (socket) => open.add(socket.on('close', () => open.delete(socket))))
  await once(server.listen(port, host), 'listening')
  return {
    port: portOf(server),
    async close() {
      const closed = once(server, 'close')
      server.close()
      for (const socket of open) socket.destroy()
      await closed
    },
  }
}
