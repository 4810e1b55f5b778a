import { randomUUID } from 'node:crypto'
import { createServer } from 'node:http'
import { answerFindings } from '../../lib/audit/answers.js'
import { audit } from '../../lib/audit/audit.js'
import { discoveryFindings } from '../../lib/audit/discovery.js'
import { exchange } from '../../lib/audit/exchange.js'
import { givingUp } from '../../lib/audit/giving-up.js'
import { reachFrom } from '../../lib/audit/reach.js'
import { cleanedUp } from '../../lib/audit/registration/own-client-findings.js'
import { registrar } from '../../lib/audit/registration/registrar.js'
import { jsonReport } from '../../lib/audit/reports/json.js'
import { resourceFindings } from '../../lib/audit/resource/resource-findings.js'
import { fetchTarget } from '../../lib/audit/target.js'
import { tlsFindings } from '../../lib/audit/tls/tls-findings.js'
import type { Client } from '../../lib/core/facts.js'
import { jsonPart } from '../../lib/readers/jws.js'
import { profileNamed, statusesOf, toldOf } from './audited-servers.js'
import { closeListeners, httpsListener, listening, pemOf, rsa } from './listeners.js'
import { foundAt, openSmallServer, probed, REDIRECT, type Said, type Ways } from './small-server.js'

afterAll(closeListeners)

const withoutTokens = (client: Client): Client => ({ ...client, grant_types: ['authorization_code'] })

const shown = (title: string): Said => ({ status: 200, body: `<html><title>${title}</title><input name="user"></html>` })

describe('a small server that is right', () => {
  test('nothing fails, everything of FAPI 2.0 is judged, each finding has an id of its own', async () => {
    const { found, paths } = await probed({})
    expect(toldOf(found, 'failed')).toEqual([])
    expect(toldOf(found, 'warned')).toEqual([])
    expect(toldOf(found, 'unjudged').filter((one) => !/RSA key/.test(one))).toEqual([])
    expect(new Set(found.map(({ id }) => id)).size).toBe(found.length)
    expect(statusesOf(found)).toMatchObject({ 'legal-request/client-credentials': 'passed', 'dpop-once/at-once': 'passed' })
    // Safe to run against a server that others use.
    expect(paths.length).toBeLessThan(250)
  })

  test.each<readonly [string, Ways, readonly string[]]>([
    ['nonces for proofs, a new one each time', { nonces: true }, ['proof-clock/iat-hour', 'proof-clock/iat-ahead']],
    ['proofs by EdDSA alone', { metadata: { dpop_signing_alg_values_supported: ['EdDSA'] } }, []],
    ['error pages with 200', { errorPage: shown('Sorry'), login: shown('Log in') }, []],
    ['error pages by a redirect', { errorPage: { status: 302, headers: { location: '/oops?why=1' } } }, []],
    ['a login at another host', { login: { status: 302, headers: { location: 'https://login.example/a?b' } } }, []],
    ['response JWTs alone', { metadata: { response_modes_supported: ['jwt'] } }, []],
    ['refusals of its clients with 400', { after: (said) => (said.status === 401 ? { ...said, status: 400 } : said) }, []],
  ])('with %s: nothing fails, and nothing else is left open', async (_what, ways, open) => {
    const { found } = await probed(ways, /^(?!par |authentication )/)
    expect(toldOf(found, 'failed')).toEqual([])
    const unjudged = found.filter(({ status, got }) => status === 'unjudged' && !/RSA key/.test(got)).map(({ id }) => id)
    expect(unjudged).toEqual(open)
    expect(statusesOf(found)).toMatchObject({ 'legal-request/client-credentials': 'passed', 'dpop-signature/signature': 'passed' })
    expect(statusesOf(found)).toMatchObject({ 'pushed-requests/direct': 'passed', 'legal-request/pushed': 'passed' })
  })

  test.each(['invalid_scope', 'invalid_target'])('that answers client_credentials with %s: not judged', async (error) => {
    const before: Ways['before'] = ({ params }) =>
      params.get('grant_type') === 'client_credentials' ? { status: 400, body: { error } } : undefined
    const { found } = await probed({ before }, /^token .*client-credentials/)
    expect(statusesOf(found)).toEqual({ 'legal-request/client-credentials': 'unjudged' })
  })
})

describe('what is wrong is found', () => {
  test.each<readonly [string, Ways, string]>([
    ['it takes what was not pushed', { takesDirect: true }, 'pushed-requests/direct'],
    ['with pages of 200 as well', { takesDirect: true, errorPage: shown('Sorry'), login: shown('Log in') }, 'pushed-requests/direct'],
    ['assertions are verified at one endpoint alone', { verifies: ['/par'] }, 'assertion-algorithms/token-alg-none'],
    ['at the other alone', { verifies: ['/token'] }, 'assertion-signature/signature'],
    ['what was seen once is forgotten after a second', { memory: 1000 }, 'assertion-once/again'],
    ['proofs, too', { memory: 1000, nonces: false }, 'dpop-once/again'],
  ])('%s', async (_what, ways, id) => {
    const [, name] = id.split('/')
    const which = new RegExp(`/${name}$`)
    const status = (found: Awaited<ReturnType<typeof probed>>) => statusesOf(found.found)[id]
    expect(status(await probed(ways, which))).toMatch(/failed|warned/)
    expect(status(await probed({}, which))).toBe('passed')
  })
})

test.each<readonly [string, Ways, string]>([
  ['codes are looked at before clients: no more than a warning', { codesFirst: true }, 'warned'],
  ['clients are looked at first, and come through without a signature', { verifies: ['/par'] }, 'failed'],
  ['clients have to authenticate', {}, 'passed'],
])('at the token endpoint, %s', async (_what, ways, status) => {
  const which = /\/(?:token-none|token-alg-none)$/
  const server = await openSmallServer(ways)
  const found = await foundAt(
    { ...server.scene, party: { ...server.scene.party, client: withoutTokens(server.scene.party.client) } },
    which,
  )
  expect(statusesOf(found)['assertion-algorithms/token-alg-none']).toBe(status)
})

describe('a server of whose refusals nothing can be said', () => {
  test.each<readonly [string, Ways]>([
    [
      'refuses everybody',
      { before: ({ path }) => (path === '/par' || path === '/token' ? { status: 401, body: { error: 'invalid_client' } } : undefined) },
    ],
    ['refuses with 200', { before: () => ({ status: 200, body: 'Sorry' }) }],
    ['fails', { before: () => ({ status: 500, body: 'Sorry' }) }],
    ['redirects', { before: () => ({ status: 307, headers: { location: 'https://elsewhere.example/' } }) }],
    ['wants to be left alone', { before: () => ({ status: 429, headers: { 'retry-after': '3600' } }) }],
  ])('%s: nothing passes', async (_what, ways) => {
    const { found, paths } = await probed(ways)
    expect(toldOf(found, 'passed')).toEqual([])
    expect(paths.length).toBeLessThan(250)
  })

  test('shuts the client out after three failures: what it refuses afterwards does not pass', async () => {
    let failures = 0
    const ways: Ways = {
      before: ({ path }) => (path === '/par' && failures >= 3 ? { status: 401, body: { error: 'invalid_client' } } : undefined),
      after: (said, { path }) => {
        if (path === '/par' && said.status === 401) failures += 1
        return said
      },
    }
    const { found } = await probed(ways, /^authentication .*\/(?!token-|again|at-once)/)
    expect(found.length).toBeGreaterThan(15)
    expect(toldOf(found, 'passed')).toEqual([])
  })

  test('shows the same page to everybody: whether a request was taken is not judged', async () => {
    const { found } = await probed({ login: shown('App'), errorPage: shown('App') }, /^authorization /)
    expect(toldOf(found, 'passed', 'failed', 'warned')).toEqual([])
    expect(found.length).toBeGreaterThan(5)
  })
})

describe('a server that is busy', () => {
  test('is waited for once, where it says for how long', async () => {
    let asked = 0
    const before: Ways['before'] = () => {
      asked += 1
      return asked % 5 === 0 ? { status: 429, headers: { 'retry-after': '0' } } : undefined
    }
    const { found } = await probed({ before }, /^token /)
    expect(toldOf(found, 'failed', 'unjudged').filter((one) => !/RSA key/.test(one))).toEqual([])
  })

  test('and is left alone in the end', async () => {
    const { found, paths } = await probed({ before: () => ({ status: 503, headers: { 'retry-after': '0' } }) })
    expect(toldOf(found, 'passed', 'failed')).toEqual([])
    expect(paths.length).toBeLessThan(30)
  })
})

describe('answers to what breaks nothing', () => {
  test.each<readonly [string, Said, string | undefined]>([
    ['at the client', { status: 303, headers: { location: `${REDIRECT}?error=login_required` } }, 'failed'],
    ['on a page of the server', { status: 303, headers: { location: '/error?error=login_required' } }, undefined],
  ])('an error without iss %s', async (_where, login, status) => {
    const { scene } = await openSmallServer({ login })
    expect(statusesOf(await answerFindings(scene, 'authorization'))['response-issuer']).toBe(status)
  })

  test.each<readonly [number, string]>([
    [307, 'warned'],
    [302, 'passed'],
  ])('a redirect to the login with %i: %s, since no password was sent yet', async (status, told) => {
    const { scene } = await openSmallServer({ login: { status, headers: { location: '/login' } } })
    expect(statusesOf(await answerFindings(scene, 'authorization'))['redirects-keep-no-body']).toBe(told)
  })

  test('a token that needs a nonce is looked at', async () => {
    const { scene } = await openSmallServer({ nonces: true })
    expect(statusesOf(await answerFindings(scene, 'token'))).toMatchObject({ 'token-answer': 'passed', 'token-bound': 'passed' })
  })
})

describe('an API', () => {
  /** Takes each jti once, and looks at nothing else of a proof. */
  function api(isShut: (refusals: number) => boolean, nonces: boolean): NonNullable<Ways['before']> {
    const known = new Set<unknown>()
    let [nonce, refusals] = [randomUUID(), 0]
    const refused = (headers: Readonly<Record<string, string>> = {}): Said => {
      refusals += 1
      return { status: 401, headers: { 'www-authenticate': 'DPoP', ...headers } }
    }
    return ({ path, request }) => {
      if (path !== '/api') return undefined
      const { authorization = '', dpop = '' } = request.headers
      if (isShut(refusals) || !authorization.toLowerCase().startsWith('dpop ')) return refused()
      const { jti, nonce: used }: Readonly<Record<string, unknown>> = jsonPart(String(dpop).split('.')[1] ?? '') ?? {}
      if (nonces && used !== nonce) {
        nonce = randomUUID()
        return refused({ 'www-authenticate': 'DPoP error="use_dpop_nonce"', 'dpop-nonce': nonce })
      }
      if (jti === undefined || known.has(jti)) return refused()
      known.add(jti)
      return { status: 200, body: {} }
    }
  }
  const found = async (before: NonNullable<Ways['before']>) => {
    const { scene, issuer } = await openSmallServer({ before })
    return statusesOf(await resourceFindings({ ...scene, resource: new URL('/api', issuer) }))
  }

  test.each([true, false])('that wants nonces (%s): what it takes, and what it takes once', async (nonces) => {
    expect(await found(api(() => false, nonces))).toMatchObject({
      ...{ 'legal-request/api-token': 'passed', 'dpop-once/api-again': 'passed', 'dpop-once/api-at-once': 'passed' },
      ...{ 'dpop-proof-readable/api-jti-none': 'passed', 'dpop-url/api-htu': 'failed' },
      'dpop-time/api-iat-hour': nonces ? 'unjudged' : 'failed',
    })
  })

  test('that shuts its caller out after some refusals: none of them counts', async () => {
    const statuses = await found(api((refusals) => refusals >= 3, false))
    expect(statuses).toMatchObject({ 'legal-request/api-token': 'passed', 'access-token-binding/api-bearer': 'unjudged' })
    expect(statuses['dpop-proof-readable/api-jti-none']).toBe('unjudged')
  })
})

describe('a client that was registered', () => {
  test.each<readonly [string, number, number, boolean]>([
    ['is deleted where the server is busy for once', 503, 1, true],
    ['stays where the server never deletes, and the audit knows', 503, 9, false],
    ['is deleted at once', 204, 0, true],
  ])('%s', async (_what, status, times, isGone) => {
    let asked = 0
    const before: Ways['before'] = ({ path, request }) => {
      if (path !== '/reg') return undefined
      const uri = { client_id: 'new', registration_client_uri: `https://${request.headers.host}/reg`, registration_access_token: 'token' }
      if (request.method === 'POST') return { status: 201, body: uri }
      asked += 1
      return { status: asked <= times ? status : 204 }
    }
    const { scene, issuer } = await openSmallServer({ before })
    const registering = registrar({ ...scene, metadata: { registration_endpoint: `${issuer}/reg` } })
    const { made } = await registering.register({})
    expect(made && (await registering.remove(made))).toBe(isGone)
    expect(registering.left()).toEqual(isGone ? [] : ['new'])
  })

  test('without a clear answer is counted', async () => {
    const { scene, issuer } = await openSmallServer({
      before: ({ path }) => (path === '/reg' ? { status: 201, body: 'Thank you' } : undefined),
    })
    const registering = registrar({ ...scene, metadata: { registration_endpoint: `${issuer}/reg` } })
    expect((await registering.register({})).made).toBeUndefined()
    expect(registering.unheard()).toBe(1)
    expect(cleanedUp(scene, [], true, registering.unheard())).toMatchObject({
      status: 'warned',
      mend: expect.stringContaining('express-fapi audit'),
    })
    expect(cleanedUp(scene, [], true, 0).status).toBe('passed')
  })
})

test('once it is stopped nothing is sent', async () => {
  const { issuer, ca, paths } = await openSmallServer()
  const stopping = new AbortController()
  const send = givingUp(exchange({ ca }), stopping.signal)
  const request = { method: 'GET', url: new URL('/jwks', issuer) }
  expect((await send(request)).status).toBe(200)
  stopping.abort()
  await expect(send(request)).rejects.toMatchObject({ line: expect.stringContaining('the audit was stopped') })
  expect(paths).toEqual(['/jwks'])
})

describe('where an audit goes', () => {
  const reached = (given: readonly string[], url: string) =>
    reachFrom(
      given.map((one) => new URL(one)),
      async (name) =>
        ({ localhost: ['127.0.0.1'], 'as.example': ['93.184.216.34'], 'in.example': ['10.0.0.1'], 'md.example': ['169.254.169.254'] })[
          name
        ] ?? ['93.184.216.35'],
    )(new URL(url))

  test.each<readonly [given: string, url: string]>([
    ['https://as.example', 'https://as.example/token'],
    ['https://as.example', 'https://other.example/token'],
    ['https://in.example', 'https://10.0.0.2/token'],
    ['https://md.example', 'https://md.example/token'],
    ['http://localhost:1', 'http://localhost:2/token'],
    ['https://localhost:1', 'https://127.0.0.1:2/token'],
  ])('from %s to %s', async (given, url) => {
    await reached([given], url)
  })

  test.each<readonly [given: string, url: string]>([
    ['https://as.example', 'http://as.example/token'],
    ['https://as.example', 'http://localhost/token'],
    ['http://localhost:1', 'http://as.example/token'],
    ['https://as.example', 'file:///etc/passwd'],
    ['https://as.example', 'https://user:password@as.example/token'],
    ['https://as.example', 'https://in.example/token'],
    ['https://as.example', 'https://[::1]/token'],
    ['https://as.example', 'https://[::ffff:10.0.0.1]/token'],
    ['https://as.example', 'https://2130706433/token'],
    ['https://in.example', 'https://md.example/latest'],
  ])('never from %s to %s', async (given, url) => {
    await expect(reached([given], url)).rejects.toThrow('not sent')
  })

  test('endpoints over http, in files, with passwords: nothing is sent there, and the audit ends', async () => {
    const asked: string[] = []
    const plain = await listening(
      createServer((request, response) => {
        asked.push(request.method ?? '')
        response.end('{}')
      }),
    )
    const wrong = [
      `http://localhost:${plain}/x`,
      'file:///etc/passwd',
      `https://user:password@localhost:${plain}/x`,
      'https://[::',
      'data:,{}',
    ]
    for (const url of wrong) {
      const names = [
        'jwks_uri',
        'authorization_endpoint',
        'token_endpoint',
        'pushed_authorization_request_endpoint',
        'registration_endpoint',
      ]
      const { issuer, ca, given } = await openSmallServer({ metadata: Object.fromEntries(names.map((name) => [name, url])) })
      const report = await audit({
        issuer,
        profile: profileNamed('fapi2-security'),
        version: '0',
        ca,
        client: given,
        initialAccessToken: 'open-sesame',
      })
      expect(statusesOf(report.findings)['https-endpoints']).toBe(url.includes('@') ? 'passed' : 'failed')
      expect(jsonReport(report)).not.toContain('user:password')
    }
    // What tries whether plain http is served sends nothing but GET, without any credentials.
    expect(asked.filter((method) => method !== 'GET')).toEqual([])
  })

  test('an assertion for an endpoint at another host is not handed to this one', async () => {
    const heard: string[] = []
    const before: Ways['before'] = ({ params }) => void heard.push(params.get('client_assertion') ?? '')
    const { found } = await probed({ before, metadata: { token_endpoint: 'https://honest.example/token' } }, /aud-token-endpoint/)
    expect(found).toMatchObject([{ status: 'unjudged', got: expect.stringContaining('another host') }])
    expect(heard.join()).not.toContain(Buffer.from('honest.example').toString('base64url').slice(2, -3))
    const own = await probed({}, /aud-token-endpoint/)
    expect(own.found).toMatchObject([{ status: 'passed' }])
  })
})

test('what was sent is not in the report, even if the server says it back everywhere', async () => {
  const secrets = new Set<string>()
  const { issuer, ca, given } = await openSmallServer({
    after: (said, { path, params, request }) => {
      if (path.startsWith('/.well-known') || path === '/jwks') return said
      const sent = [params.get('client_assertion'), request.headers.dpop, request.headers.authorization?.replace(/^\S+ /, '')].filter(
        (one) => one,
      )
      for (const one of sent) secrets.add(String(one))
      const echo = sent.join(' ')
      const location = { location: `https://login.example/${encodeURI(echo)}` }
      return {
        ...said,
        headers: { ...said.headers, ...(path === '/authorize' && location) },
        body: { error: echo, error_description: echo },
      }
    },
    metadata: { registration_endpoint: undefined },
  })
  const initialAccessToken = 'sesame'
  const report = await audit({ issuer, profile: profileNamed('fapi2-security'), version: '0', ca, client: given, initialAccessToken })
  const told = jsonReport(report)
  expect(secrets.size).toBeGreaterThan(30)
  expect([...secrets].filter((secret) => told.includes(secret))).toEqual([])
  expect(told).not.toContain('eyJ')
})

test('a short token that is said back is taken out, too', async () => {
  const port = await listening(
    httpsListener({}, (request, response) =>
      response.writeHead(401).end(JSON.stringify({ error: request.headers.authorization?.slice(7) })),
    ),
  )
  const headers = { authorization: 'Bearer sesame' }
  const { line, error } = await exchange({ ca: pemOf(rsa) })({ method: 'GET', url: new URL(`https://localhost:${port}/`), headers })
  expect([line, error].join()).not.toContain('sesame')
})

describe('what a server publishes to do harm', () => {
  const PAGES: Readonly<Record<string, string>> = {
    'lists in lists': `{"issuer":"x","response_types_supported":${'['.repeat(200_000)}${']'.repeat(200_000)}}`,
    'more than a megabyte': `{"a":"${'x'.repeat(2_000_000)}"}`,
    'no JSON': '{',
    'a text': '"text"',
  }
  test.each(Object.entries(PAGES))('%s: no metadata', async (_what, body) => {
    const port = await listening(httpsListener({}, (_request, response) => void response.end(body)))
    const target = await fetchTarget(exchange({ ca: pemOf(rsa), timeout: 5 }), `https://localhost:${port}`, undefined)
    expect(target.metadata).toEqual({})
    expect(target.missing).toHaveLength(2)
  })

  test.each(['openid-configuration', 'oauth-authorization-server'])(
    'metadata under %s alone are found, beside other objects',
    async (name) => {
      const port = await listening(
        httpsListener(
          {},
          ({ url }, response) => void response.end(JSON.stringify(url?.includes(name) ? { issuer: 'x' } : { error: 'no' })),
        ),
      )
      const { metadata } = await fetchTarget(exchange({ ca: pemOf(rsa), timeout: 5 }), `https://localhost:${port}/tenant`, undefined)
      expect(metadata).toEqual({ issuer: 'x' })
    },
  )

  test('tens of thousands of keys are looked at once each', async () => {
    const { scene } = await openSmallServer()
    const keys = Array.from({ length: 60_000 }, (_none, index) => ({ kid: `${index}` }))
    const options = { allClients: false, evidence: [], missing: [] }
    expect(statusesOf(discoveryFindings(scene, keys, options))['distinct-key-ids']).toBe('passed')
    expect(statusesOf(discoveryFindings(scene, [...keys, { kid: '7' }], options))['distinct-key-ids']).toBe('failed')
  })

  test('endless aliases: some listeners are tried, and it is said that there are more', async () => {
    const hosts = Array.from({ length: 1000 }, (_none, index) => ({ url: `https://10.0.${index >> 8}.${index & 255}/`, browsers: false }))
    const reach = reachFrom([new URL('https://93.184.216.34')])
    const found = await tlsFindings(profileNamed('fapi2-security'), hosts, { reach })
    expect(found.length).toBeLessThan(200)
    expect(toldOf(found, 'passed', 'failed')).toEqual([])
    expect(found.at(-1)).toMatchObject({ id: 'tls-versions/others', got: expect.stringContaining('1000') })
  })

  test.each<readonly [string, Parameters<typeof httpsListener>[1]]>([
    ['another protocol', (request) => void request.socket.end('HTTP/1.1 101 Switching\r\nconnection: upgrade\r\nupgrade: x\r\n\r\n')],
    ['endless headers', (request) => void request.socket.end(`HTTP/1.1 200 OK\r\n${'a: b\r\n'.repeat(100_000)}\r\n`)],
    ['no end of a body', (_request, response) => void response.writeHead(200, { 'content-length': '10' }).write('a')],
    ['half a body', (request) => void request.socket.end('HTTP/1.1 200 OK\r\ncontent-length: 10\r\n\r\na')],
  ])('%s: no answer, and no waiting for ever', async (_what, answer) => {
    const port = await listening(httpsListener({}, answer))
    const asking = exchange({ ca: pemOf(rsa), timeout: 1 })({ method: 'GET', url: new URL(`https://localhost:${port}/`) })
    await expect(asking).rejects.toMatchObject({ name: 'NoAnswerError' })
  })
})
