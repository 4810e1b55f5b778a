import { randomBytes, timingSafeEqual } from 'node:crypto'
import type { Request, Response } from 'express'

/** A browser that has been here. */
export interface Session {
  /** Stands in every form that this browser is shown, so that no other site can send one in its name. */
  readonly csrf: string
  /** Who signed in with it. */
  readonly login?: string
  /** When they did, in seconds since the epoch. */
  readonly auth_time?: number
}

export interface Sessions {
  find(req: Request): Session | undefined
  /** Begins a session under a new id, so that nobody knows the id of a signed-in session from before. */
  begin(req: Request, res: Response, login?: string): Session
}

/** `__Host-`: no other host and no plain connection can set it. */
const COOKIE = '__Host-session'
/** A working day, in milliseconds. */
const LIFETIME = 8 * 60 * 60 * 1000

/** Sessions in the memory of this process. */
export function createSessions(): Sessions {
  const sessions = new Map<string, Session>()
  return Object.freeze<Sessions>({
    find: (req) => sessions.get(idOf(req)),
    begin(req, res, login) {
      sessions.delete(idOf(req))
      const id = random()
      const session = { csrf: random(), ...(login !== undefined && { login, auth_time: Math.floor(Date.now() / 1000) }) }
      sessions.set(id, session)
      setTimeout(() => sessions.delete(id), LIFETIME).unref()
      res.cookie(COOKIE, id, { httpOnly: true, secure: true, sameSite: 'lax', path: '/' })
      return session
    },
  })
}

/** Whether a form was shown to the browser that sends it. */
export function isOwnForm(req: Request, session: Session | undefined): session is Session {
  const sent: unknown = req.body?.csrf
  if (typeof sent !== 'string' || !session) return false
  const [got, expected] = [Buffer.from(sent), Buffer.from(session.csrf)]
  return got.length === expected.length && timingSafeEqual(got, expected)
}

function idOf(req: Request): string {
  const cookies = (req.headers.cookie ?? '').split('; ')
  return cookies.find((cookie) => cookie.startsWith(`${COOKIE}=`))?.slice(COOKIE.length + 1) ?? ''
}

const random = () => randomBytes(32).toString('base64url')
