import { randomUUID } from 'node:crypto'
import { createPolicy, fapi2Security } from 'express-fapi'
import { observe, withFapi } from 'express-fapi/provider'
import Provider from 'oidc-provider'
import { openTestBank, type TestBank } from '../support/test-bank.js'
import { makeKeys } from './support.js'

/* What a policy is told of. */

let bank: TestBank
beforeAll(async () => {
  bank = await openTestBank(['fapi2', 'signing', 'plain'])
})
afterAll(() => bank?.close())

/** The verdicts that one request left. */
async function verdictsOf(request: (headers: Record<string, string>) => Promise<unknown>) {
  const interaction = randomUUID()
  await request({ 'x-fapi-interaction-id': interaction })
  return bank.verdicts.filter((verdict) => verdict.interaction === interaction)
}

test('a refusal of a rule is told once, with rule, clause, client and interaction id', async () => {
  const verdicts = await verdictsOf((headers) =>
    bank
      .as('fapi2')
      .push({ params: { code_challenge_method: 'S256', nonce: 'n' }, assertion: { claims: { exp: Date.now() / 1000 + 7_200 } }, headers }),
  )
  const refusals = verdicts.filter(({ rejection }) => rejection)
  expect(refusals).toHaveLength(1)
  expect(refusals[0]).toMatchObject({
    stage: 'authentication',
    profile: 'fapi2-security',
    client: 'tpp-fapi2',
    by: 'rules',
    mode: 'enforce',
  })
  expect(refusals[0]?.rejection).toMatchObject({ rule: 'assertion-lifetime', clauses: ['RFC7523-3'], error: 'invalid_client' })
})

test('a refusal of the provider is told too, with the clause where one is known', async () => {
  const verdicts = await verdictsOf((headers) =>
    bank.as('fapi2').push({ params: { redirect_uri: 'https://elsewhere.example/cb' }, headers }),
  )
  expect(verdicts.filter(({ by }) => by === 'server')).toMatchObject([
    { stage: 'par', client: 'tpp-fapi2', profile: 'fapi2-security', rejection: { error: 'invalid_request' } },
  ])
  const plain = await verdictsOf((headers) => bank.as('fapi2').push({ params: { code_challenge_method: 'plain' }, headers }))
  expect(plain.filter(({ by }) => by === 'server')).toMatchObject([{ rejection: { rule: 'pkce-s256', clauses: ['FAPI2-SP-5.3.2.2-5'] } }])
})

test('a request that passes is told as passed', async () => {
  const verdicts = await verdictsOf((headers) => bank.as('fapi2').push({ headers }))
  expect(verdicts.map(({ stage, violations }) => [stage, violations.length])).toEqual(
    expect.arrayContaining([
      ['authentication', 0],
      ['par', 0],
    ]),
  )
  expect(verdicts.every(({ rejection }) => rejection === undefined)).toBe(true)
})

test('no token, assertion, proof or code is in any verdict', async () => {
  const party = bank.as('fapi2')
  const compact = await party.assertion()
  await party.push({ assertion: { compact } })
  const code = await party.code()
  const { json } = await party.redeem(code)
  await party.redeem(code)
  const told = JSON.stringify(bank.verdicts)
  for (const secret of [compact, code, json.access_token, json.refresh_token]) expect(told).not.toContain(String(secret))
})

test('a client outside all profiles leaves no verdict of rules', async () => {
  const verdicts = await verdictsOf((headers) => bank.as('plain').token({ grant_type: 'authorization_code', code: 'none' }, { headers }))
  expect(verdicts.filter(({ by }) => by === 'rules')).toEqual([])
})

test('the state of one client is not handed to another: its request_uri with a foreign client_id ends on a page', async () => {
  const { json } = await bank.as('fapi2').push({ params: { state: 'state-of-fapi2' } })
  const answer = await bank.browser().open(bank.authorizationUrl({ client_id: 'tpp-signing', request_uri: String(json.request_uri) }))
  expect([answer.status, answer.headers.location]).toEqual([400, undefined])
  expect(answer.text).not.toContain('state-of-fapi2')
  const own = await bank.browser().open(bank.authorizationUrl({ client_id: 'tpp-fapi2', request_uri: String(json.request_uri) }))
  expect([own.status, own.headers.location]).toEqual([303, expect.stringContaining('/interaction/')])
})

test('a provider that withFapi did not configure is refused', () => {
  const { jwks } = makeKeys()
  const policy = createPolicy({ profile: fapi2Security })
  const issuer = 'https://as.bank.example'
  expect(() => observe(policy, new Provider(issuer, { jwks }))).toThrow('must be configured by withFapi')
  const provider = new Provider(issuer, withFapi(policy, issuer, { jwks }))
  expect(observe(policy, provider)).toBe(provider)
})
