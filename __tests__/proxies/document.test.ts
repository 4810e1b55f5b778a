import { readFlags } from '../../examples/bank/flags.js'
import { settle } from '../../examples/bank/options.js'
import { PROXY_KINDS, type ProxyName } from '../../lib/readers/proxy-kinds.js'
import { saysOf } from '../../lib/readers/proxy-options.js'
import { commands, page, rowOf, sections } from './document.js'

const kinds = Object.keys(PROXY_KINDS) as readonly ProxyName[]
const settled = (args: readonly string[]) => {
  const options = readFlags(args)
  if (options === 'help') throw new Error('help was asked for')
  return settle(options)
}

describe.each(kinds)('docs/proxies.md on %s', (kind) => {
  test('has a section and says how the bank is started', () => {
    expect(sections).toContain(kind)
    expect(commands.map((args) => args[args.indexOf('--behind') + 1])).toContain(kind)
  })

  test('names the headers that are read', () => {
    const { header, chainHeader, verified } = PROXY_KINDS[kind]
    const row = rowOf(kind)
    for (const name of [header, chainHeader, ...saysOf(verified).map((says) => `${says.header}: ${says.value}`)])
      if (name !== undefined) expect(row).toContain(name)
    expect(row.includes('| no |')).toBe(verified === 'never')
  })
})

test('every command of the page is one that the bank understands', () => {
  expect(commands.length).toBeGreaterThanOrEqual(kinds.length)
  for (const args of commands) expect(settled(args).behind?.mtlsOrigin).toBe('https://mtls.bank.example')
})

test('every fromProxy of the page names a kind there is', () => {
  const named = [...page.matchAll(/fromProxy\('([^']*)'/g)].map(([, kind]) => kind)
  expect(named.length).toBeGreaterThan(3)
  for (const kind of named) expect(kinds).toContain(kind)
})

describe('flags', () => {
  const NGINX = ['--behind', 'nginx', '--issuer', 'https://auth.bank.example']
  const TRUSTED = [...NGINX, '--trust-proxy', '127.0.0.1/32']

  test.each([
    [
      'an address',
      TRUSTED,
      { kind: 'nginx', trusts: ['127.0.0.1/32'], host: '127.0.0.1', mtlsOrigin: 'https://auth.bank.example', verifies: false },
    ],
    ['several', [...NGINX, '--trust-proxy', '10.0.0.2,2001:db8::/64'], { trusts: ['10.0.0.2', '2001:db8::/64'] }],
    ['a socket', [...NGINX, '--trust-proxy', 'unix', '--socket', '/run/bank/bank.sock'], { socket: '/run/bank/bank.sock' }],
    ['another host', [...TRUSTED, '--host', '::1'], { host: '::1' }],
    ['a host for certificates', [...TRUSTED, '--mtls-origin', 'https://mtls.bank.example'], { mtlsOrigin: 'https://mtls.bank.example' }],
    ['a proxy that verifies', [...TRUSTED, '--proxy-verifies'], { verifies: true }],
  ])('%s: accepted', (_what, args, behind) => {
    expect(settled(args).behind).toMatchObject(behind)
  })

  test('the port is 8080 behind a proxy, 8443 otherwise, or as it is given', () => {
    expect(settled(TRUSTED).port).toBe(8080)
    expect(settled([])).toMatchObject({ port: 8443, behind: undefined })
    expect(settled([...TRUSTED, '--port', '8444']).port).toBe(8444)
  })

  test.each([
    ['no --trust-proxy', NGINX, '--behind is given without --trust-proxy'],
    ['no --issuer', ['--behind', 'nginx', '--trust-proxy', '127.0.0.1'], '--behind is given without --issuer'],
    ['an unknown kind', ['--behind', 'squid', ...TRUSTED.slice(2)], '--behind is "squid": give one of rfc9440, nginx,'],
    ['a kind that every object has', ['--behind', 'constructor', ...TRUSTED.slice(2)], '--behind is "constructor"'],
    ['an empty --trust-proxy', [...NGINX, '--trust-proxy', ''], '--trust-proxy is ""'],
    ['a gap in --trust-proxy', [...NGINX, '--trust-proxy', '10.0.0.1,,10.0.0.2'], '--trust-proxy is ""'],
    ['no CIDR', [...NGINX, '--trust-proxy', '10.0.0.0/33'], '--trust-proxy is "10.0.0.0/33"'],
    ['a name', [...NGINX, '--trust-proxy', 'localhost'], '--trust-proxy is "localhost"'],
    ['everybody', [...NGINX, '--trust-proxy', '0.0.0.0/0'], 'must not trust everybody'],
    ['a certificate of its own', [...TRUSTED, '--tls-cert', 'a', '--tls-key', 'b'], '--tls-cert is given with --behind'],
    ['a key of its own', [...TRUSTED, '--tls-key', 'b'], '--tls-key is given with --behind'],
    ['a second port', [...TRUSTED, '--mtls-port', '0'], '--mtls-port is given with --behind'],
    ['a name to listen at', [...TRUSTED, '--host', 'localhost'], '--host is "localhost": give an IP address'],
    [
      'no origin for certificates',
      [...TRUSTED, '--mtls-origin', 'https://mtls.bank.example/'],
      '--mtls-origin is https://mtls.bank.example/',
    ],
    ['an origin without TLS', [...TRUSTED, '--mtls-origin', 'http://mtls.bank.example'], '--mtls-origin is http://mtls.bank.example'],
    ['a socket and a port', [...NGINX, '--trust-proxy', 'unix', '--socket', '/s', '--port', '1'], '--socket and --port are both given'],
    ['a socket and a host', [...NGINX, '--trust-proxy', 'unix', '--socket', '/s', '--host', '::1'], '--socket and --host are both given'],
    ['an empty socket', [...NGINX, '--trust-proxy', 'unix', '--socket', ''], '--socket is empty'],
    ['a socket that nobody is trusted at', [...TRUSTED, '--socket', '/s'], '--socket PATH and --trust-proxy unix go together'],
    ['unix without a socket', [...NGINX, '--trust-proxy', 'unix'], '--socket PATH and --trust-proxy unix go together'],
  ])('%s: refused', (_what, args, message) => {
    expect(() => settled(args)).toThrow(expect.objectContaining({ name: 'StartError', message: expect.stringContaining(message) }))
  })

  test.each([
    [['--trust-proxy', '127.0.0.1']],
    [['--proxy-verifies']],
    [['--mtls-origin', 'https://mtls.bank.example']],
    [['--host', '127.0.0.1']],
    [['--socket', '/run/bank/bank.sock']],
  ])('%s without --behind: refused', (args) => {
    expect(() => settled(args)).toThrow(`${args[0]} is given without --behind`)
  })
})
