import fc from 'fast-check'
import { rulesOf } from '../../lib/core/profile.js'
import { redacted } from '../../lib/core/redacted.js'
import { refusals } from '../../lib/core/refusals/index.js'
import { profiles } from '../../lib/profiles/index.js'
import { legalFacts } from '../rules/facts.js'

const BASE64URL = [...'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_']
const runOf = (letters: readonly string[], constraints: fc.StringConstraints = {}) =>
  fc.string({ unit: fc.constantFrom(...letters), minLength: 32, maxLength: 200, ...constraints })

const part = (value: unknown) => Buffer.from(JSON.stringify(value)).toString('base64url')
const jwt = fc
  .tuple(
    fc.record({ alg: fc.constantFrom('PS256', 'ES256', 'EdDSA', 'none'), kid: fc.option(fc.string(), { nil: undefined }) }),
    fc.dictionary(fc.string(), fc.jsonValue()),
    fc.uint8Array({ maxLength: 300 }),
  )
  .map(([header, claims, signature]) => [part(header), part(claims), Buffer.from(signature).toString('base64url')] as const)

const aJwt = [part({ alg: 'PS256' }), part({ sub: 'somebody' }), 'c2ln'].join('.')
const aCode = 'z7Jd0s4QvXb1mRk9TgLpYw'
const aUuid = '2f1c7a52-6f0e-4d0a-9d4a-0b9d5b1f6c11'

describe('redacted takes out', () => {
  test.each([
    ['a JWT', aJwt, `[redacted, ${aJwt.length} characters]`],
    ['a JWT with a letter before it', `x${aJwt},`, `[redacted, ${aJwt.length + 1} characters],`],
    ['a JWT of line feeds', `${Buffer.from('{\n"alg":"ES256"}').toString('base64url')}.e30.c2ln`, '[redacted, 31 characters]'],
    ['an encrypted JWT', `${part({ alg: 'RSA-OAEP' })}..a.b.c`, '[redacted, 31 characters]'],
    ['the beginning of a JWT', 'cut: eyJhbGciOiJ', 'cut: [redacted, 11 characters]'],
    ['what looks like a code', `the code ${aCode} is unknown`, 'the code [redacted, 22 characters] is unknown'],
    ['a UUID', `no client ${aUuid}`, 'no client [redacted, 36 characters]'],
    ['a secret that is named', 'client_secret=hunter2', 'client_secret=[redacted, 7 characters]'],
    ['a secret of a form', 'a=b&client_secret=hunter2&c=d', 'a=b&client_secret=[redacted, 7 characters]&c=d'],
    ['a secret of JSON', '{"client_secret": "my dog", "a": 1}', '{"client_secret": [redacted, 8 characters], "a": 1}'],
    ['a secret of JSON in JSON', String.raw`"{\"client_secret\":\"abc\"}"`, String.raw`"{\"client_secret\":[redacted, 9 characters]`],
    ['a secret that is encoded', 'client_secret%3Dabc', 'client_secret%3D[redacted, 3 characters]'],
    ['a code of JSON', '{"code":"abc"}', '{"code":[redacted, 5 characters]}'],
    ['a member of a private key', '{"kty":"RSA","d":"AQAB"}', '{"kty":"RSA","d":[redacted, 6 characters]}'],
    ['a code that is named', 'code=abc&state=x', 'code=[redacted, 3 characters]&state=[redacted, 1 characters]'],
    ['a password', 'Password: tiger', 'Password: [redacted, 5 characters]'],
    ['a token in camel case', "accessToken = 'abc'", 'accessToken = [redacted, 5 characters]'],
    ['a name with more before it', 'my_access_token=abc', 'my_access_token=[redacted, 3 characters]'],
    ['what a header brings', 'Authorization: Basic YTpi', 'Authorization: [redacted, 10 characters]'],
    ['cookies', 'Cookie: a=1; b=2\nnext', 'Cookie: [redacted, 8 characters]\nnext'],
    ['a bearer token', 'sent Bearer abcdefg1', 'sent Bearer [redacted, 8 characters]'],
    ['a query', 'https://a.example/cb?code=abc, then', 'https://a.example/cb?[redacted, 9 characters] then'],
    ['a fragment', 'app://cb/x#id_token=abc', 'app://cb/x#[redacted, 12 characters]'],
    ['a password in a URL', 'redis://user:pw@db.example/1', 'redis://[redacted, 7 characters]@db.example/1'],
    ['a token in a path', `https://a.example/reset/${aCode}`, 'https://a.example/reset/[redacted, 22 characters]'],
    ['a request_uri', `urn:ietf:params:oauth:request_uri:${aCode}`, 'urn:ietf:params:oauth:request_uri:[redacted, 22 characters]'],
    ['PEM', '-----BEGIN PRIVATE KEY-----\nMIIE\n-----END PRIVATE KEY-----', '[redacted, 58 characters]'],
    ['PEM that is cut', 'a -----BEGIN EC PRIVATE KEY-----\nMIIE', 'a [redacted, 35 characters]'],
    ['base64', 'hmac q83vASNFZ4mrze/+ASNFZ4mrze8BI0VniavN7wE=', 'hmac [redacted, 40 characters]'],
    [
      'what Node says of JSON',
      `Unexpected token 'J', "Jane Doe"... is not valid JSON`,
      `Unexpected token 'J', [redacted, 13 characters] is not valid JSON`,
    ],
    [
      'a piece of JSON',
      `Unexpected token ',', ..."{"a":, 1}" is not valid JSON`,
      `Unexpected token ',', [redacted, 14 characters] is not valid JSON`,
    ],
    ['what is no subject', `CN=${'a'.repeat(32)}`, 'CN=[redacted, 32 characters]'],
    ['what pretends to be redacted', `\uE000${aCode}\uE001`, '?[redacted, 22 characters]?'],
  ])('%s', (_what, text, expected) => {
    expect(redacted(text)).toBe(expected)
  })
})

describe('redacted leaves', () => {
  test.each([
    ['nothing as it is', ''],
    ['a sentence', 'code_challenge_method must be S256'],
    ['a sentence about secrets', 'the client_secret must have at least 32 octets, and a code has been used'],
    ['a sentence about proofs', 'the DPoP proof is signed by a Bearer token, with Basic authentication'],
    ['a URL', 'https://auth.bank.example:8443/realms/open-banking/.well-known/openid-configuration'],
    ['a loopback address', 'http://127.0.0.1:8080/callback'],
    ['times', '2026-11-22T20:40:08.123Z, 1763843999 and 1763843999.5'],
    ['algorithms', 'RSA-OAEP-256, ECDH-ES+A256KW, A128CBC-HS256, Ed25519, x5t#S256'],
    ['a distinguished name', 'registered: CN=2jQjBUKbZcxTzKz7VTbqSB,OU=0015800001041RHAAY,O=Client Ltd,C=GB'],
    ['a subject with a UUID', `certificate: UID=${aUuid},1.3.6.1.4.1.311.60.2.1.3=BR`],
    [
      'what was taken out before',
      'htu is https://a.example/t?[redacted, 8 characters], code=[redacted, 43 characters] [redacted, 20 characters]',
    ],
    ['a clause', 'FAPI2-SP-5.3.2.1-13 and RFC9449-11.1'],
    ['a name of an algorithm', 'ECDHE-RSA-CHACHA20-POLY1305 and ChaCha20-Poly1305'],
    ['a position in JSON', "Expected ':' after property name in JSON at position 7"],
    ['options', 'features.pushedAuthorizationRequests.requirePushedAuthorizationRequests'],
    ['a type of assertion', 'urn:ietf:params:oauth:client-assertion-type:jwt-bearer'],
  ])('%s', (_what, text) => {
    expect(redacted(text)).toBe(text)
  })

  test('what is known to be no secret, and only the whole of it', () => {
    expect(redacted(`no client ${aUuid}`, [aUuid])).toBe(`no client ${aUuid}`)
    expect(redacted(`no client ${aUuid}-${aCode}`, [aUuid])).toBe('no client [redacted, 59 characters]')
  })

  const rules = profiles.flatMap((profile) => rulesOf(profile).map(([, rule]) => rule))

  test.each([
    ['the ids of rules', rules.map(({ id }) => id)],
    ['what rules hold', rules.map(({ summary }) => summary)],
    ['what rules say to do', rules.map(({ mend = '' }) => mend)],
    ['what named refusals say', refusals.flatMap(({ id, summary, mend, clauses }) => [id, summary, mend, ...clauses])],
    ['the clauses', profiles.flatMap((profile) => rulesOf(profile).map(([clause]) => clause))],
    ['the settings', Object.keys(legalFacts.configuration.server)],
    ['the metadata', Object.keys(legalFacts.registration.client)],
  ])('%s', (_what, texts) => {
    expect(texts.length).toBeGreaterThan(0)
    expect(texts.filter((text) => redacted(text) !== text)).toEqual([])
  })
})

describe('whatever stands around it', () => {
  const around = fc.string({ maxLength: 40 })

  test('no JWT is left', () => {
    fc.assert(
      fc.property(around, jwt, around, (before, parts, after) => {
        const text = redacted(before + parts.join('.') + after)
        return parts.every((one) => one.length < 12 || !text.includes(one))
      }),
    )
  })

  test.each([
    ['base64url', runOf(BASE64URL)],
    ['base64url of words', runOf([...'abcde-_'])],
    ['hex', runOf([...'0123456789abcdef'])],
    ['capital hex', runOf([...'0123456789ABCDEF'])],
    ['digits', runOf([...'0123456789'])],
    ['random octets', fc.uint8Array({ minLength: 24, maxLength: 64 }).map((octets) => Buffer.from(octets).toString('base64url'))],
  ])('no run of %s is left', (_what, run: fc.Arbitrary<string>) => {
    fc.assert(fc.property(around, run, around, (before, secret, after) => !redacted(before + secret + after).includes(secret)))
  })

  test('no UUID is left but in the subject of a certificate', () => {
    const noAttribute = around.filter((text) => !text.endsWith('='))
    fc.assert(fc.property(noAttribute, fc.uuid(), around, (before, uuid, after) => !redacted(before + uuid + after).includes(uuid)))
  })

  test('no value of a secret is left', () => {
    const value = fc.stringMatching(/^[^\s&"'\uE000\uE001]{1,40}$/u)
    const name = fc.constantFrom('client_secret', 'password', 'refresh_token', 'code_verifier', 'api_key', 'code', 'state')
    fc.assert(
      fc.property(name, value, (one, secret) => redacted(`${one}=${secret} end`) === `${one}=[redacted, ${secret.length} characters] end`),
    )
  })

  test.each([['a'], ['a.'], ['eyJ'], ['x://'], ['-----BEGIN A-----'], ['code='], ['"'], ['Bearer '], ['a-'], ['+/'], ['\uE000'], ['CN=']])(
    'half a million characters of %p come to an end',
    (piece) => {
      expect(typeof redacted(piece.repeat(500_000 / piece.length))).toBe('string')
    },
  )
})
