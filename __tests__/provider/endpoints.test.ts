import Provider, { type KoaContextWithOIDC } from 'oidc-provider'
import { endpointUrls } from '../../lib/provider/endpoints.js'
import { makeKeys } from './support.js'

/* Where the endpoints are said to be: they are kept by request target, and the Host header has no say in them. */

const ISSUER = 'https://bank.example'
const { jwks } = makeKeys()
const start = () => new Provider(ISSUER, { jwks, cookies: { keys: ['k'] } })

interface Asked {
  readonly url?: string
  readonly host?: string
  readonly originalUrl?: string
  readonly baseUrl?: string
  readonly mountPath?: string
}

/** What the provider has at hand while it answers a request. */
function contextOf(provider: Provider, { url = '/token', host = 'bank.example', originalUrl, baseUrl, mountPath }: Asked = {}) {
  const req = { url, originalUrl, baseUrl, headers: { host }, method: 'POST', socket: { encrypted: true } }
  const ctx = Object.assign(provider.createContext(req as never, { getHeader: () => undefined } as never), { mountPath })
  return Object.assign(ctx, { oidc: new provider.OIDCContext(ctx as never) }) as unknown as KoaContextWithOIDC
}

const tokenUrl = (provider: Provider, asked?: Asked) => endpointUrls(contextOf(provider, asked)).get('token')

test.each<[what: string, asked: Asked, url: string]>([
  ['at the root', {}, `${ISSUER}/token`],
  ['with another Host', { host: 'evil.example' }, `${ISSUER}/token`],
  ['with a Host that is none', { url: '/request', host: 'bank.example:8443' }, `${ISSUER}/token`],
  ['mounted in Express', { originalUrl: '/oidc/token', baseUrl: '/oidc' }, `${ISSUER}/oidc/token`],
  ['mounted in Koa', { mountPath: '/op' }, `${ISSUER}/op/token`],
])('%s: they are where the issuer is', (_what, asked, url) => {
  const provider = start()
  expect([tokenUrl(provider, asked), tokenUrl(provider, asked)]).toEqual([url, url])
})

test('what is kept for one mount is not said of another, though the target is the same', () => {
  const provider = start()
  const mounts: readonly Asked[] = [{}, { originalUrl: '/a/token', baseUrl: '/a' }, { mountPath: '/b' }, {}]
  expect(mounts.map((asked) => tokenUrl(provider, asked))).toEqual(['', '/a', '/b', ''].map((mount) => `${ISSUER}${mount}/token`))
})

test('they are kept for a target: worked out once, and not from the Host of a later request', () => {
  const provider = start()
  const first = endpointUrls(contextOf(provider))
  expect(endpointUrls(contextOf(provider, { host: 'evil.example' }))).toBe(first)
  expect(endpointUrls(contextOf(start()))).not.toBe(first)
})

test('a target with a query is not kept, and of many others the oldest is forgotten', () => {
  const provider = start()
  const queried = endpointUrls(contextOf(provider, { url: '/auth?state=1' }))
  expect(endpointUrls(contextOf(provider, { url: '/auth?state=1' }))).not.toBe(queried)

  const first = endpointUrls(contextOf(provider))
  for (let index = 0; index < 49; index++) endpointUrls(contextOf(provider, { url: `/${index}` }))
  expect(endpointUrls(contextOf(provider))).toBe(first)
  endpointUrls(contextOf(provider, { url: '/one-more' }))
  expect(endpointUrls(contextOf(provider))).not.toBe(first)
})
