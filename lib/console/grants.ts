import { isText, isTime } from '../core/claims.js'
import { GRANT_MODELS } from '../stores/grant-models.js'
import type { Page, RecordStore, StoredRecord } from '../stores/store.js'
import { invalid } from './console-error.js'

/** What somebody has allowed a client, without anything secret. */
export interface GrantView {
  readonly id: string
  /** `sub` as the server knows it. */
  readonly user: string | undefined
  /** `client_id`. */
  readonly client: string | undefined
  /** What was granted and not refused: of OpenID Connect, and of each resource by its indicator (RFC 8707). */
  readonly scopes: { readonly openid: readonly string[]; readonly resources: Readonly<Record<string, readonly string[]>> }
  /** The names of claims, never their values. */
  readonly claims: readonly string[]
  /** The types of rich authorization requests (RFC 9396), never what is in them. */
  readonly authorization_details: readonly string[]
  /** Epoch seconds. */
  readonly issued_at: number | undefined
  /** Epoch seconds. */
  readonly expires_at: number | undefined
}

/** Whose grants: of one user, of one client, or of both. The values are compared letter by letter. */
export interface GrantFilter {
  readonly user?: string | undefined
  readonly client?: string | undefined
}

export interface GrantQuery extends GrantFilter {
  /** The `cursor` of the page before. */
  readonly cursor?: string | undefined
  /** From 1 to 1,000. Default 50. */
  readonly limit?: number | undefined
}

/** The grants in a store. Each function rejects with a `ConsoleError` for what makes no sense. */
export interface Grants {
  /** In the order of their ids, each once however many come or go meanwhile. */
  list(query?: GrantQuery): Promise<Page<GrantView>>
  /**
   * Takes a grant back with its codes and tokens, and resolves whether it was there; of simultaneous calls several may say so. One
   * that was cut short is to be called again. A JWT access token that APIs check by themselves lives on until it expires.
   */
  revoke(id: string): Promise<boolean>
  /** Takes back all of somebody's grants, and resolves how many. At least one of `user` and `client` must be given. What is granted meanwhile may stay. */
  revokeAll(filter: GrantFilter): Promise<number>
}

/** Records read at once, our choice: as many as a store gives. */
const CHUNK = 1000
/** Characters of a user, client or grant id; our choice. */
const LONGEST = 2048

/** The grants that `storage(store)` keeps for node-oidc-provider, to look at and to take back. */
export function grants(store: Pick<RecordStore, 'find' | 'list' | 'revokeGrant' | 'destroy'>): Grants {
  async function list({ cursor, limit = 50, ...given }: GrantQuery = {}): Promise<Page<GrantView>> {
    const filter = settled(given)
    if (!Number.isInteger(limit) || limit < 1 || limit > CHUNK) throw invalid(`limit must be an integer from 1 to ${CHUNK}`)
    const search = filter.user ?? filter.client
    const found: GrantView[] = []
    // The store looks for a text anywhere in a record, so its pages are not ours.
    for (let after = cursor, size = Math.min(limit + 1, CHUNK); ; size = CHUNK) {
      const chunk = await store.list('Grant', { search, cursor: after, limit: size })
      for (const grant of viewsOf(chunk.items)) {
        if (!isOf(grant, filter)) continue
        if (found.length === limit) return { items: found, cursor: found.at(-1)?.id }
        found.push(grant)
      }
      if (chunk.cursor === undefined) return { items: found, cursor: undefined }
      after = chunk.cursor
    }
  }

  async function revoke(id: string): Promise<boolean> {
    if (!isText(id) || id.length > LONGEST) throw invalid(`the id of a grant must be a text of at most ${LONGEST} characters`)
    const isThere = (await store.find('Grant', id)) !== undefined
    // The grant goes after its tokens, so that what is cut short is still listed. Without it the provider takes no token any more:
    // a refresh that was under way has nothing left to use, and what it wrote goes as well.
    await store.revokeGrant(id, GRANT_MODELS)
    await store.destroy('Grant', id)
    await store.revokeGrant(id, GRANT_MODELS)
    return isThere
  }

  return Object.freeze<Grants>({
    list,
    revoke,
    async revokeAll(given) {
      const filter = settled(given)
      if (filter.user === undefined && filter.client === undefined)
        throw invalid('user or client must be given: nobody takes back all there is')
      let count = 0
      let cursor: string | undefined
      do {
        const page = await list({ ...filter, cursor, limit: CHUNK })
        for (const { id } of page.items) if (await revoke(id)) count += 1
        cursor = page.cursor
      } while (cursor !== undefined)
      return count
    },
  })
}

/** Absent means any; an empty text would mean any without saying so. */
function settled({ user, client }: GrantFilter): GrantFilter {
  for (const [name, value] of Object.entries({ user, client }))
    if (value !== undefined && !(isText(value) && value.length <= LONGEST))
      throw invalid(`${name} must be a text of 1 to ${LONGEST} characters`)
  return { user, client }
}

const isOf = (grant: GrantView, { user, client }: GrantFilter) =>
  (user === undefined || grant.user === user) && (client === undefined || grant.client === client)

const viewsOf = (records: readonly StoredRecord[]) => records.flatMap((record) => viewOf(record) ?? [])

function viewOf(record: StoredRecord): GrantView | undefined {
  const { jti, accountId, clientId, iat, exp, rar } = record
  if (!isText(jti)) return undefined
  const [granted, refused] = [allowedIn(record), allowedIn(fieldsOf(record.rejected))]
  const without = (all: readonly string[], some: readonly string[] = []) => Object.freeze(all.filter((one) => !some.includes(one)))
  return Object.freeze({
    id: jti,
    user: textOf(accountId),
    client: textOf(clientId),
    scopes: Object.freeze({
      // OpenID Connect without its own scope is none: the provider lets nobody refuse it.
      openid: without(
        granted.openid,
        refused.openid.filter((scope) => scope !== 'openid'),
      ),
      resources: Object.freeze(
        Object.fromEntries(
          granted.resources.map(([resource, scopes]) => [resource, without(scopes, new Map(refused.resources).get(resource))]),
        ),
      ),
    }),
    claims: without(granted.claims, refused.claims),
    authorization_details: Object.freeze([...new Set(listOf(rar).map((detail) => textOf(fieldsOf(detail).type) ?? 'unknown'))]),
    issued_at: timeOf(iat),
    expires_at: timeOf(exp),
  })
}

/** What a grant says that was granted, or refused. */
function allowedIn({ openid, resources }: Readonly<Record<string, unknown>>) {
  const { scope, claims } = fieldsOf(openid)
  return {
    openid: wordsOf(scope),
    claims: listOf(claims).filter(isText),
    resources: Object.entries(fieldsOf(resources)).map(([resource, scopes]) => [resource, wordsOf(scopes)] as const),
  }
}

const fieldsOf = (value: unknown): Readonly<Record<string, unknown>> => (typeof value === 'object' && value !== null ? { ...value } : {})
const listOf = (value: unknown): readonly unknown[] => (Array.isArray(value) ? value : [])
const wordsOf = (value: unknown): readonly string[] => (isText(value) ? value.split(' ').filter(isText) : [])
const textOf = (value: unknown) => (isText(value) ? value : undefined)
const timeOf = (value: unknown) => (isTime(value) ? value : undefined)
