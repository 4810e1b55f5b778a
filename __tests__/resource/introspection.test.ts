import type { IncomingMessage, ServerResponse } from 'node:http'
import type { TLSSocket } from 'node:tls'
import { ConfigurationError, type IntrospectionOptions, introspection, localKeySet } from 'express-fapi'
import { decodeJwt, decodeProtectedHeader, jwtVerify } from 'jose'
import { ca, type Listening, listenTo, serverIdentity } from '../readers/issuer-servers.js'
import { later } from '../support/clock.js'
import { fromNow, signJwt } from '../support/jwt.js'
import { mintKey } from '../support/keys.js'
import { certificateFor } from '../support/tpp.js'
import { until } from '../support/until.js'

/* An issuer of which only the introspection endpoint is there, and which answers as each test says. */

const ISSUER = 'https://as.bank.example'
const apiKey = mintKey('ES256')
const issuerKey = mintKey('PS256')
const shown = await certificateFor('api')

interface Asked {
  readonly form: URLSearchParams
  readonly accept: string | undefined
  readonly certificate: string | undefined
}

let asked: Asked[]
let answer: (res: ServerResponse, asked: Asked) => unknown
let server: Listening
beforeAll(async () => {
  const tls = { ...(await serverIdentity()), requestCert: true, rejectUnauthorized: false }
  server = await listenTo(async (req: IncomingMessage, res) => {
    const chunks: Buffer[] = []
    for await (const chunk of req) chunks.push(chunk)
    const certificate = (req.socket as TLSSocket).getPeerX509Certificate()?.subject
    const what = { form: new URLSearchParams(Buffer.concat(chunks).toString()), accept: req.headers.accept, certificate }
    asked.push(what)
    await answer(res, what)
  }, tls)
})
afterAll(() => server.close())
beforeEach(() => {
  asked = []
})

const json =
  (body: unknown, status = 200) =>
  (res: ServerResponse) =>
    res.writeHead(status, { 'content-type': 'application/json' }).end(typeof body === 'string' ? body : JSON.stringify(body))

const open = (change: Partial<IntrospectionOptions> = {}) =>
  introspection({
    ...{
      endpoint: `https://localhost:${server.port}/introspect`,
      issuer: ISSUER,
      clientId: 'api',
      key: { ...apiKey.privateJwk, kid: apiKey.kid },
      ca,
    },
    allowPrivateHosts: [`localhost:${server.port}`],
    timeout: 30,
    ...change,
  } as IntrospectionOptions)

const ACTIVE = { active: true, sub: 'alice', client_id: 'app', scope: 'accounts', token_type: 'DPoP', exp: fromNow(300) }
const { active: _, ...CLAIMS } = ACTIVE

describe('an answer', () => {
  test.each<[string, object]>([
    ['active', ACTIVE],
    ['active, with a token_type in lower case', { ...ACTIVE, token_type: 'bearer' }],
  ])('that is %s has the claims', async (_, body) => {
    answer = json(body)
    const { active: __, ...claims } = body as typeof ACTIVE
    expect(await open()('a-token')).toEqual({ claims })
  })

  test.each<[string, object]>([
    ['inactive', { active: false }],
    ['inactive, whatever else it says', { ...ACTIVE, active: false }],
    ['about a refresh token', { ...ACTIVE, token_type: undefined }],
    ['about a token of another type', { ...ACTIVE, token_type: 'mac' }],
  ])('that is %s has none', async (_, body) => {
    answer = json(body)
    expect(await open()('a-token')).toBeUndefined()
  })

  test('without token_type counts where the issuer is known to leave it out', async () => {
    answer = json({ ...ACTIVE, token_type: undefined })
    expect(await open({ acceptUntyped: true })('a-token')).toMatchObject({ claims: { sub: 'alice' } })
  })

  test('of unsupported_token_type has none', async () => {
    answer = json({ error: 'unsupported_token_type' }, 400)
    expect(await open()('a.b.c')).toBeUndefined()
  })

  test.each<[string, (res: ServerResponse) => unknown]>([
    ['400', json({ error: 'invalid_request' }, 400)],
    ['401', json({ error: 'invalid_client' }, 401)],
    ['500', json({}, 500)],
    ['a redirect', (res) => res.writeHead(302, { location: 'https://elsewhere.example/' }).end()],
    ['no JSON', json('active')],
    ['a list', json([ACTIVE])],
    ['active: "true"', json({ ...ACTIVE, active: 'true' })],
    ['active: 1', json({ ...ACTIVE, active: 1 })],
    ['nothing about it', json({ sub: 'alice' })],
    ['too much', json('x'.repeat(100_000))],
    ['no end', (res) => res.writeHead(200).destroy()],
  ])('of %s is none: nobody can tell what the token is worth', async (_, wrong) => {
    answer = wrong
    await expect(open()('a-token')).rejects.toThrow()
  })
})

describe('the API', () => {
  test('authenticates by a fresh assertion for the issuer alone', async () => {
    answer = json(ACTIVE)
    const ask = open({ maxAge: 0 })
    await ask('a-token')
    await ask('a-token')
    const assertions = asked.map(({ form }) => String(form.get('client_assertion')))
    const keys = localKeySet({ keys: [apiKey.publicJwk] })
    const { payload } = await jwtVerify(String(assertions[0]), keys, { issuer: 'api', subject: 'api', audience: ISSUER })
    expect(payload.aud).toBe(ISSUER)
    expect(Number(payload.exp) - Number(payload.iat)).toBe(60)
    expect(decodeProtectedHeader(String(assertions[0]))).toEqual({ alg: 'ES256', kid: apiKey.kid })
    expect(decodeJwt(String(assertions[1])).jti).not.toBe(payload.jti)
    expect(Object.fromEntries(asked[0]?.form ?? [])).toMatchObject({ token: 'a-token', token_type_hint: 'access_token', client_id: 'api' })
    expect(asked[0]?.certificate).toBeUndefined()
  })

  test('authenticates by its certificate', async () => {
    answer = json(ACTIVE)
    const { key: _, ...rest } = { key: undefined, identity: { cert: shown.certificate, key: shown.key } }
    const ask = introspection({
      ...{ endpoint: `https://localhost:${server.port}/`, issuer: ISSUER, clientId: 'api', ca, ...rest },
      allowPrivateHosts: [`localhost:${server.port}`],
    })
    expect(await ask('a-token')).toMatchObject({ claims: CLAIMS })
    expect(asked[0]?.certificate).toContain('CN=api')
    expect(asked[0]?.form.has('client_assertion')).toBe(false)
  })
})

describe('what was answered', () => {
  test('is gone by for maxAge, and no longer', async () => {
    answer = json(ACTIVE)
    const ask = open({ maxAge: 1 })
    for (let times = 0; times < 5; times++) expect(await ask('a-token')).toBeDefined()
    expect(asked.length).toBe(1)
    answer = json({ active: false })
    expect(await later(0.9, () => ask('a-token'))).toBeDefined()
    expect(asked.length).toBe(1)
    expect(await later(1.1, () => ask('a-token'))).toBeUndefined()
    expect(asked.length).toBe(2)
  })

  test('is not gone by once the token has expired', async () => {
    answer = json({ ...ACTIVE, exp: fromNow(-1) })
    const ask = open({ maxAge: 300 })
    await ask('a-token')
    await ask('a-token')
    expect(asked.length).toBe(2)
  })

  test('is asked for once, however many want it at a time; a failure is not remembered', async () => {
    answer = json({}, 500)
    const ask = open()
    const failed = await Promise.allSettled(Array.from({ length: 20 }, () => ask('a-token')))
    expect(failed.every(({ status }) => status === 'rejected')).toBe(true)
    answer = json(ACTIVE)
    const found = await Promise.all(Array.from({ length: 20 }, () => ask('a-token')))
    expect(found.every((one) => one?.claims.sub === 'alice')).toBe(true)
    expect(asked.length).toBe(2)
  })

  test('before a token was revoked is not for who asks afterwards, where maxAge is 0', async () => {
    const waiting: ServerResponse[] = []
    answer = (res) => waiting.push(res)
    const ask = open({ maxAge: 0 })
    const first = ask('a-token')
    await until('the first is asked', () => waiting.length === 1)
    // What was decided before is still on its way.
    answer = json({ active: false })
    expect(await ask('a-token')).toBeUndefined()
    for (const res of waiting) json(ACTIVE)(res)
    expect(await first).toBeDefined()
  })

  test('for one token is not for another', async () => {
    answer = (res, { form }) => json(form.get('token') === 'mine' ? ACTIVE : { active: false })(res)
    const ask = open({ maxAge: 300 })
    expect(await ask('mine')).toBeDefined()
    expect(await ask('yours')).toBeUndefined()
  })
})

describe('RFC9701-8.1-a a signed answer', () => {
  interface Signed {
    readonly header?: Readonly<Record<string, unknown>>
    readonly claims?: Readonly<Record<string, unknown>>
    readonly type?: string
    readonly key?: typeof issuerKey
  }
  const signed =
    ({ header = {}, claims = {}, type = 'application/token-introspection+jwt', key = issuerKey }: Signed = {}) =>
    async (res: ServerResponse) => {
      const payload = { iss: ISSUER, aud: 'api', iat: fromNow(0), token_introspection: ACTIVE, ...claims }
      const drafted = { typ: 'token-introspection+jwt', kid: issuerKey.kid, ...header }
      const compact = await signJwt({ key, header: drafted, claims: payload })
      res.writeHead(200, { 'content-type': type }).end(compact)
    }
  const ask = () => open({ signedBy: localKeySet({ keys: [issuerKey.publicJwk] }) })

  test.each<[string, Signed]>([
    ['as RFC 9701 has it', {}],
    ['for several', { claims: { aud: ['other', 'api'] } }],
    ['with a prefixed typ', { header: { typ: 'application/token-introspection+jwt' } }],
  ])('%s: the claims', async (_, change) => {
    answer = signed(change)
    expect(await ask()('a-token')).toEqual({ claims: CLAIMS })
    expect(asked[0]?.accept).toBe('application/token-introspection+jwt')
  })

  test('that the token is inactive: none', async () => {
    answer = signed({ claims: { token_introspection: { active: false } } })
    expect(await ask()('a-token')).toBeUndefined()
  })

  test.each<[string, (res: ServerResponse) => unknown]>([
    ['plain JSON', json(ACTIVE)],
    ['a JWT as JSON', signed({ type: 'application/json' })],
    ['an access token', signed({ header: { typ: 'at+jwt' } })],
    ['a JWT without typ', signed({ header: { typ: undefined } })],
    ['a JWT of another issuer', signed({ claims: { iss: 'https://other.example' } })],
    ['a JWT for another API', signed({ claims: { aud: 'other' } })],
    ['a JWT for nobody', signed({ claims: { aud: undefined } })],
    ['a JWT from tomorrow', signed({ claims: { iat: fromNow(86_400) } })],
    ['a JWT without its time', signed({ claims: { iat: undefined } })],
    ['a JWT of another key', signed({ key: mintKey('PS256') })],
    ['a JWT that says nothing', signed({ claims: { token_introspection: undefined } })],
    ['a JWT that says it beside', signed({ claims: { token_introspection: undefined, ...ACTIVE } })],
  ])('that is %s is none', async (_, wrong) => {
    answer = wrong
    await expect(ask()('a-token')).rejects.toThrow()
  })
})

describe('options', () => {
  test.each<[string, Partial<Record<keyof IntrospectionOptions, unknown>>]>([
    ['endpoint', { endpoint: 'http://as.bank.example/introspect' }],
    ['issuer', { issuer: '' }],
    ['clientId', { clientId: undefined }],
    ['key, identity', { key: undefined }],
    ['key, identity', { identity: { cert: shown.certificate, key: shown.key } }],
    ['key', { key: apiKey.publicJwk }],
    ['key', { key: mintKey('ES384').privateJwk }],
    ['identity', { key: undefined, identity: { cert: shown.certificate, key: 'none' } }],
    ['signedBy', { signedBy: 'https://as.bank.example/jwks' }],
    ['maxAge', { maxAge: -1 }],
    ['maxAge', { maxAge: 301 }],
    ['maxAge', { maxAge: '10' }],
    ['timeout', { timeout: 0 }],
    ['allowPrivateHosts', { allowPrivateHosts: ['*'] }],
  ])('%s is named when it is wrong', (option, change) => {
    const attempt = () => open(change as Partial<IntrospectionOptions>)
    expect(attempt).toThrow(ConfigurationError)
    expect(attempt).toThrow(expect.objectContaining({ faults: expect.arrayContaining([expect.objectContaining({ option })]) }))
  })

  test('what is secret is not repeated', () => {
    expect(() => open({ key: { ...apiKey.privateJwk, kty: 'XX' } as never })).toThrow(
      expect.not.objectContaining({ message: expect.stringContaining(String(apiKey.privateJwk.d)) }),
    )
  })
})
