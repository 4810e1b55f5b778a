import { createHash, randomBytes } from 'node:crypto'
import { isText, isTime } from '../core/claims.js'
import { reasonOf } from '../core/errors.js'
import type { Page, RecordStore, StoredRecord } from '../stores/store.js'
import { readableReason } from './console-error.js'
import type { Person } from './roles.js'

/** What a change was about. */
export interface Subject {
  readonly kind: 'application' | 'settings' | 'initial access token' | 'grant'
  readonly id: string
}

/** One change, and who made it. */
export interface AuditEntry {
  readonly id: string
  /** Epoch seconds. */
  readonly at: number
  readonly by: string
  /** What was done: a verb and its object. */
  readonly action: string
  readonly subject: Subject
  /** `begun` is what stays when nobody could write down how it ended. */
  readonly outcome: 'begun' | 'done' | 'failed'
  /** What changed, or why it failed. Never a secret. */
  readonly detail?: unknown
}

export interface AuditQuery {
  /** Entries about this alone. */
  readonly subject?: Subject | undefined
  /** From 1 to 1,000. Default 50. */
  readonly limit?: number
  readonly cursor?: string | undefined
}

/** What has been changed through the console: entries are added, and none is ever changed but to say how it ended, or removed. */
export interface AuditTrail {
  /**
   * Does what is to be written down. It is written down first, so that nothing is done that nobody could; `detailOf` says what changed, of
   * what came of it.
   */
  record<T>(by: Person, action: string, subject: Subject, work: () => Promise<T>, detailOf?: (result: T) => unknown): Promise<T>
  /** Newest first. */
  list(query?: AuditQuery): Promise<Page<AuditEntry>>
}

const MODEL = 'Audit'

/** Milliseconds to count down from, so that the newest comes first where ids go up: the year 5138. */
const LAST = 100_000_000_000_000

/** Entries are found under all, and under their subject. */
const ALL = 'all'

/** A name that was cut in the middle of a character is one all the same. */
function shelfOf({ kind, id }: Subject): string {
  const name = encodeURIComponent(Buffer.from(id).toString())
  return `${kind.replaceAll(' ', '-')}:${name.length > LONGEST ? createHash('sha256').update(id).digest('hex') : name}`
}

/** Entries of one millisecond that are told apart by their order. */
const MOST_AT_ONCE = 1_000_000

export function auditTrail(store: Pick<RecordStore, 'upsert' | 'list'>): AuditTrail {
  let count = 0

  async function write(entry: AuditEntry): Promise<void> {
    for (const shelf of [ALL, shelfOf(entry.subject)]) await store.upsert(MODEL, `${shelf} ${entry.id}`, { ...entry, shelf }, undefined)
  }

  return Object.freeze<AuditTrail>({
    async record(by, action, subject, work, detailOf = () => undefined) {
      const now = Date.now()
      count = (count + 1) % MOST_AT_ONCE
      const id = [digits(LAST - now, 15), digits(MOST_AT_ONCE - count, 7), randomBytes(6).toString('hex')].join('-')
      const entry = { id, at: now / 1000, by: by.id, action, subject, outcome: 'begun' } as const
      await write(entry)
      const end = async (outcome: 'done' | 'failed', detail: unknown) =>
        write({ ...entry, outcome, ...(detail !== undefined && { detail }) }).catch((cause) =>
          process.emitWarning(`how a change ended could not be written down: ${reasonOf(cause)}`, { code: 'FAPI_CONSOLE_AUDIT' }),
        )
      const begun = async () => work()
      const result = await begun().catch(async (cause: unknown) => {
        await end('failed', readableReason(cause))
        throw cause
      })
      await end(
        'done',
        detailed(() => detailOf(result)),
      )
      return result
    },
    async list({ subject, limit = 50, cursor } = {}) {
      const shelf = subject ? shelfOf(subject) : ALL
      const isOn = (after: string | undefined) => after?.startsWith(`${shelf} `) === true
      const page = await store.list(MODEL, { limit, cursor: isOn(cursor) ? cursor : `${shelf} ` })
      const items = page.items.filter((item) => item.shelf === shelf)
      return { items: items.flatMap(entryOf), cursor: items.length === page.items.length && isOn(page.cursor) ? page.cursor : undefined }
    },
  })
}

/** Characters, our choice: databases have limits for what they look up. */
const LONGEST = 300

const digits = (value: number, count: number) => String(value).padStart(count, '0')

/** What was done is done, also where it cannot be put into words. */
function detailed(detailOf: () => unknown): unknown {
  try {
    return detailOf()
  } catch (cause) {
    process.emitWarning(`what a change did could not be written down: ${reasonOf(cause)}`, { code: 'FAPI_CONSOLE_AUDIT' })
    return undefined
  }
}

/** What was kept by `record`; what is none is left out. */
function entryOf({ id, at, by, action, subject, outcome, detail }: StoredRecord): AuditEntry[] {
  if (!isText(id) || !isText(by) || !isText(action) || typeof at !== 'number' || !isTime(Math.floor(at)) || !isSubject(subject)) return []
  const known = outcome === 'done' || outcome === 'failed' ? outcome : 'begun'
  return [{ id, at, by, action, subject, outcome: known, ...(detail !== undefined && { detail }) }]
}

const isSubject = (value: unknown): value is Subject =>
  typeof value === 'object' && value !== null && isText(Reflect.get(value, 'kind')) && isText(Reflect.get(value, 'id'))
