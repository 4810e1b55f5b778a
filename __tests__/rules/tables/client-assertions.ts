import * as rules from '../../../lib/rules/client-assertions.js'
import { ISSUER, NOW, PAR_ENDPOINT, TOKEN_ENDPOINT } from '../facts.js'
import { type RuleTable, ruleTable } from '../support.js'

type Claims = Readonly<Record<string, unknown>>

const withClaims = (claims: Claims) => ['authentication', { assertion: { claims } }] as const
const wrongClaims = (claims: Claims, says: string) => ['authentication', { assertion: { claims } }, says] as const
const withType = (typ: unknown) => ['authentication', { assertion: { header: { typ } } }] as const

/** A client that authenticates by certificate sends no assertion. */
const NONE = ['authentication', { assertion: undefined }] as const
const NO_TIMES = [undefined, null, '1800000060', true, [], [NOW], {}, Number.NaN, Number.POSITIVE_INFINITY]

const NOT_ISSUER = 'aud of the client assertion must be the issuer, as a string'
const NOT_SERVER = 'aud of the client assertion must be the issuer, the token endpoint or the endpoint called'
const TOO_LONG = 'exp of the client assertion must lie at most 5 minutes ahead'
const TOO_FAR_AHEAD = 'iat and nbf of the client assertion must lie at most 60 seconds in the future'
const OTHER_SUBJECT = 'iss and sub of the client assertion must be the client_id'

export const clientAssertionTables: readonly RuleTable[] = [
  ruleTable(rules.assertionAudienceIsIssuer, {
    passes: [withClaims({ aud: ISSUER }), NONE],
    breaks: [
      undefined,
      null,
      '',
      0,
      {},
      [],
      [ISSUER],
      [ISSUER, 'https://other.example'],
      [[ISSUER]],
      TOKEN_ENDPOINT,
      PAR_ENDPOINT,
      `${ISSUER}/`,
      ISSUER.toUpperCase(),
      'https://other.example',
    ].map((aud) => wrongClaims({ aud }, NOT_ISSUER)),
  }),
  ruleTable(rules.assertionAudienceIsServer, {
    passes: [
      ...[ISSUER, TOKEN_ENDPOINT, PAR_ENDPOINT, [ISSUER], [TOKEN_ENDPOINT], [PAR_ENDPOINT, 'https://other.example']].map((aud) =>
        withClaims({ aud }),
      ),
      NONE,
    ],
    breaks: [
      undefined,
      null,
      '',
      0,
      {},
      { toString: 1, valueOf: 1 },
      [],
      [null],
      [[ISSUER]],
      [{ toString: 1, valueOf: 1 }],
      `${ISSUER}/`,
      `${TOKEN_ENDPOINT}/`,
      'https://other.example',
      ['https://other.example'],
    ].map((aud) => wrongClaims({ aud }, NOT_SERVER)),
  }),
  ruleTable(rules.assertionLifetime(300), {
    passes: [
      // Five minutes, and a minute for clocks that differ.
      withClaims({ iat: NOW, exp: NOW + 360 }),
      withClaims({ iat: NOW + 60, exp: NOW + 360 }),
      withClaims({ iat: NOW - 300, exp: NOW + 60 }),
      withClaims({ iat: undefined, exp: NOW + 360 }),
      // Whether it has expired was settled with the signature.
      withClaims({ iat: NOW - 60, exp: NOW - 1 }),
      NONE,
    ],
    breaks: [
      wrongClaims({ exp: NOW + 361 }, TOO_LONG),
      wrongClaims({ iat: undefined, exp: NOW + 361 }, TOO_LONG),
      wrongClaims({ iat: NOW - 301, exp: NOW + 60 }, TOO_LONG),
      wrongClaims({ exp: NOW + 10 * 365 * 24 * 3600 }, TOO_LONG),
      wrongClaims({ exp: Number.MAX_VALUE }, TOO_LONG),
      ...NO_TIMES.map((exp) => wrongClaims({ exp }, 'exp is required in the client assertion')),
    ],
  }),
  ruleTable(rules.assertionLifetime(120, 0), {
    passes: [withClaims({ exp: NOW + 120 })],
    breaks: [wrongClaims({ exp: NOW + 121 }, 'exp of the client assertion must lie at most 2 minutes ahead')],
  }),
  ruleTable(rules.assertionClock(60), {
    passes: [
      withClaims({ iat: NOW + 8, nbf: NOW + 8 }),
      withClaims({ iat: NOW + 10, nbf: NOW + 10 }),
      withClaims({ iat: NOW + 60, nbf: NOW + 60 }),
      withClaims({ iat: NOW - 3600, nbf: 0 }),
      withClaims({ iat: undefined, nbf: undefined }),
      NONE,
    ],
    breaks: [
      wrongClaims({ iat: NOW + 61 }, TOO_FAR_AHEAD),
      wrongClaims({ nbf: NOW + 61 }, TOO_FAR_AHEAD),
      wrongClaims({ iat: undefined, nbf: NOW + 60.5 }, TOO_FAR_AHEAD),
      wrongClaims({ iat: Number.MAX_VALUE }, TOO_FAR_AHEAD),
      // A time that is no number must not slip through the comparison.
      ...NO_TIMES.slice(1).flatMap((time) => [wrongClaims({ iat: time }, TOO_FAR_AHEAD), wrongClaims({ nbf: time }, TOO_FAR_AHEAD)]),
    ],
  }),
  ruleTable(rules.assertionSubject, {
    passes: [withClaims({ iss: 'app', sub: 'app', jti: 'a1' }), withClaims({ jti: '😀'.repeat(100) }), NONE],
    breaks: [
      ...[undefined, null, '', 'other', 'APP', 'app ', ['app'], 0, {}].flatMap((name) => [
        wrongClaims({ iss: name }, OTHER_SUBJECT),
        wrongClaims({ sub: name }, OTHER_SUBJECT),
      ]),
      ...[undefined, null, '', 0, ['a1'], {}].map((jti) => wrongClaims({ jti }, 'jti is required in the client assertion')),
    ],
  }),
  ruleTable(rules.assertionType, {
    passes: [
      ...[undefined, 'client-authentication+jwt', 'Client-Authentication+JWT', 'JWT', 'jwt'].map(withType),
      ...['application/client-authentication+jwt', 'application/JWT'].map(withType),
      NONE,
    ],
    breaks: [
      ...[
        'oauth-authz-req+jwt',
        'at+jwt',
        'dpop+jwt',
        'text/jwt',
        'application/application/jwt',
        'xjwt',
        '',
        'jwt ',
        'jwt\n',
        '\njwt',
        'ｊｗｔ',
      ],
      ...[null, 0, true, ['JWT'], {}],
    ].map((typ) => [...withType(typ), 'typ of the client assertion must be client-authentication+jwt'] as const),
  }),
]
