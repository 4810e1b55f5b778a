import { createHash, randomBytes } from 'node:crypto'
import { readdirSync, readFileSync, statSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { PGlite } from '@electric-sql/pglite'
import { keyRing, type Store } from 'express-fapi'
import { postgresStore } from 'express-fapi/stores/postgres'
import { describeEach, newPrefix, postgresDatabases, redisDatabases } from '../stores/databases.js'
import { mintKey } from '../support/keys.js'
import { type CommandDesk, openCommandDesk } from './command-desk.js'

const EC = mintKey('ES256')
const SECRET = randomBytes(32)

const ready = {
  ...{
    client_id: 'ready',
    redirect_uris: ['https://a.example/cb'],
    token_endpoint_auth_method: 'private_key_jwt',
    jwks: { keys: [EC.publicJwk] },
  },
  ...{ dpop_bound_access_tokens: true, require_pushed_authorization_requests: true, id_token_signed_response_alg: 'ES256' },
}
const mendable = {
  ...ready,
  client_id: 'mendable',
  client_name: 'Old \u001b[31mApp',
  fapi_profile: 'fapi1-advanced',
  require_pushed_authorization_requests: false,
}
const byHand = {
  ...ready,
  client_id: 'by-hand',
  token_endpoint_auth_method: 'client_secret_basic',
  client_secret: 'hush-hush',
  jwks: undefined,
}

async function seed(store: Store): Promise<void> {
  for (const client of [ready, mendable, byHand]) await store.upsert('Client', client.client_id, client, undefined)
}

let desk: CommandDesk
beforeEach(() => {
  desk = openCommandDesk()
})
afterEach(() => desk.close())

const judged = (address: string, ...more: readonly string[]) => desk.command('clients', address, '--profile', 'fapi2-security', ...more)

function expectJudged({ code, said, told }: Awaited<ReturnType<typeof judged>>): void {
  expect([code, told]).toEqual([1, ''])
  expect(said).toContain(
    'mendable (Old \\1B[31mApp, now fapi1-advanced) would break; the changes below mend it\n  ✗ clients-push  FAPI2-SP-5.3.2.2-3\n',
  )
  expect(said).toContain('change: require_pushed_authorization_requests = true\n')
  expect(said).toContain('by-hand would break, and needs somebody to mend it\n')
  expect(said).toContain('✗ authentication-methods  FAPI2-SP-5.3.2.1-6\n')
  expect(said).not.toMatch(/^ready/m)
  expect(said).toContain(
    '3 clients judged: 1 ready, 2 would break.\nOf those, 1 are mended by the changes above, 1 need somebody to mend them.\n',
  )
  expect(said).not.toContain('hush-hush')
}

describe('a PGlite folder', () => {
  const folder = () => join(desk.folder, 'database')
  async function made(work: (store: Store) => Promise<void>, options = {}): Promise<void> {
    const database = await PGlite.create(folder())
    await work(postgresStore(database, options))
    await database.close()
  }
  const contents = () =>
    readdirSync(folder(), { recursive: true, encoding: 'utf8' })
      .sort()
      .map((name) => [
        name,
        statSync(join(folder(), name)).isFile() &&
          createHash('sha256')
            .update(readFileSync(join(folder(), name)))
            .digest('hex'),
      ])

  test('is judged, and no octet of it is written; no copy is left', async () => {
    await made(seed)
    const before = contents()
    expectJudged(await judged(folder()))
    expect(contents()).toEqual(before)
    expect(readdirSync(tmpdir()).filter((name) => name.startsWith('express-fapi-clients-'))).toEqual([])
  })

  test('the same is written as JSON, with all clients and no secrets', async () => {
    await made(seed)
    const path = join(desk.folder, 'found.json')
    expectJudged(await judged(folder(), '--json', path))
    const { said } = await judged(folder(), '--json', '-')
    expect(said).toBe(readFileSync(path, 'utf8'))
    expect(JSON.parse(said)).toMatchObject({
      profile: 'fapi2-security',
      clients: [
        { client_id: 'by-hand', ready: false, mendable: false },
        {
          client_id: 'mendable',
          ready: false,
          mendable: true,
          breaks: [{ rule: 'clients-push', change: { require_pushed_authorization_requests: true } }],
        },
        { client_id: 'ready', ready: true, breaks: [] },
      ],
      summary: { judged: 3, ready: 1, breaking: 2, mendable: 1, unreadable: 0 },
    })
    expect(said).not.toMatch(/hush-hush|(?!\n)\p{Cc}/u)
  })

  test('that has never been migrated is told, and not migrated', async () => {
    await (await PGlite.create(folder())).close()
    const before = contents()
    expect(await judged(folder())).toMatchObject({
      code: 2,
      said: expect.any(String),
      told: expect.stringContaining('the store has not been migrated'),
    })
    expect(contents()).toEqual(before)
  })

  test('that is encrypted needs the key: as a list, in an object, or in the secrets of the example bank', async () => {
    await made(seed, { encryption: keyRing([{ id: 'bank', secret: SECRET }]) })
    const text = SECRET.toString('base64url')
    const files: readonly unknown[] = [
      [{ id: 'bank', secret: text }],
      { keys: [{ id: 'bank', secret: text }] },
      { store: text, cookies: 'x' },
    ]
    for (const file of files) expectJudged(await judged(folder(), '--key-ring', desk.file('ring.json', file)))
  })

  test('whose clients are all ready ends with 0, and one without clients says so', async () => {
    await made((store) => store.upsert('Client', 'ready', ready, undefined))
    expect(await judged(folder())).toMatchObject({ code: 0, said: expect.stringContaining('1 client judged: 1 ready, 0 would break.') })
    await made((store) => store.destroy('Client', 'ready'))
    expect(await judged(folder())).toMatchObject({ code: 0, said: expect.stringContaining('No client is stored here.') })
  })

  test('clients of no form at all do not stop the others from being judged', async () => {
    const odd = [
      { client_id: 5 },
      { client_id: 'a', jwks: 5, response_types: 9, redirect_uris: { a: 1 } },
      { client_id: 'b'.repeat(100_000) },
      {},
    ]
    await made(async (store) => {
      for (const [index, client] of odd.entries()) await store.upsert('Client', `odd-${index}`, client, undefined)
      await seed(store)
    })
    const { code, said } = await judged(folder())
    expect(code).toBe(1)
    expect(said).toContain('7 clients judged: 1 ready, 6 would break.')
    expect(said).not.toMatch(/(?!\n)[\p{Cc}\u202e]/u)
  })
})

/** PGlite has no address. */
const SERVER = postgresDatabases.filter(({ name }) => name === 'PostgreSQL')

describeEach(SERVER, (place) => {
  test('is judged, and nothing is written', async () => {
    await seed(await place().store())
    const before = await place().dump()
    expectJudged(await judged(String(SERVER[0]?.address), '--prefix', place().prefix))
    expect(await place().dump()).toEqual(before)
  })

  test('tables that are not there are not created', async () => {
    const prefix = newPrefix()
    const { code, told } = await judged(String(SERVER[0]?.address), '--prefix', prefix)
    expect(code).toBe(2)
    expect(told).toContain('the store has not been migrated, or has another --prefix')
    const { rows } = await place().query('SELECT tablename FROM pg_tables WHERE starts_with(tablename, $1)', [prefix])
    expect(rows).toEqual([])
  })
})

for (const database of redisDatabases) {
  describeEach([database], (place) => {
    test('is judged, and nothing is written', async () => {
      await seed(await place().store())
      const before: unknown = JSON.parse(await place().dump())
      expectJudged(await judged(String(database.address), '--prefix', place().prefix))
      expect(JSON.parse(await place().dump())).toEqual(before)
    })
  })
}

describe('a module', () => {
  const memory = pathToFileURL(join(process.cwd(), 'dist/stores/memory.js')).href
  const seeding = `for (const client of ${JSON.stringify([ready, mendable, byHand])}) await store.upsert('Client', client.client_id, client)`

  test.each([
    ['by default', `const store = memoryStore(); ${seeding}; export default store`],
    ['by name', `export const store = memoryStore(); ${seeding}`],
  ])('that exports a store %s is judged', async (_how, text) => {
    expectJudged(await judged(desk.file('store.mjs', `import { memoryStore } from '${memory}'\n${text}`)))
  })

  test('is only asked to list', async () => {
    const text = `const list = async () => ({ items: [${JSON.stringify(ready)}], cursor: undefined })
const others = ['once', 'find', 'upsert', 'consume', 'destroy', 'append', 'purge'].map((name) => [name, () => { throw new Error(name) }])
export default { list, ...Object.fromEntries(others) }`
    expect(await judged(desk.file('store.mjs', text))).toMatchObject({ code: 0, told: '' })
  })

  test.each([
    ['a function', 'export default () => {}', 'exports a function: export the store that it returns'],
    ['something else', 'export default { find() {} }', 'exports no store by default or as store'],
    ['nothing', 'export const other = 1', 'exports no store by default or as store'],
    [
      'a store that fails',
      'export default { list: async () => { throw new Error("no way\\u001b") } }',
      'the clients cannot be listed (no way\\1B)',
    ],
  ])('that exports %s is refused', async (_what, text, message) => {
    const { code, told } = await judged(desk.file('store.mjs', text))
    expect(code).toBe(2)
    expect(told).toContain(message)
  })
})

test.each([
  ['nowhere', 'which is not there: give a PGlite folder, a postgres:// or redis:// URL, or a module that exports a store'],
  ['mysql://user:a-password@db.example/x', '<store> is a URL of a kind that is not known here'],
  ['postgres://user:a-password@127.0.0.1:1/x', 'PostgreSQL cannot be reached (ECONNREFUSED): look at the address'],
  ['redis://user:a-password@127.0.0.1:1', 'Redis cannot be reached (ECONNREFUSED): look at the address'],
  ['postgres://user:a-password@[', 'cannot be re'],
  ['redis://user:a-password@[', 'cannot be re'],
  ['store.ts', 'is TypeScript, which is not loaded here'],
])('%s is refused without its password', async (address, message) => {
  const { code, told } = await judged(address)
  expect(code).toBe(2)
  expect(told).toContain(message)
  expect(told).not.toContain('a-password')
})

test.each<readonly [file: unknown, message: string]>([
  ['{', 'is not JSON'],
  [{}, 'has no keys of this form'],
  [[{ id: 'a' }], 'has no keys of this form'],
  [[{ id: 'a', secret: 'not base64 at all' }], 'has no keys of this form'],
  [[{ id: 'a b', secret: SECRET.toString('base64url') }], 'keyRing[0].id'],
  [{ keys: [{ id: 'a', secret: 'c2hvcnQ' }] }, 'keyRing[0].secret is "5 bytes", must have 32 bytes'],
])('a key ring of %j is refused', async (file, message) => {
  const { code, told } = await judged(desk.folder, '--key-ring', desk.file('ring.json', file))
  expect(code).toBe(2)
  expect(told).toContain(message)
  expect(told).not.toContain(SECRET.toString('base64url'))
  expect(told).not.toContain('c2hvcnQ')
})

test('a folder beside the one that is meant leads to it, and a file is none', async () => {
  const database = await PGlite.create(join(desk.folder, 'database'))
  await database.close()
  expect((await judged(desk.folder)).told).toContain(`did you mean ${join(desk.folder, 'database')}?`)
  expect((await judged(desk.file('store.db', 'x'))).told).toContain('which is a file and no store')
})
