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

/** A row's key, and what is another whenever its payload is: what was read of a version need not be read again. */
export interface KeyedVersion {
  readonly key: string
  /** `undefined` when it cannot be said. */
  readonly version: string | undefined
}

export type VersionedRow = Row & KeyedVersion

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
  /**
   * The keys of a model's rows in their order, those after `after` (any text), `limit` at the most: fewer say that there are no more.
   * Rows that are over may be among them.
   */
  keys(model: string, after: string, limit: number, now: number): Promise<readonly KeyedVersion[]>
  /** The rows of these keys, in the order of the keys; those that are not there, or no more, are left out. */
  rows(model: string, keys: readonly string[], now: number): Promise<readonly VersionedRow[]>
  purge(now: number): Promise<number>
}

/** Models whose ids are no secrets: they may be listed, and are kept readable unless there is a key ring. What is secret in them lies there as a digest. */
export const LISTED: ReadonlySet<string> = new Set(['Audit', 'Client', 'Grant', 'InitialAccess', 'Registration'])
