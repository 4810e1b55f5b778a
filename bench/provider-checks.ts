import { openConnection } from './connection.js'
import type { Cast } from './provider-cast.js'
import { KINDS, requestsOf } from './provider-requests.js'

/** Throws when a server lets a used client assertion or DPoP proof in again, or an honest client out: it would not do the work that is compared. */
export async function expectRefusals(port: number, { parties: [party] }: Cast): Promise<void> {
  if (!party) throw new Error('it takes a client')
  const connection = await openConnection(port)
  for (const [kind, { status }] of Object.entries(KINDS)) {
    const request = requestsOf(party, kind as keyof typeof KINDS)()
    for (const [what, wanted] of [
      ['an honest request', status],
      ['the same request again', 401],
    ] as const) {
      const answer = await connection.ask(request)
      if (answer.status !== wanted) throw new Error(`${kind}: ${what} was answered with ${answer.text}, not with ${wanted}`)
    }
  }
  connection.close()
}
