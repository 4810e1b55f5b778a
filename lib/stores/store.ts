import type { Verdict } from '../core/verdict.js'

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

/** Where a listing goes on, and what it looks for. */
export interface Paging {
  /** From 1 to 1,000. Default 50. */
  readonly limit?: number
  /** The `cursor` of the page before; in a listing of records any text, and it goes on after that in the order of their ids. */
  readonly cursor?: string | undefined
  /** Only what contains this text in any of its values, whatever the case. */
  readonly search?: string | undefined
}

/** Some of a listing, and where the next page begins; `undefined` when there is none. */
export interface Page<T> {
  readonly items: readonly T[]
  readonly cursor: string | undefined
}

/** Records of named models. */
export interface RecordStore {
  find(model: string, id: string): Promise<StoredRecord | undefined>
  findByUid(model: string, uid: string): Promise<StoredRecord | undefined>
  findByUserCode(model: string, userCode: string): Promise<StoredRecord | undefined>
  /** Writes a record whole. `expiresAt`: epoch seconds; without it the record stays. What has been consumed stays so. */
  upsert(model: string, id: string, record: StoredRecord, expiresAt: number | undefined): Promise<void>
  /** Marks a record as used and resolves whether this call did it: of simultaneous calls exactly one resolves `true`. The expiry stays. */
  consume(model: string, id: string): Promise<boolean>
  destroy(model: string, id: string): Promise<void>
  /** Destroys every record of these models that belongs to the grant. */
  revokeGrant(grantId: string, models: readonly string[]): Promise<void>
  /**
   * The records of a model whose ids are no secret (`Audit`, `Client`, `Grant`, `InitialAccess`, `Registration`), by id; ids of ASCII are in
   * the order of their bytes. Rejects with a `TypeError` for any other model.
   */
  list(model: string, paging?: Paging): Promise<Page<StoredRecord>>
}

/** What to look for in a journal: all that is given must hold. */
export interface JournalQuery extends Paging {
  /** An `x-fapi-interaction-id`. */
  readonly interaction?: string | undefined
  /** A `client_id`. */
  readonly client?: string | undefined
  /** The id of a rule that was broken. */
  readonly rule?: string | undefined
  readonly outcome?: Outcome | undefined
  /** Epoch seconds: from then on. */
  readonly from?: number | undefined
  /** Epoch seconds: until then. */
  readonly until?: number | undefined
}

/** `refused`: it was answered with an error. `broken`: rules were broken and nobody was refused (report mode, a waiver). */
export type Outcome = 'passed' | 'broken' | 'refused'

/** Which verdicts to count: all that is given must hold. */
export type TallyQuery = Omit<JournalQuery, 'limit' | 'cursor'>

/** Verdicts, counted for charts. */
export interface Tally {
  /** How many there are of each outcome. */
  readonly total: Readonly<Record<Outcome, number>>
  /** How many fell in each stretch of time in which any did, oldest first. */
  readonly buckets: readonly TallyBucket[]
  /** In how many verdicts each rule was broken, those most broken first; 100 at the most. A verdict with two rules counts for both. */
  readonly rules: readonly TallyRule[]
}

export interface TallyBucket extends Readonly<Record<Outcome, number>> {
  /** When it begins, in epoch seconds: a multiple of the bucket's length. */
  readonly from: number
}

/** In how many refused verdicts a rule was broken, and in how many that refused nobody. */
export interface TallyRule extends Readonly<Record<Exclude<Outcome, 'passed'>, number>> {
  /** The id of the rule. */
  readonly rule: string
}

/** Verdicts, for those who ask why. */
export interface Journal {
  append(verdict: Verdict): Promise<void>
  /** Newest first. */
  search(query?: JournalQuery): Promise<Page<Verdict>>
  /** Counts what `search` would find, in buckets of so many seconds. Rejects with a `TypeError` for a bucket that is no positive integer. */
  tally(query: TallyQuery, bucket: number): Promise<Tally>
}

export interface Store extends OnceStore, RecordStore, Journal {
  /** Drops what has expired, where the driver does not do so by itself, and resolves how much that was. */
  purge(): Promise<number>
}

export function outcomeOf({ rejection, violations }: Verdict): Outcome {
  if (rejection) return 'refused'
  return violations.length > 0 ? 'broken' : 'passed'
}
