import { decodeJwt, decodeProtectedHeader } from 'jose'
import { authorizationParams } from '../support/authorization-request.js'
import { later } from '../support/clock.js'
import { expectBadRequest, expectCode, expectError, expectPushed, expectTokens, expectToldClient } from '../support/expectations.js'
import { fromNow } from '../support/jwt.js'
import type { Party } from '../support/party.js'
import { BROKEN_OBJECTS, NO_OBJECTS, SOUND_OBJECTS } from '../support/request-object-cases.js'
import { openTestBank, type TestBank } from '../support/test-bank.js'
import type { Params } from '../support/wire.js'

let bank: TestBank
let tpp: Party
let other: Party
beforeAll(async () => {
  bank = await openTestBank([
    'signing',
    'signing-second',
    'signing-requests-only',
    'signing-responses-only',
    'signing-by-algorithm',
    'fapi2',
  ])
  tpp = bank.as('signing')
  other = bank.as('signing-second')
})
afterAll(() => bank?.close())

const scene = () => ({ party: tpp, other, issuer: bank.issuer })

describe('signed requests', () => {
  test('FAPI2-MS-5.3.1-1 FAPI2-MS-5.3.1-5 a push signed as the profile wants it: 201, and a whole flow', async () => {
    expectPushed(await tpp.push())
    const answer = await tpp.redeem(await expectCode(tpp, await tpp.authorize()))
    expectTokens(answer, 'DPoP')
    expect((await tpp.accounts(answer.json.access_token)).status).toBe(200)
  })

  test('FAPI2-MS-5.3.1-1 RFC9126-2.3-b a push without request object: 400 invalid_request, with or without openid', async () => {
    expectBadRequest(await tpp.push({ object: 'none' }), 'invalid_request')
    expectBadRequest(await tpp.push({ object: 'none', params: { scope: 'accounts', nonce: undefined } }), 'invalid_request')
    expectBadRequest(await bank.as('signing-requests-only').push({ object: 'none' }), 'invalid_request')
  })

  test('FAPI2-MS-5.3.1-1 a client that registered an algorithm to sign with signs: a push without request object: 400 invalid_request', async () => {
    const party = bank.as('signing-by-algorithm')
    expectBadRequest(await party.push(), 'invalid_request')
    expectPushed(await party.push({ object: { compact: await party.object() } }))
  })

  test.each(BROKEN_OBJECTS)('FAPI2-MS-5.3.1 a request object with %s: 400 invalid_request_object', async (_, change) => {
    expectBadRequest(await tpp.push({ object: change(scene()) }), 'invalid_request_object')
  })

  test.each(SOUND_OBJECTS)('FAPI2-MS-5.3.1 a request object with %s: 201', async (_, change) => {
    expectPushed(await tpp.push({ object: change(scene()) }))
  })

  test.each(NO_OBJECTS)('a request object that is no JWS (number %#): 400 invalid_request_object', async (compact) => {
    expectBadRequest(await tpp.push({ object: { compact } }), 'invalid_request_object')
  })

  test('RFC9101-10.8-a a client assertion as request object: 400 invalid_request_object', async () => {
    const claims = { ...authorizationParams(tpp.tpp), nbf: fromNow(0) }
    expectBadRequest(await tpp.push({ object: { compact: await tpp.assertion({ claims }) } }), 'invalid_request_object')
  })

  test('RFC9126-3-b the request object of another client, whole: 400 invalid_request_object', async () => {
    expectBadRequest(await tpp.push({ object: { compact: await other.object() } }), 'invalid_request_object')
  })

  const faults: [string, Params, string][] = [
    ['FAPI2-SP-5.3.2.2-5 no code_challenge', { code_challenge: undefined, code_challenge_method: undefined }, 'invalid_request'],
    ['FAPI2-SP-5.3.2.2-5 code_challenge_method=plain', { code_challenge_method: 'plain' }, 'invalid_request'],
    ['FAPI2-SP-5.3.2.2-6 no redirect_uri', { redirect_uri: undefined }, 'invalid_request'],
    ['FAPI2-SP-5.3.2.2-6 a redirect_uri that is not registered', { redirect_uri: 'https://attacker.example/cb' }, 'invalid_request'],
    ['FAPI2-SP-5.3.2.2-1 response_type=code id_token', { response_type: 'code id_token' }, 'unsupported_response_type|invalid_request'],
    ['no response_type', { response_type: undefined }, 'invalid_request|invalid_request_object'],
    ['no client_id', { client_id: undefined }, 'invalid_request_object'],
    ['FAPI2-MS-5.3.3 no response_mode', { response_mode: undefined }, 'invalid_request'],
    ['FAPI2-MS-5.4.1-1 response_mode=query', { response_mode: 'query' }, 'invalid_request'],
    ['FAPI2-MS-5.4.1-1 response_mode=fragment', { response_mode: 'fragment' }, 'invalid_request'],
    ['FAPI2-MS-5.4.1-1 response_mode=form_post', { response_mode: 'form_post' }, 'invalid_request'],
    ['response_mode=web_message', { response_mode: 'web_message' }, 'unsupported_response_mode|invalid_request'],
  ]
  test.each(faults)('inside the request object, %s: 400', async (_, params, errors) => {
    expectError(await tpp.push({ params }), 400, expect.stringMatching(new RegExp(`^(${errors})$`)))
  })

  test.each(['redirect_uri', 'scope', 'response_type', 'code_challenge'])('%s inside as a list: refused', async (name) => {
    const answer = await tpp.push({ object: { claims: { [name]: ['https://tpp.example/cb', 'https://attacker.example'] } } })
    expectError(answer, 400, expect.stringMatching(/^invalid_(request|request_object)$/))
  })

  test.each([{ redirect_uri: { x: 1 } }, { scope: 7 }, { response_type: null }, { client_id: { x: 1 } }, { code_challenge: true }])(
    'the wrong type inside (%j): 400, never a crash',
    async (claims) => {
      const answer = await tpp.push({ object: { claims } })
      expect(answer.status === 201 || answer.status === 400).toBe(true)
      expect(answer.json.error).not.toBe('server_error')
    },
  )

  test('FAPI2-MS-5.3.2-a RFC9101-5-c what stands outside the request object has no effect', async () => {
    const outside = {
      state: 'outside',
      nonce: 'outside',
      scope: 'openid',
      redirect_uri: 'https://attacker.example/cb',
      response_mode: 'query',
    }
    const code = await expectCode(tpp, await tpp.authorize({ outside }))
    const { json } = await tpp.redeem(code)
    expect(decodeJwt(String(json.id_token)).nonce).toBe('nonce-of-the-client')
    expect(String(json.scope)).toContain('accounts')
  })

  test('RFC9101-6.3-a a parameter that stands outside only is absent: no redirect_uri, no code_challenge: 400', async () => {
    const { redirectUri } = tpp.tpp
    expectBadRequest(await tpp.push({ params: { redirect_uri: undefined }, outside: { redirect_uri: redirectUri } }), 'invalid_request')
    const pkce = { code_challenge: 'a'.repeat(43), code_challenge_method: 'S256' }
    const without = { code_challenge: undefined, code_challenge_method: undefined }
    expectBadRequest(await tpp.push({ params: without, outside: pkce }), 'invalid_request')
  })

  test('state-only-outside-request-object-not-used: the answer has no state', async () => {
    const landing = await tpp.authorize({ params: { state: undefined }, outside: { state: 'outside' }, front: { state: 'outside' } })
    await expectCode(tpp, landing, null)
  })

  test('FAPI2-SP-5.3.2.2-3 a signed request object by value: refused, although it is signed', async () => {
    const landing = await bank
      .browser()
      .journey(await tpp.byValue({ outside: { response_mode: 'jwt', state: 'state-of-the-client', redirect_uri: tpp.tpp.redirectUri } }))
    await expectToldClient(tpp, landing, 'invalid_request')
  })

  test('RFC9126-4-a a request object that expires between push and use: refused', async () => {
    const address = await tpp.address({ object: { claims: { exp: fromNow(20) } } })
    const soon = await tpp.address({ object: { claims: { exp: fromNow(20) } } })
    await expectCode(tpp, await bank.browser().journey(soon))
    await later(50, async () => {
      const { location, answer } = await bank.browser().journey(address)
      expect(location?.searchParams.get('code') ?? null).toBeNull()
      if (location) expect(decodeJwt(String(location.searchParams.get('response'))).error).toMatch(/^invalid_request_(uri|object)$/)
      else expect(answer.status).toBe(400)
    })
  })

  test('RFC9449-10-a dpop_jkt inside the request object, a proof next to it with another key: 400', async () => {
    const answer = await tpp.push({ params: { dpop_jkt: 'x'.repeat(43) }, proof: {} })
    expectError(answer, 400, expect.stringMatching(/^(invalid_request|invalid_dpop_proof)$/))
  })
})

describe('signed responses', () => {
  test('FAPI2-MS-5.4.1-1 JARM-2.3.4-a JARM-2.3-a the answer is response in the query and nothing else', async () => {
    const { bare, place, params } = await tpp.respond(await tpp.authorize())
    expect(Object.keys(bare)).toEqual(['response'])
    expect(place).toBe('query')
    expect(params).toMatchObject({ iss: bank.issuer, aud: tpp.tpp.id, code: expect.any(String), state: 'state-of-the-client' })
  })

  test('JARM-2.1-b JARM-2.2-a exp lies at most 10 minutes ahead, the JWT is signed with PS256 or ES256', async () => {
    const { bare } = await tpp.respond(await tpp.authorize())
    const exp = Number(decodeJwt(bare.response ?? '').exp)
    expect(exp - fromNow(0)).toBeGreaterThan(10)
    expect(exp - fromNow(0)).toBeLessThanOrEqual(600)
    expect(['PS256', 'ES256']).toContain(decodeProtectedHeader(bare.response ?? '').alg)
    expect(decodeProtectedHeader(bare.response ?? '').kid).toEqual(expect.any(String))
  })

  test.each(['deny', 'cancel login'] as const)('JARM-err the user refuses (%s): access_denied inside the JWT', async (decision) => {
    await expectToldClient(tpp, await tpp.authorize({ user: { decision }, browser: bank.browser() }), 'access_denied')
  })

  test('JARM-err prompt=none without a session: login_required inside the JWT', async () => {
    await expectToldClient(tpp, await tpp.authorize({ params: { prompt: 'none' }, browser: bank.browser() }), 'login_required')
  })

  test('FAPI2-MS-5.3.3 query.jwt is a way to write jwt only for who registered it: 400 invalid_request otherwise', async () => {
    expectBadRequest(await tpp.push({ params: { response_mode: 'query.jwt' } }), 'invalid_request')
  })

  test('a client that signs requests alone: accepted with plain answers, iss and state included', async () => {
    const party = bank.as('signing-requests-only')
    const landing = await party.authorize()
    const { bare } = await party.respond(landing)
    expect(bare).toMatchObject({ code: expect.any(String), iss: bank.issuer, state: 'state-of-the-client' })
    expectTokens(await party.redeem(String(bare.code)))
  })

  test('the same client asking for jwt gets a signed answer', async () => {
    const party = bank.as('signing-requests-only')
    const { bare } = await party.respond(await party.authorize({ params: { response_mode: 'jwt' } }))
    expect(Object.keys(bare)).toEqual(['response'])
  })

  test('regression: rules about signed requests are not applied to a client that signs none', async () => {
    const party = bank.as('signing-responses-only')
    expectPushed(await party.push())
    expectTokens(await party.redeem(await party.code()))
    expectBadRequest(await party.push({ params: { response_mode: undefined } }), 'invalid_request')
    expectPushed(await bank.as('fapi2').push())
  })
})

describe('signed introspection', () => {
  test('FAPI2-MS-5.5.1-1 Accept: application/token-introspection+jwt: a signed answer about the own token', async () => {
    const { access_token } = await tpp.tokens()
    const answer = await tpp.call(
      'introspection_endpoint',
      { token: String(access_token) },
      { headers: { accept: 'application/token-introspection+jwt' } },
    )
    expect(answer.status).toBe(200)
    expect(String(answer.headers['content-type'])).toMatch(/^application\/token-introspection\+jwt/)
    expect(decodeProtectedHeader(answer.text)).toMatchObject({
      typ: 'token-introspection+jwt',
      alg: expect.stringMatching(/^(PS256|ES256)$/),
    })
    expect(decodeJwt(answer.text)).toMatchObject({ iss: bank.issuer, aud: tpp.tpp.id, token_introspection: { active: true } })
  })

  test('FAPI2-MS-6.2 about the token of another client: inactive', async () => {
    const { access_token } = await tpp.tokens()
    const { json } = await other.call('introspection_endpoint', { token: String(access_token) })
    expect(json).toEqual({ active: false })
  })

  test('without client authentication: 401 invalid_client', async () => {
    const { access_token } = await tpp.tokens()
    expectError(await tpp.call('introspection_endpoint', { token: String(access_token) }, { assertion: 'none' }), 401, 'invalid_client')
  })
})
