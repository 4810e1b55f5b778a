// What @peculiar/x509 is built on wants this loaded first.
import 'reflect-metadata'
import { createServer } from 'node:net'
import type { TlsOptions } from 'node:tls'
import { BasicConstraintsExtension } from '@peculiar/x509'
import { CIPHER_SUITES, suiteName } from '../../lib/audit/tls/cipher-suites.js'
import type { Version } from '../../lib/audit/tls/client-hello.js'
import { type Probed, type ProbeOptions, probeListener } from '../../lib/audit/tls/probe-listener.js'
import { ConfigurationError } from '../../lib/core/errors.js'
import { selfSigned as forClients } from '../../lib/testing/self-signed.js'
import { fromNow, issued, selfSigned } from '../readers/identity.js'
import {
  alertOf,
  answersBrowsers,
  bothAtOnce,
  closeListeners,
  httpsListener,
  listening,
  pemOf,
  recordOf,
  rsa,
  scripted,
  serverHello,
} from './listeners.js'

/** Seconds that no listener which answers needs. */
const PATIENT = 20
/** Seconds for those that never answer. */
const BRIEF = 2

afterEach(closeListeners)

const probe = (port: number, options: Partial<ProbeOptions> = {}): Promise<Probed> =>
  probeListener({ host: 'localhost', port, browsers: true, clients: true, ca: pemOf(rsa), timeout: PATIENT, ...options })

const probeTls = async (options: TlsOptions, more: Partial<ProbeOptions> = {}) => probe(await listening(httpsListener(options)), more)

const OLD = 'DEFAULT:@SECLEVEL=0'
const AES_GCM = 'ECDHE-RSA-AES128-GCM-SHA256:ECDHE-RSA-AES256-GCM-SHA384'
const GCM_SUITES = ['TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256', 'TLS_ECDHE_RSA_WITH_AES_256_GCM_SHA384']

describe('a listener as it is meant to be', () => {
  test('is seen as it is', async () => {
    const { listener, untried, handshakes } = await probeTls({ minVersion: 'TLSv1.2', ciphers: `TLS_AES_128_GCM_SHA256:${AES_GCM}` })
    expect(untried).toEqual({})
    expect(listener).toEqual({
      host: expect.stringMatching(/^localhost:\d+$/),
      browsers: true,
      clients: true,
      versions: ['TLSv1.2', 'TLSv1.3'],
      refusedVersions: ['SSLv3', 'TLSv1', 'TLSv1.1'],
      preferred: 'TLSv1.3',
      ciphers: GCM_SUITES,
      untrusted: undefined,
      expires: Date.parse(rsa.certificate.validTo) / 1000,
      strictTransportSecurity: 'max-age=31536000',
      plain: 'nothing',
    })
    // Five versions, two together twice, two suites and three refusals, a whole handshake and one for the page.
    expect(handshakes).toBe(14)
  })
})

describe('protocol versions', () => {
  test.each<[string, TlsOptions, readonly Version[], Version]>([
    ['from 1.0 on', { minVersion: 'TLSv1', ciphers: OLD }, ['TLSv1', 'TLSv1.1', 'TLSv1.2', 'TLSv1.3'], 'TLSv1.3'],
    ['1.1 alone', { minVersion: 'TLSv1.1', maxVersion: 'TLSv1.1', ciphers: OLD }, ['TLSv1.1'], 'TLSv1.1'],
    ['1.2 alone', { minVersion: 'TLSv1.2', maxVersion: 'TLSv1.2' }, ['TLSv1.2'], 'TLSv1.2'],
    ['1.3 alone', { minVersion: 'TLSv1.3' }, ['TLSv1.3'], 'TLSv1.3'],
  ])('%s', async (_name, options, versions, preferred) => {
    const { listener, untried } = await probeTls({
      ...options,
      ...(options.ciphers ? {} : { ciphers: `TLS_AES_128_GCM_SHA256:${AES_GCM}` }),
    })
    const all = ['SSLv3', 'TLSv1', 'TLSv1.1', 'TLSv1.2', 'TLSv1.3']
    expect(listener).toMatchObject({ versions, refusedVersions: all.filter((one) => !versions.includes(one as Version)) })
    // Where 1.2 and 1.3 are offered and neither is spoken, there is nothing to prefer.
    expect(listener.preferred).toBe(preferred === 'TLSv1.1' ? undefined : preferred)
    expect(listener.untrusted).toBeUndefined()
    expect(untried).toEqual({})
  })

  test('SSL 3.0, and one who takes TLS 1.2 although TLS 1.3 is offered too', async () => {
    const listener = scripted(({ versions }) => {
      const version = versions.find((one) => one !== 'TLSv1.3') ?? 'TLSv1.3'
      return serverHello(version, version === 'TLSv1.3' ? 0x1301 : 0xc02f)
    })
    const found = (await probe(await listening(listener))).listener
    expect(found.versions).toEqual(['SSLv3', 'TLSv1', 'TLSv1.1', 'TLSv1.2', 'TLSv1.3'])
    expect(found.preferred).toBe('TLSv1.2')
  })

  test('an older version than was asked for is a refusal', async () => {
    const listener = scripted(() => serverHello('TLSv1.1', 0xc013))
    const { versions, refusedVersions, ciphers } = (await probe(await listening(listener))).listener
    expect({ versions, ciphers }).toEqual({ versions: ['TLSv1.1'], ciphers: [] })
    expect(refusedVersions).toEqual(['SSLv3', 'TLSv1', 'TLSv1.2', 'TLSv1.3'])
  })
})

describe('cipher suites of TLS 1.2', () => {
  const upTo12 = (ciphers: string): TlsOptions => ({ maxVersion: 'TLSv1.2', ciphers, dhparam: 'auto' as never })

  test.each<[string, string, readonly string[]]>([
    ['AES-GCM', AES_GCM, GCM_SUITES],
    ['CBC', 'ECDHE-RSA-AES128-SHA256', ['TLS_ECDHE_RSA_WITH_AES_128_CBC_SHA256']],
    ['RSA key exchange', 'AES128-SHA:AES256-GCM-SHA384', ['TLS_RSA_WITH_AES_128_CBC_SHA', 'TLS_RSA_WITH_AES_256_GCM_SHA384']],
    ['DHE', 'DHE-RSA-AES128-GCM-SHA256', ['TLS_DHE_RSA_WITH_AES_128_GCM_SHA256']],
    ['ChaCha20', 'ECDHE-RSA-CHACHA20-POLY1305', ['TLS_ECDHE_RSA_WITH_CHACHA20_POLY1305_SHA256']],
    ['no encryption', 'NULL-SHA256:@SECLEVEL=0', ['TLS_RSA_WITH_NULL_SHA256']],
    ['no certificate', 'ADH-AES128-GCM-SHA256:@SECLEVEL=0', ['TLS_DH_anon_WITH_AES_128_GCM_SHA256']],
  ])('%s', async (_name, ciphers, suites) => {
    expect((await probeTls(upTo12(ciphers))).listener.ciphers).toEqual(suites)
  })

  test('each one that Node’s own OpenSSL takes by default', async () => {
    const { ciphers } = (await probeTls(upTo12('ALL:@SECLEVEL=0'))).listener
    expect(ciphers.length).toBeGreaterThan(30)
    expect(new Set(ciphers).size).toBe(ciphers.length)
  })

  test('also what OpenSSL does not know any more, all at once', async () => {
    const listener = scripted(({ versions, suites }) => {
      const [suite] = suites.filter((one) => one !== 0x00ff)
      return versions.includes('TLSv1.2') && suite !== undefined ? serverHello('TLSv1.2', suite) : alertOf(2, 40)
    })
    const { ciphers } = (await probe(await listening(listener))).listener
    expect(ciphers).toEqual(CIPHER_SUITES.map(suiteName))
    expect(ciphers).toEqual(expect.arrayContaining(['TLS_RSA_WITH_RC4_128_SHA', 'TLS_ECDHE_RSA_WITH_3DES_EDE_CBC_SHA']))
  })

  test('a listener that chooses what was not offered is asked no more', async () => {
    const listener = scripted(({ versions }) => (versions.includes('TLSv1.2') ? serverHello('TLSv1.2', 0xabcd) : alertOf(2, 70)))
    const { listener: found, untried, handshakes } = await probe(await listening(listener))
    expect(found.ciphers).toEqual([])
    expect(untried.ciphers).toBe('the listener chose 0xabcd, which was not offered')
    expect(handshakes).toBeLessThan(15)
  })

  test('a listener that closes connections is believed as long as it still answers', async () => {
    let taken = 0
    const closing = (most: number) =>
      scripted(({ versions, suites }, socket) => {
        if (!versions.includes('TLSv1.2')) return alertOf(2, 70)
        if (suites.includes(0xc02f) && taken++ < most) return serverHello('TLSv1.2', 0xc02f)
        socket.resetAndDestroy()
        return undefined
      })
    const open = await probe(await listening(closing(Number.POSITIVE_INFINITY)))
    expect(open.listener.ciphers).toEqual(GCM_SUITES.slice(0, 1))
    expect(open.untried).not.toHaveProperty('ciphers')
    taken = 0
    // The first offer, TLS 1.2 alone, both versions, and one suite: then it has had enough.
    expect((await probe(await listening(closing(4)))).untried.ciphers).toBe(
      'the listener stopped answering before all cipher suites were tried',
    )
  })

  test('a listener that goes silent in between leaves the list open', async () => {
    let asked = 0
    const listener = scripted(({ versions, suites }) => {
      if (!versions.includes('TLSv1.2')) return alertOf(2, 70)
      return suites.length > 100 || asked++ < 2 ? serverHello('TLSv1.2', suites.at(-2) ?? 0) : undefined
    })
    const { listener: found, untried } = await probe(await listening(listener), { timeout: BRIEF })
    expect(found.ciphers).toHaveLength(2)
    expect(untried.ciphers).toBe('no answer in time')
  })
})

describe('certificates', () => {
  const seen = async (identity: typeof rsa, options: Partial<ProbeOptions> = {}) => {
    const port = await listening(httpsListener({}, answersBrowsers, identity))
    return (await probe(port, { ca: pemOf(identity), ...options })).listener
  }

  test('that is trusted and for the host', async () => {
    expect((await seen(rsa)).untrusted).toBeUndefined()
  })

  test('that nobody here knows', async () => {
    expect((await seen(rsa, { ca: undefined })).untrusted).toBe('it signs itself')
  })

  test('for another host', async () => {
    expect((await seen(rsa, { host: '127.0.0.1' })).untrusted).toBe('it is for DNS:localhost, and must name 127.0.0.1')
  })

  test('that has expired, or is not valid yet', async () => {
    const expired = await selfSigned('CN=localhost', 'P-256', { notBefore: fromNow(-7_200_000), notAfter: fromNow(-3_600_000) })
    expect(await seen(expired)).toMatchObject({
      untrusted: 'it, or a certificate of its chain, has expired',
      expires: Date.parse(expired.certificate.validTo) / 1000,
    })
    const early = await selfSigned('CN=localhost', 'P-256', { notBefore: fromNow(3_600_000), notAfter: fromNow(7_200_000) })
    expect((await seen(early)).untrusted).toBe('it is not valid yet')
  })

  test('whose name stands in its subject only', async () => {
    const authority = await selfSigned('CN=authority', 'P-256', { extensions: [new BasicConstraintsExtension(true, undefined, true)] })
    const found = await seen(await issued(authority, 'CN=localhost'), { ca: pemOf(authority) })
    expect(found.untrusted).toBe('it names no host as a subjectAltName, and must name localhost')
  })

  test('that is for clients', async () => {
    const { cert, key } = forClients({ name: 'localhost' })
    const found = (await probe(await listening(httpsListener({ cert, key })), { ca: cert })).listener
    expect(found.untrusted).toBe('it is not for servers')
  })
})

describe('a client certificate', () => {
  const asks = (version: 'TLSv1.2' | 'TLSv1.3', by: string): TlsOptions => ({
    requestCert: true,
    rejectUnauthorized: true,
    ca: by,
    minVersion: version,
    maxVersion: version,
    ciphers: `TLS_AES_128_GCM_SHA256:${AES_GCM}`,
  })

  test.each(['TLSv1.2', 'TLSv1.3'] as const)('demanded with %s hides neither versions nor cipher suites', async (version) => {
    const { listener, untried } = await probeTls(asks(version, pemOf(rsa)))
    expect(listener).toMatchObject({ versions: [version], ciphers: version === 'TLSv1.2' ? GCM_SUITES : [] })
    // With TLS 1.3 the certificate has been seen before the listener complains, with TLS 1.2 it has not.
    expect(listener.untrusted).toBeUndefined()
    const hidden = version === 'TLSv1.2' ? ['expires', 'strictTransportSecurity', 'untrusted'] : ['strictTransportSecurity']
    expect(Object.keys(untried).sort()).toEqual(hidden)
    if (version === 'TLSv1.2')
      expect(untried.untrusted).toMatch(/^the handshake failed: \S+ alert handshake failure; it may want a client certificate$/)
  })

  test.each(['TLSv1.2', 'TLSv1.3'] as const)('that the listener takes opens everything with %s', async (version) => {
    const { certificate, key } = await selfSigned('CN=client')
    const { listener, untried } = await probeTls(asks(version, certificate.toString()), {
      certificate: { certificate: certificate.toString(), key },
    })
    expect(untried).toEqual({})
    expect(listener).toMatchObject({ versions: [version], strictTransportSecurity: 'max-age=31536000' })
  })
})

describe('who does not speak TLS, or not as one should', () => {
  const known = ['ciphers', 'expires', 'plain', 'preferred', 'strictTransportSecurity', 'untrusted', 'versions']

  test('a listener that says nothing, or one octet after the other, is given up', async () => {
    const silent = await listening(createServer(() => undefined))
    const loris = await listening(
      scripted((_offered, socket) => {
        const hello = recordOf(22, Buffer.alloc(16_000, 2))
        let at = 0
        const timer = setInterval(() => socket.write(hello.subarray(at, ++at)), 40)
        socket.on('close', () => clearInterval(timer))
        return undefined
      }),
    )
    for (const { listener, untried, handshakes } of await Promise.all([silent, loris].map((port) => probe(port, { timeout: BRIEF })))) {
      expect(listener).toMatchObject({ versions: [], refusedVersions: [], ciphers: [] })
      expect(Object.keys(untried).sort()).toEqual(known)
      expect(untried.versions).toBe('no answer in time')
      expect(handshakes).toBe(1)
    }
  })

  test('nobody listens, and a name that does not exist', async () => {
    const server = createServer()
    const port = await listening(server)
    await closeListeners()
    expect((await probe(port)).untried.versions).toMatch(/^no connection: .*ECONNREFUSED/)
    expect((await probe(443, { host: 'no-such-host.invalid' })).untried.versions).toMatch(
      /^no connection: .*(ENOTFOUND|EAI_AGAIN|no connection in time)/,
    )
  })

  test('a listener that resets every connection is not said to refuse anything', async () => {
    const { listener, untried } = await probe(await listening(createServer((socket) => socket.on('data', () => socket.resetAndDestroy()))))
    expect(listener).toMatchObject({ versions: [], refusedVersions: [] })
    expect(untried.versions).toContain('TLSv1.2: connection closed')
    expect(untried).toMatchObject({ ciphers: 'no version of TLS was accepted', untrusted: expect.stringMatching(/./) })
  })

  test.each<[string, Buffer]>([
    ['plain http', Buffer.from('HTTP/1.1 400 Bad Request\r\n\r\n')],
    ['random octets', Buffer.alloc(300, 0xa5)],
    ['a record of another protocol version', Buffer.from([22, 9, 9, 0, 4, 2, 0, 0, 0])],
    ['something else than a ServerHello', recordOf(22, Buffer.from([11, 0, 0, 2, 0, 0]))],
    ['a ServerHello that is too short', recordOf(22, Buffer.from([2, 0, 0, 2, 3, 3]))],
    ['a ServerHello without an end', recordOf(22, Buffer.from([2, 0xff, 0xff, 0xff, 3, 3]))],
    ['half an alert', recordOf(21, Buffer.from([2]))],
  ])('%s is no TLS', async (_name, bytes) => {
    const { listener, untried } = await probe(await listening(scripted(() => bytes)))
    expect(listener.refusedVersions).toEqual(['SSLv3', 'TLSv1', 'TLSv1.1', 'TLSv1.2', 'TLSv1.3'])
    expect(untried).toMatchObject({ ciphers: 'the listener does not speak TLS' })
    expect(untried).not.toHaveProperty('versions')
  })

  test('a ServerHello in pieces, after a warning', async () => {
    const listener = scripted(({ versions }, socket) => {
      if (!versions.includes('TLSv1.2')) return alertOf(2, 70)
      const hello = serverHello('TLSv1.2', 0xc02f).subarray(5)
      socket.write(Buffer.concat([alertOf(1, 112), recordOf(22, hello.subarray(0, 7)).subarray(0, 9)]))
      setImmediate(() => socket.end(Buffer.concat([hello.subarray(4, 7), recordOf(22, hello.subarray(7))])))
      return undefined
    })
    expect((await probe(await listening(listener))).listener.versions).toEqual(['TLSv1.2'])
  })
})

describe('addresses', () => {
  test.each([
    ['127.0.0.1', '127.0.0.1', undefined],
    ['::1', '::1', undefined],
    ['localhost', '127.0.0.1', 'localhost'],
  ])('%s at %s is told the name %s', async (host, address, name) => {
    const names = new Set<string | undefined>()
    const listener = scripted(({ name: told }) => {
      names.add(told)
      return alertOf(2, 40)
    })
    const port = await listening(listener, address)
    const { listener: found, evidence } = await probe(port, { host })
    expect([...names]).toEqual([name])
    expect(found.host).toBe(`${host === '::1' ? '[::1]' : host}:${port}`)
    expect(evidence.versions?.[3]).toBe('TLSv1.2 offered alone → refused (handshake_failure)')
  })
})

describe('plain http', () => {
  test.each<[string, number, string | undefined, string]>([
    ['a page', 200, undefined, 'content'],
    ['an error', 404, undefined, 'nothing'],
    ['a redirect to https', 301, 'https://localhost/auth', 'redirect'],
    ['a redirect to itself', 302, '/login', 'content'],
    ['a redirect to elsewhere by http', 302, 'http://localhost/auth', 'content'],
    ['a redirect to nowhere', 302, 'http://[', 'content'],
  ])('%s', async (_name, status, location, plain) => {
    const both = bothAtOnce((_request, response) => response.writeHead(status, location === undefined ? {} : { location }).end('hello'))
    const { listener, evidence } = await probe(await listening(both), { paths: ['/auth', '/jwks'] })
    expect(listener).toMatchObject({ plain, versions: ['TLSv1.2', 'TLSv1.3'] })
    // What serves one thing by plain http need not be asked for another.
    expect(evidence.plain).toHaveLength(plain === 'content' ? 1 : 2)
  })

  test('content behind the second path is found, too', async () => {
    const both = bothAtOnce(({ url }, response) => response.writeHead(url === '/jwks' ? 200 : 405).end('{}'))
    const { listener, evidence } = await probe(await listening(both), { paths: ['/token', '/jwks', '/'] })
    expect(listener.plain).toBe('content')
    expect(evidence.plain?.map((line) => line.replace(/^.*:\d+/, ''))).toEqual(['/token → 405', '/jwks → 200'])
  })

  test('a body without end is not waited for', async () => {
    const both = bothAtOnce((_request, response) => void response.writeHead(200).write('x'))
    expect((await probe(await listening(both))).listener.plain).toBe('content')
  })
})

test.each<[string, Partial<ProbeOptions>]>([
  ['host', { host: 'bank.example/x' }],
  ['host', { host: '' }],
  ['port', { port: 0 }],
  ['port', { port: 70_000 }],
  ['timeout', { timeout: 0 }],
  ['timeout', { timeout: Number.NaN }],
  ['paths', { paths: ['/ok', '/a b\r\nx: y'] }],
])('a wrong %s is said at once', (option, wrong) => {
  expect(() => probe(443, wrong)).toThrow(ConfigurationError)
  expect(() => probe(443, wrong)).toThrow(option)
})
