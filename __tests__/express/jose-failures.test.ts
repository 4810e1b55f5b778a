import { afterAll, beforeAll, describe, expect, test } from '@jest/globals'
import { fapi2MessageSigning, fapi2Security, profileNamed, type Verdict } from 'express-fapi'
import type { Change } from '../support/change.js'
import { fromNow, type JwtChange } from '../support/jwt.js'
import { mintKey } from '../support/keys.js'
import type { ProofChange } from '../support/proof.js'
import type { Answer } from '../support/wire.js'
import { type GuardedServer, openGuarded, privateJwkOf, SERVER_KEYS } from './guarded-server.js'

/* Each failure of a JWT is recorded under a name of its own, with figures; who sent it learns no more than before. */

const stranger = mintKey('ES256', 'key-of-nobody')
const rsa = mintKey('PS256', 'rsa-key')

let server: GuardedServer
beforeAll(async () => {
  server = await openGuarded({
    policy: { profiles: [fapi2Security, fapi2MessageSigning], choose: ({ fapi_profile }) => profileNamed(String(fapi_profile)) },
    roles: {
      fapi2: { profile: 'fapi2-security', auth: 'private_key_jwt', bound: 'dpop' },
      registered: {
        profile: 'fapi2-security',
        ...{ auth: 'private_key_jwt', bound: 'dpop', metadata: { token_endpoint_auth_signing_alg: 'ES256' } },
      },
      signing: {
        profile: 'fapi2-message-signing',
        ...{ auth: 'private_key_jwt', bound: 'dpop', metadata: { require_signed_request_object: true, response_modes: ['jwt'] } },
      },
    },
    options: { keys: { keys: SERVER_KEYS.map((key) => privateJwkOf(key)) } },
    mount({ app, guard }) {
      app.use('/par', guard.pushAuthorizationRequest())
      app.post('/token', guard.tokenRequest(), (_req, res) => void res.json({ access_token: 'x', token_type: 'DPoP', expires_in: 60 }))
    },
  })
})
afterAll(() => server?.close())

/** What one request left in the record, and its answer. */
async function refused(request: () => Promise<Answer>) {
  const before = server.verdicts.length
  const answer = await request()
  const verdict = server.verdicts.slice(before).find(({ rejection }: Verdict) => rejection)
  return { answer, verdict, rejection: verdict?.rejection }
}

type Case = readonly [name: string, change: () => Change, rule: string, detail: RegExp, client?: string]

const assertion = (change: JwtChange): Change => ({ assertion: change })
const kid = () => server.tpp('fapi2').key.kid

const ASSERTIONS: readonly Case[] = [
  [
    'an unknown kid',
    () => assertion({ header: { kid: 'nobody' } }),
    'assertion-key',
    /^alg ES256 and kid nobody; known is kid \w+…\w+ \(36 characters\) \(ES256\)$/,
  ],
  ['a key of nobody', () => assertion({ key: stranger }), 'assertion-key', /^alg ES256 and kid key-of-nobody; known is kid/],
  [
    'another alg',
    () => assertion({ key: rsa, alg: 'RS256' }),
    'assertion-algorithms',
    /^alg is RS256, allowed is PS256, ES256, EdDSA, Ed25519$/,
  ],
  ['alg none', () => assertion({ alg: 'none' }), 'assertion-algorithms', /^alg is none, allowed is/],
  [
    'another alg than is registered',
    () => assertion({ key: rsa }),
    'assertion-registered-alg',
    /^alg is PS256, allowed is ES256 \(token_endpoint_auth_signing_alg\)$/,
    'registered',
  ],
  [
    'a broken signature',
    () => assertion({ signature: 'broken' }),
    'assertion-signature',
    /^alg ES256 and kid \w+…\w+ \(36 characters\): the public key/,
  ],
  [
    'the key of nobody under the own kid',
    () => assertion({ key: stranger, header: { kid: kid() } }),
    'assertion-signature',
    /^alg ES256 and kid/,
  ],
  [
    'exp 90 seconds ago',
    () => assertion({ claims: { exp: fromNow(-90) } }),
    'assertion-expired',
    /^exp was 9\d s ago \(\d+, now is \d+\)$/,
  ],
  [
    'critical header members',
    () => assertion({ header: { 'urn:example:critical': true, crit: ['urn:example:critical'] } }),
    'assertion-readable',
    /^crit names urn:example:critical/,
  ],
  ['no JWT', () => ({ assertion: { compact: 'a.b' } }), 'assertion-readable', /client_assertion has 3 characters$/],
  ['sub of another', () => assertion({ claims: { sub: 'signing' } }), 'client-identifiers-agree', /^the client is fapi2, signing$/],
  [
    'a client that is not registered',
    () => ({ ...assertion({ claims: { sub: 'nobody', iss: 'nobody' } }), params: { client_id: 'nobody' } }),
    'client-known',
    /^no client nobody$/,
  ],
]

const PROOFS: readonly Case[] = [
  ['a broken signature', () => ({ proof: { signature: 'broken' } }), 'dpop-signature', /^alg ES256: the jwk in the header/],
  ['typ JWT', () => ({ proof: { header: { typ: 'JWT' } } }), 'dpop-proof-readable', /^typ is JWT, right would be dpop\+jwt$/],
  ['another alg', () => ({ proof: { key: mintKey('ES384') } }), 'proof-algorithms', /^alg is ES384, allowed is PS256/],
  ['no jwk', () => ({ proof: { header: { jwk: undefined } } }), 'dpop-proof-readable', /^jwk is missing/],
  [
    'a private jwk',
    () => ({ proof: { header: { jwk: { ...stranger.publicJwk, d: stranger.privateJwk.d } } } }),
    'dpop-proof-readable',
    /^jwk has members of a private key$/,
  ],
  ['no jti', () => ({ proof: { claims: { jti: undefined } } }), 'dpop-proof-readable', /^jti is nothing/],
  ['the method of another request', () => ({ proof: { method: 'GET' } }), 'dpop-method', /^htm is GET, right would be POST$/],
  [
    'the URL of another server',
    () => ({ proof: { url: 'https://other.example/token?secret=x' } }),
    'dpop-url',
    /^htu is https:\/\/other\.example\/token\?\[redacted, 8 characters\], right would be https:\/\/localhost/,
  ],
  [
    'iat 400 seconds ago',
    () => ({ proof: { claims: { iat: fromNow(-400) } } }),
    'dpop-time',
    /^iat is 40\d s ago; at most 60 s ago and 60 s ahead/,
  ],
  ['iat 90 seconds ahead', () => ({ proof: { claims: { iat: fromNow(90) } } }), 'dpop-time', /^iat is \d+ s ahead/],
  ['exp 100 seconds ago', () => ({ proof: { claims: { exp: fromNow(-100) } } }), 'dpop-time', /^exp was 1\d\d s ago/],
  ['no proof', () => ({ proof: 'none' }), '(holder-at-token-request|dpop-proof-given)', /^undefined$/],
]

const OBJECTS: readonly Case[] = [
  ['an unknown kid', () => ({ object: { header: { kid: 'nobody' } } }), 'request-object-key', /^alg ES256 and kid nobody; known is kid/],
  ['a broken signature', () => ({ object: { signature: 'broken' } }), 'request-object-signature', /^alg ES256 and kid/],
  ['another alg', () => ({ object: { key: rsa, alg: 'RS256' } }), 'request-object-algorithms', /^alg is RS256/],
  ['no JWT', () => ({ object: { compact: 'x' } }), 'request-object-readable', /^it has 1 parts, a signed JWT has 3$/],
  [
    'encrypted to nobody',
    () => ({
      object: { compact: `${Buffer.from('{"alg":"RSA-OAEP-256","enc":"A256GCM","kid":"theirs"}').toString('base64url')}.a.b.c.d` },
    }),
    'request-object-decryption',
    /^alg is RSA-OAEP-256, enc is A256GCM, kid is theirs: no key of this server is for that; known is no key to encrypt to$/,
  ],
  ['a JWE that cannot be read', () => ({ object: { compact: 'x.a.b.c.d' } }), 'request-object-decryption', /header is no JSON/],
  [
    'client_id of another',
    () => ({ object: { claims: { client_id: 'fapi2' } } }),
    'request-object-client',
    /^client_id is fapi2, right would be signing; iss is signing$/,
  ],
  ['a request inside', () => ({ object: { claims: { request_uri: 'urn:x' } } }), 'request-object-flat', /^it contains request_uri$/],
]

/** What is an answer's own business to keep: names of keys, figures, and the reason an assertion failed beyond its sentence. */
function expectReserved(answer: Answer, detail: string | undefined) {
  expect(Object.keys(answer.json).sort()).toEqual(['error', 'error_description'])
  for (const { key } of [server.tpp('fapi2'), server.tpp('signing')]) expect(answer.text).not.toContain(key.kid)
  expect(answer.text).not.toMatch(/known is|seconds ago|Hint/)
  if (detail) expect(answer.text).not.toContain(detail)
}

/** No key, token or proof stands in what is recorded. */
function expectNoSecrets(detail: string | undefined) {
  expect(detail ?? '').not.toMatch(/eyJ/)
  expect(detail ?? '').not.toContain(String(stranger.privateJwk.d))
  expect((detail ?? '').length).toBeLessThan(700)
}

describe.each([
  ['client assertions', 'fapi2', ASSERTIONS],
  ['request objects', 'signing', OBJECTS],
] as const)('%s', (_what, usual, cases) => {
  test.each(cases)('%s', async (_name, change, rule, detail, client = usual) => {
    const party = server.as(client)
    const { answer, rejection } = await refused(() => party.push(change()))
    expect([rejection?.rule, rejection?.detail]).toEqual([rule, expect.stringMatching(detail)])
    expectReserved(answer, rejection?.detail)
    expectNoSecrets(rejection?.detail)
    // The nearest request that is in order.
    expect((await party.push()).status).toBe(201)
  })
})

describe('DPoP proofs', () => {
  const send = (change: Change) => server.as('fapi2').token({ grant_type: 'client_credentials' }, change)
  test.each(PROOFS)('%s', async (_name, change, rule, detail) => {
    const { answer, rejection } = await refused(() => send(change()))
    expect([rejection?.rule, String(rejection?.detail)]).toEqual([expect.stringMatching(`^${rule}$`), expect.stringMatching(detail)])
    expectReserved(answer, rejection?.detail)
    expectNoSecrets(rejection?.detail)
    expect((await send({})).status).toBe(200)
  })

  test('a proof that was used', async () => {
    const party = server.as('fapi2')
    const proof = [await party.proof({ method: 'POST', url: `${server.issuer}/token` }, {} satisfies ProofChange)]
    expect((await send({ proof })).status).toBe(200)
    expect((await refused(() => send({ proof }))).rejection?.rule).toBe('dpop-once')
  })
})

test('an assertion that was used', async () => {
  const party = server.as('fapi2')
  const compact = await party.assertion()
  expect((await party.push({ assertion: { compact } })).status).toBe(201)
  const { rejection } = await refused(() => party.push({ assertion: { compact } }))
  expect(rejection).toMatchObject({ rule: 'assertion-once', error: 'invalid_client' })
  expect(JSON.stringify(server.verdicts)).not.toContain(compact)
})
