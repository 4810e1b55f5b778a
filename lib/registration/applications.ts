import { isSuspended } from '../readers/client-metadata.js'
import type { Page, Paging } from '../stores/store.js'
import type { Assessment } from './assess.js'
import type { Engine } from './engine.js'
import { enrol } from './enrol.js'
import { insistOnDepth, verifyWith } from './incoming.js'
import type { Metadata } from './metadata.js'
import { newClientId } from './new-client-id.js'
import { newToken } from './registration-access-tokens.js'
import { RegistrationError } from './registration-error.js'
import { beingChanged, type RegistrationRecord } from './registration-record.js'
import { consider, newSecret, type Settled, settle } from './settled-metadata.js'

/** A client, and what is kept of its registration; nothing for one that the server got to know in another way. */
export interface Application {
  readonly metadata: Metadata
  readonly record: RegistrationRecord | undefined
}

/** What somebody thinks of registering. */
export interface Draft {
  readonly metadata: Metadata
  /** The client that it would replace. */
  readonly clientId?: string | undefined
  /** A software statement as it came: verified, and marked as used by nobody. */
  readonly statement?: string | undefined
  /** Whether what the client publishes (`jwks_uri`, `sector_identifier_uri`) is read too. */
  readonly published?: boolean
}

/** What would come of a draft. */
export interface Outlook extends Omit<Assessment, 'recorded' | 'client'> {
  /** The claims of its software statement. */
  readonly statement: Metadata | undefined
}

/** What the operator does with clients, who needs none of their tokens. All of it is judged as if they registered themselves. */
export interface Applications {
  /** By their ids. Absent where the server cannot list its clients. */
  readonly list: ((paging?: Paging) => Promise<Page<Metadata>>) | undefined
  find(clientId: string): Promise<Application | undefined>
  /** What would come of a draft; nothing is kept or recorded. Rejects with a `RegistrationError` when its statement does not hold, or there is no such client. */
  consider(draft: Draft): Promise<Outlook>
  /** Registers a client, under an id of {@link newClientId} where somebody has written that down already. Rejects with a `RegistrationError`; then nothing is left of it. */
  create(metadata: Metadata, clientId?: string): Promise<Application>
  /**
   * Replaces the metadata of a client whole, its profile among them. `revision`: that of the record it was read with, 0 where there was none.
   * Rejects with a `RegistrationError`, `stale_revision` where somebody has changed it meanwhile. `undefined` when there is no such client.
   */
  change(clientId: string, metadata: Metadata, revision: number): Promise<Application | undefined>
  /** Gives a client that has a secret another one, which stands in the metadata it resolves to; the one before ends now. Rejects as `change` does. */
  renewSecret(clientId: string, revision: number): Promise<Application | undefined>
  /** Gives a client that the server got to know in another way a record, so that it can be suspended and removed. Resolves whether there is such a client. */
  adopt(clientId: string): Promise<boolean>
}

/** What an ask of the operator has, whatever it is about. */
const BY_OPERATOR = { subject: undefined, forced: undefined, profile: undefined, byOperator: true } as const

export function applications(engine: Engine): Applications {
  const { setup, records, settings: kept } = engine
  const { clients } = setup

  async function find(clientId: string): Promise<Application | undefined> {
    // In this order: who reads while somebody changes it may hold an old revision of new metadata, and never the other way round.
    const record = await records.find(clientId)
    const metadata = await clients.find(clientId)
    // Until a registration has come to its end there is no client.
    return metadata && (!record || record.settled) ? { metadata, record } : undefined
  }

  return Object.freeze<Applications>({
    list: clients.list && ((paging) => clients.list?.(paging) ?? Promise.reject(new TypeError('the clients cannot be listed any more'))),
    find,
    async consider({ metadata, clientId, statement: compact, published = false }) {
      insistOnDepth(metadata)
      const settings = await kept.read()
      const current = clientId === undefined ? undefined : await find(clientId)
      if (clientId !== undefined && !current) throw new RegistrationError('invalid_request', 'there is no such client')
      const statement = compact === undefined ? undefined : await verifyWith(engine, settings, compact, Date.now() / 1000)
      const claims = statement?.claims ?? current?.record?.statement_claims
      const ask = { ...BY_OPERATOR, clientId: clientId ?? 'not registered yet', settings, current: current?.metadata, statement: claims }
      const { client: _client, ...outlook } = await consider(engine, { ...ask, requested: metadata }, { published })
      return { ...outlook, statement: claims }
    },
    async create(requested, clientId = newClientId()) {
      insistOnDepth(requested)
      const settings = await kept.read()
      const ask = { ...BY_OPERATOR, clientId, settings, current: undefined, statement: undefined }
      const { metadata, set } = await settle(engine, { ...ask, requested })
      const record = { ...newRecord(clientId), settled: false, set }
      const enrolled = await enrol(engine, { record, metadata, initial: undefined, marks: [], stillAllowed: async () => undefined })
      if ('existing' in enrolled) throw beingChanged()
      return { metadata: enrolled.metadata, record: await records.find(clientId) }
    },
    change(clientId, requested, revision) {
      insistOnDepth(requested)
      return replaced(clientId, revision, async ({ metadata: current, record }) => {
        const settings = await kept.read()
        const ask = { ...BY_OPERATOR, clientId, settings, current, statement: record?.statement_claims }
        return settle(engine, { ...ask, requested })
      })
    },
    renewSecret(clientId, revision) {
      return replaced(clientId, revision, async ({ metadata, record }) => {
        if (metadata.client_secret === undefined) throw new RegistrationError('invalid_request', 'the client has no secret to renew')
        return { metadata: { ...metadata, client_secret: newSecret() }, set: record?.set ?? {} }
      })
    },
    async adopt(clientId) {
      const found = await find(clientId)
      if (found && !found.record) await adopt(newRecord(clientId))
      return found !== undefined
    },
  })

  /** Replaces what is kept of a client with what `settled` makes of it, unless somebody else does so meanwhile. */
  async function replaced(
    clientId: string,
    revision: number,
    settled: (found: Application) => Promise<Settled>,
  ): Promise<Application | undefined> {
    const found = await find(clientId)
    if (!found) return undefined
    if ((found.record?.revision ?? 0) !== revision) throw stale()
    const { metadata, set } = await settled(found)
    const before = found.record ?? newRecord(clientId)
    if (!found.record) await adopt(before)
    // What was judged is what is changed: nobody has suspended, changed or deleted the client since.
    if (!(await records.begin(before))) throw stale()
    const standing = isSuspended(found.metadata) ? { client_status: 'suspended' } : {}
    try {
      const inForce = (await clients.save(clientId, { ...metadata, ...standing })) ?? metadata
      return { metadata: inForce, record: await records.change({ ...before, set }) }
    } catch (error) {
      await records.change(before)
      throw error
    }
  }

  /** A client that the server got to know in another way has a record from its first change on. */
  async function adopt(record: RegistrationRecord): Promise<void> {
    // Of any number of processes one does: another that is slow would put it back over what has changed since.
    if (!(await setup.store.once(`registration:adopt ${record.client_id}`, Date.now() / 1000 + ADOPTED_WITHIN))) throw stale()
    if (!(await records.find(record.client_id))) await records.save(record)
  }
}

/** Seconds, our choice: who takes longer to give a client its first record has died in the middle of it. */
const ADOPTED_WITHIN = 60

/** The record of a client that nobody has a registration access token for: lost tokens are recovered with its key. */
function newRecord(clientId: string): RegistrationRecord {
  const now = Math.floor(Date.now() / 1000)
  return { client_id: clientId, settled: true, revision: 0, created_at: now, updated_at: now, set: {}, ...newToken().digest }
}

const stale = () => new RegistrationError('stale_revision', 'somebody has changed the client meanwhile: read it again, and change it then')
