import type { X509Certificate } from 'node:crypto'
import { once } from 'node:events'
import { mkdtempSync, rmSync } from 'node:fs'
import { createServer as createPlainServer, type IncomingMessage, request as plainRequest, type ServerResponse } from 'node:http'
import { connect as connectHttp2, createSecureServer } from 'node:http2'
import { createServer, request } from 'node:https'
import { BlockList, connect } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { jest } from '@jest/globals'
import { ConfigurationError } from '../../lib/core/errors.js'
import { fromProxy } from '../../lib/readers/from-proxy.js'
import { later } from '../support/clock.js'
import { type Header, requestWith, told } from './forwarding.js'
import { fromNow, issued, selfSigned } from './identity.js'
import { answerOf, portOf } from './loopback.js'

const [bank, root, stranger] = await Promise.all([selfSigned('CN=localhost'), selfSigned('CN=Root'), selfSigned('CN=stranger')])
const app = await issued(root, 'CN=app')
const [leaf, above] = [app.certificate, root.certificate]

const escaped = encodeURIComponent(leaf.toString())
const inBase64 = ({ raw }: X509Certificate) => raw.toString('base64')
const CERT: Header = ['X-SSL-Client-Cert', escaped]
const YES: Header = ['X-SSL-Client-Verify', 'SUCCESS']
const TRUSTS = { trusts: ['10.0.0.2'] }
const WARNING = 'FAPI_UNTRUSTED_CERTIFICATE_HEADER'

/** What a function throws. */
function thrownBy(work: () => unknown): unknown {
  try {
    return work()
  } catch (error) {
    return error
  }
}

describe('options', () => {
  /** Options as someone without types might write them. */
  const faultsOf = (kind: unknown, options: unknown) => {
    const error = thrownBy(() => fromProxy(...([kind, options] as Parameters<typeof fromProxy>)))
    return error instanceof ConfigurationError ? error.faults.map(({ option, allowed }) => `${option} ${allowed}`) : error
  }

  test.each<readonly [what: string, kind: unknown, options: unknown]>([
    ['a kind and who is trusted', 'nginx', TRUSTS],
    ['a block list', 'nginx', { trusts: new BlockList() }],
    ['a list of everything', 'nginx', { trusts: ['10.0.0.2', '10.0.1.0/24', '::1', 'unix', new BlockList()] }],
    ['another name', 'nginx', { ...TRUSTS, header: 'ssl-client-cert' }],
    ['another name with an underscore', 'nginx', { ...TRUSTS, header: 'SSL_CLIENT_CERT' }],
    ['other names', 'haproxy', { ...TRUSTS, header: 'X-A', chainHeader: 'X-B', verified: { header: 'X-C', value: '0' } }],
    ['two verdicts', 'nginx', { ...TRUSTS, verified: [YES, ['X-B', 'b']].map(([header, value]) => ({ header, value })) }],
    ['a statement', 'envoy', { ...TRUSTS, verified: 'always' }],
    ['no statement', 'nginx', { ...TRUSTS, verified: 'never' }],
    ['a proxy of our own', { header: 'X-Cert', encoding: 'pem' }, TRUSTS],
    ['a proxy of our own with a chain', { header: 'X-Cert', encoding: 'rfc9440', chainHeader: 'X-Chain' }, TRUSTS],
    ['options left undefined', 'nginx', { ...TRUSTS, header: undefined, chainHeader: undefined, verified: undefined, record: undefined }],
  ])('may be %s', (_what, kind, options) => {
    expect(faultsOf(kind, options)).toBeInstanceOf(Function)
  })

  const KINDS = 'rfc9440, nginx, envoy, haproxy, apache, caddy, traefik, aws-alb, aws-alb-verify, azure, cloudflare'
  const WRONG_KIND = `kind must be one of ${KINDS}, or { header, encoding }`
  const NO_TRUST = "trusts must list the addresses or CIDR blocks of the proxies, 'unix' or a BlockList; there is no default"
  const NO_NAME = (option: string) => `${option} must be the name of a header`
  const TAKEN = (option: string) => `${option} must be a header that has no other meaning`
  const TWICE = (option: string) => `${option} must not be a header named twice`
  const VERIFIED =
    "verified must be { header, value }, a list of them, 'always' or 'never'; a value is printable ASCII without space around it"
  const own = (header: unknown, encoding: unknown = 'pem', chainHeader?: unknown) => ({ header, encoding, chainHeader })

  const wrong: readonly (readonly [kind: unknown, options: unknown, ...faults: readonly string[]])[] = [
    ['nginx', undefined, 'options must be given: who may send certificate headers (trusts) has no default'],
    ['nginx', null, 'options must be given: who may send certificate headers (trusts) has no default'],
    ['nginx', {}, NO_TRUST],
    ['nginx', { trusts: [] }, NO_TRUST],
    ['nginx', { trusts: '10.0.0.2' }, NO_TRUST],
    ['nginx', { trusts: ['proxy.example'] }, "trusts must be an address, a CIDR block, 'unix' or a BlockList"],
    ['nginx', { trusts: ['0.0.0.0/0', '::/0'] }, 'trusts must not trust everybody', 'trusts must not trust everybody'],
    ...[undefined, null, '', 'NGINX', 'toString', '__proto__', 'constructor', 5, [], {}, { header: 'X-Cert' }, { encoding: 'pem' }].map(
      (kind) => [kind, TRUSTS, WRONG_KIND] as const,
    ),
    ['varnish', {}, NO_TRUST, WRONG_KIND],
    ...['', ' ', 'X Cert', 'X-Cert:', 'X-Cert\r\nX', 'é', 'X-Cért', '\0', 'x'.repeat(101), 5, null, ['X-Cert'], {}].flatMap((header) => [
      [own(header), TRUSTS, NO_NAME('header')] as const,
      ['nginx', { ...TRUSTS, header }, NO_NAME('header')] as const,
      ['haproxy', { ...TRUSTS, chainHeader: header }, NO_NAME('chainHeader')] as const,
    ]),
    ...['authorization', 'Authorization', 'COOKIE', 'Host', 'connection', 'content-length', 'DPoP', 'X-Forwarded-For', 'Forwarded'].map(
      (header) => [own(header), TRUSTS, TAKEN('header')] as const,
    ),
    ['nginx', { ...TRUSTS, verified: { header: 'Cookie', value: 'yes' } }, TAKEN('verified')],
    ['nginx', { ...TRUSTS, verified: { header: 'x-ssl-client-cert', value: 'yes' } }, TWICE('verified')],
    ['haproxy', { ...TRUSTS, chainHeader: 'x-ssl-client-CERT' }, TWICE('chainHeader')],
    ['haproxy', { ...TRUSTS, header: 'X-SSL-Client-Verify' }, TWICE('verified')],
    [own('X-Cert', 'pem', 'x-cert'), TRUSTS, TWICE('chainHeader')],
    ...['', 'PEM', 'toString', 'base64', 5, null, undefined].map(
      (encoding) =>
        [
          { header: 'X-Cert', encoding },
          TRUSTS,
          'encoding must be one of pem-url, pem-url-chain, pem, der-base64, der-base64-list, rfc9440, xfcc',
        ] as const,
    ),
    ...['xfcc', 'pem-url-chain', 'der-base64-list'].map(
      (encoding) =>
        [own('X-Cert', encoding, 'X-Chain'), TRUSTS, 'chainHeader goes with the encodings pem-url, pem, der-base64, rfc9440 only'] as const,
    ),
    ['envoy', { ...TRUSTS, header: 'X-Cert' }, 'header must be left out: it is X-Forwarded-Client-Cert'],
    ['envoy', { ...TRUSTS, chainHeader: 'X-Chain' }, 'chainHeader must be left out: it is X-Forwarded-Client-Cert'],
    ['rfc9440', { ...TRUSTS, header: 'X-Cert' }, 'header must be left out: it is Client-Cert and Client-Cert-Chain'],
    [own('X-Cert'), { ...TRUSTS, header: 'X-Other' }, 'header must be left out: it is X-Cert'],
    ...[
      ...[
        null,
        '',
        'ALWAYS',
        true,
        5,
        [],
        {},
        { header: 'X-A' },
        { value: 'yes' },
        { header: 'X-A', value: '' },
        { header: 5, value: 'yes' },
      ],
      ...[
        { header: 'X-A', value: ' yes' },
        { header: 'X-A', value: 'yes ' },
        { header: 'X-A', value: 'oué' },
        { header: 'X-A', value: 'a\nb' },
      ],
      ...[{ header: 'X-A', value: true }, [{ header: 'X-A', value: 'yes' }, 'always'], ['always'], [null]],
    ].map((verified) => ['nginx', { ...TRUSTS, verified }, VERIFIED] as const),
    ['nginx', { ...TRUSTS, verified: { header: 'X A', value: 'yes' } }, NO_NAME('verified')],
    ...[null, true, 'log', {}].map((record) => ['nginx', { ...TRUSTS, record }, 'record must be a function'] as const),
    [
      'envoy',
      { trusts: ['x'], header: 'X-A', verified: 5, record: 5 },
      ...[
        "trusts must be an address, a CIDR block, 'unix' or a BlockList",
        'record must be a function',
        'header must be left out: it is X-Forwarded-Client-Cert',
        VERIFIED,
      ],
    ],
  ]

  test.each(wrong.map(([kind, options, ...faults]) => [kind, options, faults] as const))(
    'may not be %.80j with %.80j',
    (kind, options, faults) => {
      expect(faultsOf(kind, options)).toEqual(faults)
    },
  )

  test('are not written to, and what becomes of them later does not count', () => {
    const verified = { header: 'X-A', value: 'yes' }
    const kind = { header: 'X-Cert', encoding: 'pem-url' as 'pem-url' | 'pem' }
    const options = { trusts: ['10.0.0.2'], verified: [verified] }
    const before = structuredClone({ kind, options })
    const read = fromProxy(kind, options)
    expect({ kind, options }).toEqual(before)

    Object.assign(kind, { header: 'X-Other', encoding: 'pem' })
    Object.assign(verified, { header: 'X-B', value: 'no' })
    options.trusts.push('10.0.0.3')
    const headers: Header[] = [
      ['X-Cert', escaped],
      ['X-A', 'yes'],
    ]
    expect(read(requestWith(headers))).toMatchObject({ verified: 'proxy' })
    expect(read(requestWith(headers, '10.0.0.3'))).toBeUndefined()
  })
})

describe('a header from elsewhere', () => {
  const dropped = (headers: readonly Header[], options: object = {}, remoteAddress = '203.0.113.9') => {
    const seen: unknown[] = []
    const read = fromProxy('nginx', { ...TRUSTS, record: (one) => seen.push(one), ...options })
    return { shown: read(requestWith(headers, remoteAddress)), seen }
  }
  const one = (header: string, remoteAddress: string | undefined = '203.0.113.9') => ({ header, remoteAddress })

  test.each<readonly [what: string, headers: readonly Header[], names: readonly string[]]>([
    ['nothing', [], []],
    [
      'other headers',
      [
        ['X-Forwarded-For', '10.0.0.2'],
        ['Client-Cert', ':AAAA:'],
      ],
      [],
    ],
    ['a certificate', [CERT], ['X-SSL-Client-Cert']],
    ['a certificate and a verdict', [CERT, YES], ['X-SSL-Client-Cert', 'X-SSL-Client-Verify']],
    ['only a verdict', [YES], ['X-SSL-Client-Verify']],
    ['only a chain', [['x-chain', 'x']], ['X-Chain']],
    ['a certificate twice', [CERT, CERT], ['X-SSL-Client-Cert']],
    ['an empty certificate', [['x-ssl-client-cert', '']], ['X-SSL-Client-Cert']],
    ['garbage', [['X-SSL-CLIENT-CERT', '\0']], ['X-SSL-Client-Cert']],
  ])('is dropped and recorded: %s', (_what, headers, names) => {
    const { shown, seen } = dropped(headers, { chainHeader: 'X-Chain' })
    expect(shown).toBeUndefined()
    expect(seen).toEqual(names.map((name) => one(name)))
  })

  test('is not recorded when it comes from the proxy', () => {
    expect(dropped([CERT, YES], {}, '10.0.0.2')).toMatchObject({ shown: { verified: 'proxy' }, seen: [] })
  })

  test.each(['X-Forwarded-For', 'Forwarded', 'X-Real-IP', 'X-Client-IP', 'True-Client-IP', 'CF-Connecting-IP'])(
    'is not believed for what %s says',
    (name) => {
      expect(dropped([CERT, YES, [name, '10.0.0.2'], ['Via', '1.1 10.0.0.2']]).shown).toBeUndefined()
    },
  )

  test('is recorded once for a request that is read twice, and again for the next one', () => {
    const seen: unknown[] = []
    const read = fromProxy('nginx', { ...TRUSTS, record: (dropped) => seen.push(dropped) })
    const [first, second] = [requestWith([CERT], '10.0.0.3'), requestWith([CERT], '10.0.0.3')]
    for (const req of [first, first, second]) expect(read(req)).toBeUndefined()
    expect(seen).toHaveLength(2)
  })

  test('is dropped when its connection is gone', () => {
    const seen: unknown[] = []
    const read = fromProxy('nginx', { trusts: ['10.0.0.2', 'unix'], record: (dropped) => seen.push(dropped) })
    const gone = { rawHeaders: CERT, socket: { remoteAddress: undefined, destroyed: true } } as unknown as IncomingMessage
    expect(read(gone)).toBeUndefined()
    expect(seen).toEqual([one('X-SSL-Client-Cert', undefined)].map((dropped) => ({ ...dropped, remoteAddress: undefined })))
  })

  describe('is told as a warning', () => {
    const emitted = jest.spyOn(process, 'emitWarning')
    const warnings = () => emitted.mock.calls.map(([message, options]) => [String(message), (options as { code?: string }).code])
    let now = 0
    const clock = jest.spyOn(performance, 'now')
    beforeEach(() => {
      now = 1000
      clock.mockImplementation(() => now)
      emitted.mockReset().mockImplementation(() => {})
    })
    afterAll(() => {
      clock.mockRestore()
      emitted.mockRestore()
    })

    test('once a minute, with the number of those in between', () => {
      const read = fromProxy('nginx', TRUSTS)
      const send = (times: number, address = '203.0.113.9') => {
        for (let sent = 0; sent < times; sent += 1) read(requestWith([CERT], address))
      }
      send(1000)
      const first = 'the header X-SSL-Client-Cert came from 203.0.113.9, which is not trusted, and was dropped'
      expect(warnings()).toEqual([[first, WARNING]])
      now += 59_999
      send(1)
      expect(warnings()).toHaveLength(1)
      now += 1
      send(1, '2001:db8::9')
      expect(warnings().slice(1)).toEqual([
        [`${first.replace('203.0.113.9', '2001:db8::9')}; 1000 more were dropped since the last warning`, WARNING],
      ])
      now += 60_000
      send(1)
      expect(warnings().slice(2)).toEqual([[first, WARNING]])
    })

    test('of each source for itself', () => {
      for (const source of [fromProxy('nginx', TRUSTS), fromProxy('nginx', TRUSTS)]) source(requestWith([CERT], '10.0.0.3'))
      expect(warnings()).toHaveLength(2)
    })

    test('never when it was recorded, unless recording failed', async () => {
      fromProxy('nginx', { ...TRUSTS, record: () => {} })(requestWith([CERT], '10.0.0.3'))
      expect(warnings()).toEqual([])
      const failing = [
        () => {
          throw new Error('full')
        },
        async () => {
          throw new Error('full')
        },
        () => Promise.reject('full'),
      ]
      for (const record of failing) expect(fromProxy('nginx', { ...TRUSTS, record })(requestWith([CERT], '10.0.0.3'))).toBeUndefined()
      await new Promise((resolve) => setImmediate(resolve))
      expect(warnings()).toEqual([
        ['the record function of fromProxy failed: full', 'FAPI_RECORD'],
        ['the record function of fromProxy failed: full', 'FAPI_RECORD'],
        ['the record function of fromProxy failed: something that is no error (string)', 'FAPI_RECORD'],
      ])
    })
  })
})

describe('a chain beside the certificate', () => {
  const read = (...headers: readonly Header[]) => fromProxy('rfc9440', TRUSTS)(requestWith(headers))
  const cert: Header = ['Client-Cert', `:${inBase64(leaf)}:`]
  const chain = (...certificates: readonly X509Certificate[]): Header => [
    'Client-Cert-Chain',
    certificates.map((one) => `:${inBase64(one)}:`).join(', '),
  ]

  test.each<readonly [what: string, headers: readonly Header[], subjects: readonly string[]]>([
    ['is what stands above it', [cert, chain(above)], ['CN=Root']],
    ['may come in several headers', [cert, chain(above), chain(bank.certificate)], ['CN=Root', 'CN=localhost']],
    ['may come before it', [chain(above), cert], ['CN=Root']],
    ['may be empty', [cert, ['Client-Cert-Chain', '']], []],
    ['does not repeat the certificate', [cert, chain(leaf, above)], ['CN=Root']],
  ])('%s', (_what, headers, subjects) => {
    expect(read(...headers)?.chain.map(({ subject }) => subject)).toEqual(subjects)
  })

  test('is nothing to rely on, so a stranger in it changes nothing but itself', () => {
    expect(told(read(cert, chain(stranger.certificate)))).toMatchObject({ x509: 'CN=app', chain: ['CN=stranger'], verified: false })
  })

  test('is refused without the certificate (RFC 9440 §2.3)', () => {
    expect(() => read(chain(above))).toThrow('Client-Cert-Chain came without Client-Cert')
    expect(read(['Client-Cert-Chain', ''])).toBeUndefined()
    expect(() => read(['Client-Cert-Chain', 'x'])).toThrow('Client-Cert-Chain is not between colons')
  })

  test('is refused when it is garbage, also beside a good certificate', () => {
    expect(() => read(cert, ['Client-Cert-Chain', ':AAAA:'])).toThrow('Client-Cert-Chain holds what is no DER')
  })

  test('of haproxy is read where its header was named, and only there', () => {
    const headers: Header[] = [
      ['X-SSL-Client-Cert', inBase64(leaf)],
      ['X-SSL-Client-Chain', inBase64(above)],
    ]
    expect(fromProxy('haproxy', TRUSTS)(requestWith(headers))?.chain).toEqual([])
    const shown = fromProxy('haproxy', { ...TRUSTS, chainHeader: 'X-SSL-Client-Chain' })(requestWith(headers))
    expect(told(shown)).toMatchObject({ chain: ['CN=Root'] })
    const empty: Header[] = [
      ['X-SSL-Client-Cert', ''],
      ['X-SSL-Client-Chain', ''],
    ]
    expect(fromProxy('haproxy', { ...TRUSTS, chainHeader: 'X-SSL-Client-Chain' })(requestWith(empty))).toBeUndefined()
  })
})

describe('what was read is kept', () => {
  test('for the same headers, and for no others', () => {
    const read = fromProxy('haproxy', { ...TRUSTS, chainHeader: 'X-Chain' })
    const cert: Header = ['X-SSL-Client-Cert', inBase64(leaf)]
    const first = read(requestWith([cert]))
    expect(read(requestWith([cert]))?.x509).toBe(first?.x509)
    const withChain = read(requestWith([cert, ['X-Chain', inBase64(above)]]))
    expect(told(withChain)).toMatchObject({ x509: 'CN=app', chain: ['CN=Root'] })
    expect(read(requestWith([cert]))?.chain).toEqual([])
    expect(told(read(requestWith([['X-SSL-Client-Cert', inBase64(stranger.certificate)]])))).toMatchObject({ x509: 'CN=stranger' })
  })

  test('but not what the proxy says of it', () => {
    const read = fromProxy('nginx', TRUSTS)
    const verdicts = [[YES], [], [['X-SSL-Client-Verify', 'NONE'] as const], [YES]].map(
      (said) => read(requestWith([CERT, ...said]))?.verified,
    )
    expect(verdicts).toEqual(['proxy', false, false, 'proxy'])
  })

  test('but not for who is not trusted', () => {
    const read = fromProxy('nginx', { ...TRUSTS, record: () => {} })
    expect(read(requestWith([CERT, YES]))).toBeDefined()
    expect(read(requestWith([CERT, YES], '10.0.0.3'))).toBeUndefined()
  })

  test('but not whether it is valid now', async () => {
    const read = fromProxy('nginx', TRUSTS)
    const { certificate } = await selfSigned('CN=short', 'P-256', { notAfter: fromNow(60_000) })
    const req = requestWith([['X-SSL-Client-Cert', encodeURIComponent(certificate.toString())]])
    expect(read(req)).toBeDefined()
    await later(61, async () => expect(() => read(req)).toThrow('has expired'))
    await later(-7200, async () => expect(() => read(req)).toThrow('is not valid before'))
    expect(read(req)).toBeDefined()
  })

  test('for five hundred, of which the one that was used the longest ago goes first', () => {
    const read = fromProxy({ header: 'X-Cert', encoding: 'pem-url' }, TRUSTS)
    // One certificate in many spellings.
    const spelt = (index: number) => requestWith([['X-Cert', escaped + '%0A'.repeat(index)]])
    const [first, second] = [read(spelt(0)), read(spelt(1))]
    for (let index = 2; index < 500; index += 1) read(spelt(index))
    expect(read(spelt(0))?.x509).toBe(first?.x509)
    read(spelt(500))
    expect(read(spelt(0))?.x509).toBe(first?.x509)
    expect(read(spelt(1))?.x509).not.toBe(second?.x509)
  })

  test('and cannot be changed by who is given it', () => {
    const read = fromProxy('traefik', TRUSTS)
    const req = requestWith([['X-Forwarded-Tls-Client-Cert', `${inBase64(leaf)},${inBase64(above)}`]])
    const first = read(req)?.chain
    expect(first).toHaveLength(1)
    expect(Object.isFrozen(first)).toBe(true)
  })
})

describe('over the wire', () => {
  const folder = mkdtempSync(join(tmpdir(), 'from-proxy-'))
  const socketPath = join(folder, 'socket')
  const source = fromProxy('nginx', { trusts: ['127.0.0.1', '::1', 'unix'], record: () => {} })
  const answer = (req: { readonly socket: unknown }, res: Pick<ServerResponse, 'end'>) => {
    const result = thrownBy(() => told(source(req as IncomingMessage)))
    res.end(JSON.stringify(result instanceof Error ? result.message : (result ?? 'none')))
  }
  const tlsOptions = { cert: bank.certificate.toString(), key: bank.key, requestCert: true, rejectUnauthorized: false }
  const large = { maxHeaderSize: 200_000 }
  const servers = {
    ipv4: createPlainServer(large, answer),
    ipv6: createPlainServer(answer),
    unix: createPlainServer(answer),
    tls: createServer(tlsOptions, answer),
    http2: createSecureServer({ ...tlsOptions, allowHTTP1: true }, answer as never),
  }

  beforeAll(async () => {
    await Promise.all([
      ...[servers.ipv4, servers.tls, servers.http2].map((server) => once(server.listen(0, '127.0.0.1'), 'listening')),
      once(servers.ipv6.listen(0, '::1'), 'listening'),
      once(servers.unix.listen(socketPath), 'listening'),
    ])
  })
  afterAll(() => {
    for (const server of Object.values(servers)) server.close()
    rmSync(folder, { recursive: true })
  })

  const headers = Object.fromEntries([CERT, YES])
  const verified = JSON.stringify({ x509: 'CN=app', chain: [], verified: 'proxy' })
  const plain = { host: '127.0.0.1', agent: false, headers } as const
  const trusting = { ...plain, servername: 'localhost', ca: bank.certificate.toString() } as const
  const atTls = () => ({ ...trusting, port: portOf(servers.tls) })

  test.each([
    ['127.0.0.1', verified],
    ['127.0.0.2', '"none"'],
    ['127.1.2.3', '"none"'],
  ])('a header from %s is %s', async (localAddress, result) => {
    expect(await answerOf(plainRequest({ ...plain, port: portOf(servers.ipv4), localAddress }))).toBe(result)
  })

  test('a header from ::1 is read, and one over a unix socket', async () => {
    expect(await answerOf(plainRequest({ ...plain, host: '::1', port: portOf(servers.ipv6) }))).toBe(verified)
    expect(await answerOf(plainRequest({ agent: false, headers, socketPath }))).toBe(verified)
  })

  test('X_SSL_Client_Cert is another header', async () => {
    const underscores = Object.fromEntries(Object.entries(headers).map(([name, value]) => [name.replaceAll('-', '_'), value]))
    expect(await answerOf(plainRequest({ ...plain, port: portOf(servers.ipv4), headers: underscores }))).toBe('"none"')
  })

  test('a header that middleware changed is read as it came', async () => {
    const server = createPlainServer((req, res) => {
      req.headers['x-ssl-client-cert'] = encodeURIComponent(stranger.certificate.toString())
      answer(req, res)
    })
    await once(server.listen(0, '127.0.0.1'), 'listening')
    expect(await answerOf(plainRequest({ ...plain, port: portOf(server) }))).toBe(verified)
    server.close()
  })

  /** Sends these very lines. */
  async function send(...lines: readonly string[]): Promise<string> {
    const socket = connect(portOf(servers.ipv4), '127.0.0.1')
    socket.end(['GET / HTTP/1.1', 'Host: h', 'Connection: close', ...lines, '', ''].join('\r\n'))
    const chunks: Buffer[] = []
    try {
      for await (const chunk of socket) chunks.push(chunk)
    } catch (error) {
      // A server that has read enough closes, and what it said may be lost with what it did not read.
      if (!(error instanceof Error && 'code' in error && error.code === 'ECONNRESET')) throw error
      chunks.push(Buffer.from('connection reset'))
    }
    return Buffer.concat(chunks).toString()
  }
  const line = ([name, value]: Header) => `${name}: ${value}`

  test.each([
    ['one header', [line(CERT)], '"x509":"CN=app"'],
    ['two headers', [line(CERT), line(CERT)], 'X-SSL-Client-Cert came 2 times'],
    ['two headers in two cases', [line(CERT), line(CERT).toLowerCase()], 'X-SSL-Client-Cert came 2 times'],
    ['a verdict twice', [line(CERT), line(YES), line(YES)], 'X-SSL-Client-Verify came 2 times'],
    ['an empty header', ['X-SSL-Client-Cert:'], '"none"'],
    ['a header of spaces', ['X-SSL-Client-Cert:   \t '], '"none"'],
    ['space around the value', [`X-SSL-Client-Cert:\t ${escaped} \t`], '"x509":"CN=app"'],
    ['a space before the colon', [`X-SSL-Client-Cert : ${escaped}`], '400 Bad Request'],
    ['NUL in the value', [`X-SSL-Client-Cert: ${escaped}\0`], '400 Bad Request'],
    ['UTF-8 in the value', [`X-SSL-Client-Cert: ${escaped}é`], 'has characters that are not printable ASCII'],
    ['100 kB', [`X-SSL-Client-Cert: ${'A'.repeat(100_000)}`], 'is longer than 65536 characters'],
  ])('%s', async (_what, lines, result) => {
    expect(await send(...lines)).toContain(result)
  })

  test('a megabyte is not even read', async () => {
    const answer = await send(`X-SSL-Client-Cert: ${'A'.repeat(1_000_000)}`)
    expect(answer).toMatch(/^HTTP\/1\.1 431 Request Header Fields Too Large|^connection reset$/)
  })

  describe('next to a certificate of the connection', () => {
    const shows = ({ certificate, key }: typeof app) => ({ cert: certificate.toString(), key })

    test('the same one is read, as the header tells', async () => {
      expect(await answerOf(request({ ...atTls(), ...shows(app) }))).toBe(verified)
    })

    test('another one is refused', async () => {
      const says = 'two certificates: the TLS connection showed another one than X-SSL-Client-Cert holds'
      expect(await answerOf(request({ ...atTls(), ...shows(stranger) }))).toBe(JSON.stringify(says))
    })

    test('a header is read where the connection shows none', async () => {
      expect(await answerOf(request(atTls()))).toBe(verified)
    })

    test('none is read where no header came: this source reads headers', async () => {
      expect(await answerOf(request({ ...atTls(), ...shows(app), headers: {} }))).toBe('"none"')
    })

    test('none is read where the header came from elsewhere', async () => {
      expect(await answerOf(request({ ...atTls(), ...shows(app), localAddress: '127.0.0.2' }))).toBe('"none"')
    })
  })

  test.each([
    ['the same certificate', app, verified],
    [
      'another certificate',
      stranger,
      JSON.stringify('two certificates: the TLS connection showed another one than X-SSL-Client-Cert holds'),
    ],
  ])('HTTP/2, next to %s', async (_what, { certificate, key }, result) => {
    const client = connectHttp2(`https://127.0.0.1:${portOf(servers.http2)}`, {
      ...{ ca: bank.certificate.toString(), servername: 'localhost', cert: certificate.toString(), key },
    })
    const stream = client.request({ ':path': '/', ...headers })
    const chunks: Buffer[] = []
    for await (const chunk of stream) chunks.push(chunk)
    client.close()
    expect(Buffer.concat(chunks).toString()).toBe(result)
  })
})
