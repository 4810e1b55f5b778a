import { authorizationParams } from '../../support/authorization-request.js'
import type { Party } from '../../support/party.js'
import { formOf } from '../../support/wire.js'
import { addressOf } from '../matrix/row.js'
import type { Scene } from '../matrix/scene.js'

/* Secrets where they do not belong: clients make mistakes, and what they send must not be told on. */

/** What is put into places: a name, and the text. */
export type Misplaced = Readonly<Record<string, string>>

/** What people are called and where they are reached; nobody of the bank. */
export const PERSONAL: Misplaced = {
  'a name': 'Marguerite Featherstone-Haugh',
  'an email address': 'marguerite.featherstone@mail.example',
  'an account number': 'GB29NWBK60161331926819',
  'a phone number': '+447700900123',
  'a password': 'Tr0ub4dor&3-of-Marguerite',
}

const AT_PUSH = [
  ...['response_type', 'redirect_uri', 'scope', 'state', 'nonce', 'code_challenge', 'code_challenge_method', 'response_mode', 'prompt'],
  ...['max_age', 'claims', 'acr_values', 'login_hint', 'id_token_hint', 'ui_locales', 'dpop_jkt', 'request', 'request_uri', 'registration'],
  ...['client_id', 'client_assertion', 'client_assertion_type', 'grant_type', 'resource', 'authorization_details', 'display'],
]
const AT_TOKEN = [
  ...['grant_type', 'code', 'redirect_uri', 'code_verifier', 'client_id', 'client_assertion', 'client_assertion_type', 'client_secret'],
  ...['refresh_token', 'scope', 'resource'],
]
/** Where users are named. */
const OF_USERS = ['login_hint', 'claims', 'id_token_hint', 'acr_values']
const HEADERS = ['authorization', 'dpop', 'x-fapi-interaction-id', 'x-fapi-auth-date', 'x-fapi-customer-ip-address', 'user-agent', 'cookie']
/** Values that have the form of something else around them. */
const WRAPPED: readonly ((secret: string) => string)[] = [
  (secret) => secret,
  (secret) => `https://tpp.example/cb?code=${encodeURIComponent(secret)}`,
]

/** Sends each of the secrets in each place of each request, by one party after the other, and follows no user. */
export async function misplace(scene: Scene, misplaced: Misplaced, parties: readonly Party[]): Promise<void> {
  for (const [index, secret] of Object.values(misplaced).entries()) {
    const party = parties[index % parties.length]
    if (party) await misplaceOne(scene, secret, party)
  }
}

async function misplaceOne(scene: Scene, secret: string, party: Party): Promise<void> {
  const browser = scene.browser()
  for (const name of AT_PUSH)
    for (const wrap of name === 'redirect_uri' || name === 'request_uri' ? WRAPPED : WRAPPED.slice(0, 1)) {
      const value = wrap(secret)
      await party.push({ params: { [name]: value }, outside: { [name]: value } })
      await browser.journey(addressOf(scene, { ...authorizationParams(party.tpp), [name]: value }), { decision: 'leave' })
    }
  for (const name of AT_TOKEN) {
    await party.redeem('no-such-code', { params: { [name]: secret } })
    await party.refresh('no-such-token', { params: { [name]: secret } })
  }
  for (const name of HEADERS) {
    const headers = { [name]: printable(secret) }
    await party.push({ headers })
    await party.token({ grant_type: 'client_credentials' }, { headers })
    await party.accounts('no-such-token', { headers })
    await party.accounts('no-such-token', { headers: { [name]: `Bearer ${printable(secret)}` } })
  }
  await party.accounts(printable(secret))
  await misplaceInJwts(scene, secret, party)
  const query = formOf({ access_token: secret, refresh_token: secret, code: secret })
  for (const url of [party.endpoint('token_endpoint'), `${scene.issuer}/accounts`, party.endpoint('pushed_authorization_request_endpoint')])
    for (const method of ['GET', 'POST']) await party.send(`${url}?${query}`, { method, headers: FORM })
  await party.send(`${scene.issuer}/accounts/${encodeURIComponent(secret)}`)
}

const FORM = { 'content-type': 'application/x-www-form-urlencoded' }
const printable = (secret: string) => secret.replaceAll(/[^\x20-\x7e]/g, '?')

/** In headers and claims of what a client signs. */
async function misplaceInJwts(scene: Scene, secret: string, party: Party): Promise<void> {
  const headers = ['kid', 'typ', 'jku', 'x5u', 'jwk'].map((name) => ({ header: { [name]: secret } }))
  const claims = ['iss', 'sub', 'aud', 'jti', 'exp', 'nbf', 'client_id', 'redirect_uri', 'scope', 'response_type', 'response_mode', 'state']
  const changes = [...headers, ...claims.map((name) => ({ claims: { [name]: secret } }))]
  for (const change of changes) {
    await party.push({ assertion: change })
    await party.redeem('no-such-code', { assertion: change })
    await party.push({ object: change })
    await scene.browser().open(addressOf(scene, { ...authorizationParams(party.tpp), request: await party.object({}, change) }))
    await party.redeem('no-such-code', { proof: change })
    await party.accounts('no-such-token', { proof: change })
  }
  for (const name of ['htm', 'htu', 'ath', 'nonce', 'iat']) {
    await party.redeem('no-such-code', { proof: { claims: { [name]: secret } } })
    await party.accounts('no-such-token', { proof: { claims: { [name]: secret } } })
  }
}

/** Where users are named in a request, with what people are called. */
export async function namePeople(scene: Scene, parties: readonly Party[]): Promise<void> {
  for (const text of Object.values(PERSONAL))
    for (const name of OF_USERS)
      for (const value of [text, JSON.stringify({ id_token: { sub: { value: text, essential: true } } }), JSON.stringify({ [text]: text })])
        for (const party of parties) {
          await party.push({ params: { [name]: value } })
          await party.push({ object: { claims: { [name]: value } } })
          await scene.browser().journey(addressOf(scene, { ...authorizationParams(party.tpp), [name]: value }), { decision: 'leave' })
        }
}
