import { randomBytes } from 'node:crypto'
import { PGlite } from '@electric-sql/pglite'
import { ConfigurationError, keyRing, type Store, type StoreOptions } from 'express-fapi'
import { storeContract } from 'express-fapi/stores/contract'
import { type PostgresClient, postgresStore } from 'express-fapi/stores/postgres'
import { type RedisClient, redisStore } from 'express-fapi/stores/redis'
import { Pool } from 'pg'
import { createClient, createCluster } from 'redis'

/* The databases a store can lie in: PGlite always, the servers where the environment says so (source .ci/servers). */
const { FAPI_TEST_POSTGRES, FAPI_TEST_REDIS, FAPI_TEST_REDIS_CLUSTER } = process.env

/** A place of its own in a database. */
export interface Place {
  /** What the names of tables or keys begin with. */
  readonly prefix: string
  /** A store on a connection of its own, where the database has such. */
  store(options?: StoreOptions): Promise<Store>
  /** Everything that is kept, as text. */
  dump(): Promise<string>
  /** Overwrites a part of every record of a model. */
  damage(model: string, part: 'payload' | 'pointer'): Promise<void>
  close(): Promise<void>
}

export interface PostgresPlace extends Place {
  query(text: string, values?: unknown[]): Promise<{ rows: unknown[] }>
  /** A connection of its own, where the database has such. */
  connect(settings?: object): PostgresClient
  /** Works on one connection, with settings of its own. */
  alone(settings: readonly string[], work: (client: PostgresClient) => Promise<void>): Promise<void>
}

export interface RedisPlace extends Place {
  connect(): Promise<RedisClient>
  /** Does something with each key whose name matches, by the name without the prefix. */
  each<T>(match: string, work: (node: Node, key: string) => Promise<T>): Promise<Record<string, T>>
}

interface Database<P extends Place> {
  readonly name: string
  readonly address: string | undefined
  open(): Promise<P>
}

export const postgresDatabases: readonly Database<PostgresPlace>[] = [
  { name: 'PGlite', address: 'here', open: openPglite },
  { name: 'PostgreSQL', address: FAPI_TEST_POSTGRES, open: openPostgres },
]
export const redisDatabases: readonly Database<RedisPlace>[] = [
  { name: 'Redis', address: FAPI_TEST_REDIS, open: () => openRedis(connectRedis) },
  { name: 'Redis Cluster', address: FAPI_TEST_REDIS_CLUSTER, open: () => openRedis(connectCluster) },
]

/** Runs the same tests on each database there is, and says which there are not. */
export function describeEach<P extends Place>(databases: readonly Database<P>[], tests: (place: () => P) => void): void {
  for (const { name, address, open } of databases) {
    const there = address !== undefined
    if (!there) console.log(`${name} is skipped: there is no server (source .ci/servers)`)
    const suite = there ? describe : describe.skip
    suite(`on ${name}`, () => {
      let place: P
      beforeAll(async () => {
        place = await open()
      })
      afterAll(() => place.close())
      tests(() => place)
    })
  }
}

/** The contract, with and without encryption. */
export function keepsTheContract(place: () => Place): void {
  const encryption = keyRing([{ id: 'k1', secret: randomBytes(32) }])
  describe.each([
    ['keeps the contract', {}],
    ['keeps the contract with encryption', { encryption }],
  ])('%s:', (_how, options) => {
    let store: Store
    beforeAll(async () => {
      store = await place().store(options)
    })
    test.each(storeContract.map(({ name, run }) => [name, run] as const))('%s', (_name, run) => run(store))
  })
}

export const newPrefix = () => `t${randomBytes(6).toString('hex')}_`

async function openPglite(): Promise<PostgresPlace> {
  const pglite = new PGlite()
  await pglite.waitReady
  return postgresPlace({ connect: () => pglite, alone: async (work) => work(pglite), end: () => pglite.close() })
}

async function openPostgres(): Promise<PostgresPlace> {
  const pools: Pool[] = []
  const connect = (settings: object = {}) => {
    const pool = new Pool({ connectionString: FAPI_TEST_POSTGRES, max: 5, idleTimeoutMillis: 300, ...settings })
    pools.push(pool)
    return pool
  }
  const alone = async (work: (client: PostgresClient) => Promise<void>) => {
    const client = await connect().connect()
    await work(client)
    client.release()
  }
  const end = async () => void (await Promise.all(pools.map((pool) => pool.end())))
  return postgresPlace({ connect, alone, end })
}

interface Connections {
  connect(settings?: object): PostgresClient
  /** Works on one connection. */
  alone(work: (client: PostgresClient) => Promise<void>): Promise<void>
  end(): Promise<void>
}

function postgresPlace({ connect, alone, end }: Connections): PostgresPlace {
  const prefix = newPrefix()
  const client = connect()
  const tables = async () => {
    const { rows } = await client.query('SELECT tablename FROM pg_tables WHERE starts_with(tablename, $1)', [prefix])
    return (rows as { tablename: string }[]).map(({ tablename }) => tablename)
  }
  return {
    prefix,
    connect,
    query: (text, values) => client.query(text, values),
    alone: (settings, work) =>
      alone(async (one) => {
        for (const setting of settings) await one.query(`SET ${setting}`)
        await work(one)
        for (const setting of settings) await one.query(`RESET ${setting.split(' ')[0]}`)
      }),
    store: async (options) => postgresStore(connect(), { ...options, prefix }),
    async dump() {
      const rows = (await tables()).map(async (table) => (await client.query(`SELECT to_jsonb(t)::text AS row FROM ${table} t`)).rows)
      return JSON.stringify(await Promise.all(rows))
    },
    async damage(model, part) {
      await client.query(`UPDATE ${prefix}records SET ${part} = 'nonsense' WHERE model = $1`, [model])
    },
    async close() {
      for (const table of await tables()) await client.query(`DROP TABLE ${table}`)
      await end()
    },
  }
}

interface Connected {
  readonly client: RedisClient
  nodes(): Promise<Node[]>
  end(): void
}
type Node = Awaited<ReturnType<typeof connected>>

const connected = (url: string | undefined) =>
  createClient({ url: String(url), disableOfflineQueue: true })
    .on('error', () => {})
    .connect()

async function connectRedis(): Promise<Connected> {
  const client = await connected(FAPI_TEST_REDIS)
  return { client, nodes: async () => [client], end: () => client.destroy() }
}

async function connectCluster(): Promise<Connected> {
  const urls = String(FAPI_TEST_REDIS_CLUSTER).split(',')
  const client = await createCluster({ rootNodes: urls.map((url) => ({ url })) }).connect()
  const nodes = await Promise.all(client.masters.map(({ address }) => connected(`redis://${address}`)))
  return {
    client,
    nodes: async () => nodes,
    end() {
      client.destroy()
      for (const node of nodes) node.destroy()
    },
  }
}

async function openRedis(connectTo: () => Promise<Connected>): Promise<RedisPlace> {
  const prefix = newPrefix()
  const connections: Connected[] = []
  const nodes = async () => (await connections[0]?.nodes()) ?? []
  const connect = async () => {
    const connection = await connectTo()
    connections.push(connection)
    return connection.client
  }
  await connect()
  const each: RedisPlace['each'] = async (match, work) => {
    const done: (readonly [string, Awaited<ReturnType<typeof work>>])[] = []
    for (const node of await nodes())
      for await (const keys of node.scanIterator({ MATCH: `${prefix}${match}`, COUNT: 1000 }))
        for (const key of new Set(keys)) done.push([key.slice(prefix.length), await work(node, key)])
    return Object.fromEntries(done)
  }
  return {
    prefix,
    connect,
    each,
    store: async (options) => redisStore(await connect(), { ...options, prefix }),
    dump: async () => JSON.stringify(await each('*', contentOf)),
    async damage(model, part) {
      await each(`record:${model}:*`, (node, key) => node.hSet(key, part, 'nonsense'))
    },
    async close() {
      await each('*', (node, key) => node.del(key))
      for (const connection of connections) connection.end()
    },
  }
}

async function contentOf(node: Node, key: string): Promise<unknown> {
  switch (await node.type(key)) {
    case 'hash':
      return node.hGetAll(key)
    case 'zset':
      return node.zRangeWithScores(key, 0, -1)
    case 'stream':
      return node.xRange(key, '-', '+')
    default:
      return node.get(key)
  }
}

/** Options that make no sense are named, and what may be a password is not repeated. */
export function expectRefusedOption(option: string, make: () => unknown): void {
  let fault: unknown
  try {
    make()
  } catch (cause) {
    fault = cause
  }
  expect(fault).toBeInstanceOf(ConfigurationError)
  expect(String(fault)).toContain(option)
  expect(String(fault)).not.toContain('a-password')
}
