import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

/*
 * A third party's client walks a server through five honest flows, then tries twelve dishonest ones: at the bank, or
 * at a server of one's own (`npm run demo -- own-server`), without and with the middlewares in front. Or it registers by
 * itself in each ecosystem, and lives through what a client lives through (`npm run demo -- registration`).
 */

const DEMOS: Readonly<Record<string, () => Promise<{ demonstrate(dataDir: string): Promise<boolean> }>>> = {
  bank: () => import('./tpp/demo-of-bank.js'),
  'own-server': () => import('./tpp/demo-of-own-server.js'),
  registration: () => import('./tpp/demo-of-registration.js'),
}

const [name = 'bank'] = process.argv.slice(2)
const load = Object.hasOwn(DEMOS, name) ? DEMOS[name] : undefined
if (load) {
  const { demonstrate } = await load()
  const dataDir = mkdtempSync(join(tmpdir(), 'express-fapi-demo-'))
  try {
    process.exitCode = (await demonstrate(dataDir)) ? 0 : 1
  } finally {
    rmSync(dataDir, { recursive: true, force: true })
  }
} else {
  console.error(`There is no demo ${JSON.stringify(name)}: give ${Object.keys(DEMOS).join(' or ')}.`)
  process.exitCode = 1
}
