import { isText } from '../../core/claims.js'
import type { Server } from '../../core/facts.js'
import { type Told, valueText } from '../told.js'

/** What oidc-provider holds metadata of clients against, beside the profile. */
export interface ProviderLists {
  readonly server: Server
  /** A server whose configuration is silent. */
  readonly silent: Server
  /** What a client has that does not say. */
  readonly defaults: Readonly<Record<string, unknown>>
  /** Whether clients may lie in a database. */
  readonly hasStoredClients: boolean
  readonly signsResponses: boolean
  readonly signsIntrospection: boolean
  readonly signsUserinfo: boolean
}

/** What a client's metadata name, of which lists of the server, and by which option those are set. */
interface Listed {
  readonly field: string
  readonly option: string
  readonly list: readonly string[]
  /** What a client has that says nothing, where the configuration does not either. */
  readonly silent?: string
  /** What the provider has where the configuration is silent. */
  readonly usual: readonly string[]
}

function listed({ server, silent, signsResponses, signsIntrospection, signsUserinfo }: ProviderLists): readonly Listed[] {
  const algorithms = (field: string, of: string, setting: AlgorithmList, byDefault?: string): Listed => ({
    ...{ field, option: `enabledJWA.${of}SigningAlgValues`, list: server[setting], usual: silent[setting] },
    ...(byDefault !== undefined && { silent: byDefault }),
  })
  const methods = 'token_endpoint_auth_methods_supported'
  return [
    algorithms('id_token_signed_response_alg', 'idToken', 'id_token_signing_alg_values_supported', 'RS256'),
    ...(signsResponses
      ? [algorithms('authorization_signed_response_alg', 'authorization', 'authorization_signing_alg_values_supported', 'RS256')]
      : []),
    ...(signsIntrospection
      ? [algorithms('introspection_signed_response_alg', 'introspection', 'introspection_signing_alg_values_supported', 'RS256')]
      : []),
    ...(signsUserinfo ? [algorithms('userinfo_signed_response_alg', 'userinfo', 'userinfo_signing_alg_values_supported')] : []),
    ...(server.request_parameter_supported
      ? [algorithms('request_object_signing_alg', 'requestObject', 'request_object_signing_alg_values_supported')]
      : []),
    algorithms('token_endpoint_auth_signing_alg', 'clientAuth', 'token_endpoint_auth_signing_alg_values_supported'),
    { field: 'token_endpoint_auth_method', option: 'clientAuthMethods', list: server[methods], usual: silent[methods] },
  ]
}

type AlgorithmList = Extract<keyof Server, `${string}_alg_values_supported`>

/**
 * What makes oidc-provider refuse clients, not when it starts but at their first request: a default that its own lists do not have, and
 * lists that are shorter than they were when clients were stored.
 */
export function serverTraps(lists: ProviderLists): readonly Told[] {
  const all = listed(lists)
  const defaults = all.flatMap(({ field, option, list, silent }): Told[] => {
    const value = lists.defaults[field] ?? silent
    if (value === undefined || list.some((one) => one === value)) return []
    return [
      {
        ...{ rule: 'client-defaults-enabled', clauses: [], status: 'failed', option: `clientDefaults.${field}`, got: valueText(value) },
        description: `must be one of ${option}, which is ${valueText(list)}: otherwise every client that does not name another is refused at its first request`,
        mend: `Set clientDefaults.${field} to one of them.`,
      },
    ]
  })
  const shorter = all.filter(({ list, usual }) => usual.some((value) => !list.includes(value))).map(({ option }) => option)
  if (!lists.hasStoredClients || shorter.length === 0) return defaults
  const stored: Told = {
    ...{ rule: 'stored-clients-judged', clauses: [], status: 'warned' },
    description: `${shorter.join(', ')} lack what is there by default: a client that was stored with it is refused at its first request, and nothing says so before`,
    mend: 'Judge the stored clients with express-fapi clients before the server starts with it.',
  }
  return [...defaults, stored]
}

/** What of a client of the configuration the provider does not have in its lists. */
export const clientTraps = (client: Readonly<Record<string, unknown>>, lists: ProviderLists): readonly Told[] =>
  listed(lists).flatMap(({ field, option, list }): Told[] => {
    const value = client[field]
    if (!isText(value) || list.includes(value)) return []
    return [
      {
        ...{ rule: 'client-values-enabled', clauses: [], status: 'failed', option: field, got: valueText(value) },
        description: `must be one of ${option}, which is ${valueText(list)}: otherwise oidc-provider refuses the client at its first request`,
        mend: `Change ${field} of the client, or add the value to ${option}.`,
      },
    ]
  })
