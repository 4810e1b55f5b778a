import { once } from 'node:events'
import { createServer } from 'node:net'
import { jest } from '@jest/globals'
import type { RequestHandler } from 'express'
import {
  type Client,
  createPolicy,
  type Found,
  fapi1Advanced,
  fapi2Security,
  fromTls,
  type Issuer,
  KeySetError,
  keySet,
  memoryStore,
  type Policy,
  protect,
} from 'express-fapi'
import { certificateClient, dpopClient, fakeIssuer, legalRequest, type Members, type TestClient } from 'express-fapi/testing'
import { portOf } from '../readers/loopback.js'
import { later } from '../support/clock.js'
import { fromNow } from '../support/jwt.js'
import { type Answer, API, type Api, openApi } from './api-server.js'

/* One API, five issuers: each is asked about its own tokens only, and each token is held to what its issuer's policy says. */

const bank = fakeIssuer({ issuer: 'https://as.bank.example', audience: API, alg: 'PS256' })
const plain = fakeIssuer({ issuer: 'https://login.shop.example', audience: 'shop-api' })
const named = fakeIssuer({ issuer: 'https://jwt-by-look-up.example' })
const foreign = fakeIssuer({ issuer: 'https://evil.example', audience: API })
const fapi2 = createPolicy({ profile: fapi2Security })
const none = createPolicy({ profiles: [fapi2Security], choose: () => undefined })

const dpop = dpopClient()
const mtls = certificateClient()
const nobody: TestClient = { clientId: 'nobody', cnf: {}, tls: undefined, headers: ({ token }) => ({ authorization: `Bearer ${token}` }) }

/** What each look-up was asked, and what it answers. */
const asked: Record<string, string[]> = { red: [], blue: [], named: [] }
let answers: (token: string) => Found | undefined | Promise<Found | undefined>
const lookUp = (name: string) => async (token: string) => {
  asked[name]?.push(token)
  return answers(token)
}
const claims = (more: Members = {}): Found => ({ claims: { sub: 'user', client_id: 'red-app', cnf: dpop.cnf, exp: fromNow(60), ...more } })

const ISSUERS: readonly Issuer[] = [
  bank,
  { ...plain, policy: none },
  { issuer: 'https://red.example', audience: 'red-api', tokens: lookUp('red'), owns: (token) => token.startsWith('red_') },
  {
    ...{ issuer: 'https://blue.example', audience: ['blue-api', 'blue-api-2'], tokens: lookUp('blue') },
    owns(token) {
      if (token === 'blue_throws') throw new Error('no idea whose it is')
      return token.startsWith('blue_')
    },
  },
  { issuer: named.issuer, audience: API, tokens: lookUp('named'), owns: () => false },
]

let api: Api
const warnings: string[] = []
beforeAll(async () => {
  jest.spyOn(process, 'emitWarning').mockImplementation((warning) => void warnings.push(String(warning)))
  api = await openApi((app) => app.use(guard(ISSUERS), whose))
})
afterAll(() => api?.close())
beforeEach(() => {
  for (const list of Object.values(asked)) list.length = 0
  warnings.length = 0
  answers = () => claims()
})

function guard(issuers: Issuer | readonly Issuer[], policy: Policy = fapi2) {
  return protect(policy, { issuers, publicUrl: API, certificate: fromTls(), store: memoryStore() })
}

const whose: RequestHandler = (req, res) => {
  res.json({ issuer: req.fapi?.issuer, client: req.fapi?.client?.client_id, scheme: req.fapi?.scheme, sub: res.locals.token.sub })
}

const as = (client: TestClient, token: string, to = api): Promise<Answer> =>
  to.send(legalRequest({ issuer: bank, client, url: `${API}/who` }, token))

type Case = readonly [what: string, client: TestClient, token: () => string, status: number, issuer?: string]
const jwts: readonly Case[] = [
  ['the bank, bound to a key', dpop, () => bank.token(dpop), 200, bank.issuer],
  ['the bank, bound to a certificate', mtls, () => bank.token(mtls), 200, bank.issuer],
  ['the bank, bound to nothing', nobody, () => bank.token(nobody), 401],
  ['the bank, as Bearer though bound', nobody, () => bank.token(dpop), 401],
  ['the bank, for the shop', dpop, () => bank.token(dpop, { aud: 'shop-api' }), 401],
  ['the shop, bound to nothing', nobody, () => plain.token(nobody), 200, plain.issuer],
  ['the shop, bound to a key', dpop, () => plain.token(dpop), 200, plain.issuer],
  ['the shop, bound to a certificate', mtls, () => plain.token(mtls), 200, plain.issuer],
  ['the shop, as Bearer though bound to a key', nobody, () => plain.token(dpop), 401],
  ['the shop, as Bearer though bound to a certificate', nobody, () => plain.token(mtls), 401],
  ['the shop, bound to what nobody here understands', nobody, () => plain.token(nobody, { cnf: { jwk: dpop.proofKey.publicJwk } }), 401],
  ['the shop, with a cnf that is no object', nobody, () => plain.token(nobody, { cnf: 'x' }), 401],
  ['the shop, unbound under DPoP', dpop, () => plain.token(nobody), 401],
  ['the shop, for the bank', nobody, () => plain.token(nobody, { aud: API }), 401],
  ['the shop, that names the bank', nobody, () => plain.token(nobody, { iss: bank.issuer, aud: API }), 401],
  ['the bank, that names the shop', nobody, () => bank.token(nobody, { iss: plain.issuer, aud: 'shop-api' }), 401],
  ['nobody here', dpop, () => foreign.token(dpop), 401],
  ['nobody here, for the API of another', dpop, () => foreign.token(dpop, { aud: 'red-api' }), 401],
]
test.each(jwts.map(([what, ...rest]) => [what, rest] as const))('a JWT of %s', async (_what, [client, token, status, issuer]) => {
  const answer = await as(client, token())
  expect({ status: answer.status, issuer: answer.json.issuer }).toEqual({ status, issuer })
  if (status === 401) expect(answer.json.error).toBe('invalid_token')
  expect(asked).toEqual({ red: [], blue: [], named: [] })
})

describe('an opaque token', () => {
  test.each([
    ['red_1', 'red', 'https://red.example'],
    ['blue_1', 'blue', 'https://blue.example'],
  ])('%s is looked up by its own issuer and by no other', async (token, owner, issuer) => {
    expect((await as(dpop, token)).json).toMatchObject({ issuer, client: 'red-app', scheme: 'dpop' })
    expect(asked).toEqual({ red: [], blue: [], named: [], [owner]: [token] })
  })

  test.each([
    ['of nobody', () => 'green_1'],
    ['of a foreign issuer, a JWT', () => foreign.token(dpop)],
    ['that is a JWT and names nobody', () => bank.token(dpop, { iss: undefined })],
    ['that is a JWT and names a number', () => bank.token(dpop, { iss: 5 })],
  ])('%s is nobody’s business', async (_what, token) => {
    const answer = await as(dpop, token())
    expect({ status: answer.status, error: answer.json.error }).toEqual({ status: 401, error: 'invalid_token' })
    expect(asked).toEqual({ red: [], blue: [], named: [] })
  })

  test('that is a JWT is looked up by the issuer it names', async () => {
    const token = named.token(dpop)
    expect((await as(dpop, token)).json).toMatchObject({ issuer: named.issuer })
    expect(asked).toEqual({ red: [], blue: [], named: [token] })
  })

  const found: readonly (readonly [what: string, found: () => Found | undefined, status: number])[] = [
    ['unknown', () => undefined, 401],
    ['of another issuer', () => claims({ iss: 'https://blue.example' }), 401],
    ['of this issuer', () => claims({ iss: 'https://red.example' }), 200],
    ['for another API', () => claims({ aud: 'blue-api' }), 401],
    ['for this API among others', () => claims({ aud: ['x', 'red-api'] }), 200],
    ['for no API', () => claims({ aud: [] }), 401],
    ['expired', () => claims({ exp: fromNow(-1) }), 401],
    ['of an expiry that is no time', () => claims({ exp: '9999999999' }), 401],
    ['of no expiry, which its issuer knows', () => claims({ exp: undefined }), 200],
    ['not valid yet', () => claims({ nbf: fromNow(600) }), 401],
    ['bound to nothing', () => claims({ cnf: {} }), 401],
    ['bound to something that is not said', () => claims({ cnf: { jkt: undefined, 'x5t#S256': undefined } }), 401],
    ['bound to another key', () => claims({ cnf: dpopClient().cnf }), 401],
    ['bound to a certificate', () => claims({ cnf: mtls.cnf }), 401],
  ]
  test.each(found)('%s', async (_what, answer, status) => {
    answers = answer
    const { json, ...rest } = await as(dpop, 'red_2')
    expect({ status: rest.status, error: json.error }).toEqual({ status, error: status === 401 ? 'invalid_token' : undefined })
  })

  test('is looked up each time, so that revocation counts at once', async () => {
    expect((await as(dpop, 'red_3')).status).toBe(200)
    answers = () => undefined
    expect((await as(dpop, 'red_3')).status).toBe(401)
    answers = () => claims()
    expect((await as(dpop, 'red_3')).status).toBe(200)
  })

  const failing: readonly (readonly [what: string, token: string, answer: () => Found])[] = [
    ['the look-up fails', 'red_4', () => Promise.reject(new Error('the issuer is away')) as never],
    ['nobody can tell whose it is', 'blue_throws', () => claims()],
    ['the look-up answers with nonsense', 'red_4', () => ({ claims: null }) as never],
  ]
  test.each(failing)('when %s: 503, and the operator is told', async (_what, token, answer) => {
    answers = answer
    const { status, json, headers, text, challenges } = await as(dpop, token)
    expect({ status, error: json.error, challenges }).toEqual({ status: 503, error: 'temporarily_unavailable', challenges: [] })
    expect(headers).toMatchObject({ 'retry-after': expect.stringMatching(/^\d+$/), 'cache-control': 'no-store' })
    expect(text).not.toMatch(/away|idea|null/)
    expect(warnings).toHaveLength(1)
    answers = () => claims()
    expect((await as(dpop, 'red_4')).status).toBe(200)
  })
})

test('one issuer with opaque tokens has all that name nobody, and none that name another', async () => {
  const one = await openApi((app) =>
    app.use(guard([bank, { issuer: 'https://red.example', audience: 'red-api', tokens: lookUp('red') }]), whose),
  )
  expect((await as(dpop, 'anything', one)).json).toMatchObject({ issuer: 'https://red.example' })
  expect((await as(dpop, foreign.token(dpop), one)).status).toBe(401)
  expect((await as(dpop, bank.token(dpop), one)).json).toMatchObject({ issuer: bank.issuer })
  expect(asked.red).toEqual(['anything'])
  await one.close()
})

describe('the profile goes by the client of the token', () => {
  const clients: Readonly<Record<string, string>> = { 'dpop-client': 'fapi2', 'certificate-client': 'fapi1', nobody: 'plain' }
  const choosing = createPolicy({
    profiles: [fapi1Advanced, fapi2Security],
    choose({ client_id }) {
      if (client_id === 'broken') throw new Error('no profile can be found')
      return { fapi1: fapi1Advanced, fapi2: fapi2Security }[clients[client_id] ?? '']
    },
  })
  let chosen: Api
  beforeAll(async () => {
    chosen = await openApi((app) => app.use(guard(bank, choosing), whose))
  })
  afterAll(() => chosen?.close())

  const cases: readonly (readonly [what: string, client: TestClient, sent: Members, status: number])[] = [
    ['FAPI 2.0, bound to a key', dpop, {}, 200],
    ['FAPI 1.0, bound to a certificate', mtls, {}, 200],
    ['FAPI 1.0, bound to a key', dpop, { client_id: 'certificate-client' }, 401],
    ['FAPI 2.0, bound to nothing', nobody, { client_id: 'dpop-client' }, 401],
    ['no FAPI, bound to nothing', nobody, {}, 200],
    ['no FAPI, as Bearer though bound', nobody, { cnf: dpop.cnf }, 401],
    ['a client whose profile cannot be found', nobody, { client_id: 'broken' }, 500],
  ]
  test.each(cases)('%s', async (_what, client, sent, status) => {
    const answer = await as(client, bank.token(client, sent), chosen)
    expect(answer.status).toBe(status)
    if (status !== 200) expect(answer.json).not.toHaveProperty('sub')
  })

  test('which is looked up where the issuer has registrations', async () => {
    const seen: string[] = []
    const clientOf = async (id: string) => {
      seen.push(id)
      return id === 'dpop-client' ? ({ client_id: id } as Client) : undefined
    }
    const looking = await openApi((app) => app.use(guard({ ...bank, clientOf }, choosing), whose))
    expect((await as(dpop, bank.token(dpop), looking)).status).toBe(200)
    expect(seen).toEqual(['dpop-client'])
    // One that is gone is held to nothing, and gets in nowhere.
    expect((await as(nobody, bank.token(nobody), looking)).status).toBe(401)
    await looking.close()
  })
})

describe('a token that was seen before', () => {
  test('is refused once its issuer has withdrawn the key', async () => {
    let isWithdrawn = false
    const keys: typeof bank.keys = async (header) => {
      if (isWithdrawn) throw new KeySetError('token', 'the issuer has no such key')
      return bank.keys(header)
    }
    const api = await openApi((app) => app.use(guard({ ...bank, keys }), whose))
    const token = bank.token(dpop)
    expect((await as(dpop, token, api)).status).toBe(200)
    isWithdrawn = true
    expect((await as(dpop, token, api)).status).toBe(401)
    isWithdrawn = false
    expect((await as(dpop, token, api)).status).toBe(200)
    await api.close()
  })

  test('says what it said: no handler can change it for the next request', async () => {
    const changes: string[] = []
    const api = await openApi((app) =>
      app.use(guard(bank), (req, res) => {
        const roles = req.fapi?.token.roles as string[]
        try {
          roles.push('admin')
        } catch (error) {
          changes.push((error as Error).name)
        }
        res.json({ roles })
      }),
    )
    const token = bank.token(dpop, { roles: ['user'] })
    for (let times = 0; times < 2; times++) expect((await as(dpop, token, api)).json).toEqual({ roles: ['user'] })
    expect(changes).toEqual(['TypeError', 'TypeError'])
    await api.close()
  })

  test('goes by what the registration of its client is by then', async () => {
    let isFapi = false
    const choosing = createPolicy({
      profiles: [fapi2Security],
      choose: ({ fapi_profile }) => (fapi_profile === 'fapi2' ? fapi2Security : undefined),
    })
    const registered = () => ({ client_id: 'nobody', fapi_profile: isFapi ? 'fapi2' : 'none' }) as unknown as Client
    const api = await openApi((app) => app.use(guard({ ...bank, clientOf: registered }, choosing), whose))
    const token = bank.token(nobody)
    expect((await as(nobody, token, api)).status).toBe(200)
    isFapi = true
    expect((await as(nobody, token, api)).status).toBe(401)
    await api.close()
  })

  test('is refused once it has expired', async () => {
    const token = bank.token(mtls, { exp: fromNow(120) })
    expect((await as(mtls, token)).status).toBe(200)
    expect((await as(mtls, token)).status).toBe(200)
    await later(121, async () => expect((await as(mtls, token)).json.error).toBe('invalid_token'))
  })

  test('is bound all the same', async () => {
    const token = bank.token(mtls)
    expect((await as(mtls, token)).status).toBe(200)
    expect((await as(certificateClient(), token)).status).toBe(401)
    expect((await as(nobody, token)).status).toBe(401)
  })

  test('is another one when a letter of it changes', async () => {
    const token = bank.token(mtls)
    expect((await as(mtls, token)).status).toBe(200)
    expect(
      (
        await as(
          mtls,
          token.replace(/.$/, (last) => (last === 'A' ? 'B' : 'A')),
        )
      ).status,
    ).toBe(401)
  })
})

describe('what cannot be decided is refused with 503', () => {
  async function expectUndecided(to: Api, token: string): Promise<void> {
    const { status, json, text, headers, challenges } = await as(dpop, token, to)
    expect({ status, error: json.error, challenges }).toEqual({ status: 503, error: 'temporarily_unavailable', challenges: [] })
    expect(headers).toMatchObject({ 'retry-after': '5', 'cache-control': 'no-store', 'x-fapi-interaction-id': expect.any(String) })
    expect(text).not.toMatch(/127\.0\.0\.1|Redis|sub/)
    expect(warnings.join()).toMatch(/could not be judged/)
  }

  test('when the keys of the issuer cannot be had; others go on', async () => {
    // A port on which nobody listens.
    const server = createServer()
    await once(server.listen(0, '127.0.0.1'), 'listening')
    const host = `127.0.0.1:${portOf(server)}`
    await once(server.close(), 'close')
    const keys = keySet(`https://${host}/jwks`, { allowPrivateHosts: [host] })
    const away = await openApi((app) =>
      app.use(
        guard([
          { ...bank, keys },
          { ...plain, policy: none },
        ]),
        whose,
      ),
    )
    await expectUndecided(away, bank.token(dpop))
    // What needs no key to be refused.
    expect((await as(dpop, bank.token(dpop, { exp: fromNow(-1) }), away)).status).toBe(401)
    expect((await as(dpop, plain.token(dpop), away)).status).toBe(200)
    await away.close()
  })

  test.each([
    ['rejects', () => Promise.reject(new Error('Redis is away'))],
    [
      'throws',
      () => {
        throw new Error('Redis is away')
      },
    ],
    ['rejects with nothing', () => Promise.reject()],
  ])('when the store %s; tokens that need no proof go on', async (_how, once) => {
    const store = { once }
    const broken = await openApi((app) => app.use(protect(fapi2, { issuers: bank, publicUrl: API, certificate: fromTls(), store }), whose))
    await expectUndecided(broken, bank.token(dpop))
    expect((await as(mtls, bank.token(mtls), broken)).status).toBe(200)
    expect((await as(dpop, bank.token(dpop, { aud: 'x' }), broken)).status).toBe(401)
    await broken.close()
  })

  test.each([undefined, null, 0, '', 1, 'yes', {}])('unless the store answers with %p, which is not true', async (answer) => {
    const store = { once: async () => answer as boolean }
    const odd = await openApi((app) => app.use(protect(fapi2, { issuers: bank, publicUrl: API, certificate: fromTls(), store }), whose))
    expect((await as(dpop, bank.token(dpop), odd)).status).toBe(401)
    await odd.close()
  })

  test('but where the source of certificates fails, none was shown', async () => {
    const certificate = () => {
      throw new Error('the proxy is away')
    }
    const blind = await openApi((app) =>
      app.use(protect(fapi2, { issuers: bank, publicUrl: API, certificate, store: memoryStore() }), whose),
    )
    expect((await as(mtls, bank.token(mtls), blind)).json.error).toBe('invalid_token')
    expect((await as(dpop, bank.token(dpop), blind)).status).toBe(200)
    await blind.close()
  })
})

test('an algorithm of FAPI 1.0 clients is PS256 or ES256, also for proofs', async () => {
  const advanced = await openApi((app) => app.use(guard(bank, createPolicy({ profile: fapi1Advanced })), whose))
  expect((await as(mtls, bank.token(mtls), advanced)).status).toBe(200)
  expect((await as(dpop, bank.token(dpop), advanced)).json.error).toBe('invalid_token')
  await advanced.close()
})

test('in report mode an unbound token passes, and a bound one is still held to its binding', async () => {
  const seen: string[] = []
  const policy = createPolicy({
    profile: fapi2Security,
    mode: 'report',
    record: ({ violations }) => void seen.push(...violations.map(({ rule }) => rule)),
  })
  const reporting = await openApi((app) => app.use(guard(bank, policy), whose))
  expect((await as(nobody, bank.token(nobody), reporting)).status).toBe(200)
  expect(seen).toEqual(['sender-constrained-tokens'])
  expect((await as(nobody, bank.token(dpop), reporting)).status).toBe(401)
  await reporting.close()
})
