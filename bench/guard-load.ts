import type { Answer, Connection } from './connection.js'
import type { Cast } from './guard-cast.js'
import { openAs, type Target } from './guard-connection.js'
import { dpopRequests, mtlsRequest } from './guard-requests.js'
import { measure } from './measure.js'
import { answerParent } from './process.js'

/* The load generator, as a process of its own: one connection for each client, each with one request at a time. */

/** So many requests at a server, to be measured. */
export interface Load {
  readonly cast: Cast
  readonly target: Target
  readonly times: number
}

type Line = Connection & { readonly mtlsRequest: Buffer }

/** By port: each server is asked over the same connections in every turn. */
const lines = new Map<number, Line[]>()

answerParent<Load>(async function load({ cast, target, times }) {
  const free = lines.get(target.port) ?? (await openLines(target, cast))
  lines.set(target.port, free)
  const signed = target.tls ? [] : signedAhead(cast, times + Math.ceil(times / 10))
  return measure(
    async function ask() {
      const line = free.pop()
      if (!line) throw new Error('more requests at a time than connections')
      expectSuccess(await line.ask(signed.pop() ?? line.mtlsRequest))
      free.push(line)
    },
    times,
    cast.parties.length,
  )
})

const openLines = (target: Target, cast: Cast): Promise<Line[]> =>
  Promise.all(cast.parties.map(async (party) => ({ ...(await openAs(party, target, cast)), mtlsRequest: mtlsRequest(party) })))

/** Every request has a proof of its own, and none is signed while requests are timed. */
function signedAhead({ parties }: Cast, count: number): Buffer[] {
  const clients = parties.map(dpopRequests)
  return Array.from({ length: Math.ceil(count / clients.length) }, () => clients.map((request) => request())).flat()
}

function expectSuccess({ status, text }: Answer): void {
  if (status !== 200) throw new Error(`an honest request was answered with ${text}`)
}
