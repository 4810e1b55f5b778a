import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type Bank, startBank } from '../../examples/bank/bank.js'
import { type Identity, issueCertificate } from '../../examples/bank/certificates.js'
import { openDataFolder } from '../../examples/bank/data-folder.js'
import { loadAuthority } from '../../examples/bank/identities.js'
import type { Server } from '../support/caller.js'
import { freePort } from '../support/free-port.js'
import { type Party, party } from '../support/party.js'
import { makeTpps, type TppName } from '../support/tpp.js'
import { type LocalWire, openLocalWire } from './local-wire.js'
import { type Front, startProxy } from './proxies.js'

/** The names of docs/proxies.md. */
export const [PLAIN_HOST, MTLS_HOST] = ['auth.bank.example', 'mtls.bank.example'] as const

/** What is kept from one bank to the next: keys take long to make. */
export interface Premises {
  readonly dataDir: string
  /** Who issues certificates, of clients and of the proxies. */
  readonly authority: Identity
  readonly server: Identity
  remove(): void
}

/** The example bank behind a proxy, as its clients meet it. */
export interface BankBehind {
  readonly bank: Bank
  readonly wire: LocalWire
  /** The origins of the proxy. */
  readonly plain: string
  readonly mtls: string
  /** The bank's own port, where only the proxy should go. */
  readonly direct: string
  as(name: TppName): Party
  close(): Promise<void>
}

export async function preparePremises(): Promise<Premises> {
  const dataDir = mkdtempSync(join(tmpdir(), 'bank-'))
  const authority = await loadAuthority(openDataFolder(dataDir))
  const names = [PLAIN_HOST, MTLS_HOST].map((value) => ({ type: 'dns' as const, value }))
  const server = await issueCertificate(authority, { subject: `CN=${PLAIN_HOST}`, usage: 'server', names, keyType: 'RSA' })
  return { dataDir, authority, server, remove: () => rmSync(dataDir, { recursive: true, force: true }) }
}

/** Opens a bank with the clients of those names behind a proxy, which it trusts by its address. */
export async function openBankBehind(
  { proxy: name, kind, edit, proxyVerifies, socket }: Front,
  tppNames: readonly TppName[],
  { dataDir, authority, server }: Premises,
): Promise<BankBehind> {
  const port = await freePort()
  const [plain, mtls] = [`https://${PLAIN_HOST}:${port}`, `https://${MTLS_HOST}:${port}`]
  const tpps = await makeTpps(tppNames, authority)
  const path = join(dataDir, `bank-${port}.sock`)
  const place = socket ? { socket: path, trustProxy: ['unix'] } : { port: 0, trustProxy: ['127.0.0.1/32'] }
  const bank = await startBank({
    ...{ ...place, issuer: plain, behind: kind, proxyVerifies, mtlsOrigin: mtls },
    ...{ dataDir, quiet: true, clients: tpps.map(({ metadata }) => metadata) },
  })
  const backend = socket ? `unix:${path}` : `127.0.0.1:${bank.port}`
  const identities = { certificate: server.certificate, key: server.key, clientAuthority: authority.certificate }
  const proxy = await startProxy(name, { port, backend, ...identities, edit }).catch(async (error: unknown) => {
    await bank.close()
    throw error
  })
  const wire = openLocalWire(authority.certificate)
  const { json: metadata } = await wire.send(`${plain}/.well-known/openid-configuration`)
  const { json: jwks } = await wire.send(String(metadata.jwks_uri))
  const met: Server = { issuer: plain, metadata, jwks, wire }
  const parties = new Map(tpps.map((tpp) => [tpp.id, party(met, tpp)]))
  return {
    ...{ bank, wire, plain, mtls, direct: `http://${MTLS_HOST}:${bank.port}` },
    as(tppName) {
      const found = parties.get(`tpp-${tppName}`)
      if (!found) throw new Error(`the bank was opened without ${tppName}`)
      return found
    },
    async close() {
      await proxy.stop()
      await bank.close()
    },
  }
}
