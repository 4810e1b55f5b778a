import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type Bank, startBank } from './bank/bank.js'
import { ATTACKS, type Scene } from './tpp/attacks.js'
import { FLOWS, type Harvest, walk } from './tpp/flows.js'
import { printTable, type Row, timed } from './tpp/table.js'

/* A third party's client walks the bank through five honest flows, then tries twelve dishonest ones. */

const dataDir = mkdtempSync(join(tmpdir(), 'express-fapi-demo-'))
console.log('Starting the bank on free ports; keys and certificates are made first.')
const bank = await startBank({ port: 0, mtlsPort: 0, dataDir, quiet: true })
console.log(`The bank is open at ${bank.issuer}, for client certificates at ${bank.mtlsOrigin}.\n`)

const harvests = new Map<string, Harvest>()
const rows = [...(await honestFlows(bank)), ...(await attacks(bank))]
await Promise.all([...harvests.values()].map(({ party }) => party.close()))
await bank.close()
rmSync(dataDir, { recursive: true, force: true })

printTable(rows)
const failed = rows.filter(({ ok }) => !ok).length
console.log(`\n${FLOWS.length} flows and ${ATTACKS.length} attacks: ${failed === 0 ? 'all as expected' : `${failed} not as expected`}.`)
process.exitCode = failed === 0 ? 0 : 1

async function honestFlows(bank: Bank): Promise<Row[]> {
  const rows: Row[] = []
  for (const flow of FLOWS) {
    rows.push(
      await timed(flow.title, flow.clause, async () => {
        const harvest = await walk(bank, flow)
        harvests.set(flow.clientId, harvest)
        const { accounts, binding, sub } = harvest
        return {
          ok: true,
          outcome: `${accounts.length} accounts read and read again after a refresh, token bound to a ${binding}, sub ${sub.slice(0, 12)}…`,
        }
      }),
    )
  }
  return [...rows, await pairwiseSubjects()]
}

/** The same user, seen by clients of one sector and by herself: the sub is neither her name nor a stranger's. */
async function pairwiseSubjects(): Promise<Row> {
  return timed('pairwise subjects: one user, one sector, one sub', 'OIDC Core 8.1', async () => {
    const subs = new Set([...harvests.values()].map(({ sub }) => sub))
    const [sub = ''] = subs
    return {
      ok: subs.size === 1 && sub.length > 0 && sub !== 'alice',
      outcome: `${harvests.size} clients of the sector tpp.example know alice as ${sub}`,
    }
  })
}

async function attacks(bank: Bank): Promise<Row[]> {
  const [fapi1, dpop] = [harvests.get('fapi1-pkjwt'), harvests.get('fapi2-dpop')]
  if (!fapi1 || !dpop) return []
  const scene: Scene = { bank, fapi1, dpop }
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
