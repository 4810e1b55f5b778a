import type { Request, Response } from 'express'
import { RESOURCE_SERVER } from '../bank/seeds.js'
import { authenticatedClient } from './client-secrets.js'
import type { FindClient } from './clients.js'
import type { FindToken } from './model.js'

/** Token introspection (RFC 7662). Our API may ask about every access token, a client about its own. */
export function introspectionEndpoint(findClient: FindClient, findToken: FindToken) {
  return async function introspect(req: Request, res: Response): Promise<void> {
    const { client_id } = authenticatedClient(req, findClient)
    const claims = await findToken(String(req.body.token))
    const mayKnow = claims && (client_id === RESOURCE_SERVER || client_id === claims.client_id)
    res.set('cache-control', 'no-store').json(mayKnow ? { active: true, token_type: 'Bearer', ...claims } : { active: false })
  }
}
