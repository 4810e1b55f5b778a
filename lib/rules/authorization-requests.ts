import { isText, wordsInOrder } from '../core/claims.js'
import type { Params } from '../core/facts.js'
import { defineRule } from '../core/rule.js'
import { JWT_MODES, signsResponses } from './clients.js'

const scopesOf = ({ scope = [] }: Params) => [scope].flat().flatMap((values) => (isText(values) ? values.split(' ') : []))
const wordsOf = (value: Params[string]) => (typeof value === 'string' ? wordsInOrder(value) : undefined)

export const pushedRequests = defineRule({
  id: 'pushed-requests',
  summary: 'Authorization requests are pushed before they are followed.',
  at: ['authorization'],
  check: ({ pushed }) => (pushed ? undefined : 'the authorization request must be pushed first'),
})

export const responseTypes = (allowed: readonly string[]) =>
  defineRule({
    id: 'response-types',
    summary: `The response type is ${allowed.join(' or ')}.`,
    at: ['par', 'authorization'],
    error: 'unsupported_response_type',
    check: ({ params }) =>
      allowed.includes(wordsOf(params.response_type) ?? '') ? undefined : `response_type must be ${allowed.join(' or ')}`,
  })

function pkce({ code_challenge: challenge, code_challenge_method: method }: Params): string | undefined {
  if (!isText(challenge)) return 'code_challenge is required'
  return method === 'S256' ? undefined : 'code_challenge_method must be S256'
}

export const pkceS256 = defineRule({
  id: 'pkce-s256',
  summary: 'Authorization requests carry a PKCE challenge made with S256.',
  at: ['par', 'authorization'],
  check: ({ params }) => pkce(params),
})

export const pushedPkceS256 = defineRule({
  id: 'pushed-pkce-s256',
  summary: 'Pushed authorization requests carry a PKCE challenge made with S256.',
  at: ['par', 'authorization'],
  check: (facts) => (!('pushed' in facts) || facts.pushed ? pkce(facts.params) : undefined),
})

export const noPlainPkce = defineRule({
  id: 'no-plain-pkce',
  summary: 'A PKCE challenge, where one is sent, is made with S256.',
  at: ['par', 'authorization'],
  check: ({ params }) => (params.code_challenge || params.code_challenge_method ? pkce(params) : undefined),
})

export const nonceForOpenid = defineRule({
  id: 'nonce-for-openid',
  summary: 'Requests for an ID token carry a nonce.',
  at: ['par', 'authorization'],
  check: ({ params }) =>
    scopesOf(params).includes('openid') && !isText(params.nonce) ? 'nonce is required when the scope contains openid' : undefined,
})

export const stateWithoutOpenid = defineRule({
  id: 'state-without-openid',
  summary: 'Requests without openid carry a state.',
  at: ['par', 'authorization'],
  check: ({ params }) =>
    !scopesOf(params).includes('openid') && !isText(params.state) ? 'state is required when the scope does not contain openid' : undefined,
})

export const codeNeedsJarm = defineRule({
  id: 'code-needs-jarm',
  summary: 'Response type code asks for response_mode=jwt; code id_token needs none.',
  at: ['par', 'authorization'],
  check: ({ params }) =>
    wordsOf(params.response_type) === 'code' && params.response_mode !== 'jwt'
      ? 'response_type code requires response_mode jwt'
      : undefined,
})

export const jarmForAdopters = defineRule({
  id: 'jarm-for-adopters',
  summary: 'Clients of signed responses ask for them (response_mode jwt).',
  at: ['par', 'authorization'],
  check: ({ params, client }) =>
    signsResponses(client) && !JWT_MODES.includes(params.response_mode) ? 'response_mode must be jwt' : undefined,
})
