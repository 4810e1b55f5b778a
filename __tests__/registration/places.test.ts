import fc from 'fast-check'
import { memoryStore, type Store } from '../../lib/index.js'
import { firstWithout } from '../../lib/registration/first-without.js'
import { type PlaceStore, placeTerms } from '../../lib/registration/place-terms.js'
import { type Places, places } from '../../lib/registration/places.js'
import { describeEach, type Place, postgresDatabases, redisDatabases } from '../stores/databases.js'
import { later } from '../support/clock.js'

const taken = (results: readonly (number | undefined)[]) => results.filter((place) => place !== undefined).sort((a, b) => a - b)
const times = <T>(count: number, work: (index: number) => T) => Array.from({ length: count }, (_, index) => work(index))
let count = 0
const fresh = () => `name-${++count}`

describe('places', () => {
  let store: Store
  let seats: Places
  beforeEach(() => {
    store = memoryStore()
    seats = places(store)
  })

  test('are taken from the lowest on, and no more than there are', async () => {
    const got: unknown[] = []
    for (const holder of 'abcde') got.push(await seats.take('x', 3, holder, 60))
    expect(got).toEqual([0, 1, 2, undefined, undefined])
    expect(await seats.holders('x', 3)).toEqual(['a', 'b', 'c'])
    expect(await seats.take('y', 3, 'a', 60)).toBe(0)
  })

  test.each([
    ['a provisional one', undefined],
    ['one that was kept', 'keep'],
  ])('%s that is given back is free again, as often as one likes', async (_what, how) => {
    for (let round = 0; round < 9; round++) {
      expect(await seats.take('x', 1, `a${round}`, 60)).toBe(0)
      if (how) expect(await seats.keep('x', 0, `a${round}`)).toBe(true)
      expect(await seats.take('x', 1, 'b', 60)).toBeUndefined()
      await seats.free('x', 0, `a${round}`)
      expect(await seats.holders('x', 1)).toEqual([])
    }
  })

  test('free themselves unless they are kept', async () => {
    await seats.take('x', 2, 'dies', 60)
    await seats.take('x', 2, 'stays', 60)
    expect(await seats.keep('x', 1, 'stays')).toBe(true)
    await later(59, async () => expect(await seats.take('x', 2, 'c', 60)).toBeUndefined())
    await later(61, async () => {
      expect(await seats.holders('x', 2)).toEqual(['stays'])
      expect(await seats.take('x', 2, 'c', 60)).toBe(0)
      expect(await seats.keep('x', 0, 'dies')).toBe(false)
      expect(await seats.holders('x', 2)).toEqual(['c', 'stays'])
    })
  })

  test('can be kept late as long as nobody took them, and not a moment longer', async () => {
    await seats.take('x', 1, 'slow', 60)
    await later(1000, async () => {
      expect(await seats.keep('x', 0, 'slow')).toBe(true)
      expect(await seats.take('x', 1, 'b', 60)).toBeUndefined()
    })
    expect(await seats.keep('x', 0, 'b')).toBe(false)
    expect(await seats.holders('x', 1)).toEqual(['slow'])
  })

  test('can be kept until a time, and on', async () => {
    const now = Date.now() / 1000
    await seats.take('x', 1, 'a', 10)
    expect(await seats.keep('x', 0, 'a', now + 100)).toBe(true)
    await later(99, async () => expect(await seats.keep('x', 0, 'a', now + 200)).toBe(true))
    await later(199, async () => expect(await seats.take('x', 1, 'b', 10)).toBeUndefined())
    await later(201, async () => expect(await seats.take('x', 1, 'b', 10)).toBe(0))
    expect(await seats.keep('x', 0, 'a')).toBe(false)
  })

  test('of somebody else are not given back', async () => {
    await seats.take('x', 1, 'a', 60)
    await seats.free('x', 0, 'b')
    await seats.free('x', 7, 'a')
    expect(await seats.holders('x', 1)).toEqual(['a'])
    await later(61, async () => {
      await seats.take('x', 1, 'b', 60)
      await seats.free('x', 0, 'a')
      expect(await seats.holders('x', 1)).toEqual(['b'])
    })
  })

  test('of one holder are given back all at once, whatever their numbers', async () => {
    for (const holder of 'abab') await seats.take('x', 4, holder, 60)
    await seats.freeOf('x', 4, 'b')
    expect(await seats.holders('x', 4)).toEqual(['a', 'a'])
    await seats.freeOf('x', 4, 'nobody')
    expect(await seats.holders('x', 4)).toEqual(['a', 'a'])
  })

  test('are found by name, whatever is in it', async () => {
    const names = ['', 'x', 'x 0', '0 x', 'x\0', 'ключ-🔑', '__proto__', 'x'.repeat(10_000)]
    for (const name of names) expect(await seats.take(name, 1, name || 'a', 60)).toBe(0)
    for (const name of names) expect(await seats.holders(name, 1)).toEqual([name || 'a'])
  })

  test('by the thousand are found with a few questions, until they are all taken', async () => {
    const big = memoryStore({ capacity: 1_000_000 })
    const LIMIT = 2_000
    let asked = 0
    const watched: PlaceStore = {
      find: (model, id) => {
        asked++
        return big.find(model, id)
      },
      upsert: big.upsert,
      consume: big.consume,
    }
    const many = places(watched)
    const got = new Set<number | undefined>()
    for (let index = 0; index < LIMIT; index++) got.add(await many.take('x', LIMIT, `h${index}`, 600))
    expect(got.size).toBe(LIMIT)
    expect(asked / LIMIT).toBeLessThan(30)
    expect(await many.take('x', LIMIT, 'late', 600)).toBeUndefined()
    // Who asks again at once gets the same answer, and costs nothing.
    asked = 0
    expect(await many.take('x', LIMIT, 'late', 600)).toBeUndefined()
    expect(asked).toBe(0)
    expect(await many.take('x', LIMIT + 1, 'more', 600)).toBe(LIMIT)
    expect(await many.take('x', LIMIT, 'late', 600)).toBeUndefined()
    await many.free('x', 1_777, 'h1777')
    expect(await many.take('x', LIMIT, 'late', 600)).toBe(1_777)
    // And when another process gives one back, within seconds.
    expect(await many.take('x', LIMIT, 'later', 600)).toBeUndefined()
    await places(big).free('x', 1_234, 'h1234')
    await later(6, async () => expect(await many.take('x', LIMIT, 'later', 600)).toBe(1_234))
  })

  test.each([
    ['limit', () => seats.take('x', 0, 'a', 1)],
    ['limit', () => seats.take('x', 1.5, 'a', 1)],
    ['limit', () => seats.take('x', Number.NaN, 'a', 1)],
    ['limit', () => seats.holders('x', 10_001)],
    ['holder', () => seats.take('x', 1, '', 1)],
    ['holder', () => seats.keep('x', 0, undefined as never)],
    ['seconds', () => seats.take('x', 1, 'a', 0)],
    ['seconds', () => seats.take('x', 1, 'a', Number.POSITIVE_INFINITY)],
    ['expiresAt', () => seats.keep('x', 0, 'a', Number.NaN)],
  ])('%s that makes no sense is named', async (what, work) => {
    await expect(work()).rejects.toThrow(new RegExp(`^${what} must`))
  })

  test('are not given out by a store that does not answer', async () => {
    const broken: PlaceStore = { ...store, consume: () => Promise.reject(new Error('gone')) }
    await expect(places(broken).take('x', 1, 'a', 60)).rejects.toThrow('gone')
    expect(await seats.take('x', 1, 'b', 60)).toBe(0)
  })

  test('of a process that died before it could say who it is are free in time', async () => {
    const dying: PlaceStore = {
      ...store,
      upsert: (model, id, record, expiresAt) =>
        id.startsWith('held') ? Promise.reject(new Error('died')) : store.upsert(model, id, record, expiresAt),
    }
    await expect(places(dying).take('x', 1, 'a', 60)).rejects.toThrow('died')
    expect(await seats.holders('x', 1)).toEqual([])
    expect(await seats.take('x', 1, 'b', 60)).toBeUndefined()
    await later(62, async () => expect(await seats.take('x', 1, 'b', 60)).toBe(0))
  })
})

describe('races', () => {
  /** A store that runs some steps of others right before the nth call. */
  const interrupted = (store: PlaceStore, at: number, others: () => Promise<unknown>): PlaceStore => {
    let calls = 0
    const counted = async <T>(step: () => Promise<T>) => {
      if (++calls === at) await others()
      return step()
    }
    return {
      find: (...rest) => counted(() => store.find(...rest)),
      upsert: (...rest) => counted(() => store.upsert(...rest)),
      consume: (...rest) => counted(() => store.consume(...rest)),
    }
  }

  test.each(times(20, (at) => [at + 1]))('a place is never held twice, whoever stalls at step %i and finds another world', async (at) => {
    const store = memoryStore()
    const quick = places(store)
    // While one keeps its place, its time comes and another takes it and keeps it.
    await quick.take('x', 1, 'slow', 60)
    let other: number | undefined
    let otherKept = false
    const stall = () =>
      later(61, async () => {
        other = await quick.take('x', 1, 'quick', 60)
        otherKept = other !== undefined && (await quick.keep('x', other, 'quick'))
      })
    const kept = await places(interrupted(store, at, stall)).keep('x', 0, 'slow')
    expect([kept, otherKept].filter(Boolean).length).toBeLessThanOrEqual(1)
    // Nobody is told that it has what it has not.
    await later(200, async () => expect(await quick.holders('x', 1)).toEqual(kept ? ['slow'] : otherKept ? ['quick'] : []))
  })

  test.each(times(20, (at) => [at + 1]))('nor when the one who stalls at step %i wanted to take it', async (at) => {
    const store = memoryStore()
    const quick = places(store)
    await quick.take('x', 1, 'first', 60)
    await later(61, async () => {
      const others = async () => {
        await quick.keep('x', 0, 'first')
        await quick.free('x', 0, 'first')
        await quick.take('x', 1, 'second', 60)
        await quick.keep('x', 0, 'second')
      }
      const place = await places(interrupted(store, at, others)).take('x', 1, 'slow', 60)
      const kept = place !== undefined && (await quick.keep('x', place, 'slow'))
      const holders = await quick.holders('x', 1)
      expect(holders.length).toBeLessThanOrEqual(1)
      if (kept) expect(holders).toEqual(['slow'])
    })
  })

  test.each(times(12, (at) => [at + 1]))('nor when it is given back twice, the second time after a stall at step %i', async (at) => {
    const store = memoryStore()
    const quick = places(store)
    await quick.take('x', 1, 'first', 60)
    const others = async () => {
      await quick.free('x', 0, 'first')
      await quick.take('x', 1, 'second', 60)
      await quick.keep('x', 0, 'second')
    }
    await places(interrupted(store, at, others)).free('x', 0, 'first')
    if ((await quick.holders('x', 1)).length > 0) expect(await quick.take('x', 1, 'third', 60)).toBeUndefined()
  })

  /** Lets work go on store call by store call, in an order of turns; who has nothing to do loses its turn. */
  async function inTurns(store: PlaceStore, turns: readonly number[], works: readonly ((own: PlaceStore) => Promise<void>)[]) {
    const waiting = works.map((): (() => Promise<void>)[] => [])
    const wrapped = waiting.map((queue): PlaceStore => {
      const queued = <T>(call: () => Promise<T>) => new Promise<T>((resolve, reject) => void queue.push(() => call().then(resolve, reject)))
      return {
        find: (...rest) => queued(() => store.find(...rest)),
        upsert: (...rest) => queued(() => store.upsert(...rest)),
        consume: (...rest) => queued(() => store.consume(...rest)),
      }
    })
    let open = works.length
    const all = works.map((work, index) => work(wrapped[index] as PlaceStore).finally(() => open--))
    for (let turn = 0; open > 0; turn++) {
      await new Promise(setImmediate)
      await waiting[turns[turn % turns.length] ?? 0]?.shift()?.()
      // All get on, in the end.
      if (turn > turns.length) for (const queue of waiting) await queue.shift()?.()
    }
    await Promise.all(all)
  }

  test('in whatever order the steps of three come, a place whose time has come is kept by one at the most', async () => {
    const turns = fc.array(fc.integer({ min: 0, max: 2 }), { minLength: 10, maxLength: 60 })
    let [keptOnce, takenOnce] = [0, 0]
    const check = async (order: readonly number[]) => {
      const store = memoryStore()
      await places(store).take('x', 1, 'first', 60)
      await later(61, async () => {
        let kept = false
        const got: (number | undefined)[] = []
        await inTurns(store, order, [
          async (own) => {
            kept = await places(own).keep('x', 0, 'first')
          },
          async (own) => void got.push(await places(own).take('x', 1, 'second', 60)),
          async (own) => void got.push(await places(own).take('x', 1, 'third', 60)),
        ])
        if (kept) keptOnce++
        if (taken(got).length > 0) takenOnce++
        expect(taken(got).length + (kept ? 1 : 0)).toBeLessThanOrEqual(1)
        expect((await places(store).holders('x', 1)).length).toBeLessThanOrEqual(1)
      })
    }
    await fc.assert(fc.asyncProperty(turns, check), { numRuns: 400 })
    expect(Math.min(keptOnce, takenOnce)).toBeGreaterThan(10)
  })

  test('a term has one winner, however late somebody writes', async () => {
    const store = memoryStore()
    const terms = placeTerms(store)
    const term = { name: 'x', place: 0, number: 0 }
    expect(await terms.claim(term, 'a', 60)).toBe(true)
    for (let late = 0; late < 5; late++) expect(await terms.claim(term, 'b', 1)).toBe(false)
    await later(30, async () => expect(await terms.holding(term)).toMatchObject({ holder: 'a', kept: 0 }))
  })
})

test.each([[0], [1], [2], [3], [7], [8], [100], [9_999], [10_000]])('the first of 10,000 without is found: %i', async (first) => {
  let asked = 0
  const found = await firstWithout(async (number) => {
    asked++
    return number < first
  }, 10_000)
  expect(found).toBe(first)
  expect(asked).toBeLessThan(30)
})

/** Many processes, each with a store of its own on one database. */
function holdAcrossProcesses(open: () => Promise<Store>): void {
  let processes: readonly Places[]
  beforeAll(async () => {
    processes = (await Promise.all(times(5, open))).map(places)
  })
  const seats = (index: number) => processes[index % processes.length] as Places

  test('one place has one winner among a thousand', async () => {
    const name = fresh()
    expect(taken(await Promise.all(times(1_000, (index) => seats(index).take(name, 1, `h${index}`, 60))))).toEqual([0])
  })

  test('ten places have ten winners among sixty, each its own', async () => {
    const name = fresh()
    const got = await Promise.all(times(60, (index) => seats(index).take(name, 10, `h${index}`, 60)))
    expect(taken(got)).toEqual(times(10, (place) => place))
    const holders = await seats(0).holders(name, 10)
    expect(holders).toEqual(times(10, (place) => `h${got.indexOf(place)}`))
  })

  test('a place that frees itself has one winner again, and its former holder keeps nothing', async () => {
    const name = fresh()
    for (let round = 0; round < 3; round++) {
      const now = Date.now() / 1000
      expect(await seats(round).take(name, 1, `dies${round}`, 0.001)).toBe(0)
      await new Promise((resolve) => setTimeout(resolve, 20))
      await later(1, async () => {
        const [kept, ...got] = await Promise.all([
          seats(1).keep(name, 0, `dies${round}`, now),
          ...times(20, (index) => seats(index).take(name, 1, `h${round}-${index}`, 60)),
        ])
        expect(taken(got as (number | undefined)[]).length + (kept ? 1 : 0)).toBeLessThanOrEqual(kept ? 2 : 1)
        const winner = got.indexOf(0)
        if (winner >= 0) await seats(3).free(name, 0, `h${round}-${winner}`)
        await seats(3).freeOf(name, 1, `dies${round}`)
      })
    }
  })

  test('places that come and go are never held by more than there are', async () => {
    const [name, limit] = [fresh(), 3]
    let [held, most, tries] = [0, 0, 0]
    const worker = async (index: number) => {
      for (let round = 0; round < 5; round++) {
        const holder = `w${index}-${round}`
        const place = await seats(index).take(name, limit, holder, 60)
        tries++
        if (place === undefined) continue
        most = Math.max(most, ++held)
        if (round % 2 === 0) expect(await seats(index + 1).keep(name, place, holder)).toBe(true)
        held--
        await seats(index + 2).free(name, place, holder)
      }
    }
    await Promise.all(times(8, worker))
    expect(tries).toBe(40)
    expect(most).toBeLessThanOrEqual(limit)
    expect(await seats(0).holders(name, limit)).toEqual([])
    expect(taken(await Promise.all(times(20, (index) => seats(index).take(name, limit, `end${index}`, 60))))).toEqual([0, 1, 2])
  })
}

describe('across processes, in memory', () => {
  const store = memoryStore()
  holdAcrossProcesses(async () => store)
})
const onDatabase = (place: () => Place) => holdAcrossProcesses(() => place().store())
describeEach(postgresDatabases, onDatabase)
describeEach(redisDatabases, onDatabase)
