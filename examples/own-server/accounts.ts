import type { Express, RequestHandler } from 'express'
import type { Users } from '../bank/users.js'
import { route } from './failures.js'
import type { FindToken } from './model.js'
import type { Subjects } from './subjects.js'

export interface AccountsOptions {
  readonly findToken: FindToken
  readonly users: Users
  readonly subjects: Subjects
}

/** The API: `GET /accounts` for tokens with the scope `accounts`. */
export function accountsApi(app: Express, options: AccountsOptions): void {
  app.get('/accounts', bearerToken(options.findToken), listAccounts(options))
}

/** Looks for a bearer token in the Authorization header (RFC 6750 §2.1) and leaves what it stands for in `res.locals.token`. */
export function bearerToken(findToken: FindToken): RequestHandler {
  return route(async (req, res, next) => {
    const [, value] = /^bearer ([\w.~+/-]+=*)$/i.exec(req.get('authorization') ?? '') ?? []
    const claims = value === undefined ? undefined : await findToken(value)
    if (!claims) {
      res.status(401).set('www-authenticate', 'Bearer error="invalid_token"').json({ error: 'invalid_token' })
    } else if (!claims.scope.split(' ').includes('accounts')) {
      res.status(403).set('www-authenticate', 'Bearer error="insufficient_scope"').json({ error: 'insufficient_scope' })
    } else {
      res.locals.token = claims
      next()
    }
  })
}

/** Lists the accounts of the user whose token it is. */
export function listAccounts({ users, subjects }: Pick<AccountsOptions, 'users' | 'subjects'>): RequestHandler {
  return function listOwnAccounts(_req, res) {
    const { sub }: { sub: string } = res.locals.token
    const accounts = users.find(subjects.loginOf(sub) ?? '')?.accounts ?? []
    res.set('cache-control', 'no-store').json({ accounts })
  }
}
