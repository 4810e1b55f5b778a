import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { openDataFolder } from '../../examples/bank/data-folder.js'
import { loadAuthority } from '../../examples/bank/identities.js'
import { openBrowser } from '../support/browser.js'
import { freePort } from '../support/free-port.js'
import { type Party, party } from '../support/party.js'
import { makeTpps, type TppName } from '../support/tpp.js'
import { openWire } from '../support/wire.js'
import { type Address, openAddress } from './address.js'

/** A bank in processes of its own, behind one address. */
export interface Processes {
  readonly issuer: string
  readonly initialAccessToken: string
  as(name: TppName): Party
  browser(): ReturnType<typeof openBrowser>
  /** Kills a process as a power cut does, and leads the address past it. */
  kill(index: number): Promise<void>
  /** Starts a process in its place. */
  restart(index: number): Promise<void>
  close(): Promise<void>
}

const MAIN = 'build/examples/bank/main.js'

interface Running {
  readonly child: ChildProcess
  readonly port: number
}

/** Starts `count` banks on one store. They need the built examples, which `npm test` builds. */
export async function startProcesses(store: string, count: number, names: readonly TppName[]): Promise<Processes> {
  if (!existsSync(MAIN)) throw new Error('run npm run build:examples first')
  const dataDir = mkdtempSync(join(tmpdir(), 'banks-'))
  const authority = await loadAuthority(openDataFolder(dataDir))
  const tpps = await makeTpps(names, authority)
  const clients = join(dataDir, 'clients.json')
  writeFileSync(clients, JSON.stringify(tpps.map(({ metadata }) => metadata)))
  const address = await openAddress()
  const issuer = `https://localhost:${address.port}`
  const flags = ['--issuer', issuer, '--data', dataDir, '--clients', clients, '--store', store, '--rotate-refresh-tokens', '--quiet']
  // One after the other: the first makes the keys that the others use.
  const running: (Running | undefined)[] = []
  for (let index = 0; index < count; index++) running.push(await start(flags))
  lead(address, running)

  const wire = openWire(authority.certificate)
  const { json: metadata } = await wire.send(`${issuer}/.well-known/openid-configuration`)
  const { json: jwks } = await wire.send(String(metadata.jwks_uri))
  const parties = new Map(tpps.map((tpp) => [tpp.id, party({ issuer, metadata, jwks, wire }, tpp)]))
  return {
    issuer,
    initialAccessToken: (JSON.parse(readFileSync(join(dataDir, 'secrets.json'), 'utf8')) as { initialAccessToken: string })
      .initialAccessToken,
    browser: () => openBrowser(wire, issuer),
    as(name) {
      const found = parties.get(`tpp-${name}`)
      if (!found) throw new Error(`the banks were started without ${name}`)
      return found
    },
    async kill(index) {
      await stop(running[index], 'SIGKILL')
      running[index] = undefined
      lead(address, running)
    },
    async restart(index) {
      running[index] = await start(flags)
      lead(address, running)
    },
    async close() {
      await wire.close()
      await Promise.all(running.map((one) => stop(one, 'SIGTERM')))
      await address.close()
      rmSync(dataDir, { recursive: true, force: true })
    },
  }
}

const lead = (address: Address, running: readonly (Running | undefined)[]) => address.lead(running.flatMap((one) => one?.port ?? []))

async function start(flags: readonly string[]): Promise<Running> {
  const [port, mtlsPort] = [await freePort(), await freePort()]
  const child = spawn(process.execPath, ['--no-warnings', MAIN, '--port', String(port), '--mtls-port', String(mtlsPort), ...flags], {
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  let said = ''
  child.stderr.on('data', (chunk) => (said += String(chunk)))
  for await (const chunk of child.stdout) {
    if (String(chunk).includes('https://')) {
      // What it says from now on is read and dropped, so that it never waits for a reader.
      child.stdout.resume()
      return { child, port }
    }
  }
  throw new Error(`the bank did not start: ${said}`)
}

async function stop(running: Running | undefined, signal: NodeJS.Signals): Promise<void> {
  if (!running || running.child.exitCode !== null) return
  running.child.kill(signal)
  await once(running.child, 'exit')
}
