import { jest } from '@jest/globals'
import { type Processes, startProcesses } from './processes.js'
import { RACES } from './race.js'

jest.setTimeout(600_000)

/* Two bank processes behind one address, on one store: what may be used once is used once. */

const ROUNDS = 20
const STORES = {
  PostgreSQL: process.env.FAPI_TEST_POSTGRES,
  Redis: process.env.FAPI_TEST_REDIS,
  'Redis Cluster': process.env.FAPI_TEST_REDIS_CLUSTER,
}

for (const [name, address] of Object.entries(STORES)) {
  if (address === undefined) console.log(`${name} is skipped: there is no server (source .ci/servers)`)
  const suite = address === undefined ? describe.skip : describe
  suite(`on ${name}`, () => {
    let banks: Processes
    beforeAll(async () => {
      banks = await startProcesses(address ?? '', 2, ['fapi2', 'plain'])
    })
    afterAll(() => banks?.close())

    test.each(Object.entries(RACES))(`%s, 50 times at once, ${ROUNDS} rounds: one success each`, async (_what, race) => {
      const successes: number[] = []
      for (let round = 0; round < ROUNDS; round++) successes.push(await race(banks))
      expect(successes).toEqual(successes.map(() => 1))
    })
  })
}
