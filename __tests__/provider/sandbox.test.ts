import { jest } from '@jest/globals'
import { createPolicy, fapi2Security } from 'express-fapi'
import type { Change } from '../support/change.js'
import { fromNow } from '../support/jwt.js'
import { mintKey } from '../support/keys.js'
import { type OwnServer, openOwnServer } from '../support/own-server.js'

/* In the sandbox, node-oidc-provider tells clients that have authenticated what to do, also of what it refuses by itself. */

const HINT = /\. Hint: \S/
const PLAIN = { params: { code_challenge_method: 'plain' } }

async function open(sandbox: boolean): Promise<OwnServer> {
  const warning = jest.spyOn(process, 'emitWarning').mockImplementation(() => {})
  const policy = createPolicy({ profile: fapi2Security, sandbox })
  expect(warning.mock.calls.some(([text]) => String(text).startsWith('SANDBOX'))).toBe(sandbox)
  const metadata = { grant_types: ['authorization_code', 'client_credentials'] }
  const server = await openOwnServer({
    policy,
    configuration: {
      features: {
        ...{ clientCredentials: { enabled: true }, introspection: { enabled: true }, revocation: { enabled: true } },
        requestObjects: { enabled: true },
      },
    },
    clients: {
      jwt: { profile: 'fapi2-security', auth: 'private_key_jwt', bound: 'dpop', metadata },
      other: { profile: 'fapi2-security', auth: 'private_key_jwt', bound: 'dpop', metadata },
      tls: { profile: 'fapi2-security', auth: 'self_signed_tls_client_auth', bound: 'certificate', metadata },
    },
  })
  warning.mockRestore()
  return server
}

describe('in the sandbox', () => {
  let server: OwnServer
  beforeAll(async () => {
    server = await open(true)
  })
  afterAll(() => server?.close())

  test('what a rule refuses comes with what to do', async () => {
    const { json } = await server.as('jwt').push({ params: { redirect_uri: undefined } })
    expect(json).toEqual({ error: 'invalid_request', error_description: expect.stringMatching(HINT) })
  })

  test('what the provider refuses does as well', async () => {
    const { json } = await server.as('jwt').push(PLAIN)
    expect(json).toEqual({ error: 'invalid_request', error_description: expect.stringMatching(HINT) })
    const grant = await server.as('jwt').redeem('no-code-of-anybody')
    expect(grant.json).toEqual({ error: 'invalid_grant', error_description: expect.stringMatching(HINT) })
  })

  test.each([
    ['a broken signature', { ...PLAIN, assertion: { signature: 'broken' } }],
    ['no assertion', { ...PLAIN, assertion: 'none' }],
    ['an assertion for another server', { assertion: { claims: { aud: 'https://other.example' } } }],
  ] as const)('who has not authenticated is told no more: %s', async (_name, change) => {
    const { status, text } = await server.as('jwt').push(change)
    expect(status).toBeGreaterThanOrEqual(400)
    expect(text).not.toMatch(/Hint/)
  })

  const ENDPOINTS = [
    'pushed_authorization_request_endpoint',
    'token_endpoint',
    'introspection_endpoint',
    'revocation_endpoint',
    'userinfo_endpoint',
  ] as const
  const STRANGERS: readonly (readonly [who: string, change: () => Promise<Change>])[] = [
    ['knows a client_id and has a DPoP key', async () => ({ assertion: 'none' })],
    ['has an assertion that has expired', async () => ({ assertion: { claims: { exp: fromNow(-90) } } })],
    ['signs with a key of its own', async () => ({ assertion: { key: mintKey('ES256', 'key-of-nobody') } })],
    ['is another client', async () => ({ assertion: { compact: await server.as('other').assertion() } })],
    ['adds a secret that is none', async () => ({ params: { client_secret: 'x' } })],
    ['repeats an assertion that has been used', async () => ({ assertion: { compact: await usedAssertion() } })],
  ]

  async function usedAssertion(): Promise<string> {
    const compact = await server.as('jwt').assertion()
    expect((await server.as('jwt').token({ grant_type: 'client_credentials' }, { assertion: { compact } })).status).toBe(200)
    return compact
  }

  test.each(ENDPOINTS.flatMap((endpoint) => STRANGERS.map(([who, change]) => [who, endpoint, change] as const)))(
    'who %s is told no more at the %s',
    async (_who, endpoint, change) => {
      const changed = await change()
      const params = { grant_type: 'authorization_code', code: 'x', code_challenge_method: 'plain', token: '', ...changed.params }
      const { status, headers, text } = await server.as('jwt').call(endpoint, params, changed)
      expect(status).toBeGreaterThanOrEqual(400)
      expect(`${headers['www-authenticate']} ${text}`).not.toMatch(/Hint/)
    },
  )

  test.each([
    ['of another client', async () => server.as('other').object()],
    ['that another key signed', async () => server.as('jwt').object({}, { key: mintKey('ES256', 'key-of-nobody') })],
    ['that nobody signed', async () => server.as('jwt').object({}, { alg: 'none' })],
  ])('a request object %s draws no more either', async (_what, make) => {
    const { headers, text } = await server.as('jwt').send(await server.as('jwt').byValue({ object: { compact: await make() } }))
    expect(`${headers.location} ${text}`).not.toMatch(/Hint/)
  })

  test('nor is whoever shows another certificate than the registered one', async () => {
    const { certificate = 'none' } = server.as('tls').tpp
    expect((await server.as('tls').token({ grant_type: 'client_credentials' }, { certificate: 'none' })).text).not.toMatch(/Hint/)
    expect((await server.as('tls').token({ grant_type: 'client_credentials' }, { certificate })).status).toBe(200)
  })

  test('nor is whoever sends a request that nobody pushed', async () => {
    const { headers, text } = await server.as('jwt').send(await server.as('jwt').byValue({ object: 'none' }))
    expect(`${headers.location} ${text}`).not.toMatch(/Hint/)
  })

  test('what is in order goes through', async () => {
    expect((await server.as('jwt').push()).status).toBe(201)
  })
})

test('elsewhere nobody is told', async () => {
  const server = await open(false)
  try {
    for (const change of [PLAIN, { params: { redirect_uri: undefined } }])
      expect((await server.as('jwt').push(change)).json).toEqual({
        error: 'invalid_request',
        error_description: expect.not.stringMatching(/Hint/),
      })
  } finally {
    await server.close()
  }
})
