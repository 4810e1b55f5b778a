import type { Attempt } from '../attempt.js'
import { legalRequest, legalSignedRequest } from '../legal.js'
import type { Probe } from '../probe.js'
import type { Scene } from '../scene.js'
import type { Draft } from '../signing.js'
import { NO_RSA_KEY, paramOf, seconds, strangeKey, withClaims, withHeader, withParams, withRs256 } from './request-changes.js'

/** What an authorization request may be refused with; faults of a request object have an error of their own. */
const ERRORS = ['invalid_request', 'invalid_request_object']
const TYPE_ERRORS = [...ERRORS, 'unsupported_response_type', 'unauthorized_client', 'unsupported_response_mode']
const OBJECT_ERRORS = ['invalid_request_object']

const request = (name: string, title: string, change: Probe['change'], more: Partial<Probe> = {}): Probe => ({
  ...{ name, title, change, area: 'par', legal: legalRequest, errors: ERRORS },
  ...more,
})

type Params = Readonly<Record<string, string | undefined>>

/** A legal request with other parameters, wherever they count. */
const params = (name: string, title: string, change: (legal: Attempt, scene: Scene) => Params, more: Partial<Probe> = {}) =>
  request(name, title, (legal, scene) => withParams(legal, change(legal, scene)), more)

/** A legal request whose request object is changed; the case does not arise for clients that send none. */
const object = (
  name: string,
  title: string,
  change: (object: Draft, scene: Scene) => Draft | string | undefined,
  more: Partial<Probe> = {},
) =>
  request(
    `object-${name}`,
    title,
    (legal, scene) => {
      const draft = legal.requestObject && change(legal.requestObject, scene)
      return typeof draft === 'string' ? draft : draft && { ...legal, requestObject: draft }
    },
    { legal: legalSignedRequest, errors: OBJECT_ERRORS, ...more },
  )

const claims = (name: string, title: string, change: (scene: Scene) => Readonly<Record<string, unknown>>, more: Partial<Probe> = {}) =>
  object(name, title, (draft, scene) => withClaims(draft, change(scene)), more)

const LONG_STATE = 'a'.repeat(1000)

/** Authorization requests, pushed where they can be, and what must not be taken. */
export const requestProbes: readonly Probe[] = [
  request('legal', 'A request that breaks nothing', (legal) => legal, { accepts: true }),
  params('no-state', 'A request without state', () => ({ state: undefined }), { accepts: true }),
  params('no-nonce', 'A request without nonce', () => ({ nonce: undefined }), { accepts: true }),
  params('nonce-64', 'A nonce of 64 characters', () => ({ nonce: 'n'.repeat(64) }), { accepts: true, advises: '1.0' }),
  params('state-1000', 'A state of 1000 characters', () => ({ state: LONG_STATE }), { accepts: true, advises: true }),
  params('pkce-none', 'A request without code_challenge', () => ({ code_challenge: undefined, code_challenge_method: undefined })),
  params('pkce-plain', 'A request with code_challenge_method plain', () => ({ code_challenge_method: 'plain' })),
  params('pkce-no-method', 'A request without code_challenge_method', () => ({ code_challenge_method: undefined })),
  params('type-token', 'response_type token', () => ({ response_type: 'token', response_mode: undefined }), { errors: TYPE_ERRORS }),
  request('type-id-token', 'response_type code id_token', (legal, scene) => asked(legal, scene, 'code id_token'), {
    accepts: true,
    errors: TYPE_ERRORS,
  }),
  request('type-code', 'response_type code, answered in plain parameters', (legal, scene) => asked(legal, scene, 'code'), {
    accepts: true,
    errors: TYPE_ERRORS,
  }),
  params('redirect-none', 'A request without redirect_uri', () => ({ redirect_uri: undefined })),
  params('redirect-other', 'A redirect_uri that was never registered', () => ({ redirect_uri: 'https://attacker.example/cb' }), {
    refusal: 'redirect-uri-of-client',
    advises: true,
  }),
  params(
    'redirect-query',
    'The registered redirect_uri with a parameter more',
    (legal) => ({ redirect_uri: `${paramOf(legal, 'redirect_uri')}?more=1` }),
    {
      refusal: 'redirect-uri-of-client',
      advises: true,
    },
  ),
  params('redirect-http', 'A redirect_uri by plain http', (legal) => ({
    redirect_uri: String(paramOf(legal, 'redirect_uri')).replace('https:', 'http:'),
  })),
  request(
    'request-uri',
    'A push that contains a request_uri',
    (legal) =>
      legal.endpoint === 'par'
        ? { ...legal, params: { ...legal.params, request_uri: 'urn:ietf:params:oauth:request_uri:nothing' } }
        : undefined,
    { refusal: 'request-uri-pushed', errors: [...ERRORS, 'request_uri_not_supported'] },
  ),
  request('unsigned', 'The parameters as they are, without a request object', (legal) => {
    if (!legal.requestObject) return undefined
    const plain = Object.entries(legal.requestObject.claims).filter(
      ([name, value]) => typeof value === 'string' && !JWT_CLAIMS.includes(name),
    )
    return { ...legal, requestObject: undefined, params: Object.fromEntries(plain) as Attempt['params'] }
  }),

  object('rs256', 'A request object signed with RS256', (draft, scene) => withRs256(draft, scene) ?? NO_RSA_KEY, {
    refusal: 'request-object-registered-alg',
  }),
  object('none', 'A request object without signature (alg none)', (draft) => ({ ...withHeader(draft, { alg: 'none' }), forged: 'none' })),
  object('hmac', 'A request object with an HMAC made from the public key', (draft) => ({
    ...withHeader(draft, { alg: 'HS256' }),
    forged: 'hmac',
  })),
  object('signature', 'A request object with a broken signature', (draft) => ({ ...draft, forged: 'signature' }), {
    refusal: 'request-object-signature',
  }),
  object(
    'strange-key',
    'A request object signed with a key that was never registered',
    (draft) => ({
      ...withHeader(draft, { kid: undefined }),
      key: strangeKey(String(draft.header.alg)),
    }),
    { refusal: 'request-object-signature', errors: ERRORS },
  ),
  claims('no-exp', 'A request object without exp', () => ({ exp: undefined })),
  claims('no-nbf', 'A request object without nbf', () => ({ nbf: undefined })),
  claims('no-aud', 'A request object without aud', () => ({ aud: undefined })),
  claims('no-scope', 'A request object without scope', () => ({ scope: undefined }), { errors: ERRORS }),
  claims('expired', 'A request object that expired five minutes ago', () => ({
    iat: seconds() - 600,
    nbf: seconds() - 600,
    exp: seconds() - 300,
  })),
  claims('two-hours', 'A request object that lives for two hours', () => ({ exp: seconds() + 7200 })),
  claims('old', 'A request object made ninety minutes ago', () => ({ iat: seconds() - 5400, nbf: seconds() - 5400, exp: seconds() + 300 })),
  claims('nbf-62', 'A request object made 62 seconds in the future', () => ({ iat: seconds() + 65, nbf: seconds() + 65 })),
  claims('nbf-8', 'A request object made 8 seconds in the future', () => ({ iat: seconds() + 8, nbf: seconds() + 8 }), {
    accepts: true,
    advises: true,
  }),
  claims('aud-other', 'A request object for another server', () => ({ aud: 'https://other.example' })),
  claims('aud-two', 'A request object for this server and another', ({ issuer }) => ({ aud: [issuer, 'https://other.example'] }), {
    accepts: true,
  }),
  claims('client-other', 'A request object of another client', () => ({ iss: 'another-client', client_id: 'another-client' }), {
    refusal: 'request-object-client',
    errors: [...ERRORS, 'invalid_client'],
  }),
  claims(
    'request-uri',
    'A request object that contains a request_uri',
    () => ({ request_uri: 'urn:ietf:params:oauth:request_uri:nothing' }),
    {
      refusal: 'request-object-flat',
    },
  ),
  object('assertion', 'A client assertion in place of a request object', (draft, { party }) =>
    withClaims(withHeader(draft, { typ: 'client-authentication+jwt' }), { sub: party?.client.client_id }),
  ),
]

/** FAPI 1.0 has two response types, of which a client need not be registered for both; in FAPI 2.0 none but code may be taken from anybody. */
function asked(legal: Attempt, { profile, party }: Scene, type: string): Attempt | undefined {
  const isOpen = profile.generation === '1.0' && !party?.client.response_types.includes(type)
  return isOpen ? undefined : withParams(legal, { response_type: type, ...(profile.generation === '1.0' && { response_mode: undefined }) })
}

const JWT_CLAIMS = ['iss', 'aud', 'jti']
