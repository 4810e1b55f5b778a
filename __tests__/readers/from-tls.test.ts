// What @peculiar/x509 is built on wants this loaded first.
import 'reflect-metadata'
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { createServer as createPlainServer, type IncomingMessage, request as plainRequest, type RequestListener } from 'node:http'
import { createServer, request } from 'node:https'
import type { Server } from 'node:net'
import type { SecureVersion } from 'node:tls'
import { BasicConstraintsExtension } from '@peculiar/x509'
import { fromTls } from '../../lib/readers/from-tls.js'
import { until } from '../support/until.js'
import { fromNow, type Identity, issued, selfSigned } from './identity.js'

const [bank, stranger, old, root] = await Promise.all([
  selfSigned('CN=localhost'),
  selfSigned('CN=app'),
  selfSigned('CN=app', 'P-256', { notAfter: fromNow(-60_000) }),
  selfSigned('CN=Root', 'P-256', { extensions: [new BasicConstraintsExtension(true, undefined, true)] }),
])
const intermediate = await issued(root, 'CN=Intermediate', true)
const app = await issued(intermediate, 'CN=app')

const source = fromTls()
const answer: RequestListener = (req, res) => {
  try {
    const shown = source(req)
    const chain = shown?.chain.map(({ subject }) => subject)
    res.end(JSON.stringify(shown ? { ...shown, x509: shown.x509.fingerprint256, chain } : 'none'))
  } catch (error) {
    res.end(JSON.stringify((error as Error).message))
  }
}
const asking = { cert: bank.certificate.toString(), key: bank.key, requestCert: true, rejectUnauthorized: false } as const
const trusting = createServer({ ...asking, ca: root.certificate.toString() }, answer)
const asIs = createServer(asking, answer)
const plain = createPlainServer(answer)
const servers = [trusting, asIs, plain]

beforeAll(async () => {
  for (const server of servers) await once(server.listen(0, '127.0.0.1'), 'listening')
})
afterAll(() => {
  for (const server of servers) server.close()
})

interface Call {
  readonly shows?: Identity
  readonly with?: readonly Identity[]
  readonly session?: Buffer | undefined
  readonly version?: SecureVersion
}

/** Sends a request with a certificate, and others behind it. */
function call(server: Server, { shows, with: others = [], session, version = 'TLSv1.3' }: Call) {
  const cert = shows && [shows, ...others].map(({ certificate }) => certificate.toString()).join('')
  return request({
    ...{ host: '127.0.0.1', port: portOf(server), servername: 'localhost', ca: bank.certificate.toString(), agent: false },
    ...{ cert, key: shows?.key, session, maxVersion: version },
  })
}

describe('on a TLS connection', () => {
  test('is its certificate, with what came with it', async () => {
    const shown = await answerOf(call(asIs, { shows: app, with: [intermediate, root] }))
    expect(shown).toMatchObject({ x509: app.certificate.fingerprint256, chain: ['CN=Intermediate', 'CN=Root'] })
  })

  test('is verified where the listener trusts who issued it', async () => {
    expect(await answerOf(call(trusting, { shows: app, with: [intermediate] }))).toMatchObject({ verified: 'tls' })
  })

  test.each([
    ['the listener trusts nobody', asIs, { shows: app, with: [intermediate] }],
    ['who issued it is missing', trusting, { shows: app }],
    ['it signs itself', trusting, { shows: stranger }],
  ])('is not verified where %s, and says why', async (_, server, shows) => {
    expect(await answerOf(call(server, shows))).toMatchObject({
      verified: false,
      unverified: expect.stringMatching(/^the TLS listener says: [A-Z_]+$/),
    })
  })

  test('is nothing where the client showed none', async () => {
    expect(await answerOf(call(asIs, {}))).toBe('none')
  })

  test('must not be used when it has expired', async () => {
    expect(await answerOf(call(asIs, { shows: old }))).toMatch(/^the client certificate has expired/)
  })

  test.each<SecureVersion>(['TLSv1.2', 'TLSv1.3'])('is the same when the session is resumed (%s)', async (version) => {
    const shows = { shows: app, with: [intermediate], version }
    const first = call(trusting, shows)
    const session = new Promise<Buffer>((resolve) => first.once('socket', (socket) => socket.once('session', resolve)))
    const before = await answerOf(first)
    const second = call(trusting, { ...shows, session: await session })
    let isReused = false
    second.once('socket', (socket) =>
      socket.once('secureConnect', () => (isReused = 'isSessionReused' in socket && (socket.isSessionReused as () => boolean)())),
    )
    expect(await answerOf(second)).toEqual(before)
    expect(isReused).toBe(true)
    // Some versions of Node add the root, which was not sent.
    expect(before).toMatchObject({ verified: 'tls', chain: expect.arrayContaining(['CN=Intermediate']) })
  })
})

describe('a client of TLS 1.2 that renegotiates', () => {
  /** Types into a connection of `openssl s_client`, each line when there was a sign of the last, and has what came back. */
  async function typed(...lines: (readonly [line: string, sign: string])[]): Promise<string> {
    const at = ['-connect', `127.0.0.1:${portOf(asIs)}`, '-servername', 'localhost', '-tls1_2']
    const client = spawn('openssl', ['s_client', ...at], { stdio: 'pipe' })
    const closed = once(client, 'close')
    // A connection that has ended reads no more.
    client.stdin.on('error', () => {})
    let text = ''
    for (const stream of [client.stdout, client.stderr])
      stream.on('data', (chunk) => {
        text += chunk
      })
    let isOver = false
    client.once('close', () => {
      isOver = true
    })
    await until('the connection is there', () => isOver || text.includes('Verify return code'))
    for (const [line, sign] of lines) {
      client.stdin.write(line)
      await until(`${JSON.stringify(line)} is answered`, () => isOver || text.includes(sign))
    }
    client.kill()
    await closed
    return text
  }
  const REQUEST = ['GET / HTTP/1.1\r\nHost: localhost\r\n\r\n', 'HTTP/1.1 '] as const
  /** On a line of its own it renegotiates. */
  const RENEGOTIATE = ['R\n', 'RENEGOTIATING'] as const

  test('gets no answer any more: in the middle of it a certificate is shown that nobody has proven to hold', async () => {
    expect(await typed(REQUEST)).toContain('HTTP/1.1 200')
    const renegotiated = await typed(RENEGOTIATE, REQUEST)
    expect(renegotiated).toContain('RENEGOTIATING')
    expect(renegotiated).not.toContain('HTTP/1.1 200')
  })
})

test('on a plain connection is nothing, whatever the headers say', async () => {
  const headers = {
    'client-cert': `:${app.certificate.raw.toString('base64')}:`,
    'x-ssl-client-cert': encodeURIComponent(app.certificate.toString()),
  }
  expect(await answerOf(plainRequest({ host: '127.0.0.1', port: portOf(plain), headers, agent: false }))).toBe('none')
})

const portOf = (server: Server): number => {
  const address = server.address()
  return typeof address === 'object' && address ? address.port : 0
}

async function answerOf(sent: ReturnType<typeof request>): Promise<unknown> {
  const answered = once(sent.end(), 'response')
  const [response]: IncomingMessage[] = await answered
  const chunks: Buffer[] = []
  for await (const chunk of response ?? []) chunks.push(chunk)
  return JSON.parse(Buffer.concat(chunks).toString())
}
