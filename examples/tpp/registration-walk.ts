import { startBank } from '../bank/bank.js'
import { openDataFolder } from '../bank/data-folder.js'
import { loadAuthority } from '../bank/identities.js'
import { openDirectory } from './directory.js'
import type { Ways } from './ecosystems.js'
import { ACCESS_TOKEN, RECOVERY, REFUSED_UPDATE, ROUND_TRIP, STRANGER, UPDATE } from './managing-steps.js'
import type { Life, Step } from './registered-life.js'
import type { Scene } from './registering.js'
import { REGISTRATION, refused, SECOND_CLIENT } from './registering-steps.js'
import { REFUSALS, SECOND, USED_STATEMENT } from './registration-refusals.js'
import { makeSoftware } from './software.js'
import { AFTERWARDS, DELETION, FLOW, RESUMPTION, SUSPENSION } from './standing-steps.js'
import { type Row, timed } from './table.js'

/** What happens in an ecosystem, in this order. */
export function stepsIn({ name, recovery, flow: { title, clause } }: Ways): readonly Step[] {
  const isOutside = name === 'generic'
  return [
    ...REFUSALS[name].map(refused),
    REGISTRATION,
    isOutside ? SECOND_CLIENT : refused(SECOND),
    { ...FLOW, title, clause },
    ...[ROUND_TRIP, UPDATE, REFUSED_UPDATE, STRANGER, typeof recovery === 'object' ? ACCESS_TOKEN : RECOVERY],
    ...[SUSPENSION, RESUMPTION, DELETION, AFTERWARDS],
    // Outside the ecosystems, a statement is for every client of a software.
    ...(isOutside ? [] : [refused(USED_STATEMENT)]),
  ]
}

/** A third party tries to register as it may not, registers as it may, and is a client to the end; at a bank and with a directory opened for it. */
export async function walkRegistration(ways: Ways, dataDir: string): Promise<Row[]> {
  const directory = await openDirectory(ways.directory)
  try {
    const scene = await openScene(ways, dataDir, directory)
    const life: Life = { scene, client: undefined, statement: undefined, token: undefined, harvest: undefined }
    const rows: Row[] = []
    for (const step of stepsIn(ways))
      rows.push(await timed(step.title, step.clause, async () => ({ ok: true, outcome: await step.run(life) })))
    await life.harvest?.party.close()
    await scene.bank.close()
    return rows
  } finally {
    await directory.close()
  }
}

async function openScene(ways: Ways, dataDir: string, directory: Scene['directory']): Promise<Scene> {
  const authority = await loadAuthority(openDataFolder(dataDir))
  const [software, stranger] = await Promise.all([
    makeSoftware({ directory, authority, ...ways.software }),
    makeSoftware({ directory, authority, ...ways.software, name: 'Somebody Else' }),
  ])
  directory.setStanding(software.id, 'ACTIVE')
  const { issuer: statementIssuer, jwksUri, statusUrl, ca, host } = directory
  const bank = await startBank({
    ...{ port: 0, mtlsPort: 0, dataDir, quiet: true, ecosystem: ways.name },
    directory: { issuer: statementIssuer, jwksUri, statusUrl, ca, hosts: [host] },
  })
  const { issuer } = bank
  const endpoints = { authorization: `${issuer}/auth`, par: `${issuer}/request`, token: `${issuer}/token`, accounts: `${issuer}/accounts` }
  return { ways, bank, directory, software, stranger, target: { ...bank, endpoints } }
}
