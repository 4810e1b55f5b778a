/** A store of things that happen once. Guards of the suite take any object of this shape. */
export interface OnceStore {
  /**
   * Remembers `key` until `expiresAt` (epoch seconds) and resolves whether it was new. Must be atomic: of any number of
   * simultaneous calls with one key, exactly one resolves `true`. A key that cannot be remembered must reject.
   */
  once(key: string, expiresAt: number): Promise<boolean>
}

/** A record as node-oidc-provider's models have it: JSON, with what is looked up by name. */
export interface StoredRecord {
  readonly [field: string]: unknown
  readonly grantId?: string | undefined
  readonly uid?: string | undefined
  readonly userCode?: string | undefined
  /** Epoch seconds at which it was used up. */
  readonly consumed?: number | undefined
}

/** Records of named models. */
export interface RecordStore {
  find(model: string, id: string): Promise<StoredRecord | undefined>
  findByUid(model: string, uid: string): Promise<StoredRecord | undefined>
  findByUserCode(model: string, userCode: string): Promise<StoredRecord | undefined>
  /** Writes a record whole. `expiresAt`: epoch seconds; without it the record stays. */
  upsert(model: string, id: string, record: StoredRecord, expiresAt: number | undefined): Promise<void>
  /** Marks a record as used and resolves whether this call did it: of simultaneous calls exactly one resolves `true`. The expiry stays. */
  consume(model: string, id: string): Promise<boolean>
  destroy(model: string, id: string): Promise<void>
  /** Destroys every record of these models that belongs to the grant. */
  revokeGrant(grantId: string, models: readonly string[]): Promise<void>
}

export interface Store extends OnceStore, RecordStore {}
