import { join } from 'node:path'
import { memoryStore, type Store, type StoreOptions } from 'express-fapi'
import { postgresStore } from 'express-fapi/stores/postgres'
import { redisStore } from 'express-fapi/stores/redis'
import { StartError } from './start-error.js'

/** A store, and how to let go of what is behind it. */
export interface Database {
  readonly store: Store
  close(): Promise<void>
}

/** What `--store` takes, for errors and help. */
export const STORES =
  'pglite: (a database of its own in the data folder), memory:, postgres://…, redis://… (several with commas for a Cluster)'

/** Whether an address names a kind of store. What is behind it may still not answer. */
export const isStoreAddress = (address: string) => /^(memory:|pglite:|postgres(ql)?:\/\/.|rediss?:\/\/.)/.test(address)

/** Seconds in milliseconds: whoever waits for the store keeps a client waiting. */
const PATIENCE = 3_000

/**
 * Opens the store of an address; an embedded database lies in `folder`, or in memory without one. The drivers are loaded
 * when they are asked for. Throws a `StartError` that leaves out the address: it may hold a password.
 */
export async function openStore(
  address: string,
  { folder, ...options }: StoreOptions & { readonly folder?: string } = {},
): Promise<Database> {
  const database = await connect(address, folder, options)
  try {
    await database.store.find('Client', 'is anybody there?')
    return database
  } catch (cause) {
    await database.close().catch(() => undefined)
    throw new StartError(`--store: ${cause instanceof Error ? cause.message : 'the store did not answer'}. It can be ${STORES}`)
  }
}

async function connect(address: string, folder: string | undefined, options: StoreOptions): Promise<Database> {
  if (address === 'memory:') return { store: memoryStore(options), close: async () => {} }
  if (address === 'pglite:') return openPglite(folder, options)
  if (/^postgres(ql)?:/.test(address)) return openPostgres(address, options)
  return openRedis(address.split(','), options)
}

async function openPglite(folder: string | undefined, options: StoreOptions): Promise<Database> {
  const { PGlite } = await import('@electric-sql/pglite')
  const database = await PGlite.create(folder === undefined ? 'memory://' : join(folder, 'database'))
  return { store: postgresStore(database, options), close: () => database.close() }
}

async function openPostgres(connectionString: string, options: StoreOptions): Promise<Database> {
  const { default: pg } = await import('pg')
  const pool = new pg.Pool({ connectionString, max: 10, connectionTimeoutMillis: PATIENCE, query_timeout: PATIENCE })
  // A connection that breaks while nobody uses it is replaced; without a listener it would end the process.
  pool.on('error', () => undefined)
  return { store: postgresStore(pool, options), close: () => pool.end() }
}

async function openRedis(urls: readonly string[], options: StoreOptions): Promise<Database> {
  const { createClient, createCluster } = await import('redis')
  const [url = ''] = urls
  const settings = { disableOfflineQueue: true, socket: { connectTimeout: PATIENCE }, commandOptions: { timeout: PATIENCE } }
  const client =
    urls.length > 1
      ? createCluster({ rootNodes: urls.map((node) => ({ url: node })), defaults: settings })
      : createClient({ url, ...settings })
  client.on('error', () => undefined)
  let opened = false
  const connecting = client.connect()
  // The client tries for ever; a bank that cannot start says so.
  await Promise.race([connecting, new Promise((resolve) => setTimeout(resolve, PATIENCE).unref())])
    .then(() => (opened = true))
    .catch(() => undefined)
  connecting.catch(() => undefined)
  return { store: redisStore(client, options), close: async () => void (opened && client.isOpen ? await client.close() : client.destroy()) }
}
