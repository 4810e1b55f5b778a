import { createRequire } from 'node:module'
import { jest } from '@jest/globals'
import express from 'express'
import { ConfigurationError, memoryStore } from 'express-fapi'
import { MemoryStore, type Store } from 'express-rate-limit'
import request from 'supertest'
import { initialAccessTokens } from '../../lib/registration/initial-access-tokens.js'
import { type Callers, type RateLimitOptions, rateLimits } from '../../lib/registration/rate-limits.js'

const express4 = createRequire(import.meta.url)('express4') as typeof express
const warnings = jest.spyOn(process, 'emitWarning')
beforeEach(() => void warnings.mockReset().mockImplementation(() => {}))
afterAll(() => warnings.mockRestore())

const HIGH = { limit: 1_000, seconds: 60 }
const madeUp = (letter: string) => `${letter.repeat(22)}.${letter.repeat(43)}`

describe.each([
  ['Express 5', express],
  ['Express 4', express4],
])('on %s', (_version, createApp) => {
  const open = (options: RateLimitOptions, callers: Callers = {}) => {
    const app = createApp()
    app.set('trust proxy', true)
    app.use(rateLimits({ perCaller: HIGH, total: HIGH, ...options }, callers).slice())
    app.use((_req, res) => void res.status(201).json({}))
    return app
  }
  const ask = (app: express.Express, headers: Record<string, string> = {}) => request(app).post('/').set(headers)
  const statuses = async (app: express.Express, count: number, headers: Record<string, string> = {}) => {
    const found: number[] = []
    for (let index = 0; index < count; index++) found.push((await ask(app, headers)).status)
    return found
  }

  test('who asks too often is told so, and when to come again', async () => {
    const app = open({ perCaller: { limit: 2, seconds: 60 } })
    expect(await statuses(app, 2)).toEqual([201, 201])
    const answer = await ask(app)
    expect(answer.status).toBe(429)
    expect(answer.body).toEqual({
      error: 'temporarily_unavailable',
      error_description: expect.stringMatching(/^too many requests, try again in \d+ seconds$/),
    })
    const seconds = Number(answer.headers['retry-after'])
    expect(seconds).toBeGreaterThan(0)
    expect(seconds).toBeLessThanOrEqual(60)
    expect(answer.headers['content-type']).toMatch(/^application\/json/)
    expect(answer.headers['cache-control']).toBe('no-store')
    expect(answer.headers['ratelimit-policy']).toMatch(/^"per-caller"; q=2; w=60/)
    expect(answer.headers.ratelimit).toMatch(/^"per-caller"; r=0; t=\d+/)
    expect(Object.keys(answer.headers).filter((name) => name.startsWith('x-ratelimit'))).toEqual([])
  })

  test('the limit of all holds whoever they are, and counts none that were refused before', async () => {
    const app = open({ perCaller: { limit: 3, seconds: 60 }, total: { limit: 5, seconds: 60 } })
    expect(await statuses(app, 10, { 'x-forwarded-for': '192.0.2.1' })).toEqual([201, 201, 201, ...Array(7).fill(429)])
    expect(await statuses(app, 3, { 'x-forwarded-for': '192.0.2.2' })).toEqual([201, 201, 429])
    const answer = await ask(app, { 'x-forwarded-for': '192.0.2.3' })
    expect(answer.status).toBe(429)
    expect(answer.headers['ratelimit-policy']).toMatch(/"total"; q=5; w=60/)
  })

  test('a hundred at once do not get past it', async () => {
    const app = open({ perCaller: { limit: 10, seconds: 60 } })
    const server = app.listen(0)
    const found = await Promise.all(Array.from({ length: 100 }, async () => (await request(server).post('/')).status))
    server.close()
    expect(found.filter((status) => status === 201)).toHaveLength(10)
  })

  describe('a caller is known by', () => {
    const one = { perCaller: { limit: 1, seconds: 60 } }

    test('its address, where there is nothing better', async () => {
      const app = open(one)
      for (const address of ['192.0.2.1', '192.0.2.2', '2001:db8::1', '2001:db8:0:100::1'])
        expect(await statuses(app, 2, { 'x-forwarded-for': address })).toEqual([201, 429])
      // One subscriber has a whole network of IPv6.
      expect(await statuses(app, 1, { 'x-forwarded-for': '2001:db8::ffff' })).toEqual([429])
    })

    test('its certificate, before its address', async () => {
      const app = open(one, { thumbprint: async (req) => req.get('x-thumbprint') })
      expect(await statuses(app, 2, { 'x-thumbprint': 'a' })).toEqual([201, 429])
      expect(await statuses(app, 2, { 'x-thumbprint': 'b' })).toEqual([201, 429])
      expect(await statuses(app, 2)).toEqual([201, 429])
    })

    test('its initial access token, before its certificate', async () => {
      const app = open(one, { thumbprint: () => 'same' })
      for (const letter of 'ab') expect(await statuses(app, 2, { authorization: `Bearer ${madeUp(letter)}` })).toEqual([201, 429])
      // With another secret it is somebody else: nobody locks out whose id is known.
      expect(await statuses(app, 1, { authorization: `Bearer ${'a'.repeat(22)}.${'b'.repeat(43)}` })).toEqual([201])
      expect(await statuses(app, 2)).toEqual([201, 429])
    })

    test.each([['Bearer x'], ['Basic YTph'], [`Bearer ${madeUp('a')}, x`], [`Bearer ${madeUp('ä')}`], ['']])(
      'nothing that is no token: %s',
      async (authorization) => {
        const app = open(one)
        expect(await statuses(app, 1)).toEqual([201])
        expect(await statuses(app, 1, { authorization: Buffer.from(authorization).toString('latin1') })).toEqual([429])
      },
    )

    test('a token that holds, where that is looked up; whoever makes tokens up has only an address', async () => {
      const tokens = initialAccessTokens(memoryStore())
      const app = open(one, { tokens })
      const { token } = await tokens.issue()
      expect(await statuses(app, 2, { authorization: `Bearer ${token}` })).toEqual([201, 429])
      expect(await statuses(app, 1, { authorization: `Bearer ${madeUp('a')}` })).toEqual([201])
      for (const letter of 'bcd') expect(await statuses(app, 1, { authorization: `Bearer ${madeUp(letter)}` })).toEqual([429])
    })
  })

  describe('what cannot be counted is refused', () => {
    const gone = () => Promise.reject(new Error('redis://user:pw@db is away'))
    const broken: Store = { increment: gone, decrement: async () => {}, resetKey: async () => {} }

    test.each<[what: string, options: RateLimitOptions, callers: Callers]>([
      ['because the store is away', { store: () => broken }, {}],
      ['because the store of all is away', { store: (name) => (name === 'total' ? broken : new MemoryStore()) }, {}],
      ['because the token cannot be looked up', {}, { tokens: { check: gone } }],
      ['because the certificate cannot be read', {}, { thumbprint: gone }],
      [
        'because reading the certificate throws',
        {},
        {
          thumbprint: () => {
            throw new Error('no')
          },
        },
      ],
    ])('%s', async (_what, options, callers) => {
      const answer = await ask(open(options, callers), callers.tokens && { authorization: `Bearer ${madeUp('a')}` })
      expect(answer.status).toBe(503)
      expect(answer.body).toMatchObject({ error: 'temporarily_unavailable' })
      expect(answer.headers).toMatchObject({ 'retry-after': '5', 'cache-control': 'no-store' })
      expect(answer.text).not.toContain('pw')
      expect(warnings.mock.calls.map(([, how]) => (how as { code?: string }).code)).toEqual(['FAPI_RATE_LIMIT'])
      // What a driver says of its fault may quote an address with its password.
      expect(String(warnings.mock.calls)).not.toContain('pw')
    })
  })

  test('stores are asked for by name, and may be shared by processes', async () => {
    const names: string[] = []
    const shared = new Map<string, MemoryStore>()
    const store = (name: string) => {
      names.push(name)
      const found = shared.get(name) ?? new MemoryStore()
      shared.set(name, found)
      return found
    }
    const [one, other] = [open({ perCaller: { limit: 3, seconds: 60 }, store }), open({ perCaller: { limit: 3, seconds: 60 }, store })]
    expect(names).toEqual(['per-caller', 'total', 'per-caller', 'total'])
    expect([await statuses(one, 2), await statuses(other, 2)]).toEqual([
      [201, 201],
      [201, 429],
    ])
  })
})

test('what a handler throws behind the limits is not theirs', async () => {
  const app = express()
  app.use(rateLimits().slice(), () => {
    throw new Error('of the application')
  })
  app.use(((_error, _req, res, _next) => void res.status(500).end()) satisfies express.ErrorRequestHandler)
  expect((await request(app).get('/')).status).toBe(500)
  expect(warnings).not.toHaveBeenCalled()
})

test.each<[option: string, options: object]>([
  ['perCaller', { perCaller: { limit: 0, seconds: 1 } }],
  ['perCaller', { perCaller: { limit: 1 } }],
  ['perCaller', { perCaller: 5 }],
  ['perCaller', { perCaller: null }],
  ['total', { total: { limit: 1.5, seconds: 1 } }],
  ['total', { total: { limit: 1, seconds: 100_000 } }],
  ['total', { total: { limit: '1', seconds: '1' } }],
  ['store', { store: new MemoryStore() }],
])('options that make no sense are named: %s', (option, options) => {
  let fault: unknown
  try {
    rateLimits(options as RateLimitOptions)
  } catch (cause) {
    fault = cause
  }
  expect(fault).toBeInstanceOf(ConfigurationError)
  expect(String(fault)).toContain(option)
})
