import { isText, wordsInOrder } from '../core/claims.js'
import type { Params } from '../core/facts.js'
import { defineRule } from '../core/rule.js'
import { JWT_MODES, signsResponses } from './clients.js'

const scopesOf = ({ scope = [] }: Params) => [scope].flat().flatMap((values) => (isText(values) ? values.split(' ') : []))
const wordsOf = (value: Params[string]) => (typeof value === 'string' ? wordsInOrder(value) : undefined)

export const pushedRequests = defineRule({
  id: 'pushed-requests',
  summary: 'Authorization requests are pushed before they are followed.',
  mend: 'POST the parameters to the pushed_authorization_request_endpoint first, with client authentication; then send the browser to the authorization_endpoint with client_id and the request_uri from the answer, and nothing else.',
  at: ['authorization'],
  check: ({ pushed }) => (pushed ? undefined : 'the authorization request must be pushed first'),
})

export const responseTypes = (allowed: readonly string[]) =>
  defineRule({
    id: 'response-types',
    summary: `The response type is ${allowed.join(' or ')}.`,
    mend: `Send response_type=${allowed.join(' or response_type=')}.`,
    at: ['par', 'authorization'],
    error: 'unsupported_response_type',
    check: ({ params }) =>
      allowed.includes(wordsOf(params.response_type) ?? '') ? undefined : `response_type must be ${allowed.join(' or ')}`,
  })

const MAKE_A_CHALLENGE =
  'Make a random code_verifier of 43 to 128 characters for each request, and send code_challenge = BASE64URL(SHA-256(code_verifier)) with code_challenge_method=S256.'

function pkce({ code_challenge: challenge, code_challenge_method: method }: Params): string | undefined {
  if (!isText(challenge)) return 'code_challenge is required'
  return method === 'S256' ? undefined : 'code_challenge_method must be S256'
}

export const pkceS256 = defineRule({
  id: 'pkce-s256',
  summary: 'Authorization requests carry a PKCE challenge made with S256.',
  mend: MAKE_A_CHALLENGE,
  at: ['par', 'authorization'],
  check: ({ params }) => pkce(params),
})

export const pushedPkceS256 = defineRule({
  id: 'pushed-pkce-s256',
  summary: 'Pushed authorization requests carry a PKCE challenge made with S256.',
  mend: MAKE_A_CHALLENGE,
  at: ['par', 'authorization'],
  check: (facts) => (!('pushed' in facts) || facts.pushed ? pkce(facts.params) : undefined),
})

export const noPlainPkce = defineRule({
  id: 'no-plain-pkce',
  summary: 'A PKCE challenge, where one is sent, is made with S256.',
  mend: `${MAKE_A_CHALLENGE.slice(0, -1)}, or send neither parameter.`,
  at: ['par', 'authorization'],
  check: ({ params }) => (params.code_challenge || params.code_challenge_method ? pkce(params) : undefined),
})

export const nonceForOpenid = defineRule({
  id: 'nonce-for-openid',
  summary: 'Requests for an ID token carry a nonce.',
  mend: 'Send a nonce with each request whose scope contains openid: a new random value of 22 characters or more, kept in the browser session and compared with nonce in the ID token.',
  at: ['par', 'authorization'],
  check: ({ params }) =>
    scopesOf(params).includes('openid') && !isText(params.nonce) ? 'nonce is required when the scope contains openid' : undefined,
})

export const stateWithoutOpenid = defineRule({
  id: 'state-without-openid',
  summary: 'Requests without openid carry a state.',
  mend: 'Send a state with each request whose scope does not contain openid: a new random value, kept in the browser session and compared with state in the answer.',
  at: ['par', 'authorization'],
  check: ({ params }) =>
    !scopesOf(params).includes('openid') && !isText(params.state) ? 'state is required when the scope does not contain openid' : undefined,
})

export const codeNeedsJarm = defineRule({
  id: 'code-needs-jarm',
  summary: 'Response type code asks for response_mode=jwt; code id_token needs none.',
  mend: 'Send response_mode=jwt with response_type=code, and verify the signed JWT in the parameter response of the answer; or send response_type=code id_token.',
  at: ['par', 'authorization'],
  check: ({ params }) =>
    wordsOf(params.response_type) === 'code' && params.response_mode !== 'jwt'
      ? 'response_type code requires response_mode jwt'
      : undefined,
})

export const jarmForAdopters = defineRule({
  id: 'jarm-for-adopters',
  summary: 'Clients of signed responses ask for them (response_mode jwt).',
  mend: 'Send response_mode=jwt, and verify the signed JWT in the parameter response of the answer: its signature, iss, aud and exp.',
  at: ['par', 'authorization'],
  check: ({ params, client }) =>
    signsResponses(client) && !JWT_MODES.includes(params.response_mode) ? 'response_mode must be jwt' : undefined,
})
