import { randomUUID } from 'node:crypto'
import { jest } from '@jest/globals'
import express from 'express'
import {
  type Admission,
  apiErrors,
  createPolicy,
  fapi2Security,
  fromTls,
  interactionId,
  memoryStore,
  protect,
  requireScope,
  type Verdict,
} from 'express-fapi'
import { dpopClient, fakeIssuer, legalRequest, type Members, type RequestHeaders } from 'express-fapi/testing'
import { type Answer, API, type Api, openApi } from './api-server.js'

const issuer = fakeIssuer({ audience: API })
const client = dpopClient()
const UUID = /^[0-9a-f]{8}-[0-9a-f]{4}-[1-8][0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/
const OWN = '93bac548-d2de-4546-b106-880a5018460d'

let api: Api
let admitted: Admission | undefined
const verdicts: Verdict[] = []
const warnings: string[] = []
beforeAll(async () => {
  jest.spyOn(process, 'emitWarning').mockImplementation((warning) => void warnings.push(String(warning)))
  api = await openApi((app) => {
    const policy = createPolicy({ profile: fapi2Security, record: (verdict) => void verdicts.push(verdict) })
    const store = memoryStore()
    app.use('/with', interactionId())
    app.use(protect(policy, { issuers: issuer, publicUrl: API, certificate: fromTls(), store }), express.json())
    app.all(['/accounts', '/with/accounts'], requireScope('accounts'), (req, res) => {
      admitted = req.fapi
      res.json({ sub: res.locals.token.sub, sent: req.get('x-fapi-interaction-id') })
    })
    const failures: Readonly<Record<string, unknown>> = {
      error: new Error('the password is hunter2'),
      text: 'hunter2',
      nothing: null,
      teapot: Object.assign(new Error('short and "stout"'), { status: 418, expose: true }),
      hidden: Object.assign(new Error('hunter2'), { statusCode: 409 }),
      strange: { status: 'x', message: 5 },
      successful: Object.assign(new Error('hunter2'), { status: 200, expose: true }),
      upstream: Object.assign(new Error('hunter2'), { status: 502, expose: true }),
    }
    app.get('/fails/:how', ({ params }, _res, next) => next(failures[params.how] ?? new Error('none')))
    app.get('/throws', () => {
      throw new Error('hunter2')
    })
    app.get('/half', (_req, res, next) => {
      res.write('half')
      next(new Error('hunter2'))
    })
    app.use(apiErrors())
  })
})
afterAll(() => api?.close())
beforeEach(() => {
  admitted = undefined
  warnings.length = 0
  verdicts.length = 0
})

interface Sent {
  readonly path?: string
  readonly method?: string
  readonly claims?: Members
  readonly headers?: RequestHeaders
}
function send({ path = '/accounts', method = 'GET', claims = { scope: 'accounts' }, headers = {} }: Sent, body?: string): Promise<Answer> {
  const request = legalRequest({ issuer, client, method, url: API + path, claims })
  return api.send({ ...request, headers: { ...request.headers, ...headers } }, body)
}

const answers: readonly (readonly [what: string, status: number, sent: Sent, body?: string])[] = [
  ['a request that passes', 200, {}],
  ['a request that passes behind interactionId()', 200, { path: '/with/accounts' }],
  ['a request without a token', 401, { headers: { authorization: '' } }],
  ['a request with two tokens', 400, { headers: { authorization: 'DPoP a b' } }],
  ['a token that has expired', 401, { claims: { exp: 1 } }],
  ['a token of another scope', 403, { claims: { scope: 'x' } }],
  ['a token of another scope behind interactionId()', 403, { path: '/with/accounts', claims: {} }],
  ['a path that is not there', 404, { path: '/nowhere' }],
  ['a body that is no JSON', 400, { method: 'POST', headers: { 'content-type': 'application/json' } }, '{"'],
  ['a failure', 500, { path: '/fails/error' }],
  ['an exception', 500, { path: '/throws' }],
]

describe.each(answers.map(([what, status, sent, body = '']) => [what, status, { sent, body }] as const))(
  'the answer to %s (%d)',
  (_what, status, { sent, body }) => {
    const ask = (headers: RequestHeaders = {}) => send({ ...sent, headers: { ...sent.headers, ...headers } }, body || undefined)

    test('FAPI1-BASE-6.2.1-11 repeats the interaction id', async () => {
      const answer = await ask({ 'x-fapi-interaction-id': OWN })
      expect({ status: answer.status, id: answer.headers['x-fapi-interaction-id'] }).toEqual({ status, id: OWN })
    })

    test.each([
      ['', 'none'],
      ['no-uuid', 'what is none'],
      [`${OWN}x`, 'more than one'],
      [`{${OWN}}`, 'one in braces'],
      ['00000000-0000-0000-0000-000000000000', 'the nil UUID'],
      [[OWN, OWN], 'two'],
    ] as [string | string[], string][])('has a fresh one where %p was sent: %s', async (id, _what) => {
      const ids = [await ask({ 'x-fapi-interaction-id': id }), await ask()].map(({ headers }) => headers['x-fapi-interaction-id'])
      for (const one of ids) expect(one).toMatch(UUID)
      expect(ids[0]).not.toBe(ids[1])
      expect(ids).not.toContain(OWN)
    })

    test('FAPI1-BASE-6.2.1-10 says what time it is', async () => {
      const asked = performance.now()
      const { date } = (await ask()).headers
      const took = performance.now() - asked
      expect(date).toMatch(/^[A-Z][a-z]{2}, \d{2} [A-Z][a-z]{2} \d{4} \d{2}:\d{2}:\d{2} GMT$/)
      expect(Math.abs(Date.parse(String(date)) - Date.now())).toBeLessThan(5_000 + took)
    })

    // What is not there is Express's own page.
    if (status !== 404)
      test('FAPI1-BASE-6.2.1-8, -9 is JSON in UTF-8, and an error is kept by nobody', async () => {
        const { headers, json } = await ask()
        expect(headers['content-type']).toBe('application/json; charset=utf-8')
        if (status !== 200) expect(headers['cache-control']).toBe('no-store')
        expect(typeof json.error).toBe(status === 200 ? 'undefined' : 'string')
      })
  },
)

test('the API, its answer and the record have the same interaction id', async () => {
  const { headers, json } = await send({})
  const id = headers['x-fapi-interaction-id']
  expect({ sent: json.sent, admitted: admitted?.interactionId, recorded: verdicts[0]?.interaction }).toEqual({
    sent: id,
    admitted: id,
    recorded: id,
  })
})

test('an interaction id in capitals comes back as it was sent', async () => {
  const id = randomUUID().toUpperCase()
  expect((await send({ headers: { 'x-fapi-interaction-id': id } })).headers['x-fapi-interaction-id']).toBe(id)
})

describe('FAPI1-BASE-6.2.1-13 x-fapi-customer-ip-address', () => {
  test.each(['198.51.100.119', '0.0.0.0', '2001:DB8::1893:25c8:1946', '::1', '::ffff:198.51.100.119'])('%s is exposed', async (address) => {
    expect((await send({ headers: { 'x-fapi-customer-ip-address': address } })).status).toBe(200)
    expect(admitted?.customerIpAddress).toBe(address)
  })

  test.each([
    '',
    '198.51.100',
    '198.51.100.256',
    '198.51.100.119:80',
    '[::1]',
    '::1/64',
    'localhost',
    '127.1',
    '0x7f000001',
    'fe80::1%eth0',
    '1.2.3.4, 5.6.7.8',
  ])('%p is ignored', async (address) => {
    expect((await send({ headers: { 'x-fapi-customer-ip-address': address } })).status).toBe(200)
    expect(admitted).toHaveProperty('customerIpAddress', undefined)
  })

  test('sent twice is ignored', async () => {
    expect((await send({ headers: { 'x-fapi-customer-ip-address': ['::1', '::1'] } })).status).toBe(200)
    expect(admitted).toHaveProperty('customerIpAddress', undefined)
  })
})

describe('FAPI1-BASE-6.2.2-3 x-fapi-auth-date', () => {
  test.each([
    ['Tue, 11 Sep 2012 19:43:31 GMT', '2012-09-11T19:43:31.000Z'],
    ['Thu, 29 Feb 2024 00:00:00 GMT', '2024-02-29T00:00:00.000Z'],
  ])('%s is exposed', async (date, at) => {
    expect((await send({ headers: { 'x-fapi-auth-date': date } })).status).toBe(200)
    expect(admitted?.authDate?.toISOString()).toBe(at)
  })

  test.each([
    '',
    'yesterday',
    '2012-09-11T19:43:31Z',
    '1347392611',
    'Tue, 11 Sep 2012 19:43:31 +0200',
    'Tue, 11 Sep 2012 25:43:31 GMT',
    'Tue, 99 Sep 2012 19:43:31 GMT',
    'Tue, 11 Xxx 2012 19:43:31 GMT',
    // There is no such day, and that one was a Tuesday.
    'Thu, 30 Feb 2012 19:43:31 GMT',
    'Mon, 11 Sep 2012 19:43:31 GMT',
  ])('%p is ignored', async (date) => {
    expect((await send({ headers: { 'x-fapi-auth-date': date } })).status).toBe(200)
    expect(admitted).toHaveProperty('authDate', undefined)
  })
})

test('whoever was let through is told of, and cannot be changed', async () => {
  await send({ headers: { 'x-fapi-interaction-id': OWN } })
  expect(admitted).toMatchObject({
    scheme: 'dpop',
    issuer: issuer.issuer,
    client: { client_id: client.clientId },
    certificate: undefined,
    interactionId: OWN,
    token: { sub: 'user', scope: 'accounts', cnf: client.cnf },
  })
  expect([Object.isFrozen(admitted), Object.isFrozen(admitted?.token)]).toEqual([true, true])
})

describe('what goes wrong behind the guard', () => {
  test.each([
    ['error', 500, { error: 'server_error' }],
    ['text', 500, { error: 'server_error' }],
    ['nothing', 500, { error: 'server_error' }],
    ['strange', 500, { error: 'server_error' }],
    ['successful', 500, { error: 'server_error' }],
    ['upstream', 500, { error: 'server_error' }],
    ['teapot', 418, { error: 'invalid_request', error_description: 'short and "stout"' }],
    ['hidden', 409, { error: 'invalid_request' }],
  ])('%s is answered with %d', async (how, status, json) => {
    const answer = await send({ path: `/fails/${how}` })
    expect({ status: answer.status, json: answer.json }).toEqual({
      status,
      json: { ...json, ...('error_description' in json && { error_description: expect.stringMatching(/^short and .stout.$/) }) },
    })
    expect(answer.text).not.toContain('hunter2')
    expect(warnings).toHaveLength(status === 500 && how !== 'nothing' ? 1 : how === 'nothing' ? 1 : 0)
  })

  test('and too late is not answered twice', async () => {
    await expect(send({ path: '/half' })).rejects.toThrow()
    expect((await send({})).status).toBe(200)
  })
})
