import { createPolicy, explainer, fapi2Security, memoryStore, profiles } from 'express-fapi'

const INTERACTION = '7f3f6a0e-3d2c-4c4b-9a51-0d6f6f6f6f6f'

/** A journal with so many verdicts under one interaction id, and others of others. */
async function journalOf(count: number) {
  const store = memoryStore()
  const policy = createPolicy({ profile: fapi2Security, record: (verdict) => void store.append(verdict) })
  const wire = (id: string) => ({
    method: 'POST',
    url: new URL('https://as.example/token'),
    headers: { 'x-fapi-interaction-id': id },
    certificate: undefined,
  })
  for (let number = 0; number < count; number++) {
    const refusal = { stage: 'token' as const, client: undefined, error: 'invalid_grant', description: `refusal ${number}` }
    policy.note({ ...refusal, wire: wire(INTERACTION), passes: number === 0 })
    policy.note({ ...refusal, wire: wire('of-somebody-else') })
  }
  return store
}

test('everything under an id is explained, oldest first, over all pages, what passed as well', async () => {
  const found = await explainer(await journalOf(250), profiles)(INTERACTION)
  expect(found.map(({ violations }) => violations[0]?.got)).toEqual(Array.from({ length: 250 }, (_, number) => `refusal ${number}`))
  expect(found.map(({ refused }) => refused).slice(0, 2)).toEqual([false, true])
  expect(found[0]).toMatchObject({ mode: 'enforce', stage: 'token', interaction: INTERACTION, profile: { name: 'fapi2-security' } })
})

test('of so many at the most, the newest', async () => {
  const found = await explainer(await journalOf(5), profiles, { most: 2 })(INTERACTION)
  expect(found.map(({ violations }) => violations[0]?.got)).toEqual(['refusal 3', 'refusal 4'])
})

test('a UUID in capitals is the same; of one that nobody has heard of there is nothing to say', async () => {
  const explain = explainer(await journalOf(1), profiles)
  expect(await explain(INTERACTION.toUpperCase())).toHaveLength(1)
  expect(await explain('nobody')).toEqual([])
})

test('a journal that does not get on is not asked for ever', async () => {
  const stuck = { search: async () => ({ items: [], cursor: 'same' }) }
  expect(await explainer(stuck, profiles)('x')).toEqual([])
})

test.each([
  [undefined, 'is undefined: give the x-fapi-interaction-id'],
  [null, 'is null'],
  [7, 'is number'],
  [{}, 'is object'],
  ['', 'is empty'],
  ['x'.repeat(301), 'has 301 characters'],
])('%p is no interaction id', async (id, says) => {
  const explain = explainer(memoryStore(), profiles)
  await expect(explain(id as string)).rejects.toThrow(new RegExp(says))
  await expect(explain(id as string)).rejects.toBeInstanceOf(TypeError)
})

test.each([
  [{}, profiles, {}, 'journal is "object"'],
  [memoryStore(), [], {}, 'profiles is'],
  [memoryStore(), profiles, { most: 0 }, 'most is 0'],
])('options that make no sense: %#', (journal, those, options, says) => {
  expect(() => explainer(journal as never, those as never, options)).toThrow(says)
})
