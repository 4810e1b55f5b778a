import express, { type Request, type Response } from 'express'
import { isText, urlOf } from '../core/claims.js'
import { reasonOf } from '../core/errors.js'
import type { Paging } from '../stores/store.js'
import { ApiError } from './api-error.js'

/** Says who a request is from, by name; `undefined` for who may not. */
export type Authorize = (req: Request) => Authorized | undefined | Promise<Authorized | undefined>

export interface Authorized {
  readonly name: string
}

/** Characters of a name, our choice. */
const LONGEST_NAME = 200

/** Who asks. Throws an `ApiError` for who may not, and when that cannot be found out. */
export async function whoAsks(authorize: Authorize, req: Request): Promise<string> {
  const denied = new ApiError(403, 'access_denied', 'this is not for you')
  try {
    const who = await authorize(req)
    if (who === undefined) throw denied
    if (!isText(who.name) || who.name.length > LONGEST_NAME)
      throw new TypeError(`authorize must name who asks, in at most ${LONGEST_NAME} characters`)
    return who.name
  } catch (cause) {
    if (cause !== denied)
      process.emitWarning(`it could not be decided who uses the settings API: ${reasonOf(cause)}`, { code: 'FAPI_SETTINGS_API' })
    throw denied
  }
}

/**
 * Throws an `ApiError` for what a browser sends from another site's page: it comes with the cookies of whoever looks at that page.
 * `origins` are those that pages of the server have; its Host header says it when there are none.
 */
export function insistOnOwnPages(req: Request, origins: readonly string[]): void {
  const { origin, host, 'sec-fetch-site': site } = req.headers
  const isFromElsewhere = (site !== undefined && site !== 'same-origin' && site !== 'none') || (origin !== undefined && !isOwn(origin))
  if (isFromElsewhere) throw new ApiError(403, 'access_denied', 'pages of other sites may not ask for this')

  function isOwn(origin: string): boolean {
    const parsed = urlOf(origin)
    if (parsed?.origin !== origin) return false
    return origins.length > 0 ? origins.includes(origin) : parsed.host === urlOf(`${parsed.protocol}//${host}`)?.host
  }
}

/** Octets, our choice: settings name a few directories. */
const parse = express.json({ limit: 65_536, type: () => true })

/** The JSON in a request; `types` are those it may be sent as, and no form of a page can be. Throws an `ApiError`. */
export async function readJson(req: Request, res: Response, types: readonly string[]): Promise<unknown> {
  if (!req.is([...types])) throw new ApiError(415, 'invalid_request', `the request must be sent as ${types.join(' or ')}`)
  if (!req.readableEnded)
    await new Promise<void>((resolve, reject) => parse(req, res, (error: unknown) => (error ? reject(error) : resolve()))).catch(() => {
      throw new ApiError(400, 'invalid_request', 'the body cannot be read: it must be a JSON object or list of at most 65536 octets')
    })
  return req.body
}

/** `limit`, `cursor` and `search` of a query. Throws an `ApiError`. */
export function pagingOf({ query: { limit, cursor, search } }: Request): Paging {
  const size = limit === undefined ? 50 : Number(limit)
  if (!Number.isInteger(size) || size < 1 || size > 1000) throw new ApiError(400, 'invalid_request', 'limit must be from 1 to 1000')
  for (const [name, value] of Object.entries({ cursor, search }))
    if (value !== undefined && typeof value !== 'string') throw new ApiError(400, 'invalid_request', `${name} must be there once`)
  return { limit: size, cursor: textOf(cursor), search: textOf(search) }
}

const textOf = (value: unknown) => (isText(value) ? value : undefined)

/**
 * The revision that a change is about (RFC 9110 §13.1.1); `undefined` where any will do. Of several the highest counts, since revisions
 * only grow. Throws an `ApiError` for what is no revision.
 */
export function revisionIn({ headers: { 'if-match': header } }: Request): number | undefined {
  if (header === undefined || header.trim() === '*') return undefined
  const revisions = header.split(',').flatMap((tag) => /^\s*"(\d{1,15})"\s*$/.exec(tag)?.[1] ?? [])
  if (revisions.length === 0) throw new ApiError(412, 'stale_revision', 'If-Match must be the ETag of the settings')
  return Math.max(...revisions.map(Number))
}
