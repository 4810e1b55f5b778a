import { randomBytes } from 'node:crypto'
import { type AddressInfo, createServer } from 'node:net'
import { inspect } from 'node:util'
import { jest } from '@jest/globals'
import type { Store, Verdict } from 'express-fapi'
import { migrate, type PostgresClient, postgresStore } from 'express-fapi/stores/postgres'
import { Pool } from 'pg'
import { freePort } from '../support/free-port.js'
import { describeEach, expectRefusedOption, keepsTheContract, newPrefix, postgresDatabases } from './databases.js'

const soon = () => Date.now() / 1000 + 60
const fresh = () => randomBytes(9).toString('base64url')
const all = <T>(count: number, work: (index: number) => Promise<T>) => Promise.all(Array.from({ length: count }, (_, index) => work(index)))

describeEach(postgresDatabases, (place) => {
  keepsTheContract(place)

  const drop = (prefix: string) =>
    all(4, (index) => place().query(`DROP TABLE ${prefix}${['records', 'once', 'journal', 'migrations'][index]}`))

  describe('tables', () => {
    const versionsOf = async (prefix: string) => (await place().query(`SELECT version FROM ${prefix}migrations ORDER BY version`)).rows

    test('are created once when ten processes start at once, three times out of three', async () => {
      for (let round = 0; round < 3; round++) {
        const prefix = newPrefix()
        const results = await all(10, () => postgresStore(place().connect(), { prefix }).once('first', soon()))
        expect(results.filter(Boolean)).toHaveLength(1)
        expect(await versionsOf(prefix)).toEqual([{ version: 1 }, { version: 2 }])
        await drop(prefix)
      }
    })

    test('are created by migrate as well, and it can be called again', async () => {
      const prefix = newPrefix()
      await all(10, () => migrate(place().connect(), { prefix }))
      await migrate(place().connect(), { prefix })
      expect(await versionsOf(prefix)).toEqual([{ version: 1 }, { version: 2 }])
      await drop(prefix)
    })

    test('are looked for once, not with every call', async () => {
      const asked: string[] = []
      const counting: PostgresClient = {
        query(text, values) {
          asked.push(text)
          return place().query(text, values)
        },
      }
      const store = postgresStore(counting, { prefix: place().prefix })
      for (let index = 0; index < 3; index++) await store.once(fresh(), soon())
      expect(asked).toHaveLength(4)
    })

    test('of a later version are left alone', async () => {
      const prefix = newPrefix()
      await migrate(place().connect(), { prefix })
      await place().query(`INSERT INTO ${prefix}migrations (version) VALUES (1000)`)
      expect(await postgresStore(place().connect(), { prefix }).once('key', soon())).toBe(true)
      await drop(prefix)
    })

    test('that could not be created are tried again with the next call', async () => {
      const prefix = newPrefix()
      let isAway = true
      const store = postgresStore(
        { query: async (text, values) => (isAway ? Promise.reject(new Error('away')) : place().query(text, values)) },
        { prefix },
      )
      await expect(all(3, () => store.once('key', soon()))).rejects.toThrow('the postgres store did not answer: Error')
      isAway = false
      expect(await store.once('key', soon())).toBe(true)
      await drop(prefix)
    })

    test('suffice for a user who may not create any', async () => {
      const [prefix, missing, role] = [newPrefix(), newPrefix(), newPrefix()]
      await migrate(place().connect(), { prefix })
      await place().query(`CREATE ROLE ${role}`)
      await place().query(
        `GRANT SELECT, INSERT, UPDATE, DELETE ON ${prefix}records, ${prefix}once, ${prefix}journal, ${prefix}migrations TO ${role}`,
      )
      await place().alone([`role ${role}`], async (client) => {
        const [store, id] = [postgresStore(client, { prefix }), fresh()]
        expect(await store.once(id, soon())).toBe(true)
        await store.upsert('AccessToken', id, { jti: id, grantId: id }, soon())
        expect(await store.consume('AccessToken', id)).toBe(true)
        await store.append(verdict(0))
        expect((await store.search()).items).toHaveLength(1)
        await store.revokeGrant(id, ['AccessToken'])
        await store.purge()
        await expect(postgresStore(client, { prefix: missing }).once(id, soon())).rejects.toThrow(
          'the postgres store did not answer: 42501',
        )
      })
      await drop(prefix)
      await place().query(`DROP ROLE ${role}`)
    })

    test('are found by index', async () => {
      await (await place().store()).purge()
      const { prefix } = place()
      const cases = [
        ['records_grant_id', "DELETE FROM records WHERE grant_id = 'x' AND model IN ('a', 'b')"],
        ['records_uid', "SELECT * FROM records WHERE model = 'a' AND uid = 'x'"],
        ['records_user_code', "SELECT * FROM records WHERE model = 'a' AND user_code = 'x'"],
        ['records_expires_at', 'SELECT * FROM records WHERE expires_at <= 1'],
        ['records_pkey', "SELECT * FROM records WHERE model = 'Client' AND key > 'x' ORDER BY key LIMIT 5"],
        ['once_expires_at', 'SELECT * FROM once WHERE expires_at <= 1'],
        ['journal_interaction', "SELECT * FROM journal WHERE interaction = 'x'"],
        ['journal_client', "SELECT * FROM journal WHERE client = 'x' ORDER BY id DESC LIMIT 5"],
        ['journal_rules', "SELECT * FROM journal WHERE rules @> ARRAY['x']"],
      ] as const
      await place().alone(['enable_seqscan = off'], async (client) => {
        for (const [index, statement] of cases) {
          const named = statement.replace(/(?<=FROM )\w+/, (table) => prefix + table)
          const { rows } = await client.query(`EXPLAIN ${named}`)
          expect(JSON.stringify(rows)).toContain(`${prefix}${index}`)
        }
      })
    })
  })

  describe('isolation', () => {
    test.each(['repeatable read', 'serializable'])('%s: still one winner, and nobody is turned away', async (level) => {
      const settings = { options: `-c default_transaction_isolation=${level.replace(' ', '\\ ')}` }
      const stores = Array.from({ length: 4 }, () => postgresStore(place().connect(settings), { prefix: place().prefix }))
      const id = fresh()
      await stores[0]?.upsert('AuthorizationCode', id, { jti: id }, soon())
      const won = async (work: (store: Store) => Promise<boolean>) =>
        (await all(40, (index) => work(stores[index % 4] as Store))).filter(Boolean).length
      expect(await won((store) => store.once(id, soon()))).toBe(1)
      expect(await won((store) => store.consume('AuthorizationCode', id))).toBe(1)
      expect(await won((store) => store.upsert('AuthorizationCode', id, { jti: id }, soon()).then(() => false))).toBe(0)
    })
  })

  describe('purge', () => {
    test('drops what has been over for longer than clocks differ, in batches, and verdicts that are too old', async () => {
      const prefix = newPrefix()
      const store = postgresStore(place().connect(), { prefix, journalSeconds: 3600 })
      const [over, id] = [Date.now() / 1000 - 30, fresh()]
      await all(2_100, (index) => store.upsert('AccessToken', `${id}-${index}`, { jti: id }, over))
      await all(5, (index) => store.once(`${id}-${index}`, over))
      await store.upsert('AccessToken', `${id}-alive`, { jti: id }, soon())
      await store.upsert('AccessToken', `${id}-for-good`, { jti: id }, undefined)
      await store.append(verdict(Date.now() / 1000 - 3700, id))
      await store.append(verdict(Date.now() / 1000 - 3500, id))
      // Within ten seconds of its end, also on a busy machine.
      await store.once(`${id}-young`, Date.now() / 1000 - 1)
      expect(await store.purge()).toBe(2_106)
      expect(await store.purge()).toBe(0)
      expect(await store.find('AccessToken', `${id}-alive`)).toBeDefined()
      expect(await store.find('AccessToken', `${id}-for-good`)).toBeDefined()
      expect((await store.search({ client: id })).items).toHaveLength(1)
      await drop(prefix)
    })

    test('can be called by many at once', async () => {
      const [prefix, id] = [newPrefix(), fresh()]
      const store = postgresStore(place().connect(), { prefix })
      await all(1_500, (index) => store.upsert('AccessToken', `${id}-${index}`, { grantId: id }, Date.now() / 1000 - 30))
      const purged = await all(5, () => postgresStore(place().connect(), { prefix }).purge())
      expect(purged.reduce((sum, one) => sum + one)).toBe(1_500)
      await drop(prefix)
    })
  })

  test('verdicts of an earlier version are found and counted', async () => {
    const [store, client] = [await place().store(), fresh()]
    await store.append(verdict(20, client))
    const old = JSON.stringify({ ...verdict(10, client), profile: 'Earlier' })
    await place().query(`INSERT INTO ${place().prefix}journal (at, client, outcome, rules, verdict) VALUES (10, $1, 'passed', '{}', $2)`, [
      client,
      old,
    ])
    expect((await store.search({ client, search: 'earlier' })).items.map(({ at }) => at)).toEqual([10])
    expect((await store.tally({ client }, 10)).buckets.map(({ from }) => from)).toEqual([10, 20])
  })

  test('verdicts that cannot be read are reported and left out', async () => {
    const [store, client] = [await place().store(), fresh()]
    await all(3, (index) => store.append(verdict(index, client)))
    const texts = ['nonsense', '{}', 'null']
    for (const text of texts)
      await place().query(`INSERT INTO ${place().prefix}journal (at, client, outcome, rules, verdict) VALUES (1, $1, 'passed', '{}', $2)`, [
        client,
        text,
      ])
    const warnings = jest.spyOn(process, 'emitWarning').mockImplementation(() => {})
    expect((await store.search({ client })).items).toHaveLength(3)
    expect(warnings).toHaveBeenCalledTimes(3)
    warnings.mockRestore()
  })

  test('what the database refuses names no value', async () => {
    const store = postgresStore(
      { query: (text, values) => place().query(text.replace('(model,', '(modell,'), values) },
      { prefix: place().prefix },
    )
    const fault = await store.upsert('Client', 'a-client', { client_secret: 'a-secret' }, undefined).catch((cause: unknown) => cause)
    expect(inspect(fault, { depth: null })).toMatch('the postgres store did not answer: 42703')
    expect(inspect(fault, { depth: null })).not.toMatch(/a-secret|a-client/)
  })
})

describe('a server that is away', () => {
  const password = 'a-password'

  test.each([
    ['nobody listens', 'ECONNREFUSED', async () => ({ port: await freePort(), stop: () => {} })],
    ['somebody hangs up', 'E', hangingUp],
  ])('rejects, and tells no address: %s', async (_what, code, start) => {
    const { port, stop } = await start()
    const pool = new Pool({ connectionString: `postgres://user:${password}@127.0.0.1:${port}/bank` })
    const store = postgresStore(pool)
    for (const call of [() => store.once('key', soon()), () => store.find('Session', 'id'), () => store.search(), () => store.purge()]) {
      const fault = await call().then(
        () => 'it answered',
        (cause: unknown) => cause,
      )
      expect(fault).toBeInstanceOf(Error)
      expect(String(fault)).toContain(`the postgres store did not answer: ${code}`)
      expect(inspect(fault, { depth: null })).not.toMatch(/a-password|postgres:\/\/|127\.0\.0\.1/)
    }
    await pool.end()
    stop()
  })
})

describe('options', () => {
  const client: PostgresClient = { query: async () => ({ rows: [] }) }

  test.each([
    ['client', () => postgresStore('postgres://user:a-password@db/bank' as never)],
    ['client', () => postgresStore(undefined as never)],
    ['prefix', () => postgresStore(client, { prefix: 'x; DROP TABLE users' })],
    ['prefix', () => postgresStore(client, { prefix: 'Fapi' })],
    ['prefix', () => postgresStore(client, { prefix: '' })],
    ['prefix', () => postgresStore(client, { prefix: 'a'.repeat(41) })],
    ['prefix', () => migrate(client, { prefix: '1' })],
    ['journalSeconds', () => postgresStore(client, { journalSeconds: 0 })],
    ['journalSeconds', () => postgresStore(client, { journalSeconds: Number.NaN })],
  ])('that make no sense are named: %s', (option, make) => {
    expectRefusedOption(option, make)
  })
})

const verdict = (at: number, client?: string): Verdict => ({
  ...{ at, stage: 'token', profile: undefined, client, interaction: undefined, mode: 'enforce', by: 'rules' },
  violations: [],
  rejection: undefined,
})

/** A server that answers nobody. */
function hangingUp(): Promise<{ port: number; stop: () => void }> {
  return new Promise((resolve) => {
    const server = createServer((socket) => socket.destroy()).listen(0, '127.0.0.1', () => {
      resolve({ port: (server.address() as AddressInfo).port, stop: () => void server.close() })
    })
  })
}
