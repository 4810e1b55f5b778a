import { jest } from '@jest/globals'
import type { Request, RequestHandler } from 'express'
import {
  type AcrDemand,
  createPolicy,
  fapi2Security,
  fromTls,
  memoryStore,
  protect,
  requireAcr,
  requireAuthorizationDetails,
  requireClaims,
  requireScope,
  type Verdict,
} from 'express-fapi'
import { certificateClient, dpopClient, fakeIssuer, legalRequest, type Members } from 'express-fapi/testing'
import { fromNow } from '../support/jwt.js'
import { API, type Api, openApi } from './api-server.js'

const issuer = fakeIssuer({ audience: API })
const clients = { DPoP: dpopClient(), Bearer: certificateClient() }
const done: RequestHandler = (_req, res) => void res.json({ done: true })
const payment = (amount: unknown, more: Members = {}) => ({ type: 'payment', amount, ...more })

/** Amounts of a detail, believed only where they are numbers. */
const coversAmount = ({ amount }: Readonly<Record<string, unknown>>, { query }: Request) =>
  typeof amount === 'number' && Number(query.amount) <= amount

let api: Api
const warnings: string[] = []
const verdicts: Verdict[] = []
beforeAll(async () => {
  jest.spyOn(process, 'emitWarning').mockImplementation((warning) => void warnings.push(String(warning)))
  api = await openApi((app) => {
    app.get('/naked', requireScope('a'), done)
    const policy = createPolicy({ profile: fapi2Security, record: (verdict) => void verdicts.push(verdict) })
    app.use(protect(policy, { issuers: issuer, publicUrl: API, certificate: fromTls(), store: memoryStore() }))
    app.get('/scope', requireScope('a'), done)
    app.get('/scopes', requireScope('a', 'b:c'), done)
    app.get(
      '/claims',
      requireClaims(({ tenant }, { query }) => tenant === query.tenant && tenant !== undefined),
      done,
    )
    app.get(
      '/claims/later',
      requireClaims(async ({ tenant }) => tenant === 't'),
      done,
    )
    app.get('/claims/truthy', requireClaims((() => 'yes') as never), done)
    app.get(
      '/claims/throws',
      requireClaims(() => JSON.parse('{')),
      done,
    )
    app.get(
      '/claims/rejects',
      requireClaims(() => Promise.reject(new Error('the database is away'))),
      done,
    )
    app.get('/details', requireAuthorizationDetails('payment', coversAmount), done)
    app.get('/details/any', requireAuthorizationDetails('payment'), done)
    app.get(
      '/details/rejects',
      requireAuthorizationDetails('payment', () => Promise.reject(new Error('the database is away'))),
      done,
    )
    app.get('/acr', requireAcr({ acr: 'urn:strong' }), done)
    app.get('/acrs', requireAcr({ acr: ['urn:strongest', 'urn:strong'] }), done)
    app.get('/age', requireAcr({ maxAge: 300 }), done)
    app.get('/both', requireAcr({ acr: 'urn:strong', maxAge: 300 }), done)
  })
})
afterAll(() => api?.close())
beforeEach(() => void warnings.splice(0))

/** Times among the claims are made when the request is, and not with the table. */
type Case = readonly [path: string, claims: Members | (() => Members), parameters?: Members]
const SCOPE = { scope: 'a' }
const SCOPES = { scope: 'a b:c' }
const STRONG = { acr_values: 'urn:strong' }
const AGE = { max_age: '300' }

const passes: readonly Case[] = [
  ['/scope', { scope: 'a' }],
  ['/scope', { scope: 'b a c' }],
  ['/scopes', { scope: 'b:c a' }],
  ['/claims?tenant=t', { tenant: 't' }],
  ['/claims/later', { tenant: 't' }],
  ['/details?amount=5', { authorization_details: [payment(5)] }],
  ['/details?amount=5', { authorization_details: [{ type: 'account' }, payment(1), payment(9)] }],
  ['/details/any', { authorization_details: [payment(0)] }],
  ['/acr', { acr: 'urn:strong' }],
  ['/acrs', { acr: 'urn:strong' }],
  ['/acrs', { acr: 'urn:strongest' }],
  ['/age', () => ({ auth_time: fromNow(-250) })],
  ['/both', () => ({ acr: 'urn:strong', auth_time: fromNow(-10) })],
]

const insufficient: readonly Case[] = [
  ['/scope', {}, SCOPE],
  ['/scope', { scope: '' }, SCOPE],
  ['/scope', { scope: 'aa' }, SCOPE],
  ['/scope', { scope: 'A' }, SCOPE],
  ['/scope', { scope: 'b\na' }, SCOPE],
  ['/scope', { scope: ['a'] }, SCOPE],
  ['/scope', { scope: { a: true } }, SCOPE],
  ['/scope', { scp: 'a' }, SCOPE],
  ['/scopes', { scope: 'a' }, SCOPES],
  ['/scopes', { scope: 'a b' }, SCOPES],
  ['/claims?tenant=t', { tenant: 'u' }, {}],
  ['/claims', {}, {}],
  ['/claims/later', { tenant: 'u' }, {}],
  ['/claims/truthy', {}, {}],
  ['/details?amount=5', {}, {}],
  ['/details?amount=5', { authorization_details: [] }, {}],
  ['/details?amount=5', { authorization_details: [payment(4.99)] }, {}],
  ['/details?amount=5', { authorization_details: [payment('500')] }, {}],
  ['/details?amount=5', { authorization_details: payment(5) }, {}],
  ['/details?amount=5', { authorization_details: JSON.stringify([payment(5)]) }, {}],
  ['/details?amount=5', { authorization_details: [null, 5, 'payment', [payment(5)]] }, {}],
  ['/details?amount=5', { authorization_details: [{ ...payment(5), type: 'payments' }] }, {}],
  ['/details?amount=5', { authorization_details: [{ ...payment(5), type: ['payment'] }] }, {}],
]

const steppingUp: readonly Case[] = [
  ['/acr', {}, STRONG],
  ['/acr', { acr: 'urn:stronger' }, STRONG],
  ['/acr', { acr: 'URN:STRONG' }, STRONG],
  ['/acr', { acr: ['urn:strong'] }, STRONG],
  ['/acr', { amr: ['urn:strong'] }, STRONG],
  ['/acrs', { acr: 'urn:weak' }, { acr_values: 'urn:strongest urn:strong' }],
  ['/age', {}, AGE],
  ['/age', () => ({ auth_time: fromNow(-310) }), AGE],
  ['/age', () => ({ auth_time: fromNow(3600) }), AGE],
  ['/age', () => ({ auth_time: String(fromNow(0)) }), AGE],
  ['/age', () => ({ auth_time: Date.now() }), AGE],
  ['/age', () => ({ auth_time: null, iat: fromNow(0) }), AGE],
  ['/both', () => ({ acr: 'urn:strong', auth_time: fromNow(-310) }), { ...STRONG, ...AGE }],
  ['/both', () => ({ acr: 'urn:weak', auth_time: fromNow(-10) }), { ...STRONG, ...AGE }],
  ['/both', { acr: 'urn:strong' }, { ...STRONG, ...AGE }],
]

const cases = (list: readonly Case[]) =>
  list.map(([path, claims, parameters = {}]) => {
    const claimsNow = typeof claims === 'function' ? claims : () => claims
    return [path, JSON.stringify(claimsNow()), { claimsNow, parameters }] as const
  })

describe.each(['DPoP', 'Bearer'] as const)('under %s', (scheme) => {
  const send = (path: string, claims: Members) => api.send(legalRequest({ issuer, client: clients[scheme], url: API + path, claims }))

  test.each(cases(passes))('%s with %s: passes', async (path, _shown, { claimsNow }) => {
    expect(await send(path, claimsNow())).toMatchObject({ status: 200, json: { done: true } })
  })

  test.each(cases(insufficient))('%s with %s: 403 insufficient_scope', async (path, _shown, { claimsNow, parameters }) => {
    const { status, json, challenges, headers } = await send(path, claimsNow())
    expect({ status, error: json.error, done: json.done }).toEqual({ status: 403, error: 'insufficient_scope', done: undefined })
    expectChallenges(challenges, { error: 'insufficient_scope', error_description: json.error_description, ...parameters })
    expect(headers['cache-control']).toBe('no-store')
  })

  test.each(cases(steppingUp))(
    'RFC9470-3-a %s with %s: 401 insufficient_user_authentication',
    async (path, _shown, { claimsNow, parameters }) => {
      const { status, json, challenges } = await send(path, claimsNow())
      expect({ status, error: json.error }).toEqual({ status: 401, error: 'insufficient_user_authentication' })
      expectChallenges(challenges, { error: 'insufficient_user_authentication', error_description: json.error_description, ...parameters })
    },
  )

  test.each(['/claims/throws', '/claims/rejects', '/details/rejects'])('%s fails to decide: 503', async (path) => {
    const { status, json, text, challenges } = await send(path, { authorization_details: [payment(1)] })
    expect({ status, error: json.error, challenges }).toEqual({ status: 503, error: 'temporarily_unavailable', challenges: [] })
    expect(text).not.toMatch(/database|JSON/)
    expect(warnings).toHaveLength(1)
  })

  function expectChallenges(challenges: readonly { scheme: string; parameters: Members }[], parameters: Members): void {
    const algs = { algs: 'PS256 ES256 EdDSA Ed25519' }
    const bearer = { scheme: 'Bearer', parameters }
    const dpop = { scheme: 'DPoP', parameters: { ...parameters, ...algs } }
    expect(challenges).toEqual(scheme === 'DPoP' ? [dpop, bearer] : [bearer, dpop])
  }
})

test.each([
  [-310, /^acr is nothing, auth_time is 31\d s ago$/],
  [3600, /^acr is nothing, auth_time is 3[56]\d\d s ahead$/],
])('the record says when the login was: %i s from now', async (seconds, detail) => {
  await api.send(legalRequest({ issuer, client: clients.DPoP, url: `${API}/age`, claims: { auth_time: fromNow(seconds) } }))
  expect(verdicts.at(-1)?.rejection).toMatchObject({ rule: 'user-authenticated', detail: expect.stringMatching(detail) })
})

test('without protect in front nobody gets through', async () => {
  const request = legalRequest({ issuer, client: clients.DPoP, url: `${API}/naked`, claims: { scope: 'a' } })
  const { status, json } = await api.send(request)
  expect({ status, ...json }).toMatchObject({ status: 503, error: 'temporarily_unavailable' })
})

type Construction = readonly [what: string, make: () => unknown, option: string, right: () => unknown]
const constructions: readonly Construction[] = [
  ['no scope', () => requireScope(), 'scope', () => requireScope('a')],
  ['an empty scope', () => requireScope(''), 'scope', () => requireScope('a')],
  ['two scopes in one', () => requireScope('a b'), 'scope', () => requireScope('a', 'b')],
  ['a scope with a quote', () => requireScope('a"b'), 'scope', () => requireScope("a'b")],
  ['a scope with a backslash', () => requireScope('a\\b'), 'scope', () => requireScope('a/b')],
  ['a scope that is no ASCII', () => requireScope('kontö'), 'scope', () => requireScope('konto')],
  ['scopes in a list', () => requireScope(['a'] as never), 'scope', () => requireScope(...['a'])],
  ['a list of claims', () => requireClaims(['a'] as never), 'holds', () => requireClaims(() => true)],
  ['no function over claims', () => requireClaims(undefined as never), 'holds', () => requireClaims(async () => true)],
  ['no type', () => requireAuthorizationDetails(''), 'type', () => requireAuthorizationDetails('payment')],
  ['a type that is no text', () => requireAuthorizationDetails(5 as never), 'type', () => requireAuthorizationDetails('5')],
  [
    'details covered by an object',
    () => requireAuthorizationDetails('payment', { amount: 5 } as never),
    'covers',
    () => requireAuthorizationDetails('payment', () => true),
  ],
  ...(
    [
      [{}, { maxAge: 0 }],
      [{ acr: [] }, { acr: ['a'] }],
      [{ acr: '' }, { acr: 'a' }],
      [{ acr: 'a b' }, { acr: ['a', 'b'] }],
      [{ acr: 'a"' }, { acr: "a'" }],
      [{ acr: 5 }, { acr: '5' }],
      [{ maxAge: -1 }, { maxAge: 1 }],
      [{ maxAge: 1.5 }, { maxAge: 2 }],
      [{ maxAge: '300' }, { maxAge: 300 }],
      [{ maxAge: Number.NaN }, { maxAge: 300 }],
    ] as readonly [AcrDemand, AcrDemand][]
  ).map(([wrong, right]): Construction => [JSON.stringify(wrong), () => requireAcr(wrong), 'acr, maxAge', () => requireAcr(right)]),
]
test.each(constructions)('%s stops the boot, and is named', (_what, make, option, right) => {
  expect(make).toThrow(expect.objectContaining({ name: 'ConfigurationError', faults: [expect.objectContaining({ option })] }))
  expect(right()).toBeInstanceOf(Function)
})
