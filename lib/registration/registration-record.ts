import type { OnceStore, RecordStore, StoredRecord } from '../stores/store.js'
import type { Metadata } from './metadata.js'
import type { TokenDigests } from './registration-access-tokens.js'
import { RegistrationError } from './registration-error.js'

/** Who set a field that the request did not have, or not so. */
export type SetBy = 'statement' | 'default' | 'initial access token' | 'profile' | 'server'

/** What is kept of a registration beside the client's metadata. */
export interface RegistrationRecord extends TokenDigests {
  readonly client_id: string
  /** Whether the registration has come to its end; until then it counts for a minute only. */
  readonly settled?: boolean | undefined
  /** How often it has been changed. */
  readonly revision: number
  /** Epoch seconds. */
  readonly created_at: number
  readonly updated_at: number
  /** Epoch seconds of the first token; absent until then. */
  readonly used_at?: number | undefined
  readonly software_id?: string | undefined
  readonly organisation_id?: string | undefined
  readonly statement_issuer?: string | undefined
  /** The statement it was registered with, or last updated, as it came (RFC 7591 §3.2.1). */
  readonly software_statement?: string | undefined
  /** The claims of that statement, verified when it came. */
  readonly statement_claims?: Metadata | undefined
  /** The place that it takes among those of its software. */
  readonly place?: { readonly name: string; readonly number: number } | undefined
  /** The id of the initial access token that it came with. */
  readonly initial_access_token?: string | undefined
  /** Values that the initial access token sets for good. */
  readonly forced?: Metadata | undefined
  /** The thumbprint of the certificate that it was registered with. */
  readonly certificate?: string | undefined
  /** What the server set, and by what. */
  readonly set: Readonly<Record<string, SetBy>>
  /** Why, and since when (epoch seconds), the client is not served. */
  readonly suspended?: { readonly reason: string; readonly since: number } | undefined
}

const MODEL = 'Registration'

/** The records of registrations in a store. */
export interface RegistrationRecords {
  find(clientId: string): Promise<RegistrationRecord | undefined>
  /** Keeps a new one. `expiresAt`: epoch seconds, for one that is not settled yet. */
  save(record: RegistrationRecord, expiresAt?: number): Promise<void>
  /**
   * Says that a record is about to be changed, with its client, and resolves whether that may be: of any number of processes one may, as long
   * as nobody has changed it since it was read. Who may not reads it again.
   */
  begin(record: RegistrationRecord): Promise<boolean>
  /** Keeps a change that `begin` let through, and resolves to what is kept. */
  change(record: RegistrationRecord): Promise<RegistrationRecord>
  /** Changes the newest record, again and again until nobody else does. Resolves to nothing when there is none. Rejects with a `RegistrationError`. */
  changing<T>(clientId: string, work: (record: RegistrationRecord) => Promise<T>): Promise<T | undefined>
  remove(clientId: string): Promise<void>
  /** All of them, one after the other. */
  all(): AsyncIterable<RegistrationRecord>
}

/** Seconds after which a change counts as broken off, and how often, and after how many milliseconds, it is tried again; our choice. */
const A_CHANGE = 60
const TRIES = 40
const PAUSE = 50

export function registrationRecords(store: OnceStore & Pick<RecordStore, 'find' | 'upsert' | 'destroy' | 'list'>): RegistrationRecords {
  const find = async (clientId: string) => recordOf(await store.find(MODEL, clientId))
  const save: RegistrationRecords['save'] = (record, expiresAt) => store.upsert(MODEL, record.client_id, { ...record }, expiresAt)

  async function begin({ client_id: id, revision }: RegistrationRecord): Promise<boolean> {
    const isFirst = await store.once(`registration:change ${revision + 1} ${id}`, Date.now() / 1000 + A_CHANGE)
    // Who read it long ago may find the mark forgotten, but not the revision.
    return isFirst && (await find(id))?.revision === revision
  }

  return Object.freeze<RegistrationRecords>({
    ...{ find, save, begin },
    async change(record) {
      const changed = { ...record, revision: record.revision + 1, updated_at: Math.floor(Date.now() / 1000) }
      await save(changed)
      return changed
    },
    async changing(clientId, work) {
      for (let tries = 0; tries < TRIES; tries += 1) {
        const record = await find(clientId)
        if (!record) return undefined
        if (await begin(record)) return work(record)
        await new Promise((resolve) => setTimeout(resolve, PAUSE))
      }
      throw beingChanged()
    },
    remove: (clientId) => store.destroy(MODEL, clientId),
    async *all() {
      let cursor: string | undefined
      do {
        const page = await store.list(MODEL, { limit: 200, cursor })
        for (const item of page.items) {
          const record = recordOf(item)
          if (record) yield record
        }
        cursor = page.cursor
      } while (cursor !== undefined)
    },
  })
}

/** Somebody else is at it. */
export const beingChanged = () =>
  new RegistrationError('temporarily_unavailable', 'the client is being changed by somebody else right now, try again')

/** What was kept by {@link RegistrationRecords.save}, so its shape is known. */
const recordOf = (stored: StoredRecord | undefined) => stored as RegistrationRecord | undefined
