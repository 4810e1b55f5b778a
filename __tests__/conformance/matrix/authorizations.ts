import { decodeJwt } from 'jose'
import { PAGE, told } from './answers.js'
import { arrived } from './outcome.js'
import { attempted, changed, honest, look, type Row } from './row.js'

const FAPI2 = { as: 'fapi2', by: 'pushed' } as const
const SIGNING = { as: 'signing', by: 'pushed' } as const
const INSIDE_WINS = ['code', ...told('invalid_request')]
/** `state` outside only: it is not used, or the request is refused. */
const NO_STATE_OR = ['code without state', 'redirect invalid_request', 'redirect invalid_request_object', 'redirect access_denied']
const outside = { state: 'outside', nonce: 'outside', redirect_uri: 'https://attacker.example/cb', code_challenge: 'x' }

/** The authorization endpoint of FAPI 2.0: what a request is made of, and what does not count. */
export const AUTHORIZATIONS: readonly Row[] = [
  attempted(
    FAPI2,
    ['ensure-unsigned-authorization-request-without-using-par-fails', 'plain parameters'],
    async (scene, party) => look(scene, party, honest(party)),
    told('invalid_request'),
  ),
  attempted(
    SIGNING,
    ['FAPI2-SP-5.3.2.2-3', 'a signed request object by value'],
    async (scene, party) => look(scene, party, { ...honest(party), request: await party.object() }),
    told('invalid_request'),
  ),
  attempted(
    FAPI2,
    ['ensure-registered-redirect-uri', 'plain parameters with an unregistered redirect_uri'],
    async (scene, party) => look(scene, party, { ...honest(party), redirect_uri: 'https://attacker.example/cb' }),
    PAGE,
  ),
  attempted(
    FAPI2,
    ['FAPI2-SP-5.3.2.1-7', 'an unknown client'],
    async (scene, party) => look(scene, party, { ...honest(party), client_id: 'nobody' }),
    PAGE,
  ),
  changed(FAPI2, ['par-without-duplicate-parameters', 'client_id and request_uri only'], {}, ['code']),
  changed(FAPI2, ['ensure-authorization-request-without-state-success', 'no state'], { params: { state: undefined } }, [
    'code without state',
  ]),
  changed(FAPI2, ['ensure-authorization-request-without-nonce-success', 'no nonce'], { params: { nonce: undefined } }, ['code']),
  changed(FAPI2, ['ensure-other-scope-order-succeeds', 'accounts openid'], { params: { scope: 'accounts openid' } }, ['code']),
  changed(
    FAPI2,
    ['ensure-different-state-inside-and-outside-request-object', 'another state, nonce, redirect_uri and code_challenge outside'],
    { front: outside },
    INSIDE_WINS,
  ),
  changed(
    SIGNING,
    ['ensure-different-state-inside-and-outside-request-object', 'another state, nonce, redirect_uri and code_challenge outside'],
    { front: outside },
    INSIDE_WINS,
  ),
  changed(
    FAPI2,
    ['state-only-outside-request-object-not-used', 'state outside only'],
    { params: { state: undefined }, front: { state: 'outside' } },
    NO_STATE_OR,
  ),
  attempted(
    FAPI2,
    ['ensure-different-nonce-inside-and-outside-request-object', 'another nonce outside: the one in the ID token'],
    async (_, party) => {
      const { id_token } = await party.tokens({ front: { nonce: 'outside' } })
      return String(decodeJwt(String(id_token)).nonce)
    },
    ['nonce-of-the-client'],
  ),
  attempted(
    FAPI2,
    ['ensure-authorization-request-without-nonce-success', 'no nonce: the one in the ID token'],
    async (_, party) => {
      const { id_token } = await party.tokens({ params: { nonce: undefined } })
      return String(decodeJwt(String(id_token)).nonce)
    },
    ['undefined'],
  ),
  attempted(
    FAPI2,
    ['user-rejects-authentication', 'the user says no, with a state of 128 characters'],
    async (scene, party) => {
      const state = 's'.repeat(128)
      return arrived(party, await party.authorize({ params: { state }, browser: scene.browser(), user: { decision: 'deny' } }), { state })
    },
    ['redirect access_denied'],
  ),
  changed(
    FAPI2,
    ['ensure-authorization-request-with-long-state', '1000 characters: the state in the answer'],
    { params: { state: 's'.repeat(1000) } },
    ['code'],
  ),
  ...[64, 384].map((length) =>
    attempted(
      FAPI2,
      ['ensure-authorization-request-with-64-char-nonce-success / -with-long-nonce', `${length} characters: the nonce in the ID token`],
      async (_, party) => {
        const nonce = 'n'.repeat(length)
        const { id_token } = await party.tokens({ params: { nonce } })
        return decodeJwt(String(id_token)).nonce === nonce ? 'unchanged' : 'changed'
      },
      ['unchanged'],
    ),
  ),
]
