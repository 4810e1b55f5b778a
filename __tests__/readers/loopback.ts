import { once } from 'node:events'
import type { ClientRequest, IncomingMessage } from 'node:http'
import type { Server } from 'node:net'

/** The port a server listens on. */
export const portOf = (server: Server): number => {
  const address = server.address()
  return typeof address === 'object' && address ? address.port : 0
}

/** Ends a request and reads its answer. */
export async function answerOf(sent: ClientRequest): Promise<string> {
  const answered = once(sent.end(), 'response')
  const [response]: IncomingMessage[] = await answered
  const chunks: Buffer[] = []
  for await (const chunk of response ?? []) chunks.push(chunk)
  return Buffer.concat(chunks).toString()
}
