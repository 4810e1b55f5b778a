import { isHttpsUrl, isText } from '../core/claims.js'
import { ConfigurationError, type ConfigurationFault } from '../core/errors.js'
import type { Client, Jwk, Recipient } from '../core/facts.js'
import type { Policy } from '../core/policy.js'
import type { CertificateSource } from '../readers/certificate.js'
import { clientFacts, isSuspended } from '../readers/client-metadata.js'
import { type Nonces, rollingNonces } from '../readers/nonces.js'
import type { OutboundOptions } from '../readers/outbound-options.js'
import type { OnceStore, RecordStore } from '../stores/store.js'
import { type ClientKeys, clientKeys } from './client-keys.js'
import { type ServerKeys, serverKeys } from './signing.js'

/** The endpoints of an authorization server, by the names of RFC 8414: paths of the public URL, or whole https URLs. */
export interface Endpoints {
  /** `/authorize` when not given. */
  readonly authorization: string
  /** `/token` when not given. */
  readonly token: string
  /** `/par` when not given. */
  readonly pushed_authorization_request: string
  /** `/jwks` when not given. */
  readonly jwks: string
  readonly introspection?: string
  readonly revocation?: string
  readonly registration?: string
  readonly userinfo?: string
}

/** What the middlewares keep: pushed requests, what codes and tokens are bound to, and what has been used. A `Store` of this package fits. */
export type FapiStore = OnceStore & Pick<RecordStore, 'find' | 'upsert' | 'consume'>

export interface FapiOptions {
  /** The issuer identifier (RFC 8414 §2). */
  readonly issuer: string
  /** The https URL that the endpoints are reached under; the issuer when not given. The Host header is never asked. */
  readonly publicUrl?: string
  readonly endpoints?: Partial<Endpoints>
  /** The origin under which client certificates are asked for, where that is another one (RFC 8705 §5). */
  readonly mtlsOrigin?: string
  /** Finds the registration of a client: its RFC 7591 metadata, with `client_id`. What it throws refuses the request. */
  readonly clients: (clientId: string) => Metadata | undefined | Promise<Metadata | undefined>
  /** The server's private keys: to sign with, and, with `use: 'enc'`, for request objects that are encrypted to it. */
  readonly keys: { readonly keys: readonly Jwk[] }
  readonly store: FapiStore
  readonly certificate: CertificateSource
  /** Whether DPoP proofs need a nonce of this server (RFC 9449 §8): `off`, the default, or `always`. */
  readonly nonce?: 'off' | 'always'
  /** At least 32 random octets, the same at every instance, for the nonces. */
  readonly nonceSecret?: Uint8Array
  /**
   * For a server that knows response type `code` alone: the claims of the ID token that goes with a code in `code id_token`, such
   * as `sub` and `auth_time`. The rest is filled in. Without it `code id_token` is not offered.
   */
  readonly idToken?: (code: string, client: Client) => IdTokenClaims | Promise<IdTokenClaims>
  /**
   * The verifier of a code is checked here. Whether the server gets `code_challenge` and `code_verifier` too: `both`, the default, for one
   * that checks them itself or does not know them; `here` for one that stumbles over a verifier it has no challenge for.
   */
  readonly pkce?: 'both' | 'here'
  /** How clients' `jwks_uri` are read. */
  readonly outbound?: OutboundOptions
  /** Seconds that a pushed request waits to be followed, from 5 to 600; 60 when not given. */
  readonly requestLifetime?: number
  /** What the metadata document says beyond what is known here: `scopes_supported` and so on. */
  readonly metadata?: Readonly<Record<string, unknown>>
}

export type Metadata = Readonly<Record<string, unknown>>
export type IdTokenClaims = Readonly<Record<string, unknown>> & { readonly sub: string }

/** The options in use. */
export interface Setup {
  readonly policy: Policy
  readonly issuer: string
  /** Absolute URLs. */
  readonly endpoints: Endpoints
  /** The same under the origin for client certificates; empty where there is none. */
  readonly aliases: Readonly<Record<string, string>>
  readonly recipient: Recipient
  readonly find: (clientId: string) => Promise<Client | undefined>
  readonly keys: ServerKeys
  readonly keysOf: ClientKeys
  readonly store: FapiStore
  readonly certificate: CertificateSource
  readonly nonces: Nonces | undefined
  readonly idToken: FapiOptions['idToken']
  readonly requestLifetime: number
  readonly handsOnPkce: boolean
  readonly metadata: Metadata
}

/** What a client certificate is for where mutual TLS has an origin of its own (RFC 8705 §5). */
const ALIASED = ['token', 'pushed_authorization_request', 'introspection', 'revocation', 'userinfo'] as const
const PATHS = { authorization: '/authorize', token: '/token', pushed_authorization_request: '/par', jwks: '/jwks' }
/** The names of {@link Endpoints}. */
export const ENDPOINT_NAMES: readonly (keyof Endpoints)[] = [
  ...(['authorization', 'token', 'pushed_authorization_request', 'jwks'] as const),
  ...(['introspection', 'revocation', 'registration', 'userinfo'] as const),
]
const STORE_METHODS = ['once', 'find', 'upsert', 'consume'] as const
const REQUIRED = { clients: 'function', store: 'object', certificate: 'function', keys: 'object' } as const

/** Checks the policy and the options of `fapi`. Throws a `ConfigurationError` that lists everything wrong with them. */
export function setUp(policy: Policy, options: FapiOptions): Setup {
  if (typeof options !== 'object' || options === null)
    throw new ConfigurationError([
      { option: 'options', got: options, allowed: 'must be given: issuer, clients, keys, store and certificate have no default' },
    ])
  const { issuer, mtlsOrigin, clients, store, certificate, nonce = 'off', nonceSecret, idToken, requestLifetime = 60 } = options
  const { publicUrl = issuer, endpoints: named = {}, outbound = {}, metadata = {}, pkce = 'both' } = options
  const faults: ConfigurationFault[] = []
  const insist = (holds: boolean, option: string, got: unknown, allowed: string) => {
    if (!holds) faults.push({ option, got, allowed })
  }
  insist(typeof policy?.decide === 'function', 'policy', typeof policy, 'must be a policy, of createPolicy()')
  insist(isHttpsUrl(issuer) && !/[?#]/.test(issuer), 'issuer', issuer, 'must be an https URL without query and fragment')
  insist(
    publicUrl === issuer || (isHttpsUrl(publicUrl) && !/[?#]/.test(publicUrl)),
    'publicUrl',
    publicUrl,
    'must be an https URL without query and fragment',
  )
  insist(
    mtlsOrigin === undefined || isOrigin(mtlsOrigin),
    'mtlsOrigin',
    mtlsOrigin,
    'must be an https origin, such as https://mtls.bank.example',
  )
  for (const [option, type] of Object.entries(REQUIRED)) {
    const got = options[option as keyof typeof REQUIRED]
    insist(typeof got === type && got !== null, option, typeof got, `must be given: nothing is guessed about it`)
  }
  insist(pkce === 'both' || pkce === 'here', 'pkce', pkce, "must be 'both' or 'here'")
  insist(nonce === 'off' || nonce === 'always', 'nonce', nonce, "must be 'off' or 'always'")
  insist(
    nonce !== 'always' || nonceSecret !== undefined,
    'nonceSecret',
    undefined,
    'must be at least 32 random octets where nonces are used',
  )
  insist(idToken === undefined || typeof idToken === 'function', 'idToken', typeof idToken, 'must be a function that answers with claims')
  insist(
    Number.isInteger(requestLifetime) && requestLifetime >= 5 && requestLifetime <= 600,
    'requestLifetime',
    requestLifetime,
    'must be from 5 to 600 seconds',
  )
  const missing = STORE_METHODS.filter((method) => typeof store?.[method] !== 'function')
  if (typeof store === 'object' && store !== null)
    insist(missing.length === 0, 'store', missing, 'must be a store of this package, or have these methods')
  for (const [option, got] of Object.entries({ endpoints: named, outbound, metadata }))
    insist(typeof got === 'object' && got !== null && !Array.isArray(got), option, got, 'must be an object')
  for (const [name, where] of Object.entries(named ?? {})) {
    insist(
      ENDPOINT_NAMES.some((known) => known === name),
      `endpoints.${name}`,
      where,
      `must be one of ${ENDPOINT_NAMES.join(', ')}`,
    )
    const isPlace = isText(where) && (where.startsWith('/') || isHttpsUrl(where)) && !/[?#]/.test(where)
    insist(isPlace, `endpoints.${name}`, where, 'must be a path or an https URL, without query and fragment')
  }
  if (faults.length > 0) throw new ConfigurationError(faults)

  const base = publicUrl.replace(/\/+$/, '')
  const absolute = Object.entries({ ...PATHS, ...named }).map(
    ([name, where]) => [name, where.startsWith('/') ? base + where : where] as const,
  )
  const endpoints = Object.fromEntries(absolute) as unknown as Endpoints
  const aliases = mtlsOrigin === undefined ? {} : aliasesOf(endpoints, mtlsOrigin)
  return Object.freeze({
    policy,
    issuer,
    endpoints,
    aliases,
    recipient: { issuer, endpoints: [...absolute.map(([, url]) => url), ...Object.values(aliases)] },
    async find(clientId: string) {
      const found = await clients(clientId)
      // Who finds another one than was asked for has lost its way. Whoever is suspended is no client until that ends.
      return found && found.client_id === clientId && !isSuspended(found) ? clientFacts(found) : undefined
    },
    keys: serverKeys(options.keys),
    keysOf: clientKeys(outbound),
    store,
    certificate,
    nonces: nonce === 'off' || !nonceSecret ? undefined : rollingNonces(nonceSecret),
    idToken,
    requestLifetime,
    handsOnPkce: pkce === 'both',
    metadata: { ...metadata },
  })
}

const isOrigin = (url: string) => isHttpsUrl(url) && new URL(url).origin === url.replace(/\/$/, '')

function aliasesOf(endpoints: Endpoints, origin: string): Record<string, string> {
  const moved = ALIASED.flatMap((name) => {
    const url = endpoints[name]
    return url === undefined ? [] : [[name, new URL(origin).origin + new URL(url).pathname] as const]
  })
  return Object.fromEntries(moved)
}
