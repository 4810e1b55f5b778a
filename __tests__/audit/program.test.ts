import { type ChildProcess, spawn } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { createServer } from 'node:net'
import { join, resolve } from 'node:path'
import { pathToFileURL } from 'node:url'
import { PGlite } from '@electric-sql/pglite'
import { keyRing } from 'express-fapi'
import { postgresStore } from 'express-fapi/stores/postgres'
import { until } from '../support/until.js'
import { type CommandDesk, openCommandDesk } from './command-desk.js'

/* The program as it is built, as a process of its own. */

const PROGRAM = resolve('dist/audit/main.js')

let desk: CommandDesk
beforeAll(() => {
  if (!existsSync(PROGRAM)) throw new Error('run npm run build first')
})
beforeEach(() => {
  desk = openCommandDesk()
})
afterEach(() => desk.close())

interface Program {
  readonly process: ChildProcess
  readonly out: () => string
  readonly err: () => string
  readonly ended: Promise<{ readonly code: number | null; readonly out: string; readonly err: string }>
}

function start(args: readonly string[], env: Readonly<Record<string, string>> = {}, node: readonly string[] = []): Program {
  const process = spawn(globalThis.process.execPath, ['--no-deprecation', ...node, PROGRAM, ...args], {
    cwd: desk.folder,
    env: { PATH: String(globalThis.process.env.PATH), ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  let [out, err] = ['', '']
  process.stdout.on('data', (data) => (out += data))
  process.stderr.on('data', (data) => (err += data))
  const ended = new Promise<Awaited<Program['ended']>>((resolve) => process.on('close', (code) => resolve({ code, out, err })))
  return { process, out: () => out, err: () => err, ended }
}

const program = (...args: readonly string[]) => start(args).ended
const ready = {
  ...{
    client_id: 'ready',
    redirect_uris: ['https://a.example/cb'],
    token_endpoint_auth_method: 'private_key_jwt',
    jwks_uri: 'https://a.example/jwks',
  },
  ...{ dpop_bound_access_tokens: true, require_pushed_authorization_requests: true, id_token_signed_response_alg: 'PS256' },
}
const broken = { ...ready, dpop_bound_access_tokens: false }
const SECURITY = ['--profile', 'fapi2-security']

test('exit codes tell what happened: nothing failed, something did, the command could not be carried out', async () => {
  expect(await program('lint', desk.file('ready.json', ready), ...SECURITY)).toMatchObject({ code: 0, err: '' })
  expect(await program('lint', desk.file('broken.json', broken), ...SECURITY)).toMatchObject({ code: 1, err: '' })
  expect(await program('lint', 'nowhere.json', ...SECURITY)).toMatchObject({
    ...{ code: 2, out: '' },
    err: expect.stringMatching(/^express-fapi: <file>: nowhere\.json cannot be read \(ENOENT\): give .+\n$/),
  })
})

test('it says its version and explains itself', async () => {
  const { version } = JSON.parse(readFileSync('package.json', 'utf8')) as { version: string }
  expect(await program('--version')).toEqual({ code: 0, out: `${version}\n`, err: '' })
  expect(await program()).toMatchObject({ code: 0, out: expect.stringContaining('Usage: express-fapi <command>'), err: '' })
})

test.each([
  [{}, false],
  [{ FORCE_COLOR: '1' }, true],
  [{ FORCE_COLOR: '0' }, false],
  [{ NO_COLOR: '1' }, false],
])('colours with %j: %p', async (env, coloured) => {
  const { out } = await start(['lint', desk.file('broken.json', broken), ...SECURITY], env).ended
  expect(out.includes('\u001b[')).toBe(coloured)
})

test('who has read enough is no error, and files are written all the same', async () => {
  const clients = Array.from({ length: 500 }, (_, index) => ({
    ...ready,
    client_id: `${index}`.padEnd(500, 'x'),
    redirect_uris: ['http://a.example/cb'],
  }))
  const found = join(desk.folder, 'found.json')
  const { process, ended } = start(['lint', desk.file('many.json', clients), ...SECURITY, '--json', found])
  process.stdout?.once('data', () => process.stdout?.destroy())
  expect(await ended).toMatchObject({ code: 1, err: '' })
  expect(JSON.parse(readFileSync(found, 'utf8')).clients).toHaveLength(500)
})

test.each([
  ['a folder that is not there', 'nowhere/found.json'],
  ['a folder', '.'],
])('a report that goes to %s is said, and nothing is left', async (_what, path) => {
  const file = desk.file('ready.json', ready)
  expect(await program('lint', file, ...SECURITY, '--json', path)).toMatchObject({
    code: 2,
    err: expect.stringContaining(`--json: ${path} cannot be written`),
  })
  expect(readdirSync(desk.folder)).toEqual(['ready.json'])
})

describe('a module', () => {
  test('that leaves a server and a timer behind does not keep it', async () => {
    const text = `import { createServer } from 'node:http'\ncreateServer().listen(0); setInterval(() => {}, 1000)\nexport default {}`
    expect((await program('lint', desk.file('a.mjs', text), ...SECURITY)).code).toBe(1)
  })

  test('that never comes to an end is told', async () => {
    const { code, err } = await program('lint', desk.file('a.mjs', 'await new Promise(() => {})\nexport default {}'), ...SECURITY)
    expect(code).toBe(2)
    expect(err).toContain('express-fapi: the command never came to an end')
  })
})

test.each(['SIGINT', 'SIGTERM'] as const)('%s ends it at once, and takes what is half written away', async (signal) => {
  const text = `let pages = 0
export default { list: () => ++pages < 3 ? Promise.resolve({ items: [${JSON.stringify(ready)}], cursor: 'x' }) : new Promise(() => setInterval(() => {}, 1000)) }`
  const store = desk.file('store.mjs', text)
  const running = start(['clients', store, ...SECURITY, '--json', 'found.json'])
  await until(
    'the report is begun',
    () => readdirSync(desk.folder).some((name) => name.endsWith('.tmp')) && running.out().includes('Stored clients'),
  )
  running.process.kill(signal)
  expect((await running.ended).code).toBe(signal === 'SIGINT' ? 130 : 143)
  expect(readdirSync(desk.folder)).toEqual(['store.mjs'])
})

test('10,000 stored clients are judged in less memory than they take', async () => {
  const text = `export default { async list(_model, { limit, cursor = '0' }) {
  const from = Number(cursor)
  const items = Array.from({ length: limit }, (_, index) => ({ ...${JSON.stringify(ready)}, client_id: 'c' + (from + index),
    dpop_bound_access_tokens: (from + index) % 1000 !== 7, filler: String(from + index).padEnd(20_000, 'ab\\u2603') }))
  return { items, cursor: from + limit < 10_000 ? String(from + limit) : undefined }
} }`
  const { ended } = start(['clients', desk.file('store.mjs', text), ...SECURITY, '--json', 'found.json'], {}, ['--max-old-space-size=96'])
  const { code, out, err } = await ended
  expect([code, err]).toEqual([1, ''])
  expect(out).toContain('10000 clients judged: 9990 ready, 10 would break.')
  const { clients, summary } = JSON.parse(readFileSync(join(desk.folder, 'found.json'), 'utf8'))
  expect(clients).toHaveLength(10_000)
  expect(summary).toEqual({ judged: 10_000, ready: 9990, breaking: 10, mendable: 10, unreadable: 0 })
})

describe('stored clients that are encrypted', () => {
  const secret = randomBytes(32)
  const folder = () => join(desk.folder, 'database')

  test('are said to be so where there is no key, or another one; some that are lack beside others', async () => {
    const database = await PGlite.create(folder())
    const sealed = postgresStore(database, { encryption: keyRing([{ id: 'k', secret }]) })
    await sealed.upsert('Client', 'one', { ...ready, client_id: 'one' }, undefined)
    await sealed.upsert('Client', 'two', { ...ready, client_id: 'two' }, undefined)
    await database.close()
    const none = 'express-fapi: none of 2 stored clients can be read: give the key that encrypted them with --key-ring\n'
    expect(await program('clients', folder(), ...SECURITY)).toMatchObject({ code: 2, err: none })
    const other = desk.file('other.json', { keys: [{ id: 'k', secret: randomBytes(32).toString('base64url') }] })
    expect(await program('clients', folder(), ...SECURITY, '--key-ring', other)).toMatchObject({ code: 2, err: none })
    const ring = desk.file('ring.json', { keys: [{ id: 'k', secret: secret.toString('base64url') }] })
    expect(await program('clients', folder(), ...SECURITY, '--key-ring', ring)).toMatchObject({ code: 0, err: '' })

    const again = await PGlite.create(folder())
    await postgresStore(again).upsert('Client', 'plain', { ...ready, client_id: 'plain' }, undefined)
    await again.close()
    const { code, out } = await program('clients', folder(), ...SECURITY)
    expect(code).toBe(1)
    expect(out).toContain('1 client judged: 1 ready, 0 would break.\n2 more clients cannot be read')
  })
})

test('a database that takes the connection and says nothing is not waited for for ever', async () => {
  const silent = createServer(() => {}).listen(0, '127.0.0.1')
  await new Promise((resolve) => silent.once('listening', resolve))
  const { port } = silent.address() as { port: number }
  const { code, err } = await program('clients', `postgres://u:a-password@127.0.0.1:${port}/x`, ...SECURITY)
  silent.close()
  expect(code).toBe(2)
  expect(err).toContain('PostgreSQL cannot be reached')
  expect(err).not.toContain('a-password')
})

test('without oidc-provider a configuration cannot be judged, and it says what to install', async () => {
  const hook = desk.file(
    'hook.mjs',
    `import { register } from 'node:module'
register('data:text/javascript,' + encodeURIComponent("export async function resolve(name, context, next) { if (name === 'oidc-provider') throw Object.assign(new Error('gone'), { code: 'ERR_MODULE_NOT_FOUND' }); return next(name, context) }"))`,
  )
  const file = desk.file('a.mjs', 'export default {}')
  const { code, err } = await start(['lint', file, ...SECURITY], {}, ['--import', pathToFileURL(hook).href]).ended
  expect(code).toBe(2)
  expect(err).toContain('oidc-provider is not installed, and is needed to judge its configurations: npm install oidc-provider')
})
