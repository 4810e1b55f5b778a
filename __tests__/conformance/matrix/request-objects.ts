import { fromNow, type JwtChange } from '../../support/jwt.js'
import { mintKey } from '../../support/keys.js'
import type { Party } from '../../support/party.js'
import type { Params } from '../../support/wire.js'
import { badRequest, PAGE, told } from './answers.js'
import { attempted, changed, followed, type Row } from './row.js'
import type { Scene } from './scene.js'

const rsa = mintKey('PS256')

type Fault = readonly [module: string, sent: string, change: (scene: Scene, party: Party) => JwtChange, more?: readonly string[]]

/** RO-FAULT: faulty objects; by value, `more` errors are accepted. */
const FAULTS: readonly Fault[] = [
  ['ensure-request-object-signature-algorithm-is-not-none', 'alg=none', () => ({ alg: 'none' })],
  [
    'ensure-signed-request-object-with-RS256-fails',
    'RS256',
    (_, { tpp }) => ({ key: tpp.key.alg === 'PS256' ? tpp.key : rsa, alg: 'RS256' }),
  ],
  ['ensure-request-object-with-invalid-signature-fails', 'another signature', () => ({ signature: 'broken' })],
  ['ensure-matching-key-in-authorization-request', 'the key of another client', (scene) => ({ key: scene.as('fapi2-second').tpp.key })],
  [
    'ensure-matching-key-in-authorization-request',
    'the key of another client under the own kid',
    (scene, { tpp }) => ({ key: scene.as(tpp.key.alg === 'PS256' ? 'fapi2' : 'fapi2-second').tpp.key, header: { kid: tpp.key.kid } }),
  ],
  ['ensure-expired-request-object-fails', 'exp 5 minutes ago', () => ({ claims: { nbf: fromNow(-900), exp: fromNow(-300) } })],
  [
    'ensure-request-object-without-exp-fails',
    'no exp',
    () => ({ claims: { exp: undefined } }),
    ['invalid_request', 'invalid_request_uri', 'access_denied'],
  ],
  [
    'ensure-request-object-without-nbf-fails',
    'no nbf',
    () => ({ claims: { nbf: undefined } }),
    ['invalid_request', 'invalid_request_uri', 'access_denied'],
  ],
  ['ensure-request-object-with-exp-over-60-fails', 'exp 61 minutes after nbf', () => ({ claims: { nbf: fromNow(0), exp: fromNow(3660) } })],
  ['ensure-request-object-with-nbf-over-60-fails', 'nbf 70 minutes ago', () => ({ claims: { nbf: fromNow(-4200), exp: fromNow(300) } })],
  [
    'ensure-request-object-with-nbf-over-60-fails',
    'nbf 61 minutes ago, exp within the skew',
    () => ({ claims: { nbf: fromNow(-3605), exp: fromNow(-5) } }),
  ],
  ['ensure-request-object-with-bad-aud-fails', 'aud of another server', () => ({ claims: { aud: 'https://other.example' } })],
  ['ensure-request-object-with-bad-aud-fails', 'no aud', () => ({ claims: { aud: undefined } })],
  [
    'par-pushed-authorization-url-as-audience-in-request-object',
    'aud is the PAR endpoint',
    (_, party) => ({ claims: { aud: party.endpoint('pushed_authorization_request_endpoint') } }),
  ],
  [
    'par-authorization-request-containing-request_uri',
    'request_uri inside',
    () => ({ claims: { request_uri: 'urn:ietf:params:oauth:request_uri:x' } }),
  ],
  ['FAPI2-SP-5.3.2.1-13', 'nbf 62 seconds ahead', () => ({ claims: { nbf: fromNow(62) } })],
]

/** The nearest legal change of the faults that have one. */
const NEAREST: Readonly<Record<string, () => JwtChange>> = {
  'exp 61 minutes after nbf': () => ({ claims: { nbf: fromNow(-5), exp: fromNow(3595) } }),
  'nbf 70 minutes ago': () => ({ claims: { nbf: fromNow(-3540), exp: fromNow(30) } }),
  'nbf 62 seconds ahead': () => ({ claims: { nbf: fromNow(8) } }),
}

type Sound = readonly [module: string, sent: string, change: (scene: Scene) => JwtChange]

const SOUND: readonly Sound[] = [
  [
    'ensure-request-object-with-multiple-aud-succeeds',
    'aud is [issuer, other]',
    ({ issuer }) => ({ claims: { aud: [issuer, 'https://other.example'] } }),
  ],
  ['ensure-request-object-with-nbf-8-seconds-in-the-future-is-accepted', 'nbf 8 seconds ahead', () => ({ claims: { nbf: fromNow(8) } })],
]

/** Parameters that must stand inside. */
const MISSING: readonly (readonly [module: string, claim: string, more?: readonly string[]])[] = [
  ['ensure-request-object-without-nonce-fails', 'nonce', ['invalid_request_uri']],
  ['ensure-request-object-without-redirect-uri-fails', 'redirect_uri'],
  ['ensure-request-object-without-scope-fails', 'scope', ['access_denied', 'invalid_request_uri']],
]
const without = (claim: string): Params => ({ [claim]: undefined })
const OBJECT_OR_REQUEST = ['invalid_request', 'invalid_request_object']

const PUSHERS = ['signing', 'fapi1-jarm'] as const
const UNREGISTERED = { params: { redirect_uri: 'https://attacker.example/cb' } }

/** Request objects: pushed in both generations, and by value in FAPI 1.0. */
export const REQUEST_OBJECTS: readonly Row[] = [
  ...PUSHERS.flatMap((as) => {
    const what = { as, by: 'push' } as const
    return [
      ...FAULTS.map(([module, sent, change]) =>
        changed(
          what,
          [module, sent],
          (scene, party) => ({ object: change(scene, party) }),
          badRequest('invalid_request_object'),
          nearestTo(sent),
        ),
      ),
      ...SOUND.map(([module, sent, change]) => changed(what, [module, sent], (scene) => ({ object: change(scene) }), ['201'])),
      attempted(
        what,
        ['par-attempt-invalid-redirect_uri', 'an unregistered redirect_uri inside'],
        (scene, party) => followed(scene, party, UNREGISTERED),
        [...badRequest(...OBJECT_OR_REQUEST), ...PAGE],
      ),
      changed(
        what,
        ['ensure-request-object-without-redirect-uri-fails', 'no redirect_uri inside'],
        { params: without('redirect_uri') },
        badRequest(...OBJECT_OR_REQUEST),
      ),
    ]
  }),
  ...MISSING.filter(([, claim]) => claim !== 'redirect_uri').map(([module, claim]) =>
    changed({ as: 'fapi1-jarm', by: 'push' }, [module, `no ${claim} inside`], { params: without(claim) }, badRequest(...OBJECT_OR_REQUEST)),
  ),
  ...(['fapi1-jarm', 'fapi1-hybrid'] as const).flatMap((as) => {
    const what = { as, by: 'by value' } as const
    return [
      ...FAULTS.map(([module, sent, change, more = []]) =>
        changed(
          what,
          [module, sent],
          (scene, party) => ({ object: change(scene, party) }),
          told('invalid_request_object', ...more),
          nearestTo(sent),
        ),
      ),
      ...SOUND.map(([module, sent, change]) => changed(what, [module, sent], (scene) => ({ object: change(scene) }), ['code'])),
      ...MISSING.flatMap(([module, claim, more = []]) => [
        changed(what, [module, `no ${claim} inside`], { params: without(claim) }, told(...OBJECT_OR_REQUEST, ...more)),
        changed(
          what,
          [module, `${claim} outside only`],
          (_, { tpp }) => ({ params: without(claim), outside: { [claim]: claim === 'redirect_uri' ? tpp.redirectUri : 'openid' } }),
          told(...OBJECT_OR_REQUEST, ...more),
        ),
      ]),
      changed(what, ['ensure-registered-redirect-uri', 'an unregistered redirect_uri inside'], UNREGISTERED, PAGE),
      changed(what, ['ensure-request-object-with-64-char-nonce-success', '64 characters'], { params: { nonce: 'n'.repeat(64) } }, ['code']),
    ]
  }),
]

function nearestTo(sent: string) {
  const nearest = NEAREST[sent]
  return nearest && (() => ({ object: nearest() }))
}
