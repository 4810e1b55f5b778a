import { createHash, randomUUID } from 'node:crypto'
import { exportJWK, generateKeyPair, importJWK, SignJWT } from 'jose'
import type { Response } from 'undici'
import type { Bank } from '../bank/bank.js'
import { browse } from './browser.js'
import type { Harvest } from './flows.js'
import { openParty, type Party } from './party.js'

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
  readonly bank: Bank
  readonly fapi1: Harvest
  readonly dpop: Harvest
}

const INVALID_CLIENT = ['401 invalid_client', '400 invalid_client']

export const ATTACKS: readonly Attack[] = [
  {
    title: 'a stolen DPoP-bound token without its key',
    clause: 'FAPI2-SP-5.3.4-5',
    refusals: ['401 invalid_token'],
    async attempt({ bank, dpop }) {
      const url = `${bank.issuer}/accounts`
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
    async attempt({ bank, fapi1 }) {
      const thief = await openParty(bank, 'fapi1-mtls')
      const answer = await said(
        await thief.send(`${bank.mtlsOrigin}/accounts`, { headers: { authorization: `Bearer ${fapi1.accessToken}` } }),
      )
      await thief.close()
      return answer
    },
  },
  {
    title: 'an authorization request without a request object',
    clause: 'FAPI1-ADV-5.2.2-1',
    refusals: ['redirect invalid_request', 'page'],
    attempt: ({ bank, fapi1 }) => authorize(bank, fapi1.party, requestParameters(fapi1.party, { response_mode: 'jwt', nonce: 'n' })),
  },
  {
    title: 'a request object without nonce',
    clause: 'nonce-always',
    refusals: ['redirect invalid_request_object', 'redirect invalid_request', 'page'],
    attempt: ({ bank, fapi1 }) => authorizeSigned(bank, fapi1.party, { nonce: undefined }),
  },
  {
    title: 'PKCE with the method plain',
    clause: 'FAPI2-SP-5.3.2.2-5',
    refusals: ['400 invalid_request'],
    attempt: ({ bank, dpop }) => push(bank, dpop.party, { code_challenge_method: 'plain' }),
  },
  {
    title: 'a client assertion signed with RS256',
    clause: 'FAPI1-ADV-8.6-1',
    refusals: INVALID_CLIENT,
    attempt: ({ bank, fapi1 }) => push(bank, fapi1.party, {}, { alg: 'RS256' }),
  },
  {
    title: 'a client assertion used twice',
    clause: 'RFC7523-3',
    refusals: INVALID_CLIENT,
    async attempt({ bank, dpop }) {
      const client_assertion = await assertion(bank, dpop.party, {})
      const first = await push(bank, dpop.party, { client_assertion })
      return first === '201' ? push(bank, dpop.party, { client_assertion }) : `the honest request: ${first}`
    },
  },
  {
    title: 'an authorization code used twice',
    clause: 'FAPI2-SP-5.3.2.2-9',
    refusals: ['400 invalid_grant'],
    async attempt({ bank, dpop: { party, callback, codeVerifier } }) {
      const url = `${bank.issuer}/token`
      const form = {
        grant_type: 'authorization_code',
        code: callback.searchParams.get('code') ?? '',
        redirect_uri: redirectUri(party),
        code_verifier: codeVerifier,
      }
      return post(party, url, { ...form, ...(await authentication(bank, party)) }, { dpop: await dpopProof(url, undefined, 'POST') })
    },
  },
  {
    title: 'redirect_uri outside the request object only',
    clause: 'FAPI1-ADV-5.2.2-10',
    refusals: ['redirect invalid_request_object', 'redirect invalid_request', 'page'],
    attempt: ({ bank, fapi1 }) =>
      authorizeSigned(bank, fapi1.party, { redirect_uri: undefined }, { redirect_uri: redirectUri(fapi1.party) }),
  },
  {
    title: 'a FAPI 2.0 request through the front door',
    clause: 'FAPI2-SP-5.3.2.2-3',
    refusals: ['redirect invalid_request', 'page'],
    attempt: ({ bank, dpop }) => authorize(bank, dpop.party, requestParameters(dpop.party)),
  },
  {
    title: 'a client that does not authenticate',
    clause: 'FAPI2-SP-5.3.2.1-3',
    refusals: INVALID_CLIENT,
    attempt: ({ bank, dpop }) =>
      post(dpop.party, `${bank.issuer}/token`, { grant_type: 'authorization_code', code: 'x', client_id: dpop.party.id }),
  },
  {
    title: 'a client assertion for the token endpoint instead of the issuer',
    clause: 'FAPI2-SP-5.3.2.1-8',
    refusals: INVALID_CLIENT,
    attempt: ({ bank, dpop }) => push(bank, dpop.party, {}, { aud: `${bank.issuer}/token` }),
  },
]

type Form = Readonly<Record<string, string>>

const CHALLENGE = createHash('sha256').update('v'.repeat(43)).digest('base64url')
const redirectUri = ({ metadata }: Party) => String([metadata.redirect_uris].flat()[0])
const requestParameters = (party: Party, more: Form = {}): Form => ({
  ...{ client_id: party.id, redirect_uri: redirectUri(party), response_type: 'code', scope: 'openid accounts', state: 's' },
  ...{ code_challenge: CHALLENGE, code_challenge_method: 'S256', ...more },
})

async function said(response: Response): Promise<string> {
  const { error } = (await response.json().catch(() => ({}))) as { error?: string }
  return [response.status, error].filter(Boolean).join(' ')
}

const post = async (party: Party, url: string, form: Form, headers: Form = {}) =>
  said(
    await party.send(url, {
      method: 'POST',
      headers: { 'content-type': 'application/x-www-form-urlencoded', ...headers },
      body: new URLSearchParams(form).toString(),
    }),
  )

interface AssertionFaults {
  readonly alg?: string
  readonly aud?: string
}

async function assertion({ issuer }: Bank, { id, jwk }: Party, { alg = jwk.alg, aud = issuer }: AssertionFaults): Promise<string> {
  const claims = new SignJWT({ iss: id, sub: id, aud, jti: randomUUID() }).setIssuedAt().setExpirationTime('1m')
  return claims
    .setProtectedHeader({ alg: String(alg), kid: String(jwk.kid) })
    .sign(await importJWK({ ...jwk, alg: String(alg) }, String(alg)))
}

const authentication = async (bank: Bank, party: Party, faults: AssertionFaults = {}): Promise<Form> => ({
  client_assertion_type: 'urn:ietf:params:oauth:client-assertion-type:jwt-bearer',
  client_assertion: await assertion(bank, party, faults),
})

const push = async (bank: Bank, party: Party, more: Form, faults: AssertionFaults = {}) =>
  post(party, `${bank.issuer}/request`, { ...requestParameters(party), ...(await authentication(bank, party, faults)), ...more })

async function authorize(bank: Bank, party: Party, parameters: Form): Promise<string> {
  const url = new URL(`${bank.issuer}/auth?${new URLSearchParams(parameters)}`)
  const { url: end, page } = await browse(party, url, bank.issuer)
  if (page) return 'page'
  const answers = new URLSearchParams(end.search || end.hash.slice(1))
  const jarm = answers.get('response')
  const error = jarm
    ? (JSON.parse(Buffer.from(jarm.split('.')[1] ?? '', 'base64url').toString()) as { error?: string }).error
    : answers.get('error')
  return `redirect ${error ?? 'with a code'}`
}

async function authorizeSigned(bank: Bank, party: Party, faults: Readonly<Record<string, undefined>>, outside: Form = {}): Promise<string> {
  const now = Math.floor(Date.now() / 1000)
  const claims = {
    ...requestParameters(party, { response_mode: 'jwt', nonce: 'n' }),
    iss: party.id,
    aud: bank.issuer,
    nbf: now,
    exp: now + 300,
    ...faults,
  }
  const request = await new SignJWT(claims).setProtectedHeader({ alg: String(party.jwk.alg), kid: party.key.kid }).sign(party.key.key)
  return authorize(bank, party, { client_id: party.id, response_type: 'code', scope: 'openid accounts', request, ...outside })
}

/** A proof that is right in everything but the key. */
async function dpopProof(htu: string, accessToken?: string, htm = 'GET'): Promise<string> {
  const { privateKey, publicKey } = await generateKeyPair('ES256')
  const ath = accessToken && createHash('sha256').update(accessToken).digest('base64url')
  return new SignJWT({ jti: randomUUID(), htm, htu, ath })
    .setIssuedAt()
    .setProtectedHeader({ typ: 'dpop+jwt', alg: 'ES256', jwk: await exportJWK(publicKey) })
    .sign(privateKey)
}
