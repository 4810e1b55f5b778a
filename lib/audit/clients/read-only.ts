import type { PostgresClient } from '../../stores/postgres-connection.js'
import type { RedisClient } from '../../stores/redis-connection.js'
import { PAGE, READ, VERSION } from '../../stores/redis-scripts.js'

/** A connection of PostgreSQL on which nothing can be written: each statement is a transaction that may only read. One at a time. */
export function readOnlyPostgres(client: PostgresClient): PostgresClient {
  let last: Promise<unknown> = Promise.resolve()
  const read: PostgresClient['query'] = async (text, values) => {
    await client.query('BEGIN READ ONLY')
    try {
      return await client.query(text, values)
    } finally {
      await client.query('ROLLBACK')
    }
  }
  return {
    query(text, values) {
      const answer = last.then(() => read(text, values))
      last = answer.catch(() => undefined)
      return answer
    },
  }
}

/** The scripts of the store that only read. */
const READING: ReadonlySet<string> = new Set([PAGE, READ, VERSION])

/** A client of Redis that runs no script but those that read. */
export const readOnlyRedis = (client: RedisClient): RedisClient => ({
  eval: (script, options) =>
    READING.has(script) ? client.eval(script, options) : Promise.reject(new Error('this script is not among those that read')),
})
