import { memoryStore, type Store } from 'express-fapi'
import { auditTrail, type Subject } from '../../lib/console/audit-trail.js'
import { notFound } from '../../lib/console/console-error.js'
import { later } from '../support/clock.js'

/* What is changed is written down before it is done, and how it ended afterwards. */

const BY = { id: 'ada', roles: ['admin'] } as const
const about = (id: string): Subject => ({ kind: 'application', id })

let store: Store
beforeEach(() => {
  store = memoryStore()
})

test('a change is written down with who, what and how it ended', async () => {
  const audit = auditTrail(store)
  await expect(
    audit.record(
      BY,
      'change application',
      about('a'),
      async () => 7,
      (result) => ({ result }),
    ),
  ).resolves.toBe(7)
  const { items } = await audit.list()
  expect(items).toEqual([
    expect.objectContaining({ by: 'ada', action: 'change application', subject: about('a'), outcome: 'done', detail: { result: 7 } }),
  ])
  expect(items[0]?.at).toBe(Date.now() / 1000)
})

test('one that fails is written down with why, and fails', async () => {
  const audit = auditTrail(store)
  const failure = notFound('application')
  await expect(audit.record(BY, 'delete application', about('a'), () => Promise.reject(failure))).rejects.toBe(failure)
  expect((await audit.list()).items).toEqual([expect.objectContaining({ outcome: 'failed', detail: failure.message })])
})

test('what the database says of itself is for nobody to read', async () => {
  const audit = auditTrail(store)
  const failure = new Error('connect ECONNREFUSED 10.0.0.7:5432')
  await expect(audit.record(BY, 'delete application', about('a'), () => Promise.reject(failure))).rejects.toBe(failure)
  expect((await audit.list()).items).toEqual([
    expect.objectContaining({ outcome: 'failed', detail: 'the server failed, and its log says why' }),
  ])
})

test('nothing is done that cannot be written down', async () => {
  let done = false
  const audit = auditTrail({ ...store, upsert: () => Promise.reject(new Error('away')) })
  const work = async () => {
    done = true
  }
  await expect(audit.record(BY, 'delete application', about('a'), work)).rejects.toThrow('away')
  expect(done).toBe(false)
})

test('where nobody can write down how it ended, it stays begun, and what was done is answered', async () => {
  let away = false
  const audit = auditTrail({ ...store, upsert: (...row) => (away ? Promise.reject(new Error('away')) : store.upsert(...row)) })
  const work = async () => {
    away = true
    return 'done'
  }
  await expect(audit.record(BY, 'delete application', about('a'), work)).resolves.toBe('done')
  expect((await audit.list()).items).toEqual([expect.objectContaining({ outcome: 'begun' })])
})

test('the newest comes first, page after page, and nothing twice', async () => {
  const audit = auditTrail(store)
  for (let second = 0; second < 25; second += 1)
    await later(second, () => audit.record(BY, `change ${second}`, about(second % 2 === 0 ? 'even' : 'odd'), async () => undefined))
  const read = async (subject?: Subject) => {
    const actions: string[] = []
    let cursor: string | undefined
    do {
      const page = await audit.list({ subject, limit: 10, cursor })
      actions.push(...page.items.map(({ action }) => action))
      cursor = page.cursor
    } while (cursor !== undefined)
    return actions
  }
  const all = Array.from({ length: 25 }, (_, index) => `change ${24 - index}`)
  expect(await read()).toEqual(all)
  expect(await read(about('odd'))).toEqual(all.filter((_, index) => index % 2 === 1))
})

test('of entries of one moment the latest comes first', async () => {
  const audit = auditTrail(store)
  for (const action of ['one', 'two', 'three']) await audit.record(BY, action, about('a'), async () => undefined)
  expect((await audit.list()).items.map(({ action }) => action)).toEqual(['three', 'two', 'one'])
})

test.each([
  ['a space', 'a b'],
  ['the beginning of another', 'ab'],
  ['what a path is made of', '../all'],
  ['letters of any kind', 'bänk-鍵'],
  ['nothing but what comes first', 'all'],
  ['five thousand letters', '鍵'.repeat(5000)],
  ['half a letter', 'a\ud800'],
])('the history of one whose id has %s is its own', async (_what, id) => {
  const audit = auditTrail(store)
  for (const one of ['a', id, 'zz']) await audit.record(BY, 'change application', about(one), async () => undefined)
  expect((await audit.list({ subject: about(id) })).items.map(({ subject }) => subject.id)).toEqual([id])
})

test.each([['zz'], ['all'], ['application:a 0'], ['\u0000'], ['鍵']])(
  'a cursor of another listing (%j) begins at the beginning',
  async (cursor) => {
    const audit = auditTrail(store)
    await audit.record(BY, 'change application', about('a'), async () => undefined)
    await audit.record(BY, 'change application', about('b'), async () => undefined)
    expect((await audit.list({ subject: about('b'), cursor })).items.map(({ subject }) => subject.id)).toEqual(['b'])
  },
)
