import { createLocalJWKSet, type JSONWebKeySet, jwtVerify } from 'jose'
import type { Landing } from './browser.js'

/** What the client learns from the redirect. */
export interface AuthorizationResponse {
  /** The parameters; under JARM those inside the JWT. */
  readonly params: Readonly<Record<string, unknown>>
  /** The parameters of the redirect URI itself, those it was registered with left out. */
  readonly bare: Readonly<Record<string, string>>
  readonly place: 'query' | 'fragment'
}

interface Expectations {
  readonly issuer: string
  readonly clientId: string
  readonly jwks: JSONWebKeySet
  readonly redirectUri: string
}

/** Reads an authorization response as the client must: only at its own redirect URI, with `iss` compared (RFC 9207 §2.4) and JARM verified (JARM §2.4). Throws otherwise. */
export async function readResponse(
  { location, answer }: Landing,
  { issuer, clientId, jwks, redirectUri }: Expectations,
): Promise<AuthorizationResponse> {
  if (!location) throw new Error(`no redirect, but a page: ${answer.status} ${textOf(answer.text)}`)
  const registered = new URL(redirectUri)
  if (location.origin + location.pathname !== registered.origin + registered.pathname) throw new Error(`redirected to ${location.href}`)
  const query = new URLSearchParams(location.search)
  for (const [name, value] of registered.searchParams) {
    if (query.get(name) !== value) throw new Error(`the registered parameter ${name} is lost in ${location.href}`)
    query.delete(name)
  }
  const place = location.hash ? 'fragment' : 'query'
  const bare = Object.fromEntries(location.hash ? new URLSearchParams(location.hash.slice(1)) : query)
  if (bare.iss !== undefined && bare.iss !== issuer) throw new Error(`iss is ${bare.iss}`)
  if (bare.response === undefined) return { params: bare, bare, place }
  const { payload } = await jwtVerify(bare.response, createLocalJWKSet(jwks), {
    ...{ issuer, audience: clientId, algorithms: ['PS256', 'ES256'] },
    requiredClaims: ['exp'],
  })
  return { params: payload, bare, place }
}

/** The words on a page. */
export const textOf = (page: string): string =>
  page
    .replaceAll(/<(style|head)[\s\S]*?<\/\1>/g, '')
    .replaceAll(/<[^>]*>/g, ' ')
    .replaceAll(/\s+/g, ' ')
    .trim()
