import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Verdict } from 'express-fapi'
import { startBank } from '../../../examples/bank/bank.js'
import { openDataFolder } from '../../../examples/bank/data-folder.js'
import { loadAuthority } from '../../../examples/bank/identities.js'
import { startOwnServer } from '../../../examples/own-server/start.js'
import { openAnyBrowser } from '../../support/any-browser.js'
import '../../support/clock.js'
import { type Party, party } from '../../support/party.js'
import { makeTpps, type Tpp, type TppName } from '../../support/tpp.js'
import { traced } from '../../support/traced-wire.js'
import { openWire, type Wire } from '../../support/wire.js'
import type { Scene } from './scene.js'

export type ServerName = 'bank' | 'own-server'

/** Both servers, open, with the same clients. */
export interface Servers {
  scene(name: ServerName): Scene
  /** The verdicts about the requests that were sent to a server since it was last asked, oldest first. */
  verdicts(name: ServerName): readonly Verdict[]
  close(): Promise<void>
}

/** Opens the bank and the own server behind the middlewares, each on free ports; the clients and the authority of their certificates are the same. */
export async function openServers(names: readonly TppName[]): Promise<Servers> {
  const dataDir = mkdtempSync(join(tmpdir(), 'both-servers-'))
  const tpps = await makeTpps(names, await loadAuthority(openDataFolder(dataDir)))
  const options = { port: 0, mtlsPort: 0, dataDir, quiet: true, clients: tpps.map(({ metadata }) => metadata) }
  const bank = await startBank(options)
  const ownServer = await startOwnServer({ ...options, fapi: true })
  const wire = openWire(bank.caCertificate)
  const wires = { bank: traced(wire), 'own-server': traced(wire) }
  const scenes = {
    bank: await sceneAt(bank.issuer, tpps, wires.bank),
    'own-server': await sceneAt(ownServer.issuer, tpps, wires['own-server']),
  }
  const journals = { bank: bank.verdicts, 'own-server': ownServer.verdicts }
  return {
    scene: (name) => scenes[name],
    verdicts(name) {
      const ids = new Set<string | undefined>(wires[name].sent())
      return journals[name].filter(({ interaction }) => interaction !== undefined && ids.has(interaction))
    },
    async close() {
      await wire.close()
      await Promise.all([bank.close(), ownServer.close()])
      rmSync(dataDir, { recursive: true, force: true })
    },
  }
}

/** What rows find at a server where these clients are registered. */
export async function sceneAt(issuer: string, tpps: readonly Tpp[], wire: Wire): Promise<Scene> {
  const { json: metadata } = await wire.send(`${issuer}/.well-known/openid-configuration`)
  const { json: jwks } = await wire.send(String(metadata.jwks_uri))
  const browser = () => openAnyBrowser(wire, issuer)
  const server = { issuer, metadata, jwks, wire }
  const parties = new Map(tpps.map((tpp) => [tpp.id, usingBrowser(party(server, tpp), browser())]))
  const grants = new Map<TppName, ReturnType<Party['tokens']>>()
  function as(name: TppName): Party {
    const found = parties.get(`tpp-${name}`)
    if (!found) throw new Error(`the servers were opened without ${name}`)
    return found
  }
  return {
    ...{ issuer, as, browser },
    authorizationEndpoint: String(metadata.authorization_endpoint),
    async grant(name) {
      const grant = grants.get(name) ?? as(name).tokens()
      grants.set(name, grant)
      const { access_token, refresh_token } = await grant
      return { accessToken: String(access_token), refreshToken: String(refresh_token) }
    },
  }
}

/** The same client, whose user has one browser for everything unless told otherwise. */
const usingBrowser = (one: Party, browser: ReturnType<typeof openAnyBrowser>): Party => ({
  ...one,
  authorize: (change) => one.authorize({ browser, ...change }),
  code: (change) => one.code({ browser, ...change }),
  tokens: (change) => one.tokens({ browser, ...change }),
})
