import { randomBytes } from 'node:crypto'
import { keyRing, memoryStore } from '../../lib/index.js'
import { storeContract } from '../../lib/stores/contract.js'

describe('the contract on memory', () => {
  const store = memoryStore()
  test.each(storeContract.map(({ name, run }) => [name, run] as const))('%s', (_name, run) => run(store))
})

describe('the contract on memory, with encryption', () => {
  const store = memoryStore({ encryption: keyRing([{ id: 'k1', secret: randomBytes(32) }]) })
  test.each(storeContract.map(({ name, run }) => [name, run] as const))('%s', (_name, run) => run(store))
})
