import { decodeJwt } from 'jose'
import type { Landing } from '../../support/browser.js'
import type { Party } from '../../support/party.js'
import { badRequest, PAGE, told } from './answers.js'
import { arrived, said } from './outcome.js'
import { addressOf, attempted, changed, honest, look, type Row } from './row.js'

const JARM = { as: 'fapi1-jarm', by: 'by value' } as const
const HYBRID = { as: 'fapi1-hybrid', by: 'by value' } as const
const INSIDE_WINS = ['code', ...told('invalid_request')]
/** `state` outside only: it is not used, or the request is refused. */
const NO_STATE_OR = ['code without state', 'redirect invalid_request', 'redirect invalid_request_object', 'redirect access_denied']
const outside = { state: 'outside', nonce: 'outside', redirect_uri: 'https://attacker.example/cb', code_challenge: 'x' }

/** The authorization endpoint of FAPI 1.0, with requests by value; request objects have a table of their own. */
export const FAPI1_AUTHORIZATIONS: readonly Row[] = [
  changed(
    JARM,
    ['ensure-authorization-request-without-request-object-fails', 'plain parameters'],
    { object: 'none' },
    told('invalid_request'),
  ),
  changed(
    HYBRID,
    ['ensure-authorization-request-without-request-object-fails', 'plain parameters'],
    { object: 'none' },
    told('invalid_request'),
  ),
  changed(
    JARM,
    ['ensure-response-type-code-fails', 'response_type=code without JARM'],
    { params: { response_mode: undefined } },
    told('invalid_request', 'unsupported_response_type'),
  ),
  attempted(
    HYBRID,
    ['FAPI1-ADV-5.2.2.1-5', 'state: s_hash in the answer'],
    async (_, party) => {
      const { params } = await party.respond(await party.authorize())
      return typeof decodeJwt(String(params.id_token)).s_hash
    },
    ['string'],
  ),
  changed(JARM, ['ensure-different-state-inside-and-outside-request-object', 'another state and nonce outside'], { outside }, INSIDE_WINS),
  changed(
    JARM,
    ['state-only-outside-request-object-not-used', 'state outside only'],
    { params: { state: undefined }, outside: { state: 'outside' } },
    NO_STATE_OR,
  ),
  changed(
    JARM,
    ['ensure-valid-pkce-succeeds', 'no PKCE by value'],
    { params: { code_challenge: undefined, code_challenge_method: undefined } },
    ['code'],
  ),
  changed(
    JARM,
    ['par-plain-pkce-rejected', 'FAPI 1.0 by value: code_challenge_method=plain'],
    { params: { code_challenge_method: 'plain' } },
    told('invalid_request'),
  ),
  attempted(
    JARM,
    ['user-rejects-authentication', 'FAPI 1.0: the user says no'],
    async (scene, party) => arrived(party, await party.authorize({ browser: scene.browser(), user: { decision: 'deny' } })),
    ['redirect access_denied'],
  ),
  attempted(
    JARM,
    ['RFC9101-5-a', 'another client_id outside than inside'],
    async (scene, party) => {
      const other = scene.as('fapi1-both')
      return look(scene, other, { ...honest(party), client_id: other.tpp.id, request: await party.object() })
    },
    told('invalid_request', 'invalid_request_object'),
  ),
  attempted(
    JARM,
    ['ensure-matching-key-in-authorization-request', 'the request object of another client, whole'],
    async (scene, party) => look(scene, party, { ...honest(party), request: await scene.as('fapi1-both').object() }),
    told('invalid_request', 'invalid_request_object'),
  ),
  attempted(
    JARM,
    ['ensure-registered-redirect-uri', 'FAPI 1.0: plain parameters with an unregistered redirect_uri'],
    async (scene, party) => look(scene, party, { ...honest(party), redirect_uri: 'https://attacker.example/cb' }),
    PAGE,
  ),
  attempted(
    JARM,
    ['ensure-different-nonce-inside-and-outside-request-object', 'another nonce outside: the one in the ID token'],
    async (_, party) => {
      const { id_token } = await party.tokens({ outside: { nonce: 'outside' } })
      return String(decodeJwt(String(id_token)).nonce)
    },
    ['nonce-of-the-client'],
  ),
  changed(JARM, ['ensure-authorization-request-without-state-success', 'no state'], { params: { state: undefined } }, [
    'code without state',
  ]),
  attempted(
    HYBRID,
    ['ensure-authorization-request-without-state-success', 'no state: state and s_hash in the answer'],
    async (_, party) => {
      const landing = await party.authorize({ params: { state: undefined } })
      const outcome = await arrived(party, landing, { state: undefined })
      if (outcome !== 'code without state') return outcome
      const { params } = await party.respond(landing)
      return `${outcome}, s_hash ${decodeJwt(String(params.id_token)).s_hash}`
    },
    ['code without state, s_hash undefined'],
  ),
  attempted(
    HYBRID,
    ['ensure-response-mode-query', 'response_mode=query with code id_token'],
    async (_, party) => placeOf(party, await party.authorize({ params: { response_mode: 'query' } })),
    ['code in the fragment', ...told('invalid_request')],
  ),
  attempted(
    { as: 'fapi1-hybrid', by: 'push' },
    ['ensure-response-mode-query', 'response_mode=query with code id_token'],
    async (scene, party) => {
      const answer = await party.push({ params: { response_mode: 'query' } })
      if (answer.status !== 201) return said(answer)
      const query = { client_id: party.tpp.id, request_uri: String(answer.json.request_uri) }
      return placeOf(party, await scene.browser().journey(addressOf(scene, query)))
    },
    ['code in the fragment', ...told('invalid_request'), ...badRequest('invalid_request', 'invalid_request_object')],
  ),
]

/** Where a code arrived; what else came of it otherwise. */
async function placeOf(party: Party, landing: Landing): Promise<string> {
  const outcome = await arrived(party, landing)
  return outcome === 'code' ? `code in the ${(await party.respond(landing)).place}` : outcome
}
