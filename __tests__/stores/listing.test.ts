import { randomBytes } from 'node:crypto'
import { jest } from '@jest/globals'
import { keyRing, memoryStore, type Seal } from 'express-fapi'
import { rememberedTexts } from '../../lib/stores/remembered-text.js'
import { sortedKeys } from '../../lib/stores/sorted-keys.js'

jest.spyOn(process, 'emitWarning').mockImplementation(() => {})

describe('a search', () => {
  const countingSeal = () => {
    const ring = keyRing([{ id: 'k1', secret: randomBytes(32) }])
    const opened: string[] = []
    const seal: Seal = {
      close: ring.close,
      open(sealed, context) {
        opened.push(context)
        return ring.open(sealed, context)
      },
    }
    return { seal, opened }
  }

  test('opens a record once for what it says, and again only when it has changed or is found', async () => {
    const { seal, opened } = countingSeal()
    const store = memoryStore({ encryption: seal })
    for (const id of ['a', 'b', 'c']) await store.upsert('Client', id, { client_id: id, client_name: `Bank ${id}` }, undefined)
    const search = async (text: string) => {
      opened.length = 0
      const { items } = await store.list('Client', { search: text })
      return { found: items.map(({ client_id }) => client_id), opened: [...opened] }
    }
    expect(await search('nothing')).toEqual({ found: [], opened: ['Client a', 'Client b', 'Client c'] })
    expect(await search('nothing')).toEqual({ found: [], opened: [] })
    expect(await search('bank B')).toEqual({ found: ['b'], opened: ['Client b'] })
    await store.upsert('Client', 'b', { client_id: 'b', client_name: 'Shop' }, undefined)
    expect(await search('bank b')).toEqual({ found: [], opened: ['Client b'] })
    expect(await search('shop')).toEqual({ found: ['b'], opened: ['Client b'] })
    await store.destroy('Client', 'b')
    expect(await search('shop')).toEqual({ found: [], opened: [] })
  })

  test('goes on over thousands of records, in groups and pages', async () => {
    const store = memoryStore()
    const idOf = (index: number) => `client-${String(index).padStart(5, '0')}`
    for (let index = 0; index < 4_500; index++)
      await store.upsert('Client', idOf(index), { client_id: idOf(index), client_name: index % 1500 === 0 ? 'Rare' : 'Common' }, undefined)
    for (let round = 0; round < 2; round++) {
      const first = await store.list('Client', { search: 'rare', limit: 2 })
      expect(first.items.map(({ client_id }) => client_id)).toEqual([idOf(0), idOf(1500)])
      const second = await store.list('Client', { search: 'rare', limit: 2, cursor: first.cursor })
      expect(second).toMatchObject({ items: [{ client_id: idOf(3000) }], cursor: undefined })
    }
  })
})

describe('remembered texts', () => {
  const entry = (key: string, version: string | undefined) => ({ key, version })

  test('are of one version', () => {
    const texts = rememberedTexts(100)
    texts.remember('Client', entry('a', '1'), 'one')
    expect(texts.of('Client', entry('a', '1'))).toBe('one')
    for (const other of [entry('a', '2'), entry('a', undefined), entry('b', '1')]) expect(texts.of('Client', other)).toBeUndefined()
    expect(texts.of('Grant', entry('a', '1'))).toBeUndefined()
    texts.remember('Client', entry('a', undefined), 'unknown')
    expect(texts.of('Client', entry('a', undefined))).toBeUndefined()
  })

  test('are no longer than they may be: the oldest go, and one that is too long is not kept', () => {
    const texts = rememberedTexts(10)
    const kept = () => ['a', 'b', 'c', 'd'].filter((key) => texts.of('Client', entry(key, '1')) !== undefined)
    for (const key of ['a', 'b']) texts.remember('Client', entry(key, '1'), '12345')
    expect(kept()).toEqual(['a', 'b'])
    texts.remember('Client', entry('a', '1'), '12345')
    texts.remember('Client', entry('c', '1'), '12')
    expect(kept()).toEqual(['a', 'c'])
    texts.remember('Client', entry('d', '1'), 'x'.repeat(11))
    expect(kept()).toEqual(['a', 'c'])
  })
})

test('sorted keys are each there once, in their order', () => {
  const keys = sortedKeys()
  for (const key of ['b', 'd', 'a', 'b', '', 'c', 'ü']) keys.add(key)
  keys.remove('c')
  keys.remove('nothing')
  expect(keys.after('', 10)).toEqual(['a', 'b', 'd', 'ü'])
  expect(keys.after('aa', 2)).toEqual(['b', 'd'])
  expect(keys.after('b', 1)).toEqual(['d'])
  expect(keys.after('ü', 1)).toEqual([])
})
