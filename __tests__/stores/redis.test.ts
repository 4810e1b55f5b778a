import { randomBytes } from 'node:crypto'
import { inspect } from 'node:util'
import { jest } from '@jest/globals'
import type { Paging, Verdict } from 'express-fapi'
import { type RedisClient, redisStore } from 'express-fapi/stores/redis'
import { createClient } from 'redis'
import type { Row } from '../../lib/stores/driver.js'
import { redisConnection } from '../../lib/stores/redis-connection.js'
import { redisDriver } from '../../lib/stores/redis-driver.js'
import * as scripts from '../../lib/stores/redis-scripts.js'
import { describeEach, expectRefusedOption, keepsTheContract, redisDatabases } from './databases.js'

const now = () => Date.now() / 1000
const fresh = () => randomBytes(9).toString('base64url')
const warnings = jest.spyOn(process, 'emitWarning').mockImplementation(() => {})

describeEach(redisDatabases, (place) => {
  keepsTheContract(place)

  /** How long each key lives that matches, in seconds; -1 for good. */
  const lives = (match = '*') => place().each(match, async (node, key) => (await node.pTTL(key)) / 1000)
  /** Of so many seconds from `start` is left what has not gone by since; a tenth more or less for rounding. */
  const expectLeft = (left: number | undefined, seconds: number, start: number) => {
    expect(left).toBeGreaterThan(seconds - (now() - start) - 0.1)
    expect(left).toBeLessThanOrEqual(seconds + 0.1)
  }
  const membersOf = async (match: string) => Object.values(await place().each(match, (node, key) => node.zRange(key, 0, -1))).flat()
  const clean = () => place().each('*', (node, key) => node.del(key))
  const driver = async () => redisDriver(redisConnection(await place().connect(), place().prefix), 1000)
  const row = (key: string, expiresAt: number | undefined, more: Partial<Row> = {}): Row => ({
    ...{ model: 'AccessToken', key, payload: 'sealed', grant: undefined, uid: undefined, userCode: undefined },
    ...{ pointer: undefined, consumed: undefined, expiresAt, ...more },
  })

  describe('lifetimes', () => {
    beforeEach(clean)

    test('are given to every key there is, a little longer than what is in it lives', async () => {
      const [store, start] = [await place().store(), now()]
      await store.upsert('Session', 'a', { uid: 'u', grantId: 'g' }, start + 60)
      await store.upsert('DeviceCode', 'a', { userCode: 'c', grantId: 'g' }, start + 60)
      await store.upsert('Grant', 'a', {}, start + 60)
      await store.once('a', start + 60)
      const keys = Object.entries(await lives()).filter(([name]) => name !== 'keys:Grant')
      expect(keys).toHaveLength(8)
      for (const [, seconds] of keys) expectLeft(seconds, 70, start)
    })

    test('are kept when a record is consumed, and follow it when it is written again', async () => {
      const [store, start] = [await place().store(), now()]
      await store.upsert('AuthorizationCode', 'a', {}, start + 60)
      await store.consume('AuthorizationCode', 'a')
      expectLeft(Object.values(await lives())[0], 70, start)
      await store.upsert('AuthorizationCode', 'a', {}, start + 600)
      expectLeft(Object.values(await lives())[0], 610, start)
      await store.upsert('AuthorizationCode', 'a', {}, undefined)
      expect(Object.values(await lives())).toEqual([-0.001])
      expect(await store.find('AuthorizationCode', 'a')).toMatchObject({ consumed: expect.any(Number) })
      await store.upsert('AuthorizationCode', 'a', {}, now() - 60)
      expect(await lives()).toEqual({})
    })

    test('of a grant’s set are those of its longest-lived member', async () => {
      const [store, start] = [await place().store(), now()]
      await store.upsert('RefreshToken', 'a', { grantId: 'g' }, start + 600)
      await store.upsert('AccessToken', 'a', { grantId: 'g' }, start + 60)
      expectLeft(Object.values(await lives('grant:*'))[0], 610, start)
      await store.upsert('RefreshToken', 'b', { grantId: 'g' }, undefined)
      expect(Object.values(await lives('grant:*'))).toEqual([-0.001])
    })

    test('bridge clocks that differ: who is behind still sees what was remembered', async () => {
      const [time, stores] = [now(), await driver()]
      expect(await stores.once('a', time + 0.2, time)).toBe(true)
      await new Promise((resolve) => setTimeout(resolve, 400))
      expect(await stores.once('a', time + 60, time - 5)).toBe(false)
      expect(await stores.once('a', time + 60, time + 0.4)).toBe(true)
    })
  })

  describe('sets', () => {
    beforeEach(clean)

    test('of grants hold what is alive: what has expired goes with the next write, what is destroyed at once', async () => {
      const [stores, time] = [await driver(), now()]
      for (let index = 0; index < 50; index++) await stores.write(row(`old${index}`, time + 60, { grant: 'g' }), time)
      expect(await membersOf('grant:*')).toHaveLength(50)
      await stores.write(row('young', time + 600, { grant: 'g' }), time + 100)
      expect(await membersOf('grant:*')).toEqual(['AccessToken:young'])
      await stores.remove('AccessToken', 'young')
      expect(await membersOf('grant:*')).toEqual([])
    })

    test('of a revoked grant are empty, and what else leads to its records is gone', async () => {
      const store = await place().store()
      await store.upsert('DeviceCode', 'a', { userCode: 'c', grantId: 'g' }, now() + 60)
      await store.upsert('Session', 'a', { uid: 'u', grantId: 'g' }, now() + 60)
      await store.revokeGrant('g', ['DeviceCode'])
      expect(
        Object.keys(await lives())
          .map((name) => name.replace(/:[^:]*$/, ''))
          .sort(),
      ).toEqual(['grant', 'record:Session', 'uid:Session'])
      await store.revokeGrant('g', ['Session'])
      expect(await lives()).toEqual({})
    })

    test('of grants spare a record that has changed hands', async () => {
      const [stores, time] = [await driver(), now()]
      await stores.write(row('a', time + 60, { grant: 'g' }), time)
      await stores.write(row('a', time + 60, { grant: 'h' }), time)
      await stores.removeGrant('g', ['AccessToken'])
      expect(await stores.read('AccessToken', 'a', time)).toBeDefined()
      await stores.removeGrant('h', ['AccessToken'])
      expect(await stores.read('AccessToken', 'a', time)).toBeUndefined()
    })

    test('of listed models hold what is alive', async () => {
      const [stores, time] = [await driver(), now()]
      const grant = (key: string, expiresAt: number | undefined) => row(key, expiresAt, { model: 'Grant' })
      for (let index = 0; index < 30; index++) await stores.write(grant(`old${index}`, time + 60), time)
      await stores.write(grant('stays', time + 60), time)
      await stores.write(grant('stays', time + 6000), time)
      await stores.write(grant('young', time + 6000), time + 100)
      await stores.write(grant('for-good', undefined), time + 100)
      expect(await membersOf('keys:Grant')).toEqual(['for-good', 'stays', 'young'])
      expect((await stores.keys('Grant', '', 10, time + 100)).map(({ key }) => key)).toEqual(['for-good', 'stays', 'young'])
      expect(await stores.purge(time + 7000)).toBe(2)
      expect(await membersOf('*:Grant')).toEqual(['for-good', 'for-good'])
    })

    test('that name records which are not there do not end a page early', async () => {
      const store = await place().store()
      for (const key of 'abcdefghij') await store.upsert('Client', key, { client_id: key }, undefined)
      for (const key of 'bcdefgh') await place().each(`record:Client:${key}`, (node, name) => node.del(name))
      const listed = async (paging: Paging) => (await store.list('Client', paging)).items.map(({ client_id }) => client_id)
      expect(await listed({ limit: 3 })).toEqual(['a', 'i', 'j'])
      expect(await listed({ limit: 1, cursor: 'a' })).toEqual(['i'])
      expect(await listed({ limit: 1, search: 'j' })).toEqual(['j'])
    })

    test('of verdicts hold as many as they may', async () => {
      const store = redisStore(await place().connect(), { prefix: place().prefix, journalCapacity: 5 })
      for (let at = 0; at < 12; at++) await store.append(verdict(at))
      expect((await store.search()).items.map(({ at }) => at)).toEqual([11, 10, 9, 8, 7])
    })
  })

  describe('what is broken', () => {
    beforeEach(async () => {
      await clean()
      warnings.mockClear()
    })
    const reported = () => warnings.mock.calls.map(([, options]) => (options as { code?: string } | undefined)?.code)

    test.each([
      ['without a payload', 'hdel', 'payload'],
      ['without an end', 'hdel', 'until'],
      ['with an end that is no time', 'hset', 'until'],
      ['consumed at no time', 'hset', 'consumed'],
      ['under a name that is taken', 'take', ''],
    ])('a record %s is reported and not there, and can be destroyed', async (_what, how, field) => {
      const store = await place().store()
      await store.upsert('Client', 'a', { client_id: 'a' }, undefined)
      await store.upsert('Client', 'b', { client_id: 'b' }, undefined)
      await place().each('record:Client:a', async (node, key) => {
        if (how === 'hdel') await node.hDel(key, field)
        if (how === 'hset') await node.hSet(key, field, 'nonsense')
        if (how === 'take') await node.set(key, 'text')
      })
      expect(await store.find('Client', 'a')).toBeUndefined()
      expect((await store.list('Client')).items).toEqual([{ client_id: 'b' }])
      expect(reported()).toEqual(['FAPI_UNREADABLE_RECORD', 'FAPI_UNREADABLE_RECORD'])
      await store.destroy('Client', 'a')
      expect(await store.find('Client', 'a')).toBeUndefined()
      expect(reported()).toHaveLength(2)
    })

    test('verdicts of an earlier version, which are alone in their entry, are found and counted', async () => {
      const store = await place().store()
      await store.append(verdict(20))
      const old = JSON.stringify({ ...verdict(10), client: 'Earlier' })
      await place().each('journal', (node, key) => node.xAdd(key, '*', { verdict: old }))
      for (const query of [{ client: 'Earlier' }, { search: 'earlier' }, { until: 15 }])
        expect((await store.search(query)).items.map(({ at }) => at)).toEqual([10])
      expect((await store.tally({}, 10)).buckets.map(({ from }) => from)).toEqual([10, 20])
    })

    test('verdicts that cannot be read are reported and left out', async () => {
      const store = await place().store()
      await store.append(verdict(1))
      for (const text of ['nonsense', '{}', 'null']) await place().each('journal', (node, key) => node.xAdd(key, '*', { verdict: text }))
      expect((await store.search()).items).toHaveLength(1)
      expect(reported()).toHaveLength(3)
    })

    test('a write that breaks off leaves names that lead nowhere, and revoking the grant still works', async () => {
      const client = await place().connect()
      const breaking: RedisClient = {
        eval: async (script, options) => (script.includes("'HSET'") ? Promise.reject(new Error('gone')) : client.eval(script, options)),
      }
      const store = redisStore(breaking, { prefix: place().prefix })
      await expect(store.upsert('Session', 'a', { uid: 'u', grantId: 'g' }, now() + 60)).rejects.toThrow('the redis store did not answer')
      expect(await store.find('Session', 'a')).toBeUndefined()
      expect(await store.findByUid('Session', 'u')).toBeUndefined()
      await store.revokeGrant('g', ['Session'])

      // It may only be late: then the next revocation finds it.
      await (await place().store()).upsert('Session', 'a', { uid: 'u', grantId: 'g' }, now() + 60)
      await store.revokeGrant('g', ['Session'])
      expect(await store.find('Session', 'a')).toBeUndefined()
      expect(reported()).toEqual([])
    })

    test('an answer that is none is no answer', async () => {
      for (const answer of [undefined, 'OK', {}, [1], [Buffer.from('x')]]) {
        const store = redisStore({ eval: async () => answer })
        await expect(store.find('Session', 'a')).rejects.toThrow('the redis store answered something else')
        await expect(store.once('a', now() + 60)).rejects.toThrow('the redis store answered something else')
        await expect(store.consume('Session', 'a')).rejects.toThrow('the redis store answered something else')
      }
    })
  })

  test('each call names one key, and scripts touch no other', async () => {
    const client = await place().connect()
    const calls: { script: string; keys: string[] }[] = []
    const watching: RedisClient = {
      eval(script, options) {
        calls.push({ script, keys: options.keys })
        return client.eval(script, options)
      },
    }
    const [store, id] = [redisStore(watching, { prefix: place().prefix }), fresh()]
    await store.upsert('Session', id, { uid: id, grantId: id }, now() + 60)
    await store.upsert('DeviceCode', id, { userCode: id, grantId: id }, now() + 60)
    await store.upsert('Client', id, { client_id: id }, undefined)
    await store.findByUid('Session', id)
    await store.findByUserCode('DeviceCode', id)
    await store.consume('DeviceCode', id)
    await store.revokeGrant(id, ['Session', 'DeviceCode'])
    await store.list('Client')
    await store.destroy('Client', id)
    await store.once(id, now() + 60)
    await store.append(verdict(1))
    await store.search()
    await store.tally({}, 60)
    await store.purge()
    expect(new Set(calls.map(({ script }) => script)).size).toBe(Object.keys(scripts).length)
    for (const { script, keys } of calls) {
      expect(keys).toHaveLength(1)
      expect(keys[0]?.startsWith(place().prefix)).toBe(true)
      expect([...script.matchAll(/\.p?call\('\w+', ([^,)]+)/g)].filter(([, first]) => first !== 'KEYS[1]')).toEqual([])
    }
  })
})

describe('a server that is away', () => {
  test('rejects, and tells no address', async () => {
    const client = createClient({ url: 'redis://user:a-password@127.0.0.1:1', disableOfflineQueue: true })
    client.on('error', () => {})
    const store = redisStore(client)
    for (const call of [
      () => store.once('key', now() + 60),
      () => store.find('Session', 'id'),
      () => store.search(),
      () => store.purge(),
    ]) {
      const fault = await call().catch((cause: unknown) => cause)
      expect(String(fault)).toBe('Error: the redis store did not answer: ClientClosedError')
      expect(inspect(fault, { depth: null })).not.toMatch(/a-password|redis:\/\/|127\.0\.0\.1/)
    }
  })

  test('is named by its code, and what it quotes is not', async () => {
    const answers = {
      OOM: 'OOM command not allowed',
      WRONGTYPE: "WRONGTYPE of 'a-secret'",
      Error: 'lost redis://user:a-secret@db',
      ERR: 'ERR a-secret',
    }
    for (const [code, message] of Object.entries(answers)) {
      const store = redisStore({ eval: async () => Promise.reject(new Error(message)) })
      const fault = await store.once('key', now() + 60).catch((cause: unknown) => cause)
      expect(String(fault)).toBe(`Error: the redis store did not answer: ${code}`)
      expect(inspect(fault, { depth: null })).not.toContain('a-secret')
    }
  })
})

describe('options', () => {
  const client: RedisClient = { eval: async () => null }

  test.each([
    ['client', () => redisStore('redis://user:a-password@db' as never)],
    ['client', () => redisStore(null as never)],
    ['prefix', () => redisStore(client, { prefix: '' })],
    ['prefix', () => redisStore(client, { prefix: 1 as never })],
    ['journalCapacity', () => redisStore(client, { journalCapacity: 0 })],
    ['journalCapacity', () => redisStore(client, { journalCapacity: 1.5 })],
  ])('that make no sense are named: %s', (option, make) => {
    expectRefusedOption(option, make)
  })
})

const verdict = (at: number): Verdict => ({
  ...{ at, stage: 'token', profile: undefined, client: undefined, interaction: undefined, mode: 'enforce', by: 'rules' },
  violations: [],
  rejection: undefined,
})
