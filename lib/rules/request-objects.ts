import { isAhead, isText, isTime } from '../core/claims.js'
import type { AuthorizationRequest, Jwt } from '../core/facts.js'
import { defineRule, type Rule } from '../core/rule.js'
import { signsRequests } from './clients.js'

type RequestObjectRule = Rule<'par' | 'authorization'>

/** A rule about the inside of a request object; where there is none it has nothing to say. */
const insideRequestObject = (
  id: string,
  summary: string,
  check: (object: Jwt, request: AuthorizationRequest) => string | undefined,
): RequestObjectRule =>
  defineRule({
    id,
    summary,
    at: ['par', 'authorization'],
    error: 'invalid_request_object',
    check: (request) => request.requestObject && check(request.requestObject, request),
  })

export const signedRequests = defineRule({
  id: 'signed-requests',
  summary: 'Authorization requests come as a signed request object.',
  at: ['par', 'authorization'],
  check: ({ requestObject }) => (requestObject ? undefined : 'a signed request object is required'),
})

export const signedRequestsForSigners = defineRule({
  id: 'signed-requests-for-signers',
  summary: 'Clients registered to sign their requests do sign them.',
  at: ['par', 'authorization'],
  check: ({ requestObject, client }) => (requestObject || !signsRequests(client) ? undefined : 'a signed request object is required'),
})

export const requestObjectExp = insideRequestObject(
  'request-object-exp',
  'Request objects carry exp, and it has not come yet.',
  ({ claims }, { now }) => {
    if (!isTime(claims.exp)) return 'exp is required in the request object'
    return claims.exp > now ? undefined : 'the request object has expired'
  },
)

export const requestObjectNbf = insideRequestObject('request-object-nbf', 'Request objects carry nbf.', ({ claims }) =>
  isTime(claims.nbf) ? undefined : 'nbf is required in the request object',
)

export const requestObjectLifetime = (seconds: number) =>
  insideRequestObject('request-object-lifetime', `exp lies at most ${seconds / 60} minutes after nbf.`, ({ claims: { exp, nbf } }) => {
    if (!isTime(exp) || !isTime(nbf)) return undefined
    if (exp <= nbf) return 'exp must lie after nbf in the request object'
    return exp - nbf <= seconds ? undefined : `exp must lie at most ${seconds / 60} minutes after nbf in the request object`
  })

export const requestObjectAge = (seconds: number) =>
  insideRequestObject('request-object-age', `nbf lies at most ${seconds / 60} minutes in the past.`, ({ claims: { nbf } }, { now }) =>
    isTime(nbf) && now - nbf > seconds ? `nbf must lie at most ${seconds / 60} minutes in the past in the request object` : undefined,
  )

/** FAPI2-SP-5.3.2.1-13: up to 10 seconds ahead must pass and more than 60 must not; between is our choice. */
export const requestObjectClock = (seconds: number) =>
  insideRequestObject(
    'request-object-clock',
    `iat and nbf lie at most ${seconds} seconds in the future.`,
    ({ claims: { iat, nbf } }, { now }) =>
      [iat, nbf].some((time) => isAhead(time, now, seconds))
        ? `iat and nbf must lie at most ${seconds} seconds in the future in the request object`
        : undefined,
  )

export const requestObjectAudience = insideRequestObject(
  'request-object-audience',
  'The audience of request objects is the issuer, alone or in an array.',
  ({ claims: { aud } }, { recipient }) =>
    [aud].flat().includes(recipient.issuer) ? undefined : 'aud of the request object must be the issuer, or an array that contains it',
)

const REQUEST_OBJECT_TYPES = /^(application\/)?(oauth-authz-req\+jwt|jwt)$/i

export const requestObjectType = insideRequestObject(
  'request-object-type',
  'Request objects are typed oauth-authz-req+jwt, JWT, or not at all; case does not matter.',
  ({ header: { typ } }) =>
    typ === undefined || (typeof typ === 'string' && REQUEST_OBJECT_TYPES.test(typ))
      ? undefined
      : 'typ of the request object must be oauth-authz-req+jwt',
)

export const requestObjectNotAssertion = insideRequestObject(
  'request-object-not-assertion',
  'A request object could not pass for a client assertion: its sub is not the client.',
  ({ claims: { sub } }, { client }) =>
    sub !== undefined && sub === client.client_id ? 'sub of the request object must not be the client_id' : undefined,
)

/** One rule per claim, so that each can be named and waived. The provider uses nothing from outside; these say what must be inside. */
export const requestObjectClaim = (claim: string, why = '') =>
  insideRequestObject(`request-object-${claim.replaceAll('_', '-')}`, `Request objects carry ${claim}${why}.`, ({ claims }) =>
    isText(claims[claim]) ? undefined : `${claim} is required in the request object`,
  )

/** What a request object is held to even where a profile does not require one: its times, its audience, and that it is no other kind of JWT. */
export const anyRequestObject: readonly RequestObjectRule[] = [
  requestObjectExp,
  requestObjectNbf,
  requestObjectLifetime(3600),
  requestObjectAge(3600),
  requestObjectAudience,
  requestObjectType,
  requestObjectNotAssertion,
]
