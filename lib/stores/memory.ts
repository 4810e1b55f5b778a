import { ConfigurationError } from '../core/errors.js'
import { createStore, type StoreOptions } from './create-store.js'
import { type Driver, LISTED, type Row } from './driver.js'
import { memoryJournal } from './memory-journal.js'
import { sortedKeys } from './sorted-keys.js'
import type { Store } from './store.js'

export interface MemoryStoreOptions extends StoreOptions {
  /** How many records, remembered keys and verdicts are kept at the most. A full store refuses; it never forgets a replay to make room. Default 100,000. */
  readonly capacity?: number
  /** Without it there is no memory store where `NODE_ENV` is `production`: a second process, or a restart, accepts everything again. */
  readonly unsafeInProduction?: boolean
}

/**
 * Keeps everything in this process, and says so: for development and tests. Two processes with a memory store each accept
 * the same code, assertion or proof once, and a restart forgets all. Throws a `ConfigurationError`.
 */
export function memoryStore({ capacity = 100_000, unsafeInProduction = false, ...options }: MemoryStoreOptions = {}): Store {
  if (!Number.isInteger(capacity) || capacity < 1)
    throw new ConfigurationError([{ option: 'capacity', got: capacity, allowed: 'must be a positive integer' }])
  if (process.env.NODE_ENV === 'production' && !unsafeInProduction) {
    const allowed = 'must be a store that all processes share (postgresStore, redisStore), or memoryStore({ unsafeInProduction: true })'
    throw new ConfigurationError([{ option: 'store', got: 'a memory store in production', allowed }])
  }
  process.emitWarning('a memory store remembers in this process alone: another process, or a restart, accepts everything again', {
    code: 'FAPI_MEMORY_STORE',
  })
  return createStore(memoryDriver(capacity), options)
}

function memoryDriver(capacity: number): Driver {
  const seen = new Map<string, number>()
  const rows = new Map<string, Row>()
  const listed = new Map([...LISTED].map((model) => [model, sortedKeys()]))
  const nameOf = (model: string, key: string) => `${model} ${key}`
  const isAlive = ({ expiresAt = Number.POSITIVE_INFINITY }: Row, now: number) => expiresAt > now
  const alive = (name: string, now: number) => {
    const row = rows.get(name)
    return row && isAlive(row, now) ? row : undefined
  }
  const remove = (model: string, key: string) => {
    rows.delete(nameOf(model, key))
    listed.get(model)?.remove(key)
  }
  const drop = (now: number) => {
    const before = seen.size + rows.size
    for (const [key, until] of seen) if (until <= now) seen.delete(key)
    for (const row of rows.values()) if (!isAlive(row, now)) remove(row.model, row.key)
    return before - seen.size - rows.size
  }
  const makeRoom = (map: ReadonlyMap<string, unknown>, now: number) => {
    if (map.size >= capacity) drop(now)
    if (map.size >= capacity) throw new Error('the memory store is full')
  }

  return {
    async once(key, expiresAt, now) {
      if ((seen.get(key) ?? 0) > now) return false
      makeRoom(seen, now)
      seen.set(key, expiresAt)
      return true
    },
    read: async (model, key, now) => alive(nameOf(model, key), now),
    async readBy(index, model, value, now) {
      for (const row of rows.values()) if (row.model === model && row[index] === value && isAlive(row, now)) return row
      return undefined
    },
    async write(row, now) {
      const name = nameOf(row.model, row.key)
      const before = alive(name, now)
      if (!before) makeRoom(rows, now)
      rows.set(name, { ...row, consumed: before?.consumed ?? row.consumed })
      listed.get(row.model)?.add(row.key)
    },
    async consume(model, key, now) {
      const row = alive(nameOf(model, key), now)
      if (!row || row.consumed !== undefined) return false
      rows.set(nameOf(model, key), { ...row, consumed: Math.floor(now) })
      return true
    },
    remove: async (model, key) => remove(model, key),
    async removeGrant(grant, models) {
      for (const row of rows.values()) if (row.grant === grant && models.includes(row.model)) remove(row.model, row.key)
    },
    async keys(model, after, limit) {
      const keys = listed.get(model)?.after(after, limit) ?? []
      return keys.map((key) => ({ key, version: rows.get(nameOf(model, key))?.payload }))
    },
    async rows(model, keys, now) {
      return keys.flatMap((key) => alive(nameOf(model, key), now) ?? []).map((row) => ({ ...row, version: row.payload }))
    },
    ...memoryJournal(capacity),
    purge: async (now) => drop(now),
  }
}
