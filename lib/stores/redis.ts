import { ConfigurationError } from '../core/errors.js'
import { createStore, type StoreOptions } from './create-store.js'
import { type RedisClient, redisConnection } from './redis-connection.js'
import { redisDriver } from './redis-driver.js'
import type { Store } from './store.js'

export type { RedisClient }

export interface RedisStoreOptions extends StoreOptions {
  /** What the names of its keys begin with. Default `fapi:`. */
  readonly prefix?: string
  /** How many verdicts are kept: the oldest makes room for the newest. Default 100,000. */
  readonly journalCapacity?: number
}

/**
 * Keeps everything in Redis (6.2 or later) or Valkey, on a single node or a Cluster: each command names one key. Redis drops
 * what has expired by itself. For it to drop nothing else, `maxmemory-policy` must be `noeviction`. Give the client time limits
 * (`disableOfflineQueue`, `socket.socketTimeout` and a shorter `pingInterval`): whoever waits for the store waits for the
 * client. Throws a `ConfigurationError`.
 */
export function redisStore(client: RedisClient, { prefix, journalCapacity = 100_000, ...options }: RedisStoreOptions = {}): Store {
  if (!Number.isInteger(journalCapacity) || journalCapacity < 1)
    throw new ConfigurationError([{ option: 'journalCapacity', got: journalCapacity, allowed: 'must be a positive integer' }])
  return createStore(redisDriver(redisConnection(client, prefix), journalCapacity), options)
}
