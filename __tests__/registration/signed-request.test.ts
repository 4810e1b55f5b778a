import { randomUUID } from 'node:crypto'
import type { ServerResponse } from 'node:http'
import fc from 'fast-check'
import { ConfigurationError } from '../../lib/core/errors.js'
import { keySet, localKeySet } from '../../lib/readers/key-set.js'
import type { Ecosystem } from '../../lib/registration/ecosystem.js'
import { auCdr, generic, ukObie } from '../../lib/registration/ecosystems/index.js'
import { RegistrationError } from '../../lib/registration/registration-error.js'
import { readSignedRequest } from '../../lib/registration/signed-request.js'
import { statementVerifier } from '../../lib/registration/software-statement.js'
import { ca, type Listening, listenTo } from '../readers/issuer-servers.js'
import { later } from '../support/clock.js'
import { fromNow, type JwtChange, type Members, signJwt } from '../support/jwt.js'
import { mintKey } from '../support/keys.js'
import { CALLBACKS, claimsOf, directory, mintStatement, refusal, SOFTWARE } from './statements.js'

const BANK = 'https://bank.example'
const software = mintKey('PS256', 'software')
const [es, ed, stranger] = [mintKey('ES256', 'es'), mintKey('EdDSA', 'ed'), mintKey('PS256', 'software')]

/** How the server with the keys of the software answers, and what it was asked for. */
const publisher: { answer: (res: ServerResponse) => unknown; asked: string[] } = { answer: () => undefined, asked: [] }
let server: Listening
const host = () => `localhost:${server.port}`
const url = () => `https://${host()}/software.jwks`
beforeAll(async () => {
  server = await listenTo((req, res) => {
    publisher.asked.push(String(req.url))
    publisher.answer(res)
  })
})
afterAll(() => server.close())
beforeEach(() => {
  publisher.asked = []
  publisher.answer = (res) => res.end(JSON.stringify({ keys: [software, es, ed].map(({ publicJwk }) => publicJwk) }))
})

const keysAt = (at: string) => keySet(at, { ca, allowPrivateHosts: [host()], timeout: 2 })
const keys = localKeySet({ keys: [directory.publicJwk] })
const verifierOf = (ecosystem: Ecosystem) => statementVerifier({ ecosystem, issuers: [{ issuer: String(claimsOf(ecosystem).iss), keys }] })
const statementOf = (ecosystem: Ecosystem, change: JwtChange = {}) =>
  mintStatement(ecosystem, { ...change, claims: { software_jwks_endpoint: url(), jwks_uri: url(), ...change.claims } })

/** A request as an honest software signs it. */
async function mintRequest(change?: JwtChange, ecosystem: Ecosystem = ukObie, statement?: string): Promise<string> {
  const claims = {
    ...{ iss: SOFTWARE, aud: BANK, iat: fromNow(0), exp: fromNow(300), jti: randomUUID() },
    ...{ redirect_uris: CALLBACKS, grant_types: ['authorization_code'], software_statement: statement ?? (await statementOf(ecosystem)) },
  }
  return signJwt({ header: { kid: software.kid }, claims, key: software }, change)
}

const read = (compact: string, ecosystem: Ecosystem = ukObie) =>
  readSignedRequest(compact, {
    ecosystem,
    verifyStatement: verifierOf(ecosystem).verify,
    keysAt,
    audience: ['bank-1', BANK],
    now: fromNow(0),
  })
const sent = async (change?: JwtChange, ecosystem?: Ecosystem) => read(await mintRequest(change, ecosystem), ecosystem)
const withStatement = async (change: JwtChange) => read(await mintRequest({}, ukObie, await statementOf(ukObie, change)))

test.each([ukObie, auCdr].map((ecosystem) => [ecosystem.name, ecosystem] as const))(
  'a request in %s is read as it was signed',
  async (_name, ecosystem) => {
    const statement = await statementOf(ecosystem)
    const { metadata, until, ...rest } = await read(await mintRequest({}, ecosystem, statement), ecosystem)
    expect(metadata).toEqual({ redirect_uris: CALLBACKS, grant_types: ['authorization_code'], software_statement: statement })
    expect(rest.statement).toMatchObject({ softwareId: SOFTWARE, organisationId: 'org-1' })
    expect(until).toBe(fromNow(301))
    expect(publisher.asked).toEqual(['/software.jwks'])
  },
)

describe('refused, and the nearest that is not', () => {
  const rows: readonly (readonly [what: string, change: () => JwtChange, says: string | RegExp, right?: () => JwtChange])[] = [
    ['alg none', () => ({ alg: 'none' }), /must be signed with PS256 or ES256/],
    ['HS256 with the public key', () => ({ alg: 'HS256' }), /must be signed with PS256 or ES256/],
    ['EdDSA, which the ecosystem has not', () => ({ key: ed }), /must be signed with PS256 or ES256/, () => ({ key: es })],
    ['a broken signature', () => ({ signature: 'broken' }), 'the signature of the registration request does not hold'],
    ['the signature of somebody else', () => ({ key: stranger }), 'the signature of the registration request does not hold'],
    ['the signature of the directory', () => ({ key: directory }), /the issuer has no key/],
    ['a kid of nobody', () => ({ header: { kid: 'nobody' } }), /the issuer has no key/],
    [
      'a key of its own in the header',
      () => ({ key: stranger, header: { jwk: stranger.publicJwk } }),
      /does not hold/,
      () => ({ header: { jwk: stranger.publicJwk } }),
    ],
    ['crit', () => ({ header: { crit: ['urn:example:critical'], 'urn:example:critical': true } }), /crit or b64/],
    ['iss of another software', () => ({ claims: { iss: 'another' } }), 'iss must be software_id of software_statement'],
    ['iss in a list', () => ({ claims: { iss: [SOFTWARE] } }), 'iss must be software_id of software_statement'],
    ['no iss', () => ({ claims: { iss: undefined } }), 'iss must be software_id of software_statement'],
    [
      'aud of another bank',
      () => ({ claims: { aud: 'https://other.example' } }),
      'aud must name this server',
      () => ({ claims: { aud: 'bank-1' } }),
    ],
    ['aud that only begins like it', () => ({ claims: { aud: `${BANK}.evil.example` } }), 'aud must name this server'],
    ['no aud', () => ({ claims: { aud: undefined } }), 'aud must name this server'],
    [
      'an empty aud',
      () => ({ claims: { aud: [] } }),
      'aud must name this server',
      () => ({ claims: { aud: ['https://other.example', BANK] } }),
    ],
    ['aud in an object', () => ({ claims: { aud: { includes: BANK } } }), 'aud must name this server'],
    ['no iat', () => ({ claims: { iat: undefined } }), 'iat is missing'],
    [
      'iat in the future',
      () => ({ claims: { iat: fromNow(60) } }),
      'iat is 60 seconds in the future',
      () => ({ claims: { iat: fromNow(10) } }),
    ],
    ['no exp', () => ({ claims: { exp: undefined } }), 'exp is missing'],
    ['exp as text', () => ({ claims: { exp: `${fromNow(300)}` } }), 'exp must be a time, in seconds since 1970'],
    ['expired', () => ({ claims: { exp: fromNow(0) } }), 'it expired 0 seconds ago (exp)', () => ({ claims: { exp: fromNow(1) } })],
    [
      'a long life',
      () => ({ claims: { exp: fromNow(3601) } }),
      'exp is 3601 seconds after iat, it may be 3600 at the most',
      () => ({ claims: { exp: fromNow(3600) } }),
    ],
    ['not valid yet', () => ({ claims: { nbf: fromNow(60) } }), 'nbf is 60 seconds in the future', () => ({ claims: { nbf: fromNow(0) } })],
    ['no jti', () => ({ claims: { jti: undefined } }), 'jti is missing, or is no text'],
    ['jti in a list', () => ({ claims: { jti: [randomUUID()] } }), 'jti is missing, or is no text'],
    ['jti that is no UUID', () => ({ claims: { jti: 'one' } }), 'jti must be a UUID of version 4'],
    [
      'jti of version 1',
      () => ({ claims: { jti: '2f1b6f0e-0d0a-11ef-9262-0242ac120002' } }),
      'jti must be a UUID of version 4',
      () => ({ claims: { jti: randomUUID().toUpperCase() } }),
    ],
    ['jti with a line break behind it', () => ({ claims: { jti: `${randomUUID()}\n` } }), 'jti must be a UUID of version 4'],
  ]

  test.each(rows.map(([what, change, says, right]) => [what, { change, says, right }] as const))(
    '%s',
    async (_what, { change, says, right }) => {
      const { error, message } = await refusal(sent(change()))
      expect([error, message]).toEqual([
        'invalid_client_metadata',
        typeof says === 'string' ? expect.stringContaining(says) : expect.stringMatching(says),
      ])
      await expect(sent(right?.())).resolves.toMatchObject({ metadata: { redirect_uris: CALLBACKS } })
    },
  )

  test('everything that is wrong is told at once', async () => {
    const { message } = await refusal(sent({ claims: { iss: 'a', aud: 'b', iat: undefined, jti: 'c' } }))
    expect(message).toBe(
      'the registration request is not accepted: iat is missing; iss must be software_id of software_statement; aud must name this server; jti must be a UUID of version 4',
    )
  })

  test.each(['', 'a.b', 'a.b.c', 'a.b.c.d.e', '\0', '{"redirect_uris":[]}', 'A'.repeat(1_000_000)])(
    'what is no JWT (%#)',
    async (compact) => {
      expect(await refusal(read(compact))).toMatchObject({
        error: 'invalid_client_metadata',
        message: expect.stringMatching(/^the registration request (must|is too long)/),
      })
    },
  )

  test('jti is any text in au-cdr', async () => {
    await expect(sent({ claims: { jti: 'one' } }, auCdr)).resolves.toBeDefined()
    expect(await refusal(sent({ claims: { jti: '' } }, auCdr))).toMatchObject({ error: 'invalid_client_metadata' })
  })
})

describe('the statement in it', () => {
  test.each<[string, unknown, RegExp]>([
    ['is missing', undefined, /must have a software_statement in it/],
    ['is null', null, /must have a software_statement in it/],
    ['is empty', '', /must have a software_statement in it/],
    ['is an object', { software_id: SOFTWARE }, /must be a signed JWT/],
    ['is a list', [], /must be a signed JWT/],
  ])('%s', async (_what, software_statement, says) => {
    const { error, message } = await refusal(sent({ claims: { software_statement } }))
    expect([error, message]).toEqual(['invalid_software_statement', expect.stringMatching(says)])
    expect(publisher.asked).toEqual([])
  })

  test('is verified before anything it says is followed', async () => {
    expect(await refusal(withStatement({ key: stranger }))).toMatchObject({ error: 'invalid_software_statement' })
    expect(await refusal(withStatement({ signature: 'broken' }))).toMatchObject({ error: 'invalid_software_statement' })
    expect(await refusal(withStatement({ claims: { iss: 'somebody' } }))).toMatchObject({ error: 'unapproved_software_statement' })
    expect(await refusal(withStatement({ claims: { iat: fromNow(-7200) } }))).toMatchObject({ error: 'invalid_software_statement' })
    expect(publisher.asked).toEqual([])
    await expect(withStatement({})).resolves.toBeDefined()
    expect(publisher.asked).toEqual(['/software.jwks'])
  })

  test('is another software’s, whose keys the sender has not', async () => {
    publisher.answer = (res) => res.end(JSON.stringify({ keys: [stranger.publicJwk] }))
    expect(await refusal(sent())).toMatchObject({ error: 'invalid_client_metadata', message: expect.stringContaining('does not hold') })
  })

  test.each<[string, unknown]>([
    ['http', 'http://keys.example/jwks'],
    ['a file', 'file:///etc/passwd'],
    ['a list', ['https://keys.example/jwks']],
    ['a private address', 'https://10.0.0.1/jwks'],
    ['where a machine asks about itself', 'https://169.254.169.254/jwks'],
    ['credentials', 'https://user:secret@keys.example/jwks'],
  ])('names keys that are not read: %s', async (_what, software_jwks_endpoint) => {
    const { error, message } = await refusal(withStatement({ claims: { software_jwks_endpoint } }))
    expect([error, message]).toEqual([
      'invalid_software_statement',
      'software_jwks_endpoint of software_statement must be an https URL that may be read from here',
    ])
    expect(message).not.toContain('secret')
  })

  test('names keys that are not even asked for without TLS', async () => {
    const asked: string[] = []
    const options = { ecosystem: ukObie, verifyStatement: verifierOf(ukObie).verify, audience: [BANK], now: fromNow(0) }
    const keysOfAnywhere = (at: string) => {
      asked.push(at)
      return localKeySet({ keys: [software.publicJwk] })
    }
    const at = async (software_jwks_endpoint: string) =>
      readSignedRequest(await mintRequest({}, ukObie, await statementOf(ukObie, { claims: { software_jwks_endpoint } })), {
        ...options,
        keysAt: keysOfAnywhere,
      })
    expect(await refusal(at('http://keys.example/jwks'))).toMatchObject({ error: 'invalid_software_statement' })
    await expect(at('https://keys.example/jwks')).resolves.toBeDefined()
    expect(asked).toEqual(['https://keys.example/jwks'])
  })

  test('names keys that cannot be had now', async () => {
    publisher.answer = (res) => res.destroy()
    const { error, detail } = await refusal(sent())
    expect([error, detail]).toEqual(['temporarily_unavailable', expect.stringContaining(host())])
  })
})

describe('what becomes of its claims', () => {
  test('those of the JWT and a prototype are no metadata', async () => {
    const hostile = JSON.parse('{"__proto__":{"redirect_uris":["https://evil.example"]},"constructor":{"prototype":{}}}')
    const { metadata } = await sent({ claims: { nbf: fromNow(0), sub: 'me', redirect_uris: undefined, ...hostile } })
    expect(Object.keys(metadata).sort()).toEqual(['constructor', 'grant_types', 'software_statement', 'sub'])
    expect(Object.assign({}, metadata).redirect_uris).toBeUndefined()
  })

  test('a replay guard knows it by its jti, for as long as it is good', async () => {
    const claims = { jti: randomUUID() }
    const [one, same, other] = await Promise.all([sent({ claims }), sent({ claims: { ...claims, exp: fromNow(60) } }), sent()])
    expect(same.once).toBe(one.once)
    expect(other.once).not.toBe(one.once)
    expect(one.once).not.toBe(one.statement.once)
    const compact = await mintRequest()
    const { until } = await read(compact)
    expect(await later(until - fromNow(0), () => refusal(read(compact)))).toMatchObject({ error: 'invalid_client_metadata' })
  })
})

test('an ecosystem without signed requests is a mistake of whoever set it up', async () => {
  await expect(sent({}, generic)).rejects.toThrow(ConfigurationError)
})

test('whatever is signed is accepted with its software and this server in it, or refused in order', async () => {
  const statement = await statementOf(ukObie)
  const parts = fc.record(
    {
      iss: fc.oneof(fc.constant(SOFTWARE), fc.jsonValue()),
      aud: fc.oneof(fc.constant(BANK), fc.jsonValue()),
      iat: fc.oneof(fc.constant(fromNow(0)), fc.jsonValue()),
      exp: fc.oneof(fc.constant(fromNow(30)), fc.double(), fc.jsonValue()),
      jti: fc.oneof(fc.uuid({ version: 4 }), fc.jsonValue()),
    },
    { requiredKeys: [] },
  )
  const { verify } = verifierOf(ukObie)
  const options = {
    ecosystem: ukObie,
    verifyStatement: verify,
    keysAt: () => localKeySet({ keys: [es.publicJwk] }),
    audience: [BANK],
    now: fromNow(0),
  }
  await fc.assert(
    fc.asyncProperty(parts, fc.dictionary(fc.string(), fc.jsonValue()), async (claims, more) => {
      const all: Members = { ...more, ...claims, software_statement: statement }
      const outcome = await readSignedRequest(await signJwt({ header: { kid: 'es' }, claims: all, key: es }), options).catch(
        (error: unknown) => error,
      )
      if (outcome instanceof RegistrationError) expect(outcome.error).toBe('invalid_client_metadata')
      else {
        expect(outcome).toMatchObject({ metadata: { software_statement: statement } })
        expect([all.iss, [all.aud].flat().includes(BANK)]).toEqual([SOFTWARE, true])
      }
    }),
  )
})
