import { type Connection, openConnection } from './connection.js'
import { API, type Cast, type Party } from './guard-cast.js'

/** Where a server listens; over TLS it wants a client certificate. */
export interface Target {
  readonly port: number
  readonly tls: boolean
}

/** Opens a connection as a client of the API. */
export const openAs = (
  { identity: { certificate: cert, key } }: Party,
  { port, tls }: Target,
  { authority: ca }: Cast,
): Promise<Connection> => openConnection(port, tls ? { servername: new URL(API).hostname, ca, cert, key } : undefined)
