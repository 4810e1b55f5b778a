import { isText, urlOf } from '../core/claims.js'
import type { Jwk } from '../core/facts.js'
import { isKeySet } from '../readers/client-metadata.js'
import { type Exchange, NoAnswerError } from './exchange.js'

/** What a server publishes of itself. */
export interface Target {
  readonly metadata: Readonly<Record<string, unknown>>
  readonly keys: readonly Jwk[]
  readonly evidence: readonly string[]
  /** Why there are no metadata, or no keys. */
  readonly missing: readonly string[]
}

/** Where metadata may be: OpenID Connect Discovery §4 appends to the issuer, RFC 8414 §3.1 puts the well-known part before its path. */
export function metadataUrls(issuer: string): readonly URL[] {
  const { origin, pathname } = new URL(issuer)
  const path = pathname.replace(/\/$/, '')
  const names = [`${path}/.well-known/openid-configuration`, `/.well-known/oauth-authorization-server${path}`]
  // RFC 8414 §5 knows a third place for issuers with a path.
  return [...names, ...(path === '' ? [] : [`/.well-known/openid-configuration${path}`])].map((name) => new URL(origin + name))
}

/** Fetches metadata and key set of a server; `given` metadata stand in where it publishes none. Never rejects for what the server does. */
export async function fetchTarget(send: Exchange, issuer: string, given: Readonly<Record<string, unknown>> | undefined): Promise<Target> {
  const evidence: string[] = []
  const get = async (url: URL) => {
    try {
      const { status, json, line } = await send({ method: 'GET', url })
      evidence.push(line)
      return status === 200 ? json : undefined
    } catch (cause) {
      if (!(cause instanceof NoAnswerError)) throw cause
      evidence.push(cause.line)
      return undefined
    }
  }
  let published: Readonly<Record<string, unknown>> | undefined
  for (const url of metadataUrls(issuer)) {
    // An object that names no issuer is an answer of another kind.
    if (!isText(published?.issuer)) published = (await get(url)) ?? published
  }
  const metadata = published ?? given ?? {}
  const jwksUri = urlOf(metadata.jwks_uri)
  const jwks = jwksUri && (await get(jwksUri))
  const missing = [
    ...(published ? [] : ['The server publishes no metadata (RFC 8414), neither for OpenID Connect nor for OAuth.']),
    ...(isKeySet(jwks) ? [] : [isText(metadata.jwks_uri) ? 'jwks_uri serves no JSON Web Key Set.' : 'There is no jwks_uri.']),
  ]
  return { metadata, keys: isKeySet(jwks) ? jwks.keys : [], evidence, missing }
}
