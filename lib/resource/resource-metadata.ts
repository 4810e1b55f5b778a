import type { RequestHandler } from 'express'
import { isHttpsUrl, isText } from '../core/claims.js'
import { ConfigurationError, type ConfigurationFault } from '../core/errors.js'
import { FAPI_ALGORITHMS } from '../core/jwk.js'

export interface ResourceMetadataOptions {
  /** The resource identifier of the API: its https URL. */
  readonly resource: string
  /** The issuers whose tokens it takes. */
  readonly authorizationServers: readonly string[]
  readonly scopes?: readonly string[]
  /** Whether every token is bound to a client certificate, or to a DPoP key. */
  readonly certificateBound?: boolean
  readonly dpopBound?: boolean
  /** Any other metadata of RFC 9728 §2, by its own name. */
  readonly more?: Readonly<Record<string, unknown>>
}

const WELL_KNOWN = '/.well-known/oauth-protected-resource'

/** Where the metadata of a resource is (RFC 9728 §3.1): the well-known path stands in front of the resource's own. */
export function resourceMetadataUrl(resource: string): string {
  const { origin, pathname, search } = new URL(resource)
  return `${origin}${WELL_KNOWN}${pathname === '/' ? '' : pathname}${search}`
}

/** Answers with the metadata of a protected resource (RFC 9728); mount it at the root of the host. Throws a `ConfigurationError`. */
export function resourceMetadata(options: ResourceMetadataOptions): RequestHandler {
  const { resource, authorizationServers, scopes, certificateBound, dpopBound, more } = options
  const faults: ConfigurationFault[] = []
  if (!isHttpsUrl(resource) || resource.includes('#'))
    faults.push({ option: 'resource', got: resource, allowed: 'must be the https URL of the API, without fragment' })
  if (!Array.isArray(authorizationServers) || authorizationServers.length === 0 || !authorizationServers.every(isText))
    faults.push({ option: 'authorizationServers', got: authorizationServers, allowed: 'must name the issuers, at least one' })
  if (scopes !== undefined && !(Array.isArray(scopes) && scopes.every(isText)))
    faults.push({ option: 'scopes', got: scopes, allowed: 'must list scope values' })
  for (const [option, got] of Object.entries({ certificateBound, dpopBound }))
    if (got !== undefined && typeof got !== 'boolean') faults.push({ option, got, allowed: 'must be true or false' })
  if (faults.length > 0) throw new ConfigurationError(faults)

  const path = new URL(resourceMetadataUrl(resource)).pathname
  const metadata = Object.freeze({
    ...more,
    resource,
    authorization_servers: [...authorizationServers],
    ...(scopes && { scopes_supported: [...scopes] }),
    bearer_methods_supported: ['header'],
    dpop_signing_alg_values_supported: [...FAPI_ALGORITHMS],
    ...(certificateBound !== undefined && { tls_client_certificate_bound_access_tokens: certificateBound }),
    ...(dpopBound !== undefined && { dpop_bound_access_tokens_required: dpopBound }),
  })
  return function fapiResourceMetadata(req, res, next) {
    if (req.path !== path) return next()
    if (req.method !== 'GET' && req.method !== 'HEAD') {
      res.status(405).set('allow', 'GET, HEAD').end()
      return
    }
    res.set('access-control-allow-origin', '*').set('cache-control', 'public, max-age=3600').json(metadata)
  }
}
