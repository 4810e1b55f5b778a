import type { Driver, Row } from './driver.js'
import { type PostgresConnection, withoutNul } from './postgres-connection.js'
import type { Cells } from './postgres-tables.js'
import { CLOCK_SKEW, verdictFrom } from './remote.js'
import { type JournalQuery, outcomeOf } from './store.js'

/** Every call is one statement: what is atomic is so by itself. */
export function postgresDriver({ ask, prefix }: PostgresConnection, journalSeconds = Number.POSITIVE_INFINITY): Driver {
  const records = `${prefix}records`
  const once = `${prefix}once`
  const journal = `${prefix}journal`
  const select = `SELECT model, key, payload, grant_id, uid, user_code, pointer, consumed, expires_at FROM ${records}`
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
      const [row] = await ask(`${select} WHERE model = $1 AND key = $2 AND ${alive('$3')}`, model, key, now)
      return row && rowOf(row)
    },
    async readBy(index, model, digest, now) {
      const column = index === 'uid' ? 'uid' : 'user_code'
      const [row] = await ask(
        `${select} WHERE model = $1 AND ${column} = $2 AND ${alive('$3')} ORDER BY expires_at DESC NULLS FIRST LIMIT 1`,
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
    async page(model, after, limit, now) {
      const rows = await ask(`${select} WHERE model = $1 AND key > $2 AND ${alive('$3')} ORDER BY key LIMIT $4`, model, after, now, limit)
      return rows.map(rowOf)
    },
    async append(verdict) {
      const rules = listOf(new Set(verdict.violations.map(({ rule }) => rule)))
      await ask(
        `INSERT INTO ${journal} (at, interaction, client, outcome, rules, verdict) VALUES ($1, $2, $3, $4, ARRAY(${itemsOf('$5')}), $6)`,
        ...[verdict.at, verdict.interaction, verdict.client, outcomeOf(verdict), rules, JSON.stringify(verdict)],
      )
    },
    async search({ limit = 50, ...query } = {}) {
      if (query.cursor !== undefined && !/^\d{1,18}$/.test(query.cursor)) return { items: [], cursor: undefined }
      const asked = CONDITIONS.filter(([name]) => query[name] !== undefined)
      const conditions = asked.map(([, condition], index) => condition(`$${index + 2}`))
      // One more than asked for says whether there is a next page.
      const rows = await ask(
        `SELECT id::text AS entry, verdict FROM ${journal} WHERE ${['true', ...conditions].join(' AND ')} ORDER BY id DESC LIMIT $1`,
        ...[limit + 1, ...asked.map(([name]) => query[name])],
      )
      const page = rows.slice(0, limit)
      return {
        items: page.flatMap(({ verdict }) => verdictFrom(String(verdict)) ?? []),
        cursor: rows.length > limit ? textOf(page.at(-1)?.entry) : undefined,
      }
    },
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

/** A list travels as JSON: clients differ in how they send arrays. */
const listOf = (values: Iterable<string>) => JSON.stringify([...values].map(withoutNul))
const itemsOf = (list: string) => `SELECT jsonb_array_elements_text(${list}::text::jsonb)`

/** What a query may ask of the journal, as SQL that an index serves; `search` reads what the others leave. */
const CONDITIONS: readonly (readonly [name: Exclude<keyof JournalQuery, 'limit'>, condition: (value: string) => string])[] = [
  ['cursor', (value) => `id < ${value}::text::bigint`],
  ['interaction', (value) => `interaction = ${value}`],
  ['client', (value) => `client = ${value}`],
  ['rule', (value) => `rules @> ARRAY[${value}::text]`],
  ['outcome', (value) => `outcome = ${value}`],
  ['from', (value) => `at >= ${value}`],
  ['until', (value) => `at <= ${value}`],
  ['search', (value) => `strpos(lower(verdict), lower(${value}::text)) > 0`],
]

const textOf = (value: unknown) => (typeof value === 'string' ? value : undefined)
const numberOf = (value: unknown) => (value === null ? undefined : Number(value))

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
