import { createHash, timingSafeEqual } from 'node:crypto'
import type { IncomingMessage } from 'node:http'
import express, { type CookieOptions, type Request, type Response, Router } from 'express'
import { allowFormTarget, type Store } from 'express-fapi'
import { refuseForeignForms, values } from './forms.js'
import { type Attempt, operatorAttempts } from './operator-attempts.js'
import { BusyError, LONGEST_PASSWORD } from './operator-passwords.js'
import { BROWSER_LIFETIME, isId, operatorSessions } from './operator-sessions.js'
import { type Operator, type Operators, type Role, TOKEN_OPERATOR } from './operators.js'
import { operatorSignInPage } from './pages.js'
import { pathToReturnTo } from './return-path.js'

export interface OperatorSignInOptions {
  readonly operators: Operators
  /** Keeps the sessions and counts the attempts, for all processes that share it. */
  readonly store: Store
  /** What scripts may send instead of a session, as `Authorization: Bearer`. */
  readonly operatorToken: string
  /** Whether every connection comes from a proxy in front: then its address says nothing, and attempts are counted by user name alone. */
  readonly behindProxy: boolean
}

/** Who uses the console, as it asks. */
export interface SignedIn {
  readonly id: string
  readonly roles: readonly Role[]
}

/** The sign-in in front of the console. */
export interface OperatorSignIn {
  /** The pages under `/console/sign-in` and `/console/sign-out`. It comes before the console. */
  readonly router: Router
  /** Who sent a request; `null` for nobody, whatever it sent. Rejects when the store does not answer. */
  authorize(req: IncomingMessage): Promise<SignedIn | null>
}

/** Where operators sign in, and where the form that ends a session is sent to. */
export const SIGN_IN_PATH = '/console/sign-in'
export const SIGN_OUT_PATH = '/console/sign-out'

/** `__Host-`: no other host, and no page over plain http, can set it (RFC 6265bis §4.1.3.2). */
const SESSION_COOKIE = '__Host-operator'
const BROWSER_COOKIE = '__Host-operator-browser'
const COOKIE: CookieOptions = { path: '/', secure: true, httpOnly: true, sameSite: 'strict' }

/** Characters, our choice: no operator has a longer name. */
const LONGEST_USER = 64
/** Seconds, our choice: a few passwords are checked within it. */
const BUSY_FOR = 5

const INCOMPLETE = 'Enter your user name and your password.'
const WRONG = 'The user name or the password is not right.'
const BUSY = 'Too many people are signing in right now. Try again in a moment.'

/** The sign-in of the operators: pages, and who a request of the console is from. */
export function operatorSignIn({ operators, store, operatorToken, behindProxy }: OperatorSignInOptions): OperatorSignIn {
  const sessions = operatorSessions(store, operators)
  const attempts = operatorAttempts(store)
  const token = digest(operatorToken)
  const router = Router()
  // A password of a thousand characters, each of them twelve in a form, fits in.
  const form = [refuseForeignForms, express.urlencoded({ extended: false, limit: '20kb' })]
  router.get(SIGN_IN_PATH, showPage)
  router.post(SIGN_IN_PATH, form, signIn)
  router.post(SIGN_OUT_PATH, refuseForeignForms, signOut)
  return Object.freeze<OperatorSignIn>({ router, authorize })

  async function authorize(req: IncomingMessage): Promise<SignedIn | null> {
    const cookies = cookiesOf(req, SESSION_COOKIE)
    if (cookies.length === 0) return hasToken(req) ? { id: TOKEN_OPERATOR, roles: ['admin'] } : null
    const id = idIn(cookies)
    const operator = id === undefined ? undefined : await sessions.find(id)
    return operator ? { id: operator.id, roles: operator.roles } : null
  }

  function hasToken({ headers: { authorization = '' } }: IncomingMessage): boolean {
    const [, sent = ''] = /^Bearer +(\S+) *$/i.exec(authorization) ?? []
    return timingSafeEqual(digest(sent), token)
  }

  async function showPage(req: Request, res: Response): Promise<void> {
    const returnTo = pathToReturnTo(req.query.return_to)
    const id = idIn(cookiesOf(req, SESSION_COOKIE))
    if (id !== undefined && (await sessions.find(id))) return goTo(res, returnTo)
    show(req, res, { returnTo })
  }

  async function signIn(req: Request, res: Response): Promise<void> {
    const returnTo = pathToReturnTo(single(req, 'return_to'))
    const user = (single(req, 'user') ?? '').trim().toLowerCase()
    const password = single(req, 'password') ?? ''
    if (user === '' || password === '') return show(req, res.status(400), { returnTo, user: shortened(user), problem: INCOMPLETE })
    // Nobody has such a name or such a password: there is nothing to compute, and nothing to find out.
    if (user.length > LONGEST_USER || password.length > LONGEST_PASSWORD) {
      return show(req, res.status(400), { returnTo, user: shortened(user), problem: WRONG })
    }
    const attempt = await attemptOf(req, user)
    const turn = await attempts.take(attempt)
    if (!turn.passes) return refuse(req, res.status(429), turn.retryAfter, { returnTo, user, problem: tooMany(turn.retryAfter) })
    try {
      const operator = await operators.verify(user, password)
      if (!operator) return show(req, res.status(400), { returnTo, user, problem: WRONG })
      await attempts.forget(attempt)
      await start(req, res, operator)
      goTo(res, returnTo)
    } catch (cause) {
      if (!(cause instanceof BusyError)) throw cause
      refuse(req, res.status(503), BUSY_FOR, { returnTo, user, problem: BUSY })
    }
  }

  /** A session begins under a new id, and one that the browser had is over. */
  async function start(req: Request, res: Response, operator: Operator): Promise<void> {
    await end(req)
    const browser = await sessions.rememberBrowser(operator, idIn(cookiesOf(req, BROWSER_COOKIE)))
    res.cookie(SESSION_COOKIE, await sessions.open(operator), COOKIE)
    res.cookie(BROWSER_COOKIE, browser, { ...COOKIE, maxAge: BROWSER_LIFETIME * 1000 })
  }

  async function signOut(req: Request, res: Response): Promise<void> {
    await end(req)
    res.clearCookie(SESSION_COOKIE, COOKIE)
    goTo(res, `${SIGN_IN_PATH}?signed_out=1`)
  }

  async function end(req: Request): Promise<void> {
    await Promise.all(cookiesOf(req, SESSION_COOKIE).filter(isId).map(sessions.close))
  }

  async function attemptOf(req: Request, user: string): Promise<Attempt> {
    const id = idIn(cookiesOf(req, BROWSER_COOKIE))
    const operator = operators.find(user)
    const knows = operator !== undefined && id !== undefined && (await sessions.knowsBrowser(operator, id))
    // The address of the connection, and nothing that was sent: anybody can send X-Forwarded-For.
    return { user, address: behindProxy ? undefined : req.socket.remoteAddress, browser: knows ? id : undefined }
  }
}

/** What the page is shown with. */
interface Shown {
  readonly returnTo: string
  readonly user?: string
  readonly problem?: string
}

function show(req: Request, res: Response, shown: Shown): void {
  // The form leads to the console of this server, and nowhere else.
  allowFormTarget(res, `https://${req.headers.host}`)
  const signedOut = req.query.signed_out !== undefined
  res.set('cache-control', 'no-store').send(operatorSignInPage({ action: SIGN_IN_PATH, signedOut, ...shown }))
}

function refuse(req: Request, res: Response, retryAfter: number, shown: Shown): void {
  res.set('retry-after', String(retryAfter))
  show(req, res, shown)
}

const goTo = (res: Response, path: string): void => res.set('cache-control', 'no-store').redirect(303, path)

/** When to try again, as people say it: rounded up to minutes where it is more than one. */
function tooMany(seconds: number): string {
  const minutes = Math.ceil(seconds / 60)
  const wait = seconds > 60 ? `${minutes} minutes` : seconds === 1 ? '1 second' : `${seconds} seconds`
  return `There were too many attempts to sign in. Try again in ${wait}.`
}

const shortened = (user: string) => user.slice(0, LONGEST_USER)

/** What a form sent under a name that must be there once: a list is nothing. */
function single(req: Request, name: string): string | undefined {
  const sent = values(req, name)
  return sent.length === 1 ? sent[0] : undefined
}

const cookiesOf = ({ headers: { cookie = '' } }: IncomingMessage, wanted: string): string[] =>
  cookie.split(';').flatMap((part) => {
    const [name = '', value = ''] = part.trim().split(/=(.*)/s)
    return name === wanted ? [value] : []
  })

/** The id in a cookie that is there once; where there are two, one was put there by somebody else. */
function idIn(cookies: readonly string[]): string | undefined {
  const [id, ...others] = cookies
  return id !== undefined && others.length === 0 && isId(id) ? id : undefined
}

const digest = (text: string) => createHash('sha256').update(text).digest()
