import * as client from 'openid-client'
import { browse } from './browser.js'
import { configure, openParty, type Party } from './party.js'
import { accountsWithCertificate, type Target } from './target.js'

/** One way of being a FAPI client, from discovery to a refreshed token. */
export interface Flow {
  readonly title: string
  readonly clientId: string
  readonly clause: string
  /** How the authorization request is signed and sent. */
  readonly request: 'signed, by value' | 'signed and pushed' | 'pushed'
  readonly detached?: true
  readonly dpop?: true
}

export const FLOWS: readonly Flow[] = [
  {
    title: 'FAPI 1.0 Advanced: private_key_jwt, request object by value, JARM',
    clientId: 'fapi1-pkjwt',
    clause: 'FAPI1-ADV-5.2.2-2',
    request: 'signed, by value',
  },
  {
    title: 'FAPI 1.0 Advanced: tls_client_auth, PAR, code id_token',
    clientId: 'fapi1-mtls',
    clause: 'FAPI1-ADV-5.2.2.1-4',
    request: 'signed and pushed',
    detached: true,
  },
  { title: 'FAPI 2.0: private_key_jwt, DPoP', clientId: 'fapi2-dpop', clause: 'FAPI2-SP-5.3.2.1-5', request: 'pushed', dpop: true },
  {
    title: 'FAPI 2.0: self_signed_tls_client_auth, certificate-bound',
    clientId: 'fapi2-mtls',
    clause: 'FAPI2-SP-5.3.2.1-6',
    request: 'pushed',
  },
  {
    title: 'Message Signing: signed request, JARM, DPoP',
    clientId: 'fapi2-ms',
    clause: 'FAPI2-MS-5.4.1-1',
    request: 'signed and pushed',
    dpop: true,
  },
]

/** What a flow ends with, for those who want to go on from there. */
export interface Harvest {
  readonly party: Party
  readonly accessToken: string
  /** The URL the server sent the user back to, code and all. */
  readonly callback: URL
  readonly codeVerifier: string
  readonly sub: string
  readonly accounts: readonly unknown[]
  readonly binding: string
}

const SCOPE = 'openid accounts'

/** Walks one flow with openid-client and real keys and certificates. Throws when anything is not as it should be. */
export async function walk(target: Target, flow: Flow): Promise<Harvest> {
  const party = await openParty(target, flow.clientId)
  const config = await configure(target, party)
  if (flow.detached) {
    client.useCodeIdTokenResponseType(config)
    client.enableDetachedSignatureResponseChecks(config)
  }
  if (Array.isArray(party.metadata.response_modes)) client.useJwtResponseMode(config)
  const DPoP = flow.dpop && client.getDPoPHandle(config, await client.randomDPoPKeyPair('ES256'))
  const options = DPoP ? { DPoP } : {}

  const codeVerifier = client.randomPKCECodeVerifier()
  const [state, nonce] = [client.randomState(), client.randomNonce()]
  const start = await requestUrl(config, party, flow, options, {
    redirect_uri: String([party.metadata.redirect_uris].flat()[0]),
    scope: SCOPE,
    code_challenge: await client.calculatePKCECodeChallenge(codeVerifier),
    code_challenge_method: 'S256',
    ...{ state, nonce },
  })
  const { url: callback, page } = await browse(party, start, target.issuer)
  if (page) throw new Error(`the server showed a page: ${page}`)

  const checks = { pkceCodeVerifier: codeVerifier, expectedState: state, expectedNonce: nonce, idTokenExpected: true }
  const tokens = await client.authorizationCodeGrant(config, callback, checks, undefined, options)
  const { sub = '' } = tokens.claims() ?? {}
  const accounts = await readAccounts(config, target, tokens.access_token, options)
  const refreshed = await client.refreshTokenGrant(config, tokens.refresh_token ?? '', undefined, options)
  await readAccounts(config, target, refreshed.access_token, options)
  return { party, accessToken: refreshed.access_token, callback, codeVerifier, sub, accounts, binding: DPoP ? 'DPoP key' : 'certificate' }
}

async function requestUrl(
  config: client.Configuration,
  { key }: Party,
  { request }: Flow,
  options: client.DPoPOptions,
  parameters: Record<string, string>,
): Promise<URL> {
  if (request === 'pushed') return client.buildAuthorizationUrlWithPAR(config, parameters, options)
  const signed = await client.buildAuthorizationUrlWithJAR(config, parameters, key)
  return request === 'signed, by value'
    ? repeatOutside(signed, parameters)
    : client.buildAuthorizationUrlWithPAR(config, signed.searchParams, options)
}

/** FAPI1-ADV-5.2.3-9: by value, response_type and scope are repeated outside the request object. */
function repeatOutside(url: URL, { scope = '' }: Record<string, string>): URL {
  url.searchParams.set('response_type', 'code')
  url.searchParams.set('scope', scope)
  return url
}

async function readAccounts(
  config: client.Configuration,
  target: Target,
  accessToken: string,
  options: client.DPoPOptions,
): Promise<unknown[]> {
  const url = new URL(options.DPoP ? target.endpoints.accounts : accountsWithCertificate(target))
  const response = await client.fetchProtectedResource(config, accessToken, url, 'GET', undefined, undefined, options)
  if (response.status !== 200) throw new Error(`/accounts answered ${response.status}`)
  const { accounts } = (await response.json()) as { accounts: unknown[] }
  if (accounts.length === 0) throw new Error('/accounts is empty')
  return accounts
}
