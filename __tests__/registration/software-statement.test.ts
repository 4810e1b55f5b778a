import { createHmac, createPublicKey } from 'node:crypto'
import type { ServerResponse } from 'node:http'
import fc from 'fast-check'
import { ConfigurationError } from '../../lib/core/errors.js'
import { type KeySource, keySet, localKeySet } from '../../lib/readers/key-set.js'
import type { Ecosystem } from '../../lib/registration/ecosystem.js'
import { auCdr, brOpenfinance, ecosystems, generic, ukObie } from '../../lib/registration/ecosystems/index.js'
import { RegistrationError } from '../../lib/registration/registration-error.js'
import { type StatementIssuer, statementVerifier } from '../../lib/registration/software-statement.js'
import { ca, type Listening, listenTo } from '../readers/issuer-servers.js'
import { later } from '../support/clock.js'
import { fromNow, type JwtChange, type Members } from '../support/jwt.js'
import { mintKey, type SigningKey } from '../support/keys.js'
import { claimsOf, directory, mintStatement, refusal, SOFTWARE } from './statements.js'

const stranger = mintKey('PS256', 'directory')
const [es, ed] = [mintKey('ES256', 'es'), mintKey('EdDSA', 'ed')]
const now = () => fromNow(0)
const keysOf = (...keys: readonly SigningKey[]): KeySource => localKeySet({ keys: keys.map(({ publicJwk }) => publicJwk) })
const issuerOf = (ecosystem: Ecosystem, keys = keysOf(directory)): StatementIssuer => ({ issuer: String(claimsOf(ecosystem).iss), keys })
const verifierOf = (ecosystem: Ecosystem, ...issuers: readonly StatementIssuer[]) =>
  statementVerifier({ ecosystem, issuers: issuers.length > 0 ? issuers : [issuerOf(ecosystem)] })
const verify = (ecosystem: Ecosystem, compact: unknown, at = now()) => verifierOf(ecosystem).verify(compact, at)
const minted = async (ecosystem: Ecosystem, change?: JwtChange) => verify(ecosystem, await mintStatement(ecosystem, change))

describe.each(ecosystems.map((ecosystem) => [ecosystem.name, ecosystem] as const))('a statement in %s', (_name, ecosystem) => {
  test('is read as its directory made it', async () => {
    const claims = claimsOf(ecosystem)
    const statement = await minted(ecosystem, { claims })
    expect(statement).toMatchObject({ issuer: claims.iss, softwareId: SOFTWARE, claims })
    expect(statement.organisationId).toBe(ecosystem.statement.organisationId && 'org-1')
    expect(Object.isFrozen(statement)).toBe(true)
    const { maxAge } = ecosystem.statement
    const ends = [Number(claims.exp ?? Number.POSITIVE_INFINITY), maxAge === undefined ? Number.POSITIVE_INFINITY : fromNow(maxAge)]
    expect(statement.until).toBe(Math.min(...ends) + 1)
  })

  test.each([...ecosystem.statement.claims])('without %s is refused', async (name) => {
    for (const value of [undefined, null, '', []]) {
      const { error, message } = await refusal(minted(ecosystem, { claims: { [name]: value } }))
      expect([error, message]).toEqual(['invalid_software_statement', expect.stringContaining(name)])
    }
  })

  test('signed by somebody else is refused', async () => {
    expect(await refusal(minted(ecosystem, { key: stranger }))).toMatchObject({
      error: 'invalid_software_statement',
      message: 'the signature of software_statement does not hold',
    })
  })

  test('is refused where no issuer is known', async () => {
    const { verify: verifyNone } = statementVerifier({ ecosystem, issuers: [] })
    expect(await refusal(verifyNone(await mintStatement(ecosystem), now()))).toMatchObject({ error: 'unapproved_software_statement' })
  })
})

describe('what is no statement', () => {
  const nothing: readonly (readonly [string, unknown])[] = [
    ['nothing', undefined],
    ['null', null],
    ['a number', 1],
    ['a list', []],
    ['a list of one', ['a.b.c']],
    ['an object', { toString: () => 'a.b.c' }],
    ['an empty text', ''],
    ['a word', 'statement'],
    ['two parts', 'a.b'],
    ['dots', '..'],
    ['four parts', 'a.b.c.d'],
    ['five parts, as of a JWE', 'a.b.c.d.e'],
    ['no JSON', 'YQ.YQ.YQ'],
    ['a megabyte', `${'A'.repeat(1_000_000)}.B.C`],
    ['NUL', '\0.\0.\0'],
    ['half a surrogate', '\ud800.\ud800.\ud800'],
  ]
  test.each(nothing)('%s', async (_what, compact) => {
    expect(await refusal(verify(ukObie, compact))).toMatchObject({
      error: 'invalid_software_statement',
      message: expect.stringMatching(/^software_statement (must be a signed JWT|is too long)/),
    })
  })

  test('a genuine one, in a list', async () => {
    expect(await refusal(verify(ukObie, [await mintStatement(ukObie)]))).toMatchObject({ error: 'invalid_software_statement' })
  })

  test('a genuine one with a megabyte in it, which a smaller one passes', async () => {
    const padded = (length: number) => minted(ukObie, { claims: { padding: 'x'.repeat(length) } })
    expect(await refusal(padded(1_000_000))).toMatchObject({ message: 'software_statement is too long, it may have 131072 characters' })
    await expect(padded(50_000)).resolves.toMatchObject({ softwareId: SOFTWARE })
  })

  test('a genuine one with something around it', async () => {
    const compact = await mintStatement(ukObie)
    for (const text of [` ${compact}`, `${compact} `, `${compact}\n`, `${compact}=`, `${compact}.`, `${compact}A`, compact.slice(0, -1)])
      expect(await refusal(verify(ukObie, text))).toMatchObject({ error: 'invalid_software_statement' })
    await expect(verify(ukObie, compact)).resolves.toBeDefined()
  })
})

describe('the header of a statement', () => {
  test.each<[string, JwtChange, RegExp]>([
    ['alg none', { alg: 'none' }, /must be signed with PS256/],
    ['alg None', { alg: 'none', header: { alg: 'None' } }, /must be signed with PS256/],
    ['no alg', { header: { alg: undefined } }, /must be signed with PS256/],
    ['a list of alg', { header: { alg: ['PS256'] } }, /must be signed with PS256/],
    ['HS256 with the public key', { alg: 'HS256' }, /must be signed with PS256/],
    ['alg in small letters', { header: { alg: 'ps256' } }, /must be signed with PS256/],
    ['crit', { header: { crit: ['urn:example:critical'], 'urn:example:critical': true } }, /must not have crit or b64/],
    ['an empty crit', { header: { crit: [] } }, /must not have crit or b64/],
    ['b64 without crit', { header: { b64: true } }, /must not have crit or b64/],
    ['something nested', { header: { cty: 'JWT' } }, /nothing nested/],
    ['a kid of nobody', { header: { kid: 'nobody' } }, /the issuer has no key/],
    ['a kid as of a path', { header: { kid: '../../dev/null' } }, /the issuer has no key/],
    ['a kid as of SQL', { header: { kid: "x' UNION SELECT '" } }, /the issuer has no key/],
    ['a kid as of a prototype', { header: { kid: '__proto__' } }, /the issuer has no key/],
    ['a kid that is a list', { header: { kid: ['directory'] } }, /kid of the token must be a string/],
    ['a kid without end', { header: { kid: 'k'.repeat(10_000) } }, /kid of the token must be a string/],
    ['a broken signature', { signature: 'broken' }, /the signature of software_statement does not hold/],
  ])('with %s is refused', async (_what, change, says) => {
    const compact = await mintStatement(ukObie, change).catch(() =>
      raw({ alg: 'PS256', kid: 'directory', ...change.header }, claimsOf(ukObie)),
    )
    const { error, message } = await refusal(verify(ukObie, compact))
    expect([error, message]).toEqual(['invalid_software_statement', expect.stringMatching(says)])
    expect(message).not.toContain('nobody')
  })

  test('with ES256 is refused where only PS256 is taken, and not elsewhere', async () => {
    const keys = (ecosystem: Ecosystem) => verifierOf(ecosystem, issuerOf(ecosystem, keysOf(es)))
    const made = (ecosystem: Ecosystem) => mintStatement(ecosystem, { key: es })
    expect(await refusal(keys(brOpenfinance).verify(await made(brOpenfinance), now()))).toMatchObject({
      message: expect.stringMatching(/must be signed with PS256 \(alg\)/),
    })
    await expect(keys(ukObie).verify(await made(ukObie), now())).resolves.toMatchObject({ softwareId: SOFTWARE })
  })

  test.each<[string, JwtChange]>([
    ['a kid', {}],
    ['no kid', { header: { kid: undefined } }],
    ['no typ', { header: { typ: undefined } }],
    ['members that nobody knows', { header: { colour: 'green' } }],
  ])('may have %s', async (_what, change) => {
    await expect(minted(ukObie, change)).resolves.toMatchObject({ softwareId: SOFTWARE })
  })

  /** A JWT that nobody signed. */
  const raw = (header: Members, claims: Members, signature = 'AAAA') =>
    [...[header, claims].map((part) => Buffer.from(JSON.stringify(part)).toString('base64url')), signature].join('.')

  test('an HMAC keyed with any form of the public key is refused', async () => {
    const key = createPublicKey({ key: { ...directory.publicJwk }, format: 'jwk' })
    for (const secret of [key.export({ type: 'spki', format: 'pem' }), key.export({ type: 'spki', format: 'der' }), ''])
      for (const alg of ['HS256', 'PS256']) {
        const input = raw({ alg, kid: 'directory' }, claimsOf(ukObie), '').slice(0, -1)
        const compact = `${input}.${createHmac('sha256', secret).update(input).digest('base64url')}`
        expect(await refusal(verify(ukObie, compact))).toMatchObject({ error: 'invalid_software_statement' })
      }
  })

  test('never brings a key of its own', async () => {
    let asked = 0
    const server = await listenTo((_req, res) => {
      asked += 1
      res.end(JSON.stringify({ keys: [stranger.publicJwk] }))
    })
    const url = `https://localhost:${server.port}/jwks`
    const { publicJwk: jwk } = stranger
    for (const header of [{ jwk }, { jku: url }, { x5u: url }, { x5c: ['AAAA'] }, { jwk, jku: url, kid: undefined }]) {
      expect(await refusal(minted(ukObie, { key: stranger, header }))).toMatchObject({ error: 'invalid_software_statement' })
      // They do no harm either, next to a signature that holds.
      await expect(minted(ukObie, { header })).resolves.toBeDefined()
    }
    expect(asked).toBe(0)
    await server.close()
  })

  test.each([es, ed])('with another algorithm of FAPI is good where the ecosystem takes it', async (key) => {
    const verifier = verifierOf(generic, issuerOf(generic, keysOf(key)))
    await expect(verifier.verify(await mintStatement(generic, { key }), now())).resolves.toMatchObject({ softwareId: SOFTWARE })
  })
})

describe('the issuer of a statement', () => {
  const [one, two] = [
    { issuer: 'https://one.example', keys: keysOf(directory) },
    { issuer: 'https://two.example', keys: keysOf(stranger) },
  ]
  const from = async (iss: unknown, key = directory) =>
    verifierOf(ukObie, one, two).verify(await mintStatement(ukObie, { claims: { iss }, key }), now())

  test('is one of several, each with keys of its own', async () => {
    await expect(from(one.issuer)).resolves.toMatchObject({ issuer: one.issuer })
    await expect(from(two.issuer, stranger)).resolves.toMatchObject({ issuer: two.issuer })
    expect(await refusal(from(one.issuer, stranger))).toMatchObject({ error: 'invalid_software_statement' })
    expect(await refusal(from(two.issuer, directory))).toMatchObject({ error: 'invalid_software_statement' })
  })

  test.each([
    ['https://three.example'],
    ['https://one.example/'],
    ['HTTPS://one.example'],
    [' https://one.example'],
    ['__proto__'],
    ['constructor'],
  ])('is not approved: %j', async (iss) => {
    const { error, message, detail } = await refusal(from(iss))
    expect(error).toBe('unapproved_software_statement')
    expect(message + detail).not.toMatch(/example|proto|constructor/)
  })

  test.each([[undefined], [null], [''], [1], [{}], [['https://one.example']], [['https://one.example', 'https://two.example']]])(
    'is no text: %j',
    async (iss) => {
      expect(await refusal(from(iss))).toMatchObject({ error: 'invalid_software_statement', message: expect.stringMatching(/^iss /) })
    },
  )

  test('is looked at before the signature, and the signature before the claims', async () => {
    const claims = { iss: 'https://three.example', exp: 1, software_id: 'secret-name' }
    expect(await refusal(minted(ukObie, { claims, signature: 'broken' }))).toMatchObject({ error: 'unapproved_software_statement' })
    const { message } = await refusal(minted(ukObie, { claims: { ...claims, iss: claimsOf(ukObie).iss }, signature: 'broken' }))
    expect(message).toBe('the signature of software_statement does not hold')
  })
})

describe('the times of a statement', () => {
  const at = (claims: Members, ecosystem = auCdr) => minted(ecosystem, { claims })

  test.each<[string, () => Members, string, Ecosystem?]>([
    ['expired', () => ({ exp: fromNow(0) }), 'it expired 0 seconds ago (exp)'],
    ['expired long ago', () => ({ exp: fromNow(-100) }), 'it expired 100 seconds ago (exp)'],
    ['no exp, where one is needed', () => ({ exp: undefined }), 'exp is missing'],
    ['exp as text', () => ({ exp: String(fromNow(60)) }), 'exp must be a time, in seconds since 1970'],
    ['exp in milliseconds', () => ({ exp: fromNow(60) * 1000 }), 'exp must be a time, in seconds since 1970'],
    ['exp null', () => ({ exp: null }), 'exp must be a time, in seconds since 1970'],
    ['expired, where exp is not needed', () => ({ exp: fromNow(-1) }), 'it expired 1 seconds ago (exp)', ukObie],
    ['no iat', () => ({ iat: undefined }), 'iat is missing'],
    ['iat as a list', () => ({ iat: [fromNow(0)] }), 'iat must be a time, in seconds since 1970'],
    ['too old', () => ({ iat: fromNow(-601) }), 'it was issued 601 seconds ago (iat), and may be 600 seconds old'],
    [
      'too old for Brazil',
      () => ({ iat: fromNow(-301) }),
      'it was issued 301 seconds ago (iat), and may be 300 seconds old',
      brOpenfinance,
    ],
    ['from the future', () => ({ iat: fromNow(11) }), 'iat is 11 seconds in the future'],
    ['from the far future, to be fresh for years', () => ({ iat: fromNow(1e8) }), 'iat is 100000000 seconds in the future'],
    ['not valid yet', () => ({ nbf: fromNow(60) }), 'nbf is 60 seconds in the future'],
    ['nbf as text', () => ({ nbf: 'now' }), 'nbf must be a time, in seconds since 1970'],
    ['no end at all', () => ({ exp: undefined }), 'exp is missing', generic],
  ])('%s', async (_what, claims, says, ecosystem = auCdr) => {
    expect(await refusal(at(claims(), ecosystem))).toEqual({
      error: 'invalid_software_statement',
      message: `software_statement is not accepted: ${says}`,
      detail: '',
    })
  })

  test.each<[string, () => Members, Ecosystem?]>([
    ['a second before its end', () => ({ exp: fromNow(1) })],
    ['as old as it may be', () => ({ iat: fromNow(-600) })],
    ['as old as it may be in Brazil', () => ({ iat: fromNow(-300) }), brOpenfinance],
    ['from a clock that is a little ahead', () => ({ iat: fromNow(10), nbf: fromNow(10) })],
    ['with a fraction of a second', () => ({ iat: fromNow(0) + 0.5 })],
    ['of 1970, where only the end counts', () => ({ iat: 0 }), generic],
  ])('are right: %s', async (_what, claims, ecosystem = auCdr) => {
    await expect(at(claims(), ecosystem)).resolves.toMatchObject({ softwareId: SOFTWARE })
  })

  test('are told all at once, with everything else', async () => {
    const claims = { iat: fromNow(-700), exp: 'soon', jti: 7, org_id: ['org'], software_id: undefined, scope: '' }
    expect((await refusal(at(claims))).message).toBe(
      'software_statement is not accepted: exp must be a time, in seconds since 1970; ' +
        'it was issued 700 seconds ago (iat), and may be 600 seconds old; jti must be a text; software_id is missing; scope is missing; org_id must be a text',
    )
  })

  test('end when the replay guard may forget it, and not before', async () => {
    const compact = await mintStatement(brOpenfinance)
    const { until } = await verify(brOpenfinance, compact)
    for (const seconds of [0, 150, 300])
      await later(seconds, async () => expect(await verify(brOpenfinance, compact)).toMatchObject({ until }))
    expect(await later(until - now(), () => refusal(verify(brOpenfinance, compact)))).toMatchObject({ error: 'invalid_software_statement' })
  })
})

describe('what a replay guard remembers', () => {
  const onceOf = async (ecosystem: Ecosystem, change?: JwtChange) => (await minted(ecosystem, change)).once

  test('is the same for one statement, and another for each', async () => {
    const claims = claimsOf(ukObie)
    expect(await onceOf(ukObie, { claims })).toBe(await onceOf(ukObie, { claims }))
    expect(await onceOf(ukObie)).not.toBe(await onceOf(ukObie))
    // Signed anew with the same jti, it is the same statement: PS256 has another signature each time.
    expect(await onceOf(ukObie, { claims: { ...claims, software_version: 2 } })).toBe(await onceOf(ukObie, { claims }))
  })

  test('is another for each issuer with one jti', async () => {
    const of = async (issuer: string, jti: string) =>
      (
        await verifierOf(ukObie, { issuer, keys: keysOf(directory) }).verify(
          await mintStatement(ukObie, { claims: { iss: issuer, jti } }),
          now(),
        )
      ).once
    const one = await of('a', 'b c')
    expect(await of('a', 'b c')).toBe(one)
    for (const other of [of('b', 'b c'), of('a b', 'c'), of('a","b', 'c')]) expect(await other).not.toBe(one)
  })

  test('is what was signed, where there is no jti', async () => {
    const claims = claimsOf(brOpenfinance)
    const first = await onceOf(brOpenfinance, { claims })
    expect(await onceOf(brOpenfinance, { claims })).toBe(first)
    expect(await onceOf(brOpenfinance, { claims: { ...claims, iat: fromNow(-1) } })).not.toBe(first)
    // A jti cannot be made to look like one.
    expect(await onceOf(brOpenfinance, { claims: { ...claims, jti: first } })).not.toBe(first)
  })

  test('does not depend on the signature, of which ES256 has two', async () => {
    const compact = await mintStatement(generic, { key: es })
    const [header, claims, signature = ''] = compact.split('.')
    const bytes = Buffer.from(signature, 'base64url')
    const order = BigInt('0xffffffff00000000ffffffffffffffffbce6faada7179e84f3b9cac2fc632551')
    const s = (order - BigInt(`0x${bytes.subarray(32).toString('hex')}`)).toString(16).padStart(64, '0')
    const twin = `${header}.${claims}.${Buffer.concat([bytes.subarray(0, 32), Buffer.from(s, 'hex')]).toString('base64url')}`
    expect(twin).not.toBe(compact)
    const verifier = verifierOf(generic, issuerOf(generic, keysOf(es)))
    const [one, other] = await Promise.all([compact, twin].map((text) => verifier.verify(text, now())))
    expect(other?.once).toBe(one?.once)
  })
})

describe('keys that are read over HTTPS', () => {
  const answers: { now: (res: ServerResponse) => unknown } = { now: () => undefined }
  let server: Listening
  beforeAll(async () => {
    server = await listenTo((_req, res) => answers.now(res))
  })
  afterAll(() => server.close())
  const published = (res: ServerResponse) => res.end(JSON.stringify({ keys: [directory.publicJwk] }))
  const source = () => keySet(`https://localhost:${server.port}/jwks`, { ca, allowPrivateHosts: [`localhost:${server.port}`], timeout: 2 })
  const verifyOver = async (keys: KeySource, change?: JwtChange) =>
    verifierOf(ukObie, issuerOf(ukObie, keys)).verify(await mintStatement(ukObie, change), now())

  test('verify, and refuse', async () => {
    answers.now = published
    const keys = source()
    await expect(verifyOver(keys)).resolves.toMatchObject({ softwareId: SOFTWARE })
    expect(await refusal(verifyOver(keys, { key: stranger }))).toMatchObject({ error: 'invalid_software_statement' })
    expect(await refusal(verifyOver(keys, { header: { kid: 'other' } }))).toMatchObject({ error: 'invalid_software_statement' })
  })

  test.each<[string, (res: ServerResponse) => unknown]>([
    ['is down', (res) => res.destroy()],
    ['answers 500', (res) => res.writeHead(500).end()],
    ['answers no JWK Set', (res) => res.end('<html>')],
    ['redirects', (res) => res.writeHead(302, { location: 'https://elsewhere.example' }).end()],
  ])('are nobody’s fault when their server %s', async (_what, answer) => {
    answers.now = answer
    const { error, message, detail } = await refusal(verifyOver(source()))
    expect(error).toBe('temporarily_unavailable')
    expect(message).not.toContain('localhost')
    expect(detail).toContain('localhost')
  })

  test('and a source that breaks refuses too', async () => {
    const keys: KeySource = () => Promise.reject(new TypeError('broken'))
    expect(await refusal(verifyOver(keys))).toMatchObject({ error: 'temporarily_unavailable', detail: 'broken' })
  })
})

test.each<[string, unknown, string]>([
  ['issuers', undefined, 'must list the issuers of software statements'],
  ['issuers', 'https://one.example', 'must list the issuers of software statements'],
  ['issuers[0].issuer', [{ issuer: '', keys: keysOf(es) }], 'must be the iss of its statements'],
  ['issuers[0].issuer', [{ issuer: ['a'], keys: keysOf(es) }], 'must be the iss of its statements'],
  ['issuers[0].keys', [{ issuer: 'a', keys: { keys: [] } }], 'must be a key source, such as keySet()'],
  [
    'issuers[1].issuer',
    [
      { issuer: 'a', keys: keysOf(es) },
      { issuer: 'a', keys: keysOf(ed) },
    ],
    'must not be listed twice: each issuer has one set of keys',
  ],
])('%s is wrong: %j', (option, issuers, allowed) => {
  const open = () => statementVerifier({ ecosystem: generic, issuers: issuers as readonly StatementIssuer[] })
  expect(open).toThrow(ConfigurationError)
  expect(open).toThrow(expect.objectContaining({ faults: [expect.objectContaining({ option, allowed })] }))
})

describe('whatever comes', () => {
  const key = mintKey('ES256', 'es')
  const claims = fc.dictionary(
    fc.oneof(fc.constantFrom('iss', 'iat', 'exp', 'nbf', 'jti', 'software_id', '__proto__'), fc.string()),
    fc.jsonValue(),
  )
  const verifier = statementVerifier({ ecosystem: generic, issuers: [{ issuer: 'a', keys: keysOf(key) }] })
  const outcome = (compact: unknown) =>
    verifier.verify(compact, 1e9).then(
      () => 'accepted',
      (error: unknown) => (error instanceof RegistrationError ? error.error : Promise.reject(error)),
    )

  test('is refused in order when it is signed by nobody', async () => {
    const anything = fc.oneof(
      fc.anything(),
      fc.string(),
      fc.array(fc.base64String({ minLength: 1 }), { minLength: 3, maxLength: 3 }).map((parts) => parts.join('.')),
    )
    await fc.assert(fc.asyncProperty(anything, async (compact) => expect(await outcome(compact)).toBe('invalid_software_statement')))
  })

  test('is accepted or refused in order when it is signed, and what is accepted has its software and its time', async () => {
    const likely = fc.record(
      { iss: fc.constantFrom('a', 'b'), exp: fc.oneof(fc.constant(2e9), fc.double()), software_id: fc.jsonValue() },
      { requiredKeys: [] },
    )
    await fc.assert(
      fc.asyncProperty(claims, likely, async (some, others) => {
        const all: Members = { ...some, ...others }
        const compact = await mintStatement(generic, { key, claims: { iat: undefined, redirect_uris: undefined, ...all } })
        const said = await outcome(compact)
        const sent: Members = JSON.parse(Buffer.from(compact.split('.')[1] ?? '', 'base64url').toString())
        if (said === 'accepted') expect([sent.iss, typeof sent.software_id, Number(sent.exp) > 1e9]).toEqual(['a', 'string', true])
        else expect(said).toMatch(/^(invalid|unapproved)_software_statement$/)
      }),
    )
  })
})
