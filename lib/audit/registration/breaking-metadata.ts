import { randomBytes } from 'node:crypto'
import type { Jwk } from '../../core/facts.js'
import type { Metadata } from '../../registration/metadata.js'
import { REDIRECT_URI } from './throwaway.js'

/** Compliant metadata with one thing changed. What must not be registered is not written here where the rules of the profile say it. */
export interface BreakingMetadata {
  /** Unique in its area; with the rule before it, the id of the finding. */
  readonly name: string
  /** What is registered: one line. */
  readonly title: string
  readonly change: (compliant: Metadata) => Metadata
  /** The named refusal of what no rule sees, and whether what was wrong stands in the answer of the server. */
  readonly refusal?: { readonly id: string; readonly stands: (answer: Metadata) => boolean; readonly advises?: boolean }
}

const row = (name: string, title: string, more: Metadata | ((compliant: Metadata) => Metadata)): BreakingMetadata => ({
  ...{ name, title },
  change: (compliant) => ({ ...compliant, ...(typeof more === 'function' ? more(compliant) : more) }),
})

const keysIn = ({ jwks }: Metadata): readonly Jwk[] =>
  typeof jwks === 'object' && jwks !== null && 'keys' in jwks && Array.isArray(jwks.keys) ? jwks.keys : []

const withKey = (compliant: Metadata, key: Jwk): Metadata => ({ jwks: { keys: [...keysIn(compliant), key] } })

/** A public RSA key of that size which nobody has the private part of: only its shape is looked at. */
function rsaKey(bits: number): Jwk {
  const modulus = randomBytes(bits / 8)
  modulus[0] = (modulus[0] ?? 0) | 0x80
  modulus[modulus.length - 1] = (modulus.at(-1) ?? 0) | 1
  return { kty: 'RSA', n: modulus.toString('base64url'), e: 'AQAB', kid: `audit-rsa-${bits}`, use: 'sig' }
}

/** A client that authenticates otherwise than with a key has no algorithm for it, and no token of its own. */
const authenticatingBy = (method: string) => (compliant: Metadata) => ({
  token_endpoint_auth_method: method,
  token_endpoint_auth_signing_alg: undefined,
  grant_types: [compliant.grant_types].flat().filter((grant) => grant !== 'client_credentials'),
})

/** What binds tokens, and what a client is held to. */
export const FLAGS = [
  'dpop_bound_access_tokens',
  'tls_client_certificate_bound_access_tokens',
  'require_pushed_authorization_requests',
  'require_signed_request_object',
] as const

/** Without the flags; whoever has to sign requests is known by its algorithm, too. */
export const withoutFlags = (metadata: Metadata): Metadata => ({
  ...metadata,
  ...Object.fromEntries(FLAGS.map((flag) => [flag, undefined])),
  request_object_signing_alg: undefined,
  token_endpoint_auth_signing_alg: undefined,
})

/** Without what is said of tokens and requests, as by a client that knows nothing of the profile. */
export const omittedFlags: BreakingMetadata = {
  name: 'flags-omitted',
  title: 'A client that says nothing of bound tokens, pushed and signed requests',
  change: withoutFlags,
}

const hasFragment = ({ redirect_uris: uris }: Metadata) => JSON.stringify(uris ?? []).includes('#')

/** What a server must not register for a client of the profile. */
export const breakingMetadata: readonly BreakingMetadata[] = [
  row('redirect-http', 'An http redirect URI', { redirect_uris: ['http://audit.example/cb'] }),
  row('redirect-localhost', 'A redirect URI of a web application on http://localhost', { redirect_uris: ['http://localhost/cb'] }),
  {
    ...row('redirect-fragment', 'A redirect URI with a fragment', { redirect_uris: [`${REDIRECT_URI}#fragment`] }),
    refusal: { id: 'redirect-uris-registrable', stands: hasFragment },
  },
  {
    ...row('redirect-none', 'No redirect URI, for a client that sends browsers', { redirect_uris: undefined }),
    refusal: { id: 'redirect-uris-registrable', stands: ({ redirect_uris: uris }) => [uris ?? []].flat().length === 0 },
  },
  row('jwks-uri-http', 'An http jwks_uri', { jwks: undefined, jwks_uri: 'http://audit.example/jwks.json' }),
  {
    ...row('two-key-sets', 'jwks and jwks_uri at once', { jwks_uri: 'https://audit.example/jwks.json' }),
    refusal: { id: 'client-keys', stands: ({ jwks, jwks_uri: uri }) => jwks !== undefined && uri !== undefined },
  },
  row('rsa-1024', 'An RSA key of 1024 bits', (compliant) => withKey(compliant, rsaKey(1024))),
  row('symmetric-key', 'A symmetric key in jwks', (compliant) =>
    withKey(compliant, { kty: 'oct', k: randomBytes(32).toString('base64url'), kid: 'audit-oct' }),
  ),
  row('public-client', 'A public client (token_endpoint_auth_method none)', authenticatingBy('none')),
  row('secret-basic', 'A client secret by HTTP Basic (client_secret_basic)', authenticatingBy('client_secret_basic')),
  row('assertion-rs256', 'RS256 for client assertions (token_endpoint_auth_signing_alg)', (compliant) => ({
    ...withKey(compliant, rsaKey(2048)),
    token_endpoint_auth_method: 'private_key_jwt',
    token_endpoint_auth_signing_alg: 'RS256',
  })),
  row('id-token-rs256', 'RS256 for ID tokens (id_token_signed_response_alg)', { id_token_signed_response_alg: 'RS256' }),
  row('request-object-rs256', 'RS256 for request objects (request_object_signing_alg)', (compliant) => ({
    ...withKey(compliant, rsaKey(2048)),
    request_object_signing_alg: 'RS256',
  })),
  row('response-type-token', 'The response type token', { response_types: ['token'], grant_types: ['implicit'] }),
  row('response-type-hybrid', 'The response type code id_token', {
    response_types: ['code id_token'],
    grant_types: ['authorization_code', 'implicit'],
  }),
  row('unbound', 'A client whose tokens are bound to nothing (both flags false)', {
    dpop_bound_access_tokens: false,
    tls_client_certificate_bound_access_tokens: false,
  }),
  row('push-false', 'require_pushed_authorization_requests: false', { require_pushed_authorization_requests: false }),
  row('sign-false', 'require_signed_request_object: false', { require_signed_request_object: false }),
  {
    ...row('statement-garbage', 'A software statement that is none', { software_statement: 'garbage' }),
    refusal: { id: 'software-statement', stands: ({ software_statement: statement }) => statement !== undefined, advises: true },
  },
]
