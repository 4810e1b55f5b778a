import { randomBytes } from 'node:crypto'
import { isText, isTime } from '../core/claims.js'
import type { Page, Paging, RecordStore, StoredRecord } from '../stores/store.js'
import { type InitialAccessOptions, insistOnOptions } from './initial-access-options.js'
import type { Metadata } from './metadata.js'
import { type Places, places } from './places.js'
import { RegistrationError } from './registration-error.js'
import { digestOf, isSameDigest } from './secret-digest.js'

/** An initial access token (RFC 7591 §3), without what opens anything. */
export interface InitialAccess {
  /** No secret: the part of the token before the dot. */
  readonly id: string
  readonly label?: string | undefined
  readonly issued_by?: string | undefined
  /** Epoch seconds. */
  readonly issued_at: number
  readonly expires_at?: number | undefined
  readonly revoked_at?: number | undefined
  readonly profile?: string | undefined
  readonly metadata?: Metadata | undefined
  readonly uses?: number | undefined
  readonly software_id?: string | undefined
}

/** Initial access tokens: who has one may register clients, as many and such as the token says. */
export interface InitialAccessTokens {
  /** Makes a token, which is shown this once. Rejects with a `RegistrationError` (`invalid_request`) that names what is wrong. */
  issue(options?: InitialAccessOptions): Promise<{ readonly token: string; readonly record: InitialAccess }>
  /**
   * The record of a token that is good at `now` (epoch seconds). Rejects with a `RegistrationError` (`invalid_token`), whose `detail` tells
   * the operator, and nobody else, why it is not.
   */
  check(token: string, now: number): Promise<InitialAccess>
  /** Takes one of its uses for two minutes. `holder` is whoever registers. Rejects with a `RegistrationError` (`invalid_token`) when there is none left. */
  takeUse(record: InitialAccess, holder: string): Promise<void>
  /** Uses it up for good. Rejects with a `RegistrationError` (`temporarily_unavailable`) when it has been given to somebody else meanwhile. */
  keepUse(record: InitialAccess, holder: string): Promise<void>
  /** Gives a use back, if the holder has one. */
  freeUse(record: InitialAccess, holder: string): Promise<void>
  find(id: string): Promise<InitialAccess | undefined>
  /** In the order of their ids. */
  list(paging?: Paging): Promise<Page<InitialAccess>>
  /** Ends a token, and resolves whether there was one to end. */
  revoke(id: string): Promise<boolean>
}

const MODEL = 'InitialAccess'

/** Octets of id and secret, our choice: 128 bits that nobody guesses by accident, and 256 that nobody guesses at all. */
const ID_OCTETS = 16
const SECRET_OCTETS = 32

/** Seconds for which a use is held while a client is being registered, our choice. */
const HELD_FOR = 120

/** Seconds for which the operator finds a token that has expired or was revoked, our choice: 30 days. */
const KEPT_FOR = 2_592_000

/** What an unknown id is compared with. */
const NO_DIGEST = 'A'.repeat(43)

/** Keeps initial access tokens in a store, as digests. `profiles`: those that a token may name; any when not given. */
export function initialAccessTokens(
  store: Pick<RecordStore, 'find' | 'upsert' | 'consume' | 'list'>,
  { profiles }: { readonly profiles?: readonly string[] } = {},
): InitialAccessTokens {
  const uses = usesOf(places(store))

  return Object.freeze<InitialAccessTokens>({
    async issue(options = {}) {
      insistOnOptions(options, profiles)
      const { label, issuedBy, profile, metadata, uses: limit, expiresIn, software_id } = options
      const id = randomBytes(ID_OCTETS).toString('base64url')
      const secret = randomBytes(SECRET_OCTETS).toString('base64url')
      const issued_at = Math.floor(Date.now() / 1000)
      const expires_at = expiresIn === undefined ? undefined : issued_at + expiresIn
      // As JSON has it, which is how it is stored, and a copy of what belongs to the caller.
      const record: InitialAccess = JSON.parse(
        JSON.stringify({ id, label, issued_by: issuedBy, issued_at, expires_at, profile, metadata, uses: limit, software_id }),
      )
      await store.upsert(MODEL, id, { ...record, secret_digest: digestOf(secret) }, expires_at && expires_at + KEPT_FOR)
      return { token: `${id}.${secret}`, record }
    },
    async check(token, now) {
      const [, id = '', secret = ''] = SHAPE.exec(token) ?? []
      const stored = await store.find(MODEL, id)
      const kept = isText(stored?.secret_digest) ? stored.secret_digest : NO_DIGEST
      const isRight = isSameDigest(digestOf(secret), kept)
      const record = stored && recordOf(stored)
      if (!record || !isRight) throw refused(record ? `the secret of ${id} is wrong` : 'there is no such token')
      const { expires_at, revoked_at } = record
      if (revoked_at !== undefined) throw refused(`${id} was revoked`)
      if (expires_at !== undefined && !(now < expires_at)) throw refused(`${id} has expired`)
      return record
    },
    ...uses,
    async find(id) {
      const stored = await store.find(MODEL, id)
      return stored && recordOf(stored)
    },
    async list(paging) {
      const { items, cursor } = await store.list(MODEL, paging)
      return { items: items.flatMap((item) => recordOf(item) ?? []), cursor }
    },
    async revoke(id) {
      const stored = await store.find(MODEL, id)
      if (!stored || stored.revoked_at !== undefined) return false
      const revoked_at = Math.floor(Date.now() / 1000)
      await store.upsert(MODEL, id, { ...stored, revoked_at }, revoked_at + KEPT_FOR)
      return true
    },
  })
}

/** What an initial access token looks like. */
const SHAPE = /^([\w-]{22})\.([\w-]{43})$/

/** Uses are places of the token's id. Which one a holder has is remembered while it registers: elsewhere nobody asks for it. */
function usesOf(places: Places): Pick<InitialAccessTokens, 'takeUse' | 'keepUse' | 'freeUse'> {
  const held = new Map<string, { readonly place: number; readonly until: number }>()
  const nameOf = (id: string) => `initial access ${id}`
  const keyOf = (id: string, holder: string) => `${id} ${holder}`

  function forget(now: number): void {
    for (const [key, { until }] of held) {
      if (until > now) break
      held.delete(key)
    }
  }

  return {
    async takeUse({ id, uses }, holder) {
      if (uses === undefined) return
      const place = await places.take(nameOf(id), uses, holder, HELD_FOR)
      if (place === undefined) throw refused(`${id} is used up`)
      const now = Date.now() / 1000
      forget(now)
      held.set(keyOf(id, holder), { place, until: now + 2 * HELD_FOR })
    },
    async keepUse({ id, uses }, holder) {
      if (uses === undefined) return
      const use = held.get(keyOf(id, holder))
      if (use === undefined || !(await places.keep(nameOf(id), use.place, holder)))
        throw new RegistrationError('temporarily_unavailable', 'the registration took too long, try again')
    },
    async freeUse({ id }, holder) {
      const use = held.get(keyOf(id, holder))
      if (use === undefined) return
      await places.free(nameOf(id), use.place, holder)
      held.delete(keyOf(id, holder))
    },
  }
}

/** The same whatever is wrong with it: who tries tokens learns nothing. */
const refused = (detail: string) =>
  new RegistrationError('invalid_token', 'the initial access token does not hold', detail, 'initial-access-token')

/** What a stored record says; `undefined` for one that is none. */
function recordOf({ secret_digest: _digest, consumed: _consumed, ...record }: StoredRecord): InitialAccess | undefined {
  const { id, issued_at, ...rest } = record
  return isText(id) && isTime(issued_at) ? Object.freeze({ ...rest, id, issued_at }) : undefined
}
