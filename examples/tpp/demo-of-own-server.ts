import { startOwnServer } from '../own-server/start.js'
import { ATTACKS } from './attacks.js'
import { FLOWS } from './flows.js'
import { PLAIN_ATTACKS } from './plain-attacks.js'
import { walkThroughPlain } from './plain-walkthrough.js'
import { printResult } from './table.js'
import { walkThrough } from './walkthrough.js'

const FREE_PORTS = { port: 0, mtlsPort: 0, quiet: true }

/** The attacks at a server without FAPI, then flows and attacks with it; says whether all went as expected. */
export async function demonstrate(dataDir: string): Promise<boolean> {
  console.log('Starting an OAuth server on free ports; keys and certificates are made first.')
  const wasOpen = await before(dataDir)
  const isClosed = await after(dataDir)
  return wasOpen && isClosed
}

async function before(dataDir: string): Promise<boolean> {
  const server = await startOwnServer({ ...FREE_PORTS, dataDir, fapi: false })
  console.log(`\nBEFORE: the server as it is, at ${server.issuer}. To it, clients without a client_secret are public ones.\n`)
  const rows = await walkThroughPlain(server)
  await server.close()
  const withstood = PLAIN_ATTACKS.filter(({ withstands }) => withstands !== undefined).length
  return printResult(
    rows,
    `${PLAIN_ATTACKS.length - withstood} attacks that succeed and ${withstood} that this server withstands by itself`,
  )
}

async function after(dataDir: string): Promise<boolean> {
  const server = await startOwnServer({ ...FREE_PORTS, dataDir, fapi: true })
  console.log(`\nAFTER: the same server behind the middlewares of express-fapi, at ${server.issuer}.\n`)
  const rows = await walkThrough(server)
  await server.close()
  return printResult(rows, `${FLOWS.length} flows and ${ATTACKS.length} attacks`)
}
