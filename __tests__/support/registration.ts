import type { ClientMetadata } from 'oidc-provider'
import { mintKey, type SigningKey } from './keys.js'
import type { Party } from './party.js'
import type { TestBank } from './test-bank.js'
import type { Answer } from './wire.js'

export type Metadata = Readonly<Record<string, unknown>>

/** What an honest client registers with; more, or other things, for each test. */
export const honestMetadata = ({ publicJwk }: SigningKey, fapiProfile: string): Metadata => ({
  client_name: 'a client that registers',
  fapi_profile: fapiProfile,
  redirect_uris: ['https://tpp.example/cb'],
  response_types: ['code'],
  grant_types: ['authorization_code', 'refresh_token'],
  token_endpoint_auth_method: 'private_key_jwt',
  jwks: { keys: [publicJwk] },
})

/** POST to the registration endpoint (RFC 7591 §3.1), with the bank's initial access token unless told otherwise. */
export const register = (bank: TestBank, metadata: Metadata, token: string | undefined = bank.initialAccessToken): Promise<Answer> =>
  bank.wire.send(String(bank.metadata.registration_endpoint), {
    method: 'POST',
    headers: { 'content-type': 'application/json', ...(token && { authorization: `Bearer ${token}` }) },
    body: JSON.stringify(metadata),
  })

/** The members of a registration answer that an update must not send back (RFC 7592 §2.2). */
const MANAGEMENT = ['registration_access_token', 'registration_client_uri', 'client_secret_expires_at', 'client_id_issued_at']

/** PUT to the client configuration endpoint with exactly this metadata (RFC 7592 §2.2). */
export const update = (bank: TestBank, registered: Answer, metadata: Metadata): Promise<Answer> =>
  manage(bank, registered, 'PUT', Object.fromEntries(Object.entries(metadata).filter(([name]) => !MANAGEMENT.includes(name))))

/** What the bank has stored. */
export const read = (bank: TestBank, registered: Answer): Promise<Answer> => manage(bank, registered, 'GET')

const manage = (bank: TestBank, { json }: Answer, method: string, metadata?: Metadata): Promise<Answer> =>
  bank.wire.send(String(json.registration_client_uri), {
    method,
    headers: {
      authorization: `Bearer ${json.registration_access_token}`,
      ...(metadata && { 'content-type': 'application/json' }),
    },
    ...(metadata && { body: JSON.stringify({ client_id: json.client_id, ...metadata }) }),
  })

/** The client that registered, ready to send requests. */
export function meet(bank: TestBank, { json }: Answer, key: SigningKey, redirectUri = 'https://tpp.example/cb'): Party {
  const metadata = json as unknown as ClientMetadata
  return bank.meet({ ...{ id: metadata.client_id, metadata, redirectUri, key }, proofKey: mintKey(), certificate: undefined })
}
