import type { RequestListener } from 'node:http'
import { memoryStore, profiles, type Store } from 'express-fapi'
import type { Configuration } from 'oidc-provider'
import { exchange } from '../../lib/audit/exchange.js'
import { violationsIn } from '../../lib/audit/registration/judged-registration.js'
import { registrationFindings } from '../../lib/audit/registration/registration-findings.js'
import { throwaway } from '../../lib/audit/registration/throwaway.js'
import { openTestBank, type TestBank } from '../support/test-bank.js'
import { openHostileServer, openPlainProvider, profileNamed, sceneOf, statusesOf, toldOf } from './audited-servers.js'
import { closeListeners } from './listeners.js'

const PROFILES = profiles.map(({ name }) => name)

let bank: TestBank
let store: Store
beforeAll(async () => {
  store = memoryStore()
  bank = await openTestBank([], store)
})
afterAll(async () => {
  await bank?.close()
  await closeListeners()
})

const registeredAtBank = async () => (await store.list('Client', { limit: 1000 })).items.map(({ client_id: id }) => id)

const json =
  (status: number, body: unknown): RequestListener =>
  (request, response) => {
    request.resume()
    response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body))
  }

describe('the client of an audit', () => {
  const OFFERS: readonly Readonly<Record<string, unknown>>[] = [
    {},
    { token_endpoint_auth_methods_supported: ['private_key_jwt'], dpop_signing_alg_values_supported: ['PS256'] },
    { token_endpoint_auth_methods_supported: ['self_signed_tls_client_auth'], tls_client_certificate_bound_access_tokens: true },
    { token_endpoint_auth_signing_alg_values_supported: ['PS256'], id_token_signing_alg_values_supported: ['ES256'] },
    { response_modes_supported: ['query', 'jwt'], grant_types_supported: ['client_credentials'] },
  ]

  test.each(PROFILES.flatMap((name) => OFFERS.map((metadata) => [name, metadata] as const)))(
    '%s, at %j: breaks no rule',
    (name, metadata) => {
      const profile = profileNamed(name)
      expect(violationsIn(profile, throwaway({ profile, metadata }).metadata)).toEqual([])
    },
  )

  test('takes what the server offers', () => {
    const made = throwaway({
      profile: profileNamed('fapi2-security'),
      metadata: { token_endpoint_auth_signing_alg_values_supported: ['PS256'] },
    })
    expect(made.signing.alg).toBe('PS256')
    expect(made.metadata).toMatchObject({ token_endpoint_auth_signing_alg: 'PS256', dpop_bound_access_tokens: true })
    expect(JSON.stringify(made.metadata)).not.toContain('"d"')
  })
})

test('without registration_endpoint: nothing is found', async () => {
  const scene = await sceneOf('fapi2-security', bank.issuer, bank.caCertificate)
  const { registration_endpoint: _, ...metadata } = scene.metadata
  expect(await registrationFindings({ ...scene, metadata })).toEqual({ findings: [], registered: undefined })
})

describe('the bank', () => {
  test.each(PROFILES)('%s: nothing fails, and nothing stays', async (profile) => {
    const { initialAccessToken } = bank
    const before = await registeredAtBank()
    const scene = await sceneOf(profile, bank.issuer, bank.caCertificate, { initialAccessToken })
    let asked = 0
    const send: typeof scene.send = (outgoing) => {
      asked += 1
      return scene.send(outgoing)
    }
    const { findings, registered } = await registrationFindings({ ...scene, send })
    // A registration of this package lets a caller ask 60 times in ten minutes.
    expect(asked).toBeLessThan(45)
    expect(toldOf(findings, 'failed', 'unjudged', 'warned')).toEqual([])
    expect(statusesOf(findings)).toMatchObject({ 'legal-request/registered-client': 'passed', 'legal-request/put-same': 'passed' })
    const kept = (await registeredAtBank()).filter((id) => !before.includes(id))
    expect(kept.sort()).toEqual([...(registered?.left() ?? [])].sort())
    expect(kept).toContain(registered?.party.client.client_id)
    expect(await registered?.remove()).toBe(true)
    expect(await registeredAtBank()).toEqual(before)
    expect(JSON.stringify(findings)).not.toContain(initialAccessToken)
  })

  test('without initial access token: not judged, and said what it takes', async () => {
    const { findings, registered } = await registrationFindings(await sceneOf('fapi2-security', bank.issuer, bank.caCertificate))
    expect(findings).toMatchObject([
      { id: 'legal-request/registered-client', status: 'unjudged', got: expect.stringContaining('--initial-access-token') },
    ])
    expect(registered).toBeUndefined()
  })

  test('cut short, in the middle or before it began: everything is deleted', async () => {
    const before = await registeredAtBank()
    const { initialAccessToken } = bank
    const scene = await sceneOf('fapi2-security', bank.issuer, bank.caCertificate, { initialAccessToken })
    for (const after of [0, 1, 5, 30]) {
      const stop = new AbortController()
      let sent = 0
      const send: typeof scene.send = (outgoing) => {
        if (sent++ >= after) stop.abort()
        return scene.send(outgoing)
      }
      const { registered } = await registrationFindings({ ...scene, send }, { signal: stop.signal })
      expect(registered).toBeUndefined()
      expect(await registeredAtBank()).toEqual(before)
    }
  })

  test('an error in the middle: everything is deleted', async () => {
    const before = await registeredAtBank()
    const { initialAccessToken } = bank
    const scene = await sceneOf('fapi2-security', bank.issuer, bank.caCertificate, { initialAccessToken })
    let sent = 0
    const send: typeof scene.send = async (outgoing) => {
      if (sent++ === 4) throw new TypeError('no fault of the server')
      return scene.send(outgoing)
    }
    await expect(registrationFindings({ ...scene, send })).rejects.toThrow('no fault of the server')
    expect(await registeredAtBank()).toEqual(before)
  })
})

/** What stands in section 2 of the notes about a provider that is not set up. */
const WEAKNESSES = {
  'registered-algorithms/registered-client': 'failed',
  'https-redirect-uris/redirect-http': 'failed',
  'https-redirect-uris/redirect-localhost': 'failed',
  'https-key-sets/jwks-uri-http': 'failed',
  'strong-keys/rsa-1024': 'failed',
  'confidential-clients/public-client': 'failed',
  'authentication-methods/secret-basic': 'failed',
  'registered-algorithms/assertion-rs256': 'failed',
  'registered-algorithms/id-token-rs256': 'failed',
  'software-statement/statement-garbage': 'warned',
  'sender-constrained-clients/unbound': 'failed',
  'sender-constrained-clients/flags-omitted': 'failed',
  'clients-push/push-false': 'failed',
  'no-weakening/put-omits-flags': 'failed',
  'no-weakening/put-false': 'failed',
  'https-redirect-uris/put-http-redirect': 'failed',
}
/** What it sees to by itself. */
const STRENGTHS = {
  'legal-request/put-same': 'passed',
  'redirect-uris-registrable/redirect-none': 'passed',
  'redirect-uris-registrable/redirect-fragment': 'passed',
  'client-keys/two-key-sets': 'passed',
  'strong-keys/symmetric-key': 'passed',
  'registration-access-token/get-wrong-token': 'passed',
  'registration-access-token/get-deleted': 'passed',
  'registration-permitted/deleted': 'passed',
}

const OPEN: Configuration = {
  features: {
    registration: { enabled: true },
    registrationManagement: { enabled: true },
    clientCredentials: { enabled: true },
    pushedAuthorizationRequests: { enabled: true },
    dPoP: { enabled: true },
    requestObjects: { enabled: true },
  },
}

describe('a node-oidc-provider that nobody has set up', () => {
  test('fapi2-security: each of its weaknesses is found, and nothing stays', async () => {
    const plain = await openPlainProvider(OPEN)
    const { findings, registered } = await registrationFindings(await sceneOf('fapi2-security', plain.issuer, plain.ca))
    expect(statusesOf(findings)).toMatchObject({ ...WEAKNESSES, ...STRENGTHS })
    expect(plain.clients.size).toBe(2)
    expect(registered?.unheld?.client.dpop_bound_access_tokens).toBe(false)
    expect(await registered?.remove()).toBe(true)
    expect(plain.clients.size).toBe(0)
  })

  test('without management: what stays is named', async () => {
    const plain = await openPlainProvider({ features: { registration: { enabled: true } } })
    const { findings, registered } = await registrationFindings(await sceneOf('fapi2-security', plain.issuer, plain.ca))
    const [told] = findings.filter(({ id }) => id === 'registration-permitted/deleted')
    expect(told?.status).toBe('warned')
    for (const id of plain.clients.keys()) expect(told?.got).toContain(id)
    expect(await registered?.remove()).toBe(false)
    expect(registered?.left()).toHaveLength(plain.clients.size)
  })
})

describe('a server that sets right what is wrong', () => {
  /** Registers everything, and says that it has registered what breaks nothing. */
  const settingRight = (right: Readonly<Record<string, unknown>>) => async () => {
    const kept: object[] = []
    const server = await openHostileServer((request, response) => {
      const parts: Buffer[] = []
      request.on('data', (part: Buffer) => parts.push(part))
      request.on('end', () => {
        const sent = JSON.parse(Buffer.concat(parts).toString())
        kept.push(sent)
        response.setHeader('content-type', 'application/json')
        response.statusCode = 201
        response.end(JSON.stringify({ ...sent, client_id: `client-${kept.length}`, ...right }))
      })
    })
    const scene = await sceneOf('fapi2-security', server.issuer, server.ca, { metadata: server.metadata })
    return statusesOf((await registrationFindings(scene)).findings)
  }

  test('what is registered counts, not what was sent; and what is kept as it was sent fails', async () => {
    const right = { redirect_uris: ['https://audit.example/cb'], token_endpoint_auth_method: 'private_key_jwt' }
    const [mended, kept] = [await settingRight(right)(), await settingRight({})()]
    for (const id of ['https-redirect-uris/redirect-http', 'confidential-clients/public-client', 'authentication-methods/secret-basic'])
      expect([id, mended[id], kept[id]]).toEqual([id, 'passed', 'failed'])
    expect(mended['clients-push/push-false']).toBe('failed')
    expect(mended['software-statement/statement-garbage']).toBe('warned')
  })

  test('an answer that names the client_id alone stands for what was sent', async () => {
    const silent = await openHostileServer((request, response) => {
      request.resume()
      response.writeHead(201, { 'content-type': 'application/json' }).end('{"client_id":"always the same"}')
    })
    const scene = await sceneOf('fapi2-security', silent.issuer, silent.ca, { metadata: silent.metadata })
    const { findings, registered } = await registrationFindings(scene)
    expect(statusesOf(findings)).toMatchObject({
      'legal-request/registered-client': 'passed',
      'https-redirect-uris/redirect-http': 'failed',
    })
    expect(await registered?.remove()).toBe(false)
  })
})

describe('a server that shows registrations to anybody', () => {
  const TOKEN = 'a-registration-access-token-of-its-own'
  /** Registers one client, again and again; `management` answers for it. */
  async function judged(management: RequestListener) {
    const server = await openHostileServer((request, response) => {
      if (request.url !== '/reg') return management(request, response)
      const own = { client_id: 'one', registration_access_token: TOKEN, registration_client_uri: `https://${request.headers.host}/reg/one` }
      json(201, { ...own, client_secret: 'a-secret-of-its-own' })(request, response)
    })
    const initialAccessToken = 'an-initial-access-token-of-its-own'
    const scene = await sceneOf('fapi2-security', server.issuer, server.ca, { metadata: server.metadata, initialAccessToken })
    return (await registrationFindings(scene)).findings
  }
  const shown = json(200, { client_id: 'one' })
  const toHolders =
    (status: number): RequestListener =>
    (request, response) =>
      (request.headers.authorization === `Bearer ${TOKEN}` ? shown : json(status, { error: 'invalid_token' }))(request, response)

  test.each<readonly [string, RequestListener, string, string]>([
    ['to anybody', shown, 'failed', 'failed'],
    ['to holders of the token, deleted or not', toHolders(401), 'passed', 'failed'],
    ['to holders, and others hear 403', toHolders(403), 'warned', 'failed'],
    ['to nobody', json(401, {}), 'unjudged', 'unjudged'],
  ])('%s', async (_to, management, wrongToken, deleted) => {
    const findings = await judged(management)
    expect(statusesOf(findings)).toMatchObject({
      'registration-access-token/get-wrong-token': wrongToken,
      'registration-access-token/get-deleted': deleted,
      'initial-access-token/wrong': 'warned',
    })
    expect(JSON.stringify(findings)).not.toContain('of-its-own')
  })
})

/** By name. */
const HOSTILE: Readonly<Record<string, RequestListener>> = {
  'answers 200 and a page to everything': (_request, response) => void response.end('<!doctype html><title>Hello</title>'),
  'never answers': () => undefined,
  'ends every connection': (request) => void request.socket.destroy(),
  'answers ten megabytes': (_request, response) => void response.writeHead(201).end(Buffer.alloc(10_000_000, '{')),
  'redirects to elsewhere': (_request, response) => void response.writeHead(307, { location: 'https://elsewhere.example/' }).end(),
  'names a client_id that is an object': json(201, { client_id: { id: 1 } }),
  'answers with an array': json(201, [{ client_id: 'a' }]),
  'answers with a number': json(201, 7),
  fails: json(500, { error: 'server_error' }),
  'is busy': json(429, { error: 'slow_down' }),
  'refuses with an error that is an object': json(400, { error: { code: 1 }, error_description: ['no'] }),
}

describe('a hostile server', () => {
  test.each(Object.entries(HOSTILE))('%s: not judged', async (_name, answer) => {
    let asked = 0
    const server = await openHostileServer((request, response) => {
      asked += 1
      answer(request, response)
    })
    const scene = await sceneOf('fapi2-security', server.issuer, server.ca, { metadata: server.metadata })
    asked = 0
    const { findings, registered } = await registrationFindings(scene)
    expect(statusesOf(findings)).toEqual({ 'legal-request/registered-client': 'unjudged' })
    expect(registered).toBeUndefined()
    expect(asked).toBeLessThanOrEqual(3)
  })

  test.each<readonly [string, object]>([
    ['a token that is an object', { registration_access_token: { token: 1 }, registration_client_uri: 'https://localhost/' }],
    ['a token that no header carries', { registration_access_token: 'a\r\nb: c', registration_client_uri: 'https://localhost/' }],
    ['an address that is none', { registration_access_token: 'token', registration_client_uri: 'nowhere' }],
    ['an address without TLS', { registration_access_token: 'token', registration_client_uri: 'http://localhost:1/' }],
    ['keys that are none', { jwks: { keys: [null, 7] }, redirect_uris: [{}], response_types: 'code', grant_types: 7 }],
    ['members of Object', { redirect_uris: [], ['__proto__']: 'a', constructor: 'b', token_endpoint_auth_method: ['x'] }],
  ])('registers with %s: judged, and nothing is thrown', async (_name, more) => {
    const server = await openHostileServer(json(201, { client_id: 'one', ...more }))
    const scene = await sceneOf('fapi2-security', server.issuer, server.ca, { metadata: server.metadata })
    const { findings, registered } = await registrationFindings(scene)
    expect(findings.length).toBeGreaterThan(5)
    expect(statusesOf(findings)['registration-permitted/deleted']).toBe('warned')
    expect(await registered?.remove()).toBe(false)
  })

  test('stops answering once it has registered a client: a few requests more, and no further', async () => {
    let asked = 0
    const server = await openHostileServer((request, response) => {
      asked += 1
      if (asked === 1) json(201, { client_id: 'one' })(request, response)
    })
    const scene = await sceneOf('fapi2-security', server.issuer, server.ca, { metadata: server.metadata })
    asked = 0
    const { findings } = await registrationFindings({ ...scene, send: exchange({ ca: server.ca, timeout: 0.2 }) })
    expect(asked).toBeLessThanOrEqual(5)
    expect(toldOf(findings, 'failed')).toEqual([])
  })
})
