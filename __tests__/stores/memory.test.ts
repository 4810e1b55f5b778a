import { jest } from '@jest/globals'
import { ConfigurationError } from '../../lib/core/errors.js'
import { createPolicy } from '../../lib/core/policy.js'
import { fapi2Security } from '../../lib/profiles/index.js'
import { memoryStore } from '../../lib/stores/memory.js'
import type { Store } from '../../lib/stores/store.js'
import { legalFacts } from '../rules/facts.js'

const NOW = 1_800_000_000
const MODELS = ['AccessToken', 'AuthorizationCode', 'RefreshToken']

const warnings = jest.spyOn(process, 'emitWarning').mockImplementation(() => {})
const clock = jest.spyOn(Date, 'now')
const at = (seconds: number) => clock.mockReturnValue(seconds * 1000)
beforeEach(() => at(NOW))

const simultaneously = async (work: () => Promise<boolean>) => {
  const results = await Promise.all(Array.from({ length: 50 }, work))
  return results.filter(Boolean).length
}

describe('once', () => {
  test('has one winner among fifty simultaneous calls, and none after', async () => {
    const store = memoryStore()
    expect(await simultaneously(() => store.once('dpop:a:1', NOW + 60))).toBe(1)
    expect(await store.once('dpop:a:1', NOW + 60)).toBe(false)
    expect(await store.once('dpop:a:2', NOW + 60)).toBe(true)
  })

  test.each([
    [59.9, false],
    [60, true],
    [61, true],
  ])('remembers a key until its time: after %d seconds of 60 it is new: %p', async (seconds, isNew) => {
    const store = memoryStore()
    await store.once('key', NOW + 60)
    at(NOW + seconds)
    expect(await store.once('key', NOW + 600)).toBe(isNew)
  })

  test('does not let a second call prolong or shorten the first', async () => {
    const store = memoryStore()
    await store.once('key', NOW + 60)
    await store.once('key', NOW + 10)
    at(NOW + 30)
    expect(await store.once('key', NOW + 600)).toBe(false)
    at(NOW + 61)
    expect(await store.once('key', NOW + 600)).toBe(true)
  })

  test('refuses when it is full rather than forget what must not be seen twice', async () => {
    const store = memoryStore({ capacity: 2 })
    await store.once('a', NOW + 60)
    await store.once('b', NOW + 120)
    await expect(store.once('c', NOW + 60)).rejects.toThrow('the memory store is full')
    expect(await store.once('a', NOW + 60)).toBe(false)
    expect(await store.once('b', NOW + 60)).toBe(false)

    at(NOW + 61)
    expect(await store.once('c', NOW + 120)).toBe(true)
    expect(await store.once('b', NOW + 120)).toBe(false)
    await expect(store.once('d', NOW + 120)).rejects.toThrow('the memory store is full')
  })

  test('rejects a key that it could not remember', async () => {
    await expect(memoryStore().once('key', Number.NaN)).rejects.toThrow()
  })

  test('does not confuse keys that begin alike', async () => {
    const store = memoryStore()
    for (const key of ['a', 'a:', 'a:b', 'A', '', '__proto__', 'constructor']) expect(await store.once(key, NOW + 60)).toBe(true)
  })
})

describe('records', () => {
  test('are found until their time, and for good without one', async () => {
    const store = memoryStore()
    await store.upsert('AccessToken', 'a', { jti: 'a' }, NOW + 60)
    await store.upsert('Client', 'b', { client_id: 'b' }, undefined)
    at(NOW + 59.9)
    expect(await store.find('AccessToken', 'a')).toEqual({ jti: 'a' })
    at(NOW + 60)
    expect(await store.find('AccessToken', 'a')).toBeUndefined()
    at(NOW + 1e9)
    expect(await store.find('Client', 'b')).toEqual({ client_id: 'b' })
  })

  test('are copies: what a caller does to theirs changes nothing', async () => {
    const store = memoryStore()
    const mine = { jti: 'a', scopes: ['openid'], nested: { deep: true } }
    await store.upsert('Session', 'a', { ...mine, uid: 'u' }, NOW + 60)
    mine.scopes.push('payments')
    mine.nested.deep = false
    const theirs = [await store.find('Session', 'a'), await store.findByUid('Session', 'u')]
    for (const record of theirs) {
      expect(record).toEqual({ jti: 'a', uid: 'u', scopes: ['openid'], nested: { deep: true } })
      Object.assign(record ?? {}, { jti: 'b' }, { nested: undefined })
      if (Array.isArray(record?.scopes)) record.scopes.push('payments')
    }
    expect(await store.find('Session', 'a')).toEqual({ jti: 'a', uid: 'u', scopes: ['openid'], nested: { deep: true } })
  })

  test('of one id in two models are two records', async () => {
    const store = memoryStore()
    await store.upsert('AccessToken', 'a', { kind: 1 }, NOW + 60)
    await store.upsert('RefreshToken', 'a', { kind: 2 }, NOW + 60)
    await store.destroy('AccessToken', 'a')
    expect(await store.find('AccessToken', 'a')).toBeUndefined()
    expect(await store.find('RefreshToken', 'a')).toEqual({ kind: 2 })
  })

  test('that have expired do not hide a live one of the same uid or user code', async () => {
    const store = memoryStore()
    await store.upsert('Session', 'old', { uid: 'u' }, NOW - 1)
    await store.upsert('Session', 'new', { uid: 'u', is: 'live' }, NOW + 60)
    await store.upsert('DeviceCode', 'old', { userCode: 'c' }, NOW - 1)
    await store.upsert('DeviceCode', 'new', { userCode: 'c', is: 'live' }, NOW + 60)
    expect(await store.findByUid('Session', 'u')).toMatchObject({ is: 'live' })
    expect(await store.findByUserCode('DeviceCode', 'c')).toMatchObject({ is: 'live' })
  })

  test('are not found by the uid of another model', async () => {
    const store = memoryStore()
    await store.upsert('Session', 'a', { uid: 'u' }, NOW + 60)
    expect(await store.findByUid('Interaction', 'u')).toBeUndefined()
    expect(await store.findByUserCode('Session', 'u')).toBeUndefined()
  })

  test('are refused when it is full; what is there can still be written and used', async () => {
    const store = memoryStore({ capacity: 1 })
    await store.upsert('Session', 'a', { v: 1 }, NOW + 60)
    await expect(store.upsert('Session', 'b', { v: 1 }, NOW + 60)).rejects.toThrow('the memory store is full')
    await store.upsert('Session', 'a', { v: 2 }, NOW + 60)
    expect(await store.find('Session', 'a')).toEqual({ v: 2 })
    expect(await store.once('key', NOW + 60)).toBe(true)

    at(NOW + 61)
    await store.upsert('Session', 'b', { v: 1 }, NOW + 120)
    expect(await store.find('Session', 'b')).toEqual({ v: 1 })
  })
})

describe('consume', () => {
  test('has one winner among fifty simultaneous calls, and leaves the record to be seen', async () => {
    const store = memoryStore()
    await store.upsert('AuthorizationCode', 'a', { jti: 'a' }, NOW + 60)
    expect(await simultaneously(() => store.consume('AuthorizationCode', 'a'))).toBe(1)
    expect(await store.consume('AuthorizationCode', 'a')).toBe(false)
    expect(await store.find('AuthorizationCode', 'a')).toEqual({ jti: 'a', consumed: NOW })
  })

  test('keeps the time at which the record ends', async () => {
    const store = memoryStore()
    await store.upsert('AuthorizationCode', 'a', { jti: 'a' }, NOW + 60)
    at(NOW + 59)
    await store.consume('AuthorizationCode', 'a')
    expect(await store.find('AuthorizationCode', 'a')).toBeDefined()
    at(NOW + 60)
    expect(await store.find('AuthorizationCode', 'a')).toBeUndefined()
  })

  test('is nobody’s where there is nothing, or nothing any more', async () => {
    const store = memoryStore()
    await store.upsert('AuthorizationCode', 'a', { jti: 'a' }, NOW + 60)
    at(NOW + 60)
    expect(await store.consume('AuthorizationCode', 'a')).toBe(false)
    expect(await store.consume('AuthorizationCode', 'b')).toBe(false)
  })

  test('is not undone by a write that knew nothing of it', async () => {
    const store = memoryStore()
    await store.upsert('AuthorizationCode', 'a', { jti: 'a' }, NOW + 60)
    await store.consume('AuthorizationCode', 'a')
    await store.upsert('AuthorizationCode', 'a', { jti: 'a' }, NOW + 60)
    expect(await store.consume('AuthorizationCode', 'a')).toBe(false)
  })
})

describe('revokeGrant', () => {
  test('takes the records of the grant and of the models named, and no others', async () => {
    const store = memoryStore()
    for (const model of [...MODELS, 'Interaction']) await store.upsert(model, 'mine', { grantId: 'g' }, NOW + 60)
    await store.upsert('AccessToken', 'theirs', { grantId: 'g2' }, NOW + 60)
    await store.upsert('AccessToken', 'free', {}, NOW + 60)
    await store.revokeGrant('g', MODELS)
    await store.revokeGrant('nothing', MODELS)
    for (const model of MODELS) expect(await store.find(model, 'mine')).toBeUndefined()
    expect(await store.find('Interaction', 'mine')).toBeDefined()
    expect(await store.find('AccessToken', 'theirs')).toBeDefined()
    expect(await store.find('AccessToken', 'free')).toBeDefined()
  })
})

describe('purge', () => {
  test('drops what has expired, and says how much that was', async () => {
    const store = memoryStore()
    await store.upsert('AccessToken', 'a', {}, NOW + 60)
    await store.upsert('AccessToken', 'b', {}, NOW + 61)
    await store.upsert('Client', 'c', {}, undefined)
    await store.once('d', NOW + 60)
    await store.once('e', NOW + 61)
    at(NOW + 60)
    expect(await store.purge()).toBe(2)
    expect(await store.purge()).toBe(0)
    expect(await store.find('AccessToken', 'b')).toEqual({})
    expect(await store.once('e', NOW + 120)).toBe(false)
  })
})

describe('list', () => {
  test('holds the live records of one model, by id', async () => {
    const store = memoryStore()
    for (const id of ['b', 'a', 'c']) await store.upsert('Client', id, { client_id: id }, undefined)
    await store.upsert('Client', 'gone', { client_id: 'gone' }, NOW - 1)
    await store.upsert('Grant', 'g', { client_id: 'g' }, undefined)
    expect(await store.list('Client')).toEqual({ items: [{ client_id: 'a' }, { client_id: 'b' }, { client_id: 'c' }], cursor: undefined })
    expect(await store.list('Client', { limit: 2 })).toMatchObject({ items: [{ client_id: 'a' }, { client_id: 'b' }], cursor: 'b' })
    expect(await store.list('Client', { limit: 2, cursor: 'b' })).toMatchObject({ items: [{ client_id: 'c' }], cursor: undefined })
  })
})

describe('the journal', () => {
  const { decide } = createPolicy({ profile: fapi2Security, mode: 'report' })
  const verdictAt = (now: number) => decide('token', { ...legalFacts.token, now })
  const fill = async (store: Store, from: number, until: number) => {
    for (let now = from; now <= until; now += 1) {
      const verdict = verdictAt(now)
      if (verdict) await store.append(verdict)
    }
  }
  const times = async (store: Store, query: Parameters<Store['search']>[0]) => (await store.search(query)).items.map((one) => one.at)

  test('forgets the oldest when it is full, and a listing goes on where it was', async () => {
    const store = memoryStore({ capacity: 4 })
    await fill(store, 1, 4)
    const { items, cursor } = await store.search({ limit: 2 })
    expect(items.map((one) => one.at)).toEqual([4, 3])
    await fill(store, 5, 5)
    expect(await times(store, {})).toEqual([5, 4, 3, 2])
    expect(await times(store, { cursor })).toEqual([2])
    await fill(store, 6, 9)
    expect(await times(store, { cursor })).toEqual([])
  })

  test.each([['2.5'], ['-1'], ['x'], [''], ['1e9'], ['NaN'], ['Infinity']])('makes something of the cursor %j', async (cursor) => {
    const store = memoryStore()
    await fill(store, 1, 3)
    const listed = await times(store, { cursor })
    expect([3, 2, 1].slice(3 - listed.length)).toEqual(listed)
  })

  test('has no next page where nothing is left', async () => {
    const store = memoryStore()
    await fill(store, 1, 2)
    expect(await store.search({ limit: 2 })).toMatchObject({ items: [{ at: 2 }, { at: 1 }], cursor: undefined })
    expect(await memoryStore().search()).toEqual({ items: [], cursor: undefined })
  })
})

describe('memoryStore', () => {
  test.each([[0], [-1], [1.5], [Number.NaN], [Number.POSITIVE_INFINITY], ['10'], [null], [10n]])('cannot hold %p', (capacity) => {
    expect(() => memoryStore({ capacity: capacity as number })).toThrow(ConfigurationError)
  })

  test('confesses that it is per process', () => {
    memoryStore()
    expect(warnings).toHaveBeenLastCalledWith(expect.stringContaining('this process alone'), { code: 'FAPI_MEMORY_STORE' })
  })

  describe('in production', () => {
    const { NODE_ENV: before = 'test' } = process.env
    beforeEach(() => Object.assign(process.env, { NODE_ENV: 'production' }))
    afterEach(() => Object.assign(process.env, { NODE_ENV: before }))

    test('is refused unless it is asked for by name', () => {
      expect(() => memoryStore()).toThrow(ConfigurationError)
      expect(() => memoryStore({ unsafeInProduction: false })).toThrow('store is "a memory store in production"')
      expect(() => memoryStore({ unsafeInProduction: true })).not.toThrow()
    })
  })

  test('shares nothing with another one', async () => {
    const [one, two] = [memoryStore(), memoryStore()]
    expect([await one.once('key', NOW + 60), await two.once('key', NOW + 60)]).toEqual([true, true])
  })
})
