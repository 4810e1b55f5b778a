import { jest } from '@jest/globals'
import { ConsoleError } from '../../lib/console/console-error.js'
import { grants } from '../../lib/console/grants.js'
import { GRANT_MODELS } from '../../lib/stores/grant-models.js'
import { memoryStore } from '../../lib/stores/memory.js'
import type { Store, StoredRecord } from '../../lib/stores/store.js'
import { describeEach, type Place, postgresDatabases } from '../stores/databases.js'

const NOW = Math.floor(Date.now() / 1000)
const LATER = NOW + 3600
let count = 0
const fresh = (what: string) => `${what}-${++count}`

beforeAll(() => void jest.spyOn(process, 'emitWarning').mockImplementation(() => {}))

const give = (store: Store, id: string, user: string, client: string, more: StoredRecord = {}) =>
  store.upsert('Grant', id, { jti: id, kind: 'Grant', accountId: user, clientId: client, iat: NOW, exp: LATER, ...more }, LATER)

/** All that the provider issues under a grant. */
async function issue(store: Store, grantId: string): Promise<readonly (readonly [model: string, id: string])[]> {
  const issued = GRANT_MODELS.map((model) => [model, fresh(model)] as const)
  for (const [model, id] of issued) await store.upsert(model, id, { jti: id, grantId }, LATER)
  return issued
}
const left = async (store: Store, issued: readonly (readonly [string, string])[]) =>
  (await Promise.all(issued.map(async ([model, id]) => ((await store.find(model, id)) ? [model] : [])))).flat()

describe('on memory', () => testsOn(async () => memoryStore()))

describeEach<Place>(postgresDatabases.slice(0, 1), (place) => testsOn(() => place().store()))

function testsOn(open: () => Promise<Store>) {
  let store: Store
  beforeAll(async () => {
    store = await open()
  })

  test('a revoked grant takes its codes and tokens with it, and those of no other', async () => {
    const [id, other] = [fresh('grant'), fresh('grant')]
    await give(store, id, 'anna', 'app')
    await give(store, other, 'anna', 'app')
    const [its, others] = [await issue(store, id), await issue(store, other)]
    expect(await grants(store).revoke(id)).toBe(true)
    expect(await left(store, its)).toEqual([])
    expect(await left(store, others)).toEqual(GRANT_MODELS)
    expect(await store.find('Grant', id)).toBeUndefined()
    expect(await store.find('Grant', other)).toBeDefined()
    expect(await grants(store).revoke(id)).toBe(false)
    expect(await grants(store).revoke(fresh('unknown'))).toBe(false)
  })

  test.each(['revokeGrant', 'destroy'] as const)(
    'one whose revocation is cut short at %s is still listed, and revoked by the next',
    async (step) => {
      const [id, user] = [fresh('grant'), fresh('user')]
      await give(store, id, user, 'app')
      const issued = await issue(store, id)
      const broken: Store = { ...store, [step]: () => Promise.reject(new Error('connection lost')) }
      await expect(grants(broken).revoke(id)).rejects.toThrow('connection lost')
      expect((await grants(store).list({ user })).items.map((grant) => grant.id)).toEqual([id])
      expect(await grants(store).revoke(id)).toBe(true)
      expect(await left(store, issued)).toEqual([])
    },
  )

  test('tokens of a refresh that was under way go as well', async () => {
    const id = fresh('grant')
    await give(store, id, 'anna', 'app')
    const rotated: (readonly [string, string])[] = []
    const racing: Store = {
      ...store,
      // The provider saw the grant and writes the new tokens when the old ones are gone.
      async destroy(model, grant) {
        rotated.push(...(await issue(store, id)))
        await store.destroy(model, grant)
      },
    }
    expect(await grants(racing).revoke(id)).toBe(true)
    expect(rotated).toHaveLength(GRANT_MODELS.length)
    expect(await left(store, rotated)).toEqual([])
  })

  test('two revocations at once leave nothing', async () => {
    const id = fresh('grant')
    await give(store, id, 'anna', 'app')
    const issued = await issue(store, id)
    const answers = await Promise.all(Array.from({ length: 10 }, () => grants(store).revoke(id)))
    expect(answers).toContain(true)
    expect(await left(store, issued)).toEqual([])
    expect(await store.find('Grant', id)).toBeUndefined()
  })

  test('all grants of a user, of a client or of both are taken back, and nobody else’s', async () => {
    const [user, client] = [fresh('user'), fresh('client')]
    const rows = [
      [user, client],
      [user, `${client}x`],
      [`${user}x`, client],
      [user.toUpperCase(), client],
      [client, user],
    ] as const
    for (const [one, other] of rows) await give(store, fresh('grant'), one, other)
    const remaining = async () => {
      const all = await Promise.all([grants(store).list({ user }), grants(store).list({ client })])
      return all.map(({ items }) => items.length)
    }
    expect(await remaining()).toEqual([2, 3])
    expect(await grants(store).revokeAll({ user, client })).toBe(1)
    expect(await remaining()).toEqual([1, 2])
    expect(await grants(store).revokeAll({ user })).toBe(1)
    expect(await grants(store).revokeAll({ client })).toBe(2)
    expect(await remaining()).toEqual([0, 0])
    expect((await grants(store).list({ user: `${user}x` })).items).toEqual([])
    expect((await grants(store).list({ user: client })).items).toHaveLength(1)
  })

  test.each([1, 3, 7, 50])('each grant is listed once, %d at a time, with others between them', async (limit) => {
    const [user, tag] = [fresh('user'), fresh('many')]
    const ids = Array.from({ length: 20 }, (_, index) => `${tag}-${String(index).padStart(2, '0')}`)
    for (const [index, id] of ids.entries()) await give(store, id, index % 3 === 0 ? `${user}-other` : user, tag)
    const expected = (filter: { user?: string; client?: string }) => ids.filter((_, index) => filter.user === undefined || index % 3 !== 0)
    for (const filter of [{ user }, { client: tag }, { user, client: tag }]) {
      const seen: string[] = []
      let cursor: string | undefined
      do {
        const page = await grants(store).list({ ...filter, limit, cursor })
        expect(page.items.length).toBeLessThanOrEqual(limit)
        if (page.cursor !== undefined) expect(page.items).toHaveLength(limit)
        seen.push(...page.items.map(({ id }) => id))
        cursor = page.cursor
      } while (cursor !== undefined)
      expect(seen).toEqual(expected(filter))
    }
  })

  test('a listing goes on where it was when what it showed last is gone', async () => {
    const client = fresh('client')
    const ids = Array.from({ length: 6 }, (_, index) => `${client}-${index}`)
    for (const id of ids) await give(store, id, 'anna', client)
    const first = await grants(store).list({ client, limit: 2 })
    expect(first.items.map(({ id }) => id)).toEqual(ids.slice(0, 2))
    for (const { id } of first.items) await grants(store).revoke(id)
    expect((await grants(store).list({ client, limit: 9, cursor: first.cursor })).items.map(({ id }) => id)).toEqual(ids.slice(2))
  })

  test('all grants are listed, each once', async () => {
    const seen: string[] = []
    let cursor: string | undefined
    do {
      const page = await grants(store).list({ limit: 4, cursor })
      seen.push(...page.items.map(({ id }) => id))
      cursor = page.cursor
    } while (cursor !== undefined)
    const { items } = await store.list('Grant', { limit: 1000 })
    expect(seen).toEqual(items.map(({ jti }) => jti))
    expect(seen.length).toBeGreaterThan(20)
  })
}

describe('a long listing', () => {
  const store = memoryStore()
  beforeAll(async () => {
    for (let index = 0; index < 2_500; index++)
      await give(store, `g-${String(index).padStart(4, '0')}`, index % 2 ? 'anna' : 'joanna', 'app')
  })

  const all = Array.from({ length: 2_500 }, (_, index) => `g-${String(index).padStart(4, '0')}`)

  test.each<[string, { user?: string }, number, readonly string[]]>([
    ['of a user whose name is in another', { user: 'anna' }, 300, all.filter((_, index) => index % 2)],
    ['of a user, as many at once as there may be', { user: 'anna' }, 1000, all.filter((_, index) => index % 2)],
    ['of everybody', {}, 1000, all],
  ])('%s has each once', async (_what, filter, limit, expected) => {
    const seen: string[] = []
    let cursor: string | undefined
    do {
      const page = await grants(store).list({ ...filter, limit, cursor })
      seen.push(...page.items.map(({ id }) => id))
      cursor = page.cursor
    } while (cursor !== undefined)
    expect(seen).toEqual(expected)
  })

  test('is taken back whole', async () => {
    expect(await grants(store).revokeAll({ user: 'anna' })).toBe(1_250)
    expect((await grants(store).list({ user: 'anna' })).items).toEqual([])
    expect((await grants(store).list({ user: 'joanna', limit: 1 })).items).toHaveLength(1)
  })
})

describe('what a grant shows', () => {
  const store = memoryStore()
  test.each<[string, StoredRecord, object]>([
    [
      'scopes and claims that were granted and not refused, and no value of anything',
      {
        openid: { scope: 'openid accounts email', claims: ['name', 'iban'] },
        resources: { 'https://api.example': 'read write', 'https://other.example': 'read' },
        rejected: { openid: { scope: 'openid email', claims: ['iban'] }, resources: { 'https://api.example': 'write' } },
        rar: [{ type: 'payment', creditor: 'DE02120300000000202051' }, { type: 'payment' }, 7],
        secret: 'a-secret',
      },
      {
        scopes: { openid: ['openid', 'accounts'], resources: { 'https://api.example': ['read'], 'https://other.example': ['read'] } },
        claims: ['name'],
        authorization_details: ['payment', 'unknown'],
        issued_at: NOW,
        expires_at: LATER,
      },
    ],
    [
      'nothing where nothing can be read',
      {
        accountId: 7,
        clientId: '',
        iat: 'yesterday',
        exp: null,
        openid: 'x',
        resources: [1],
        rejected: 3,
        rar: {},
      } as unknown as StoredRecord,
      {
        ...{ user: undefined, client: undefined, claims: [], authorization_details: [] },
        ...{ issued_at: undefined, expires_at: undefined, scopes: { openid: [], resources: { 0: [] } } },
      },
    ],
  ])('%s', async (_what, more, expected) => {
    const id = fresh('shown')
    await give(store, id, 'anna', id, more)
    const { items } = await grants(store).list({ limit: 1000 })
    const found = items.find((grant) => grant.id === id)
    expect(found).toMatchObject(expected)
    expect(JSON.stringify(found)).not.toMatch(/a-secret|DE02/)
  })

  test('a record without an id is none', async () => {
    await store.upsert('Grant', 'nameless', { accountId: 'anna' }, LATER)
    expect((await grants(store).list({ user: 'anna', limit: 1000 })).items.map(({ id }) => id)).not.toContain('nameless')
  })
})

describe('what makes no sense is refused', () => {
  const { list, revoke, revokeAll } = grants(memoryStore())
  test.each<[string, () => Promise<unknown>, RegExp]>([
    ['all of everybody', () => revokeAll({}), /user or client must be given/],
    ['all of nobody in particular', () => revokeAll({ user: '' }), /user must be a text/],
    ['all of an absent client', () => revokeAll({ client: undefined }), /user or client must be given/],
    ['an endless name', () => list({ user: 'x'.repeat(2049) }), /user must be a text/],
    ['no id', () => revoke(''), /the id of a grant/],
    ['a limit of nothing', () => list({ limit: 0 }), /limit must be an integer/],
    ['a limit of too much', () => list({ limit: 1001 }), /limit must be an integer/],
  ])('%s', async (_what, work, expected) => {
    const error: unknown = await work().catch((cause: unknown) => cause)
    expect(error).toBeInstanceOf(ConsoleError)
    expect(String(error)).toMatch(expected)
  })
})
