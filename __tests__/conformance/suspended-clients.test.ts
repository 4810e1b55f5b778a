import { expectError, expectPushed, expectTokens, expectUnauthenticated } from '../support/expectations.js'
import { mintKey } from '../support/keys.js'
import type { Party } from '../support/party.js'
import { honestMetadata, meet, read, register, update } from '../support/registration.js'
import { openTestBank, type TestBank } from '../support/test-bank.js'
import type { Answer } from '../support/wire.js'

let bank: TestBank
let registered: Answer
let party: Party
let tokens: Answer['json']
beforeAll(async () => {
  bank = await openTestBank(['fapi2'])
  const key = mintKey()
  registered = await register(bank, { ...honestMetadata(key, 'fapi2-security'), scope: 'openid accounts' })
  party = meet(bank, registered, key)
  tokens = await party.tokens()
})
afterAll(() => bank?.close())

const id = () => String(registered.json.client_id)

test('whoever is in good standing is served', async () => {
  expectPushed(await party.push())
  expect((await party.accounts(tokens.access_token)).status).toBe(200)
  expect((await bank.registration.find(id()))?.used_at).toEqual(expect.any(Number))
})

describe('a client that is suspended', () => {
  let address: string
  let code: string
  beforeAll(async () => {
    address = await party.address()
    code = await party.code()
    expect(await bank.registration.suspend(id(), 'its licence was withdrawn')).toBe(true)
  })
  afterAll(() => bank.registration.resume(id()))

  test('pushes nothing', async () => expectUnauthenticated(await party.push()))
  test('gets no code for what it pushed before', async () => {
    const { location, answer } = await bank.browser().journey(address)
    expect([location, answer.status]).toEqual([undefined, 401])
  })
  test('redeems no code from before', async () => expectUnauthenticated(await party.redeem(code)))
  test('refreshes nothing', async () => expectUnauthenticated(await party.refresh(String(tokens.refresh_token))))
  test('is let into the API no more', async () => expect((await party.accounts(tokens.access_token)).status).toBe(401))
  test('is told why where it manages its registration, and changes nothing there', async () => {
    for (const answer of [await read(bank, registered), await update(bank, registered, registered.json)]) {
      expectError(answer, 403, 'access_denied')
      expect(answer.json.error_description).toContain('its licence was withdrawn')
    }
  })
  test('does not resume itself by registering as another', async () => {
    const answer = await register(bank, { ...honestMetadata(mintKey(), 'fapi2-security'), client_status: 'active' })
    expect(answer.json).not.toHaveProperty('client_status')
  })
})

test('a client that is resumed goes on with what it had', async () => {
  expect((await party.accounts(tokens.access_token)).status).toBe(200)
  expectTokens(await party.refresh(String(tokens.refresh_token)))
  expect((await read(bank, registered)).status).toBe(200)
})

test('who is no registered client cannot be suspended', async () => {
  expect(await bank.registration.suspend('nobody', 'x')).toBe(false)
})
