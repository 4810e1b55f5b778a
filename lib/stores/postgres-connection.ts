import { ConfigurationError } from '../core/errors.js'
import { type Ask, bringUpToDate, type Cells } from './postgres-tables.js'
import { answerOf, codeOf } from './remote.js'

/** What a store needs of a client: a `Pool` of `pg`, a PGlite, or anything else that answers one statement at a time. */
export interface PostgresClient {
  query(text: string, values?: unknown[]): Promise<{ rows: unknown[] }>
}

/** A database with its tables up to date. Rejections name a code, and neither the address nor any value. */
export interface PostgresConnection {
  readonly prefix: string
  readonly ask: Ask
  migrated(): Promise<void>
}

/** Throws a `ConfigurationError`. */
export function postgresConnection(client: PostgresClient, prefix = 'fapi_'): PostgresConnection {
  // What was given is not shown: it may well be an address with a password.
  if (typeof client?.query !== 'function')
    throw new ConfigurationError([{ option: 'client', got: typeof client, allowed: 'must have a query function, as a Pool of pg has' }])
  if (!/^[a-z_][a-z0-9_]{0,39}$/.test(prefix))
    throw new ConfigurationError([{ option: 'prefix', got: prefix, allowed: 'must be lower-case letters, digits and _, 40 at most' }])

  const ask: Ask = async (text, ...values) => {
    const sent = values.map((value) => (typeof value === 'string' ? withoutNul(value) : (value ?? null)))
    const { rows } = await repeated(() => client.query(text, sent))
    return rows.map(cellsOf)
  }
  let migration: Promise<void> | undefined
  const migrated = () => {
    migration ??= answerOf('postgres', () => bringUpToDate(ask, prefix)).catch((fault) => {
      migration = undefined
      throw fault
    })
    return migration
  }
  return {
    prefix,
    migrated,
    async ask(text, ...values) {
      await migrated()
      return answerOf('postgres', () => ask(text, ...values))
    },
  }
}

/** Serialization failures and deadlocks: the statement did nothing, and can be asked again. */
const REPEATABLE = ['40001', '40P01']
/** Our choice: each time somebody else got through. */
const REPETITIONS = 100

async function repeated<T>(ask: () => Promise<T>): Promise<T> {
  for (let left = REPETITIONS; ; left--) {
    try {
      return await ask()
    } catch (cause) {
      if (left === 0 || !REPEATABLE.includes(codeOf(cause))) throw cause
    }
  }
}

function cellsOf(row: unknown): Cells {
  if (typeof row !== 'object' || row === null) throw new TypeError('a row is no object')
  return Object.fromEntries(Object.entries(row).map(([name, value]) => [name, typeof value === 'string' ? withNul(value) : value]))
}

/** A list travels as JSON: clients differ in how they send arrays. */
export const listOf = (values: Iterable<string>) => JSON.stringify([...values].map(withoutNul))
export const itemsOf = (list: string) => `SELECT jsonb_array_elements_text(${list}::text::jsonb)`

export const textOf = (value: unknown) => (typeof value === 'string' ? value : undefined)

/** PostgreSQL's text holds every character but NUL. What is sent goes without it, strings stay apart and in order. */
const withoutNul = (text: string) => text.replaceAll('\x01', '\x01\x02').replaceAll('\0', '\x01\x01')
const withNul = (text: string) => text.replaceAll('\x01\x01', '\0').replaceAll('\x01\x02', '\x01')
