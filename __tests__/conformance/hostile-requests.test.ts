import { authorizationParams } from '../support/authorization-request.js'
import { expectPushed, expectTokens } from '../support/expectations.js'
import type { Party } from '../support/party.js'
import { openTestBank, type TestBank } from '../support/test-bank.js'
import type { Answer, Params } from '../support/wire.js'

let bank: TestBank
let parties: Party[]
beforeAll(async () => {
  bank = await openTestBank(['fapi2', 'signing', 'fapi1-jarm', 'fapi1-hybrid', 'baseline', 'plain'])
  parties = (['fapi2', 'signing', 'fapi1-jarm', 'fapi1-hybrid', 'baseline', 'plain'] as const).map((name) => bank.as(name))
})
afterAll(() => bank?.close())

/** What an attacker puts where a value should be. */
const VALUES: [string, string | readonly string[]][] = [
  ['nothing', ''],
  ['a list', ['a', 'b']],
  ['a space', ' '],
  ['a line break', 'a\r\nset-cookie: x=1'],
  ['a zero byte', 'a\u0000b'],
  ['unicode', '🏦é\u202e\ufeff'],
  ['percent signs', '%ED%A0%80'],
  ['quotes and a backslash', '"\\<script>'],
  ['a lot of it', 'x'.repeat(20_000)],
  ['a name every object has', '__proto__'],
  ['JSON', '{"a":{"b":[1]}}'],
]

const PARAMETERS = [
  'response_type',
  'redirect_uri',
  'scope',
  'state',
  'nonce',
  'code_challenge',
  'code_challenge_method',
  'response_mode',
  'prompt',
  'max_age',
  'claims',
  'acr_values',
  'login_hint',
  'id_token_hint',
  'ui_locales',
  'dpop_jkt',
  'request',
  'request_uri',
  'registration',
  'urn:express-fapi:after-checks',
]

/** A refusal or a success, but no crash, and nothing that quotes the attacker into a header. */
function expectCalm({ status, json, headers, text }: Answer): void {
  expect({ status: status < 500, error: json.error === 'server_error', text: status < 500 ? '' : text }).toEqual({
    status: true,
    error: false,
    text: '',
  })
  expect(headers['set-cookie'] === undefined || ![headers['set-cookie']].flat().join().includes('x=1')).toBe(true)
  if (typeof json.error_description === 'string') expect(json.error_description).toMatch(/^[\x20-\x21\x23-\x5b\x5d-\x7e]*$/)
}

describe.each(VALUES)('%s as', (_, value) => {
  test.each(PARAMETERS)('%s, pushed or by value: refused or taken, never a crash', async (name) => {
    const [fapi2, signing, , hybrid, , plain] = parties as [Party, Party, Party, Party, Party, Party]
    expectCalm(await fapi2.push({ params: { [name]: value } }))
    expectCalm(await signing.push({ params: { [name]: value } }))
    expectCalm(await hybrid.push({ outside: { [name]: value } }))
    for (const party of [hybrid, plain]) {
      const query = { ...authorizationParams(party.tpp), [name]: value }
      expectCalm((await bank.browser().journey(bank.authorizationUrl(query), { decision: 'leave' })).answer)
    }
  })

  test.each([
    'grant_type',
    'code',
    'redirect_uri',
    'code_verifier',
    'client_id',
    'client_assertion',
    'client_assertion_type',
    'client_secret',
    'refresh_token',
    'scope',
  ])('%s at the token endpoint: refused, never a crash', async (name) => {
    const [fapi2, , jarm, , , plain] = parties as [Party, Party, Party, Party, Party, Party]
    for (const party of [fapi2, jarm]) expectCalm(await party.redeem('no-such-code', { params: { [name]: value } }))
    expectCalm(await plain.refresh('no-such-token', { params: { [name]: value } }))
  })
})

describe('inside a request object', () => {
  const claims: Record<string, unknown>[] = [
    'redirect_uri',
    'scope',
    'state',
    'nonce',
    'response_type',
    'response_mode',
    'code_challenge',
    'client_id',
    'aud',
    'iss',
    'claims',
    'max_age',
    'exp',
    'nbf',
  ].flatMap((name) => [null, 7, {}, [], ['a', { b: 1 }], 1e308].map((value) => ({ [name]: value })))
  test('every claim with every wrong type: refused or taken, never a crash', async () => {
    for (const change of claims) {
      const pushed = await bank.as('signing').push({ object: { claims: change } })
      expect({ change, calm: pushed.status < 500 }).toEqual({ change, calm: true })
      const url = await bank.as('fapi1-hybrid').byValue({ object: { claims: change } })
      const { answer } = await bank.browser().journey(url, { decision: 'leave' })
      expect({ change, calm: answer.status < 500 }).toEqual({ change, calm: true })
    }
  })
})

describe('the form itself', () => {
  const send = (body: string, type = 'application/x-www-form-urlencoded') =>
    bank.wire.send(String(bank.metadata.pushed_authorization_request_endpoint), { method: 'POST', headers: { 'content-type': type }, body })

  test.each([
    '%',
    '%zz=1',
    '&&&&',
    '=',
    'a[b]=c&a[b]=d',
    '__proto__=x&constructor=y',
    'client_id[]=tpp-fapi2',
    `${'a=1&'.repeat(5000)}`,
    'x'.repeat(300_000),
    '',
  ])('a body that is no form or object (number %#): refused, never a crash', async (body) => expectCalm(await send(body)))

  test.each(['text/plain', 'multipart/form-data; boundary=x', 'application/json', 'application/x-www-form-urlencoded; charset=utf-7', 'x'])(
    'the content type %s: refused, never a crash',
    async (type) => {
      const answer = await send('client_id=tpp-fapi2', type)
      expectCalm(answer)
      expect(answer.status).toBeGreaterThanOrEqual(400)
    },
  )

  test.each([
    { authorization: 'Basic' },
    { authorization: 'Basic %%%' },
    { authorization: `Basic ${'A'.repeat(9000)}` },
    { authorization: 'Bearer x' },
    { dpop: '\u00e9' },
    { 'oauth-client-attestation': 'x', 'oauth-client-attestation-pop': 'y' },
  ])('the headers %j: refused or ignored, never a crash', async (headers) => {
    for (const party of parties) {
      expectCalm(await party.push({ headers }))
      expectCalm(await party.redeem('no-such-code', { headers }))
    }
  })

  test('X-Forwarded-Host and X-Forwarded-Proto of the attacker change nothing', async () => {
    const forwarded = await bank.wire.send(`${bank.issuer}/.well-known/openid-configuration`, {
      headers: { 'x-forwarded-host': 'attacker.example', 'x-forwarded-proto': 'http' },
    })
    expect(forwarded.json).toEqual(bank.metadata)
  })
})

test('after all that the honest ones are served as before', async () => {
  for (const party of parties) {
    expectPushed(await party.push())
    const params: Params = {}
    expectTokens(await party.redeem(await party.code({ params })))
  }
})
