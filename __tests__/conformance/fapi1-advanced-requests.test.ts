import { randomBytes } from 'node:crypto'
import { decodeJwt } from 'jose'
import { authorizationParams } from '../support/authorization-request.js'
import type { Change } from '../support/change.js'
import { later } from '../support/clock.js'
import {
  expectBadRequest,
  expectCode,
  expectError,
  expectPage,
  expectPushed,
  expectTokens,
  expectTurnedAway,
} from '../support/expectations.js'
import { fromNow } from '../support/jwt.js'
import type { Party } from '../support/party.js'
import { challengeOf, VERIFIER } from '../support/pkce.js'
import { BROKEN_OBJECTS, NO_OBJECTS, SOUND_OBJECTS } from '../support/request-object-cases.js'
import { openTestBank, type TestBank } from '../support/test-bank.js'
import type { Params } from '../support/wire.js'

let bank: TestBank
beforeAll(async () => {
  bank = await openTestBank(['fapi1-jarm', 'fapi1-hybrid', 'fapi1-both'])
})
afterAll(() => bank?.close())

const NO_PKCE = { code_challenge: undefined, code_challenge_method: undefined }
/** Of a request that nobody can read, or for another client, `state` and mode need not be known. */
const EITHER = { state: 'either', jarm: 'either' } as const
const text = (length: number) => randomBytes(length).toString('base64url').slice(0, length)
const scene = (party: Party) => ({
  party,
  other: bank.as(party.tpp.id === 'tpp-fapi1-both' ? 'fapi1-jarm' : 'fapi1-both'),
  issuer: bank.issuer,
})

interface Way {
  readonly name: 'fapi1-jarm' | 'fapi1-hybrid'
  readonly via: 'value' | 'par'
}
const ways: Way[] = [
  { name: 'fapi1-jarm', via: 'value' },
  { name: 'fapi1-jarm', via: 'par' },
  { name: 'fapi1-hybrid', via: 'value' },
  { name: 'fapi1-hybrid', via: 'par' },
]

describe.each(ways)('$name by $via', ({ name, via }) => {
  let party: Party
  beforeAll(() => {
    party = bank.as(name)
  })

  /** The request is refused where it arrives: as JSON when pushed, at the redirect URI or on a page by value. */
  async function expectRefused(change: Change, ...errors: string[]): Promise<void> {
    if (via === 'par') return expectError(await party.push(change), 400, expect.stringMatching(new RegExp(`^(${errors.join('|')})$`)))
    const landing = await bank.browser().journey(await party.byValue(change))
    const unreadable = typeof change.object === 'object' && 'compact' in change.object
    const wishes = change.params && 'response_mode' in change.params
    await expectTurnedAway(party, landing, errors, unreadable ? EITHER : { ...(wishes && { jarm: 'either' }) })
  }

  async function expectAccepted(change: Change, state?: string | null): Promise<string> {
    if (via === 'par') expectPushed(await party.push(change))
    return expectCode(party, await party.authorize({ ...change, via }), state)
  }

  test('FAPI1-ADV-5.2.2-1 a request as the profile wants it: a code, tokens, accounts', async () => {
    const answer = await party.redeem(await expectAccepted({}))
    expectTokens(answer, 'Bearer')
    expect((await party.accounts(answer.json.access_token)).status).toBe(200)
  })

  test('FAPI1-ADV-5.2.2-1 plain parameters, no request object: invalid_request', async () => {
    await expectRefused({ object: 'none' }, 'invalid_request')
  })

  test('regression: the request object is required without openid too: invalid_request', async () => {
    await expectRefused({ object: 'none', params: { scope: 'accounts' } }, 'invalid_request')
  })

  test.each(['token', 'code token', 'id_token', 'none', 'id_token token', 'code id_token token'])(
    'FAPI1-ADV-5.2.2-2 response_type=%s: refused',
    async (response_type) => {
      await expectRefused({ params: { response_type } }, 'unsupported_response_type', 'invalid_request', 'unauthorized_client')
    },
  )

  test('FAPI1-ADV-5.2.2-2 response_type=code without JARM: refused, never a code', async () => {
    for (const response_mode of [undefined, 'query', 'fragment']) {
      await expectRefused(
        { params: { response_type: 'code', response_mode } },
        'invalid_request',
        'unsupported_response_type',
        'unauthorized_client',
      )
    }
  })

  test.each(['nonce', 'redirect_uri', 'scope', 'response_type', 'client_id'])(
    'FAPI1-ADV-5.2.2-10 %s is not inside the request object: refused',
    async (claim) => {
      await expectRefused({ params: { [claim]: undefined } }, 'invalid_request', 'invalid_request_object')
    },
  )

  test('a request object without nonce, and without openid: refused', async () => {
    if (name === 'fapi1-jarm')
      await expectRefused({ params: { nonce: undefined, scope: 'accounts' } }, 'invalid_request', 'invalid_request_object')
  })

  test.each(['nonce', 'redirect_uri', 'scope', 'response_type'])(
    'FAPI1-ADV-5.2.2-10 %s stands outside the request object only: refused',
    async (claim) => {
      const change = { params: { [claim]: undefined }, outside: { [claim]: authorizationParams(party.tpp)[claim] } }
      await expectRefused(change, 'invalid_request', 'invalid_request_object')
    },
  )

  test('FAPI1-ADV-5.2.2-10 state outside only: success without state', async () => {
    const { state, ...outside } = { state: 'outside' }
    await expectAccepted({ params: { state: undefined }, outside: { ...outside, state } }, null)
  })

  test('FAPI1-ADV-5.2.2-10 another nonce, state and redirect_uri outside: those inside count', async () => {
    const outside = { nonce: 'outside', state: 'outside', redirect_uri: 'https://attacker.example/cb' }
    const { json } = await party.redeem(await expectAccepted({ outside }))
    expect(decodeJwt(String(json.id_token)).nonce).toBe('nonce-of-the-client')
  })

  test('ensure-authorization-request-without-state-success: no state comes back', async () => {
    await expectAccepted({ params: { state: undefined } }, null)
  })

  test.each([64, 300])('ensure-request-object-with-64-char-nonce-success: %i characters come back whole', async (length) => {
    const nonce = text(length)
    const { json } = await party.redeem(await expectAccepted({ params: { nonce } }))
    expect(decodeJwt(String(json.id_token)).nonce).toBe(nonce)
  })

  test.each(BROKEN_OBJECTS)('RO-FAULT FAPI1-ADV-8.6-1 a request object with %s: refused', async (_, change) => {
    await expectRefused({ object: change(scene(party)) }, 'invalid_request_object')
  })

  test.each(SOUND_OBJECTS)('FAPI1-ADV-5.2.2-15 a request object with %s: accepted', async (_, change) => {
    await expectAccepted({ object: change(scene(party)) })
  })

  test.each(NO_OBJECTS)('a request object that is no JWS (number %#): refused', async (compact) => {
    await expectRefused({ object: { compact } }, 'invalid_request_object')
  })

  test('RFC9126-3-b the request object of another client, whole: refused', async () => {
    await expectRefused({ object: { compact: await bank.as('fapi1-both').object() } }, 'invalid_request_object')
  })

  test('RFC9101-10.8-a a client assertion as request object: refused', async () => {
    const claims = { ...authorizationParams(party.tpp), nbf: fromNow(0) }
    await expectRefused({ object: { compact: await party.assertion({ claims }) } }, 'invalid_request_object')
  })

  test.each([
    'https://attacker.example/cb',
    'https://tpp.example/cb/more',
    'https://tpp.example/cb?x=1',
    'http://tpp.example/cb',
    'https://tpp.example:443/cb',
  ])('FAPI1-BASE-5.2.2-10 redirect_uri=%s inside: refused, nobody is sent there', async (redirect_uri) => {
    if (via === 'par')
      return expectError(await party.push({ params: { redirect_uri } }), 400, expect.stringMatching(/^invalid_request(_object)?$/))
    expectPage(await bank.browser().journey(await party.byValue({ params: { redirect_uri } })))
  })

  test('FAPI1-ADV-5.2.2-2 FAPI1-ADV-5.2.2.1-1 unsupported or unsafe response_mode: refused', async () => {
    const modes = name === 'fapi1-hybrid' ? ['query', 'query.jwt', 'web_message'] : ['web_message', 'query']
    for (const response_mode of modes) {
      await expectRefused({ params: { response_mode } }, 'invalid_request', 'invalid_request_object', 'unsupported_response_mode')
    }
  })

  test('user-rejects-authentication: access_denied where the code would have been', async () => {
    for (const decision of ['deny', 'cancel login'] as const) {
      const landing = await party.authorize({ via, user: { decision }, browser: bank.browser() })
      await expectTurnedAway(party, landing, ['access_denied'])
      expect(landing.location).toBeDefined()
    }
  })

  test('RFC7636-4.3-a code_challenge_method=plain, or none, where PKCE is used: invalid_request', async () => {
    await expectRefused({ params: { code_challenge_method: 'plain' } }, 'invalid_request')
    await expectRefused({ params: { code_challenge_method: undefined } }, 'invalid_request')
  })

  test('ensure-valid-pkce-succeeds, and a wrong or missing code_verifier: 400 invalid_grant', async () => {
    const code = await expectAccepted({ params: { code_challenge: challengeOf(VERIFIER), code_challenge_method: 'S256' } })
    expectBadRequest(await party.redeem(code, { params: { code_verifier: `${VERIFIER}x` } }), 'invalid_grant')
    expectBadRequest(await party.redeem(code, { params: { code_verifier: undefined } }), 'invalid_grant')
    expectTokens(await party.redeem(code))
  })
})

describe.each(['fapi1-jarm', 'fapi1-hybrid'] as const)('%s', (name) => {
  let party: Party
  beforeAll(() => {
    party = bank.as(name)
  })

  test('FAPI1-ADV-5.2.2-18 a push without PKCE: 400 invalid_request; by value it is not asked for', async () => {
    expectBadRequest(await party.push({ params: NO_PKCE }), 'invalid_request')
    const code = await expectCode(party, await party.authorize({ params: NO_PKCE, via: 'value' }))
    expectBadRequest(await party.redeem(code), 'invalid_grant')
    expectTokens(
      await party.redeem(await expectCode(party, await party.authorize({ params: NO_PKCE, via: 'value' })), {
        params: { code_verifier: undefined },
      }),
    )
  })

  test('FAPI1-ADV-5.2.3-16 a pushed request_uri with client_id alone works; without it, or with another: refused', async () => {
    const { json } = await party.push()
    const request_uri = String(json.request_uri)
    const look = (query: Params) => bank.browser().journey(bank.authorizationUrl(query))
    expectPage(await look({ request_uri }))
    const other = await look({ request_uri, client_id: 'tpp-fapi1-both' })
    await expectTurnedAway(bank.as('fapi1-both'), other, ['invalid_request', 'invalid_request_object', 'invalid_request_uri'], EITHER)
    await expectCode(party, await look({ request_uri, client_id: party.tpp.id }))
  })

  test('FAPI1-ADV-5.2.3-9 by value with only client_id and request outside: accepted, or the client is told invalid_request', async () => {
    const landing = await bank.browser().journey(bank.authorizationUrl({ client_id: party.tpp.id, request: await party.object() }))
    const { params } = await party.respond(landing)
    if (params.error) expect(params.error).toBe('invalid_request')
    else expect(params.code).toEqual(expect.any(String))
  })

  test('RFC9101-5-a another client_id outside than inside: refused, nobody gets a code', async () => {
    const landing = await bank.browser().journey(await party.byValue({ outside: { client_id: 'tpp-fapi1-both' } }))
    await expectTurnedAway(bank.as('fapi1-both'), landing, ['invalid_request', 'invalid_request_object'], EITHER)
  })

  test('RFC9101-5-b request next to request_uri: an error page, or the client is told invalid_request', async () => {
    const { json } = await party.push()
    const url = bank.authorizationUrl({
      ...authorizationParams(party.tpp),
      request: await party.object(),
      request_uri: String(json.request_uri),
    })
    await expectTurnedAway(party, await bank.browser().journey(url), ['invalid_request'])
  })

  test.each(['https://attacker.example/request.jwt', 'http://localhost:1/'])(
    'RFC9101-10.4-a request_uri=%s: refused, nothing is fetched',
    async (request_uri) => {
      const landing = await bank
        .browser()
        .journey(bank.authorizationUrl({ client_id: party.tpp.id, response_type: 'code', scope: 'openid', request_uri }))
      await expectTurnedAway(party, landing, ['request_uri_not_supported', 'invalid_request_uri', 'invalid_request'], {
        state: null,
        jarm: false,
      })
    },
  )

  test('RFC9126-2.1-a a push with request_uri: 400', async () => {
    const { json } = await party.push()
    const answer = await party.push({ outside: { request_uri: String(json.request_uri) } })
    expectError(answer, 400, expect.stringMatching(/^(invalid_request|invalid_request_object|request_uri_not_supported)$/))
  })

  test('RFC9126-4-a RFC9126-4-b a request_uri that has expired, or has been completed: refused', async () => {
    const [late, used] = [await party.address({ via: 'par' }), await party.address({ via: 'par' })]
    const told = { state: null, jarm: false }
    await later(61, async () => expectTurnedAway(party, await bank.browser().journey(late), ['invalid_request_uri'], told))
    const browser = bank.browser()
    await expectCode(party, await browser.journey(used))
    await expectTurnedAway(party, await browser.journey(used), ['invalid_request_uri'], told)
  })
})
