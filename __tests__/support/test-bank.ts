import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Store } from 'express-fapi'
import { type Bank, startBank } from '../../examples/bank/bank.js'
import type { Identity } from '../../examples/bank/certificates.js'
import { openDataFolder } from '../../examples/bank/data-folder.js'
import { loadAuthority } from '../../examples/bank/identities.js'
import { type Browser, openBrowser } from './browser.js'
import './clock.js'
import { type Party, party } from './party.js'
import { makeTpps, type Tpp, type TppName } from './tpp.js'
import { formOf, openWire, type Params, type Wire } from './wire.js'

/** The example bank, open on two free ports, with the clients a test file needs. */
export interface TestBank extends Bank {
  /** Who issues client certificates. */
  readonly authority: Identity
  readonly metadata: Readonly<Record<string, unknown>>
  readonly wire: Wire
  /** The client of that name, ready to send requests. */
  as(name: TppName): Party
  /** A client that came later, by registration. */
  meet(tpp: Tpp): Party
  /** A browser that has never been here. */
  browser(): Browser
  /** The address of the authorization endpoint with these parameters and no others. */
  authorizationUrl(query: Params): string
}

/** Opens a bank with the clients of those names, on a store of its own in this process unless it is given one. */
export async function openTestBank(names: readonly TppName[], store?: Store): Promise<TestBank> {
  const dataDir = mkdtempSync(join(tmpdir(), 'bank-'))
  const authority = await loadAuthority(openDataFolder(dataDir))
  const tpps = await makeTpps(names, authority)
  const bank = await startBank({
    port: 0,
    mtlsPort: 0,
    dataDir,
    quiet: true,
    store,
    clients: tpps.map(({ metadata }) => metadata),
  })
  const wire = openWire(bank.caCertificate)
  const { json: metadata } = await wire.send(`${bank.issuer}/.well-known/openid-configuration`)
  const { json: jwks } = await wire.send(String(metadata.jwks_uri))
  const meet = (tpp: Tpp) => party({ issuer: bank.issuer, metadata, jwks, wire }, tpp)
  const parties = new Map(tpps.map((tpp) => [tpp.id, meet(tpp)]))
  return {
    ...bank,
    ...{ authority, metadata, wire, meet },
    browser: () => openBrowser(wire, bank.issuer),
    authorizationUrl: (query) => `${metadata.authorization_endpoint}?${formOf(query)}`,
    as(name) {
      const found = parties.get(`tpp-${name}`)
      if (!found) throw new Error(`the bank was opened without ${name}`)
      return found
    },
    async close() {
      await wire.close()
      await bank.close()
      rmSync(dataDir, { recursive: true, force: true })
    },
  }
}
