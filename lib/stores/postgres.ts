import { ConfigurationError } from '../core/errors.js'
import { createStore, type StoreOptions } from './create-store.js'
import { type PostgresClient, postgresConnection } from './postgres-connection.js'
import { postgresDriver } from './postgres-driver.js'
import type { Store } from './store.js'

export type { PostgresClient }

export interface PostgresTables {
  /** What the names of the tables begin with: a lower-case letter or `_`, then those and digits, 40 in all. Default `fapi_`. */
  readonly prefix?: string
}

export interface PostgresStoreOptions extends StoreOptions, PostgresTables {
  /** How long verdicts are kept, in seconds: `purge` drops older ones. Default: for good. */
  readonly journalSeconds?: number
}

/**
 * Keeps everything in PostgreSQL (11 or later) or PGlite. It creates its tables before their first use; a database user who may
 * not can use those that `migrate` created. Expired rows stay until somebody calls `purge`. The client must be one of the
 * primary, not of a replica: what has been used must be seen at once. Give it time limits (`query_timeout`,
 * `connectionTimeoutMillis`): whoever waits for the store waits for the client. Throws a `ConfigurationError`.
 */
export function postgresStore(client: PostgresClient, { prefix, journalSeconds, ...options }: PostgresStoreOptions = {}): Store {
  if (journalSeconds !== undefined && !(journalSeconds > 0))
    throw new ConfigurationError([{ option: 'journalSeconds', got: journalSeconds, allowed: 'must be a positive number of seconds' }])
  return createStore(postgresDriver(postgresConnection(client, prefix), journalSeconds), options)
}

/** Creates the store's tables, or brings them up to date: for a deployment whose servers may not. Throws a `ConfigurationError`. */
export const migrate = (client: PostgresClient, { prefix }: PostgresTables = {}): Promise<void> =>
  postgresConnection(client, prefix).migrated()
