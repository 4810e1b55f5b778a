import { WAYS } from './ecosystems.js'
import { walkRegistration } from './registration-walk.js'
import { printResult } from './table.js'

/** A third party registers in each ecosystem, at a bank of its own, and is its client to the end; says whether all went as expected. */
export async function demonstrate(dataDir: string): Promise<boolean> {
  console.log('Starting banks and directories on free ports; keys and certificates are made first.')
  let isAsExpected = true
  for (const ways of WAYS) {
    const rows = await walkRegistration(ways, dataDir)
    console.log(`\n${ways.name}\n`)
    const refusals = rows.filter(({ step }) => step.startsWith('refused: ')).length
    isAsExpected = printResult(rows, `${rows.length - refusals} steps and ${refusals} refusals`) && isAsExpected
  }
  return isAsExpected
}
