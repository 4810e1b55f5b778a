import { PLAIN_ATTACKS, type PlainAttack, type PlainScene } from './plain-attacks.js'
import { type PlainHarvest, walkPlain } from './plain-flow.js'
import { type Row, timed } from './table.js'
import type { Target } from './target.js'

/** Two clients walk the plain code flow through a server without any FAPI, then the attacks are tried there; all but those it withstands by itself should succeed. */
export async function walkThroughPlain(target: Target): Promise<Row[]> {
  const harvests = new Map<string, PlainHarvest>()
  const rows: Row[] = []
  for (const clientId of ['fapi1-pkjwt', 'fapi2-dpop']) {
    rows.push(
      await timed(`the code flow of RFC 6749: ${clientId}`, 'RFC6749-4.1', async () => {
        harvests.set(clientId, await walkPlain(target, clientId))
        return { ok: true, outcome: 'accounts read and read again after a refresh, token bound to nothing' }
      }),
    )
  }
  const [fapi1, dpop] = [harvests.get('fapi1-pkjwt'), harvests.get('fapi2-dpop')]
  if (fapi1 && dpop) for (const attack of PLAIN_ATTACKS) rows.push(await attacked({ target, fapi1, dpop }, attack))
  await Promise.all([...harvests.values()].map(({ party }) => party.close()))
  return rows
}

const attacked = (scene: PlainScene, { title, clause, withstands, attempt }: PlainAttack): Promise<Row> =>
  timed(`attack: ${title}`, clause, async () => {
    try {
      const got = await attempt(scene)
      return { ok: withstands === undefined, outcome: `succeeded: ${got}` }
    } catch (error) {
      const answer = error instanceof Error ? error.message : String(error)
      return withstands !== undefined && withstands === answer
        ? { ok: true, outcome: `refused even without FAPI: ${answer}` }
        : { ok: false, outcome: `did NOT succeed as expected: ${answer}` }
    }
  })
