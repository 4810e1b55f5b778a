import { fromProxy } from '../../lib/readers/from-proxy.js'
import { PROXY_KINDS, type ProxyKind, type Verified } from '../../lib/readers/proxy-kinds.js'
import { FORWARDINGS, type Header, requestWith, told } from './forwarding.js'
import { issued, selfSigned } from './identity.js'

const root = await selfSigned('CN=Root')
const intermediate = await issued(root, 'CN=Intermediate', true)
const app = await issued(intermediate, 'CN=app')
const [leaf, ...above] = [app.certificate, intermediate.certificate, root.certificate] as const

const read = (kind: ProxyKind, headers: readonly Header[], verified?: Verified) =>
  fromProxy(kind, { trusts: ['10.0.0.2'], verified })(requestWith(headers))

const SILENT = 'this proxy does not say whether it verified the certificate'

test('every kind of proxy is tried here', () => {
  const tried = Object.values(FORWARDINGS).map(({ kind }) => kind)
  expect(Object.keys(PROXY_KINDS).filter((kind) => !tried.includes(kind as ProxyKind))).toEqual([])
})

describe.each(Object.entries(FORWARDINGS))('%s', (_name, { kind, header, write, above: beside, yes, isChain }) => {
  test('is read as it is written', () => {
    const shown = read(kind, [[header, write(leaf)], ...yes])
    expect(shown?.x509.raw.equals(leaf.raw)).toBe(true)
    expect(shown?.chain).toEqual([])
  })

  test('is read whatever the case of its header', () => {
    for (const name of [header.toLowerCase(), header.toUpperCase()]) expect(read(kind, [[name, write(leaf)]])).toBeDefined()
  })

  test.each([
    ['-', '_'],
    ['-', ''],
    ['-', '--'],
    ['', 'X-'],
  ])('is not read from a header whose name has %j as %j', (from, to) => {
    expect(read(kind, [[header.replaceAll(from, to), write(leaf)], ...yes])).toBeUndefined()
  })

  test('is nothing where the header is missing', () => {
    expect(read(kind, yes)).toBeUndefined()
  })

  test('is verified when the proxy says so, and not before', () => {
    const sent: Header = [header, write(leaf)]
    const saysNothing = yes.length === 0
    expect(read(kind, [sent])).toMatchObject(
      kind === 'aws-alb-verify' ? { verified: 'proxy' } : { verified: false, unverified: expect.stringContaining(SILENT) },
    )
    if (!saysNothing) expect(told(read(kind, [sent, ...yes]))).toEqual({ x509: 'CN=app', chain: [], verified: 'proxy' })
    expect(told(read(kind, [sent], 'always'))).toEqual({ x509: 'CN=app', chain: [], verified: 'proxy' })
    expect(told(read(kind, [sent, ...yes], 'never'))).toEqual({ x509: 'CN=app', chain: [], verified: false, unverified: SILENT })
  })

  const written: Header[] = beside
    ? [
        [header, write(leaf)],
        [beside.header, beside.write(...above)],
      ]
    : [[header, write(leaf, ...above)]]
  if (isChain || beside)
    test('is read with its chain', () => {
      expect(read(kind, written)?.chain.map(({ subject }) => subject)).toEqual(['CN=Intermediate', 'CN=Root'])
    })
  else
    test('is refused with others behind it', () => {
      expect(() => read(kind, written)).toThrow(/ holds (two values|3 certificates), where /)
    })
})

describe('what the proxy says of the chain', () => {
  const verdicts: readonly (readonly [kind: ProxyKind, headers: readonly Header[], verified: 'proxy' | false, unverified?: string])[] = [
    ['nginx', [['X-SSL-Client-Verify', 'SUCCESS']], 'proxy'],
    [
      'nginx',
      [['X-SSL-Client-Verify', 'FAILED:unable to get local issuer certificate']],
      false,
      'the proxy says: FAILED:unable to get local issuer certificate (X-SSL-Client-Verify)',
    ],
    ['nginx', [['X-SSL-Client-Verify', 'NONE']], false, 'the proxy says: NONE (X-SSL-Client-Verify)'],
    ['nginx', [['X-SSL-Client-Verify', 'success']], false, 'the proxy says: success (X-SSL-Client-Verify)'],
    ['nginx', [['X-SSL-Client-Verify', 'SUCCESS, SUCCESS']], false, 'the proxy says: SUCCESS, SUCCESS (X-SSL-Client-Verify)'],
    ['nginx', [['X-SSL-Client-Verify', 'SUCCESSFUL']], false, 'the proxy says: SUCCESSFUL (X-SSL-Client-Verify)'],
    ['nginx', [['X-SSL-Client-Verify', '']], false, `${SILENT}: X-SSL-Client-Verify is missing`],
    ['nginx', [['X_SSL_Client_Verify', 'SUCCESS']], false, `${SILENT}: X-SSL-Client-Verify is missing`],
    ['nginx', [['X-SSL-Client-Verify', '\0"\\é😀']], false, "the proxy says: ?'/??? (X-SSL-Client-Verify)"],
    ['nginx', [['X-SSL-Client-Verify', 'x'.repeat(50_000)]], false, `the proxy says: ${'x'.repeat(200)} (X-SSL-Client-Verify)`],
    ['apache', [['X-SSL-Client-Verify', 'SUCCESS']], 'proxy'],
    ['apache', [['X-SSL-Client-Verify', 'GENEROUS']], false, 'the proxy says: GENEROUS (X-SSL-Client-Verify)'],
    ['apache', [['X-SSL-Client-Verify', '(null)']], false, 'the proxy says: (null) (X-SSL-Client-Verify)'],
    ['haproxy', [['X-SSL-Client-Verify', '0']], 'proxy'],
    ['haproxy', [['X-SSL-Client-Verify', '20']], false, 'the proxy says: 20 (X-SSL-Client-Verify)'],
    ['haproxy', [['X-SSL-Client-Verify', '00']], false, 'the proxy says: 00 (X-SSL-Client-Verify)'],
    ['haproxy', [['X-SSL-Client-Verify', 'SUCCESS']], false, 'the proxy says: SUCCESS (X-SSL-Client-Verify)'],
    [
      'cloudflare',
      [
        ['Cf-Cert-Verified', 'true'],
        ['Cf-Cert-Revoked', 'false'],
      ],
      'proxy',
    ],
    [
      'cloudflare',
      [
        ['Cf-Cert-Verified', 'true'],
        ['Cf-Cert-Revoked', 'true'],
      ],
      false,
      'the proxy says: true (Cf-Cert-Revoked)',
    ],
    ['cloudflare', [['Cf-Cert-Verified', 'true']], false, `${SILENT}: Cf-Cert-Revoked is missing`],
    [
      'cloudflare',
      [
        ['Cf-Cert-Verified', 'false'],
        ['Cf-Cert-Revoked', 'false'],
      ],
      false,
      'the proxy says: false (Cf-Cert-Verified)',
    ],
    // Where the kind has no such header, one that was sent says nothing.
    ['rfc9440', [['X-SSL-Client-Verify', 'SUCCESS']], false, SILENT],
    ['aws-alb', [['X-SSL-Client-Verify', 'SUCCESS']], false, SILENT],
    ['aws-alb-verify', [['X-SSL-Client-Verify', 'NONE']], 'proxy'],
  ]

  test.each(verdicts.map(([kind, headers, verified, why]) => [kind, headers, verified, why] as const))(
    '%j with %.100j: %j',
    (kind, headers, verified, unverified) => {
      const { header, write } = FORWARDINGS[kind as string] as (typeof FORWARDINGS)[string]
      const shown = told(read(kind, [[header, write(leaf)], ...headers]))
      expect(shown).toEqual({ x509: 'CN=app', chain: [], verified, ...(unverified !== undefined && { unverified }) })
    },
  )

  test('may stand in a header of another name, with another value', () => {
    const says = { header: 'X-Checked', value: 'yes, it is' }
    const sent: Header = ['Client-Cert', FORWARDINGS.rfc9440?.write(leaf) ?? '']
    expect(read('rfc9440', [sent, ['x-checked', 'yes, it is']], says)?.verified).toBe('proxy')
    expect(read('rfc9440', [sent, ['x-checked', 'yes']], says)?.verified).toBe(false)
    expect(read('rfc9440', [sent], says)?.verified).toBe(false)
  })

  test('is refused when it was said twice, even the same', () => {
    const sent: Header = ['X-SSL-Client-Cert', FORWARDINGS.nginx?.write(leaf) ?? '']
    const yes: Header = ['X-SSL-Client-Verify', 'SUCCESS']
    expect(read('nginx', [sent, yes])?.verified).toBe('proxy')
    expect(() => read('nginx', [sent, yes, yes])).toThrow('X-SSL-Client-Verify came 2 times, where SUCCESS should be')
    expect(() => read('nginx', [sent, ['X-SSL-Client-Verify', 'NONE'], yes])).toThrow('came 2 times')
  })
})

describe('no certificate', () => {
  test.each([
    ['nginx', 'X-SSL-Client-Cert', ''],
    ['apache', 'X-SSL-Client-Cert', '(null)'],
    ['apache', 'X-SSL-Client-Cert', ''],
    ['haproxy', 'X-SSL-Client-Cert', ''],
    ['caddy', 'X-Client-Cert', ''],
    ['caddy', 'X-Client-Cert', '{http.request.tls.client.certificate_der_base64}'],
    [{ header: 'X-Cert', encoding: 'pem' } as const, 'X-Cert', ''],
  ] as const)('is what %j means by %s: %j', (kind, header, value) => {
    expect(read(kind, [[header, value]])).toBeUndefined()
  })

  test.each([
    ['nginx', 'X-SSL-Client-Cert', '(null)'],
    ['haproxy', 'X-SSL-Client-Cert', '(null)'],
    ['apache', 'X-SSL-Client-Cert', '(NULL)'],
    ['caddy', 'X-Client-Cert', '{http.request.tls.client.certificate_pem}'],
    ['rfc9440', 'Client-Cert', ''],
    ['rfc9440', 'Client-Cert', '::'],
    ['envoy', 'X-Forwarded-Client-Cert', ''],
    ['traefik', 'X-Forwarded-Tls-Client-Cert', ''],
    ['aws-alb', 'X-Amzn-Mtls-Clientcert', ''],
    ['aws-alb-verify', 'X-Amzn-Mtls-Clientcert-Leaf', ''],
    ['azure', 'X-ARR-ClientCert', ''],
    ['cloudflare', 'Cf-Client-Cert-Der-Base64', ''],
  ] as const)('is nothing that %j says with %s: %j', (kind, header, value) => {
    expect(() => read(kind, [[header, value]])).toThrow(`${header} `)
  })
})
