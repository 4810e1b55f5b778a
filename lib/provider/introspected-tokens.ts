import { type Configuration, errors } from 'oidc-provider'
import { ownIntrospectionPolicy } from './upstream.js'

type AllowedPolicy = NonNullable<NonNullable<NonNullable<Configuration['features']>['introspection']>['allowedPolicy']>

/** Tokens of a client that is suspended, or is there no more, are inactive whoever asks (RFC 7662 §2.2): the provider looks at the token alone. */
export function onlyOfClients(theirs: AllowedPolicy = ownIntrospectionPolicy): AllowedPolicy {
  return async function allowedPolicy(ctx, client, token) {
    const { clientId } = token
    const owner = clientId === undefined ? undefined : await ctx.oidc.provider.Client.find(clientId).catch(unlessRefused)
    return owner !== undefined && theirs(ctx, client, token)
  }
}

/** A client that its profile, or its standing, keeps out cannot be loaded. What else goes wrong is no answer. */
function unlessRefused(error: unknown): undefined {
  if (!(error instanceof errors.OIDCProviderError)) throw error
}
