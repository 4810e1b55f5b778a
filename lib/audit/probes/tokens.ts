import { randomUUID } from 'node:crypto'
import type { Attempt } from '../attempt.js'
import { legalTokenRequest, strangeCodeRequest } from '../legal.js'
import type { Probe } from '../probe.js'
import type { Draft } from '../signing.js'
import { NO_RSA_KEY, seconds, strangeKey, withClaims, withHeader, withRs256 } from './request-changes.js'

const token = (name: string, title: string, change: Probe['change'], more: Partial<Probe> = {}): Probe => ({
  ...{ name, title, change, area: 'token', legal: legalTokenRequest },
  ...more,
})

/** What a profile with sender-constrained tokens refuses. */
export const unboundToken: Probe = token('unbound', 'A token request without proof of possession', (legal, { party }) => ({
  ...legal,
  proof: undefined,
  // Without it nobody would be authenticated, and that is another thing.
  certificate: party?.client.token_endpoint_auth_method.endsWith('tls_client_auth') ? legal.certificate : undefined,
}))

/** The token endpoint, as far as it can be tried without a user. */
export const tokenProbes: readonly Probe[] = [
  token('client-credentials', 'client_credentials, with everything that belongs to it', (legal) => legal, { accepts: true }),
  unboundToken,
  token(
    'password',
    'The resource owner password credentials grant',
    (legal) => ({
      ...legal,
      params: { ...legal.params, grant_type: 'password', username: 'user', password: 'password' },
    }),
    { errors: ['unsupported_grant_type', 'unauthorized_client', 'invalid_request', 'invalid_grant'], refusal: 'grant-type-known' },
  ),
  token(
    'strange-grant',
    'A grant type that does not exist',
    (legal) => ({ ...legal, params: { ...legal.params, grant_type: 'urn:example:nothing' } }),
    {
      refusal: 'grant-type-known',
      errors: ['unsupported_grant_type', 'invalid_request', 'unauthorized_client'],
    },
  ),
  token('get', 'A token request by GET', (legal) => ({ ...legal, method: 'GET' }), { refusal: 'method-allowed' }),
  {
    name: 'rs256',
    title: 'A client assertion signed with RS256 at the token endpoint',
    area: 'token',
    legal: strangeCodeRequest,
    change: (legal, scene) => {
      const assertion = legal.assertion && withRs256(legal.assertion, scene)
      return legal.assertion && (assertion ? { ...legal, assertion } : NO_RSA_KEY)
    },
    errors: ['invalid_client'],
  },
  {
    name: 'token-none',
    title: 'A client_id and no authentication at the token endpoint',
    area: 'token',
    legal: strangeCodeRequest,
    change: (legal) => ({ ...legal, assertion: undefined, certificate: undefined }),
    refusal: 'client-authenticated',
    errors: ['invalid_client', 'invalid_request'],
  },
]

const PROOF_ERRORS = ['invalid_dpop_proof', 'use_dpop_nonce', 'invalid_request', 'invalid_grant']

const proof = (name: string, title: string, change: (proof: Draft) => Draft, more: Partial<Probe> = {}): Probe => ({
  ...{ name, title, area: 'dpop', legal: legalTokenRequest, errors: PROOF_ERRORS },
  change: (legal) => legal.proof && { ...legal, proof: change(legal.proof) },
  ...more,
})

const proofClaims = (name: string, title: string, claims: () => Readonly<Record<string, unknown>>, more: Partial<Probe> = {}) =>
  proof(name, title, (draft) => withClaims(draft, claims()), more)

/** With a new assertion that says the same: so what is repeated is the proof alone. */
const withNewAssertion = (attempt: Attempt): Attempt =>
  attempt.assertion ? { ...attempt, assertion: withClaims(attempt.assertion, { jti: randomUUID() }) } : attempt

/** DPoP proofs at the token endpoint (RFC 9449 §4.3). */
export const proofProbes: readonly Probe[] = [
  proofClaims('htm', 'A proof for another method', () => ({ htm: 'GET' }), { refusal: 'dpop-method' }),
  proofClaims('htu', 'A proof for another URL', () => ({ htu: 'https://other.example/token' }), { refusal: 'dpop-url' }),
  proof('htu-query', 'A proof whose URL has a query', (draft) => withClaims(draft, { htu: `${draft.claims.htu}?a=b` })),
  proofClaims('iat-none', 'A proof without iat', () => ({ iat: undefined }), { refusal: 'dpop-time' }),
  proofClaims('iat-hour', 'A proof made an hour ago', () => ({ iat: seconds() - 3600 }), { refusal: 'dpop-time' }),
  proofClaims('iat-ahead', 'A proof made an hour in the future', () => ({ iat: seconds() + 3600 }), { refusal: 'dpop-time' }),
  proofClaims('iat-10-before', 'A proof made ten seconds ago', () => ({ iat: seconds() - 10 }), { accepts: true }),
  proofClaims('iat-10-after', 'A proof made ten seconds in the future', () => ({ iat: seconds() + 10 }), { accepts: true }),
  proofClaims('nbf-exp', 'A proof with nbf and exp', () => ({ nbf: seconds(), exp: seconds() + 60 }), { accepts: true }),
  proofClaims('jti-none', 'A proof without jti', () => ({ jti: undefined }), { refusal: 'dpop-proof-readable' }),
  proof('typ', 'A proof that is typed JWT', (draft) => withHeader(draft, { typ: 'JWT' }), { refusal: 'dpop-proof-readable' }),
  proof('jwk-none', 'A proof that shows no key', (draft) => withHeader(draft, { jwk: undefined }), { refusal: 'dpop-proof-readable' }),
  proof('jwk-private', 'A proof that shows its private key', (draft) => withHeader(draft, { jwk: draft.key }), { refusal: 'dpop-key' }),
  proof('none', 'A proof without signature (alg none)', (draft) => ({ ...withHeader(draft, { alg: 'none' }), forged: 'none' }), {
    refusal: 'dpop-signature',
  }),
  proof('hmac', 'A proof with an HMAC', (draft) => ({ ...withHeader(draft, { alg: 'HS256' }), forged: 'hmac' }), {
    refusal: 'dpop-signature',
  }),
  proof('signature', 'A proof with a broken signature', (draft) => ({ ...draft, forged: 'signature' }), { refusal: 'dpop-signature' }),
  proof(
    'strange-key',
    'A proof signed with another key than it shows',
    (draft) => ({ ...draft, key: strangeKey(String(draft.header.alg)) }),
    {
      refusal: 'dpop-signature',
    },
  ),
  ...(['again', 'at once'] as const).map(
    (repeated): Probe => ({
      name: repeated.replace(' ', '-'),
      title:
        repeated === 'again'
          ? 'The same proof twice, with a new client assertion'
          : 'The same proof eight times at once, each with a new client assertion',
      area: 'dpop',
      legal: legalTokenRequest,
      change: (legal) => legal.proof && legal,
      refusal: 'dpop-once',
      repeated,
      renew: withNewAssertion,
      // RFC 9449 §11.1 has servers remember jti, and does not insist.
      advises: true,
      errors: PROOF_ERRORS,
    }),
  ),
]
