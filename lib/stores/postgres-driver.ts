import type { Driver, KeyedVersion, Row } from './driver.js'
import { itemsOf, listOf, type PostgresConnection, textOf } from './postgres-connection.js'
import { postgresJournal } from './postgres-journal.js'
import type { Cells } from './postgres-tables.js'
import { CLOCK_SKEW } from './remote.js'

/** Every call is one statement: what is atomic is so by itself. */
export function postgresDriver({ ask, prefix }: PostgresConnection, journalSeconds = Number.POSITIVE_INFINITY): Driver {
  const records = `${prefix}records`
  const once = `${prefix}once`
  const journal = `${prefix}journal`
  const select = `SELECT model, key, payload, grant_id, uid, user_code, pointer, consumed, expires_at`
  const alive = (now: string) => `(expires_at IS NULL OR expires_at > ${now})`

  return {
    async once(key, expiresAt, now) {
      const won = await ask(
        `INSERT INTO ${once} AS before (key, expires_at) VALUES ($1, $2)
         ON CONFLICT (key) DO UPDATE SET expires_at = excluded.expires_at WHERE before.expires_at <= $3 RETURNING key`,
        ...[key, expiresAt, now],
      )
      return won.length === 1
    },
    async read(model, key, now) {
      const [row] = await ask(`${select} FROM ${records} WHERE model = $1 AND key = $2 AND ${alive('$3')}`, model, key, now)
      return row && rowOf(row)
    },
    async readBy(index, model, digest, now) {
      const column = index === 'uid' ? 'uid' : 'user_code'
      const [row] = await ask(
        `${select} FROM ${records} WHERE model = $1 AND ${column} = $2 AND ${alive('$3')} ORDER BY expires_at DESC NULLS FIRST LIMIT 1`,
        ...[model, digest, now],
      )
      return row && rowOf(row)
    },
    async write({ model, key, payload, grant, uid, userCode, pointer, consumed, expiresAt }, now) {
      await ask(
        `INSERT INTO ${records} AS before (model, key, payload, grant_id, uid, user_code, pointer, consumed, expires_at)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)
         ON CONFLICT (model, key) DO UPDATE SET payload = excluded.payload, grant_id = excluded.grant_id, uid = excluded.uid,
           user_code = excluded.user_code, pointer = excluded.pointer, expires_at = excluded.expires_at,
           consumed = CASE WHEN before.expires_at <= $10 THEN excluded.consumed ELSE coalesce(before.consumed, excluded.consumed) END`,
        ...[model, key, payload, grant, uid, userCode, pointer, consumed, expiresAt, now],
      )
    },
    async consume(model, key, now) {
      const won = await ask(
        `UPDATE ${records} SET consumed = floor($3::double precision) WHERE model = $1 AND key = $2 AND consumed IS NULL AND ${alive('$3')} RETURNING key`,
        ...[model, key, now],
      )
      return won.length === 1
    },
    async remove(model, key) {
      await ask(`DELETE FROM ${records} WHERE model = $1 AND key = $2`, model, key)
    },
    async removeGrant(grant, models) {
      await ask(`DELETE FROM ${records} WHERE grant_id = $1 AND model IN (${itemsOf('$2')})`, grant, listOf(models))
    },
    async keys(model, after, limit, now) {
      const rows = await ask(
        `SELECT key, ${VERSION} FROM ${records} WHERE model = $1 AND key > $2 AND ${alive('$3')} ORDER BY key LIMIT $4`,
        ...[model, after, now, limit],
      )
      return rows.map(keyedVersionOf)
    },
    async rows(model, keys, now) {
      const rows = await ask(
        `${select}, ${VERSION} FROM ${records} WHERE model = $1 AND key = ANY(ARRAY(${itemsOf('$2')})) AND ${alive('$3')} ORDER BY key`,
        ...[model, listOf(keys), now],
      )
      return rows.map((row) => ({ ...rowOf(row), ...keyedVersionOf(row) }))
    },
    ...postgresJournal({ ask, prefix }),
    async purge(now) {
      const expired = now - CLOCK_SKEW
      return (
        (await drop(records, 'expires_at', expired)) +
        (await drop(once, 'expires_at', expired)) +
        (await drop(journal, 'at', now - journalSeconds))
      )
    },
  }

  /** In batches, and past what somebody is about to change: nobody waits for it. */
  async function drop(table: string, column: string, until: number): Promise<number> {
    const old = `SELECT ctid FROM ${table} WHERE ${column} <= $1 LIMIT ${BATCH} FOR UPDATE SKIP LOCKED`
    let all = 0
    for (let dropped = BATCH; dropped === BATCH; all += dropped)
      dropped = (await ask(`DELETE FROM ${table} WHERE ctid = ANY(ARRAY(${old})) RETURNING 1`, until)).length
    return all
  }
}

const BATCH = 1_000

/** Each write of a row gives it another place or transaction: whoever wrote it, also one of an older version of this store. */
const VERSION = 'concat(xmin, ctid) AS version'

const numberOf = (value: unknown) => (value === null ? undefined : Number(value))

const keyedVersionOf = ({ key, version }: Cells): KeyedVersion => ({ key: String(key), version: textOf(version) })

const rowOf = ({ model, key, payload, grant_id, uid, user_code, pointer, consumed, expires_at }: Cells): Row => ({
  model: String(model),
  key: String(key),
  payload: String(payload),
  grant: textOf(grant_id),
  uid: textOf(uid),
  userCode: textOf(user_code),
  pointer: textOf(pointer),
  consumed: numberOf(consumed),
  expiresAt: numberOf(expires_at),
})
