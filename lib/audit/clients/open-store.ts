import { cpSync, existsSync, mkdtempSync, rmSync, statSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { ConfigurationError } from '../../core/errors.js'
import type { StoreOptions } from '../../stores/create-store.js'
import { type PostgresClient, postgresStore } from '../../stores/postgres.js'
import { type RedisClient, redisStore } from '../../stores/redis.js'
import type { RecordStore } from '../../stores/store.js'
import { CommandError, causeOf } from '../command-error.js'
import { exportOf, isModule, isTypeScript } from '../given-module.js'
import { optionalPeer } from '../optional-peer.js'
import type { Surroundings } from '../surroundings.js'
import { readOnlyPostgres, readOnlyRedis } from './read-only.js'

/** A store that clients are listed of, and nothing else. */
export type ListedStore = Pick<RecordStore, 'list'>

export interface StoreTerms extends StoreOptions {
  readonly prefix: string | undefined
}

/** What may stand for a store. */
const STORES = 'give a PGlite folder, a postgres:// or redis:// URL, or a module that exports a store'

/** Seconds in milliseconds, our choice: a database that does not answer is said so. */
const PATIENCE = 10_000

/** Opens a store for reading. Throws a `CommandError`, which repeats no address: there may be a password in it. */
export async function openStore(address: string, terms: StoreTerms, { atEnd }: Pick<Surroundings, 'atEnd'>): Promise<ListedStore> {
  try {
    if (/^postgres(ql)?:\/\//i.test(address)) return postgresStore(readOnlyPostgres(await postgres(address, atEnd)), given(terms))
    if (/^rediss?:\/\//i.test(address)) return redisStore(readOnlyRedis(await redis(address.split(','), atEnd)), given(terms))
    if (/^[a-z][a-z0-9+.-]+:/i.test(address) && !existsSync(address))
      throw new CommandError(`<store> is a URL of a kind that is not known here: ${STORES}`)
    if (isModule(address) || isTypeScript(address)) return await exported(address, terms)
    return postgresStore(readOnlyPostgres(await pglite(address, atEnd)), given(terms))
  } catch (cause) {
    if (cause instanceof ConfigurationError) throw new CommandError(cause.message.replaceAll('\n', '; '))
    throw cause
  }
}

const given = ({ encryption, prefix }: StoreTerms) => ({ ...(encryption && { encryption }), ...(prefix !== undefined && { prefix }) })

type AtEnd = Surroundings['atEnd']

interface PostgresConnection extends PostgresClient {
  connect(): Promise<unknown>
  end(): Promise<void>
  on(event: 'error', listener: () => void): unknown
}

async function postgres(connectionString: string, atEnd: AtEnd): Promise<PostgresClient> {
  const loaded = await optionalPeer('pg', 'a store in PostgreSQL')
  const { Client } = (loaded.default ?? loaded) as { Client: new (settings: object) => PostgresConnection }
  const client = await made(
    () => new Client({ connectionString, connectionTimeoutMillis: PATIENCE, query_timeout: PATIENCE, application_name: 'express-fapi' }),
    'PostgreSQL',
  )
  // What breaks is said by whoever asks next.
  client.on('error', () => undefined)
  atEnd(() => client.end())
  await reached(client.connect(), 'PostgreSQL')
  return client
}

interface RedisConnection extends RedisClient {
  readonly isOpen: boolean
  connect(): Promise<unknown>
  destroy(): void
  on(event: 'error', listener: (cause: unknown) => void): unknown
}

async function redis(urls: readonly string[], atEnd: AtEnd): Promise<RedisClient> {
  const { createClient, createCluster } = (await optionalPeer('redis', 'a store in Redis')) as Readonly<
    Record<'createClient' | 'createCluster', (settings: object) => RedisConnection>
  >
  const settings = { disableOfflineQueue: true, socket: { connectTimeout: PATIENCE, reconnectStrategy: false } }
  const client = await made(
    () =>
      urls.length > 1
        ? createCluster({ rootNodes: urls.map((url) => ({ url })), defaults: settings })
        : createClient({ url: urls[0], ...settings }),
    'Redis',
  )
  client.on('error', () => undefined)
  atEnd(async () => {
    if (client.isOpen) client.destroy()
  })
  await reached(client.connect(), 'Redis')
  return client
}

/** Drivers quote the address, or a part of it, when they cannot read it. */
async function made<T>(make: () => T, database: string): Promise<T> {
  try {
    return make()
  } catch {
    throw new CommandError(`<store> cannot be read as an address of ${database}: ${STORES}`)
  }
}

async function reached(connecting: Promise<unknown>, database: string): Promise<void> {
  try {
    await connecting
  } catch (cause) {
    const code = cause instanceof Error && 'code' in cause ? ` (${String(cause.code).replaceAll(/\W/g, '')})` : ''
    throw new CommandError(`${database} cannot be reached${code}: look at the address, the user and the password in <store>`)
  }
}

interface Pglite extends PostgresClient {
  close(): Promise<void>
}

/** A copy is opened: the database would write into its folder as soon as it starts. */
async function pglite(folder: string, atEnd: AtEnd): Promise<PostgresClient> {
  if (!existsSync(folder)) throw new CommandError(`<store> is ${folder}, which is not there: ${STORES}`)
  if (!statSync(folder).isDirectory()) throw new CommandError(`<store> is ${folder}, which is a file and no store: ${STORES}`)
  if (!existsSync(join(folder, 'PG_VERSION'))) {
    const inside = existsSync(join(folder, 'database', 'PG_VERSION')) ? join(folder, 'database') : undefined
    throw new CommandError(`<store> is ${folder}, which holds no database of PGlite: ${inside ? `did you mean ${inside}?` : STORES}`)
  }
  const { PGlite } = (await optionalPeer('@electric-sql/pglite', 'a store in a PGlite folder')) as {
    PGlite: { create(folder: string): Promise<Pglite> }
  }
  const copy = mkdtempSync(join(tmpdir(), 'express-fapi-clients-'))
  atEnd(async () => rmSync(copy, { recursive: true, force: true }))
  try {
    cpSync(folder, join(copy, 'database'), { recursive: true })
    rmSync(join(copy, 'database', 'postmaster.pid'), { force: true })
    const database = await PGlite.create(join(copy, 'database'))
    atEnd(() => database.close())
    return database
  } catch (cause) {
    throw new CommandError(
      `<store> is ${folder}, which PGlite cannot open (${causeOf(cause)}): stop the server that uses it, and try again`,
    )
  }
}

async function exported(path: string, { prefix, encryption }: StoreTerms): Promise<ListedStore> {
  const superfluous = prefix === undefined ? encryption && '--key-ring' : '--prefix'
  if (superfluous) throw new CommandError(`${superfluous} is not for a module: let ${path} make the store with it`)
  const store: unknown = await exportOf(path, 'store')
  if (typeof store === 'function') throw new CommandError(`${path} exports a function: export the store that it returns`)
  if (isStore(store)) return store
  throw new CommandError(`${path} exports no store by default or as store: export what postgresStore, redisStore or createStore returns`)
}

const isStore = (value: unknown): value is ListedStore =>
  typeof value === 'object' && value !== null && 'list' in value && typeof value.list === 'function'
