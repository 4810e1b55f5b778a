import { randomUUID } from 'node:crypto'
import type { Change } from '../support/change.js'
import { later } from '../support/clock.js'
import { fromNow } from '../support/jwt.js'
import { mintKey } from '../support/keys.js'
import type { Party } from '../support/party.js'
import type { ProofChange } from '../support/proof.js'
import { openTestBank, type TestBank } from '../support/test-bank.js'
import { certificateFor } from '../support/tpp.js'
import type { Answer } from '../support/wire.js'

let bank: TestBank
let tpp: Party
let mtls: Party
let token: string
let boundToken: string
beforeAll(async () => {
  bank = await openTestBank(['fapi2', 'fapi2-second', 'fapi2-mtls', 'fapi2-mtls-second'])
  tpp = bank.as('fapi2')
  mtls = bank.as('fapi2-mtls')
  token = String((await tpp.tokens()).access_token)
  boundToken = String((await mtls.tokens()).access_token)
})
afterAll(() => bank?.close())

const otherKey = mintKey()
const p384 = mintKey('ES384')

/** RS-401(x): the status, the code in the body and in the challenge of the scheme, nothing cached, no account. */
function expectRefused({ status, json, headers }: Answer, errors: string | readonly string[], scheme = 'DPoP'): void {
  expect(status).toBe(401)
  expect([errors].flat()).toContain(json.error)
  const challenges = [headers['www-authenticate'] ?? []].flat().join(', ')
  expect(challenges).toContain(`${scheme} `)
  expect(challenges).toContain(`error="${json.error}"`)
  expect(String(headers['cache-control'])).toContain('no-store')
  expect(json).not.toHaveProperty('accounts')
}

function expectAccounts({ status, json }: Answer): void {
  expect({ status, accounts: json.accounts }).toEqual({ status: 200, accounts: expect.any(Array) })
}

/** The two resources that take access tokens: the API's and the provider's own. */
const resources: {
  at: string
  call: (party: Party, token: string, change?: Change) => Promise<Answer>
  expectIn: (answer: Answer) => void
}[] = [
  { at: 'accounts', call: (party, value, change) => party.accounts(value, change), expectIn: expectAccounts },
  {
    at: 'userinfo',
    call: (party, value, change) => party.present(party.endpoint('userinfo_endpoint'), value, change),
    expectIn: ({ status, json }) => expect({ status, sub: json.sub }).toEqual({ status: 200, sub: expect.any(String) }),
  },
]

describe.each(resources)('a DPoP token at $at', ({ at, call, expectIn }) => {
  const url = (party: Party) => (at === 'accounts' ? `${bank.issuer}/accounts` : party.endpoint('userinfo_endpoint'))

  const proofs: [string, () => ProofChange][] = [
    ['RFC9449-4.2-a typ=JWT', () => ({ header: { typ: 'JWT' } })],
    ['RFC9449-4.2-a no typ', () => ({ header: { typ: undefined } })],
    ['RFC9449-4.2-a alg=none', () => ({ alg: 'none' })],
    ['RFC9449-4.2-a HS256', () => ({ alg: 'HS256' })],
    ['FAPI2-SP-5.4.1-1.2 ES384', () => ({ key: p384 })],
    ['RFC9449-4.2-a a private jwk', () => ({ header: { jwk: tpp.tpp.proofKey?.privateJwk } })],
    ['RFC9449-4.2-a no jwk', () => ({ header: { jwk: undefined } })],
    ['RFC9449-4.2-b no jti', () => ({ claims: { jti: undefined } })],
    ['RFC9449-4.2-b no htm', () => ({ claims: { htm: undefined } })],
    ['RFC9449-4.2-b no htu', () => ({ claims: { htu: undefined } })],
    ['RFC9449-4.2-b no iat', () => ({ claims: { iat: undefined } })],
    ['RFC9449-4.2-b no ath', () => ({ claims: { ath: undefined } })],
    ['RFC9449-4.3-a the ath of another token', () => ({ claims: { ath: 'fUHyO2r2Z3DZ53EsNrWBb0xWXoaNy59IiKCAqksmQEo' } })],
    ['RFC9449-4.3-a htm=POST', () => ({ method: 'POST' })],
    ['RFC9449-4.3-a htu of another path', () => ({ url: `${bank.issuer}/other` })],
    ['RFC9449-4.3-a htu of another host', () => ({ url: 'https://other.example/accounts' })],
    ['RFC9449-4.3-a htu over http', () => ({ url: `http://${new URL(bank.issuer).host}/${at === 'accounts' ? 'accounts' : 'me'}` })],
    ['RFC9449-11.1-a iat an hour ago', () => ({ claims: { iat: fromNow(-3600) } })],
    ['RFC9449-11.1-a iat an hour ahead', () => ({ claims: { iat: fromNow(3600) } })],
    ['FAPI2-SP-5.3.2.1-13 iat 62 seconds ahead', () => ({ claims: { iat: fromNow(62) } })],
    ['another signature', () => ({ signature: 'broken' })],
  ]
  test.each(proofs)('a proof with %s: 401 invalid_dpop_proof', async (_, proof) => {
    expectRefused(await call(tpp, token, { proof: proof() }), 'invalid_dpop_proof')
  })

  test('regression: proof key must equal cnf.jkt: 401', async () => {
    expectRefused(await call(tpp, token, { proof: { key: otherKey } }), ['invalid_token', 'invalid_dpop_proof'])
  })

  test('RFC9449-7.1-a no proof: 401 invalid_dpop_proof', async () => {
    const answer = await call(tpp, token, { proof: 'none' })
    expect([400, 401]).toContain(answer.status)
    expect(answer.json).not.toHaveProperty('accounts')
  })

  test('RFC9449-4.1-a two DPoP headers: refused', async () => {
    const make = () => tpp.proof({ method: 'GET', url: url(tpp), accessToken: token })
    expectRefused(await call(tpp, token, { proof: [await make(), await make()] }), 'invalid_dpop_proof')
  })

  test('RFC9449-7.2-a sent as Bearer, with or without proof: 401', async () => {
    for (const proof of [{}, 'none'] as const) {
      const { status } = await call(tpp, token, { proof, headers: { authorization: `Bearer ${token}` } })
      expect([400, 401]).toContain(status)
    }
  })

  test('RFC9449-11.1-b the same proof again: 401 invalid_dpop_proof; a new one: accepted', async () => {
    const jti = randomUUID()
    const change: Change = { proof: { claims: { jti } } }
    expectIn(await call(tpp, token, change))
    expectRefused(await call(tpp, token, change), ['invalid_dpop_proof', 'invalid_token'])
    expectIn(await call(tpp, token))
  })

  test('regression: a proof dated ahead is remembered until it is too old, not only a minute from its use', async () => {
    const jti = randomUUID()
    const iat = fromNow(9)
    const lasting = String((await tpp.tokens()).access_token)
    expectIn(await call(tpp, lasting, { proof: { claims: { jti, iat } } }))
    for (const seconds of [61, 66, 290, 301, 306]) {
      await later(seconds, async () => expect((await call(tpp, lasting, { proof: { claims: { jti, iat } } })).status).toBe(401))
    }
  })

  const good: [string, () => Change][] = [
    ['access-token-type-header-case-sensitivity: dpop', () => ({ headers: { authorization: `dpop ${token}` } })],
    ['access-token-type-header-case-sensitivity: DPOP', () => ({ headers: { authorization: `DPOP ${token}` } })],
    ['check-dpop-proof-nbf-exp', () => ({ proof: { claims: { nbf: fromNow(-5), exp: fromNow(300) } } })],
    ['ensure-dpopproof-with-iat-10seconds-before-succeeds', () => ({ proof: { claims: { iat: fromNow(-10) } } })],
    ['ensure-dpopproof-with-iat-10seconds-after-succeeds', () => ({ proof: { claims: { iat: fromNow(10) } } })],
    [
      'RFC9449-4.3-b htu in capitals with a query',
      () => ({ proof: { url: `${url(tpp).replace('https://localhost', 'HTTPS://LOCALHOST')}?a=1` } }),
    ],
    ['RFC9449-4.3-c what nobody knows', () => ({ proof: { claims: { more: 1 }, header: { more: 1 } } })],
  ]
  test.each(good)('%s: 200', async (_, change) => {
    expectIn(await call(tpp, token, change()))
  })
})

describe.each(resources)('a certificate-bound token at $at', ({ call, expectIn }) => {
  test('FAPI1-ADV-6.2.1-2 over a connection with its certificate: 200, in any case of the scheme', async () => {
    expectIn(await call(mtls, boundToken))
    expectIn(await call(mtls, boundToken, { headers: { authorization: `bEARER ${boundToken}` } }))
  })

  test('RFC8705-3-a with another certificate, or none: 401 invalid_token', async () => {
    expectRefused(
      await call(mtls, boundToken, { certificate: bank.as('fapi2-mtls-second').tpp.certificate ?? 'none' }),
      'invalid_token',
      'Bearer',
    )
    expectRefused(await call(mtls, boundToken, { certificate: await certificateFor(mtls.tpp.id) }), 'invalid_token', 'Bearer')
    expectRefused(await call(mtls, boundToken, { certificate: 'none' }), 'invalid_token', 'Bearer')
  })

  test('with a proof and under DPoP, but without its certificate: 401', async () => {
    const change: Change = { certificate: 'none', proof: { key: otherKey }, headers: { authorization: `DPoP ${boundToken}` } }
    expect((await call(mtls, boundToken, change)).status).toBe(401)
  })
})

describe.each(resources)('whatever the token at $at', ({ at, call, expectIn }) => {
  const resource = () => (at === 'accounts' ? `${bank.issuer}/accounts` : tpp.endpoint('userinfo_endpoint'))

  test('RFC6750-3-b no Authorization: 401 with challenges for both schemes', async () => {
    const { status, headers } = await bank.wire.send(resource())
    expect(status).toBe(401)
    expect([headers['www-authenticate']].flat().join()).toMatch(/Bearer.*DPoP .*algs="[^"]*ES256/)
    expect([headers['www-authenticate']].flat().join()).not.toContain('error=')
  })

  test.each(['Bearer ', 'DPoP', 'Basic YTpi', 'Bearer a b', 'Bearer "x"', `DPoP ${'x'.repeat(5000)}`, 'Negotiate x'])(
    'an Authorization header that holds no token (number %#): refused',
    async (authorization) => {
      const { status } = await bank.wire.send(resource(), { headers: { authorization } })
      expect([400, 401]).toContain(status)
    },
  )

  test('FAPI2-SP-5.3.4-2 the token in the query, alone or next to the header: refused', async () => {
    const answers = [
      await bank.wire.send(`${resource()}?access_token=${token}`, {
        headers: { dpop: await tpp.proof({ method: 'GET', url: resource(), accessToken: token }) },
      }),
      await tpp.present(`${resource()}?access_token=${token}`, token),
    ]
    for (const { status, json } of answers) {
      expect([400, 401]).toContain(status)
      expect(json).not.toHaveProperty('accounts')
      expect(json).not.toHaveProperty('sub')
    }
  })

  test('FAPI2-SP-5.3.4-3 an altered, an expired or a revoked token: 401 invalid_token', async () => {
    expectRefused(await call(tpp, `${token}x`), 'invalid_token')
    const old = String((await tpp.tokens()).access_token)
    await later(3601, async () => expectRefused(await call(tpp, old), 'invalid_token'))
    const revoked = String((await tpp.tokens({ browser: bank.browser() })).access_token)
    expectIn(await call(tpp, revoked))
    expect((await tpp.call('revocation_endpoint', { token: revoked })).status).toBe(200)
    expectRefused(await call(tpp, revoked), 'invalid_token')
  })

  test('a refresh token, a code or an ID token as access token: 401 invalid_token', async () => {
    const { refresh_token, id_token } = await tpp.tokens()
    for (const value of [refresh_token, id_token, await tpp.code()]) expectRefused(await call(tpp, String(value)), 'invalid_token')
  })

  test.each(['__proto__', 'constructor', 'toString', 'AccessToken'])('%s as access token: 401 invalid_token', async (value) => {
    expectRefused(await call(tpp, value), 'invalid_token')
  })
})

test('FAPI2-SP-5.3.4-4 a token without the scope: 403 insufficient_scope', async () => {
  const { access_token } = await tpp.tokens({ params: { scope: 'openid' }, browser: bank.browser() })
  const { status, headers, json } = await tpp.accounts(access_token)
  expect({ status, error: json.error }).toEqual({ status: 403, error: 'insufficient_scope' })
  expect([headers['www-authenticate']].flat().join()).toContain('insufficient_scope')
})

test('regression: the scope is compared as a whole word', async () => {
  const answer = await tpp.push({ params: { scope: 'openid accountsx' } })
  if (answer.status === 400) return
  const { access_token } = await tpp.tokens({ params: { scope: 'openid accountsx' }, browser: bank.browser() })
  expect((await tpp.accounts(access_token)).status).toBe(403)
})

test('only the accounts the user chose, of the user who chose them', async () => {
  const { access_token } = await tpp.tokens({ browser: bank.browser(), user: { login: 'bob' } })
  const { json } = await tpp.accounts(access_token)
  expect((json.accounts as { id: string }[]).map(({ id }) => id)).toEqual(['acc-2001', 'acc-2002'])
})

describe('headers of FAPI 1.0 that FAPI 2.0 still lets through', () => {
  const sent = '4b2f7f5e-0c3a-4d8e-9f51-6a0b1c2d3e4f'
  test('FAPI1-BASE-6.2.1-11 x-fapi-interaction-id is echoed, on refusals too; without it there is a new UUID', async () => {
    for (const change of [{}, { proof: 'none' }] as const) {
      const { headers } = await tpp.accounts(token, { ...change, headers: { 'x-fapi-interaction-id': sent } })
      expect(headers['x-fapi-interaction-id']).toBe(sent)
    }
    expect((await tpp.accounts(token)).headers['x-fapi-interaction-id']).toMatch(/^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/)
    const { headers } = await tpp.accounts(token, { headers: { 'x-fapi-interaction-id': 'no uuid' } })
    expect(headers['x-fapi-interaction-id']).not.toBe('no uuid')
  })

  test.each(['198.51.100.119', '2001:DB8::1893:25c8:1946'])('FAPI1-BASE-6.2.1-13 x-fapi-customer-ip-address: %s: 200', async (address) => {
    const headers = { 'x-fapi-customer-ip-address': address, 'x-fapi-auth-date': 'Tue, 11 Sep 2012 19:43:31 GMT' }
    expectAccounts(await tpp.accounts(token, { headers }))
  })
})
