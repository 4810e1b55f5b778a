import { type Request, type RequestHandler, type Response, Router } from 'express'
import { type CertificateSource, type Policy, protect, requireScope, type Store, type TokenSource } from 'express-fapi'
import { clientOf } from 'express-fapi/provider'
import type Provider from 'oidc-provider'
import { errors } from 'oidc-provider'
import { chosenAccounts } from './consents.js'
import type { Users } from './users.js'

export interface ApiOptions {
  readonly provider: Provider
  readonly users: Users
  readonly policy: Policy
  readonly store: Store
  readonly certificate: CertificateSource
  /** The origins the API answers under. */
  readonly origins: readonly string[]
}

/** The bank's API: `GET /accounts` for tokens with the scope `accounts`. */
export function api({ provider, users, policy, store, certificate, origins }: ApiOptions): Router {
  const router = Router()
  router.get('/accounts', guard({ provider, policy, store, certificate, origins }), requireScope('accounts'), listAccounts)
  return router

  async function listAccounts(_req: Request, res: Response): Promise<void> {
    const { sub, grant_id = '' }: { sub?: string; grant_id?: string } = res.locals.token
    // A client's own token opens nobody's accounts.
    if (sub === undefined)
      return void res.status(403).json({ error: 'insufficient_scope', error_description: 'the token stands for no user' })
    const chosen = chosenAccounts(await provider.Grant.find(grant_id))
    const accounts = users.find(sub)?.accounts.filter(({ id }) => chosen.includes(id)) ?? []
    res.set('cache-control', 'no-store').json({ accounts })
  }
}

/** Lets whoever holds an access token of the bank through. */
export function guard({ provider, policy, store, certificate, origins }: Omit<ApiOptions, 'users'>): RequestHandler {
  const { issuer } = provider
  return protect(policy, { issuers: { issuer, audience: issuer, tokens: tokensOf(provider) }, publicUrl: origins, certificate, store })
}

/** Access tokens are opaque: what one stands for is looked up in the provider, as long as the consent behind it stands. */
function tokensOf(provider: Provider): TokenSource {
  return async function findToken(value) {
    const token = await provider.AccessToken.find(value)
    if (!token?.clientId) return ownToken(await provider.ClientCredentials.find(value))
    const { accountId, clientId, grantId, scope, iat, exp, jkt, 'x5t#S256': x5t } = token
    const [client, grant] = await Promise.all([servedClient(clientId), provider.Grant.find(grantId)])
    if (!client || grant?.accountId !== accountId || grant.clientId !== clientId) return undefined
    const claims = {
      iss: provider.issuer,
      sub: accountId,
      client_id: clientId,
      grant_id: grantId,
      scope,
      iat,
      exp,
      cnf: { jkt, 'x5t#S256': x5t },
    }
    return { client: clientOf(client), claims }
  }

  /** A token that a client got for itself. */
  async function ownToken(token: InstanceType<Provider['ClientCredentials']> | undefined) {
    const client = token?.clientId === undefined ? undefined : await servedClient(token.clientId)
    if (!token || !client) return undefined
    const { scope, iat, exp, jkt, 'x5t#S256': x5t } = token
    return {
      client: clientOf(client),
      claims: { iss: provider.issuer, client_id: client.clientId, scope, iat, exp, cnf: { jkt, 'x5t#S256': x5t } },
    }
  }

  /** A client that is suspended cannot be loaded: its tokens are nobody's until it is resumed. */
  function servedClient(clientId: string) {
    return provider.Client.find(clientId).catch((error: unknown) => {
      if (error instanceof errors.InvalidClientAuth) return undefined
      throw error
    })
  }
}
