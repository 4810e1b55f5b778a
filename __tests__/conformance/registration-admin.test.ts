import { expectError } from '../support/expectations.js'
import { mintKey } from '../support/keys.js'
import { honestMetadata, register } from '../support/registration.js'
import { openTestBank, type TestBank } from '../support/test-bank.js'
import type { Answer } from '../support/wire.js'

let bank: TestBank
beforeAll(async () => {
  bank = await openTestBank([])
})
afterAll(() => bank?.close())

const ask = (
  method: string,
  path: string,
  token: string | undefined,
  body?: object,
  headers: Record<string, string> = {},
): Promise<Answer> =>
  bank.wire.send(`${bank.issuer}/reg-admin${path}`, {
    method,
    headers: {
      ...(token !== undefined && { authorization: `Bearer ${token}` }),
      ...(body && { 'content-type': 'application/json' }),
      ...headers,
    },
    ...(body && { body: JSON.stringify(body) }),
  })

const key = mintKey()
const registering = (metadata: object = {}) => register(bank, { ...honestMetadata(key, 'fapi2-security'), ...metadata })

test.each([undefined, '', 'wrong', 'Bearer'])('whoever has not the operator’s token (%j) reads and changes nothing', async (token) => {
  for (const [method, path] of [
    ['GET', '/settings'],
    ['GET', '/initial-access-tokens'],
    ['PATCH', '/settings'],
    ['POST', '/initial-access-tokens'],
  ] as const)
    expectError(await ask(method, path, token, method === 'GET' ? undefined : {}), 403, 'access_denied')
})

test('the operator changes at run time which profiles clients may have, and sees who changed what', async () => {
  expect((await registering({ fapi_profile: 'fapi2-message-signing' })).status).toBe(201)
  const changed = await ask('PATCH', '/settings', bank.operatorToken, { fapi_profiles: ['fapi2-security'] })
  expect([changed.status, changed.json]).toMatchObject([200, { fapi_profiles: ['fapi2-security'] }])
  expectError(await registering({ fapi_profile: 'fapi2-message-signing' }), 400, 'invalid_client_metadata')
  expect((await registering()).status).toBe(201)
  const { text } = await ask('GET', '/settings/history', bank.operatorToken)
  expect(text).toContain('operator')
  await ask('PATCH', '/settings', bank.operatorToken, { fapi_profiles: null })
})

test('registration is not opened to everybody without a mandatory statement', async () => {
  expectError(await ask('PATCH', '/settings', bank.operatorToken, { authentication_required: false }), 400, 'invalid_request')
})

test('an initial access token is shown once, good for its uses, and ended by the operator', async () => {
  const made = await ask('POST', '/initial-access-tokens', bank.operatorToken, { label: 'a partner', uses: 2 })
  expect(made.status).toBe(201)
  const token = String(made.json.token)
  const metadata = honestMetadata(key, 'fapi2-security')
  expect((await register(bank, metadata, token)).status).toBe(201)
  const { text } = await ask('GET', '/initial-access-tokens', bank.operatorToken)
  expect(text).toContain('a partner')
  expect(text).not.toContain(token.split('.')[1])
  const [id] = token.split('.')
  expect((await ask('DELETE', `/initial-access-tokens/${id}`, bank.operatorToken)).status).toBe(204)
  expectError(await register(bank, metadata, token), 401, 'invalid_token')
})

test('a page of somebody else cannot make the operator’s browser change anything', async () => {
  const headers = { 'sec-fetch-site': 'cross-site', origin: 'https://evil.example' }
  expectError(await ask('PATCH', '/settings', bank.operatorToken, { enforce_fapi: true }, headers), 403, 'access_denied')
  expect((await ask('PATCH', '/settings', bank.operatorToken, { enforce_fapi: true }, { origin: bank.issuer })).status).toBe(200)
})
