import { X509Certificate } from 'node:crypto'
import { once } from 'node:events'
import { createServer as createPlainServer, type IncomingMessage, request as plainRequest, type RequestListener } from 'node:http'
import { createServer, request } from 'node:https'
import type { Server } from 'node:net'
import { fromTls, thumbprint } from '../../lib/readers/certificate.js'
import { selfSigned } from './identity.js'

/** RFC 8705 appendix A. */
const EXAMPLE =
  'MIIBBjCBrAIBAjAKBggqhkjOPQQDAjAPMQ0wCwYDVQQDDARtdGxzMB4XDTE4MTAxODEyMzcwOVoXDTIyMDUwMjEyMzcwOVowDzENMAsGA1UEAwwEbXRsczBZ' +
  'MBMGByqGSM49AgEGCCqGSM49AwEHA0IABNcnyxwqV6hY8QnhxxzFQ03C7HKW9OylMbnQZjjJ/Au08/coZwxS7LfA4vOLS9WuneIXhbGGWvsDSb0tH6IxLm8w' +
  'CgYIKoZIzj0EAwIDSQAwRgIhAP0RC1E+vwJD/D1AGHGzuri+hlV/PpQEKTWUVeORWz83AiEA5x2eXZOVbUlJSGQgjwD5vaUaKlLR50Q2DmFfQj1L+SY='

const [bank, app, other] = await Promise.all([selfSigned('CN=localhost'), selfSigned('CN=app'), selfSigned('CN=app')])

describe('thumbprint', () => {
  test('is the one that RFC 8705 gives for its example', () => {
    expect(thumbprint(new X509Certificate(Buffer.from(EXAMPLE, 'base64')))).toBe('A4DtL2JmUMhAsvJj5tKyn64SqzmuXbMrJa0n761y5v0')
  })

  test('is SHA-256 in base64url without padding, and another one for another certificate of the same name', () => {
    expect(thumbprint(app.certificate)).toMatch(/^[A-Za-z0-9_-]{43}$/)
    expect(thumbprint(app.certificate)).toBe(thumbprint(new X509Certificate(app.certificate.raw)))
    expect(thumbprint(app.certificate)).not.toBe(thumbprint(other.certificate))
  })
})

describe('fromTls', () => {
  const answer: RequestListener = (req, res) => res.end(fromTls()(req)?.fingerprint256 ?? 'none')
  const tls = createServer({ cert: bank.certificate.toString(), key: bank.key, requestCert: true, rejectUnauthorized: false }, answer)
  const plain = createPlainServer(answer)

  beforeAll(async () => {
    for (const server of [tls, plain]) await once(server.listen(0, '127.0.0.1'), 'listening')
  })
  afterAll(() => {
    for (const server of [tls, plain]) server.close()
  })

  const trusting = { host: '127.0.0.1', servername: 'localhost', ca: bank.certificate.toString(), agent: false } as const

  test('is the certificate of the connection', async () => {
    const shown = { cert: app.certificate.toString(), key: app.key }
    expect(await answerOf(request({ ...trusting, ...shown, port: portOf(tls) }))).toBe(app.certificate.fingerprint256)
  })

  test('is nothing where the client showed none', async () => {
    expect(await answerOf(request({ ...trusting, port: portOf(tls) }))).toBe('none')
  })

  test('is nothing on a plain connection, whatever the headers say', async () => {
    const headers = { 'client-cert': ':AAAA:', 'x-ssl-cert': encodeURIComponent(app.certificate.toString()) }
    expect(await answerOf(plainRequest({ host: '127.0.0.1', port: portOf(plain), headers, agent: false }))).toBe('none')
  })
})

const portOf = (server: Server): number => {
  const address = server.address()
  return typeof address === 'object' && address ? address.port : 0
}

async function answerOf(sent: ReturnType<typeof request>): Promise<string> {
  const answered = once(sent.end(), 'response')
  const [response]: IncomingMessage[] = await answered
  const chunks: Buffer[] = []
  for await (const chunk of response ?? []) chunks.push(chunk)
  return Buffer.concat(chunks).toString()
}
