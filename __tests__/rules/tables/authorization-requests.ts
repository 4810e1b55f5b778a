import type { Params } from '../../../lib/core/facts.js'
import * as rules from '../../../lib/rules/authorization-requests.js'
import { type RuleTable, ruleTable } from '../support.js'

/** The same case where a request is pushed and where it is followed. */
const withParams = (params: Params) => [['par', { params }] as const, ['authorization', { params }] as const]
const wrongParams = (params: Params, says: string) => [['par', { params }, says] as const, ['authorization', { params }, says] as const]

const HUGE = 'x'.repeat(100_000)

const NO_CHALLENGE = 'code_challenge is required'
const NO_S256 = 'code_challenge_method must be S256'
const NO_NONCE = 'nonce is required when the scope contains openid'
const NO_STATE = 'state is required when the scope does not contain openid'
const NO_JARM = 'response_type code requires response_mode jwt'

const nothing = { code_challenge: undefined, code_challenge_method: undefined }

const wrongPkce = [
  ...wrongParams({ code_challenge: undefined }, NO_CHALLENGE),
  ...wrongParams({ code_challenge: '' }, NO_CHALLENGE),
  ...wrongParams({ code_challenge: ['a', 'b'] }, NO_CHALLENGE),
  ...wrongParams({ code_challenge_method: 'plain' }, NO_S256),
  ...wrongParams({ code_challenge_method: 's256' }, NO_S256),
  ...wrongParams({ code_challenge_method: '' }, NO_S256),
  // RFC 7636 §4.3: without a method the challenge is plain.
  ...wrongParams({ code_challenge_method: undefined }, NO_S256),
  ...wrongParams({ code_challenge_method: ['S256'] }, NO_S256),
]

export const authorizationRequestTables: readonly RuleTable[] = [
  ruleTable(rules.pushedRequests, {
    passes: [['authorization', { pushed: true }]],
    breaks: [['authorization', { pushed: false }, 'the authorization request must be pushed first']],
  }),
  ruleTable(rules.responseTypes(['code']), {
    passes: withParams({ response_type: 'code' }),
    breaks: [
      undefined,
      '',
      'token',
      'code id_token',
      'id_token code',
      'code code',
      'CODE',
      'code ',
      ' code',
      'ｃｏｄｅ',
      HUGE,
      ['code'],
    ].flatMap((response_type) => wrongParams({ response_type }, 'response_type must be code')),
  }),
  ruleTable(rules.responseTypes(['code', 'code id_token']), {
    passes: ['code', 'code id_token', 'id_token code'].flatMap((response_type) => withParams({ response_type })),
    breaks: ['code token', 'code id_token token', 'id_token', 'code  id_token', 'code\tid_token', 'none'].flatMap((response_type) =>
      wrongParams({ response_type }, 'response_type must be code or code id_token'),
    ),
  }),
  ruleTable(rules.pkceS256, {
    passes: withParams({}),
    breaks: [...wrongPkce, ['authorization', { pushed: false, params: nothing }, NO_CHALLENGE]],
  }),
  ruleTable(rules.pushedPkceS256, {
    passes: [...withParams({}), ['authorization', { pushed: false, params: nothing }]],
    breaks: wrongPkce,
  }),
  ruleTable(rules.noPlainPkce, {
    passes: [...withParams({}), ...withParams(nothing)],
    breaks: [
      ...wrongParams({ code_challenge_method: 'plain' }, NO_S256),
      ...wrongParams({ code_challenge_method: undefined }, NO_S256),
      ...wrongParams({ code_challenge: undefined }, NO_CHALLENGE),
    ],
  }),
  ruleTable(rules.nonceForOpenid, {
    passes: [
      ...withParams({ scope: 'openid', nonce: 'n'.repeat(64) }),
      ...['accounts', 'xopenid', 'openid2', 'OPENID', undefined].flatMap((scope) => withParams({ scope, nonce: undefined })),
    ],
    breaks: [
      ...['openid', 'openid accounts', 'accounts openid'].flatMap((scope) => wrongParams({ scope, nonce: undefined }, NO_NONCE)),
      ...wrongParams({ nonce: '' }, NO_NONCE),
      ...wrongParams({ nonce: ['a', 'b'] }, NO_NONCE),
    ],
  }),
  ruleTable(rules.stateWithoutOpenid, {
    passes: [...withParams({ scope: 'accounts', state: 's'.repeat(1000) }), ...withParams({ scope: 'openid', state: undefined })],
    breaks: [
      ...['accounts', 'xopenid', '', undefined].flatMap((scope) => wrongParams({ scope, state: undefined }, NO_STATE)),
      ...wrongParams({ scope: 'accounts', state: '' }, NO_STATE),
      ...wrongParams({ scope: 'accounts', state: ['a', 'b'] }, NO_STATE),
    ],
  }),
  ruleTable(rules.codeNeedsJarm, {
    passes: [
      ...withParams({ response_mode: 'jwt' }),
      ...['code id_token', 'id_token code', undefined].flatMap((response_type) => withParams({ response_type, response_mode: undefined })),
    ],
    breaks: [undefined, '', 'query', 'fragment', 'form_post', 'JWT', ['jwt']].flatMap((response_mode) =>
      wrongParams({ response_mode }, NO_JARM),
    ),
  }),
  ruleTable(rules.jarmForAdopters, {
    passes: [
      ...['jwt', 'query.jwt', 'fragment.jwt', 'form_post.jwt'].flatMap((response_mode) => withParams({ response_mode })),
      ['par', { params: { response_mode: undefined }, client: { response_modes: ['jwt', 'query'] } }],
      ['par', { params: { response_mode: 'jwt' }, client: { response_modes: undefined } }],
    ],
    breaks: [
      ...[undefined, '', 'query', 'JWT', 'jwt ', ['jwt']].flatMap((response_mode) =>
        wrongParams({ response_mode }, 'response_mode must be jwt'),
      ),
      ['par', { params: { response_mode: undefined }, client: { response_modes: undefined } }, 'response_mode must be jwt'],
      ['par', { params: { response_mode: 'query' }, client: { response_modes: ['jwt', 'query.jwt'] } }, 'response_mode must be jwt'],
    ],
  }),
]
