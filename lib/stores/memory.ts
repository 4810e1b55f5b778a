import { ConfigurationError } from '../core/errors.js'
import type { Store, StoredRecord } from './store.js'

export interface MemoryStoreOptions {
  /** How many records and remembered keys are kept at the most. A full store refuses: it never forgets a replay to make room. Default 100,000. */
  readonly capacity?: number
}

interface Kept {
  readonly record: StoredRecord
  readonly expiresAt: number
}

/**
 * Keeps everything in this process: for development and tests, or a single process that may lose its sessions. Two
 * processes with a memory store each accept the same code, assertion or proof twice. Throws a `ConfigurationError`.
 */
export function memoryStore({ capacity = 100_000 }: MemoryStoreOptions = {}): Store {
  if (!Number.isInteger(capacity) || capacity < 1)
    throw new ConfigurationError([{ option: 'capacity', got: capacity, allowed: 'must be a positive integer' }])
  const seen = new Map<string, number>()
  const records = new Map<string, Kept>()
  const keyOf = (model: string, id: string) => `${model}:${id}`

  const alive = (key: string): StoredRecord | undefined => {
    const kept = records.get(key)
    if (kept && kept.expiresAt > now()) return kept.record
    records.delete(key)
    return undefined
  }
  const search = (model: string, field: 'uid' | 'userCode', value: string) => {
    for (const [key, { record }] of records) if (key.startsWith(`${model}:`) && record[field] === value && alive(key)) return record
    return undefined
  }

  return {
    async once(key, expiresAt) {
      const until = seen.get(key)
      if (until !== undefined && until > now()) return false
      makeRoom(seen, capacity, (value) => value)
      seen.set(key, expiresAt)
      return true
    },
    async find(model, id) {
      return copy(alive(keyOf(model, id)))
    },
    async findByUid(model, uid) {
      return copy(search(model, 'uid', uid))
    },
    async findByUserCode(model, userCode) {
      return copy(search(model, 'userCode', userCode))
    },
    async upsert(model, id, record, expiresAt = Number.POSITIVE_INFINITY) {
      const key = keyOf(model, id)
      if (!records.has(key)) makeRoom(records, capacity, (kept) => kept.expiresAt)
      records.set(key, { record: structuredClone(record), expiresAt })
    },
    async consume(model, id) {
      const key = keyOf(model, id)
      const record = alive(key)
      if (!record || record.consumed !== undefined) return false
      records.set(key, { record: { ...record, consumed: Math.floor(now()) }, expiresAt: records.get(key)?.expiresAt ?? 0 })
      return true
    },
    async destroy(model, id) {
      records.delete(keyOf(model, id))
    },
    async revokeGrant(grantId, models) {
      for (const [key, { record }] of records) {
        if (record.grantId === grantId && models.some((model) => key.startsWith(`${model}:`))) records.delete(key)
      }
    },
  }
}

const now = () => Date.now() / 1000
const copy = (record: StoredRecord | undefined) => record && structuredClone(record)

/** Drops what has expired once the map is full; what is still alive is not dropped, so a map that stays full refuses. */
function makeRoom<T>(map: Map<string, T>, capacity: number, expiryOf: (value: T) => number): void {
  if (map.size < capacity) return
  for (const [key, value] of map) if (expiryOf(value) <= now()) map.delete(key)
  if (map.size >= capacity) throw new Error('the memory store is full')
}
