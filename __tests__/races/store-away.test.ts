import { type ChildProcess, spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, rmSync } from 'node:fs'
import { connect } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { freePort } from '../support/free-port.js'
import { until } from '../support/until.js'
import { type Processes, startProcesses } from './processes.js'

/* Redis goes away under load and comes back. While it is away nobody gets in; then everybody does, without a restart. */

const hasRedis = spawnSync('redis-server', ['--version']).status === 0
if (!hasRedis) console.log('skipped: there is no redis-server on this machine')
const test = hasRedis ? globalThis.test : globalThis.test.skip

interface Asked {
  readonly from: number
  readonly to: number
  readonly status: number
  readonly error: unknown
  readonly retryAfter: unknown
}

const folder = mkdtempSync(join(tmpdir(), 'redis-'))
let redis: ChildProcess
let port: number
let bank: Processes

async function startRedis(): Promise<void> {
  redis = spawn('redis-server', ['--port', String(port), '--dir', folder, '--save', '', '--appendonly', 'yes', '--appendfsync', 'always'], {
    stdio: 'ignore',
  })
  await until('Redis answers', answers)
}

const answers = () =>
  new Promise<boolean>((resolve) => {
    const socket = connect(port, '127.0.0.1', () => resolve(true)).on('error', () => resolve(false))
    socket.on('connect', () => socket.end())
  })

async function stopRedis(): Promise<void> {
  redis.kill('SIGKILL')
  await once(redis, 'exit')
}

beforeAll(async () => {
  if (!hasRedis) return
  port = await freePort()
  await startRedis()
  bank = await startProcesses(`redis://127.0.0.1:${port}`, 1, ['fapi2'])
})
afterAll(async () => {
  await bank?.close()
  redis?.kill('SIGKILL')
  rmSync(folder, { recursive: true, force: true })
})

test('a store that is away refuses, and is not missed when it is back', async () => {
  const party = bank.as('fapi2')
  const used = await party.assertion()
  expect((await party.push({ assertion: { compact: used } })).status).toBe(201)
  const { access_token, refresh_token } = await party.tokens({ browser: bank.browser() })

  const asked: Asked[] = []
  let done = false
  const ask = async (
    request: () => Promise<{ status: number; json: { readonly error?: unknown }; headers: { readonly 'retry-after'?: unknown } }>,
  ) => {
    while (!done) {
      const from = performance.now()
      const { status, json, headers } = await request()
      asked.push({ from, to: performance.now(), status, error: json.error, retryAfter: headers['retry-after'] })
    }
  }
  const load = [
    ...Array.from({ length: 4 }, () => ask(() => party.push())),
    ...Array.from({ length: 2 }, () => ask(() => party.refresh(String(refresh_token)))),
    ...Array.from({ length: 2 }, () => ask(() => party.accounts(access_token))),
  ]
  const isSuccess = ({ status }: Asked) => status === 200 || status === 201
  const askedSince = (moment: number) => asked.filter(({ from }) => from > moment)
  await until('the bank is at work', () => asked.length > 10)
  const leaving = performance.now()
  await stopRedis()
  const gone = performance.now()
  await pause(2_000)
  await until('many are turned away', () => askedSince(gone).length > 10)
  const back = performance.now()
  await startRedis()
  await until('the bank has found its store again', () => askedSince(back).some(isSuccess))
  const found = performance.now()
  await until('many have been served', () => askedSince(found).length > 10)
  done = true
  await Promise.all(load)

  const during = askedSince(gone).filter(({ to }) => to < back)
  expect(asked.filter(({ to }) => to < leaving).every(isSuccess)).toBe(true)
  expect(during.length).toBeGreaterThan(10)
  expect(during.filter(isSuccess)).toEqual([])
  expect(during.filter(({ status, error, retryAfter }) => !(status === 503 && error === 'temporarily_unavailable' && retryAfter))).toEqual(
    [],
  )
  expect(askedSince(found).every(isSuccess)).toBe(true)
  expect(askedSince(found).length).toBeGreaterThan(10)
  // What was used before is still used.
  expect((await party.push({ assertion: { compact: used } })).status).toBe(401)
})

const pause = (milliseconds: number) => new Promise((resolve) => setTimeout(resolve, milliseconds))
