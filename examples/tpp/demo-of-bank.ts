import { startBank } from '../bank/bank.js'
import { ATTACKS } from './attacks.js'
import { FLOWS } from './flows.js'
import { printResult } from './table.js'
import { walkThrough } from './walkthrough.js'

/** Five flows and twelve attacks at the bank; says whether all went as expected. */
export async function demonstrate(dataDir: string): Promise<boolean> {
  console.log('Starting the bank on free ports; keys and certificates are made first.')
  const bank = await startBank({ port: 0, mtlsPort: 0, dataDir, quiet: true })
  console.log(`The bank is open at ${bank.issuer}, for client certificates at ${bank.mtlsOrigin}.\n`)
  const { issuer } = bank
  const endpoints = {
    authorization: `${issuer}/auth`,
    par: `${issuer}/request`,
    token: `${issuer}/token`,
    accounts: `${issuer}/accounts`,
  }
  const rows = await walkThrough({ ...bank, endpoints })
  await bank.close()
  return printResult(rows, `${FLOWS.length} flows and ${ATTACKS.length} attacks`)
}
