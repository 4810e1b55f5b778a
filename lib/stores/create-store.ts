import { type Driver, LISTED, type Row } from './driver.js'
import { lister } from './listing.js'
import { reportUnreadable } from './remote.js'
import { digest, type Seal, sealedBy } from './seal.js'
import type { Paging, Store, StoredRecord } from './store.js'

export interface StoreOptions {
  /** Encrypts what is kept: `keyRing([...])`. Records found by a secret are sealed by that secret in any case. */
  readonly encryption?: Seal
}

/** Makes a store of a driver: ids become digests, records are sealed, and what cannot be read any more is reported and read as absent. */
export function createStore(driver: Driver, { encryption }: StoreOptions = {}): Store {
  const now = () => Date.now() / 1000
  const keyOf = (model: string, id: string) => (LISTED.has(model) ? id : digest(model, id))

  function close(model: string, id: string, record: StoredRecord): string {
    const { consumed: _consumed, ...kept } = record
    const text = LISTED.has(model) ? JSON.stringify(kept) : sealedBy(id).close(JSON.stringify(kept), model)
    return encryption ? encryption.close(text, `${model} ${keyOf(model, id)}`) : text
  }

  /** What cannot be read is reported, without what a parser or a cipher says of it: that may quote it. */
  function readable<T>(model: string, read: () => T): T | undefined {
    try {
      return read()
    } catch {
      reportUnreadable(`a ${model} record`)
      return undefined
    }
  }

  const open = ({ model, key, payload, consumed }: Row, id: string): StoredRecord | undefined =>
    readable(model, () => {
      const text = encryption ? encryption.open(payload, `${model} ${key}`) : payload
      const record: unknown = JSON.parse(LISTED.has(model) ? text : sealedBy(id).open(text, model))
      if (typeof record !== 'object' || record === null) throw new TypeError('not a record')
      return consumed === undefined ? { ...record } : { ...record, consumed }
    })

  async function findBy(index: 'uid' | 'userCode', model: string, by: string): Promise<StoredRecord | undefined> {
    const row = await driver.readBy(index, model, digest(model, by), now())
    const { pointer } = row ?? {}
    const id = pointer === undefined ? undefined : readable(model, () => sealedBy(by).open(pointer, model))
    return row && id !== undefined ? open(row, id) : undefined
  }

  const list = lister(driver, (row) => open(row, row.key), now)

  return Object.freeze<Store>({
    async once(key, expiresAt) {
      insistOnTime(expiresAt)
      return driver.once(digest('once', key), expiresAt, now())
    },
    async find(model, id) {
      const row = await driver.read(model, keyOf(model, id), now())
      return row && open(row, id)
    },
    findByUid: (model, uid) => findBy('uid', model, uid),
    findByUserCode: (model, userCode) => findBy('userCode', model, userCode),
    async upsert(model, id, record, expiresAt) {
      if (expiresAt !== undefined) insistOnTime(expiresAt)
      const { grantId, uid, userCode, consumed } = record
      const by = uid ?? userCode
      await driver.write(
        {
          ...{ model, key: keyOf(model, id), payload: close(model, id, record), consumed, expiresAt },
          grant: grantId && digest('grant', grantId),
          uid: uid && digest(model, uid),
          userCode: userCode && digest(model, userCode),
          // A session is found by its uid and sealed by its id: so the id lies beside, sealed by the uid.
          pointer: by && sealedBy(by).close(id, model),
        },
        now(),
      )
    },
    consume: (model, id) => driver.consume(model, keyOf(model, id), now()),
    destroy: (model, id) => driver.remove(model, keyOf(model, id)),
    revokeGrant: (grantId, models) => driver.removeGrant(digest('grant', grantId), models),
    async list(model, paging = {}) {
      if (!LISTED.has(model)) throw new TypeError(`${model} records cannot be listed: their ids are secrets`)
      return list(model, { cursor: paging.cursor ?? '', ...settled(paging) })
    },
    append: (verdict) => driver.append(verdict),
    search: (query = {}) => driver.search({ ...query, ...settled(query) }),
    async tally({ interaction, client, rule, outcome, from, until, search }, bucket) {
      if (!Number.isSafeInteger(bucket) || bucket < 1) throw new TypeError('bucket must be a positive integer of seconds')
      return driver.tally({ interaction, client, rule, outcome, from, until, search: folded(search) }, bucket)
    },
    purge: () => driver.purge(now()),
  })
}

/** What has no time to be forgotten at cannot be remembered: infinity would stay for ever. */
function insistOnTime(expiresAt: number): void {
  if (!Number.isFinite(expiresAt)) throw new TypeError('expiresAt must be a time in epoch seconds')
}

const settled = ({ limit = 50, search }: Paging) => {
  if (!Number.isInteger(limit) || limit < 1 || limit > 1000) throw new TypeError('limit must be an integer from 1 to 1000')
  return { limit, search: folded(search) }
}

/** Nothing to look for is no search. */
const folded = (search: string | undefined) => search?.toLowerCase() || undefined
