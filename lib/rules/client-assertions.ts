import { isAhead, isText, isTime } from '../core/claims.js'
import type { Jwt } from '../core/facts.js'
import { defineRule } from '../core/rule.js'

export const assertionAudienceIsIssuer = defineRule({
  id: 'assertion-audience-is-issuer',
  summary: 'The audience of client assertions is the issuer, as a plain string.',
  mend: 'Set aud of the client assertion to the issuer of the server, letter by letter as issuer has it in the server metadata, as one string: no list, and not the URL of the token endpoint.',
  at: ['authentication'],
  check: ({ assertion, recipient }) =>
    !assertion || assertion.claims.aud === recipient.issuer ? undefined : 'aud of the client assertion must be the issuer, as a string',
})

const audiencesOf = ({ claims: { aud } }: Jwt): readonly unknown[] => (Array.isArray(aud) ? aud : [aud])

export const assertionAudienceIsServer = defineRule({
  id: 'assertion-audience-is-server',
  summary: 'The audience of client assertions names the issuer or an endpoint of this server.',
  mend: 'Set aud of the client assertion to the issuer, or to the URL of the token_endpoint or of the endpoint called, letter by letter as in the server metadata.',
  at: ['authentication'],
  check({ assertion, recipient }) {
    const names = [recipient.issuer, ...recipient.endpoints]
    if (!assertion || audiencesOf(assertion).some((aud) => isText(aud) && names.includes(aud))) return undefined
    return 'aud of the client assertion must be the issuer, the token endpoint or the endpoint called'
  },
})

/** RFC 7523 §3 item 4 lets a server refuse an unreasonably distant exp. Both limits are our own choice. */
export const assertionLifetime = (seconds: number, skewSeconds = 60) =>
  defineRule({
    id: 'assertion-lifetime',
    summary: `Client assertions live no longer than ${seconds / 60} minutes.`,
    mend: `Set exp of the client assertion to at most ${seconds / 60} minutes after now, in seconds since 1970 (60 seconds do), and make a new assertion for each request.`,
    at: ['authentication'],
    check({ assertion, now }) {
      if (!assertion) return undefined
      const { exp, iat } = assertion.claims
      if (!isTime(exp)) return 'exp is required in the client assertion'
      const tooLong = exp - now > seconds + skewSeconds || (isTime(iat) && exp - iat > seconds + skewSeconds)
      return tooLong ? `exp of the client assertion must lie at most ${seconds / 60} minutes ahead` : undefined
    },
  })

/** FAPI2-SP-5.3.2.1-13: up to 10 seconds ahead must pass and more than 60 must not; between is our choice. */
export const assertionClock = (seconds: number) =>
  defineRule({
    id: 'assertion-clock',
    summary: `iat and nbf of client assertions lie at most ${seconds} seconds in the future.`,
    mend: `Set iat (and nbf, if it is there) of the client assertion to now, in seconds since 1970 and not in milliseconds, and keep the clock right with NTP: ${seconds} seconds ahead are the most.`,
    at: ['authentication'],
    check: ({ assertion, now }) =>
      assertion && [assertion.claims.iat, assertion.claims.nbf].some((time) => isAhead(time, now, seconds))
        ? `iat and nbf of the client assertion must lie at most ${seconds} seconds in the future`
        : undefined,
  })

export const assertionSubject = defineRule({
  id: 'assertion-subject',
  summary: 'iss and sub of client assertions are the client_id, and a jti is there.',
  mend: 'Set iss and sub of the client assertion both to the client_id, and jti to a new random value for each assertion.',
  at: ['authentication'],
  check({ assertion, client }) {
    if (!assertion) return undefined
    const { iss, sub, jti } = assertion.claims
    if (iss !== client.client_id || sub !== client.client_id) return 'iss and sub of the client assertion must be the client_id'
    return isText(jti) ? undefined : 'jti is required in the client assertion'
  },
})

const ASSERTION_TYPES = /^(application\/)?(jwt|client-authentication\+jwt)$/i

/** RFC 10070 names the type and advises against demanding it; a type that says something else is another kind of JWT. */
export const assertionType = defineRule({
  id: 'assertion-type',
  summary: 'Client assertions are typed client-authentication+jwt, JWT, or not at all.',
  mend: 'Set typ in the header of the client assertion to client-authentication+jwt or JWT, or leave it out.',
  at: ['authentication'],
  check: ({ assertion }) =>
    !assertion || isAssertionType(assertion) ? undefined : 'typ of the client assertion must be client-authentication+jwt',
})

const isAssertionType = ({ header: { typ } }: Jwt) => typ === undefined || (typeof typ === 'string' && ASSERTION_TYPES.test(typ))
