import { generateKeyPairSync, type X509Certificate } from 'node:crypto'
import { jest } from '@jest/globals'
import { memoryStore, type Store } from 'express-fapi'
import type { ConsoleOptions, Role } from 'express-fapi/console'
import { thumbprint } from '../../lib/readers/certificate.js'
import { fromNow, selfSigned } from '../readers/identity.js'
import { named, x509 } from '../readers/named-certificate.js'
import { later } from '../support/clock.js'
import { type ConsoleDesk, consoleDesk } from '../support/console-desk.js'

const DAY = 86_400
const SCRIPT = '<script>alert(1)</script>"\'><img src=x>'
const ROLES: readonly Role[] = ['viewer', 'operator', 'admin']

let store: Store
beforeEach(() => {
  jest.spyOn(process, 'emitWarning').mockImplementation(() => {})
  store = memoryStore()
})
const open = (options: Partial<ConsoleOptions> = {}): ConsoleDesk => consoleDesk(store, options)

const pair = generateKeyPairSync('ec', { namedCurve: 'P-256' })
const rsa = generateKeyPairSync('rsa', { modulusLength: 2048 })
const publicJwk = { ...pair.publicKey.export({ format: 'jwk' }) }
const rsaJwk = { ...rsa.publicKey.export({ format: 'jwk' }) }
const privatePem = pair.privateKey.export({ type: 'pkcs8', format: 'pem' }).toString()
const secretPart = String(pair.privateKey.export({ format: 'jwk' }).d)

/** Valid for 60 days and an hour. */
const sixtyDays = () => selfSigned('CN=server', 'P-256', { notAfter: fromNow((60 * DAY + 3600) * 1000) })

const mended = (text: string) => ({ now: text.includes('Mend this now'), soon: text.includes('Mend this soon') })

describe('the page of keys', () => {
  test('shows keys with what they are, to everybody', async () => {
    const desk = open({
      jwks: () => ({
        keys: [
          { ...publicJwk, kid: 'sign-1', alg: 'ES256', use: 'sig' },
          { ...rsaJwk, kid: 'sign-2', iat: Math.floor(Date.now() / 1000) - 10 * DAY },
        ],
      }),
      certificates: () => [],
    })
    for (const who of ROLES) {
      const { status, text } = await desk.page(who, '/keys')
      expect(status).toBe(200)
      for (const shown of [
        '<bdi>sign-1</bdi>',
        'EC, P-256',
        'ES256',
        'sig',
        'first seen here',
        '<bdi>sign-2</bdi>',
        'RSA, 2048 bits',
        '10 days',
      ])
        expect(text).toContain(shown)
      expect(mended(text)).toEqual({ now: false, soon: false })
      expect(text).not.toContain('was not given')
      expect(text).toContain('There is no certificate to watch.')
    }
  })

  test('is for nobody who is not signed in', async () => {
    expect((await open().page(undefined, '/keys')).status).toBe(401)
  })

  test('says which options show what it was not given', async () => {
    const { status, text } = await open().page('viewer', '/keys')
    expect(status).toBe(200)
    expect(text).toMatch(/was not given them\. The option <code>jwks<\/code> of <code>adminConsole<\/code>/)
    expect(text).toMatch(/was not given them\. The option <code>certificates<\/code> of <code>adminConsole<\/code>/)
    expect((await open().api('viewer', 'get', '/keys')).body).toEqual({
      ...{ keys: [], certificates: [], notes: [], given: { jwks: false, certificates: false } },
    })
  })

  test.each([
    [0, { now: false, soon: false }, /60 days/],
    [29, { now: false, soon: false }, /31 days/],
    [31, { now: false, soon: true }, /<bdi>TLS<\/bdi>: the certificate expires in 29 days/],
    [60, { now: false, soon: true }, /<bdi>TLS<\/bdi>: the certificate expires within a day/],
    [61, { now: true, soon: false }, /<bdi>TLS<\/bdi>: the certificate has expired/],
  ])('says after %d days how a certificate for 60 stands', async (count, expected, said) => {
    const { certificate } = await sixtyDays()
    const desk = open({ certificates: () => [{ name: 'TLS', pem: certificate.toString() }] })
    const { text } = await later(count * DAY, () => desk.page('viewer', '/keys'))
    expect(mended(text)).toEqual(expected)
    expect(text).toMatch(said)
    expect(text).toContain(thumbprint(certificate))
  })

  test('counts the age of a key from when it was first shown', async () => {
    const desk = open({ jwks: () => ({ keys: [{ ...publicJwk, kid: 'a' }] }) })
    await desk.page('viewer', '/keys')
    const { text } = await later(400 * DAY, () => desk.page('viewer', '/keys'))
    expect(text).toMatch(/400 days/)
    expect(text).toMatch(/note<\/span> it is in use for 400 days: publish a new key/)
    expect(mended(text)).toEqual({ now: false, soon: false })
  })

  test.each<[string, Partial<ConsoleOptions>, RegExp]>([
    [
      'a private key is published',
      { jwks: () => ({ keys: [{ ...pair.privateKey.export({ format: 'jwk' }), kid: 'a' }] }) },
      /private key is published/,
    ],
    ['the key set cannot be had', { jwks: () => Promise.reject(new Error('away')) }, /the key set cannot be read/],
    ['the certificates cannot be had', { certificates: () => Promise.reject(new Error('away')) }, /the certificates cannot be read/],
    ['a certificate is none', { certificates: () => [{ name: 'TLS', pem: 'x' }] }, /<bdi>TLS<\/bdi>: it cannot be read/],
  ])('says on top that %s', async (_what, options, said) => {
    const { status, text } = await open(options).page('viewer', '/keys')
    expect(status).toBe(200)
    expect(/<div class="notice bad" role="alert">.*?<\/div>/s.exec(text)?.[0]).toMatch(said)
    expect(text).not.toContain(secretPart)
  })

  test('shows what stands in keys and certificates as text', async () => {
    const { certificate } = await sixtyDays()
    const desk = open({
      jwks: () => ({
        keys: [
          { ...publicJwk, kid: SCRIPT, alg: SCRIPT, use: SCRIPT },
          { kty: SCRIPT, crv: SCRIPT, kid: SCRIPT },
        ],
      }),
      certificates: () => [{ name: SCRIPT, pem: certificate.toString() }],
    })
    const { status, text } = await desk.page('viewer', '/keys')
    expect(status).toBe(200)
    expect(text).toContain('&lt;script')
    expect(text).not.toMatch(/<script>|<img/)
  })

  test('is the same by the API', async () => {
    const { certificate } = await sixtyDays()
    const desk = open({ jwks: () => ({ keys: [publicJwk] }), certificates: () => [{ name: 'TLS', pem: certificate.toString() }] })
    expect((await desk.api('viewer', 'get', '/keys')).body).toMatchObject({
      keys: [{ kty: 'EC', crv: 'P-256', notes: [] }],
      certificates: [{ name: 'TLS', subject_dn: 'CN=server', thumbprint: thumbprint(certificate), expires_in_days: 60, notes: [] }],
      given: { jwks: true, certificates: true },
    })
  })
})

const NAMES = [
  new x509.SubjectAlternativeNameExtension([
    { type: 'dns', value: 'app.bank.example' },
    { type: 'url', value: 'urn:bank:app' },
  ]),
]

describe('what a certificate says', () => {
  let desk: ConsoleDesk
  let certificate: X509Certificate
  beforeEach(async () => {
    desk = open()
    certificate = await named('CN=app,O=Bank,C=GB', NAMES)
  })
  const ask = (given: unknown, who: Role = 'viewer') => desk.api(who, 'post', '/certificates', { certificate: given })
  const send = (given: string) => desk.send('viewer', '/keys/certificate', { certificate: given })

  test('is told everybody, in the words of client metadata', async () => {
    for (const who of ROLES) {
      const { status, body } = await ask(certificate.toString(), who)
      expect([status, body]).toMatchObject([
        200,
        {
          subject_dn: 'C=GB,O=Bank,CN=app',
          subject_alternative_names: [
            { field: 'tls_client_auth_san_dns', value: 'app.bank.example' },
            { field: 'tls_client_auth_san_uri', value: 'urn:bank:app' },
          ],
          thumbprint: thumbprint(certificate),
        },
      ])
    }
  })

  test('is shown ready to copy, and nothing of it is kept', async () => {
    const upsert = jest.fn(store.upsert)
    desk = consoleDesk({ ...store, upsert })
    const { status, text } = await send(certificate.toString())
    expect(status).toBe(200)
    for (const [field, value] of [
      ['tls_client_auth_subject_dn', 'C=GB,O=Bank,CN=app'],
      ['tls_client_auth_san_dns', 'app.bank.example'],
      ['tls_client_auth_san_uri', 'urn:bank:app'],
    ])
      expect(text).toMatch(new RegExp(`<code>${field}</code></dt><dd><code id="(name-\\d)">${value}</code> <button [^>]*data-copy="\\1"`))
    expect(text).toContain(thumbprint(certificate))
    expect(upsert).not.toHaveBeenCalled()
    expect((await desk.api('viewer', 'get', '/audit')).body.items).toEqual([])
  })

  test.each([
    [29, false],
    [31, true],
    [61, true],
  ])('warns after %d days of one for 60: %s', async (count, isWarned) => {
    const given = (await sixtyDays()).certificate.toString()
    const { text } = await later(count * DAY, () => send(given))
    expect(text.includes('It may not do for a client')).toBe(isWarned)
  })

  test.each<[string, (pem: string) => string, RegExp]>([
    ['nothing', () => '', /nothing was given/],
    ['words', () => `please ${SCRIPT}`, /neither PEM/],
    ['a part of one', (pem) => pem.slice(0, 200), /without its END line/],
    ['two', (pem) => pem + pem, /2 certificates were given/],
    ['a NUL', () => '\0', /neither PEM/],
    ['too much', () => 'A'.repeat(70_000), /more than 65536/],
  ])('is not told of %s, and what was typed stays', async (_what, form, reason) => {
    const given = form(certificate.toString())
    const { status, text } = await send(given)
    expect(status).toBe(400)
    expect(text).toMatch(reason)
    expect(text).not.toMatch(/<script>|<img/)
    expect(text).not.toContain('considered known')
    if (/^please/.test(given)) expect(text).toContain('please &lt;script>')
    if (given === '') return
    const { status: told, body } = await ask(given)
    expect([told, body.error]).toEqual([400, 'invalid_request'])
    expect(body.error_description).toMatch(reason)
  })

  test.each<[string, (pem: string) => string]>([
    ['a private key', () => privatePem],
    ['a private key behind a certificate', (pem) => pem + privatePem],
    ['a private key as base64', () => privatePem.replaceAll(/-----[^-]+-----/g, '')],
    ['one that was encrypted', () => privatePem.replaceAll('PRIVATE', 'ENCRYPTED PRIVATE')],
  ])('is not told of %s, which is said to be known now, and not sent back', async (_what, form) => {
    const given = form(certificate.toString())
    const { status, text } = await send(given)
    expect(status).toBe(400)
    expect(text).toMatch(
      /<div class="notice bad" role="alert"><p class="notice-title">A private key was given: it must be considered known/,
    )
    const line = privatePem.split('\n')[1] ?? ''
    expect(line).toHaveLength(64)
    expect(text).not.toContain(line)
    const answer = await ask(given)
    expect([answer.status, answer.body.error]).toEqual([400, 'invalid_request'])
    expect(answer.body.error_description).toMatch(/must be considered known now/)
    expect(answer.text).not.toContain(line)
  })

  test.each([7, null, '', ['x'], { pem: 'x' }, true])('is not told of %p', async (given) => {
    const { status, body } = await ask(given)
    expect([status, body.error, body.error_description]).toEqual([
      400,
      'invalid_request',
      'certificate must be the text of a certificate (PEM)',
    ])
  })

  test('is not told with what has nothing to do with it', async () => {
    const { status, body } = await desk.api('viewer', 'post', '/certificates', { certificate: certificate.toString(), save: true })
    expect([status, body.error_description]).toEqual([400, 'the body must have no save: it may have certificate'])
  })

  test('shows names as text', async () => {
    const evil = await named(`CN=${SCRIPT.replaceAll(/[<>"]/g, '\\$&')}`, NAMES)
    const { status, text } = await send(evil.toString())
    expect(status).toBe(200)
    expect(text).toMatch(/&lt;.*script/)
    expect(text).not.toMatch(/<script>|<img/)
  })

  test('is asked by a form with its token, from pages of the console', async () => {
    const fields = { certificate: certificate.toString() }
    const refused = [
      await desk.send('viewer', '/keys/certificate', { ...fields, csrf_token: '' }),
      await desk.send('viewer', '/keys/certificate', fields, { tokenOf: 'admin' }),
      await desk.send('viewer', '/keys/certificate', fields, { more: { origin: 'https://evil.example' } }),
    ]
    expect(refused.map(({ status }) => status)).toEqual([403, 403, 403])
    expect((await desk.page('viewer', '/keys/certificate')).status).toBe(200)
    expect((await desk.send('viewer', '/keys', fields)).status).toBe(405)
  })
})
