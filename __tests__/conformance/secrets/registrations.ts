import { generic } from 'express-fapi'
import type { Bank } from '../../../examples/bank/bank.js'
import { CALLBACKS, mintStatement } from '../../registration/statements.js'
import { mintKey, weakRsaJwk } from '../../support/keys.js'
import { honestMetadata, type Metadata } from '../../support/registration.js'
import type { Answer, Wire } from '../../support/wire.js'
import { PERSONAL } from './hostile.js'

const TEXTS = [
  ...['fapi_profile', 'token_endpoint_auth_method', 'token_endpoint_auth_signing_alg', 'id_token_signed_response_alg', 'scope'],
  ...[
    'request_object_signing_alg',
    'tls_client_auth_subject_dn',
    'tls_client_auth_san_dns',
    'sector_identifier_uri',
    'jwks_uri',
    'subject_type',
  ],
  ...[
    'client_id',
    'client_secret',
    'software_statement',
    'application_type',
    'logo_uri',
    'policy_uri',
    'initiate_login_uri',
    'default_acr_values',
  ],
]
const LISTS = ['redirect_uris', 'grant_types', 'response_types', 'response_modes', 'request_uris', 'contacts', 'post_logout_redirect_uris']
const URLS = ['redirect_uris', 'jwks_uri', 'request_uris', 'sector_identifier_uri', 'logo_uri']

/** Registers honest clients and hostile ones: secrets of all kinds in every field, in tokens and in addresses. */
export async function registerAll(
  bank: Bank,
  wire: Wire,
  secrets: readonly string[],
): Promise<{ readonly registered: number; readonly refused: number }> {
  const key = mintKey()
  const counts = { registered: 0, refused: 0 }
  const url = `${bank.issuer}/reg`
  async function register(more: Metadata, token = bank.initialAccessToken): Promise<Answer> {
    const answer = await wire.send(url, {
      method: 'POST',
      headers: { 'content-type': 'application/json', authorization: `Bearer ${token}` },
      body: JSON.stringify({ ...honestMetadata(key, 'fapi2-security'), ...more }),
    })
    counts[answer.status === 201 ? 'registered' : 'refused']++
    return answer
  }

  const { status } = await wire.send(`${bank.issuer}/reg-admin/settings`, {
    method: 'PATCH',
    headers: { 'content-type': 'application/json', authorization: `Bearer ${bank.operatorToken}` },
    body: JSON.stringify({ software_statement_required: false }),
  })
  expect(status).toBe(200)
  const stated = { redirect_uris: CALLBACKS }
  const software_statement = await mintStatement(generic, {})
  expect((await register({ ...stated, software_statement })).status).toBe(201)
  for (const statement of [software_statement, await mintStatement(generic, { claims: { iss: 'nobody' } }), `${software_statement}x`])
    await register({ software_statement: statement, redirect_uris: ['https://other.example/cb'] })
  for (const profile of ['fapi2-security', 'fapi2-message-signing', 'fapi1-advanced']) {
    const { json } = await register({ fapi_profile: profile })
    await manage(wire, json, secrets)
  }
  await register({ jwks: { keys: [key.privateJwk] } })
  await register({ jwks: JSON.stringify({ keys: [key.privateJwk] }) })
  await register({ jwks: { keys: [{ ...key.privateJwk, kid: 'private' }, key.publicJwk] } })
  for (const secret of secrets) {
    await register({}, secret.replaceAll(/[^\x21-\x7e]/g, ''))
    for (const name of TEXTS) await register({ [name]: secret })
    for (const name of LISTS) await register({ [name]: [secret] })
    for (const name of URLS) {
      const address = `https://tpp.example/cb?token=${encodeURIComponent(secret)}`
      await register({ [name]: name.endsWith('s') ? [address] : address })
    }
    await register({ jwks: { keys: [{ ...key.publicJwk, kid: secret }] } })
    await register({ jwks: { keys: [{ ...key.publicJwk, [secret]: secret }] } })
    await register({ jwks: { keys: [{ ...key.publicJwk, crv: secret }] } })
    await register({ jwks: { keys: [{ ...weakRsaJwk(), kid: secret }] } })
    await register({ [secret]: secret })
  }
  for (const text of Object.values(PERSONAL)) await register({ contacts: [text], client_name: 'a client', fapi_profile: 'fapi1-baseline' })
  return counts
}

/** The client configuration endpoint: read, changed, asked with wrong tokens, and deleted. */
async function manage(
  wire: Wire,
  { registration_client_uri: uri, registration_access_token: token, ...metadata }: Metadata,
  secrets: readonly string[],
) {
  const as = (with_: unknown, method: string, body?: object) =>
    wire.send(String(uri), {
      method,
      headers: { authorization: `Bearer ${with_}`, ...(body && { 'content-type': 'application/json' }) },
      ...(body && { body: JSON.stringify(body) }),
    })
  const { client_secret_expires_at: _expiry, client_id_issued_at: _issued, ...own } = metadata
  expect((await as(token, 'GET')).status).toBe(200)
  expect((await as(token, 'PUT', own)).status).toBe(200)
  for (const secret of secrets) {
    await as(secret.replaceAll(/[^\x21-\x7e]/g, ''), 'GET')
    await as(token, 'PUT', { ...own, redirect_uris: [secret] })
    await as(token, 'PUT', { ...own, client_secret: secret })
  }
  await wire.send(`${uri}?access_token=${token}`)
  expect((await as(token, 'DELETE')).status).toBe(204)
  await as(token, 'GET')
}
