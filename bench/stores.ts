import { randomUUID } from 'node:crypto'
import type { Store } from 'express-fapi'
import { openStore } from '../examples/bank/database.js'
import { type Figure, measure } from './measure.js'

const TIMES = 2_000
const AT_ONCE = 16

/** The drivers there are: the two embedded ones always, the servers where their address is given. */
const DRIVERS: readonly (readonly [name: string, address: string | undefined])[] = [
  ['memory', 'memory:'],
  ['pglite', 'pglite:'],
  ['postgres', process.env.FAPI_TEST_POSTGRES],
  ['redis', process.env.FAPI_TEST_REDIS],
  ['redis-cluster', process.env.FAPI_TEST_REDIS_CLUSTER],
]

/** Operations per second and p99 of each driver, one after the other in one run. */
export async function benchStores(): Promise<object> {
  const figures: Record<string, Record<string, Figure>> = {}
  for (const [name, address] of DRIVERS) {
    if (address === undefined) {
      console.log(`${name}: skipped, no server (source .ci/servers)`)
      continue
    }
    const { store, close } = await openStore(address)
    figures[name] = await benchStore(store)
    await close()
    console.log(`${name}`)
    for (const [operation, { perSecond, p50, p99 }] of Object.entries(figures[name] ?? {})) {
      console.log(
        `  ${operation.padEnd(8)} ${String(perSecond).padStart(8)} per second   p50 ${p50.toFixed(2)} ms   p99 ${p99.toFixed(2)} ms`,
      )
    }
  }
  return { benchmark: 'stores', times: TIMES, atOnce: AT_ONCE, node: process.version, figures }
}

async function benchStore(store: Store): Promise<Record<string, Figure>> {
  const run = randomUUID()
  const expiresAt = Date.now() / 1000 + 600
  const id = (index: number) => `${run}-${index}`
  // About the size of an access token's payload.
  const record = (index: number) => ({
    jti: id(index),
    kind: 'AuthorizationCode',
    accountId: 'alice',
    clientId: 'tpp',
    grantId: run,
    claims: { userinfo: { name: null } },
    scope: 'openid accounts',
    padding: 'x'.repeat(400),
  })
  const model = 'AuthorizationCode'
  return {
    once: await measure((index) => store.once(id(index), expiresAt), TIMES, AT_ONCE),
    upsert: await measure((index) => store.upsert(model, id(index), record(index), expiresAt), TIMES, AT_ONCE),
    find: await measure((index) => store.find(model, id(index)), TIMES, AT_ONCE),
    consume: await measure((index) => store.consume(model, id(index)), TIMES, AT_ONCE),
    destroy: await measure((index) => store.destroy(model, id(index)), TIMES, AT_ONCE),
  }
}
