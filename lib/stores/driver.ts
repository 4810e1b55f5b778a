import type { Journal } from './store.js'

/** A record as it lies in a database: nothing in it opens anything. */
export interface Row {
  readonly model: string
  /** The digest of the record's id; for models that can be listed, the id itself. */
  readonly key: string
  /** The sealed record. */
  readonly payload: string
  /** Digests of what else it is found by. */
  readonly grant: string | undefined
  readonly uid: string | undefined
  readonly userCode: string | undefined
  /** The record's id, sealed by the uid or user code it is found by. */
  readonly pointer: string | undefined
  /** Epoch seconds. */
  readonly consumed: number | undefined
  /** Epoch seconds; `undefined` for good. */
  readonly expiresAt: number | undefined
}

/** What a database has to do for a store. All of it is about digests and sealed text; `now` is epoch seconds by the caller's clock. */
export interface Driver extends Journal {
  /** Atomic: of simultaneous calls with one key exactly one resolves `true`. A key whose time has come is new again. */
  once(key: string, expiresAt: number, now: number): Promise<boolean>
  read(model: string, key: string, now: number): Promise<Row | undefined>
  readBy(index: 'uid' | 'userCode', model: string, digest: string, now: number): Promise<Row | undefined>
  /** Writes a row whole, except that a row once consumed stays consumed. */
  write(row: Row, now: number): Promise<void>
  /** Atomic: of simultaneous calls exactly one resolves `true`. A row that is not there, or no more, is nobody's. */
  consume(model: string, key: string, now: number): Promise<boolean>
  remove(model: string, key: string): Promise<void>
  removeGrant(grant: string, models: readonly string[]): Promise<void>
  /** Rows of a model in the order of their keys, those after `after`, `limit` at the most. */
  page(model: string, after: string, limit: number, now: number): Promise<readonly Row[]>
  purge(now: number): Promise<number>
}

/** Models whose ids are no secrets: they may be listed, and are kept readable unless there is a key ring. What is secret in them lies there as a digest. */
export const LISTED: ReadonlySet<string> = new Set(['Client', 'Grant', 'InitialAccess', 'Registration'])
