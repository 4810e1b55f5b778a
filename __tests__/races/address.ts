import { once } from 'node:events'
import { type AddressInfo, connect, createServer, type Socket } from 'node:net'

/** One address in front of several ports: each connection goes to the next that answers. */
export interface Address {
  readonly port: number
  /** The ports behind it from now on. */
  lead(ports: readonly number[]): void
  close(): Promise<void>
}

export async function openAddress(): Promise<Address> {
  let behind: readonly number[] = []
  let turn = 0
  const sockets = new Set<Socket>()
  const server = createServer((client) => {
    const port = behind[turn++ % behind.length]
    const upstream = connect(port ?? 1, '127.0.0.1')
    for (const socket of [client, upstream]) {
      sockets.add(socket)
      socket.on('error', () => client.destroy())
      socket.on('close', () => {
        sockets.delete(socket)
        client.destroy()
        upstream.destroy()
      })
    }
    client.pipe(upstream).pipe(client)
  }).listen(0)
  await once(server, 'listening')
  return {
    port: (server.address() as AddressInfo).port,
    lead(ports) {
      behind = ports
    },
    async close() {
      for (const socket of sockets) socket.destroy()
      server.close()
      await once(server, 'close')
    },
  }
}
