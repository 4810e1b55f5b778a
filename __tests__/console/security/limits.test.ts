import { jest } from '@jest/globals'
import { workTime } from '../../support/work-time.js'
import { createdBy, metadata, openedDesks, type SecureDesk } from './secure-desk.js'

/* Nothing that fits into a request keeps the server busy for long. */

jest.spyOn(process, 'emitWarning').mockImplementation(() => {})
const opened = openedDesks()

/** Milliseconds of work: far more than any of this takes, and far less than what grows with the square of its length. */
const LONG = 5_000

async function inTime<T>(work: () => Promise<T>): Promise<T> {
  const [took, result] = await workTime(work)
  expect(took).toBeLessThan(LONG)
  return result
}

let desk: SecureDesk
beforeEach(async () => {
  desk = await opened()
})

const TEXT = 100_000
const words = (count: number) => Array.from({ length: count }, (_, index) => `s${index}`).join(' ')

test.each([
  ['an address of 100 kB', { client_uri: `https://x.example/${'a'.repeat(TEXT)}` }],
  ['a redirect URI of 100 kB', { redirect_uris: [`https://x.example/${'%41'.repeat(TEXT / 3)}`] }],
  ['1,000 redirect URIs', { redirect_uris: Array.from({ length: 1000 }, (_, index) => `https://x.example/${index}`) }],
  ['10,000 redirect URIs alike', { redirect_uris: Array.from({ length: 10_000 }, () => 'https://x.example/') }],
  ['a name of 100 kB', { client_name: '<'.repeat(TEXT) }],
  ['20,000 scopes', { scope: words(20_000) }],
  ['20,000 contacts', { contacts: words(20_000).split(' ') }],
  ['20,000 grant types', { grant_types: words(20_000).split(' ') }],
  ['20,000 response types', { response_types: words(20_000).split(' ') }],
  ['a subject of 100 kB', { tls_client_auth_subject_dn: 'CN=a,'.repeat(TEXT / 5) }],
  ['a subject of backslashes', { tls_client_auth_subject_dn: `CN=${'\\'.repeat(TEXT)}` }],
  ['10,000 keys', { jwks: { keys: Array.from({ length: 10_000 }, (_, index) => ({ kty: 'X', kid: String(index) })) } }],
  ['a key of 100 kB', { jwks: { keys: [{ kty: 'RSA', e: 'AQAB', n: 'A'.repeat(TEXT) }] } }],
  ['spaces', { redirect_uris: [' '.repeat(TEXT)], client_uri: ' '.repeat(TEXT), scope: ' '.repeat(TEXT) }],
  [
    '10,000 members in languages',
    Object.fromEntries(
      words(10_000)
        .split(' ')
        .map((word) => [`client_name#a-${word}`, 'x']),
    ),
  ],
])('%s', async (_what, more) => {
  for (const path of ['/applications', '/application-drafts']) {
    const { status } = await inTime(() => desk.script('admin', 'POST', path, { metadata: metadata(more) }))
    expect([200, 201, 400]).toContain(status)
  }
  const browser = desk.browser('ada.admin')
  const csrf_token = await browser.token()
  const reply = await inTime(() =>
    browser.post('/applications/new/settings', { csrf_token, intent: 'review', base: JSON.stringify(metadata(more)) }),
  )
  expect([200, 400]).toContain(reply.status)
})

test.each([
  ['keys', 'given_keys', '-----BEGIN PUBLIC KEY-----\n'.repeat(TEXT / 30)],
  ['keys without an end', 'given_keys', `-----BEGIN ${'A '.repeat(TEXT / 2)}`],
  ['a certificate of spaces', 'given_certificate', `-----BEGIN CERTIFICATE-----${' \n'.repeat(TEXT / 2)}`],
  ['a certificate of letters', 'given_certificate', 'MIIB'.repeat(TEXT / 4)],
  ['lines', 'redirect_uris', '\r\n'.repeat(TEXT / 8)],
])('a form with %s', async (_what, field, text) => {
  const browser = desk.browser('ada.admin')
  const csrf_token = await browser.token()
  const sent = {
    csrf_token,
    intent: 'review',
    base: JSON.stringify(metadata()),
    key_source: 'jwks',
    subject_field: 'tls_client_auth_subject_dn',
    [field]: text,
  }
  const { status } = await inTime(() => browser.post('/applications/new/settings', sent))
  expect([200, 400]).toContain(status)
})

test('what is looked for is as long as an address may be', async () => {
  await Promise.all(Array.from({ length: 20 }, () => createdBy(desk)))
  for (const search of ['a'.repeat(10_000), '%28a%2B%29%2B%24'.repeat(500), '\\'.repeat(3000)])
    for (const path of ['/applications', '/verdicts', '/initial-access-tokens', '/grants']) {
      const { status } = await inTime(() => desk.browser('ada.viewer').open(`${path}?search=${search}`))
      expect([200, 400]).toContain(status)
    }
  // Node answers what is longer and closes the connection, which whoever still writes may hear of first.
  const longer = desk.browser('ada.viewer').open(`/applications?search=${'a'.repeat(TEXT)}`)
  const heard = await inTime(() =>
    longer.then(
      ({ status }) => status,
      (error: unknown) => Reflect.get(Object(error), 'code'),
    ),
  )
  expect([431, 'ECONNRESET', 'EPIPE']).toContain(heard)
})

test('a statement of 100 kB and one of dots', async () => {
  for (const software_statement of ['a'.repeat(TEXT), '.'.repeat(TEXT - 1), `${'e30'.repeat(30_000)}.e30.x`]) {
    const { status } = await inTime(() =>
      desk.script('viewer', 'POST', '/application-drafts', { metadata: metadata(), software_statement }),
    )
    expect(status).toBe(400)
  }
})
