import type { RequestListener, ServerResponse } from 'node:http'
import type { TLSSocket } from 'node:tls'
import { gzipSync } from 'node:zlib'
import { ConfigurationError } from '../../lib/core/errors.js'
import { OutboundError, outbound } from '../../lib/readers/outbound.js'
import type { OutboundOptions } from '../../lib/readers/outbound-options.js'
import { until } from '../support/until.js'
import { selfSigned } from './identity.js'
import { ca, type Listening, listenTo, listenWith, serverIdentity } from './issuer-servers.js'

const LIMIT = 1000
/** How a server answers, by path. */
const ANSWERS: Readonly<Record<string, (res: ServerResponse) => void>> = {
  '/plain': (res) => res.end('{"keys":[]}'),
  '/chunked': (res) => inTwo(res, '{"keys":', '[]}'),
  '/html': (res) => res.setHeader('content-type', 'text/html').end('{"keys":[]}'),
  '/identity': (res) => res.setHeader('content-encoding', 'Identity').end('{"keys":[]}'),
  '/marked': (res) => res.end('\ufeff{"keys":[]}'),
  '/unicode': (res) => res.end('{"é😀":[]}'),
  '/headers': (res) => res.end(JSON.stringify(res.req.headers)),
  '/empty': (res) => res.end(),
  '/full': (res) => res.end('x'.repeat(LIMIT)),
  '/full-chunked': (res) => inTwo(res, 'x'.repeat(LIMIT - 1), 'x'),
  ...Object.fromEntries(
    [301, 302, 303, 307, 308].map((status) => [
      `/${status}`,
      (res: ServerResponse) => res.writeHead(status, { location: '/plain' }).end('{"keys":[]}'),
    ]),
  ),
  ...Object.fromEntries(
    [201, 204, 206, 304, 400, 404, 429, 500, 503].map((status) => [`/${status}`, (res: ServerResponse) => res.writeHead(status).end()]),
  ),
  '/gzip': (res) => res.setHeader('content-encoding', 'gzip').end(gzipSync('{"keys":[]}')),
  // A bomb: a thousandth of what it would become.
  '/bomb': (res) => res.setHeader('content-encoding', 'gzip').end(gzipSync('x'.repeat(1_000_000))),
  '/too-long': (res) => res.end('x'.repeat(LIMIT + 1)),
  '/too-long-chunked': (res) => inTwo(res, 'x'.repeat(LIMIT), 'x'),
  '/endless': endless,
  '/500-endless': (res) => endless(res.writeHead(500)),
  '/latin-1': (res) => res.end(Buffer.from('{"é":1}', 'latin1')),
  '/silent': () => undefined,
  '/slow': drip,
  '/truncated': (res) => res.writeHead(200, { 'content-length': 100 }).write('{"keys"', () => res.destroy()),
  '/truncated-chunked': (res) => res.write('{"keys"', () => res.destroy()),
  '/reset': (res) => res.destroy(),
}

const seen: string[] = []
const stopped: string[] = []
const answer: RequestListener = (req, res) => {
  const { pathname } = new URL(req.url ?? '/', 'https://localhost')
  seen.push(pathname)
  res.on('close', () => stopped.push(pathname))
  ANSWERS[pathname]?.(res)
}

function inTwo(res: ServerResponse, first: string, second: string): void {
  res.write(first)
  res.end(second)
}

function endless(res: ServerResponse): void {
  const timer = setInterval(() => res.write('x'.repeat(100)), 1)
  res.on('close', () => clearInterval(timer))
}

function drip(res: ServerResponse): void {
  const timer = setInterval(() => res.write(' '), 50)
  res.on('close', () => clearInterval(timer))
}

/** What a server may say that is no HTTP, or not enough of it. */
const TALKS: Readonly<Record<string, (socket: TLSSocket) => void>> = {
  'nothing, and leaves': (socket) => socket.end(),
  garbage: (socket) => socket.end('\0\0\0 hello'),
  'another protocol': (socket) =>
    socket.once('data', () => socket.write('HTTP/1.1 101 Switching Protocols\r\nConnection: upgrade\r\nUpgrade: x\r\n\r\n')),
  'headers without end': (socket) => socket.once('data', () => socket.write(`HTTP/1.1 200 OK\r\nX: ${'x'.repeat(100_000)}`)),
  'one hint after the other': (socket) => {
    const timer = setInterval(() => socket.write('HTTP/1.1 103 Early Hints\r\n\r\n'), 5)
    socket.on('close', () => clearInterval(timer))
  },
  'two lengths': (socket) => socket.once('data', () => socket.end('HTTP/1.1 200 OK\r\nContent-Length: 2\r\nContent-Length: 3\r\n\r\n{}')),
  'a length below zero': (socket) => socket.once('data', () => socket.end('HTTP/1.1 200 OK\r\nContent-Length: -1\r\n\r\n{}')),
}

let server: Listening
let other: Listening
const talking = new Map<string, Listening>()
/** Seconds: enough for whoever answers at all, and for those who never do. */
const [PATIENCE, LATE] = [30, 1.5]
const TOO_LATE = `did not answer within ${LATE} seconds`
const here = (port = server.port, timeout = PATIENCE) => ({ ca, allowPrivateHosts: [`localhost:${port}`], timeout, maxBytes: LIMIT })
const at = (path: string, port = server.port, host = 'localhost') => new URL(`https://${host}:${port}${path}`)

beforeAll(async () => {
  server = await listenTo(answer, await serverIdentity(['localhost', 'issuer.example']))
  // The same port of another loopback address.
  other = await listenTo((_req, res) => res.end('"the other one"'), await serverIdentity(['issuer.example']), '127.0.0.2', server.port)
  for (const [what, talk] of Object.entries(TALKS)) talking.set(what, await listenWith(talk))
})
afterAll(() => Promise.all([server, other, ...talking.values()].map((one) => one.close())))
beforeEach(() => {
  seen.length = 0
  stopped.length = 0
})

/** Expects a refusal, and that its message ends so. */
async function refused(fetched: Promise<unknown>, says: string | RegExp): Promise<void> {
  const error = await fetched.catch((cause: unknown) => cause)
  expect(error).toBeInstanceOf(OutboundError)
  expect(error).toMatchObject({ name: 'OutboundError', code: 'ERR_FAPI_OUTBOUND', message: expect.stringMatching(says) })
}

describe('an answer is taken', () => {
  const passes: readonly (readonly [path: string, text: string])[] = [
    ...['/plain', '/chunked', '/html', '/identity', '/marked', '/plain?with=a-query', '/plain#with-a-fragment'].map(
      (path) => [path, '{"keys":[]}'] as const,
    ),
    ['/unicode', '{"é😀":[]}'],
    ['/empty', ''],
    ['/full', 'x'.repeat(LIMIT)],
    ['/full-chunked', 'x'.repeat(LIMIT)],
  ]

  test.each(passes)('from %s', async (path, text) => {
    expect(await outbound(here())(at(path))).toMatchObject({ text })
  })

  test('when it was asked for as it is, by nobody in particular', async () => {
    const { text } = await outbound(here())(at('/headers'))
    expect(JSON.parse(text)).toEqual({
      host: `localhost:${server.port}`,
      accept: 'application/json, application/jwk-set+json',
      'accept-encoding': 'identity',
      'user-agent': 'express-fapi',
      connection: 'close',
    })
  })

  test('with its headers', async () => {
    const { headers } = await outbound(here())(at('/html'))
    expect(headers).toMatchObject({ 'content-type': 'text/html' })
  })

  test('from one server many times', async () => {
    const fetchText = outbound(here())
    const answers = await Promise.all(Array.from({ length: 20 }, () => fetchText(at('/plain'))))
    expect(answers.every(({ text }) => text === '{"keys":[]}')).toBe(true)
  })
})

describe('an answer is refused', () => {
  const patienceFor = (says: string) => (says === TOO_LATE ? LATE : PATIENCE)
  const breaks: readonly (readonly [path: string, says: string])[] = [
    ...[301, 302, 303, 307, 308].map((status) => [`/${status}`, `answered ${status}, and redirects are not followed`] as const),
    ...[201, 204, 206, 400, 404, 429, 500, 503].map((status) => [`/${status}`, `answered ${status}`] as const),
    ['/500-endless', 'answered 500'],
    ['/304', 'answered 304, and redirects are not followed'],
    ['/gzip', 'answered in a compressed form that was not asked for'],
    ['/bomb', 'answered in a compressed form that was not asked for'],
    ['/too-long', 'answered with more than 1000 octets'],
    ['/too-long-chunked', 'answered with more than 1000 octets'],
    ['/endless', 'answered with more than 1000 octets'],
    ['/latin-1', 'answered with something that is no UTF-8'],
    ['/silent', TOO_LATE],
    ['/slow', TOO_LATE],
    ['/truncated', 'could not be reached: aborted'],
    ['/truncated-chunked', 'could not be reached: aborted'],
    ['/reset', 'could not be reached: socket hang up'],
  ]

  test.each(breaks)('from %s', async (path, says) => {
    await refused(outbound(here(server.port, patienceFor(says)))(at(path)), `^https://localhost:\\d+${path} ${says}$`)
    expect(seen).toEqual([path])
    await until('nothing is left open', () => stopped.length > 0)
    expect(stopped).toEqual([path])
  })

  test.each([
    ['nothing, and leaves', 'could not be reached: socket hang up'],
    ['garbage', 'could not be reached: Parse Error'],
    ['another protocol', 'closed the connection without an answer'],
    ['headers without end', 'could not be reached: Parse Error: Header overflow'],
    ['one hint after the other', TOO_LATE],
    ['two lengths', 'could not be reached: Parse Error'],
    ['a length below zero', 'could not be reached: Parse Error'],
  ])('that is %s', async (what, says) => {
    const port = talking.get(what)?.port ?? 0
    await refused(outbound(here(port, patienceFor(says)))(at('/', port)), `^https://localhost:\\d+/ ${says}`)
  })

  test('without the query, which may be nobody else’s business', async () => {
    await refused(outbound(here())(at('/404?secret=1')), /\/404 answered 404$/)
  })
})

describe('a server is believed', () => {
  const identities: Readonly<Record<string, () => Promise<{ readonly cert: string; readonly key: string }>>> = {
    'its name': () => serverIdentity(['localhost']),
    'another name': () => serverIdentity(['issuer.example']),
    'no name': () => serverIdentity([]),
    'an expired certificate': () => serverIdentity(['localhost'], new Date(Date.now() - 60_000)),
    'an unknown authority': async () => {
      const { certificate, key } = await selfSigned('CN=localhost')
      return { cert: certificate.toString(), key }
    },
  }

  test.each([
    ['its name', undefined],
    ['another name', "Hostname/IP does not match certificate's altnames"],
    ['no name', "Hostname/IP does not match certificate's altnames|Cert does not contain a DNS name"],
    ['an expired certificate', 'certificate has expired'],
    ['an unknown authority', 'self-signed certificate'],
  ] as const)('with %s: %s', async (what, says) => {
    const one = await listenTo(answer, await identities[what]?.())
    const fetched = outbound(here(one.port))(at('/plain', one.port))
    if (says === undefined) expect(await fetched).toMatchObject({ text: '{"keys":[]}' })
    else await refused(fetched, says)
    await one.close()
  })

  test('only with TLS 1.2 or later', async () => {
    const old = { minVersion: 'TLSv1', maxVersion: 'TLSv1.1', ciphers: 'DEFAULT@SECLEVEL=0' } as const
    const one = await listenTo(answer, { ...(await serverIdentity()), ...old })
    await refused(outbound(here(one.port))(at('/plain', one.port)), 'could not be reached')
    await one.close()
    const enough = await listenTo(answer, { ...(await serverIdentity()), maxVersion: 'TLSv1.2' })
    expect(await outbound(here(enough.port))(at('/plain', enough.port))).toMatchObject({ text: '{"keys":[]}' })
    await enough.close()
  })

  test('not without the authority that vouches for it', async () => {
    const { ca: _, ...options } = here()
    await refused(outbound(options)(at('/plain')), 'could not be reached: (unable to verify|self-signed)')
    expect(seen).toEqual([])
  })
})

describe('a URL is refused before anything is sent', () => {
  const breaks: readonly (readonly [url: string, says: string])[] = [
    ['http://localhost/', 'must be an https URL'],
    ['file:///etc/passwd', 'must be an https URL'],
    ['data:application/json,{}', 'must be an https URL'],
    ['https://user@issuer.example/', 'must have no credentials'],
    ['https://user:secret@issuer.example/', 'must have no credentials'],
    ...['127.0.0.1', '2130706433', '0x7f.1', '0177.0.0.1', '017700000001', '127.1', '１２７.0.0.1', '127。0。0。1'].map(
      (host) =>
        [`https://${host}/`, "must not be at the private address 127\\.0\\.0\\.1 unless allowPrivateHosts has '127\\.0\\.0\\.1'"] as const,
    ),
    ['https://[::1]/', "must not be at the private address ::1 unless allowPrivateHosts has '\\[::1\\]'"],
    [
      'https://[::ffff:127.0.0.1]:8443/',
      "must not be at the private address ::ffff:7f00:1 unless allowPrivateHosts has '\\[::ffff:7f00:1\\]:8443'",
    ],
    ['https://0/', 'must not be at the private address 0\\.0\\.0\\.0 '],
    ['https://10.0.0.1/', 'must not be at the private address 10\\.0\\.0\\.1 '],
    ...['169.254.169.254', '0xa9fea9fe', '2852039166', '0251.0376.0251.0376'].map(
      (host) => [`https://${host}/`, 'must not be at 169\\.254\\.169\\.254, where a machine asks about itself'] as const,
    ),
    ['https://[fd00:ec2::254]/', 'must not be at fd00:ec2::254, where'],
  ]

  test.each(breaks)('%s', async (url, says) => {
    await refused(outbound()(new URL(url)), says)
  })

  test.each([
    ['a metadata address', '169.254.169.254'],
    ['one in IPv6', '[fd00:ec2::254]'],
    ['one as IPv6', '[::ffff:169.254.169.254]'],
    ['one of Alibaba', '100.100.100.200'],
    ['link-local', '[fe80::1]'],
  ])('even when it is allowed: %s', async (_what, host) => {
    await refused(outbound({ allowPrivateHosts: [host] })(new URL(`https://${host}/`)), 'where a machine asks about itself')
  })

  test('and not when an address is allowed', async () => {
    const options = { ...here(), allowPrivateHosts: [`127.0.0.1:${server.port}`] }
    // As far as the certificate, which names no address.
    await refused(outbound(options)(at('/plain', server.port, '127.0.0.1')), "IP: 127.0.0.1 is not in the cert's list")
  })
})

describe('a name is asked for its addresses', () => {
  const NAME = 'issuer.example'
  const named = () => at('/plain', server.port, NAME)
  const allowed = () => ({ ...here(), allowPrivateHosts: [`${NAME}:${server.port}`] })
  const answering = (...addresses: readonly unknown[]) => ({ resolve: async () => addresses as readonly string[] })

  test('once, and what it says is what is connected to', async () => {
    const opinions = [['127.0.0.1'], ['127.0.0.2'], ['169.254.169.254']]
    const asked: string[] = []
    const resolve = async (name: string) => {
      asked.push(name)
      return opinions[asked.length - 1] ?? []
    }
    const fetchText = outbound({ ...allowed(), resolve })
    expect(await fetchText(named())).toMatchObject({ text: '{"keys":[]}' })
    expect(asked).toEqual([NAME])
    expect(await fetchText(named())).toMatchObject({ text: '"the other one"' })
    // Rebound: what it was before does not count.
    await refused(fetchText(named()), 'must not be at 169\\.254\\.169\\.254, where a machine asks about itself$')
    expect(asked).toEqual([NAME, NAME, NAME])
  })

  test('and the next one is tried where nobody listens', async () => {
    expect(await outbound({ ...allowed(), ...answering('127.0.0.3', '127.0.0.1') })(named())).toMatchObject({ text: '{"keys":[]}' })
  })

  const breaks: readonly (readonly [what: string, addresses: readonly unknown[], says: string])[] = [
    [
      'a private address',
      ['127.0.0.1'],
      "^https://issuer\\.example:\\d+/plain must not be at the private address 127\\.0\\.0\\.1 unless allowPrivateHosts has 'issuer\\.example:\\d+'$",
    ],
    ['a private address behind a public one', ['1.1.1.1', '10.0.0.1'], 'must not be at the private address 10\\.0\\.0\\.1 '],
    ['a private address before a public one', ['::1', '1.1.1.1'], 'must not be at the private address ::1 '],
    ['one mapped into IPv6', ['::ffff:10.0.0.1'], 'must not be at the private address ::ffff:10\\.0\\.0\\.1 '],
    ['a metadata address behind a public one', ['1.1.1.1', '169.254.169.254'], 'where a machine asks about itself'],
    ['none', [], 'has no address'],
    ['another name', ['localhost'], 'must not be at what is no address'],
    ['something else', [5], 'could not be reached: '],
  ]

  test.each(breaks)('and refused for %s', async (_what, addresses, says) => {
    await refused(outbound({ ...here(), ...answering(...addresses) })(named()), says)
    expect(seen).toEqual([])
  })

  test.each([
    ['rejects', async () => Promise.reject(new Error('no such name'))],
    ['rejects without a reason', async () => Promise.reject(undefined)],
    [
      'throws',
      () => {
        throw new Error('no such name')
      },
    ],
    ['says nothing of use', async () => undefined as unknown as string[]],
  ])('and refused when the answer %s', async (_what, resolve) => {
    await refused(outbound({ ...here(), resolve })(named()), 'could not be reached: (no such name|no reason given|.*not iterable)')
  })

  test('and not waited for longer than for anything else', async () => {
    const resolve = () => new Promise<string[]>(() => undefined)
    await refused(outbound({ ...here(server.port, LATE), resolve })(named()), TOO_LATE)
  })

  test('of the operating system when nothing else is said', async () => {
    await refused(outbound({ ...here(), allowPrivateHosts: [] })(at('/plain')), 'must not be at the private address (127\\.0\\.0\\.1|::1) ')
    expect(seen).toEqual([])
  })

  test.each([
    ['the port', () => [`localhost:${server.port + 1}`, 'localhost']],
    ['the name', () => [`localhost.:${server.port}`, `xlocalhost:${server.port}`, `host:${server.port}`]],
  ])('and allowed by the exact host, to %s', async (_what, hosts) => {
    await refused(outbound({ ...here(), allowPrivateHosts: hosts() })(at('/plain')), 'must not be at the private address ')
    const right = [...hosts(), `LOCALHOST:${server.port}`]
    expect(await outbound({ ...here(), allowPrivateHosts: right })(at('/plain'))).toMatchObject({ text: '{"keys":[]}' })
  })
})

describe('options', () => {
  const passes: readonly OutboundOptions[] = [
    {},
    { timeout: 0.001 },
    { timeout: 60 },
    { maxBytes: 1 },
    { maxBytes: 10_000_000 },
    { ca },
    { ca: [ca, `${ca}\n${ca}`] },
    { allowPrivateHosts: [] },
    { allowPrivateHosts: ['localhost', 'idp.internal:8443', '10.0.0.1', '[::1]:8443', 'bücher.example', 'under_score'] },
    { resolve: async () => [] },
  ]
  const breaks: readonly (readonly [option: string, got: readonly unknown[]])[] = [
    ['timeout', [0, -1, 60.1, Number.NaN, Number.POSITIVE_INFINITY, '5', null, {}]],
    ['maxBytes', [0, -1, 1.5, 10_000_001, Number.NaN, Number.POSITIVE_INFINITY, '5', null]],
    ['ca', ['', 'x', [], [ca, ''], null, 5, '-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----', Buffer.from(ca)]],
    [
      'allowPrivateHosts',
      [
        ...['localhost', null, 5, {}, [''], [5], ['*'], ['*.internal'], ['https://localhost'], ['localhost/x'], ['localhost?'], ['a b']],
        ...[['user@localhost'], ['10.0.0.0/8'], ['localhost:99999'], ['[::1'], ['::1'], ['localhost\0'], ['localhost', '']],
      ],
    ],
    ['resolve', [null, 'dns', {}, []]],
  ]

  test.each(passes)('%j', (options) => {
    expect(outbound(options)).toBeInstanceOf(Function)
  })

  test.each(breaks.flatMap(([option, values]) => values.map((got) => [option, got] as const)))('%s must not be %p', (option, got) => {
    const options = { [option]: got }
    expect(() => outbound(options)).toThrow(ConfigurationError)
    expect(() => outbound(options)).toThrow(new RegExp(`^${option} is .*, must `))
  })

  test('are told all at once, and never written to', () => {
    expect(() => outbound(Object.freeze({ timeout: 0, maxBytes: 0 }))).toThrow(/^timeout.*\nmaxBytes/)
    expect(outbound(Object.freeze({ allowPrivateHosts: Object.freeze(['localhost']) }))).toBeInstanceOf(Function)
  })

  test('stay as they were given', async () => {
    const allowPrivateHosts: string[] = []
    const fetchText = outbound({ ...here(), allowPrivateHosts })
    allowPrivateHosts.push(`localhost:${server.port}`)
    await refused(fetchText(at('/plain')), 'must not be at the private address ')
  })
})
