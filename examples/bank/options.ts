import type { Ecosystem, Recorder, Store } from 'express-fapi'
import type { ClientMetadata } from 'oidc-provider'
import { type Behind, type BehindOptions, settleBehind } from './behind.js'
import { checkedClients } from './clients.js'
import { isStoreAddress, STORES } from './database.js'
import { type Directory, ECOSYSTEMS, ecosystemNamed } from './registration.js'
import { StartError } from './start-error.js'

/** Where keys and certificates are kept when nothing else is said. */
export const DATA_FOLDER = '.bank'

export interface BankOptions extends BehindOptions {
  /** Where everybody connects, or the proxy in front; 0 picks a free port. Default 8443, behind a proxy 8080. */
  readonly port?: number | undefined
  /** Where clients with a certificate connect; 0 picks a free port. Default 8444. */
  readonly mtlsPort?: number | undefined
  /** The issuer, an https origin that leads to `port`. Default `https://localhost:<port>`. */
  readonly issuer?: string | undefined
  /** Clients next to the bank's own: RFC 7591 metadata with `client_id`, and `fapi_profile` where it is not `fapi2-security`. */
  readonly clients?: readonly ClientMetadata[] | undefined
  /** Where keys and certificates are kept. Default `.bank`. */
  readonly dataDir?: string | undefined
  /** Where clients, grants, sessions and used values are kept: `memory:`, `pglite:` (in the data folder), `postgres://…` or `redis://…`; or a store, which the bank does not close. Default `memory:`. */
  readonly store?: string | Store | undefined
  /** Whether refresh tokens are replaced at each use, where the client's profile allows it. */
  readonly rotateRefreshTokens?: boolean | undefined
  /** PEM files of a server certificate of one's own and of its key. */
  readonly tlsCert?: string | undefined
  readonly tlsKey?: string | undefined
  /** Whose rules registrations follow: `generic`, the default, `uk-obie`, `br-openfinance` or `au-cdr`. */
  readonly ecosystem?: string | undefined
  /** Whose software statements are taken. With one, nobody registers without. */
  readonly directory?: Directory | undefined
  /** Whether clients that have authenticated are told what to do about a refusal: for test environments. */
  readonly sandbox?: boolean | undefined
  /** Who else is told of every verdict, next to the journal of the store: a log, a monitor. */
  readonly record?: readonly Recorder[] | undefined
  /** Whether refusals are left unsaid on the console. */
  readonly quiet?: boolean | undefined
}

export interface Settings {
  readonly port: number
  readonly mtlsPort: number
  readonly issuer: string | undefined
  readonly clients: readonly ClientMetadata[]
  readonly dataDir: string
  readonly store: string | Store
  readonly rotateRefreshTokens: boolean
  readonly tls: { readonly certificatePath: string; readonly keyPath: string } | undefined
  /** The proxy in front; with one, the bank speaks plain HTTP on one port. */
  readonly behind: Behind | undefined
  readonly ecosystem: Ecosystem
  readonly directory: Directory | undefined
  readonly sandbox: boolean
  readonly record: readonly Recorder[]
  readonly quiet: boolean
}

/** Checks the options and fills in the defaults. Throws a `StartError` that names the flag. */
export function settle(options: BankOptions): Settings {
  const behind = settleBehind(options, options)
  const {
    port = behind ? 8080 : 8443,
    mtlsPort = 8444,
    issuer,
    clients = [],
    dataDir = DATA_FOLDER,
    store = 'memory:',
    rotateRefreshTokens = false,
    tlsCert,
    tlsKey,
    ecosystem: name = 'generic',
    directory,
    sandbox = false,
    record = [],
    quiet = false,
  } = options
  checkPort('--port', port)
  checkPort('--mtls-port', mtlsPort)
  if (!behind && port === mtlsPort && port !== 0) throw new StartError(`--mtls-port is ${mtlsPort}, and so is --port: give two ports`)
  if (issuer !== undefined) checkOrigin('--issuer', issuer)
  if (behind) checkOrigin('--mtls-origin', behind.mtlsOrigin)
  if (typeof store === 'string' && !isStoreAddress(store)) throw new StartError(`--store is not an address of a store: give ${STORES}`)
  const ecosystem = ecosystemNamed(name)
  if (!ecosystem) throw new StartError(`--ecosystem is ${name}: give one of ${ECOSYSTEMS.join(', ')}`)
  if (dataDir === '') throw new StartError('--data is empty: give a folder')
  return {
    port,
    mtlsPort,
    issuer,
    clients: checkedClients(clients, '--clients'),
    dataDir,
    store,
    rotateRefreshTokens,
    tls: tlsFiles(tlsCert, tlsKey),
    behind,
    ecosystem,
    directory,
    sandbox,
    record,
    quiet,
  }
}

function checkPort(flag: string, port: number): void {
  if (!Number.isInteger(port) || port < 0 || port > 65_535) {
    throw new StartError(`${flag} is ${port}: give a whole number from 0 to 65535 (0 picks a free port)`)
  }
}

function checkOrigin(flag: string, origin: string): void {
  const url = URL.canParse(origin) ? new URL(origin) : undefined
  if (url?.protocol === 'https:' && url.origin === origin) return
  const example = url?.protocol === 'https:' ? url.origin : 'https://bank.localhost:8443'
  throw new StartError(`${flag} is ${origin}: give an https origin without path or trailing slash, such as ${example}`)
}

function tlsFiles(certificatePath: string | undefined, keyPath: string | undefined): Settings['tls'] {
  if (certificatePath === undefined && keyPath === undefined) return undefined
  if (certificatePath === undefined) throw new StartError('--tls-key is given without --tls-cert: give both')
  if (keyPath === undefined) throw new StartError('--tls-cert is given without --tls-key: give both')
  return { certificatePath, keyPath }
}
