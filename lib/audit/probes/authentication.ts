import { randomUUID } from 'node:crypto'
import { urlOf } from '../../core/claims.js'
import { type Attempt, urlOfAttempt } from '../attempt.js'
import { legalRequest, legalTokenRequest, strangeCodeRequest } from '../legal.js'
import type { Probe } from '../probe.js'
import type { Scene } from '../scene.js'
import type { Draft } from '../signing.js'
import { NO_RSA_KEY, seconds, strangeKey, withClaims, withHeader, withRs256 } from './request-changes.js'
import { strangeCertificate } from './strange-certificate.js'

/** Where clients authenticate without a user: at the pushed authorization request endpoint, or else with a code that nobody was given. */
function authenticating(scene: Scene): Attempt | undefined {
  const request = legalRequest(scene)
  return request?.endpoint === 'par' ? request : atToken(scene)
}

const atToken = (scene: Scene): Attempt | undefined => legalTokenRequest(scene) ?? strangeCodeRequest(scene)

/** The token endpoint, where the other is tried as well: one may be looked after and the other not. */
const alsoAtToken = (scene: Scene): Attempt | undefined => (authenticating(scene)?.endpoint === 'par' ? atToken(scene) : undefined)

const ERRORS = ['invalid_client', 'invalid_request']

const probe = (name: string, title: string, change: Probe['change'], more: Partial<Probe> = {}): Probe => ({
  ...{ name, title, change, area: 'authentication', legal: authenticating, errors: ERRORS },
  ...more,
})

/** A client assertion, changed; the case does not arise for clients that send none. */
const assertion = (
  name: string,
  title: string,
  change: (assertion: Draft, scene: Scene) => Draft | string | undefined,
  more: Partial<Probe> = {},
): Probe =>
  probe(
    name,
    title,
    (legal, scene) => {
      const draft = legal.assertion && change(legal.assertion, scene)
      return typeof draft === 'string' ? draft : draft && { ...legal, assertion: draft }
    },
    more,
  )

const claim = (name: string, title: string, claims: (scene: Scene) => Readonly<Record<string, unknown>>, more: Partial<Probe> = {}) =>
  assertion(name, title, (draft, scene) => withClaims(draft, claims(scene)), more)

/**
 * An assertion for an endpoint is not handed to another host than that of the endpoint or the issuer: metadata that name the endpoint, or the issuer, of an
 * honest server would have the client authenticate there for whoever wrote them.
 */
const forEndpoint =
  (name: 'token_endpoint' | 'pushed_authorization_request_endpoint'): Probe['change'] =>
  (legal, scene) => {
    const [aud, issuer, to] = [urlOf(scene.metadata[name]), urlOf(scene.issuer), urlOfAttempt(scene, legal.endpoint)]
    if (!legal.assertion || !aud) return undefined
    if (![issuer?.origin, to?.origin].includes(aud.origin))
      return 'Not tried: the metadata place this endpoint at another host, and an assertion for that host is not handed to this one.'
    return { ...legal, assertion: withClaims(legal.assertion, { aud: scene.metadata[name] }) }
  }

const without = (legal: Attempt): Attempt => ({ ...legal, assertion: undefined, certificate: undefined })

/** With a new proof that says the same: so what is repeated is the assertion alone. */
const withNewProof = (attempt: Attempt): Attempt =>
  attempt.proof ? { ...attempt, proof: withClaims(attempt.proof, { jti: randomUUID() }) } : attempt

/** How clients say who they are, and what must not do. */
export const authenticationProbes: readonly Probe[] = [
  probe('none', 'A client_id and no authentication', without, { refusal: 'client-authenticated' }),
  probe(
    'secret',
    'A client secret that was never registered, by HTTP Basic',
    (legal, { party }) => {
      const basic = Buffer.from(`${encodeURIComponent(party?.client.client_id ?? '')}:wrong`).toString('base64')
      return { ...without(legal), headers: { ...legal.headers, authorization: `Basic ${basic}` } }
    },
    { refusal: 'client-authenticated' },
  ),
  probe(
    'two-ways',
    'A client assertion, and a client secret as well',
    (legal) => legal.assertion && { ...legal, params: { ...legal.params, client_secret: 'secret' } },
    { refusal: 'one-authentication-method', advises: true },
  ),
  probe(
    'other-client-id',
    'A client_id that is not that of the assertion',
    (legal) => legal.assertion && { ...legal, params: { ...legal.params, client_id: 'another-client' } },
    { refusal: 'client-identifiers-agree', errors: ['invalid_client', 'invalid_request', 'invalid_grant'] },
  ),

  claim('aud-array', 'A client assertion with aud as an array that has the issuer', ({ issuer }) => ({ aud: [issuer] }), { accepts: true }),
  probe('aud-token-endpoint', 'A client assertion with the token endpoint as aud', forEndpoint('token_endpoint'), { accepts: true }),
  probe(
    'aud-endpoint',
    'A client assertion with the pushed authorization request endpoint as aud',
    forEndpoint('pushed_authorization_request_endpoint'),
    { accepts: true },
  ),
  claim('aud-other', 'A client assertion for another server', () => ({ aud: 'https://other.example' }), { refusal: 'assertion-audience' }),
  claim('aud-none', 'A client assertion without aud', () => ({ aud: undefined })),
  claim('exp-past', 'A client assertion that expired five minutes ago', () => ({ iat: seconds() - 360, exp: seconds() - 300 }), {
    refusal: 'assertion-expired',
  }),
  claim('exp-none', 'A client assertion without exp', () => ({ exp: undefined })),
  claim('exp-ten-years', 'A client assertion that lives for ten years', () => ({ exp: seconds() + 10 * 365 * 86_400 })),
  claim('nbf-62', 'A client assertion made 62 seconds in the future', () => {
    const then = seconds() + 65
    return { iat: then, nbf: then, exp: then + 60 }
  }),
  claim(
    'nbf-8',
    'A client assertion made 8 seconds in the future',
    () => {
      const then = seconds() + 8
      return { iat: then, nbf: then, exp: then + 60 }
    },
    { accepts: true, advises: true },
  ),
  claim('sub-none', 'A client assertion without sub', () => ({ sub: undefined })),
  claim('sub-other', 'A client assertion for another client', () => ({ sub: 'another-client' })),
  claim('iss-other', 'A client assertion of another client', () => ({ iss: 'another-client' })),
  claim('jti-none', 'A client assertion without jti', () => ({ jti: undefined })),
  assertion('typ-other', 'A request object in place of a client assertion', (draft) => withHeader(draft, { typ: 'oauth-authz-req+jwt' })),
  assertion('alg-rs256', 'A client assertion signed with RS256', (draft, scene) => withRs256(draft, scene) ?? NO_RSA_KEY, {
    refusal: 'assertion-registered-alg',
  }),
  assertion('alg-none', 'A client assertion without signature (alg none)', (draft) => ({
    ...withHeader(draft, { alg: 'none' }),
    forged: 'none',
  })),
  assertion('alg-hmac', 'A client assertion with an HMAC made from the public key', (draft) => ({
    ...withHeader(draft, { alg: 'HS256' }),
    forged: 'hmac',
  })),
  assertion('signature', 'A client assertion with a broken signature', (draft) => ({ ...draft, forged: 'signature' }), {
    refusal: 'assertion-signature',
  }),
  assertion(
    'strange-key',
    'A client assertion signed with a key that was never registered',
    (draft) => ({
      ...withHeader(draft, { kid: undefined }),
      key: strangeKey(String(draft.header.alg)),
    }),
    { refusal: 'assertion-signature' },
  ),
  assertion(
    'strange-kid',
    'A client assertion that names a key which was never registered',
    (draft) => withHeader({ ...draft, key: strangeKey(String(draft.header.alg)) }, { kid: 'nobody-knows-this-key' }),
    {
      refusal: 'assertion-key',
    },
  ),
  assertion('again', 'The same client assertion twice, one after the other', (draft) => draft, {
    refusal: 'assertion-once',
    repeated: 'again',
    renew: withNewProof,
    advises: true,
  }),
  assertion('at-once', 'The same client assertion eight times at once', (draft) => draft, {
    refusal: 'assertion-once',
    repeated: 'at once',
    renew: withNewProof,
    advises: true,
  }),

  ...(
    [
      ['signature', 'with a broken signature', 'assertion-signature', (draft) => ({ ...draft, forged: 'signature' })],
      [
        'alg-none',
        'without signature (alg none)',
        'assertion-signature',
        (draft) => ({ ...withHeader(draft, { alg: 'none' }), forged: 'none' }),
      ],
      [
        'strange-key',
        'signed with a key that was never registered',
        'assertion-signature',
        (draft) => ({ ...withHeader(draft, { kid: undefined }), key: strangeKey(String(draft.header.alg)) }),
      ],
      ['aud-other', 'for another server', 'assertion-audience', (draft) => withClaims(draft, { aud: 'https://other.example' })],
      [
        'exp-past',
        'that expired five minutes ago',
        'assertion-expired',
        (draft) => withClaims(draft, { iat: seconds() - 360, exp: seconds() - 300 }),
      ],
      ['sub-none', 'without sub', 'assertion-claims', (draft) => withClaims(draft, { sub: undefined })],
    ] satisfies readonly (readonly [string, string, string, (draft: Draft) => Draft])[]
  ).map(([name, what, refusal, change]) =>
    assertion(`token-${name}`, `A client assertion ${what}, at the token endpoint`, change, { legal: alsoAtToken, refusal }),
  ),

  probe(
    'no-certificate',
    'No client certificate',
    (legal, scene) => (authenticatesByCertificate(scene) ? { ...legal, certificate: undefined } : undefined),
    {
      refusal: 'client-certificate',
    },
  ),
  probe(
    'strange-certificate',
    'A client certificate that was never registered, with the same subject',
    (legal, scene) =>
      authenticatesByCertificate(scene) && legal.certificate ? { ...legal, certificate: strangeCertificate(legal.certificate) } : undefined,
    { refusal: 'client-certificate' },
  ),
]

const authenticatesByCertificate = ({ party }: Scene) => party?.client.token_endpoint_auth_method.endsWith('tls_client_auth') ?? false
