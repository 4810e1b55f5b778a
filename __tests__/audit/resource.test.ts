import type { RequestListener } from 'node:http'
import { memoryStore } from 'express-fapi'
import { exchange } from '../../lib/audit/exchange.js'
import { registrationFindings } from '../../lib/audit/registration/registration-findings.js'
import { throwaway } from '../../lib/audit/registration/throwaway.js'
import { resourceFindings } from '../../lib/audit/resource/resource-findings.js'
import type { Party } from '../../lib/audit/scene.js'
import { clientFacts } from '../../lib/readers/client-metadata.js'
import { jsonPart } from '../../lib/readers/jws.js'
import { openTestBank, type TestBank } from '../support/test-bank.js'
import { openHostileServer, profileNamed, sceneOf, statusesOf, toldOf } from './audited-servers.js'
import { closeListeners } from './listeners.js'

let bank: TestBank
beforeAll(async () => {
  bank = await openTestBank([], memoryStore())
})
afterAll(async () => {
  await bank?.close()
  await closeListeners()
})

/** The bank, its API, and a client that was registered for the audit. */
async function atBank(profile: string) {
  const { initialAccessToken } = bank
  const scene = await sceneOf(profile, bank.issuer, bank.caCertificate, { initialAccessToken })
  const { registered } = await registrationFindings(scene)
  if (!registered) throw new Error('no client could be registered')
  const origin = registered.party.certificate ? bank.mtlsOrigin : bank.issuer
  return { registered, scene: { ...scene, party: registered.party, resource: new URL('/accounts', origin) } }
}

describe('the API of the bank', () => {
  test.each([
    ['fapi1-baseline', 'legal-request/api-customer-ipv6'],
    ['fapi1-advanced', 'access-token-binding/api-other-certificate'],
    ['fapi2-security', 'dpop-once/api-at-once'],
    ['fapi2-message-signing', 'access-token-binding/api-bearer'],
  ])('%s: nothing fails', async (profile, tried) => {
    const { registered, scene } = await atBank(profile)
    const findings = await resourceFindings(scene)
    expect(toldOf(findings, 'failed', 'warned', 'unjudged')).toEqual([])
    expect(statusesOf(findings)).toMatchObject({ 'legal-request/api-token': 'passed', [tried]: 'passed' })
    expect(await registered.remove()).toBe(true)
  })

  test('without a client: what strangers see is judged, and said what the rest takes', async () => {
    const scene = await sceneOf('fapi1-baseline', bank.issuer, bank.caCertificate, { resource: new URL('/accounts#x', bank.issuer) })
    const findings = await resourceFindings(scene)
    expect(toldOf(findings, 'failed', 'warned')).toEqual([])
    expect(statusesOf(findings)).toMatchObject({
      'access-token-in-header/api-no-token': 'passed',
      'token-asked-for': 'passed',
      'access-token-known/api-garbage': 'passed',
      'interaction-id-echoed': 'passed',
      'legal-request/api-token': 'unjudged',
    })
  })
})

test('without a resource: nothing is found', async () => {
  expect(await resourceFindings(await sceneOf('fapi2-security', bank.issuer, bank.caCertificate))).toEqual([])
})

/** A client of a server that issues what the test says. */
function partyFor(profile: string): Party {
  const { metadata, signing, certificate, proofKey } = throwaway({
    profile: profileNamed(profile),
    metadata: { dpop_signing_alg_values_supported: ['ES256'] },
  })
  const client = clientFacts({ ...metadata, client_id: 'one', grant_types: ['client_credentials'] })
  return { client, signing, certificate, proofKey, keys: [signing.key] }
}

const OPAQUE = 'an-opaque-access-token-of-somebody'
const part = (value: object) => Buffer.from(JSON.stringify(value)).toString('base64url')
const JWT = `${part({ alg: 'PS256', typ: 'at+jwt' })}.${part({ sub: 'one', cnf: { jkt: 'a key' } })}.${'sig0'.repeat(64)}`

interface Api {
  readonly profile: string
  readonly token: unknown
  readonly type: unknown
  readonly api: RequestListener
  /** Seconds. */
  readonly timeout?: number
}

/** A server that issues one token to everybody, and an API behind it. */
async function judgedApi({ profile, token, type, api, timeout = 5 }: Api) {
  const server = await openHostileServer((request, response) => {
    request.resume()
    if (!request.url?.startsWith('/token')) return api(request, response)
    response.setHeader('content-type', 'application/json').end(JSON.stringify({ access_token: token, token_type: type }))
  })
  const metadata = { ...server.metadata, dpop_signing_alg_values_supported: ['ES256'] }
  const send = exchange({ ca: server.ca, timeout })
  const more = { metadata, send, party: partyFor(profile), resource: new URL('/api', server.issuer) }
  return resourceFindings(await sceneOf(profile, server.issuer, server.ca, more))
}

const json = (status: number, headers: Readonly<Record<string, string>> = {}): RequestListener => {
  return (_request, response) => void response.writeHead(status, { 'content-type': 'application/json', ...headers }).end('{"accounts":[]}')
}

/** Serves whoever shows anything that looks like a token, wherever it stands. */
const lax: RequestListener = (request, response) => {
  const { authorization = '' } = request.headers
  const isShown = /^(?:bearer|dpop) \S{20,}$/i.test(authorization) || request.url?.includes('access_token=')
  return isShown && !authorization.includes('of-anybody')
    ? json(200)(request, response)
    : json(401, { 'www-authenticate': 'DPoP' })(request, response)
}

describe('an API that looks at nothing but whether there is a token', () => {
  test.each([
    ['an opaque token', OPAQUE, 'DPoP', 'access-token-known/api-tampered'],
    ['a JWT', JWT, 'dpop', 'access-token-signature/api-alg-none'],
  ])('%s with a key: whatever it takes is found', async (_what, token, type, forged) => {
    const statuses = statusesOf(await judgedApi({ profile: 'fapi2-security', token, type, api: lax }))
    expect(statuses).toMatchObject({ 'legal-request/api-token': 'passed', 'legal-request/api-scheme-case': 'passed', [forged]: 'failed' })
    expect(statuses).toMatchObject({
      'access-token-in-header/api-query': 'failed',
      'dpop-once/api-again': 'warned',
      'dpop-once/api-at-once': 'warned',
    })
    const proofs = Object.entries(statuses).filter(([id]) => /^dpop-(?!once)|binding/.test(id))
    expect(proofs.length).toBeGreaterThan(14)
    expect(proofs.filter(([, status]) => status !== 'failed')).toEqual([])
  })

  test('a token with a certificate', async () => {
    const statuses = statusesOf(await judgedApi({ profile: 'fapi1-advanced', token: OPAQUE, type: 'Bearer', api: lax }))
    expect(statuses).toMatchObject({
      'legal-request/api-token': 'passed',
      'access-token-binding/api-no-certificate': 'failed',
      'access-token-binding/api-other-certificate': 'failed',
      'interaction-id-echoed': 'failed',
      'interaction-id-made': 'failed',
      'server-date': 'passed',
      'json-in-utf-8': 'passed',
      'api-answers-uncached': 'warned',
    })
  })

  test('a token that is bound to nothing', async () => {
    const statuses = statusesOf(await judgedApi({ profile: 'fapi2-security', token: OPAQUE, type: 'Bearer', api: lax }))
    expect(statuses['sender-constrained-tokens/api-token']).toBe('failed')
    const refusing: RequestListener = json(401, { 'www-authenticate': 'DPoP' })
    const right = statusesOf(await judgedApi({ profile: 'fapi2-security', token: OPAQUE, type: 'Bearer', api: refusing }))
    expect(right['sender-constrained-tokens/api-token']).toBe('passed')
  })
})

test('an API that says of every token that its scope is too small: who holds it is not judged', async () => {
  const api: RequestListener = (request, response) =>
    (/^dpop \S{20,}$/i.test(request.headers.authorization ?? '')
      ? json(403, { 'www-authenticate': 'DPoP error="insufficient_scope"' })
      : json(401))(request, response)
  const statuses = statusesOf(await judgedApi({ profile: 'fapi2-security', token: OPAQUE, type: 'DPoP', api }))
  expect(statuses).toMatchObject({
    'legal-request/api-token': 'passed',
    'token-asked-for': 'failed',
    'dpop-proof-given/api-no-proof': 'unjudged',
    'dpop-once/api-again': 'unjudged',
    'access-token-binding/api-bearer': 'passed',
    'access-token-known/api-tampered': 'failed',
  })
})

test('an API that wants a nonce gets it, and what it then refuses counts', async () => {
  const nonce = 'a-nonce-of-the-api'
  const api: RequestListener = (request, response) => {
    const claims = jsonPart(String(request.headers.dpop).split('.')[1] ?? '')
    if (!claims) return json(401, { 'www-authenticate': 'DPoP' })(request, response)
    if (claims.nonce !== nonce)
      return json(401, { 'www-authenticate': 'DPoP error="use_dpop_nonce"', 'dpop-nonce': nonce })(request, response)
    return claims.htm === 'GET' && claims.jti ? json(200)(request, response) : json(401, { 'www-authenticate': 'DPoP' })(request, response)
  }
  const statuses = statusesOf(await judgedApi({ profile: 'fapi2-security', token: OPAQUE, type: 'DPoP', api }))
  expect(statuses).toMatchObject({
    'legal-request/api-token': 'passed',
    'dpop-method/api-htm': 'passed',
    'dpop-proof-readable/api-jti-none': 'passed',
    'dpop-url/api-htu': 'failed',
    'dpop-once/api-again': 'warned',
  })
})

test('an API that is open to everybody', async () => {
  const statuses = statusesOf(await judgedApi({ profile: 'fapi2-security', token: OPAQUE, type: 'DPoP', api: json(200) }))
  expect(statuses).toMatchObject({ 'access-token-in-header/api-no-token': 'failed', 'access-token-known/api-garbage': 'failed' })
})

describe('how an API answers', () => {
  const answering =
    (change: (id: string | undefined) => Readonly<Record<string, string>>): RequestListener =>
    (request, response) =>
      json(200, change(request.headers['x-fapi-interaction-id'] as string | undefined))(request, response)
  const FRESH = '3d0ff23c-9f6c-4d0a-8d2b-6a8f8f0a1b2c'

  test.each<readonly [string, string, (id: string | undefined) => Readonly<Record<string, string>>]>([
    ['interaction-id-echoed', 'passed', (id = FRESH) => ({ 'x-fapi-interaction-id': id.toUpperCase() })],
    ['interaction-id-echoed', 'failed', () => ({ 'x-fapi-interaction-id': FRESH })],
    ['interaction-id-made', 'passed', () => ({ 'x-fapi-interaction-id': FRESH })],
    ['interaction-id-made', 'failed', (id = 'none') => ({ 'x-fapi-interaction-id': id })],
    ['server-date', 'failed', () => ({ date: 'Thu, 01 Jan 2015 00:00:00 GMT' })],
    ['server-date', 'failed', () => ({ date: 'soon' })],
    ['json-in-utf-8', 'passed', () => ({ 'content-type': 'application/json; charset=UTF-8' })],
    ['json-in-utf-8', 'failed', () => ({ 'content-type': 'text/html' })],
    ['json-in-utf-8', 'failed', () => ({ 'content-type': 'application/json; charset=iso-8859-1' })],
    ['api-answers-uncached', 'passed', () => ({ 'cache-control': 'private, no-store' })],
    ['api-answers-uncached', 'warned', () => ({ 'cache-control': 'max-age=60' })],
  ])('%s: %s', async (id, status, headers) => {
    const api = answering(headers)
    expect(statusesOf(await judgedApi({ profile: 'fapi1-baseline', token: OPAQUE, type: 'Bearer', api }))[id]).toBe(status)
  })
})

/** By name. */
const HOSTILE: Readonly<Record<string, RequestListener>> = {
  'never answers': () => undefined,
  'ends every connection': (request) => void request.socket.destroy(),
  'answers ten megabytes': (_request, response) => void response.end(Buffer.alloc(10_000_000, '{')),
  'redirects to elsewhere': (_request, response) => void response.writeHead(307, { location: 'https://elsewhere.example/' }).end(),
  fails: json(500),
  'does not know the way': json(404),
}

describe('a hostile server', () => {
  test.each(Object.entries(HOSTILE))('whose API %s: nothing passes, nothing fails', async (_name, api) => {
    const findings = await judgedApi({ profile: 'fapi2-security', token: OPAQUE, type: 'DPoP', api, timeout: 1 })
    expect(toldOf(findings, 'passed', 'failed')).toEqual([])
    expect(findings.length).toBeGreaterThan(10)
  })

  test.each<readonly [string, unknown]>([
    ['an object', { token: OPAQUE }],
    ['an array', [OPAQUE]],
    ['nothing', undefined],
    ['the empty text', ''],
    ['what no header carries', 'a\r\nb: c'],
    ['more than a header carries', 'x'.repeat(40_000)],
    ['letters beyond ASCII', 'тoken'],
  ])('whose token is %s: not judged', async (_what, token) => {
    const findings = await judgedApi({ profile: 'fapi2-security', token, type: 'DPoP', api: lax })
    expect(statusesOf(findings)['legal-request/api-token']).toBe('unjudged')
    expect(toldOf(findings, 'failed')).toEqual([])
  })

  test.each<unknown>([7, { type: 'DPoP' }, null, ['DPoP'], 'N_A'])('whose token is of the type %j: judged as Bearer', async (type) => {
    const findings = await judgedApi({ profile: 'fapi2-security', token: OPAQUE, type, api: lax })
    expect(statusesOf(findings)['sender-constrained-tokens/api-token']).toBe('failed')
  })

  test('tokens do not stand in findings', async () => {
    const told = JSON.stringify(await judgedApi({ profile: 'fapi2-security', token: OPAQUE, type: 'DPoP', api: lax }))
    expect(told).not.toContain(OPAQUE)
    expect(told).not.toContain('eyJ')
  })
})
