import type { Client, Params } from '../core/facts.js'
import { defineRule } from '../core/rule.js'

const scopesOf = ({ scope }: Params) => (typeof scope === 'string' ? scope.split(' ') : [])
const wordsOf = (value: Params[string]) => (typeof value === 'string' ? value.split(' ').sort().join(' ') : undefined)

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
  if (!challenge) return 'code_challenge is required'
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

export const redirectUriGiven = defineRule({
  id: 'redirect-uri-given',
  summary: 'The redirect URI is named in the request, even if only one is registered.',
  at: ['par', 'authorization'],
  check: ({ params }) => (params.redirect_uri ? undefined : 'redirect_uri is required'),
})

const LOOPBACK = new Set(['127.0.0.1', '[::1]', 'localhost'])

/** RFC 8252 §7.3: the port of a native application's loopback address is free, so it is left out of the comparison. */
function comparable(uri: string, { application_type: type }: Client): string {
  if (type !== 'native' || !URL.canParse(uri)) return uri
  const url = new URL(uri)
  if (url.protocol !== 'http:' || !LOOPBACK.has(url.hostname)) return uri
  url.port = ''
  return url.href
}

export const redirectUriRegistered = defineRule({
  id: 'redirect-uri-registered',
  summary: 'The redirect URI equals a registered one, character by character.',
  at: ['par', 'authorization'],
  check({ params: { redirect_uri: uri }, client }) {
    const known = client.redirect_uris.map((registered) => comparable(registered, client))
    return uri === undefined || known.includes(comparable(String(uri), client))
      ? undefined
      : 'redirect_uri must be one of the registered redirect URIs'
  },
})

export const nonceForOpenid = defineRule({
  id: 'nonce-for-openid',
  summary: 'Requests for an ID token carry a nonce.',
  at: ['par', 'authorization'],
  check: ({ params }) =>
    scopesOf(params).includes('openid') && !params.nonce ? 'nonce is required when the scope contains openid' : undefined,
})

export const stateWithoutOpenid = defineRule({
  id: 'state-without-openid',
  summary: 'Requests without openid carry a state.',
  at: ['par', 'authorization'],
  check: ({ params }) =>
    !scopesOf(params).includes('openid') && !params.state ? 'state is required when the scope does not contain openid' : undefined,
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

const JWT_MODES = ['jwt', 'query.jwt', 'fragment.jwt', 'form_post.jwt']

/** FAPI2-MS-5.3.3: a client that registered other modes as well has not adopted signed responses. */
const adoptedJarm = ({ response_modes: modes }: Client) => modes === undefined || modes.every((mode) => JWT_MODES.includes(mode))

export const jarmForAdopters = defineRule({
  id: 'jarm-for-adopters',
  summary: 'Clients of signed responses ask for them (response_mode jwt).',
  at: ['par', 'authorization'],
  check: ({ params, client }) =>
    adoptedJarm(client) && !JWT_MODES.includes(String(params.response_mode)) ? 'response_mode must be jwt' : undefined,
})
