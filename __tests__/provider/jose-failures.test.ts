import { createPolicy, fapi2MessageSigning, fapi2Security, profileNamed, type Verdict } from 'express-fapi'
import type { Change } from '../support/change.js'
import { fromNow, type JwtChange } from '../support/jwt.js'
import { mintKey } from '../support/keys.js'
import { type OwnServer, openOwnServer } from '../support/own-server.js'
import type { Answer } from '../support/wire.js'

/* What node-oidc-provider refuses of JWTs is told apart in the record, with figures; what it answers stays as it was. */

const stranger = mintKey('ES256', 'key-of-nobody')
const verdicts: Verdict[] = []

let server: OwnServer
beforeAll(async () => {
  const policy = createPolicy({
    profiles: [fapi2Security, fapi2MessageSigning],
    choose: ({ fapi_profile }) => profileNamed(String(fapi_profile)),
    record: (verdict) => void verdicts.push(verdict),
  })
  const metadata = { grant_types: ['authorization_code', 'client_credentials'] }
  const signs = { ...metadata, require_signed_request_object: true, response_modes: ['jwt'] }
  server = await openOwnServer({
    policy,
    configuration: {
      features: {
        clientCredentials: { enabled: true },
        encryption: { enabled: true },
        jwtResponseModes: { enabled: true },
        requestObjects: { enabled: true },
      },
    },
    clients: {
      fapi2: { profile: 'fapi2-security', auth: 'private_key_jwt', bound: 'dpop', metadata },
      signing: { profile: 'fapi2-message-signing', auth: 'private_key_jwt', bound: 'dpop', metadata: signs },
    },
  })
})
afterAll(() => server?.close())

async function refused(request: () => Promise<Answer>) {
  const before = verdicts.length
  const answer = await request()
  return { answer, rejection: verdicts.slice(before).find(({ rejection }) => rejection)?.rejection }
}

type Case = readonly [name: string, change: () => Change, rule: string, detail: RegExp]

const assertion = (change: JwtChange): Change => ({ assertion: change })
const kidOf = (name: string) => server.as(name).tpp.key.kid

const ASSERTIONS: readonly Case[] = [
  [
    'an unknown kid',
    () => assertion({ header: { kid: 'nobody' } }),
    'assertion-key',
    /^alg ES256 and kid nobody; known is kid \w+…\w+ \(36 characters\) \(P-256\)$/,
  ],
  [
    'a broken signature',
    () => assertion({ signature: 'broken' }),
    'assertion-signature',
    /^alg ES256 and kid .*: no key of the client that fits made this signature/,
  ],
  [
    'the key of nobody under the own kid',
    () => assertion({ key: stranger, header: { kid: kidOf('fapi2') } }),
    'assertion-signature',
    /^alg ES256 and kid/,
  ],
  ['another alg', () => assertion({ alg: 'none' }), 'assertion-algorithms', /^alg is none, allowed is PS256/],
  ['exp 90 seconds ago', () => assertion({ claims: { exp: fromNow(-90) } }), 'assertion-expired', /^exp was 9\d s ago/],
  [
    'nbf 90 seconds ahead',
    () => assertion({ claims: { nbf: fromNow(90), exp: fromNow(120) } }),
    'assertion-clock',
    /^nbf is \d\d s ahead \(now is \d+\)$/,
  ],
  [
    'aud of another server',
    () => assertion({ claims: { aud: 'https://other.example' } }),
    'assertion-audience-is-issuer',
    /^aud is https:\/\/other\.example, right would be https:\/\/localhost:\d+$/,
  ],
  ['no exp', () => assertion({ claims: { exp: undefined } }), 'assertion-lifetime', /^missing is exp$/],
  ['no jti', () => assertion({ claims: { jti: undefined } }), '(assertion-claims|assertion-subject)', /^missing is jti$/],
  ['no aud', () => assertion({ claims: { aud: undefined } }), 'assertion-audience-is-issuer', /^(missing is aud|aud is nothing, .*)$/],
  [
    'iss of another',
    () => assertion({ claims: { iss: 'signing' } }),
    '(assertion-subject|client-identifiers-agree)',
    /^iss is signing, right would be fapi2$/,
  ],
  ['no JWT', () => ({ assertion: { compact: 'a.b' } }), 'assertion-readable', /^it has 2 parts, a signed JWT has 3$/],
]

const OBJECTS: readonly Case[] = [
  ['an unknown kid', () => ({ object: { header: { kid: 'nobody' } } }), 'request-object-key', /^alg ES256 and kid nobody; known is kid/],
  ['a broken signature', () => ({ object: { signature: 'broken' } }), 'request-object-signature', /^alg ES256 and kid/],
  ['another alg', () => ({ object: { alg: 'none' } }), 'request-object-algorithms', /^alg is none/],
  [
    'exp 90 seconds ago',
    () => ({ object: { claims: { nbf: fromNow(-200), exp: fromNow(-90) } } }),
    'request-object-exp',
    /^exp was 9\d s ago/,
  ],
  ['nbf 90 seconds ahead', () => ({ object: { claims: { nbf: fromNow(90) } } }), 'request-object-clock', /^nbf is \d\d s ahead/],
  [
    'aud of another server',
    () => ({ object: { claims: { aud: 'https://other.example' } } }),
    'request-object-audience',
    /^aud is https:\/\/other\.example, right would be/,
  ],
  [
    'client_id of another',
    () => ({ object: { claims: { client_id: 'fapi2' } } }),
    'request-object-client',
    /^client_id is fapi2, right would be signing$/,
  ],
  ['no JWT', () => ({ object: { compact: 'x.y' } }), 'request-object-readable', /^it has 2 parts/],
]

const PROOFS: readonly Case[] = [
  ['a broken signature', () => ({ proof: { signature: 'broken' } }), 'dpop-signature', /did not make this signature$/],
  ['typ JWT', () => ({ proof: { header: { typ: 'JWT' } } }), 'dpop-proof-readable', /^typ is JWT, right would be dpop\+jwt$/],
  ['another alg', () => ({ proof: { key: mintKey('ES384') } }), 'proof-algorithms', /^(alg is ES384.*|undefined)$/],
  ['the method of another request', () => ({ proof: { method: 'GET' } }), 'dpop-method', /^htm is GET, right would be POST$/],
  [
    'the URL of another server',
    () => ({ proof: { url: 'https://other.example/token' } }),
    '(dpop-url|proof-recipient)',
    /^(htu is https:\/\/other\.example\/token, right would be https:\/\/localhost.*|undefined)$/,
  ],
  [
    'iat an hour ago',
    () => ({ proof: { claims: { iat: fromNow(-3600) } } }),
    '(dpop-time|proof-clock)',
    /^(iat is 36\d\d s ago .*|undefined)$/,
  ],
]

describe.each([
  ['client assertions', 'fapi2', ASSERTIONS],
  ['request objects', 'signing', OBJECTS],
] as const)('%s', (_what, client, cases) => {
  test.each(cases)('%s', async (_name, change, rule, detail) => {
    const party = server.as(client)
    const { answer, rejection } = await refused(() => party.push(change()))
    expect([rejection?.rule, String(rejection?.detail)]).toEqual([expect.stringMatching(`^${rule}$`), expect.stringMatching(detail)])
    expect(Object.keys(answer.json).sort()).toEqual(['error', 'error_description'])
    expect(answer.text).not.toContain(String(rejection?.detail))
    expect(String(rejection?.detail)).not.toMatch(/eyJ/)
    expect((await party.push()).status).toBe(201)
  })
})

test.each(PROOFS)('DPoP proofs: %s', async (_name, change, rule, detail) => {
  const send = (sent: Change) => server.as('fapi2').token({ grant_type: 'client_credentials' }, sent)
  const { answer, rejection } = await refused(() => send(change()))
  expect([rejection?.rule, String(rejection?.detail)]).toEqual([expect.stringMatching(`^${rule}$`), expect.stringMatching(detail)])
  expect(answer.text).not.toContain(String(rejection?.detail))
  expect((await send({})).status).toBe(200)
})

test('who could be guessing learns nothing: an unknown kid, a broken signature and an expired assertion are answered alike', async () => {
  const changes = [{ header: { kid: 'nobody' } }, { signature: 'broken' }, { claims: { exp: fromNow(-90) } }] as const
  const answers = await Promise.all(changes.map((change) => server.as('fapi2').push({ assertion: change })))
  expect(new Set(answers.map(({ status, text }) => `${status} ${text}`)).size).toBe(1)
})

test('an alg that is lists in lists is refused like any other', async () => {
  const deep = 12_000
  const part = (text: string) => Buffer.from(text).toString('base64url')
  const header = (alg: string) => part(`{"kid":"x","alg":${alg}}`)
  const compact = (alg: string) => `${header(alg)}.${part(JSON.stringify({ sub: server.as('fapi2').tpp.id }))}.AA`
  const [plain, nested] = [compact('"none"'), compact('['.repeat(deep) + ']'.repeat(deep))]
  const other = await server.as('fapi2').push({ assertion: { compact: plain } })
  const { answer, rejection } = await refused(() => server.as('fapi2').push({ assertion: { compact: nested } }))
  expect([answer.status, answer.text]).toEqual([other.status, other.text])
  expect([answer.status, rejection?.rule]).toEqual([401, 'assertion-algorithms'])
})

test('a secret without a value counts as none, one with a value is a second way to authenticate', async () => {
  const send = (client_secret: string) => server.as('fapi2').token({ grant_type: 'client_credentials', client_secret })
  expect((await send('')).status).toBe(200)
  const { answer, rejection } = await refused(() => send('x'))
  expect([answer.json.error, rejection?.rule]).toEqual([expect.stringMatching('^invalid_'), 'one-authentication-method'])
})
