import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { jest } from '@jest/globals'
import { memoryStore, type Store } from 'express-fapi'
import { type Bank, startBank } from '../../examples/bank/bank.js'
import { openDataFolder } from '../../examples/bank/data-folder.js'
import { loadAuthority } from '../../examples/bank/identities.js'
import { openBrowser } from '../support/browser.js'
import { party } from '../support/party.js'
import { makeTpps } from '../support/tpp.js'
import { openWire } from '../support/wire.js'
import { openAddress } from './address.js'
import { RACES, type Race, type Track } from './race.js'

jest.setTimeout(300_000)

/*
 * The same races on a store that looks first and writes then, as adapters that people copy do: they are lost. A race that
 * nobody can lose proves nothing. The other half: on a store that keeps the contract, in the same place, they are won.
 */

/** Milliseconds between look and write. */
let pause = 5
const latency = () => new Promise((resolve) => setTimeout(resolve, pause))

function naive(store: Store): Store {
  const seen = new Set<string>()
  return {
    ...store,
    async once(key) {
      const found = seen.has(key)
      await latency()
      seen.add(key)
      return !found
    },
    async consume(model, id) {
      const found = await store.find(model, id)
      await latency()
      await store.consume(model, id)
      return found !== undefined && found.consumed === undefined
    },
  }
}

async function openTrack(store: Store): Promise<Track & { close(): Promise<void> }> {
  const dataDir = mkdtempSync(join(tmpdir(), 'naive-'))
  const authority = await loadAuthority(openDataFolder(dataDir))
  const tpps = await makeTpps(['fapi2', 'plain'], authority)
  const address = await openAddress()
  const issuer = `https://localhost:${address.port}`
  const banks: Bank[] = []
  const ports: number[] = []
  for (let index = 0; index < 2; index++) {
    const bank = await startBank({
      port: 0,
      mtlsPort: 0,
      issuer,
      dataDir,
      store,
      quiet: true,
      rotateRefreshTokens: true,
      clients: tpps.map(({ metadata }) => metadata),
    })
    banks.push(bank)
    ports.push(bank.port)
  }
  address.lead(ports)
  const wire = openWire(authority.certificate)
  const { json: metadata } = await wire.send(`${issuer}/.well-known/openid-configuration`)
  const { json: jwks } = await wire.send(String(metadata.jwks_uri))
  return {
    issuer,
    as: (name) => party({ issuer, metadata, jwks, wire }, tpps.find(({ id }) => id === `tpp-${name}`) as (typeof tpps)[number]),
    browser: () => openBrowser(wire, issuer),
    async close() {
      await wire.close()
      for (const bank of banks) await bank.close()
      await address.close()
      rmSync(dataDir, { recursive: true, force: true })
    },
  }
}

/** Races until it is lost. On a busy machine one may have written before the next one looks; then the store takes its time. */
async function mostSuccesses(race: Race, track: Track): Promise<number> {
  let successes = 0
  for (pause of [5, 50, 500, 2_000]) {
    successes = await race(track)
    if (successes > 1) break
  }
  return successes
}

describe.each([
  ['a store that looks first and writes then', (store: Store) => naive(store), 'is lost'],
  ['a store that keeps the contract', (store: Store) => store, 'is won'],
] as const)('on %s', (_what, make, outcome) => {
  let track: Awaited<ReturnType<typeof openTrack>>
  beforeAll(async () => {
    track = await openTrack(make(memoryStore()))
  })
  afterAll(() => track?.close())

  test.each(Object.entries(RACES))(`the race for %s ${outcome}`, async (_name, race) => {
    if (outcome === 'is won') expect(await race(track)).toBe(1)
    else expect(await mostSuccesses(race, track)).toBeGreaterThan(1)
  })
})
