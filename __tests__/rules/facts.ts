import { X509Certificate } from 'node:crypto'
import type { Client, ClientCertificate, Facts, Jwk, Jwt, Listener, Moment, Published, Server, Stage } from '../../lib/core/facts.js'
import { selfSigned } from '../readers/identity.js'

/** Every stage there is. */
export const STAGES: readonly Stage[] = [
  'configuration',
  'registration',
  'key',
  'authentication',
  'par',
  'authorization',
  'token',
  'issuance',
  'resource',
  'discovery',
  'tls',
]

/** When everything in these tables happens, in epoch seconds. */
export const NOW = 1_800_000_000
export const ISSUER = 'https://as.bank.example'
export const TOKEN_ENDPOINT = `${ISSUER}/token`
export const PAR_ENDPOINT = `${ISSUER}/par`
/** Some client certificate; rules only ask whether there is one. */
export const { certificate } = await selfSigned('CN=app')
/** A certificate as facts have it. */
export const shownCertificate = (x509: X509Certificate): ClientCertificate => ({ x509, chain: [], verified: false })

/** The public half of an RSA key whose modulus has that many bits, with zero octets in front of it if wanted. Nobody can sign with it. */
export function rsaKey(bits: number, zeroOctets = 0): Jwk {
  const modulus = Buffer.alloc(Math.ceil(bits / 8), 0xff)
  modulus[0] = 0xff >> (modulus.length * 8 - bits)
  return { kty: 'RSA', e: 'AQAB', n: Buffer.concat([Buffer.alloc(zeroOctets), modulus]).toString('base64url') }
}

export const ecKey = (crv: unknown): Jwk => ({ kty: 'EC', crv, x: 'AQ', y: 'AQ' })
export const edKey: Jwk = { kty: 'OKP', crv: 'Ed25519', x: 'AQ' }

const ALGORITHMS = ['PS256', 'ES256', 'EdDSA', 'Ed25519']

const server: Server = {
  issuer: ISSUER,
  exclusive: true,
  token_endpoint_auth_methods_supported: ['private_key_jwt', 'tls_client_auth', 'self_signed_tls_client_auth'],
  token_endpoint_auth_signing_alg_values_supported: ALGORITHMS,
  request_object_signing_alg_values_supported: ALGORITHMS,
  id_token_signing_alg_values_supported: ALGORITHMS,
  userinfo_signing_alg_values_supported: ALGORITHMS,
  authorization_signing_alg_values_supported: ALGORITHMS,
  introspection_signing_alg_values_supported: ALGORITHMS,
  dpop_signing_alg_values_supported: ALGORITHMS,
  dpop_replay_allowed: false,
  response_types_supported: ['code'],
  response_modes_supported: ['query', 'fragment', 'form_post', 'jwt'],
  request_parameter_supported: true,
  require_signed_request_object: true,
  pushed_authorization_requests_supported: true,
  require_pushed_authorization_requests: true,
  tls_client_certificate_bound_access_tokens: true,
  unregistered_redirect_uris_allowed: false,
  omitted_redirect_uri_allowed: false,
  query_access_tokens_allowed: false,
  refresh_token_rotation: false,
  development_pages: false,
  authorization_code_lifetime: 60,
  clock_tolerance: 10,
  fapi_checks: '2.0',
  client_defaults: { token_endpoint_auth_method: 'private_key_jwt', id_token_signed_response_alg: 'PS256' },
  jwks: { keys: [rsaKey(2048), ecKey('P-256')] },
}

/** What such a server publishes. */
export const publishedBy = (of: Server, metadata: Readonly<Record<string, unknown>> = {}): Published => ({
  ...of,
  asked: of.issuer,
  metadata: {
    issuer: of.issuer,
    authorization_endpoint: `${of.issuer}/auth`,
    token_endpoint: TOKEN_ENDPOINT,
    pushed_authorization_request_endpoint: PAR_ENDPOINT,
    jwks_uri: `${of.issuer}/jwks`,
    code_challenge_methods_supported: ['S256'],
    authorization_response_iss_parameter_supported: true,
    ...metadata,
  },
})

const listener: Listener = {
  host: 'as.bank.example:443',
  browsers: true,
  clients: true,
  versions: ['TLSv1.2', 'TLSv1.3'],
  refusedVersions: ['TLSv1', 'TLSv1.1'],
  preferred: 'TLSv1.3',
  ciphers: ['TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256', 'TLS_ECDHE_RSA_WITH_AES_256_GCM_SHA384'],
  untrusted: undefined,
  expires: NOW + 90 * 86_400,
  strictTransportSecurity: 'max-age=31536000; includeSubDomains',
  plain: 'nothing',
}

const client: Client = {
  client_id: 'app',
  application_type: 'web',
  token_endpoint_auth_method: 'private_key_jwt',
  redirect_uris: ['https://app.example/cb'],
  response_types: ['code'],
  response_modes: ['jwt'],
  jwks: { keys: [ecKey('P-256')] },
  jwks_uri: undefined,
  client_secret: undefined,
  dpop_bound_access_tokens: true,
  tls_client_certificate_bound_access_tokens: false,
  require_pushed_authorization_requests: true,
  require_signed_request_object: true,
}

const proof: Jwt = {
  header: { typ: 'dpop+jwt', alg: 'ES256', jwk: ecKey('P-256') },
  claims: { jti: 'p1', htm: 'POST', htu: TOKEN_ENDPOINT, iat: NOW },
}

const moment: Moment = {
  now: NOW,
  wire: { method: 'POST', url: new URL(TOKEN_ENDPOINT), headers: { dpop: 'a proof' }, certificate: undefined },
  client,
  recipient: { issuer: ISSUER, endpoints: [TOKEN_ENDPOINT, PAR_ENDPOINT] },
}

const request = {
  ...moment,
  params: {
    client_id: 'app',
    response_type: 'code',
    response_mode: 'jwt',
    redirect_uri: 'https://app.example/cb',
    scope: 'openid accounts',
    state: 'a state',
    nonce: 'a nonce',
    code_challenge: 'E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM',
    code_challenge_method: 'S256',
  },
  requestObject: {
    header: { typ: 'oauth-authz-req+jwt', alg: 'PS256' },
    claims: {
      iss: 'app',
      aud: ISSUER,
      iat: NOW,
      nbf: NOW,
      exp: NOW + 300,
      scope: 'openid accounts',
      redirect_uri: 'https://app.example/cb',
      response_type: 'code',
      nonce: 'a nonce',
    },
  },
}

/** Facts that break nothing in FAPI 2.0 Message Signing; tables say only in what their case differs. */
export const legalFacts: { readonly [S in Stage]: Facts[S] } = {
  configuration: { server },
  registration: { client },
  key: { client, key: ecKey('P-256') },
  authentication: {
    ...moment,
    assertion: {
      header: { typ: 'client-authentication+jwt', alg: 'PS256' },
      claims: { iss: 'app', sub: 'app', aud: ISSUER, jti: 'a1', iat: NOW, exp: NOW + 60 },
    },
  },
  par: { ...request, proof },
  authorization: { ...request, pushed: true },
  token: { ...moment, params: { grant_type: 'authorization_code', code: 'a code' }, proof },
  issuance: { ...moment, cnf: { jkt: 'a thumbprint' } },
  resource: {
    ...moment,
    proof: { ...proof, claims: { ...proof.claims, ath: 'a hash' } },
    token: { scheme: 'dpop', claims: { sub: 'user', cnf: { jkt: 'a thumbprint' } } },
  },
  discovery: { server: publishedBy(server) },
  tls: { now: NOW, listener },
}

type Leaf = string | number | boolean | null | undefined | URL | X509Certificate | readonly unknown[]
export type DeepPartial<T> = unknown extends T ? T : T extends Leaf ? T : { readonly [K in keyof T]?: DeepPartial<T[K]> | undefined }

/** Legal facts of a stage with some of them changed. Objects are merged; arrays and everything else are replaced. */
export const factsAt = <S extends Stage>(stage: S, changes: DeepPartial<Facts[S]>): Facts[S] =>
  merge(legalFacts[stage], changes) as Facts[S]

const isPlain = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value) && !(value instanceof URL) && !(value instanceof X509Certificate)

function merge(base: unknown, changes: unknown): unknown {
  if (!isPlain(changes)) return changes
  const changed = Object.entries(changes).map(([name, value]) => [name, merge(isPlain(base) ? base[name] : undefined, value)])
  return { ...(isPlain(base) ? base : {}), ...Object.fromEntries(changed) }
}
