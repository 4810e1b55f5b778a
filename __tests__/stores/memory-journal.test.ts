import type { Verdict } from '../../lib/core/verdict.js'
import { memoryJournal } from '../../lib/stores/memory-journal.js'

/* The newest verdicts lie in a ring: who is forgotten leaves the place to the newest. */

const verdictAt = (at: number): Verdict => ({
  ...{ at, stage: 'par', profile: 'p', client: 'c', interaction: undefined, mode: 'enforce', by: 'rules' },
  violations: [],
  rejection: undefined,
})

async function journalOf(capacity: number, count: number) {
  const journal = memoryJournal(capacity)
  for (let at = 1; at <= count; at++) await journal.append(verdictAt(at))
  return journal
}

test.each([
  [3, 0, []],
  [3, 1, [1]],
  [3, 3, [3, 2, 1]],
  [3, 4, [4, 3, 2]],
  [3, 7, [7, 6, 5]],
  [3, 9, [9, 8, 7]],
  [1, 2, [2]],
])('of %d places and %d verdicts the newest are kept, newest first', async (capacity, count, times) => {
  const journal = await journalOf(capacity, count)
  expect((await journal.search()).items.map(({ at }) => at)).toEqual(times)
  expect((await journal.tally({}, 100)).total.passed).toBe(times.length)
})

test('a listing goes on where it was though verdicts are forgotten meanwhile, and tells none twice', async () => {
  const journal = await journalOf(5, 7)
  const first = await journal.search({ limit: 2 })
  expect(first.items.map(({ at }) => at)).toEqual([7, 6])
  await journal.append(verdictAt(8))
  const second = await journal.search({ limit: 10, cursor: first.cursor })
  expect([second.items.map(({ at }) => at), second.cursor]).toEqual([[5, 4], undefined])
})

test('a verdict is there as soon as it has been appended, whoever waits for it', async () => {
  const journal = memoryJournal(2)
  const appended = [journal.append(verdictAt(1)), journal.append(verdictAt(2))]
  expect((await journal.search()).items).toHaveLength(2)
  expect(await Promise.all(appended)).toEqual([undefined, undefined])
})
