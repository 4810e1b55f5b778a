import { type Connection, openConnection } from './connection.js'
import { type Figure, measure } from './measure.js'
import { answerParent } from './process.js'
import type { Cast } from './provider-cast.js'
import { KINDS, type Kind, requestsOf } from './provider-requests.js'

/* The load generator, as a process of its own: one connection for each client, each with one request at a time. */

/** So many requests at a server, to be measured. */
export interface Load {
  readonly cast: Cast
  readonly port: number
  readonly kind: Kind
  readonly times: number
}

/** By port: each server is asked over the same connections in every turn. */
const connections = new Map<number, Connection[]>()

answerParent<Load>(async function load({ cast, port, kind, times }): Promise<Figure> {
  const free = connections.get(port) ?? (await Promise.all(cast.parties.map(() => openConnection(port))))
  connections.set(port, free)
  const signed = signedAhead(cast, kind, times + Math.ceil(times / 10))
  return measure(
    async function ask() {
      const [connection, request] = [free.pop(), signed.pop()]
      if (!connection || !request) throw new Error('more requests than were signed, or more at a time than connections')
      const { status, text } = await connection.ask(request)
      if (status !== KINDS[kind].status) throw new Error(`an honest request was answered with ${text}`)
      free.push(connection)
    },
    times,
    cast.parties.length,
  )
})

/** None is signed while requests are timed. */
function signedAhead({ parties }: Cast, kind: Kind, count: number): Buffer[] {
  const clients = parties.map((party) => requestsOf(party, kind))
  return Array.from({ length: Math.ceil(count / clients.length) }, () => clients.map((request) => request())).flat()
}
