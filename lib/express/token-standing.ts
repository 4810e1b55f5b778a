import { isText } from '../core/claims.js'
import type { Client, Confirmation, Token } from '../core/facts.js'
import { isOutside } from './authenticate-client.js'
import type { Setup } from './fapi-options.js'
import type { Grants } from './grants.js'

/** What an access token is worth beyond what the server knows of it. */
export interface TokenStanding {
  readonly cnf: Confirmation | undefined
  readonly client: Client | undefined
}

/**
 * What an active access token is bound to and whose it is; `undefined` for one that was taken back, or whose client is no client any more, and for one of which nothing says what
 * it is bound to although its client is held to a profile: no bound token turns into a bearer token because something was forgotten.
 * `claims` are what the server says of it.
 */
export async function standingOf(setup: Setup, grants: Grants, token: string, claims: Token['claims']): Promise<TokenStanding | undefined> {
  const kept = await grants.bindingOf(token)
  if (kept === 'taken back') return undefined
  const owner = kept?.client_id ?? claims.client_id
  const client = await ownerOf(setup, owner)
  // Whoever is deleted or suspended has no tokens that count.
  if (isText(owner) && !client && setup.policy.mode !== 'report') return undefined
  if (kept && (kept.cnf.jkt ?? kept.cnf['x5t#S256']) !== undefined) return { cnf: kept.cnf, client }
  if (kept || claims.cnf !== undefined) return { cnf: claims.cnf, client }
  return isHeld(setup, client) ? undefined : { cnf: undefined, client }
}

export const ownerOf = async ({ find }: Setup, clientId: unknown): Promise<Client | undefined> =>
  isText(clientId) ? find(clientId) : undefined

/** Whether tokens of this client must be bound; who cannot be told may be anybody. */
export const isHeld = (setup: Setup, client: Client | undefined): boolean =>
  client ? !isOutside(setup, client) && setup.policy.modeOf(client) === 'enforce' : setup.policy.mode !== 'report'
