import type { KoaContextWithOIDC } from 'oidc-provider'
import { forgetOldest } from '../core/forget-oldest.js'

const NAMES = [
  'token',
  'pushed_authorization_request',
  'userinfo',
  'revocation',
  'introspection',
  'backchannel_authentication',
  'device_authorization',
]

/** Where an endpoint is, by the provider's name for it; only those it has. */
export type EndpointUrls = ReadonlyMap<string, string>

type Context = KoaContextWithOIDC & {
  readonly mountPath?: unknown
  readonly req: { readonly originalUrl?: string; readonly baseUrl?: string }
}

/** For how many request targets they are kept, our choice: each endpoint has one wherever the provider is mounted. */
const KEPT = 50

/** URLs, with all that they depend on beside the request target and the issuer, which is the provider's. */
interface Kept {
  readonly originalUrl: unknown
  readonly baseUrl: unknown
  readonly mountPath: unknown
  readonly urls: EndpointUrls
}

const known = new WeakMap<object, Map<string, Kept>>()

/**
 * The URLs of the endpoints where the issuer is; the Host header only says where the provider is mounted. Every request asks, and they
 * take longer to work out than a request to be judged: so they are kept.
 */
export function endpointUrls(ctx: Context): EndpointUrls {
  const { mountPath, url } = ctx
  const { originalUrl, baseUrl } = ctx.req
  const targets = targetsOf(ctx.oidc.provider)
  const kept = targets.get(url)
  if (kept && kept.originalUrl === originalUrl && kept.baseUrl === baseUrl && kept.mountPath === mountPath) return kept.urls
  const urls = workedOut(ctx)
  // What has a query comes but once; and where even the token endpoint cannot be told, it is for the Host header of this one request.
  if (!url.includes('?') && urls.has('token')) {
    targets.set(url, { originalUrl, baseUrl, mountPath, urls })
    forgetOldest(targets, KEPT)
  }
  return urls
}

function targetsOf(provider: object): Map<string, Kept> {
  const targets = known.get(provider) ?? new Map<string, Kept>()
  known.set(provider, targets)
  return targets
}

const workedOut = ({ oidc }: Context): EndpointUrls =>
  new Map(
    NAMES.flatMap((name) => {
      try {
        return [[name, new URL(oidc.issuer).origin + new URL(oidc.urlFor(name)).pathname] as const]
      } catch {
        return []
      }
    }),
  )
