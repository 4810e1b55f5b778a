import { createHash } from 'node:crypto'
import { createLocalJWKSet, decodeJwt, decodeProtectedHeader, type JSONWebKeySet, jwtVerify } from 'jose'
import type { Identity } from '../../examples/bank/certificates.js'
import { STATE } from '../support/authorization-request.js'
import type { Change } from '../support/change.js'
import { later } from '../support/clock.js'
import { expectBadRequest, expectCode, expectError, expectPushed, expectTokens, expectUnauthenticated } from '../support/expectations.js'
import { fromNow, type JwtChange } from '../support/jwt.js'
import { mintKey } from '../support/keys.js'
import type { Party } from '../support/party.js'
import { openTestBank, type TestBank } from '../support/test-bank.js'
import { certificateFor } from '../support/tpp.js'
import type { Answer } from '../support/wire.js'

let bank: TestBank
let jarm: Party
let hybrid: Party
let both: Party
beforeAll(async () => {
  bank = await openTestBank(['fapi1-jarm', 'fapi1-hybrid', 'fapi1-both', 'fapi2-mtls'])
  jarm = bank.as('fapi1-jarm')
  hybrid = bank.as('fapi1-hybrid')
  both = bank.as('fapi1-both')
})
afterAll(() => bank?.close())

const p384 = mintKey('ES384')
const leftHalf = (text: unknown) => createHash('sha256').update(String(text)).digest().subarray(0, 16).toString('base64url')

async function verifiedIdToken(party: Party, idToken: unknown) {
  const { json: jwks } = await bank.wire.send(String(bank.metadata.jwks_uri))
  const { payload, protectedHeader } = await jwtVerify(String(idToken), createLocalJWKSet(jwks as unknown as JSONWebKeySet), {
    ...{ issuer: bank.issuer, audience: party.tpp.id, algorithms: ['PS256', 'ES256'] },
    requiredClaims: ['exp', 'iat', 'nonce', 'sub'],
  })
  expect(protectedHeader.kid).toEqual(expect.any(String))
  return payload
}

describe('the answer of code id_token', () => {
  test.each(['value', 'par'] as const)(
    'FAPI1-ADV-5.2.2.1-1 FAPI1-ADV-5.2.2.1-4 by %s: code, id_token and state in the fragment, c_hash and s_hash fit',
    async (via) => {
      const { params, place } = await hybrid.respond(await hybrid.authorize({ via }))
      expect(place).toBe('fragment')
      expect(params).toMatchObject({ code: expect.any(String), state: STATE })
      const claims = await verifiedIdToken(hybrid, params.id_token)
      expect(claims).toMatchObject({ c_hash: leftHalf(params.code), s_hash: leftHalf(STATE), nonce: 'nonce-of-the-client' })
      expect(params).not.toHaveProperty('access_token')
    },
  )

  test('FAPI1-ADV-5.2.2.1-5 without state there is no s_hash', async () => {
    const { params } = await hybrid.respond(await hybrid.authorize({ params: { state: undefined } }))
    expect(await verifiedIdToken(hybrid, params.id_token)).not.toHaveProperty('s_hash')
    expect(params).not.toHaveProperty('state')
  })

  test('FAPI1-ADV-5.2.2.1-6 no personal data in the ID token that passes the browser', async () => {
    const { params } = await hybrid.respond(
      await hybrid.authorize({ params: { scope: 'openid profile accounts' }, browser: bank.browser() }),
    )
    const claims = await verifiedIdToken(hybrid, params.id_token)
    for (const name of ['name', 'given_name', 'family_name']) expect(claims).not.toHaveProperty(name)
  })

  test('the ID token of the token endpoint is about the same user and has the same nonce', async () => {
    const { params } = await hybrid.respond(await hybrid.authorize())
    const { json } = await hybrid.redeem(String(params.code))
    const [front, back] = [await verifiedIdToken(hybrid, params.id_token), await verifiedIdToken(hybrid, json.id_token)]
    expect([back.sub, back.nonce]).toEqual([front.sub, front.nonce])
  })
})

describe('the answer of code with JARM', () => {
  test.each(['value', 'par'] as const)('FAPI1-ADV-5.2.2.2-1 by %s: response in the query and nothing else', async (via) => {
    const { bare, place, params } = await jarm.respond(await jarm.authorize({ via }))
    expect([Object.keys(bare), place]).toEqual([['response'], 'query'])
    expect(params).toMatchObject({ iss: bank.issuer, aud: jarm.tpp.id, state: STATE, code: expect.any(String) })
    expect(Number(decodeJwt(bare.response ?? '').exp) - fromNow(0)).toBeLessThanOrEqual(600)
    expect(['PS256', 'ES256']).toContain(decodeProtectedHeader(bare.response ?? '').alg)
  })

  test('a client of both kinds gets each as it asks', async () => {
    await expectCode(both, await both.authorize())
    const { place, params } = await both.respond(
      await both.authorize({ params: { response_type: 'code id_token', response_mode: undefined } }),
    )
    expect(place).toBe('fragment')
    await verifiedIdToken(both, params.id_token)
  })
})

const endpoints: { at: string; call: (party: Party, change: Change) => Promise<Answer>; expectIn: (answer: Answer) => void }[] = [
  { at: 'PAR', call: (party, change) => party.push(change), expectIn: expectPushed },
  {
    at: 'token',
    call: (party, change) => party.redeem('no-such-code', change),
    expectIn: (answer) => expectError(answer, 400, 'invalid_grant'),
  },
]

describe.each(endpoints)('client authentication at the $at endpoint', ({ at, call, expectIn }) => {
  const accepted: [string, () => JwtChange][] = [
    ['as the profile wants it', () => ({})],
    ['ensure-client-assertion-with-iss-aud-succeeds', () => ({ claims: { aud: bank.issuer } })],
    ['aud is an array with the issuer', () => ({ claims: { aud: [bank.issuer, 'https://other.example'] } })],
    ['aud is the token endpoint of the metadata', () => ({ claims: { aud: String(bank.metadata.token_endpoint) } })],
    ['aud is the mutual TLS alias of the token endpoint', () => ({ claims: { aud: jarm.endpoint('token_endpoint') } })],
    ['iat and nbf 8 seconds ahead', () => ({ claims: { iat: fromNow(8), nbf: fromNow(8) } })],
    ...(at === 'PAR'
      ? ([
          [
            'aud is the PAR endpoint of the metadata',
            () => ({ claims: { aud: String(bank.metadata.pushed_authorization_request_endpoint) } }),
          ],
          [
            'aud is the mutual TLS alias of the PAR endpoint',
            () => ({ claims: { aud: jarm.endpoint('pushed_authorization_request_endpoint') } }),
          ],
        ] as [string, () => JwtChange][])
      : []),
  ]
  test.each(accepted)('RFC9126-2-c %s: accepted', async (_, change) => {
    expectIn(await call(jarm, { assertion: change() }))
  })

  const refused: [string, () => JwtChange][] = [
    ['ensure-client-assertion-with-wrong-aud: another server', () => ({ claims: { aud: 'https://other.example/token' } })],
    ['aud is another endpoint of this server', () => ({ claims: { aud: String(bank.metadata.authorization_endpoint) } })],
    ['aud is the token endpoint on another port', () => ({ claims: { aud: 'https://localhost:1/token' } })],
    ['no aud', () => ({ claims: { aud: undefined } })],
    ['wrong iss', () => ({ claims: { iss: both.tpp.id } })],
    ['wrong sub', () => ({ claims: { sub: both.tpp.id } })],
    ['no sub', () => ({ claims: { sub: undefined } })],
    ['no jti', () => ({ claims: { jti: undefined } })],
    ['expired 5 minutes ago', () => ({ claims: { iat: fromNow(-360), exp: fromNow(-300) } })],
    ['no exp', () => ({ claims: { exp: undefined } })],
    ['exp in ten years', () => ({ claims: { exp: fromNow(315_360_000) } })],
    ['FAPI1-ADV-8.6-1 RS256', () => ({ alg: 'RS256' })],
    ['FAPI1-ADV-8.6-1 PS512', () => ({ alg: 'PS512' })],
    ['FAPI1-ADV-8.6-1 HS256', () => ({ alg: 'HS256' })],
    ['FAPI1-ADV-8.6-1 ES384', () => ({ key: p384 })],
    ['FAPI1-ADV-8.6-3 none', () => ({ alg: 'none' })],
    ['the key of another client', () => ({ key: both.tpp.key })],
    ['another signature', () => ({ signature: 'broken' })],
    ['typ=oauth-authz-req+jwt', () => ({ header: { typ: 'oauth-authz-req+jwt' } })],
  ]
  test.each(refused)('FAPI1-ADV-5.2.2-14 %s: 401 invalid_client', async (_, change) => {
    expectUnauthenticated(await call(jarm, { assertion: change() }))
  })

  test('FAPI1-ADV-5.2.2-16 client_id alone: 401 invalid_client', async () => {
    expectUnauthenticated(await call(jarm, { assertion: 'none' }))
    expectUnauthenticated(await call(hybrid, { certificate: 'none' }))
  })

  test('FAPI1-BASE-5.2.2-19 identifiers that disagree: 401 invalid_client', async () => {
    const named = (client_id: string): Change => (at === 'PAR' ? { outside: { client_id } } : { params: { client_id } })
    expectUnauthenticated(await call(jarm, named(both.tpp.id)))
    expectUnauthenticated(await call(hybrid, named('tpp-fapi2-mtls')))
    expectIn(await call(hybrid, {}))
  })

  test('RFC8705-2.1-a the certificate of another client, or one that signs itself: 401 invalid_client', async () => {
    expectUnauthenticated(await call(hybrid, { certificate: jarm.tpp.certificate as Identity }))
    expectUnauthenticated(await call(hybrid, { certificate: await certificateFor(hybrid.tpp.id) }))
  })

  test('RFC7523-3-d the same assertion again: 401 invalid_client', async () => {
    const compact = await jarm.assertion()
    expectIn(await call(jarm, { assertion: { compact } }))
    expectUnauthenticated(await call(jarm, { assertion: { compact } }))
  })

  test('FAPI1-BASE-5.2.2-4 HTTP Basic: 401 invalid_client', async () => {
    const basic = `Basic ${Buffer.from(`${jarm.tpp.id}:secret`).toString('base64')}`
    expectUnauthenticated(await call(jarm, { assertion: 'none', headers: { authorization: basic } }))
  })
})

describe.each(['fapi1-jarm', 'fapi1-hybrid'] as const)('tokens of %s', (name) => {
  let party: Party
  beforeAll(() => {
    party = bank.as(name)
  })

  test('FAPI1-ADV-5.2.2-5 FAPI1-BASE-5.2.2-14 tokens are Bearer, bound to the certificate, with scope', async () => {
    const answer = await party.redeem(await party.code())
    expectTokens(answer, 'Bearer')
    expect(answer.json.scope).toEqual(expect.stringContaining('accounts'))
    const { json } = await party.call('introspection_endpoint', { token: String(answer.json.access_token) })
    expect(json).toMatchObject({ active: true, cnf: { 'x5t#S256': expect.stringMatching(/^[\w-]{43}$/) } })
  })

  test('FAPI1-ADV-5.2.2-5 NO-POP no certificate at the token endpoint: refused, with it the same code works', async () => {
    const code = await party.code()
    const { status, json } = await party.redeem(code, { certificate: 'none' })
    expect([`${status} ${json.error}`]).toEqual([name === 'fapi1-hybrid' ? '401 invalid_client' : '400 invalid_grant'])
    expectTokens(await party.redeem(code))
  })

  test('FAPI1-ADV-5.2.2-6 a DPoP proof instead of a certificate: refused', async () => {
    const code = await party.code()
    const { status } = await party.redeem(code, { certificate: 'none', proof: {} })
    expect([400, 401]).toContain(status)
  })

  test('FAPI1-ADV-6.2.1-2 another certificate, or none, at the API: 401', async () => {
    const { access_token } = await party.tokens()
    expect((await party.accounts(access_token)).status).toBe(200)
    expect((await party.accounts(access_token, { certificate: await certificateFor('other', bank.authority) })).status).toBe(401)
    expect((await party.accounts(access_token, { certificate: 'none' })).status).toBe(401)
  })

  test('FAPI1-BASE-5.2.2-13 a code for the second time: 400 invalid_grant, its tokens are dead', async () => {
    const code = await party.code()
    const { json } = await party.redeem(code)
    await later(1, async () => expectBadRequest(await party.redeem(code), 'invalid_grant'))
    expect((await party.accounts(json.access_token)).status).toBe(401)
    expectBadRequest(await party.refresh(String(json.refresh_token)), 'invalid_grant')
  })

  test('RFC6749-4.1.2-a the code of another client, another redirect_uri, no code_verifier: 400 invalid_grant', async () => {
    const code = await party.code()
    expectBadRequest(await both.redeem(code), 'invalid_grant')
    expectBadRequest(await party.redeem(code, { params: { redirect_uri: 'https://tpp.example/other' } }), 'invalid_grant')
    expectBadRequest(await party.redeem(code, { params: { code_verifier: undefined } }), 'invalid_grant')
    expectTokens(await party.redeem(code))
  })

  test('a code after 61 seconds: 400 invalid_grant', async () => {
    const code = await party.code()
    await later(61, async () => expectBadRequest(await party.redeem(code), 'invalid_grant'))
  })

  test('refresh-token: works 30 seconds later too; another client, no authentication, no certificate: refused', async () => {
    const { refresh_token } = await party.tokens()
    const token = String(refresh_token)
    const first = await party.refresh(token)
    expectTokens(first, 'Bearer')
    await later(30, async () => expectTokens(await party.refresh(token)))
    expectBadRequest(await both.refresh(token), 'invalid_grant')
    expectUnauthenticated(await party.refresh(token, { assertion: 'none', ...(name === 'fapi1-hybrid' && { certificate: 'none' }) }))
    if (name === 'fapi1-jarm') expectBadRequest(await party.refresh(token, { certificate: 'none' }), 'invalid_grant')
    expectTokens(await party.refresh(token))
  })
})
