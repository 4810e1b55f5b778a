import { randomBytes } from 'node:crypto'
import { authorizationParams } from '../support/authorization-request.js'
import { later } from '../support/clock.js'
import { expectBadRequest, expectCode, expectError, expectPage, expectPushed, expectToldClient } from '../support/expectations.js'
import type { Party } from '../support/party.js'
import { openTestBank, type TestBank } from '../support/test-bank.js'
import type { Params } from '../support/wire.js'

let bank: TestBank
let tpp: Party
let second: Party
beforeAll(async () => {
  bank = await openTestBank(['fapi2', 'fapi2-second'])
  tpp = bank.as('fapi2')
  second = bank.as('fapi2-second')
})
afterAll(() => bank?.close())

const text = (length: number) => randomBytes(length).toString('base64url').slice(0, length)
/** One look at an address with a browser that has never been here. */
const look = (query: Params) => bank.browser().journey(bank.authorizationUrl(query))

describe('what a request is made of', () => {
  test('FAPI2-SP-5.3.2.2-2 a push as the profile wants it: 201 with a request_uri', async () => {
    expectPushed(await tpp.push())
  })

  test.each(['code id_token', 'token', 'code token', 'id_token', 'none'])(
    'FAPI2-SP-5.3.2.2-1 a push with response_type=%s: 400 unsupported_response_type',
    async (response_type) =>
      expectError(await tpp.push({ params: { response_type } }), 400, expect.stringMatching(/^unsupported_response_type|invalid_request$/)),
  )

  test('FAPI2-SP-5.3.2.2-1 a push without response_type: 400 invalid_request', async () => {
    expectBadRequest(await tpp.push({ params: { response_type: undefined } }), 'invalid_request')
  })

  const pkce: [string, Params][] = [
    ['no code_challenge', { code_challenge: undefined, code_challenge_method: undefined }],
    ['code_challenge_method=plain', { code_challenge_method: 'plain' }],
    ['code_challenge_method=S512', { code_challenge_method: 'S512' }],
    ['a challenge without method', { code_challenge_method: undefined }],
    ['a method without challenge', { code_challenge: undefined }],
    ['a challenge that is too short', { code_challenge: 'abc' }],
    ['a padded challenge', { code_challenge: `${'a'.repeat(43)}=` }],
    ['an empty challenge', { code_challenge: '' }],
  ]
  test.each(pkce)('FAPI2-SP-5.3.2.2-5 a push with %s: 400 invalid_request', async (_, params) => {
    expectBadRequest(await tpp.push({ params }), 'invalid_request')
  })

  test('FAPI2-SP-5.3.2.2-6 a push without redirect_uri, although one is registered: 400 invalid_request', async () => {
    expectBadRequest(await tpp.push({ params: { redirect_uri: undefined } }), 'invalid_request')
    expectBadRequest(await tpp.push({ params: { redirect_uri: '' } }), 'invalid_request')
  })

  const unregistered: [string, string][] = [
    ['another host', 'https://attacker.example/cb'],
    ['a path that goes on', 'https://tpp.example/cb/more'],
    ['a trailing slash', 'https://tpp.example/cb/'],
    ['a query', 'https://tpp.example/cb?extra=1'],
    ['a port', 'https://tpp.example:444/cb'],
    ['the default port spelled out', 'https://tpp.example:443/cb'],
    ['another case in the path', 'https://tpp.example/CB'],
    ['another case in the host', 'https://TPP.example/cb'],
    ['a fragment', 'https://tpp.example/cb#x'],
    ['user information', 'https://tpp.example@attacker.example/cb'],
    ['a dot segment', 'https://tpp.example/x/../cb'],
    ['http', 'http://tpp.example/cb'],
    ['a script', 'javascript:alert(1)'],
  ]
  test.each(unregistered)(
    'FAPI1-BASE-5.2.2-10 FAPI2-SP-5.3.2.2-8 a push whose redirect_uri has %s: 400 invalid_request',
    async (_, redirect_uri) => {
      expectBadRequest(await tpp.push({ params: { redirect_uri } }), 'invalid_request')
    },
  )

  test('RFC6749-3.1.2-a a registered redirect URI with a query works and keeps it; without it: 400', async () => {
    await expectCode(second, await second.authorize())
    expectBadRequest(await second.push({ params: { redirect_uri: 'https://second.example/cb' } }), 'invalid_request')
    expectBadRequest(
      await second.push({ params: { redirect_uri: 'https://second.example/cb?dummy2=ipsum&dummy1=lorem' } }),
      'invalid_request',
    )
  })

  test('RFC6749-5.2-a a push with a scope that is not registered at all: the scope is not granted, or 400 invalid_scope', async () => {
    const answer = await tpp.push({ params: { scope: 'openid payments' } })
    if (answer.status === 400) expectBadRequest(answer, 'invalid_scope')
    else expectPushed(answer)
  })

  test('ensure-other-scope-order-succeeds: the scopes in another order are granted', async () => {
    const { scope } = await tpp.tokens({ params: { scope: 'accounts openid' } })
    expect(String(scope).split(' ').sort()).toEqual(['accounts', 'openid'])
  })
})

describe('how a request arrives', () => {
  test('FAPI2-SP-5.3.2.2-3 plain parameters at the authorization endpoint: the client is told invalid_request', async () => {
    await expectToldClient(tpp, await look(authorizationParams(tpp.tpp)), 'invalid_request')
  })

  test('FAPI2-SP-5.3.2.2-3 plain parameters by POST: the client is told invalid_request, or nobody listens', async () => {
    const answer = await bank.browser().open(String(bank.metadata.authorization_endpoint), authorizationParams(tpp.tpp))
    expect([303, 404, 405]).toContain(answer.status)
    if (answer.headers.location) expect(new URL(String(answer.headers.location)).searchParams.get('error')).toBe('invalid_request')
  })

  test('FAPI2-SP-5.3.2.2-3 a signed request object by value: the client is told invalid_request', async () => {
    const query = { ...authorizationParams(tpp.tpp), request: await tpp.object() }
    await expectToldClient(tpp, await look(query), 'invalid_request')
  })

  test.each(['https://tpp.example/request.jwt', 'http://localhost/internal', 'urn:example:1'])(
    'FAPI2-SP-5.3.2.2-3 request_uri=%s, hosted by the client: refused, nothing is fetched',
    async (request_uri) => {
      const landing = await look({ client_id: tpp.tpp.id, request_uri })
      if (landing.location) await expectToldClient(tpp, landing, 'request_uri_not_supported', { state: null })
      else expectPage(landing)
    },
  )

  test('RFC9101-5-b request next to request_uri: refused', async () => {
    const { json } = await tpp.push()
    const landing = await look({ client_id: tpp.tpp.id, request_uri: String(json.request_uri), request: await tpp.object() })
    expectPage(landing, /request_uri/)
  })

  test.each(['GET', 'PUT', 'DELETE', 'PATCH', 'HEAD'])('RFC9126-2-a %s at the PAR endpoint: no request_uri', async (method) => {
    const answer = await tpp.push({ method })
    expect([404, 405]).toContain(answer.status)
    expect(answer.text).not.toContain('request_uri')
  })

  test('RFC9126-2-a a push as JSON: 400', async () => {
    const body = JSON.stringify({ ...authorizationParams(tpp.tpp), client_assertion: await tpp.assertion() })
    const answer = await tpp.push({ body, headers: { 'content-type': 'application/json' } })
    expect([400, 415]).toContain(answer.status)
  })

  test('RFC9126-2.1-a a push with request_uri: 400', async () => {
    const { json } = await tpp.push()
    const answer = await tpp.push({ params: { request_uri: String(json.request_uri) } })
    expectError(answer, 400, expect.stringMatching(/^(invalid_request|invalid_request_object|request_uri_not_supported)$/))
  })

  test('RFC9126-2.1-c a push with the client_id of another client: 401 invalid_client', async () => {
    expectError(await tpp.push({ params: { client_id: second.tpp.id } }), 401, 'invalid_client')
  })

  test.each(['redirect_uri', 'scope', 'state', 'code_challenge', 'response_type', 'nonce'])(
    'RFC6749-3.1 a push that repeats %s: 400 invalid_request',
    async (name) => {
      const value = String(authorizationParams(tpp.tpp)[name])
      expectBadRequest(await tpp.push({ params: { [name]: [value, value] } }), 'invalid_request')
      expectBadRequest(await tpp.push({ params: { [name]: [value, 'https://attacker.example'] } }), 'invalid_request')
    },
  )
})

describe('what is at the authorization endpoint next to a pushed request', () => {
  test('par-without-duplicate-parameters: client_id and request_uri alone are enough', async () => {
    await expectCode(tpp, await tpp.authorize())
  })

  test('FAPI2-SP-5.3.3.2-6 another state, nonce and redirect_uri outside: those inside count', async () => {
    const front = {
      state: 'outside',
      nonce: 'outside',
      redirect_uri: 'https://attacker.example/cb',
      scope: 'openid',
      code_challenge: 'x',
      response_mode: 'fragment',
    }
    const landing = await tpp.authorize({ front })
    const code = await expectCode(tpp, landing)
    expect((await tpp.respond(landing)).place).toBe('query')
    const { json } = await tpp.redeem(code)
    expect(JSON.parse(Buffer.from(String(json.id_token).split('.')[1] ?? '', 'base64url').toString())).toMatchObject({
      nonce: 'nonce-of-the-client',
    })
    expect(String(json.scope).split(' ').sort()).toEqual(['accounts', 'openid'])
  })

  test('state-only-outside-request-object-not-used: the answer has no state', async () => {
    const landing = await tpp.authorize({ params: { state: undefined }, front: { state: 'outside' } })
    await expectCode(tpp, landing, null)
  })

  test('FAPI1-ADV-5.2.3-16 request_uri without client_id: an error page', async () => {
    const { json } = await tpp.push()
    expectPage(await look({ request_uri: String(json.request_uri) }))
  })

  test('RFC9126-2.2-b request_uri of one client with the client_id of another: refused, nobody gets a code', async () => {
    const { json } = await tpp.push()
    const landing = await look({ client_id: second.tpp.id, request_uri: String(json.request_uri) })
    expectPage(landing)
    await expectCode(
      tpp,
      await bank.browser().journey(bank.authorizationUrl({ client_id: tpp.tpp.id, request_uri: String(json.request_uri) })),
    )
  })

  test.each([
    'urn:ietf:params:oauth:request_uri:unknown',
    'urn:ietf:params:oauth:request_uri:',
    `urn:ietf:params:oauth:request_uri:${'x'.repeat(2000)}`,
  ])('RFC9126-7.1-a a request_uri that was guessed (number %#): refused', async (request_uri) => {
    const landing = await look({ client_id: tpp.tpp.id, request_uri })
    if (landing.location) await expectToldClient(tpp, landing, 'invalid_request_uri', { state: null })
    else expectPage(landing)
  })
})

describe('how often and how long a request_uri serves', () => {
  test('FAPI2-SP-5.3.2.2-note3 opened twice before the login, and then by another browser: works', async () => {
    const browser = bank.browser()
    const address = await tpp.address()
    await browser.journey(address, { decision: 'leave' })
    await browser.journey(address, { decision: 'leave' })
    await bank.browser().journey(address, { decision: 'leave' })
    await expectCode(tpp, await browser.journey(address))
  })

  test('RFC9126-4-b opened again after the authorization is complete: refused', async () => {
    const browser = bank.browser()
    const address = await tpp.address()
    await expectCode(tpp, await browser.journey(address))
    expectPage(await browser.journey(address), /request_uri/)
    expectPage(await bank.browser().journey(address), /request_uri/)
  })

  test('two browsers complete one request_uri: the second one gets no code', async () => {
    const [one, other] = [bank.browser(), bank.browser()]
    const address = await tpp.address()
    await one.journey(address, { decision: 'leave' })
    await other.journey(address, { decision: 'leave' })
    await expectCode(tpp, await one.journey(address))
    expectPage(await other.journey(address), /request_uri/)
  })

  test('RFC9126-4-a opened 61 seconds after the push: refused; after 55 seconds: works', async () => {
    const [soon, late] = [await tpp.address(), await tpp.address()]
    await later(55, async () => expectCode(tpp, await bank.browser().journey(soon)))
    await later(61, async () => expectPage(await bank.browser().journey(late), /request_uri/))
  })

  test('FAPI2-SP-5.4.1-4 request_uri values are long and all different', async () => {
    const answers = await Promise.all(Array.from({ length: 20 }, () => tpp.push()))
    const values = answers.map(({ json }) => String(json.request_uri).split(':').at(-1) ?? '')
    expect(new Set(values).size).toBe(20)
    for (const value of values) expect(value.length).toBeGreaterThanOrEqual(22)
  })
})

describe('state and nonce', () => {
  const idToken = async (params: Params) => {
    const { id_token } = await tpp.tokens({ params })
    return JSON.parse(Buffer.from(String(id_token).split('.')[1] ?? '', 'base64url').toString()) as Record<string, unknown>
  }

  test('ensure-authorization-request-without-state-success: no state in the answer', async () => {
    await expectCode(tpp, await tpp.authorize({ params: { state: undefined } }), null)
  })

  test.each([128, 1000])('FAPI2-SP-5.3.2.2-note-state a state of %i characters comes back whole', async (length) => {
    const state = text(length)
    await expectCode(tpp, await tpp.authorize({ params: { state } }), state)
  })

  test('a state with every kind of character comes back whole', async () => {
    const state = 'a b+c%20&d=e#f"g\'<h>\\{é}🏦'
    await expectCode(tpp, await tpp.authorize({ params: { state } }), state)
  })

  test('ensure-authorization-request-without-nonce-success: no nonce in the ID token', async () => {
    expect(await idToken({ nonce: undefined })).not.toHaveProperty('nonce')
  })

  test.each([64, 384])('FAPI2-SP-5.3.2.2-14 a nonce of %i characters comes back whole', async (length) => {
    const nonce = text(length)
    expect(await idToken({ nonce })).toMatchObject({ nonce })
  })
})

describe('what the user and the browser see', () => {
  test.each(['deny', 'cancel login'] as const)(
    'user-rejects-authentication (%s): access_denied with a state of 128 characters and iss',
    async (decision) => {
      const state = text(128)
      const landing = await tpp.authorize({ params: { state }, user: { decision }, browser: bank.browser() })
      const { params } = await expectToldClient(tpp, landing, 'access_denied', { state })
      expect(params.iss).toBe(bank.issuer)
    },
  )

  test('FAPI2-SP-5.3.2.2-7 RFC9207-2.3-a iss in the answer is the issuer of the metadata', async () => {
    const { params } = await tpp.respond(await tpp.authorize())
    expect(params.iss).toBe(bank.metadata.issuer)
    expect(bank.metadata.authorization_response_iss_parameter_supported).toBe(true)
  })

  test('FAPI2-SP-5.3.2.2-10 FAPI2-SP-5.3.2.2-11 every redirect after a form is 303', async () => {
    const { redirects } = await tpp.authorize({ browser: bank.browser() })
    expect(redirects.length).toBeGreaterThanOrEqual(3)
    expect(new Set(redirects)).toEqual(new Set([303]))
  })

  test('FAPI2-SP-5.3.2.1-7 an unknown client or an unregistered redirect_uri: an error page, no redirect anywhere', async () => {
    const own = authorizationParams(tpp.tpp)
    expectPage(await look({ ...own, client_id: 'nobody' }))
    expectPage(await look({ ...own, client_id: undefined }))
    expectPage(await look({ ...own, redirect_uri: 'https://attacker.example/cb' }))
    expectPage(await look({ ...own, redirect_uri: 'javascript:alert(1)' }))
    expectPage(await look({ ...own, redirect_uri: [String(own.redirect_uri), 'https://attacker.example/cb'] }))
  })

  test('what an error page says is escaped', async () => {
    const { answer } = await look({ ...authorizationParams(tpp.tpp), client_id: '<script>alert(1)</script>', state: '<b>' })
    expect(answer.text).not.toMatch(/<script|<b>/)
  })

  test('FAPI2-SP-5.2.3-3 a request with Origin at the authorization endpoint: no CORS headers', async () => {
    for (const method of ['GET', 'OPTIONS']) {
      const { headers } = await bank.wire.send(await tpp.address(), {
        method,
        headers: { origin: 'https://attacker.example', 'access-control-request-method': 'GET' },
      })
      expect(Object.keys(headers).filter((name) => name.startsWith('access-control-'))).toEqual([])
    }
  })

  test('FAPI2-SP-5.2.3-1 pages and redirects carry Strict-Transport-Security', async () => {
    const landing = await tpp.authorize({ browser: bank.browser(), user: { decision: 'leave' } })
    expect(landing.answer.headers['strict-transport-security']).toMatch(/max-age=[1-9]\d{6,}/)
    expect(landing.answer.headers['content-security-policy']).toContain("frame-ancestors 'none'")
  })

  test('OIDCC-3.1.2.6 prompt=none without a session: the client is told login_required', async () => {
    const landing = await tpp.authorize({ params: { prompt: 'none' }, browser: bank.browser() })
    await expectToldClient(tpp, landing, 'login_required')
  })

  test('test-claims-parameter-identity-claims: claims that are asked for arrive, unknown ones are ignored', async () => {
    const claims = JSON.stringify({ id_token: { name: { essential: true }, shoe_size: null } })
    const { id_token } = await tpp.tokens({ params: { claims }, browser: bank.browser() })
    const payload = JSON.parse(Buffer.from(String(id_token).split('.')[1] ?? '', 'base64url').toString())
    expect(payload).toMatchObject({ name: 'Alice Archer' })
    expect(payload).not.toHaveProperty('shoe_size')
  })

  test('test-essential-acr-sca-claim: an acr this bank attests arrives; one it does not: no code', async () => {
    const asking = (value: string) => JSON.stringify({ id_token: { acr: { essential: true, value } } })
    const { id_token } = await tpp.tokens({ params: { claims: asking('urn:openbanking:psd2:sca') }, browser: bank.browser() })
    expect(JSON.parse(Buffer.from(String(id_token).split('.')[1] ?? '', 'base64url').toString())).toMatchObject({
      acr: 'urn:openbanking:psd2:sca',
    })
    const landing = await tpp.authorize({ params: { claims: asking('urn:example:retina') }, browser: bank.browser() })
    await expectToldClient(tpp, landing, expect.stringMatching(/^(access_denied|unmet_authentication_requirements)$/))
  })
})
