import { isAhead, isText, isTime } from '../core/claims.js'
import type { AuthorizationRequest, Jwt } from '../core/facts.js'
import { defineRule, type Rule } from '../core/rule.js'
import { signsRequests } from './clients.js'

type RequestObjectRule = Rule<'par' | 'authorization'>

/** A rule about the inside of a request object; where there is none it has nothing to say. */
const insideRequestObject = (
  id: string,
  summary: string,
  mend: string,
  check: (object: Jwt, request: AuthorizationRequest) => string | undefined,
): RequestObjectRule =>
  defineRule({
    id,
    summary,
    mend,
    at: ['par', 'authorization'],
    error: 'invalid_request_object',
    check: (request) => request.requestObject && check(request.requestObject, request),
  })

const SIGN_THE_REQUEST =
  'Put all parameters of the authorization request as claims into a JWT, sign it with a key of the registered jwks or jwks_uri, and send it as the parameter request. Libraries call this JAR.'

export const signedRequests = defineRule({
  id: 'signed-requests',
  summary: 'Authorization requests come as a signed request object.',
  mend: SIGN_THE_REQUEST,
  at: ['par', 'authorization'],
  check: ({ requestObject }) => (requestObject ? undefined : 'a signed request object is required'),
})

export const signedRequestsForSigners = defineRule({
  id: 'signed-requests-for-signers',
  summary: 'Clients registered to sign their requests do sign them.',
  mend: SIGN_THE_REQUEST,
  at: ['par', 'authorization'],
  check: ({ requestObject, client }) => (requestObject || !signsRequests(client) ? undefined : 'a signed request object is required'),
})

export const requestObjectExp = insideRequestObject(
  'request-object-exp',
  'Request objects carry exp, and it has not come yet.',
  'Set exp of the request object to a time ahead, in seconds since 1970, such as now + 300. Make a new request object for each request, and keep the clock right with NTP.',
  ({ claims }, { now }) => {
    if (!isTime(claims.exp)) return 'exp is required in the request object'
    return claims.exp > now ? undefined : 'the request object has expired'
  },
)

export const requestObjectNbf = insideRequestObject(
  'request-object-nbf',
  'Request objects carry nbf.',
  'Set nbf of the request object to now, in seconds since 1970.',
  ({ claims }) => (isTime(claims.nbf) ? undefined : 'nbf is required in the request object'),
)

export const requestObjectLifetime = (seconds: number) =>
  insideRequestObject(
    'request-object-lifetime',
    `exp lies at most ${seconds / 60} minutes after nbf.`,
    `Set nbf of the request object to now and exp to now + 300, in seconds since 1970. exp - nbf must be more than 0 and at most ${seconds}.`,
    ({ claims: { exp, nbf } }) => {
      if (!isTime(exp) || !isTime(nbf)) return undefined
      if (exp <= nbf) return 'exp must lie after nbf in the request object'
      return exp - nbf <= seconds ? undefined : `exp must lie at most ${seconds / 60} minutes after nbf in the request object`
    },
  )

export const requestObjectAge = (seconds: number) =>
  insideRequestObject(
    'request-object-age',
    `nbf lies at most ${seconds / 60} minutes in the past.`,
    'Make the request object right before it is sent, with nbf = now in seconds since 1970, and keep the clock right with NTP.',
    ({ claims: { nbf } }, { now }) =>
      isTime(nbf) && now - nbf > seconds ? `nbf must lie at most ${seconds / 60} minutes in the past in the request object` : undefined,
  )

/** FAPI2-SP-5.3.2.1-13: up to 10 seconds ahead must pass and more than 60 must not; between is our choice. */
export const requestObjectClock = (seconds: number) =>
  insideRequestObject(
    'request-object-clock',
    `iat and nbf lie at most ${seconds} seconds in the future.`,
    `Set iat and nbf of the request object to now, in seconds since 1970 and not in milliseconds, and keep the clock right with NTP: ${seconds} seconds ahead are the most.`,
    ({ claims: { iat, nbf } }, { now }) =>
      [iat, nbf].some((time) => isAhead(time, now, seconds))
        ? `iat and nbf must lie at most ${seconds} seconds in the future in the request object`
        : undefined,
  )

export const requestObjectAudience = insideRequestObject(
  'request-object-audience',
  'The audience of request objects is the issuer, alone or in an array.',
  'Set aud of the request object to the issuer of the server, letter by letter as issuer has it in the server metadata, and not to the URL of an endpoint.',
  ({ claims: { aud } }, { recipient }) =>
    [aud].flat().includes(recipient.issuer) ? undefined : 'aud of the request object must be the issuer, or an array that contains it',
)

const REQUEST_OBJECT_TYPES = /^(application\/)?(oauth-authz-req\+jwt|jwt)$/i

export const requestObjectType = insideRequestObject(
  'request-object-type',
  'Request objects are typed oauth-authz-req+jwt, JWT, or not at all; case does not matter.',
  'Set typ in the header of the request object to oauth-authz-req+jwt.',
  ({ header: { typ } }) =>
    typ === undefined || (typeof typ === 'string' && REQUEST_OBJECT_TYPES.test(typ))
      ? undefined
      : 'typ of the request object must be oauth-authz-req+jwt',
)

export const requestObjectNotAssertion = insideRequestObject(
  'request-object-not-assertion',
  'A request object could not pass for a client assertion: its sub is not the client.',
  'Leave sub out of the request object. The client_id belongs into its claims client_id and iss.',
  ({ claims: { sub } }, { client }) =>
    sub !== undefined && sub === client.client_id ? 'sub of the request object must not be the client_id' : undefined,
)

/** One rule per claim, so that each can be named and waived. The provider uses nothing from outside; these say what must be inside. */
export const requestObjectClaim = (claim: string, why = '') =>
  insideRequestObject(
    `request-object-${claim.replaceAll('_', '-')}`,
    `Request objects carry ${claim}${why}.`,
    `Put ${claim} into the claims of the request object: what is sent beside it as a plain parameter does not count.`,
    ({ claims }) => (isText(claims[claim]) ? undefined : `${claim} is required in the request object`),
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
