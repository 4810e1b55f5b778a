import { once } from 'node:events'
import { createServer } from 'node:http'
import { connect } from 'node:net'
import { readWire } from '../../lib/readers/wire.js'
import { selfSigned } from './identity.js'

const BASE = 'https://api.bank.example'
const { certificate } = await selfSigned('CN=app')

const server = createServer((req, res) => {
  const { method, url, headers } = readWire(req, BASE, undefined)
  res.setHeader('connection', 'close').end(JSON.stringify({ method, href: url.href, headers }))
})
beforeAll(() => once(server.listen(0, '127.0.0.1'), 'listening'))
afterAll(() => server.close())

/** Sends these very lines, which no HTTP client would, and returns what the server read. */
async function send(...lines: readonly string[]): Promise<{ method: string; href: string; headers: Record<string, string> }> {
  const address = server.address()
  const socket = connect(typeof address === 'object' && address ? address.port : 0, '127.0.0.1')
  socket.end([...lines, '', ''].join('\r\n'))
  const chunks: Buffer[] = []
  for await (const chunk of socket) chunks.push(chunk)
  const answer = Buffer.concat(chunks).toString()
  return JSON.parse(answer.slice(answer.indexOf('\r\n\r\n')).match(/\{.*\}/s)?.[0] ?? '{}')
}

describe('the URL', () => {
  test.each([
    ['/accounts', `${BASE}/accounts`],
    ['/accounts?x=1&y=%20', `${BASE}/accounts?x=1&y=%20`],
    ['/', `${BASE}/`],
    ['//evil.example/accounts', `${BASE}//evil.example/accounts`],
    ['///evil.example', `${BASE}///evil.example`],
    ['/\\evil.example/accounts', `${BASE}//evil.example/accounts`],
    ['/accounts/..//evil.example', `${BASE}//evil.example`],
    ['/@evil.example', `${BASE}/@evil.example`],
    ['http://evil.example/accounts?x=1', `${BASE}/accounts?x=1`],
    ['https://evil.example:8443/', `${BASE}/`],
    ['HTTP://evil.example/accounts', `${BASE}/accounts`],
    ['http://user:password@evil.example/accounts', `${BASE}/accounts`],
    ['/:80', `${BASE}/:80`],
  ])('of a request for %s is %s, whatever the Host', async (target, href) => {
    const read = await send(`GET ${target} HTTP/1.1`, 'Host: evil.example', 'X-Forwarded-Host: evil.example')
    expect(read.href).toBe(href)
  })

  test('never leaves the base, whatever a server lets through as a target', () => {
    const targets = [
      '',
      '.evil.example',
      ':8443/x',
      '@evil.example',
      'evil.example',
      '*',
      'x:y',
      'javascript:alert(1)',
      '\\\\evil.example',
      '\t//evil.example',
    ]
    for (const url of [...targets, '/\t/evil.example', '/[', '//[', 'https://', 'https://[', '\0', '/\ud800']) {
      const read = readWire(requestWith({ url }), `${BASE}/base`, undefined)
      expect([url, read.url.origin]).toEqual([url, BASE])
    }
  })

  test('is the original one inside an Express router', () => {
    const req = requestWith({ url: '/1', originalUrl: '/accounts/1' })
    expect(readWire(req, BASE, undefined).url.href).toBe(`${BASE}/accounts/1`)
  })
})

describe('the rest', () => {
  test('is the method, and the headers by their names in lower case', async () => {
    const { method, headers } = await send('DELETE /x HTTP/1.1', 'Host: h', 'X-FAPI-Interaction-ID: an id', 'Authorization: DPoP x')
    expect(method).toBe('DELETE')
    expect(headers).toMatchObject({ 'x-fapi-interaction-id': 'an id', authorization: 'DPoP x' })
    expect(headers.dpop).toBeUndefined()
  })

  test('joins a header that was sent twice, so that nobody reads one of them and believes it was the only one', async () => {
    const { headers } = await send('GET /x HTTP/1.1', 'Host: h', 'DPoP: a.b.c', 'DPoP: d.e.f', 'Set-Cookie: a', 'Set-Cookie: b')
    expect(headers).toMatchObject({ dpop: 'a.b.c, d.e.f', 'set-cookie': 'a, b' })
  })

  test('has the certificate it is given', () => {
    const shown = { x509: certificate, chain: [], verified: false } as const
    expect(readWire(requestWith({ url: '/' }), BASE, shown).certificate).toBe(shown)
  })
})

type ReadRequest = Parameters<typeof readWire>[0]

/** A request as far as it is read. */
const requestWith = (request: { readonly url: string; readonly originalUrl?: string }): ReadRequest =>
  ({ method: 'GET', headers: {}, ...request }) as ReadRequest
