import { type Api, startApi } from '../../examples/api/api.js'
import type { Change } from '../support/change.js'
import type { Party } from '../support/party.js'
import { openTestBank, type TestBank } from '../support/test-bank.js'
import { certificateFor } from '../support/tpp.js'
import type { Answer } from '../support/wire.js'

/* An API in front of which nobody stands but the guard, and which knows of tokens what the bank says of them (RFC 7662). */

let bank: TestBank
let api: Api
let dpop: Party
let mtls: Party
beforeAll(async () => {
  bank = await openTestBank(['fapi2', 'fapi2-mtls', 'plain'])
  api = await startApi({ issuer: bank.issuer, dataDir: bank.dataDir, port: 0 })
  dpop = bank.as('fapi2')
  mtls = bank.as('fapi2-mtls')
})
afterAll(async () => {
  await api?.close()
  await bank?.close()
})

const get = (party: Party, token: unknown, path = '/balances', change?: Change) => party.present(`${api.url}${path}`, token, change)

const challenged = ({ status, json, headers }: Answer) => ({
  status,
  error: json.error,
  challenge: [headers['www-authenticate'] ?? []].flat().join(', '),
})

test('a DPoP-bound token: 200 for its holder and only with a proof of this request', async () => {
  const { access_token: token } = await dpop.tokens()
  const { status, json, headers } = await get(dpop, token)
  expect({ status, ...json }).toEqual({ status: 200, sub: expect.any(String), balances: [{ currency: 'EUR', amount: '1204.30' }] })
  expect(headers['x-fapi-interaction-id']).toMatch(/^[0-9a-f-]{36}$/)
  expect(challenged(await get(dpop, token, '/balances', { proof: 'none' }))).toMatchObject({ status: 401, error: 'invalid_dpop_proof' })
  expect(challenged(await get(dpop, token, '/balances', { proof: { url: `${bank.issuer}/balances` } }))).toMatchObject({ status: 401 })
  const asBearer = { proof: 'none', headers: { authorization: `Bearer ${token}` } } as const
  expect(challenged(await get(dpop, token, '/balances', asBearer))).toMatchObject({ status: 401, error: 'invalid_token' })
})

test('a certificate-bound token: 200 with its certificate, 401 with another or none', async () => {
  const { access_token: token } = await mtls.tokens()
  expect((await get(mtls, token)).status).toBe(200)
  for (const certificate of [await certificateFor('other'), 'none'] as const)
    expect(challenged(await get(mtls, token, '/balances', { certificate }))).toMatchObject({ status: 401, error: 'invalid_token' })
})

test('a token that is bound to nothing: 401, for the profile of this API asks for more', async () => {
  const { access_token: token } = await bank.as('plain').tokens()
  expect(challenged(await get(bank.as('plain'), token))).toMatchObject({ status: 401, error: 'invalid_token' })
})

test('a revoked token, one nobody issued and one of another kind: 401', async () => {
  const { access_token: token, refresh_token: refreshToken, id_token: idToken } = await dpop.tokens()
  expect((await dpop.call('revocation_endpoint', { token: String(token) })).status).toBe(200)
  for (const wrong of [token, 'nobody-issued-this', refreshToken, idToken])
    expect(challenged(await get(dpop, wrong))).toMatchObject({ status: 401, error: 'invalid_token' })
})

test('RFC9470-3-a where a stronger login is needed, the challenge says which; with it: 200', async () => {
  const { access_token: weak } = await dpop.tokens()
  const { status, error, challenge } = challenged(await get(dpop, weak, '/statements'))
  expect({ status, error }).toEqual({ status: 401, error: 'insufficient_user_authentication' })
  expect(challenge).toMatch(/^DPoP .*error="insufficient_user_authentication".*acr_values="urn:openbanking:psd2:sca", max_age="600"/)
})

test('RFC9728-3 the challenge leads to the metadata, which names the bank', async () => {
  const { challenge, status } = challenged(await dpop.send(`${api.url}/balances`))
  expect(status).toBe(401)
  const [, url = ''] = /resource_metadata="([^"]+)"/.exec(challenge) ?? []
  const { json } = await dpop.send(url)
  expect(json).toMatchObject({ resource: api.url, authorization_servers: [bank.issuer], bearer_methods_supported: ['header'] })
})

test('while the bank cannot be asked: 503, not 401', async () => {
  const other = await startApi({ issuer: 'https://localhost:9', dataDir: bank.dataDir, port: 0 })
  const { status, json, headers } = await dpop.present(`${other.url}/balances`, 'some-token')
  await other.close()
  expect({ status, error: json.error, retry: headers['retry-after'] }).toEqual({
    status: 503,
    error: 'temporarily_unavailable',
    retry: '5',
  })
})
