import { hash } from 'node:crypto'
import { type Driver, type KeyedVersion, LISTED, type Row } from './driver.js'
import { isOne, type Run, texts } from './redis-connection.js'
import { redisJournal } from './redis-journal.js'
import * as scripts from './redis-scripts.js'
import { CLOCK_SKEW, reportUnreadable } from './remote.js'

/**
 * Everything lies under a key of its own, and each call names one: on a Cluster they are on different nodes. What leads to a
 * record is written before it, so that whatever breaks in between leaves a name that leads nowhere, and never a token
 * that the revocation of its grant would miss.
 */
export function redisDriver(run: Run, journalCapacity: number): Driver {
  const names = {
    record: (model: string, key: string) => `record:${model}:${key}`,
    grant: (grant: string) => `grant:${grant}`,
    by: (index: 'uid' | 'userCode', model: string, digest: string) => `${index}:${model}:${digest}`,
    /** A listed model's keys in order, and by expiry. */
    keys: (model: string) => `keys:${model}`,
    expiry: (model: string) => `expiry:${model}`,
  }

  const read: Driver['read'] = async (model, key, now) => {
    const fields = texts(await run(scripts.READ, names.record(model, key)))
    if (fields.every((field) => field === undefined)) return undefined
    const row = rowOf(model, key, fields)
    if (!row) reportUnreadable(`a ${model} record`)
    return row && (row.expiresAt ?? now + 1) > now ? row : undefined
  }

  async function versionOf(model: string, key: string): Promise<KeyedVersion> {
    const [version] = texts([await run(scripts.VERSION, names.record(model, key))])
    return { key, version: version || undefined }
  }

  /** Puts a record among those of its model, and takes out those whose time has come. */
  async function list({ model, key, expiresAt }: Row, now: number): Promise<void> {
    await Promise.all([
      run(scripts.LIST, names.keys(model), key),
      enter(names.expiry(model), key, expiresAt, now).then((over) => unlist(model, over)),
    ])
  }

  async function enter(set: string, member: string, expiresAt: number | undefined, now: number) {
    const [until] = lifetime(expiresAt, now)
    return texts(await run(scripts.ENTER, set, member, until || 'inf', now - CLOCK_SKEW)).filter((over) => over !== undefined)
  }

  async function unlist(model: string, keys: readonly string[]): Promise<number> {
    if (keys.length > 0) await run(scripts.LEAVE, names.keys(model), ...keys)
    return keys.length
  }

  /** With a grant, only a record that belongs to it. */
  async function remove(model: string, key: string, onlyOf = ''): Promise<void> {
    if (LISTED.has(model)) await Promise.all([unlist(model, [key]), run(scripts.LEAVE, names.expiry(model), key)])
    const [grant, uid, userCode] = texts(await run(scripts.REMOVE, names.record(model, key), onlyOf))
    await Promise.all([
      grant && run(scripts.LEAVE, names.grant(grant), `${model}:${key}`),
      uid && run(scripts.UNPOINT, names.by('uid', model, uid), key),
      userCode && run(scripts.UNPOINT, names.by('userCode', model, userCode), key),
    ])
  }

  return {
    async once(key, expiresAt, now) {
      return isOne(await run(scripts.ONCE, `once:${key}`, ...lifetime(expiresAt, now), now))
    },
    read,
    async readBy(index, model, digest, now) {
      const [key] = texts([await run(scripts.FOLLOW, names.by(index, model, digest))])
      const row = key === undefined ? undefined : await read(model, key, now)
      return row?.[index] === digest ? row : undefined
    },
    async write(row, now) {
      const { model, key, payload, grant = '', uid = '', userCode = '', pointer = '', consumed = '', expiresAt } = row
      const [until, milliseconds] = lifetime(expiresAt, now)
      await Promise.all([
        grant && enter(names.grant(grant), `${model}:${key}`, expiresAt, now),
        uid && run(scripts.POINT, names.by('uid', model, uid), key, milliseconds),
        userCode && run(scripts.POINT, names.by('userCode', model, userCode), key, milliseconds),
        LISTED.has(model) && list(row, now),
      ])
      const fields = Object.entries({ payload, grant, uid, userCode, pointer }).flat()
      await run(scripts.WRITE, names.record(model, key), until, milliseconds, now, consumed, ...fields)
      // Again, for somebody may have been removing the record that was there before.
      if (LISTED.has(model)) await list(row, now)
    },
    async consume(model, key, now) {
      return isOne(await run(scripts.CONSUME, names.record(model, key), now))
    },
    remove,
    async removeGrant(grant, models) {
      const members = texts(await run(scripts.MEMBERS, names.grant(grant))).filter((member) => member !== undefined)
      await Promise.all(
        members.map(async (member) => {
          const colon = member.indexOf(':')
          const model = member.slice(0, colon)
          if (models.includes(model)) await remove(model, member.slice(colon + 1), grant)
        }),
      )
    },
    async keys(model, after, limit) {
      const keys = texts(await run(scripts.PAGE, names.keys(model), after, limit)).filter((key) => key !== undefined)
      const entries: KeyedVersion[] = []
      for (let start = 0; start < keys.length; start += AT_ONCE)
        entries.push(...(await Promise.all(keys.slice(start, start + AT_ONCE).map((key) => versionOf(model, key)))))
      return entries
    },
    async rows(model, keys, now) {
      const rows = await Promise.all(keys.map((key) => read(model, key, now)))
      return rows.filter((row) => row !== undefined).map((row) => ({ ...row, version: hash('sha1', row.payload) }))
    },
    ...redisJournal(run, journalCapacity),
    async purge(now) {
      // Redis drops records by itself. Their names are left in the lists.
      let purged = 0
      for (const model of LISTED)
        for (let over = 1; over > 0; purged += over) over = await unlist(model, await enter(names.expiry(model), '', undefined, now))
      return purged
    },
  }
}

/** Commands sent at once (our choice): many more do not go through faster. */
const AT_ONCE = 1_000

/** Epoch seconds from which on a time is as good as never: the year 5138. */
const NEVER = 100_000_000_000

/** When a key's time comes, and for how many milliseconds from now Redis keeps it. Empty for good. */
function lifetime(expiresAt: number | undefined, now: number): [until: string, milliseconds: string] {
  if (expiresAt === undefined || expiresAt > NEVER) return ['', '']
  return [String(expiresAt), String(Math.ceil(Math.max(expiresAt - now + CLOCK_SKEW, 0) * 1000))]
}

function rowOf(model: string, key: string, fields: readonly (string | undefined)[]): Row | undefined {
  const [payload, until, consumed, ...names] = fields
  const [grant, uid, userCode, pointer] = names.map((name) => name || undefined)
  const expiresAt = until === '' ? undefined : Number(until)
  const consumedAt = consumed === undefined ? undefined : Number(consumed)
  if (!payload || Number.isNaN(expiresAt) || Number.isNaN(consumedAt)) return undefined
  return { model, key, payload, grant, uid, userCode, pointer, consumed: consumedAt, expiresAt }
}
