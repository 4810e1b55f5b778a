import { afterAll, beforeAll, describe, expect, jest, test } from '@jest/globals'
import { createPolicy, fapi2Security } from 'express-fapi'
import type { Change } from '../support/change.js'
import { fromNow } from '../support/jwt.js'
import { mintKey } from '../support/keys.js'
import { type GuardedServer, openGuarded } from './guarded-server.js'

/* In the sandbox a client that has authenticated is told what to do; nobody else is, and nobody anywhere else. */

const open = (sandbox: boolean | undefined) =>
  openGuarded({
    policy: { profile: fapi2Security, ...(sandbox !== undefined && { sandbox }) },
    roles: {
      fapi2: { profile: 'fapi2-security', auth: 'private_key_jwt', bound: 'dpop' },
      other: { profile: 'fapi2-security', auth: 'private_key_jwt', bound: 'dpop' },
    },
    mount({ app, guard }) {
      app.use('/par', guard.pushAuthorizationRequest())
      app.use('/authorize', guard.authorizationRequest())
      app.post('/token', guard.tokenRequest(), (_req, res) => void res.json({ access_token: 'x' }))
    },
  })

const PLAIN = { params: { code_challenge_method: 'plain' } }
const HINT = /\. Hint: \S.*\S$/
const ALLOWED = /^[\x20-\x21\x23-\x5b\x5d-\x7e]+$/

describe('in the sandbox', () => {
  let server: GuardedServer
  let warned: unknown[][] = []
  beforeAll(async () => {
    const warning = jest.spyOn(process, 'emitWarning').mockImplementation(() => {})
    server = await open(true)
    warned = warning.mock.calls
    warning.mockRestore()
  })
  afterAll(() => server?.close())

  test('it says so at construction', () => {
    expect(warned).toContainEqual([expect.stringMatching(/^SANDBOX: .*not for production/), { code: 'FAPI_SANDBOX' }])
  })

  test('what a rule refuses comes with what to do, in characters that RFC 6749 allows', async () => {
    const { json } = await server.as('fapi2').push(PLAIN)
    expect(json).toEqual({ error: 'invalid_request', error_description: expect.stringMatching(HINT) })
    expect(json.error_description).toMatch(/code_verifier/)
    expect(json.error_description).toMatch(ALLOWED)
  })

  test('what an adapter refuses does as well', async () => {
    const { json } = await server.as('fapi2').redeem('no-code-of-anybody')
    expect(json).toEqual({ error: 'invalid_grant', error_description: expect.stringMatching(HINT) })
    const proof = await server.as('fapi2').token({ grant_type: 'client_credentials' }, { proof: { method: 'GET' } })
    expect(proof.json).toEqual({ error: 'invalid_dpop_proof', error_description: expect.stringMatching(HINT) })
  })

  test.each([
    ['a broken signature', { ...PLAIN, assertion: { signature: 'broken' } }],
    ['no assertion', { ...PLAIN, assertion: 'none' }],
    ['an assertion for another server', { assertion: { claims: { aud: 'https://other.example' } } }],
    ['a body that is no form', { body: 'x', headers: { 'content-type': 'text/plain' } }],
  ] as const)('who has not authenticated is told no more: %s', async (_name, change) => {
    const { status, text } = await server.as('fapi2').push(change)
    expect(status).toBeGreaterThanOrEqual(400)
    expect(text).not.toMatch(/Hint/)
  })

  const STRANGERS: readonly (readonly [who: string, change: () => Promise<Change>])[] = [
    ['knows a client_id and has a DPoP key', async () => ({ assertion: 'none', proof: { method: 'GET' } })],
    ['has an assertion that has expired', async () => ({ ...PLAIN, assertion: { claims: { exp: fromNow(-90) } } })],
    ['signs with a key of its own', async () => ({ ...PLAIN, assertion: { key: mintKey('ES256', 'key-of-nobody') } })],
    ['is another client', async () => ({ ...PLAIN, assertion: { compact: await server.as('other').assertion() } })],
    ['adds a secret that is none', async () => ({ params: { client_secret: 'x' } })],
  ]
  test.each(['push', 'token'].flatMap((verb) => STRANGERS.map(([who, change]) => [who, verb, change] as const)))(
    'who %s is told no more: %s',
    async (_who, verb, change) => {
      const changed = await change()
      const party = server.as('fapi2')
      const { status, text } = verb === 'push' ? await party.push(changed) : await party.redeem('x', changed)
      expect(status).toBeGreaterThanOrEqual(400)
      expect(text).not.toMatch(/Hint/)
    },
  )

  test('who repeats an assertion that has been used is told no more', async () => {
    const compact = await server.as('fapi2').assertion()
    expect((await server.as('fapi2').push({ assertion: { compact } })).status).toBe(201)
    const { json } = await server.as('fapi2').push({ assertion: { compact } })
    expect(json).toEqual({ error: 'invalid_client', error_description: expect.not.stringMatching(/Hint/) })
  })

  test.each([
    ['of another client', async () => server.as('other').object()],
    ['that another key signed', async () => server.as('fapi2').object({}, { key: mintKey('ES256', 'key-of-nobody') })],
    ['that nobody signed', async () => server.as('fapi2').object({}, { alg: 'none' })],
  ])('a request object %s draws no more either', async (_what, make) => {
    const { headers, text } = await server.as('fapi2').send(await server.as('fapi2').byValue({ object: { compact: await make() } }))
    expect(`${headers.location} ${text}`).not.toMatch(/Hint/)
  })

  test('a request at the authorization endpoint that nobody pushed or signed is told no more', async () => {
    const { headers, text } = await server.as('fapi2').send(await server.as('fapi2').byValue({ object: 'none' }))
    expect(`${headers.location} ${text}`).not.toMatch(/Hint/)
  })

  test('what is in order goes through', async () => {
    expect((await server.as('fapi2').push()).status).toBe(201)
  })
})

test.each([[undefined], [false]])('elsewhere (sandbox: %s) nobody is told, and nothing is warned of', async (sandbox) => {
  const warning = jest.spyOn(process, 'emitWarning')
  const server = await open(sandbox)
  expect(warning.mock.calls.filter(([, options]) => JSON.stringify(options)?.includes('FAPI_SANDBOX'))).toEqual([])
  warning.mockRestore()
  const { json } = await server.as('fapi2').push(PLAIN)
  expect(json).toEqual({ error: 'invalid_request', error_description: expect.not.stringMatching(/Hint/) })
  await server.close()
})

test('the policy says which it is, and sandbox is a boolean', () => {
  expect(createPolicy({ profile: fapi2Security }).sandbox).toBe(false)
  expect(() => createPolicy({ profile: fapi2Security, sandbox: 'yes' as never })).toThrow('sandbox is "yes", must be true or false')
})
