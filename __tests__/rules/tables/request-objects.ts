import * as rules from '../../../lib/rules/request-objects.js'
import { ISSUER, NOW, PAR_ENDPOINT } from '../facts.js'
import { type RuleTable, ruleTable } from '../support.js'

type Claims = Readonly<Record<string, unknown>>

const withClaims = (claims: Claims) => ['par', { requestObject: { claims } }] as const
const wrongClaims = (claims: Claims, says: string) =>
  [
    ['par', { requestObject: { claims } }, says],
    ['authorization', { requestObject: { claims } }, says],
  ] as const
const withType = (typ: unknown) => ['par', { requestObject: { header: { typ } } }] as const

/** Rules about the inside of a request object have nothing to say where there is none. */
const NONE = ['par', { requestObject: undefined }] as const
const NO_NUMBERS = [undefined, null, '1800000300', '', true, [], [NOW], {}, Number.NaN, Number.POSITIVE_INFINITY]
const NO_TEXTS = [undefined, null, '', 0, true, [], ['accounts'], {}]

const TOO_FAR_AHEAD = 'iat and nbf must lie at most 60 seconds in the future in the request object'
const TOO_LONG = 'exp must lie at most 60 minutes after nbf in the request object'
const BACKWARDS = 'exp must lie after nbf in the request object'
const TOO_OLD = 'nbf must lie at most 60 minutes in the past in the request object'
const WRONG_AUDIENCE = 'aud of the request object must be the issuer, or an array that contains it'
const WRONG_TYPE = 'typ of the request object must be oauth-authz-req+jwt'
const NOT_SIGNED = 'a signed request object is required'
const unsigned = { requestObject: undefined }
const notASigner = { require_signed_request_object: false }

export const requestObjectTables: readonly RuleTable[] = [
  ruleTable(rules.signedRequests, {
    passes: [
      ['par', {}],
      ['authorization', {}],
    ],
    breaks: [
      ['par', unsigned, NOT_SIGNED],
      ['authorization', { ...unsigned, pushed: false }, NOT_SIGNED],
      // With openid or without: a server that asked for it with openid only was seen in the wild.
      ['authorization', { ...unsigned, params: { scope: 'accounts' } }, NOT_SIGNED],
    ],
  }),
  ruleTable(rules.signedRequestsForSigners, {
    passes: [
      ['par', {}],
      ['par', { client: notASigner }],
      ['par', { ...unsigned, client: notASigner }],
    ],
    breaks: [
      ['par', unsigned, NOT_SIGNED],
      ['authorization', unsigned, NOT_SIGNED],
      ['par', { ...unsigned, client: { ...notASigner, request_object_signing_alg: 'PS256' } }, NOT_SIGNED],
    ],
  }),
  ruleTable(rules.requestObjectExp, {
    passes: [withClaims({ exp: NOW + 300 }), withClaims({ exp: NOW + 1 }), withClaims({ exp: NOW + 0.5 }), NONE],
    breaks: [
      ...NO_NUMBERS.flatMap((exp) => wrongClaims({ exp }, 'exp is required in the request object')),
      ...[NOW, NOW - 1, NOW - 0.5, 0, -1].flatMap((exp) => wrongClaims({ exp }, 'the request object has expired')),
    ],
  }),
  ruleTable(rules.requestObjectNbf, {
    passes: [withClaims({ nbf: NOW }), withClaims({ nbf: 0 }), NONE],
    breaks: NO_NUMBERS.flatMap((nbf) => wrongClaims({ nbf }, 'nbf is required in the request object')),
  }),
  ruleTable(rules.requestObjectLifetime(3600), {
    passes: [
      withClaims({ nbf: NOW, exp: NOW + 3600 }),
      withClaims({ nbf: NOW, exp: NOW + 1 }),
      // Measured from nbf, not from now.
      withClaims({ nbf: NOW - 3600, exp: NOW }),
      // Without one of them another rule speaks.
      ...NO_NUMBERS.flatMap((none) => [withClaims({ exp: none }), withClaims({ nbf: none })]),
      NONE,
    ],
    breaks: [
      ...wrongClaims({ nbf: NOW, exp: NOW + 3601 }, TOO_LONG),
      ...wrongClaims({ nbf: NOW, exp: NOW + 3600.5 }, TOO_LONG),
      ...wrongClaims({ nbf: NOW - 3000, exp: NOW + 601 }, TOO_LONG),
      ...wrongClaims({ nbf: NOW, exp: NOW + 4200 }, TOO_LONG),
      ...wrongClaims({ nbf: NOW, exp: Number.MAX_VALUE }, TOO_LONG),
      ...wrongClaims({ nbf: NOW, exp: NOW }, BACKWARDS),
      ...wrongClaims({ nbf: NOW, exp: NOW - 1 }, BACKWARDS),
    ],
  }),
  ruleTable(rules.requestObjectAge(3600), {
    passes: [
      withClaims({ nbf: NOW - 3600 }),
      withClaims({ nbf: NOW }),
      withClaims({ nbf: NOW + 8 }),
      ...NO_NUMBERS.map((nbf) => withClaims({ nbf })),
      NONE,
    ],
    breaks: [
      ...wrongClaims({ nbf: NOW - 3601 }, TOO_OLD),
      ...wrongClaims({ nbf: NOW - 3600.5 }, TOO_OLD),
      ...wrongClaims({ nbf: NOW - 4200 }, TOO_OLD),
      ...wrongClaims({ nbf: 0 }, TOO_OLD),
    ],
  }),
  ruleTable(rules.requestObjectClock(60), {
    passes: [
      withClaims({ iat: NOW + 8, nbf: NOW + 8 }),
      withClaims({ iat: NOW + 10, nbf: NOW + 10 }),
      withClaims({ iat: NOW + 60, nbf: NOW + 60 }),
      withClaims({ iat: NOW - 4200, nbf: NOW - 4200 }),
      withClaims({ iat: undefined, nbf: undefined }),
      NONE,
    ],
    breaks: [
      ...wrongClaims({ iat: NOW + 61 }, TOO_FAR_AHEAD),
      ...wrongClaims({ nbf: NOW + 61 }, TOO_FAR_AHEAD),
      ...wrongClaims({ iat: NOW + 60.5 }, TOO_FAR_AHEAD),
      ...wrongClaims({ iat: NOW + 61, nbf: undefined }, TOO_FAR_AHEAD),
      // A time that is no number must not slip through the comparison.
      ...NO_NUMBERS.slice(1).flatMap((time) => [
        ...wrongClaims({ iat: time }, TOO_FAR_AHEAD),
        ...wrongClaims({ nbf: time }, TOO_FAR_AHEAD),
      ]),
    ],
  }),
  ruleTable(rules.requestObjectAudience, {
    passes: [
      withClaims({ aud: ISSUER }),
      withClaims({ aud: [ISSUER] }),
      withClaims({ aud: [ISSUER, 'https://other.example'] }),
      withClaims({ aud: ['https://other.example', ISSUER] }),
      NONE,
    ],
    breaks: [
      undefined,
      null,
      '',
      0,
      {},
      [],
      [null],
      [[ISSUER]],
      'https://other.example',
      PAR_ENDPOINT,
      [PAR_ENDPOINT],
      `${ISSUER}/`,
      ISSUER.toUpperCase(),
      `${ISSUER} `,
      `${ISSUER} https://other.example`,
    ].flatMap((aud) => wrongClaims({ aud }, WRONG_AUDIENCE)),
  }),
  ruleTable(rules.requestObjectType, {
    passes: [
      ...[undefined, 'oauth-authz-req+jwt', 'OAuth-AuthZ-Req+JWT', 'JWT', 'jwt', 'Jwt'].map(withType),
      // RFC 7515 §4.1.9: a media type and its name without application/ are one.
      ...['application/oauth-authz-req+jwt', 'Application/OAuth-AuthZ-Req+JWT', 'application/jwt'].map(withType),
      NONE,
    ],
    breaks: [
      ...[
        'at+jwt',
        'dpop+jwt',
        'client-authentication+jwt',
        'application/at+jwt',
        'text/jwt',
        'application/application/jwt',
        'xjwt',
        'jwtx',
      ],
      ...['', ' ', 'jwt ', '\njwt', '\nat+jwt', 'jwt\n', 'ｊｗｔ', 'x'.repeat(100_000)],
      ...[null, 0, true, ['JWT'], {}],
    ].flatMap((typ) => [
      ['par', { requestObject: { header: { typ } } }, WRONG_TYPE] as const,
      ['authorization', { requestObject: { header: { typ } } }, WRONG_TYPE] as const,
    ]),
  }),
  ruleTable(rules.requestObjectNotAssertion, {
    passes: [withClaims({ sub: undefined }), withClaims({ sub: 'a user' }), withClaims({ sub: 'APP' }), NONE],
    breaks: wrongClaims({ sub: 'app' }, 'sub of the request object must not be the client_id'),
  }),
  ...['scope', 'redirect_uri', 'response_type'].map((claim) =>
    ruleTable(rules.requestObjectClaim(claim), {
      passes: [withClaims({}), NONE],
      breaks: NO_TEXTS.flatMap((value) => wrongClaims({ [claim]: value }, `${claim} is required in the request object`)),
    }),
  ),
  ruleTable(rules.requestObjectClaim('nonce', ', whether or not openid is in the scope'), {
    passes: [withClaims({}), withClaims({ scope: 'accounts' }), NONE],
    breaks: [
      ...NO_TEXTS.flatMap((nonce) => wrongClaims({ nonce }, 'nonce is required in the request object')),
      ...wrongClaims({ nonce: undefined, scope: 'accounts' }, 'nonce is required in the request object'),
    ],
  }),
]
