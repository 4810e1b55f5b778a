import { afterAll, beforeAll, describe, expect, test } from '@jest/globals'
import type { Response } from 'express'
import {
  ConfigurationError,
  createPolicy,
  type FapiOptions,
  fapi,
  fapi1Advanced,
  fapi2Security,
  memoryStore,
  profileNamed,
} from 'express-fapi'
import { openAnyBrowser } from '../support/any-browser.js'
import { expectBadRequest } from '../support/expectations.js'
import { mintKey } from '../support/keys.js'
import { honestMetadata, type Metadata } from '../support/registration.js'
import type { Role } from '../support/tpp.js'
import { type Answer, formOf, type Params } from '../support/wire.js'
import { type GuardedServer, openGuarded, privateJwkOf, SERVER_KEYS, type Surroundings } from './guarded-server.js'

const SECRET = 'a secret of before'
const CALLBACK = 'https://shop.example/cb'
const legacy = (client_id: string, fapi_profile: string) => ({
  ...{ client_id, fapi_profile, client_secret: SECRET, token_endpoint_auth_method: 'client_secret_post', redirect_uris: [CALLBACK] },
  grant_types: ['authorization_code', 'refresh_token'],
})
const CLIENTS = [legacy('post', 'fapi2-security'), legacy('outside', 'none')]
const ROLES: Readonly<Record<'good' | 'jarm', Role>> = {
  good: { profile: 'fapi2-security', auth: 'private_key_jwt', bound: 'dpop' },
  jarm: {
    ...{ profile: 'fapi1-advanced', auth: 'private_key_jwt', bound: 'certificate' },
    metadata: { response_modes: ['jwt'], require_signed_request_object: true },
  },
}
const choose = ({ fapi_profile }: Readonly<Record<string, unknown>>) =>
  fapi_profile === 'none' ? undefined : profileNamed(String(fapi_profile))
const POLICY = { profiles: [fapi1Advanced, fapi2Security], choose }
const FORM = { 'content-type': 'application/x-www-form-urlencoded' }

function inFront({ app, guard, plainServer }: Surroundings): void {
  app.use('/par', guard.pushAuthorizationRequest())
  app.use('/authorize', guard.authorizationRequest(), guard.authorizationResponse())
  app.use('/token', guard.tokenRequest())
  app.use('/introspect', guard.introspection())
  plainServer()
}
const asked = (client_id: string, more: Params = {}): Params => ({
  ...{ client_id, redirect_uri: CALLBACK, response_type: 'code', scope: 'openid accounts', state: 'xyz' },
  ...more,
})
const post = ({ wire, issuer }: GuardedServer, path: string, form: Params, headers = {}): Promise<Answer> =>
  wire.send(`${issuer}${path}`, { method: 'POST', headers: { ...FORM, ...headers }, body: formOf(form) })

describe('with a mode for each client', () => {
  let server: GuardedServer
  beforeAll(async () => {
    const mode = ({ client_id }: { readonly client_id: string }) => (client_id === 'post' ? ('report' as const) : ('enforce' as const))
    server = await openGuarded({ policy: { ...POLICY, mode }, clients: CLIENTS, roles: ROLES, mount: inFront })
  })
  afterAll(() => server.close())

  test.each(['post', 'outside'])('a parameter that repeats, of %s, is the server’s business', async (client) => {
    const { status, headers } = await server.wire.send(`${server.issuer}/authorize?${formOf(asked(client, { ui_locales: ['en', 'de'] }))}`)
    expect([status, String(headers.location).slice(0, 7)]).toEqual([303, '/login?'])
    const form = { grant_type: 'refresh_token', refresh_token: 'x', client_id: client, client_secret: SECRET, more: ['a', 'b'] }
    expect(await post(server, '/token', form)).toMatchObject({ status: 400, json: { error: 'invalid_grant' } })
  })

  test('resource may come twice (RFC 8707 §2)', async () => {
    const resource = ['https://a.example', 'https://b.example']
    expect(await server.as('good').push({ params: { resource } })).toMatchObject({ status: 201 })
  })

  test.each([['a secret', { params: { client_secret: 'x' } }]])(
    'an assertion does not come with %s (RFC 6749 §2.3)',
    async (_what, change) => {
      const client = server.as('good')
      const code = await client.code({ browser: openAnyBrowser(server.wire, server.issuer) })
      expect((await client.redeem(code, change)).status).toBeGreaterThanOrEqual(400)
    },
  )
})

describe('in report mode', () => {
  const onlyPost = ({ client_id }: { readonly client_id: string }) => (client_id === 'post' ? ('report' as const) : ('enforce' as const))

  test.each([
    ['of the policy', 'report' as const],
    ['of the client', onlyPost],
  ])('%s, a store that is away keeps nobody from a token', async (_whose, mode) => {
    const down = () => Promise.reject(new Error('the store is away'))
    const store = { ...memoryStore(), upsert: down, find: down, once: down, consume: down, revokeGrant: down }
    const server = await openGuarded({ policy: { ...POLICY, mode }, clients: CLIENTS, options: { store }, mount: inFront })
    const { location } = await openAnyBrowser(server.wire, server.issuer).journey(`${server.issuer}/authorize?${formOf(asked('post'))}`)
    const code = location?.searchParams.get('code') ?? 'none'
    const form = { grant_type: 'authorization_code', code, redirect_uri: CALLBACK, client_id: 'post', client_secret: SECRET }
    const { status, json } = await post(server, '/token', form)
    const told = await post(
      server,
      '/introspect',
      { token: String(json.access_token), client_id: 'post', client_secret: SECRET },
      { accept: 'application/json' },
    )
    await server.close()
    expect([status, told.json.active]).toEqual([200, true])
  })
})

test.each(['https://tpp.example/cb?q=a%20b', 'https://tpp.example/cb?q=a|b'])(
  'a server that adds to %s by URL.searchParams reaches the client',
  async (redirectUri) => {
    const server = await openGuarded({
      ...{ policy: POLICY, roles: { client: { ...ROLES.good, redirectUri } } },
      mount({ app, guard }) {
        app.use('/par', guard.pushAuthorizationRequest())
        app.use('/authorize', guard.authorizationRequest(), guard.authorizationResponse(), (req, res) => {
          const url = new URL(String(req.query.redirect_uri))
          url.searchParams.set('code', 'x')
          res.redirect(url.href)
        })
      },
    })
    const { status, headers } = await server.wire.send(await server.as('client').address())
    await server.close()
    expect([status, headers.location]).toEqual([303, expect.stringContaining('code=x&state=')])
  },
)

test('a redirect URI outside Latin-1 is answered', async () => {
  const server = await openGuarded({
    ...{ policy: POLICY, roles: { client: { ...ROLES.good, redirectUri: 'https://tpp.example/cb?q=ł' } } },
    mount({ app, guard }) {
      app.use('/par', guard.pushAuthorizationRequest())
      app.use('/authorize', guard.authorizationRequest(), guard.authorizationResponse(), (req, res) => {
        res.redirect(`${req.query.redirect_uri}&code=x`)
      })
    },
  })
  const { status, headers } = await server.wire.send(await server.as('client').address())
  await server.close()
  expect([status, headers.location]).toEqual([303, expect.stringContaining('code=x&state=')])
})

test.each([
  ['outside', 'enforce'],
  ['post', 'report'],
] as const)('what the server throws at %s in %s mode is answered as before', async (client, mode) => {
  const server = await openGuarded({
    ...{ policy: { ...POLICY, mode }, clients: CLIENTS },
    mount({ app, guard }) {
      app.use('/authorize', guard.authorizationRequest(), guard.authorizationResponse(), () => {
        throw new Error('unforeseen')
      })
      app.use(guard.fapiErrors())
      app.use((_error: unknown, _req: unknown, res: Response, _next: unknown) => void res.status(500).send('our own page'))
    },
  })
  const answer = await server.wire.send(`${server.issuer}/authorize?${formOf(asked(client))}`)
  await server.close()
  expect(answer.text).toBe('our own page')
})

describe('registration', () => {
  const key = mintKey()
  const honest = { ...honestMetadata(key, 'fapi2-security'), dpop_bound_access_tokens: true }
  const known = { ...honest, client_id: 'known', require_pushed_authorization_requests: true, require_signed_request_object: true }
  let server: GuardedServer
  beforeAll(async () => {
    server = await openGuarded({
      ...{ policy: POLICY, clients: [known] },
      options: { keys: { keys: SERVER_KEYS.filter(({ alg }) => alg === 'ES256').map((one) => privateJwkOf(one)) } },
      mount: ({ app, guard }) => void app.use('/register', guard.registration(), (req, res) => void res.status(201).json(req.body)),
    })
  })
  afterAll(() => server.close())
  const send = (method: string, metadata: Metadata) =>
    server.wire.send(`${server.issuer}/register`, {
      method,
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify(metadata),
    })

  test('a profile that nobody knows is invalid_client_metadata, not server_error', async () => {
    expectBadRequest(await send('POST', { ...honest, fapi_profile: 'nope' }), 'invalid_client_metadata')
  })
  test('an algorithm without a key is not filled in', async () => {
    expect((await send('POST', honest)).json.id_token_signed_response_alg).toBe('ES256')
  })
  test('an algorithm without a key is not registered', async () => {
    expectBadRequest(await send('POST', { ...honest, id_token_signed_response_alg: 'EdDSA' }), 'invalid_client_metadata')
  })
  test.each([
    ['redirect_uris', 'http://tpp.example/cb', 'invalid_redirect_uri'],
    ['response_types', 'token', 'invalid_client_metadata'],
    ['response_modes', 'query', 'invalid_client_metadata'],
    ['jwks', 'x', 'invalid_client_metadata'],
  ])('%s of another type is refused', async (name, value, error) => {
    expectBadRequest(await send('POST', { ...honest, [name]: value }), error)
  })
})

describe('options', () => {
  const keys = { keys: SERVER_KEYS.map((one) => privateJwkOf(one)) }
  const sound = { issuer: 'https://bank.example', clients: () => undefined, keys, store: memoryStore(), certificate: () => undefined }
  const policy = createPolicy({ profile: fapi2Security })
  test.each<[string, object | undefined]>([
    ['a lifetime that is text', { requestLifetime: '60' }],
    ['a store that stores nothing', { store: {} }],
    ['an endpoint that nobody knows', { endpoints: { tokn: '/token' } }],
    ['an endpoint with a fragment', { endpoints: { token: '/token#x' } }],
    ['metadata that is text', { metadata: 'abc' }],
    ['endpoints that are null', { endpoints: null }],
    ['outbound that is null', { outbound: null }],
    ['nothing at all', undefined],
  ])('%s is refused by name', (_what, options) => {
    expect(() => fapi(policy, (options && { ...sound, ...options }) as FapiOptions)).toThrow(ConfigurationError)
  })
  test('only what was given is named', () => {
    const faults = (options: object) => {
      try {
        return fapi(policy, { ...sound, ...options } as FapiOptions)
      } catch (error) {
        return error instanceof ConfigurationError && error.faults.map(({ option }) => option)
      }
    }
    expect(faults({ issuer: 'http://bank.example' })).toEqual(['issuer'])
    expect(faults({ nonce: 'sometimes' })).toEqual(['nonce'])
  })
})
