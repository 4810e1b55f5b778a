import { jest } from '@jest/globals'
import type { Store } from 'express-fapi'
import { grants } from '../../lib/console/grants.js'
import { memoryStore } from '../../lib/stores/memory.js'
import { expectBadRequest, expectTokens } from '../support/expectations.js'
import type { Party } from '../support/party.js'
import { openTestBank, type TestBank } from '../support/test-bank.js'

let bank: TestBank
let store: Store
let tpp: Party
beforeAll(async () => {
  jest.spyOn(process, 'emitWarning').mockImplementation(() => {})
  store = memoryStore()
  bank = await openTestBank(['fapi2', 'fapi2-second'], store)
  tpp = bank.as('fapi2')
})
afterAll(() => bank?.close())

const offline = { params: { scope: 'openid accounts offline_access', prompt: 'consent' } }
const only = async (client: string) => {
  const { items } = await grants(store).list({ client })
  expect(items).toHaveLength(1)
  return items[0]?.id ?? ''
}

test('a grant that was taken back leaves its client nothing: no access, no refresh, no code, and no other client loses anything', async () => {
  const browser = bank.browser()
  const [{ access_token, refresh_token }, others] = [
    await tpp.tokens({ browser, ...offline }),
    await bank.as('fapi2-second').tokens(offline),
  ]
  const id = await only(tpp.tpp.id)
  const code = await tpp.code({ browser })
  expectTokens(await tpp.refresh(String(refresh_token)))
  expect((await tpp.accounts(access_token)).status).toBe(200)

  expect(await grants(store).revoke(id)).toBe(true)

  expect((await tpp.accounts(access_token)).status).toBe(401)
  expectBadRequest(await tpp.refresh(String(refresh_token)), 'invalid_grant')
  expectBadRequest(await tpp.redeem(code), 'invalid_grant')
  expect((await bank.as('fapi2-second').accounts(others.access_token)).status).toBe(200)
})

test('the user is still signed in, and must consent again', async () => {
  const browser = bank.browser()
  await tpp.tokens({ browser })
  const silently = async () => (await tpp.respond(await tpp.authorize({ browser, params: { prompt: 'none' } }))).params
  expect((await silently()).code).toBeDefined()
  expect(await grants(store).revoke(await only(tpp.tpp.id))).toBe(true)
  expect((await silently()).error).toBe('consent_required')
  expect((await grants(store).list({ client: tpp.tpp.id })).items).toEqual([])
})

test('refreshing while the grant is taken back ends with nothing that can be used', async () => {
  const { refresh_token } = await tpp.tokens({ browser: bank.browser(), ...offline })
  const id = await only(tpp.tpp.id)
  const refreshing = Array.from({ length: 8 }, () => tpp.refresh(String(refresh_token)))
  const [, ...answers] = await Promise.all([grants(store).revoke(id), ...refreshing])
  for (const { json } of answers) {
    if (json.access_token) expect((await tpp.accounts(json.access_token)).status).toBe(401)
    expectBadRequest(await tpp.refresh(String(json.refresh_token ?? refresh_token)), 'invalid_grant')
  }
})
