import type { Request, Response } from 'express'
import type { Users } from '../bank/users.js'
import { loginPage } from './pages.js'
import { RequestError } from './request-error.js'
import { isOwnForm, type Sessions } from './sessions.js'

/** The login page. It leads back to the authorization request that somebody was on the way to. */
export function loginEndpoint(sessions: Sessions, users: Users) {
  return { show, submit }

  async function show(req: Request, res: Response): Promise<void> {
    const returnTo = ownAddress(req.query.return_to)
    const { csrf } = sessions.find(req) ?? sessions.begin(req, res)
    res.set('cache-control', 'no-store').send(loginPage({ csrf, returnTo }))
  }

  async function submit(req: Request, res: Response): Promise<void> {
    const { login, password, return_to }: Record<string, unknown> = req.body ?? {}
    const returnTo = ownAddress(return_to)
    const session = sessions.find(req)
    if (!isOwnForm(req, session)) throw new RequestError(403, 'access_denied', 'The form is not one of ours, or it is too old.')
    const user = await users.verify(String(login), String(password))
    if (!user) {
      const again = { csrf: session.csrf, returnTo, login: String(login), problem: 'The user name or the password is not right.' }
      res.status(400).set('cache-control', 'no-store').send(loginPage(again))
      return
    }
    sessions.begin(req, res, user.login)
    res.redirect(303, returnTo)
  }
}

/** Nobody is sent elsewhere from here than to an authorization request. */
function ownAddress(returnTo: unknown): string {
  if (typeof returnTo === 'string' && returnTo.startsWith('/authorize?')) return returnTo
  throw new RequestError(400, 'invalid_request', 'Please go back to the application you came from and start again.')
}
