import { createHash, randomBytes, timingSafeEqual } from 'node:crypto'
import type { Request, Response } from 'express'
import { isText } from '../core/claims.js'
import { ConsoleError } from './console-error.js'
import type { Person } from './roles.js'

/** What forms and scripts of the pages send along; the name of the form's field. */
export const TOKEN_FIELD = 'csrf_token'
export const TOKEN_HEADER = 'x-csrf-token'

/** `__Host-`: no other host, and no page over plain http, can set it (RFC 6265bis §4.1.3.2). */
const COOKIE = '__Host-fapi-console'
const OCTETS = 32
const VALUE = /^[\w-]{43}$/

const SAFE = ['GET', 'HEAD', 'OPTIONS']
export const changes = ({ method }: Pick<Request, 'method'>): boolean => !SAFE.includes(method)

/**
 * Throws a `ConsoleError` for a request that another site's page may have made: it would come with the cookies of whoever looks at that
 * page. Browsers say where a request comes from, by one of these headers at least where something is to be changed.
 */
export function insistOnOwnOrigin(req: Request, origin: string): void {
  const { origin: from, 'sec-fetch-site': site } = req.headers
  const isForeign = (from !== undefined && from !== origin) || (site !== undefined && site !== 'same-origin' && site !== 'none')
  if (isForeign && !isVisit(req)) throw new ConsoleError(403, 'access_denied', 'pages of other sites may not ask for this')
}

/** Somebody follows a link from elsewhere, in a window of its own. */
const isVisit = (req: Request) =>
  !changes(req) && req.headers['sec-fetch-mode'] === 'navigate' && req.headers['sec-fetch-dest'] === 'document'

/** The token of somebody's pages. It goes with a cookie of the same browser, which it cannot be told from, and with nobody else's sign-in. */
export function tokenFor(req: Request, res: Response, { id }: Person): string {
  const known = cookieOf(req)
  const value = known ?? randomBytes(OCTETS).toString('base64url')
  if (known === undefined) res.append('set-cookie', `${COOKIE}=${value}; Path=/; Secure; HttpOnly; SameSite=Strict`)
  return digestOf(value, id)
}

/**
 * Whether a request to the API is a script's: it brings its own credentials, and nothing that a browser adds by itself. An old browser may add
 * `Basic` credentials to the form of another site and not say where it is from; but no form sends JSON or another method than `POST`, as
 * every change by the API does, and what else a page can make a browser send names its origin.
 */
export const isScript = ({ headers: { cookie, origin, authorization, 'sec-fetch-site': site } }: Pick<Request, 'headers'>): boolean =>
  cookie === undefined && origin === undefined && site === undefined && isText(authorization)

/** Throws a `ConsoleError` unless a request has the token of the pages of who sends it. */
export function insistOnToken(req: Request, { id }: Person, sent: unknown): void {
  const value = cookieOf(req)
  if (value === undefined || !isText(sent) || !isSame(sent, digestOf(value, id)))
    throw new ConsoleError(403, 'invalid_csrf_token', 'the page is too old, or of another sign-in: load it again, and try again')
}

function cookieOf({ headers: { cookie = '' } }: Request): string | undefined {
  const found = cookie.split(';').flatMap((part) => {
    const [name, value = ''] = part.trim().split('=', 2)
    return name === COOKIE ? [value] : []
  })
  // Where there are two, one was put there by somebody else.
  return found.length === 1 && VALUE.test(found[0] ?? '') ? found[0] : undefined
}

const digestOf = (value: string, id: string) =>
  createHash('sha256')
    .update(JSON.stringify([value, id]))
    .digest('base64url')

const isSame = (one: string, other: string) => one.length === other.length && timingSafeEqual(Buffer.from(one), Buffer.from(other))
