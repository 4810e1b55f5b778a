import OAuth2Server from '@node-oauth/oauth2-server'
import type { Request, Response } from 'express'
import { answer, tokenRequest } from './oauth-messages.js'

/** The token endpoint (RFC 6749 §3.2): codes and refresh tokens become access tokens. */
export function tokenEndpoint(oauth: OAuth2Server) {
  return async function issueToken(req: Request, res: Response): Promise<void> {
    const response = new OAuth2Server.Response()
    await oauth.token(tokenRequest(req), response).catch((error: unknown) => {
      // The library has put its refusal into the response, unless it did not come so far.
      if (response.status === 200 || Number(response.status) >= 500) throw error
    })
    answer(res, response)
  }
}
