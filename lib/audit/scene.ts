import { isText, urlOf } from '../core/claims.js'
import type { Client, Jwk } from '../core/facts.js'
import type { Profile } from '../core/profile.js'
import type { CertificateWithKey, Exchange } from './exchange.js'

/** Everything that probes work with. */
export interface Scene {
  readonly profile: Profile
  readonly issuer: string
  /** The server's metadata (RFC 8414). */
  readonly metadata: Readonly<Record<string, unknown>>
  readonly send: Exchange
  /** The client that the audit acts as; `undefined` without credentials. */
  readonly party: Party | undefined
  /** A protected resource of the server; `undefined` where none was named. */
  readonly resource: URL | undefined
  readonly initialAccessToken: string | undefined
}

/** A client, with all that it takes to act as it. */
export interface Party {
  readonly client: Client
  /** Signs client assertions and request objects, where the client has such keys. */
  readonly signing: SigningKey | undefined
  /** All its private keys. */
  readonly keys: readonly Jwk[]
  readonly certificate: CertificateWithKey | undefined
  /** A key for DPoP proofs, made for this audit. */
  readonly proofKey: SigningKey
}

/** A private JWK and the algorithm it is used with. */
export interface SigningKey {
  readonly key: Jwk
  readonly alg: string
}

export type EndpointName =
  | 'authorization_endpoint'
  | 'token_endpoint'
  | 'pushed_authorization_request_endpoint'
  | 'registration_endpoint'
  | 'introspection_endpoint'
  | 'revocation_endpoint'
  | 'userinfo_endpoint'

/** Where an endpoint is; a client with a certificate goes to its alias where there is one (RFC 8705 §5). */
export function endpointOf({ metadata, party }: Pick<Scene, 'metadata' | 'party'>, name: EndpointName): URL | undefined {
  const { mtls_endpoint_aliases: aliases } = metadata
  const alias = party?.certificate && isThing(aliases) ? urlOf(aliases[name]) : undefined
  return alias ?? urlOf(metadata[name])
}

/** All URLs that the server has for the endpoints that clients authenticate at. */
export const endpointsOf = ({ metadata }: Pick<Scene, 'metadata'>): readonly string[] =>
  (['token_endpoint', 'pushed_authorization_request_endpoint'] as const).flatMap((name) => {
    const { mtls_endpoint_aliases: aliases } = metadata
    return [metadata[name], isThing(aliases) ? aliases[name] : undefined].filter(isText)
  })

const isThing = (value: unknown): value is Readonly<Record<string, unknown>> => typeof value === 'object' && value !== null
