import OAuth2Server from '@node-oauth/oauth2-server'
import type { Request, Response } from 'express'
import type { Users } from '../bank/users.js'
import type { Client, FindClient } from './clients.js'
import { answer, authorizationRequest } from './oauth-messages.js'
import { consentPage } from './pages.js'
import { RequestError } from './request-error.js'
import { isOwnForm, type Session, type Sessions } from './sessions.js'

export interface AuthorizeOptions {
  readonly oauth: OAuth2Server
  readonly sessions: Sessions
  readonly users: Users
  readonly findClient: FindClient
}

/** The authorization endpoint: whoever is not signed in goes to the login page and comes back, then consents. */
export function authorizationEndpoint({ oauth, sessions, users, findClient }: AuthorizeOptions) {
  return { ask, decide }

  async function ask(req: Request, res: Response): Promise<void> {
    const client = requestingClient(req)
    const session = sessions.find(req)
    const user = users.find(session?.login ?? '')
    if (!session || !user) return toLogin(req, res)
    res.set('cache-control', 'no-store').send(
      consentPage({
        csrf: session.csrf,
        action: req.originalUrl,
        clientName: client.client_name ?? client.client_id,
        userName: `${user.given_name} ${user.family_name}`,
        scopes: String(req.query.scope ?? '').split(' '),
      }),
    )
  }

  async function decide(req: Request, res: Response): Promise<void> {
    requestingClient(req)
    const session = sessions.find(req)
    if (!isOwnForm(req, session)) throw new RequestError(403, 'access_denied', 'The form is not one of ours, or it is too old.')
    if (session.login === undefined) return toLogin(req, res)
    const response = new OAuth2Server.Response()
    await oauth
      .authorize(authorizationRequest(req, req.body.decision === 'approve'), response, { authenticateHandler: signedIn(req, session) })
      // An error that the client may hear is a redirect by now.
      .catch((error: unknown) => {
        if (response.headers?.location === undefined) throw error
      })
    answer(res, response)
  }

  /** The client that asks, once it is safe to answer it. Throws a `RequestError` otherwise: nobody is sent to an address we do not know. */
  function requestingClient({ query: { client_id, redirect_uri } }: Request): Client {
    const client = findClient(String(client_id))
    if (!client) throw new RequestError(400, 'invalid_client', 'We do not know the application that sent you.')
    if (!client.redirect_uris?.includes(String(redirect_uri)))
      throw new RequestError(400, 'invalid_request', 'The application that sent you does not live at the address it gave.')
    return client
  }
}

const toLogin = (req: Request, res: Response) => res.redirect(303, `/login?${new URLSearchParams({ return_to: req.originalUrl })}`)

/** Who signed in, with the nonce of this request: it is kept with the code and goes into the ID token. */
const signedIn = ({ query: { nonce } }: Request, { login, auth_time }: Session) => ({
  handle: () => ({ login, auth_time, nonce: typeof nonce === 'string' ? nonce : undefined }),
})
