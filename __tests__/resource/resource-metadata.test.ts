import {
  createPolicy,
  fapi2Security,
  fromTls,
  memoryStore,
  protect,
  requireScope,
  resourceMetadata,
  resourceMetadataUrl,
} from 'express-fapi'
import { dpopClient, fakeIssuer, legalRequest } from 'express-fapi/testing'
import { API, type Api, openApi } from './api-server.js'

const RIGHT = { resource: `${API}/v1`, authorizationServers: ['https://as.bank.example'] }
const issuer = fakeIssuer({ audience: API })
const AT = '/.well-known/oauth-protected-resource/v1'

let api: Api
beforeAll(async () => {
  api = await openApi((app) => {
    const more = { resource_name: 'Accounts', resource: 'https://evil.example', bearer_methods_supported: ['query'] }
    app.use(resourceMetadata({ ...RIGHT, scopes: ['accounts'], certificateBound: false, dpopBound: true, more }))
    app.use(resourceMetadata({ ...RIGHT, resource: API }))
    const policy = createPolicy({ profile: fapi2Security })
    const options = { issuers: issuer, publicUrl: API, certificate: fromTls(), store: memoryStore() }
    app.use('/v1', protect(policy, { ...options, resourceMetadata: resourceMetadataUrl(RIGHT.resource) }), requireScope('accounts'))
    app.use((_req, res) => void res.json({ passed: true }))
  })
})
afterAll(() => api?.close())

const COMMON = {
  authorization_servers: RIGHT.authorizationServers,
  bearer_methods_supported: ['header'],
  dpop_signing_alg_values_supported: ['PS256', 'ES256', 'EdDSA', 'Ed25519'],
}

test('RFC9728-3.2 the metadata of a resource', async () => {
  const { status, json, headers } = await api.send({ url: AT })
  expect({ status, json }).toEqual({
    status: 200,
    json: {
      ...COMMON,
      resource: RIGHT.resource,
      resource_name: 'Accounts',
      scopes_supported: ['accounts'],
      tls_client_certificate_bound_access_tokens: false,
      dpop_bound_access_tokens_required: true,
    },
  })
  expect(headers['content-type']).toMatch(/^application\/json/)
  expect(headers['access-control-allow-origin']).toBe('*')
})

test('has nothing that was not said, and is anywhere else not', async () => {
  expect((await api.send({ url: '/.well-known/oauth-protected-resource' })).json).toEqual({ ...COMMON, resource: API })
  for (const url of [`${AT}/`, `${AT}/x`, AT.toUpperCase(), `/x${AT}`])
    expect((await api.send({ url })).json).not.toHaveProperty('resource')
})

test.each([
  ['GET', 200],
  ['HEAD', 200],
  ['POST', 405],
  ['PUT', 405],
  ['DELETE', 405],
])('%s: %d', async (method, status) => {
  const answer = await api.send({ url: AT, method })
  expect(answer.status).toBe(status)
  expect(answer.headers.allow).toBe(status === 405 ? 'GET, HEAD' : undefined)
})

test('RFC9728-5.1 challenges say where it is', async () => {
  const client = dpopClient()
  const request = legalRequest({ issuer, client, url: `${API}/v1/accounts` })
  const asked = await api.send({ url: '/v1/accounts' })
  const refused = await api.send({ ...request, headers: { ...request.headers, dpop: 'x' } })
  const insufficient = await api.send(request)
  expect([asked, refused, insufficient].map(({ status }) => status)).toEqual([401, 401, 403])
  for (const { challenges } of [asked, refused, insufficient])
    for (const { parameters } of challenges) expect(parameters.resource_metadata).toBe(API + AT)
})

test.each([
  ['https://api.example', 'https://api.example/.well-known/oauth-protected-resource'],
  ['https://api.example/', 'https://api.example/.well-known/oauth-protected-resource'],
  ['https://api.example/v1', 'https://api.example/.well-known/oauth-protected-resource/v1'],
  ['https://api.example:8443/a/b', 'https://api.example:8443/.well-known/oauth-protected-resource/a/b'],
  ['https://api.example/v1?x=1', 'https://api.example/.well-known/oauth-protected-resource/v1?x=1'],
])('RFC9728-3.1 the metadata of %s is at %s', (resource, url) => {
  expect(resourceMetadataUrl(resource)).toBe(url)
})

type Wrong = readonly [option: string, wrong: object, right: object]
const wrongs: readonly Wrong[] = [
  ['resource', { resource: undefined }, {}],
  ['resource', { resource: 'http://api.example' }, { resource: 'https://api.example' }],
  ['resource', { resource: 'api.example' }, { resource: 'https://api.example' }],
  ['resource', { resource: 'https://api.example#x' }, { resource: 'https://api.example?x' }],
  ['authorizationServers', { authorizationServers: undefined }, {}],
  ['authorizationServers', { authorizationServers: [] }, {}],
  ['authorizationServers', { authorizationServers: 'https://as.example' }, { authorizationServers: ['https://as.example'] }],
  ['authorizationServers', { authorizationServers: [5] }, { authorizationServers: ['https://as.example'] }],
  ['scopes', { scopes: 'accounts' }, { scopes: ['accounts'] }],
  ['scopes', { scopes: [5] }, { scopes: [] }],
  ['certificateBound', { certificateBound: 'yes' }, { certificateBound: true }],
  ['dpopBound', { dpopBound: 1 }, { dpopBound: false }],
]
test.each(wrongs)('a wrong %s is named: %j, and %j is right', (option, wrong, right) => {
  expect(() => resourceMetadata({ ...RIGHT, ...wrong })).toThrow(
    expect.objectContaining({ name: 'ConfigurationError', faults: [expect.objectContaining({ option })] }),
  )
  expect(resourceMetadata({ ...RIGHT, ...right })).toBeInstanceOf(Function)
})

test('everything wrong is named at once', () => {
  expect(() => resourceMetadata({ resource: 'x', authorizationServers: [] })).toThrow(/resource.*\n.*authorizationServers/)
})
