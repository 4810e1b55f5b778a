import type Provider from 'oidc-provider'

type Interaction = Awaited<ReturnType<Provider['interactionDetails']>>
type Grant = InstanceType<Provider['Grant']>

/** The type of the authorization details (RFC 9396) in which a grant keeps the accounts that were chosen. */
const ACCOUNTS = 'accounts'

/** The ids of the accounts a grant covers. They live and die with the grant. */
export function chosenAccounts(grant: Grant | undefined): readonly string[] {
  const chosen = grant?.rar?.find(({ type }) => type === ACCOUNTS)?.accounts
  return Array.isArray(chosen) ? chosen.filter((id) => typeof id === 'string') : []
}

/** The grant an interaction would add to, when the user has consented to this client before. */
export async function findGrant(provider: Provider, { grantId }: Interaction): Promise<Grant | undefined> {
  return grantId === undefined ? undefined : provider.Grant.find(grantId)
}

/** Grants what an interaction asks for, with the chosen accounts, and returns the grant's id. */
export async function recordConsent(
  provider: Provider,
  interaction: Interaction,
  accountId: string,
  accounts: readonly string[],
): Promise<string> {
  const clientId = String(interaction.params.client_id)
  const grant = (await findGrant(provider, interaction)) ?? new provider.Grant({ accountId, clientId })
  const { missingOIDCScope, missingOIDCClaims } = interaction.prompt.details
  const scopes = texts(missingOIDCScope)
  const claims = texts(missingOIDCClaims)
  if (scopes.length > 0) grant.addOIDCScope(scopes)
  if (claims.length > 0) grant.addOIDCClaims(claims)
  if (accounts.length > 0) grant.rar = [{ type: ACCOUNTS, accounts }]
  return grant.save()
}

/** The strings in what the provider or a client's metadata left untyped. */
export const texts = (list: unknown): string[] => (Array.isArray(list) ? list.filter((item) => typeof item === 'string') : [])
