import { randomBytes } from 'node:crypto'
import { jest } from '@jest/globals'
import { keyRing, type Store, type Verdict } from 'express-fapi'
import { describeEach, type Place, postgresDatabases, redisDatabases } from './databases.js'

const warnings = jest.spyOn(process, 'emitWarning').mockImplementation(() => {})
beforeEach(() => warnings.mockClear())
const warned = () => warnings.mock.calls.map(([, options]) => (options as { code?: string } | undefined)?.code)

const soon = () => Date.now() / 1000 + 60
const key = (id: string) => ({ id, secret: randomBytes(32) })
const fresh = () => randomBytes(9).toString('base64url')

/** Records with a mark in every value that a thief would like to read. */
async function writeEverything(store: Store, mark: string): Promise<void> {
  const secret = (what: string) => `${what}-${mark}`
  await store.upsert(
    'AccessToken',
    secret('token'),
    { jti: secret('token'), accountId: secret('account'), grantId: secret('grant') },
    soon(),
  )
  await store.upsert('Session', secret('session'), { jti: secret('session'), uid: secret('uid'), accountId: secret('account') }, soon())
  await store.upsert('DeviceCode', secret('device'), { jti: secret('device'), userCode: secret('user'), grantId: secret('grant') }, soon())
  await store.upsert('PushedAuthorizationRequest', secret('par'), { request: secret('request') }, soon())
  await store.once(secret('once'), soon())
  await store.consume('PushedAuthorizationRequest', secret('par'))
}

describeEach<Place>([...postgresDatabases, ...redisDatabases], (place) => {
  describe('at rest', () => {
    test('nothing that opens anything can be read', async () => {
      const [store, mark] = [await place().store(), fresh()]
      await writeEverything(store, mark)
      expect(await store.findByUid('Session', `uid-${mark}`)).toMatchObject({ accountId: `account-${mark}` })
      const dump = await place().dump()
      expect(dump.length).toBeGreaterThan(1000)
      expect(dump).not.toContain(mark)
      expect(dump).not.toContain(Buffer.from(`-${mark}`).toString('base64url').slice(2, -2))
    })

    test('clients can be read without a key ring, and only their ids with one', async () => {
      const [mark, other] = [fresh(), fresh()]
      await (await place().store()).upsert('Client', mark, { client_id: mark, client_name: `name-${mark}` }, undefined)
      const sealed = await place().store({ encryption: keyRing([key('k1')]) })
      await sealed.upsert('Client', other, { client_id: other, client_name: `name-${other}` }, undefined)
      const dump = await place().dump()
      expect(dump).toContain(`name-${mark}`)
      expect(dump).toContain(other)
      expect(dump).not.toContain(`name-${other}`)
      for (const id of [mark, other]) await sealed.destroy('Client', id)
    })

    test('an old key still opens, and what no key opens is reported and not there', async () => {
      const [old, young, id] = [key('old'), key('young'), fresh()]
      const record = { jti: id, uid: id }
      await (await place().store({ encryption: keyRing([old]) })).upsert('Session', id, record, soon())
      const rotated = await place().store({ encryption: keyRing([young, old]) })
      expect(await rotated.find('Session', id)).toEqual(record)
      expect(warned()).toEqual([])

      const lost = await place().store({ encryption: keyRing([young]) })
      expect(await lost.find('Session', id)).toBeUndefined()
      expect(await lost.findByUid('Session', id)).toBeUndefined()
      expect(warned()).toEqual(['FAPI_UNREADABLE_RECORD', 'FAPI_UNREADABLE_RECORD'])

      await rotated.upsert('Session', id, record, soon())
      expect(await lost.find('Session', id)).toEqual(record)
    })

    test('a damaged pointer leads nowhere and is reported', async () => {
      const [store, id] = [await place().store(), fresh()]
      await store.upsert('Session', id, { jti: id, uid: id }, soon())
      await place().damage('Session', 'pointer')
      expect(await store.findByUid('Session', id)).toBeUndefined()
      expect(warned()).toEqual(['FAPI_UNREADABLE_RECORD'])
      expect(await store.find('Session', id)).toEqual({ jti: id, uid: id })
    })

    test('damaged records are reported and not there, and do not hide the others', async () => {
      const [store, id] = [await place().store(), fresh()]
      await store.upsert('RefreshToken', id, { jti: id }, soon())
      await store.upsert('Client', id, { client_id: id }, undefined)
      for (const model of ['RefreshToken', 'Client']) await place().damage(model, 'payload')
      await store.upsert('Client', `${id}-whole`, { client_id: `${id}-whole` }, undefined)
      expect(await store.find('RefreshToken', id)).toBeUndefined()
      expect(await store.find('Client', id)).toBeUndefined()
      expect((await store.list('Client', { search: id })).items).toEqual([{ client_id: `${id}-whole` }])
      expect(new Set(warned())).toEqual(new Set(['FAPI_UNREADABLE_RECORD']))
      await store.upsert('Client', id, { client_id: id, mended: true }, undefined)
      expect(await store.find('Client', id)).toEqual({ client_id: id, mended: true })
      for (const client of [id, `${id}-whole`]) await store.destroy('Client', client)
    })
  })

  describe('processes', () => {
    let stores: readonly Store[]
    beforeAll(async () => {
      stores = await Promise.all(Array.from({ length: 5 }, () => place().store()))
    })
    const everywhere = async (work: (store: Store) => Promise<boolean>) => {
      const results = await Promise.all(Array.from({ length: 100 }, (_, index) => work(stores[index % 5] as Store)))
      return results.filter(Boolean).length
    }

    test('that remember one key at a time have one winner, ten times out of ten', async () => {
      for (let round = 0; round < 10; round++) {
        const once = fresh()
        expect(await everywhere((store) => store.once(once, soon()))).toBe(1)
      }
    })

    test('that consume one record while others write it have one winner, ten times out of ten', async () => {
      for (let round = 0; round < 10; round++) {
        const id = fresh()
        await stores[0]?.upsert('AuthorizationCode', id, { jti: id }, soon())
        const writing = everywhere((store) => store.upsert('AuthorizationCode', id, { jti: id }, soon()).then(() => false))
        expect(await everywhere((store) => store.consume('AuthorizationCode', id))).toBe(1)
        await writing
        expect(await everywhere((store) => store.consume('AuthorizationCode', id))).toBe(0)
      }
    })

    test('see what the others wrote, consumed and revoked', async () => {
      const [one, two] = stores as [Store, Store]
      const id = fresh()
      await one.upsert('AccessToken', id, { jti: id, grantId: id }, soon())
      expect(await two.consume('AccessToken', id)).toBe(true)
      expect(await one.find('AccessToken', id)).toMatchObject({ jti: id, consumed: expect.any(Number) })
      await two.revokeGrant(id, ['AccessToken'])
      expect(await one.find('AccessToken', id)).toBeUndefined()
    })
  })

  describe('names', () => {
    const NAMES = [
      '',
      ' ',
      ':',
      'a:b',
      'a b',
      '{a}',
      'a{b}c',
      'a\0',
      'a\x01',
      'a\0\x01',
      'a\x01\x02',
      'ü',
      '鍵',
      '🔑',
      "'",
      '"',
      '%',
      '\\',
      '$1',
      '__proto__',
    ]

    test('of clients may hold anything', async () => {
      const [store, tag] = [await place().store(), fresh()]
      const ids = NAMES.map((name) => `${tag}${name}`)
      for (const id of ids) await store.upsert('Client', id, { client_id: id }, undefined)
      expect(await Promise.all(ids.map((id) => store.find('Client', id)))).toEqual(ids.map((client_id) => ({ client_id })))
      const listed: unknown[] = []
      for (let cursor: string | undefined, more = true; more; more = cursor !== undefined) {
        const page = await store.list('Client', { limit: 3, cursor, search: tag })
        listed.push(...page.items.map(({ client_id }) => client_id))
        cursor = page.cursor
      }
      expect(listed).toHaveLength(ids.length)
      expect(new Set(listed)).toEqual(new Set(ids))
      for (const id of ids) await store.destroy('Client', id)
      expect((await store.list('Client', { search: tag })).items).toEqual([])
    })

    test('of grants too: they are listed, and expire', async () => {
      const [store, tag] = [await place().store(), fresh()]
      await store.upsert('Grant', `${tag}-lives`, { jti: `${tag}-lives` }, soon())
      await store.upsert('Grant', `${tag}-dead`, { jti: `${tag}-dead` }, Date.now() / 1000 - 1)
      expect((await store.list('Grant', { search: tag })).items).toEqual([{ jti: `${tag}-lives` }])
    })

    test('a time that is none is refused, and one that is far off is kept', async () => {
      const store = await place().store()
      await expect(store.once(fresh(), Number.NaN)).rejects.toThrow()
      await expect(store.upsert('Session', fresh(), {}, Number.NaN)).rejects.toThrow()
      for (const end of [Number.MAX_VALUE, 1e15, 1e11]) {
        const id = fresh()
        expect(await store.once(id, end)).toBe(true)
        expect(await store.once(id, end)).toBe(false)
        await store.upsert('AccessToken', id, { jti: id, grantId: id, uid: id }, end)
        expect(await store.findByUid('AccessToken', id)).toEqual({ jti: id, grantId: id, uid: id })
        await store.revokeGrant(id, ['AccessToken'])
        expect(await store.find('AccessToken', id)).toBeUndefined()
      }
    })
  })

  describe('the journal', () => {
    const verdict = (client: string, description: string): Verdict => ({
      ...{ at: Date.now() / 1000, stage: 'par', profile: 'fapi2-security', client, interaction: undefined, mode: 'enforce', by: 'rules' },
      violations: [{ rule: 'a-rule', clauses: [], error: 'invalid_request', description }],
      rejection: undefined,
    })

    test('keeps any text, and finds it', async () => {
      const [store, client] = [await place().store(), `c\0${fresh()}`]
      const texts = ['\0', 'a\ud800b', '“quoted” \\ "', '🔑', 'NUL \u0000 IN the middle']
      for (const text of texts) await store.append(verdict(client, text))
      const { items } = await store.search({ client })
      expect(items.map(({ violations }) => violations[0]?.description)).toEqual([...texts].reverse())
      expect((await store.search({ client, search: 'In The' })).items).toHaveLength(1)
      expect((await store.search({ client, search: '%' })).items).toHaveLength(0)
    })

    test('ends where it ends, and a cursor nobody gave out leads nowhere', async () => {
      const [store, client] = [await place().store(), fresh()]
      for (let index = 0; index < 4; index++) await store.append(verdict(client, String(index)))
      expect((await store.search({ client, limit: 4 })).cursor).toBeUndefined()
      const { items, cursor } = await store.search({ client, limit: 3 })
      expect(items).toHaveLength(3)
      await store.append(verdict(client, 'later'))
      expect((await store.search({ client, limit: 3, cursor })).items.map(({ violations }) => violations[0]?.description)).toEqual(['0'])
      for (const bad of ['', 'x', "1' OR true", '-1', '1e3', '9'.repeat(40)])
        expect(await store.search({ client, cursor: bad })).toEqual({ items: [], cursor: undefined })
    })
  })
})
