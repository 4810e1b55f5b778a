import { randomUUID } from 'node:crypto'
import { fromNow, type JwtChange } from '../../support/jwt.js'
import type { Party } from '../../support/party.js'
import { CLIENT_AUTH, CLIENT_AUTH_AT_PAR, INVALID_CLIENT } from './answers.js'
import { said } from './outcome.js'
import { attempted, changed, type Row } from './row.js'
import type { Scene } from './scene.js'

const PAR = 'pushed_authorization_request_endpoint'

type Fault = readonly [module: string, sent: string, change: (scene: Scene, party: Party) => JwtChange, only?: readonly string[]]

/** Assertions that nobody takes; `only` are the answers of a row that accepts no others. */
const FAULTS: readonly Fault[] = [
  ['ensure-client-assertion-with-wrong-iss-fails', 'iss of another client', () => ({ claims: { iss: 'tpp-fapi2-second' } })],
  ['ensure-client-assertion-with-wrong-sub-fails', 'sub of another client', () => ({ claims: { sub: 'tpp-fapi2-second' } })],
  ['ensure-client-assertion-with-no-sub-fails', 'no sub', () => ({ claims: { sub: undefined } })],
  ['ensure-client-assertion-with-wrong-aud-fails', 'aud of another server', () => ({ claims: { aud: 'https://other.example' } })],
  ['ensure-client-assertion-with-wrong-aud-fails', 'no aud', () => ({ claims: { aud: undefined } })],
  [
    'ensure-client-assertion-with-exp-is-5-minutes-in-past-fails',
    'exp 5 minutes ago',
    () => ({ claims: { iat: fromNow(-400), exp: fromNow(-300) } }),
  ],
  ['RFC7523-3-d', 'no exp', () => ({ claims: { exp: undefined } })],
  ['RFC7523-3-e', 'no jti', () => ({ claims: { jti: undefined } })],
  ['ensure-signed-client-assertion-with-RS256-fails', 'RS256', () => ({ alg: 'RS256' }), INVALID_CLIENT],
  ['RFC7523-3-h', 'alg=none', () => ({ alg: 'none' })],
  ['RFC7523-3-h', 'another signature', () => ({ signature: 'broken' })],
  ['RFC7523-3-h', 'the key of another client', (scene) => ({ key: scene.as('fapi2-second').tpp.key })],
  [
    'RFC7523-3-h',
    'the key of another client under the own kid',
    (scene, { tpp }) => ({ key: scene.as(tpp.id === 'tpp-fapi2' ? 'fapi1-jarm' : 'fapi2').tpp.key, header: { kid: tpp.key.kid } }),
  ],
  [
    'par-ensure-jwt-client-assertions-nbf-over-60-seconds-in-the-future-fails',
    'iat and nbf 62 seconds ahead',
    () => ({ claims: { iat: fromNow(62), nbf: fromNow(62), exp: fromNow(120) } }),
  ],
]

const ahead = () => ({ assertion: { claims: { iat: fromNow(8), nbf: fromNow(8) } } })
const PLACES = [
  { as: 'fapi2', by: 'push', accepted: CLIENT_AUTH_AT_PAR, ok: '201' },
  { as: 'fapi2', by: 'redeem', accepted: CLIENT_AUTH, ok: '200' },
  { as: 'fapi1-jarm', by: 'push', accepted: CLIENT_AUTH, ok: '201' },
  { as: 'fapi1-jarm', by: 'redeem', accepted: CLIENT_AUTH, ok: '200' },
] as const

/** Audiences that one generation refuses and the other one takes. */
const AUDIENCES: readonly (readonly [module: string, sent: string, aud: (scene: Scene, party: Party) => unknown])[] = [
  ['par-test-array-as-audience', 'aud is [issuer, other]', ({ issuer }) => [issuer, 'https://other.example']],
  ['par-test-pushed-authorization-url-as-audience', 'aud is the PAR endpoint', (_, party) => party.endpoint(PAR)],
  ['par-test-token-endpoint-url-as-audience', 'aud is the token endpoint', (_, party) => party.endpoint('token_endpoint')],
]

/** Client assertions at the PAR endpoint and at the token endpoint, in both generations. */
export const CLIENT_ASSERTIONS: readonly Row[] = [
  ...PLACES.flatMap(({ as, by, accepted, ok }) => [
    ...FAULTS.map(([module, sent, change, only = accepted]) =>
      changed({ as, by }, [module, sent], (scene, party) => ({ assertion: change(scene, party) }), only),
    ),
    changed({ as, by }, ['ensure-client-assertion-in-token-endpoint', 'no assertion'], { assertion: 'none' }, accepted),
    changed(
      { as, by },
      ['ensure-client-id-in-token-endpoint', 'client_id of another client'],
      by === 'redeem' ? { params: { client_id: 'tpp-fapi2-second' } } : { outside: { client_id: 'tpp-fapi2-second' } },
      by === 'redeem' ? [...INVALID_CLIENT, '400 invalid_grant'] : accepted,
    ),
    attempted(
      { as, by },
      ['RFC7523-3-g', 'the same assertion again'],
      async (_, party) => {
        const change = { assertion: { compact: await party.assertion({ claims: { jti: randomUUID() } }) } }
        const send = async () => said(by === 'push' ? await party.push(change) : await party.redeem(await party.code(), change))
        expect(await send()).toBe(ok)
        return send()
      },
      accepted,
    ),
    changed(
      { as, by },
      ['par-ensure-jwt-client-assertions-nbf-8-seconds-in-the-future-is-accepted', 'iat and nbf 8 seconds ahead'],
      ahead,
      [ok],
    ),
  ]),
  ...AUDIENCES.map(([module, sent, aud]) =>
    changed(
      { as: 'fapi2', by: 'push' },
      [`${module}-fails`, sent],
      (scene, party) => ({ assertion: { claims: { aud: aud(scene, party) } } }),
      CLIENT_AUTH_AT_PAR,
    ),
  ),
  ...AUDIENCES.map(([module, sent, aud]) =>
    changed(
      { as: 'fapi1-jarm', by: 'push' },
      [`${module}-for-client-JWT-assertion`, sent],
      (scene, party) => ({ assertion: { claims: { aud: aud(scene, party) } } }),
      ['201'],
    ),
  ),
  changed(
    { as: 'fapi1-jarm', by: 'redeem' },
    ['ensure-client-assertion-with-iss-aud-succeeds', 'aud is the issuer'],
    ({ issuer }) => ({ assertion: { claims: { aud: issuer } } }),
    ['200'],
  ),
]
