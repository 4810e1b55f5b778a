import { ATTACKS, type Scene } from './attacks.js'
import { FLOWS, type Harvest, walk } from './flows.js'
import { type Row, timed } from './table.js'
import type { Target } from './target.js'

/** Walks the five honest flows through a server, then tries the twelve attacks. */
export async function walkThrough(target: Target): Promise<Row[]> {
  const harvests = new Map<string, Harvest>()
  const rows = [...(await honestFlows(target, harvests)), ...(await attacks(target, harvests))]
  await Promise.all([...harvests.values()].map(({ party }) => party.close()))
  return rows
}

async function honestFlows(target: Target, harvests: Map<string, Harvest>): Promise<Row[]> {
  const rows: Row[] = []
  for (const flow of FLOWS) {
    rows.push(
      await timed(flow.title, flow.clause, async () => {
        const harvest = await walk(target, flow)
        harvests.set(flow.clientId, harvest)
        const { accounts, binding, sub } = harvest
        return {
          ok: true,
          outcome: `${accounts.length} accounts read and read again after a refresh, token bound to a ${binding}, sub ${sub.slice(0, 12)}…`,
        }
      }),
    )
  }
  return [...rows, await pairwiseSubjects(harvests)]
}

/** The same user, seen by clients of one sector and by herself: the sub is neither her name nor a stranger's. */
async function pairwiseSubjects(harvests: ReadonlyMap<string, Harvest>): Promise<Row> {
  return timed('pairwise subjects: one user, one sector, one sub', 'OIDC Core 8.1', async () => {
    const subs = new Set([...harvests.values()].map(({ sub }) => sub))
    const [sub = ''] = subs
    return {
      ok: subs.size === 1 && sub.length > 0 && sub !== 'alice',
      outcome: `${harvests.size} clients of the sector tpp.example know alice as ${sub}`,
    }
  })
}

async function attacks(target: Target, harvests: ReadonlyMap<string, Harvest>): Promise<Row[]> {
  const [fapi1, dpop] = [harvests.get('fapi1-pkjwt'), harvests.get('fapi2-dpop')]
  if (!fapi1 || !dpop) return []
  const scene: Scene = { target, fapi1, dpop }
  const rows: Row[] = []
  for (const attack of ATTACKS) {
    rows.push(
      await timed(`attack: ${attack.title}`, attack.clause, async () => {
        const answer = await attack.attempt(scene)
        const ok = attack.refusals.includes(answer)
        return { ok, outcome: ok ? `refused: ${answer}` : `NOT refused as expected: ${answer}` }
      }),
    )
  }
  return rows
}
