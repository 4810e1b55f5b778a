import { openParty, type Party } from './party.js'
import { arrive, type Form, redirectUri, said, sendForm } from './requests.js'
import type { Target } from './target.js'

/** What a token endpoint answers. */
export interface Tokens {
  readonly access_token: string
  readonly token_type: string
  readonly scope: string
  readonly refresh_token?: string
  readonly id_token?: string
}

/** What an honest client has after a flow without any FAPI, and what a thief may have got hold of. */
export interface PlainHarvest {
  readonly party: Party
  /** It was redeemed. */
  readonly code: string
  readonly tokens: Tokens
}

/** Walks the code flow of RFC 6749 as a client that has never heard of FAPI. Throws when anything is not as it should be. */
export async function walkPlain(target: Target, clientId: string): Promise<PlainHarvest> {
  const party = await openParty(target, clientId)
  const code = await codeFor(target, party)
  const tokens = await redeem(target, party, code)
  await readAccounts(party, target.endpoints.accounts, tokens.access_token)
  const refreshed = await tokensFrom(target, party, { grant_type: 'refresh_token', refresh_token: tokens.refresh_token ?? '' })
  await readAccounts(party, target.endpoints.accounts, refreshed.access_token)
  return { party, code, tokens }
}

/** A code for a plain authorization request, or for `parameters`. Throws where there is none. */
export async function codeFor(target: Target, party: Party, parameters: Form = plainParameters(party)): Promise<string> {
  const { url, page } = await arrive(target, party, parameters)
  const code = url.searchParams.get('code')
  if (page || code === null) throw new Error(`no code: ${page ?? url.searchParams.get('error')}`)
  return code
}

export const plainParameters = (party: Party, more: Form = {}): Form => ({
  ...{ client_id: party.id, redirect_uri: redirectUri(party), response_type: 'code', scope: 'openid accounts', state: 's', nonce: 'n' },
  ...more,
})

/** Redeems a code. `sender` sends the request; who it says it is, is in the form. Throws when it is refused. */
export const redeem = (target: Target, party: Party, code: string, more: Form = {}, sender = party): Promise<Tokens> =>
  tokensFrom(target, party, { grant_type: 'authorization_code', code, redirect_uri: redirectUri(party), ...more }, sender)

async function tokensFrom(target: Target, party: Party, form: Form, sender: Party = party): Promise<Tokens> {
  const { client_secret } = party.metadata
  const credentials = { client_id: party.id, ...(typeof client_secret === 'string' && { client_secret }) }
  const response = await sendForm(sender, target.endpoints.token, { ...credentials, ...form })
  if (response.status !== 200) throw new Error(await said(response))
  return (await response.json()) as Tokens
}

/** How many accounts a bearer of the token sees. Throws when it sees none. */
export async function readAccounts(party: Party, url: string, accessToken: string): Promise<number> {
  const response = await party.send(url, { headers: { authorization: `Bearer ${accessToken}` } })
  if (response.status !== 200) throw new Error(await said(response))
  const { accounts } = (await response.json()) as { accounts: unknown[] }
  if (accounts.length === 0) throw new Error('/accounts is empty')
  return accounts.length
}
