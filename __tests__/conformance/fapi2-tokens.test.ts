import { createLocalJWKSet, type JSONWebKeySet, jwtVerify } from 'jose'
import type { Change } from '../support/change.js'
import { later } from '../support/clock.js'
import { expectBadRequest, expectCode, expectError, expectPushed, expectTokens, expectUnauthenticated } from '../support/expectations.js'
import { fromNow } from '../support/jwt.js'
import { mintKey } from '../support/keys.js'
import type { Party } from '../support/party.js'
import { challengeOf, VERIFIER } from '../support/pkce.js'
import type { ProofChange } from '../support/proof.js'
import { openTestBank, type TestBank } from '../support/test-bank.js'
import type { Answer, Params } from '../support/wire.js'

let bank: TestBank
let tpp: Party
let second: Party
let mtls: Party
beforeAll(async () => {
  bank = await openTestBank([
    'fapi2',
    'fapi2-second',
    'fapi2-mtls',
    'fapi2-mtls-second',
    'fapi2-selfsigned',
    'fapi2-jwt-mtls',
    'fapi2-mtls-dpop',
    'fapi2-selfsigned-dpop',
  ])
  tpp = bank.as('fapi2')
  second = bank.as('fapi2-second')
  mtls = bank.as('fapi2-mtls')
})
afterAll(() => bank?.close())

const otherKey = mintKey()
const p384 = mintKey('ES384')

describe('a whole flow', () => {
  test.each([
    'fapi2',
    'fapi2-second',
    'fapi2-mtls',
    'fapi2-selfsigned',
    'fapi2-jwt-mtls',
    'fapi2-mtls-dpop',
    'fapi2-selfsigned-dpop',
  ] as const)('happy-flow of %s', async (name) => {
    const party = bank.as(name)
    const answer = await party.redeem(await party.code())
    expectTokens(answer, party.tpp.proofKey ? 'DPoP' : 'Bearer')
    const { json: jwks } = await bank.wire.send(String(bank.metadata.jwks_uri))
    const { payload, protectedHeader } = await jwtVerify(
      String(answer.json.id_token),
      createLocalJWKSet(jwks as unknown as JSONWebKeySet),
      {
        ...{ issuer: bank.issuer, audience: party.tpp.id, algorithms: ['PS256', 'ES256'] },
        requiredClaims: ['exp', 'iat', 'nonce', 'sub'],
      },
    )
    expect(protectedHeader.kid).toEqual(expect.any(String))
    expect(payload.nonce).toBe('nonce-of-the-client')
    expect((await party.accounts(answer.json.access_token)).status).toBe(200)
  })

  test('FAPI2-SP-5.3.2.1-5 the tokens name what they are bound to', async () => {
    for (const [party, member] of [
      [tpp, 'jkt'],
      [mtls, 'x5t#S256'],
    ] as const) {
      const { access_token: token } = await party.tokens()
      const { json } = await party.call('introspection_endpoint', { token: String(token) })
      expect(json).toMatchObject({ active: true, cnf: { [member]: expect.stringMatching(/^[\w-]{43}$/) } })
    }
  })

  test('FAPI2-SP-5.4.1-4 codes and tokens are long and all different', async () => {
    const responses = await Promise.all(Array.from({ length: 5 }, () => tpp.tokens()))
    const codes = [await tpp.code(), await tpp.code()]
    const values = [...codes, ...responses.flatMap((json) => [String(json.access_token), String(json.refresh_token)])]
    expect(new Set(values).size).toBe(values.length)
    for (const value of values) expect(value.length).toBeGreaterThanOrEqual(22)
  })
})

describe('the token request', () => {
  test('FAPI2-SP-5.3.2.1-2 grant_type=password: 400 unsupported_grant_type', async () => {
    expectBadRequest(await tpp.token({ grant_type: 'password', username: 'alice', password: 'alice' }), 'unsupported_grant_type')
  })

  test.each([
    ['foo', 'unsupported_grant_type'],
    ['implicit', 'unsupported_grant_type'],
    ['', 'invalid_request'],
    [undefined, 'invalid_request'],
    ['urn:ietf:params:oauth:grant-type:device_code', 'unsupported_grant_type'],
  ])('RFC6749-5.2-a grant_type=%s: 400 %s', async (grant_type, error) => {
    expectBadRequest(await tpp.token({ grant_type }), error)
  })

  test('RFC6749-5.2-a grant_type=client_credentials, which the client has not registered: refused, no token', async () => {
    const answer = await tpp.token({ grant_type: 'client_credentials' })
    expectError(answer, 400, expect.stringMatching(/^(unsupported_grant_type|unauthorized_client|invalid_request)$/))
  })

  const verifiers: [string, Params][] = [
    ['no code_verifier', { code_verifier: undefined }],
    ['another code_verifier', { code_verifier: `${VERIFIER}x` }],
    ['the challenge as code_verifier', { code_verifier: challengeOf(VERIFIER) }],
    ['an empty code_verifier', { code_verifier: '' }],
  ]
  test.each(verifiers)('FAPI2-SP-5.3.2.2-5 %s: 400 invalid_grant; the right one still works', async (_, params) => {
    const code = await tpp.code()
    expectBadRequest(await tpp.redeem(code, { params }), 'invalid_grant')
    expectTokens(await tpp.redeem(code))
  })

  test.each([
    ['42 characters', 'a'.repeat(42)],
    ['129 characters', 'a'.repeat(129)],
    ['a space', `${'a'.repeat(50)} `],
    ['an umlaut', `${'a'.repeat(50)}ä`],
  ])('RFC7636-4.1-a a code_verifier with %s: 400, even where the challenge fits', async (_, verifier) => {
    const code = await tpp.code({ params: { code_challenge: challengeOf(verifier) } })
    expectError(await tpp.redeem(code, { params: { code_verifier: verifier } }), 400, expect.stringMatching(/^invalid_(grant|request)$/))
  })

  test('FAPI1-BASE-5.2.2.1-5 another redirect_uri than in the push, or none: refused', async () => {
    const code = await tpp.code()
    expectBadRequest(await tpp.redeem(code, { params: { redirect_uri: 'https://tpp.example/other' } }), 'invalid_grant')
    expectTokens(await tpp.redeem(code))
  })

  test('RFC6749-4.1.2-a the code of another client: 400 invalid_grant; its own client still can', async () => {
    const code = await tpp.code()
    expectBadRequest(await second.redeem(code), 'invalid_grant')
    expectBadRequest(await second.redeem(code, { params: { redirect_uri: tpp.tpp.redirectUri } }), 'invalid_grant')
    expectBadRequest(await mtls.redeem(code, { params: { redirect_uri: tpp.tpp.redirectUri } }), 'invalid_grant')
    expectTokens(await tpp.redeem(code))
  })

  test('FAPI2-SP-5.3.2.2-9 a code for the second time: 400 invalid_grant, and what the first one brought is dead', async () => {
    const code = await tpp.code()
    const first = await tpp.redeem(code)
    expectTokens(first)
    expect((await tpp.accounts(first.json.access_token)).status).toBe(200)
    await later(1, async () => expectBadRequest(await tpp.redeem(code), 'invalid_grant'))
    expect((await tpp.accounts(first.json.access_token)).status).toBe(401)
    expectBadRequest(await tpp.refresh(String(first.json.refresh_token)), 'invalid_grant')
  })

  test('FAPI2-SP-5.3.2.1-11 a code after 61 seconds: 400 invalid_grant; after 58: accepted', async () => {
    const [soon, late] = [await tpp.code(), await tpp.code()]
    await later(58, async () => expectTokens(await tpp.redeem(soon)))
    await later(61, async () => expectBadRequest(await tpp.redeem(late), 'invalid_grant'))
  })

  test.each(['', 'x', 'no-such-code', 'x'.repeat(5000), '😀', '../../etc/passwd', '__proto__', 'constructor'])(
    'a code that was never issued (number %#): 400',
    async (code) => {
      expectError(await tpp.redeem(code), 400, expect.stringMatching(/^invalid_(grant|request)$/))
    },
  )

  test.each(['code', 'grant_type', 'redirect_uri', 'code_verifier'])('RFC6749-3.2 %s twice: 400 invalid_request', async (name) => {
    const values: Params = { code: 'x', grant_type: 'authorization_code', redirect_uri: tpp.tpp.redirectUri, code_verifier: VERIFIER }
    expectBadRequest(await tpp.redeem('x', { params: { [name]: [String(values[name]), String(values[name])] } }), 'invalid_request')
  })

  test('RFC6749-3.2 GET at the token endpoint: no token', async () => {
    expect([404, 405]).toContain((await tpp.redeem(await tpp.code(), { method: 'GET' })).status)
  })
})

describe('proof of possession at the token endpoint', () => {
  test('NO-POP a client of DPoP without proof: 400 invalid_grant; with it: the same code works', async () => {
    const code = await tpp.code()
    expectBadRequest(await tpp.redeem(code, { proof: 'none' }), 'invalid_grant')
    expectTokens(await tpp.redeem(code), 'DPoP')
  })

  test('NO-POP a client of certificates without certificate, or with a proof instead: refused', async () => {
    const party = bank.as('fapi2-jwt-mtls')
    const code = await party.code()
    expectBadRequest(await party.redeem(code, { certificate: 'none' }), 'invalid_grant')
    expectBadRequest(await party.redeem(code, { certificate: 'none', proof: { key: otherKey } }), 'invalid_grant')
    expectTokens(await party.redeem(code), 'Bearer')
  })

  test.each(['fapi2-mtls-dpop', 'fapi2-selfsigned-dpop'] as const)(
    'NO-POP %s, whose certificate authenticates and does not bind, without proof: 400 invalid_grant',
    async (name) => {
      const party = bank.as(name)
      const code = await party.code()
      expectBadRequest(await party.redeem(code, { proof: 'none' }), 'invalid_grant')
      expectTokens(await party.redeem(code), 'DPoP')
    },
  )

  test('a client of DPoP that shows a certificate and no proof: 400 invalid_grant', async () => {
    const code = await tpp.code()
    const answer = await bank.wire.send(mtls.endpoint('token_endpoint'), {
      method: 'POST',
      headers: { 'content-type': 'application/x-www-form-urlencoded' },
      body: new URLSearchParams({
        ...{ grant_type: 'authorization_code', code, redirect_uri: tpp.tpp.redirectUri, code_verifier: VERIFIER },
        ...{ client_assertion: await tpp.assertion(), client_assertion_type: 'urn:ietf:params:oauth:client-assertion-type:jwt-bearer' },
      }).toString(),
      certificate: mtls.tpp.certificate,
    })
    expectBadRequest(answer, 'invalid_grant')
  })

  const proofs: [string, () => ProofChange][] = [
    ['RFC9449-4.2-a typ=JWT', () => ({ header: { typ: 'JWT' } })],
    ['RFC9449-4.2-a no typ', () => ({ header: { typ: undefined } })],
    ['RFC9449-4.2-a alg=none', () => ({ alg: 'none' })],
    ['RFC9449-4.2-a HS256', () => ({ alg: 'HS256' })],
    ['FAPI2-SP-5.4.1-1.2 ES384', () => ({ key: p384 })],
    ['RFC9449-4.2-a a jwk with its private part', () => ({ header: { jwk: tpp.tpp.proofKey?.privateJwk } })],
    ['RFC9449-4.2-a no jwk', () => ({ header: { jwk: undefined } })],
    ['RFC9449-4.2-a the jwk of another key', () => ({ header: { jwk: otherKey.publicJwk } })],
    ['RFC9449-4.2-a a symmetric jwk', () => ({ header: { jwk: { kty: 'oct', k: 'c2VjcmV0' } }, alg: 'HS256' })],
    ['RFC9449-4.2-b no jti', () => ({ claims: { jti: undefined } })],
    ['RFC9449-4.2-b no htm', () => ({ claims: { htm: undefined } })],
    ['RFC9449-4.2-b no htu', () => ({ claims: { htu: undefined } })],
    ['RFC9449-4.2-b no iat', () => ({ claims: { iat: undefined } })],
    ['iat as text', () => ({ claims: { iat: String(fromNow(0)) } })],
    ['jti as an object', () => ({ claims: { jti: {} } })],
    ['RFC9449-4.3-a htm=GET', () => ({ method: 'GET' })],
    ['RFC9449-4.3-a htm=post', () => ({ method: 'post' })],
    ['RFC9449-4.3-a htu of the PAR endpoint', () => ({ url: tpp.endpoint('pushed_authorization_request_endpoint') })],
    ['RFC9449-4.3-a htu of another host', () => ({ url: 'https://other.example/token' })],
    ['htu as an array', () => ({ claims: { htu: [tpp.endpoint('token_endpoint')] } })],
    ['RFC9449-11.1-a iat an hour ago', () => ({ claims: { iat: fromNow(-3600) } })],
    ['RFC9449-11.1-a iat an hour ahead', () => ({ claims: { iat: fromNow(3600) } })],
    ['FAPI2-SP-5.3.2.1-13 iat 62 seconds ahead', () => ({ claims: { iat: fromNow(62) } })],
    ['another signature', () => ({ signature: 'broken' })],
    ['a nonce nobody gave out', () => ({ claims: { nonce: 'made-up' } })],
  ]
  test.each(proofs)('a proof with %s: 400 invalid_dpop_proof, and the code is not used up', async (_, proof) => {
    expectBadRequest(await tpp.redeem('no-such-code', { proof: proof() }), 'invalid_dpop_proof')
  })

  test('after all those the honest proof works', async () => {
    const code = await tpp.code()
    expectBadRequest(await tpp.redeem(code, { proof: { signature: 'broken' } }), 'invalid_dpop_proof')
    expectTokens(await tpp.redeem(code))
  })

  test('RFC9449-4.1-a two DPoP headers: 400 invalid_dpop_proof', async () => {
    const occasion = { method: 'POST', url: tpp.endpoint('token_endpoint') }
    const code = await tpp.code()
    expectBadRequest(await tpp.redeem(code, { proof: [await tpp.proof(occasion), await tpp.proof(occasion)] }), 'invalid_dpop_proof')
    const one = await tpp.proof(occasion)
    expectBadRequest(await tpp.redeem(code, { proof: [one, one] }), 'invalid_dpop_proof')
    expectTokens(await tpp.redeem(code, { proof: [await tpp.proof(occasion)] }))
  })

  test.each(['x', 'a.b.c', '{}', 'x'.repeat(6000)])('a DPoP header that is no JWT (number %#): 400 invalid_dpop_proof', async (header) => {
    expectBadRequest(await tpp.redeem('no-such-code', { proof: [header] }), 'invalid_dpop_proof')
  })

  const good: [string, (url: string) => ProofChange][] = [
    ['ensure-dpopproof-with-iat-10seconds-before-succeeds', () => ({ claims: { iat: fromNow(-10) } })],
    ['ensure-dpopproof-with-iat-10seconds-after-succeeds', () => ({ claims: { iat: fromNow(10) } })],
    ['check-dpop-proof-nbf-exp', () => ({ claims: { nbf: fromNow(-5), exp: fromNow(300) } })],
    ['RFC9449-4.3-b htu in capitals with a query', (url) => ({ url: `${url.replace('https://localhost', 'HTTPS://LOCALHOST')}?x=1#y` })],
    ['RFC9449-4.3-c claims and header members nobody knows', () => ({ claims: { more: 1 }, header: { more: 1 } })],
    ['PS256', () => ({ key: tpp.tpp.key })],
  ]
  test.each(good)('%s: accepted', async (_, proof) => {
    expectTokens(await tpp.redeem(await tpp.code(), { proof: proof(tpp.endpoint('token_endpoint')) }), 'DPoP')
  })

  test('RFC9449-11.1-b a proof for the second time: refused', async () => {
    const proof = [await tpp.proof({ method: 'POST', url: tpp.endpoint('token_endpoint') })]
    expectTokens(await tpp.redeem(await tpp.code(), { proof }))
    const answer = await tpp.redeem(await tpp.code(), { proof })
    expectError(answer, 400, expect.stringMatching(/^invalid_(grant|dpop_proof)$/))
  })
})

describe('the code and the DPoP key', () => {
  const jkt = async (party: Party) => {
    const { access_token: token } = await party.tokens()
    const { json } = await party.call('introspection_endpoint', { token: String(token) })
    return (json.cnf as { jkt: string }).jkt
  }
  const refusal = expect.stringMatching(/^(invalid_request|invalid_grant|invalid_dpop_proof)$/)

  test('RFC9449-10-a dpop_jkt in the push: that key gets tokens', async () => {
    const code = await tpp.code({ params: { dpop_jkt: await jkt(tpp) } })
    expectTokens(await tpp.redeem(code), 'DPoP')
  })

  test('RFC9449-10-a dpop_jkt in the push: another key, or none, is refused', async () => {
    const code = await tpp.code({ params: { dpop_jkt: await jkt(tpp) } })
    expectError(await tpp.redeem(code, { proof: { key: otherKey } }), 400, refusal)
    const again = await tpp.code({ params: { dpop_jkt: await jkt(tpp) } })
    expectError(await tpp.redeem(again, { proof: 'none' }), 400, refusal)
  })

  test('RFC9449-10.1-a a proof at the PAR endpoint: its key gets tokens, another one is refused', async () => {
    expectTokens(await tpp.redeem(await tpp.code({ proof: {} })), 'DPoP')
    expectError(await tpp.redeem(await tpp.code({ proof: {} }), { proof: { key: otherKey } }), 400, refusal)
  })

  test('RFC9449-10.1-a dpop_jkt that fits the pushed proof: 201; that does not: 400', async () => {
    expectPushed(await tpp.push({ proof: {}, params: { dpop_jkt: await jkt(tpp) } }))
    const answer = await tpp.push({ proof: { key: otherKey }, params: { dpop_jkt: await jkt(tpp) } })
    expectError(answer, 400, expect.stringMatching(/^(invalid_request|invalid_dpop_proof)$/))
  })

  const pushed: [string, () => ProofChange][] = [
    ['another signature', () => ({ signature: 'broken' })],
    ['htu of the token endpoint', () => ({ url: tpp.endpoint('token_endpoint') })],
    ['iat 62 seconds ahead', () => ({ claims: { iat: fromNow(62) } })],
    ['alg=none', () => ({ alg: 'none' })],
  ]
  test.each(pushed)('RFC9449-10.1-a a pushed proof with %s: 400 invalid_dpop_proof', async (_, proof) => {
    expectBadRequest(await tpp.push({ proof: proof() }), 'invalid_dpop_proof')
  })
})

describe('refreshing', () => {
  let granted: Answer['json']
  beforeAll(async () => {
    granted = await tpp.tokens({ params: { scope: 'openid accounts offline_access', prompt: 'consent' } })
  })
  const refresh = (change?: Change) => tpp.refresh(String(granted.refresh_token), change)

  test('RFC9449-5-c with a new DPoP key: 200, and the new token belongs to the new key', async () => {
    const answer = await refresh({ proof: { key: otherKey } })
    expectTokens(answer, 'DPoP')
    expect((await tpp.accounts(answer.json.access_token, { proof: { key: otherKey } })).status).toBe(200)
    expect((await tpp.accounts(answer.json.access_token)).status).toBe(401)
  })

  test('FAPI2-SP-5.3.2.1-9 the refresh token stays the same, and works 30 seconds and a day later', async () => {
    const first = await refresh()
    expect(first.json.refresh_token).toBe(granted.refresh_token)
    await later(30, async () => expectTokens(await refresh()))
    await later(86_400, async () => expectTokens(await refresh()))
  })

  test('FAPI2-SP-5.3.2.1-9 not rotated even at the end of its life', async () => {
    await later(80 * 86_400, async () => {
      const answer = await refresh()
      expectTokens(answer)
      expect(answer.json.refresh_token).toBe(granted.refresh_token)
    })
  })

  test('RFC6749-6-a by another client: 400 invalid_grant', async () => {
    expectBadRequest(await second.refresh(String(granted.refresh_token)), 'invalid_grant')
    expectBadRequest(await mtls.refresh(String(granted.refresh_token)), 'invalid_grant')
    expectTokens(await refresh())
  })

  test('RFC6749-6-a without client authentication: 401 invalid_client', async () => {
    expectUnauthenticated(await refresh({ assertion: 'none' }))
  })

  test('NO-POP without proof, without certificate: refused', async () => {
    expectBadRequest(await refresh({ proof: 'none' }), 'invalid_grant')
    const party = bank.as('fapi2-jwt-mtls')
    const { refresh_token: token } = await party.tokens()
    expectBadRequest(await party.refresh(String(token), { certificate: 'none' }), 'invalid_grant')
    expectTokens(await party.refresh(String(token)))
  })

  test('RFC8705-7-note with a renewed certificate: 200, and the new token belongs to the new one', async () => {
    const { refresh_token: token } = await bank.as('fapi2-jwt-mtls').tokens()
    const renewed = mtls.tpp.certificate ?? 'none'
    const answer = await bank.as('fapi2-jwt-mtls').refresh(String(token), { certificate: renewed })
    expectTokens(answer)
    expect((await bank.as('fapi2-jwt-mtls').accounts(answer.json.access_token, { certificate: renewed })).status).toBe(200)
    expect((await bank.as('fapi2-jwt-mtls').accounts(answer.json.access_token)).status).toBe(401)
  })

  test('RFC6749-6-a with a wider scope: 400 invalid_scope; with a narrower one: 200', async () => {
    expectBadRequest(await refresh({ params: { scope: 'openid accounts profile' } }), 'invalid_scope')
    const answer = await refresh({ params: { scope: 'accounts' } })
    expectTokens(answer)
    expect(answer.json.scope).toBe('accounts')
  })

  test('an access token or a code as refresh token: 400 invalid_grant', async () => {
    expectBadRequest(await tpp.refresh(String(granted.access_token)), 'invalid_grant')
    expectBadRequest(await tpp.refresh(await tpp.code()), 'invalid_grant')
    expectBadRequest(await tpp.redeem(String(granted.refresh_token)), 'invalid_grant')
  })

  test('a scope that was not asked for is never granted', async () => {
    const { scope } = await tpp.tokens({ params: { scope: 'openid' }, browser: bank.browser() })
    expect(scope).toBe('openid')
    await expectCode(tpp, await tpp.authorize())
  })
})
