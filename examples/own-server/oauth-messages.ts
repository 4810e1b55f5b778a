import OAuth2Server from '@node-oauth/oauth2-server'
import type { Request, Response } from 'express'
import { RequestError } from './request-error.js'

/** The parameters of an authorization request (RFC 6749 §4.1.1). */
const AUTHORIZATION = ['response_type', 'client_id', 'redirect_uri', 'scope', 'state']
/** The parameters of a token request (RFC 6749 §2.3.1, §4.1.3, §6). */
const TOKEN = ['grant_type', 'code', 'redirect_uri', 'client_id', 'client_secret', 'refresh_token', 'scope']

/** An authorization request as the library takes it, with what the user decided. Throws a `RequestError`. */
export const authorizationRequest = (req: Request, allowed: boolean) =>
  message(req, known(req.query, AUTHORIZATION), { allowed: String(allowed) })

/** A token request as the library takes it. Throws a `RequestError`. */
export const tokenRequest = (req: Request) => message(req, {}, known(req.body ?? {}, TOKEN))

/** Answers what the library answered. */
export function answer(res: Response, { headers = {}, status = 200, body }: OAuth2Server.Response): void {
  const { location, ...others } = headers
  res.set(others)
  // 303, because what was posted stays here.
  if (location !== undefined) res.redirect(303, location)
  else res.status(status).json(body)
}

const message = (req: Request, query: Record<string, string>, body: Record<string, string>) =>
  new OAuth2Server.Request({
    headers: Object.fromEntries(Object.entries(req.headers).map(([name, value]) => [name, String(value)])),
    ...{ method: req.method, query, body },
  })

/** The parameters that have a meaning here; what is not recognised is ignored (RFC 6749 §3.1, §3.2), and nothing may come twice. */
function known(parameters: object, names: readonly string[]): Record<string, string> {
  const sent = Object.entries(parameters).filter(([name]) => names.includes(name))
  const twice = sent.find(([, value]) => typeof value !== 'string')
  if (twice) throw new RequestError(400, 'invalid_request', `The parameter ${twice[0]} may be there only once.`)
  return Object.fromEntries(sent)
}
