import type { Harvest } from './flows.js'
import { openParty } from './party.js'
import {
  assertion,
  authentication,
  authorize,
  authorizeSigned,
  dpopProof,
  post,
  push,
  redirectUri,
  requestParameters,
  said,
} from './requests.js'
import { accountsWithCertificate, type Target } from './target.js'

/** What an attacker does, and the answer that stops it. */
export interface Attack {
  readonly title: string
  readonly clause: string
  /** The answers that count as refused, as `status error` or `page`. */
  readonly refusals: readonly string[]
  attempt(scene: Scene): Promise<string>
}

/** What the attacker has got hold of: an honest flow of each kind that is needed. */
export interface Scene {
  readonly target: Target
  readonly fapi1: Harvest
  readonly dpop: Harvest
}

const INVALID_CLIENT = ['401 invalid_client', '400 invalid_client']

export const ATTACKS: readonly Attack[] = [
  {
    title: 'a stolen DPoP-bound token without its key',
    clause: 'FAPI2-SP-5.3.4-5',
    refusals: ['401 invalid_token'],
    async attempt({ target, dpop }) {
      const url = target.endpoints.accounts
      const asBearer = await said(await dpop.party.send(url, { headers: { authorization: `Bearer ${dpop.accessToken}` } }))
      if (!this.refusals.includes(asBearer)) return asBearer
      const proof = await dpopProof(url, dpop.accessToken)
      return said(await dpop.party.send(url, { headers: { authorization: `DPoP ${dpop.accessToken}`, dpop: proof } }))
    },
  },
  {
    title: 'a certificate-bound token with another certificate',
    clause: 'FAPI1-ADV-6.2.1-2',
    refusals: ['401 invalid_token'],
    async attempt({ target, fapi1 }) {
      const thief = await openParty(target, 'fapi1-mtls')
      const answer = await said(
        await thief.send(accountsWithCertificate(target), { headers: { authorization: `Bearer ${fapi1.accessToken}` } }),
      )
      await thief.close()
      return answer
    },
  },
  {
    title: 'an authorization request without a request object',
    clause: 'FAPI1-ADV-5.2.2-1',
    refusals: ['redirect invalid_request', 'page'],
    attempt: ({ target, fapi1 }) => authorize(target, fapi1.party, requestParameters(fapi1.party, { response_mode: 'jwt', nonce: 'n' })),
  },
  {
    title: 'a request object without nonce',
    clause: 'nonce-always',
    refusals: ['redirect invalid_request_object', 'redirect invalid_request', 'page'],
    attempt: ({ target, fapi1 }) => authorizeSigned(target, fapi1.party, { nonce: undefined }),
  },
  {
    title: 'PKCE with the method plain',
    clause: 'FAPI2-SP-5.3.2.2-5',
    refusals: ['400 invalid_request'],
    attempt: ({ target, dpop }) => push(target, dpop.party, { code_challenge_method: 'plain' }),
  },
  {
    title: 'a client assertion signed with RS256',
    clause: 'FAPI1-ADV-8.6-1',
    refusals: INVALID_CLIENT,
    attempt: ({ target, fapi1 }) => push(target, fapi1.party, {}, { alg: 'RS256' }),
  },
  {
    title: 'a client assertion used twice',
    clause: 'RFC7523-3',
    refusals: INVALID_CLIENT,
    async attempt({ target, dpop }) {
      const client_assertion = await assertion(target, dpop.party, {})
      const first = await push(target, dpop.party, { client_assertion })
      return first === '201' ? push(target, dpop.party, { client_assertion }) : `the honest request: ${first}`
    },
  },
  {
    title: 'an authorization code used twice',
    clause: 'FAPI2-SP-5.3.2.2-9',
    refusals: ['400 invalid_grant'],
    async attempt({ target, dpop: { party, callback, codeVerifier } }) {
      const url = target.endpoints.token
      const form = {
        grant_type: 'authorization_code',
        code: callback.searchParams.get('code') ?? '',
        redirect_uri: redirectUri(party),
        code_verifier: codeVerifier,
      }
      return post(party, url, { ...form, ...(await authentication(target, party)) }, { dpop: await dpopProof(url, undefined, 'POST') })
    },
  },
  {
    title: 'redirect_uri outside the request object only',
    clause: 'FAPI1-ADV-5.2.2-10',
    refusals: ['redirect invalid_request_object', 'redirect invalid_request', 'page'],
    attempt: ({ target, fapi1 }) =>
      authorizeSigned(target, fapi1.party, { redirect_uri: undefined }, { redirect_uri: redirectUri(fapi1.party) }),
  },
  {
    title: 'a FAPI 2.0 request through the front door',
    clause: 'FAPI2-SP-5.3.2.2-3',
    refusals: ['redirect invalid_request', 'page'],
    attempt: ({ target, dpop }) => authorize(target, dpop.party, requestParameters(dpop.party)),
  },
  {
    title: 'a client that does not authenticate',
    clause: 'FAPI2-SP-5.3.2.1-3',
    refusals: INVALID_CLIENT,
    attempt: ({ target, dpop }) =>
      post(dpop.party, target.endpoints.token, { grant_type: 'authorization_code', code: 'x', client_id: dpop.party.id }),
  },
  {
    title: 'a client assertion for the token endpoint instead of the issuer',
    clause: 'FAPI2-SP-5.3.2.1-8',
    refusals: INVALID_CLIENT,
    attempt: ({ target, dpop }) => push(target, dpop.party, {}, { aud: target.endpoints.token }),
  },
]
