import { createHash, randomUUID } from 'node:crypto'
import { exportJWK, generateKeyPair, importJWK, SignJWT } from 'jose'
import type { Response } from 'undici'
import { type Arrival, browse } from './browser.js'
import type { Party } from './party.js'
import type { Target } from './target.js'

export type Form = Readonly<Record<string, string>>

const CHALLENGE = createHash('sha256').update('v'.repeat(43)).digest('base64url')
export const redirectUri = ({ metadata }: Party) => String([metadata.redirect_uris].flat()[0])
export const requestParameters = (party: Party, more: Form = {}): Form => ({
  ...{ client_id: party.id, redirect_uri: redirectUri(party), response_type: 'code', scope: 'openid accounts', state: 's' },
  ...{ code_challenge: CHALLENGE, code_challenge_method: 'S256', ...more },
})

export async function said(response: Response): Promise<string> {
  const { error } = (await response.json().catch(() => ({}))) as { error?: string }
  return [response.status, error].filter(Boolean).join(' ')
}

export const sendForm = (party: Party, url: string, form: Form, headers: Form = {}): Promise<Response> =>
  party.send(url, {
    method: 'POST',
    headers: { 'content-type': 'application/x-www-form-urlencoded', ...headers },
    body: new URLSearchParams(form).toString(),
  })

export const post = async (party: Party, url: string, form: Form, headers: Form = {}) => said(await sendForm(party, url, form, headers))

export interface AssertionFaults {
  readonly alg?: string
  readonly aud?: string
}

export async function assertion({ issuer }: Target, { id, jwk }: Party, { alg = jwk.alg, aud = issuer }: AssertionFaults): Promise<string> {
  const claims = new SignJWT({ iss: id, sub: id, aud, jti: randomUUID() }).setIssuedAt().setExpirationTime('1m')
  return claims
    .setProtectedHeader({ alg: String(alg), kid: String(jwk.kid) })
    .sign(await importJWK({ ...jwk, alg: String(alg) }, String(alg)))
}

export const authentication = async (target: Target, party: Party, faults: AssertionFaults = {}): Promise<Form> => ({
  client_assertion_type: 'urn:ietf:params:oauth:client-assertion-type:jwt-bearer',
  client_assertion: await assertion(target, party, faults),
})

export const push = async (target: Target, party: Party, more: Form, faults: AssertionFaults = {}) =>
  post(party, target.endpoints.par, { ...requestParameters(party), ...(await authentication(target, party, faults)), ...more })

/** Sends a user to the authorization endpoint, who signs in and consents. */
export const arrive = (target: Target, party: Party, parameters: Form): Promise<Arrival> =>
  browse(party, new URL(`${target.endpoints.authorization}?${new URLSearchParams(parameters)}`), target.issuer)

export async function authorize(target: Target, party: Party, parameters: Form): Promise<string> {
  const { url: end, page } = await arrive(target, party, parameters)
  if (page) return 'page'
  const answers = new URLSearchParams(end.search || end.hash.slice(1))
  const jarm = answers.get('response')
  const error = jarm
    ? (JSON.parse(Buffer.from(jarm.split('.')[1] ?? '', 'base64url').toString()) as { error?: string }).error
    : answers.get('error')
  return `redirect ${error ?? 'with a code'}`
}

type Faults = Readonly<Record<string, undefined>>

export const authorizeSigned = async (target: Target, party: Party, faults: Faults, outside: Form = {}): Promise<string> =>
  authorize(target, party, await signedParameters(target, party, faults, outside))

/** An authorization request with a request object by value; `outside` stands beside it, unsigned. */
export async function signedParameters(target: Target, party: Party, faults: Faults, outside: Form = {}): Promise<Form> {
  const now = Math.floor(Date.now() / 1000)
  const claims = {
    ...requestParameters(party, { response_mode: 'jwt', nonce: 'n' }),
    iss: party.id,
    aud: target.issuer,
    nbf: now,
    exp: now + 300,
    ...faults,
  }
  const request = await new SignJWT(claims).setProtectedHeader({ alg: String(party.jwk.alg), kid: party.key.kid }).sign(party.key.key)
  return { client_id: party.id, response_type: 'code', scope: 'openid accounts', request, ...outside }
}

/** A proof that is right in everything but the key. */
export async function dpopProof(htu: string, accessToken?: string, htm = 'GET'): Promise<string> {
  const { privateKey, publicKey } = await generateKeyPair('ES256')
  const ath = accessToken && createHash('sha256').update(accessToken).digest('base64url')
  return new SignJWT({ jti: randomUUID(), htm, htu, ath })
    .setIssuedAt()
    .setProtectedHeader({ typ: 'dpop+jwt', alg: 'ES256', jwk: await exportJWK(publicKey) })
    .sign(privateKey)
}
