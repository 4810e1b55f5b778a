import { once } from 'node:events'
import { mkdtempSync, rmSync } from 'node:fs'
import { createServer as createPlainServer, type IncomingMessage, get as plainGet, type ServerResponse } from 'node:http'
import { createServer, get } from 'node:https'
import { BlockList, connect, createServer as createTcpServer, Socket } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type Trusts, trustedPeers, trustFaults } from '../../lib/readers/trusted-peers.js'
import { selfSigned } from './identity.js'
import { answerOf, portOf } from './loopback.js'

const bank = await selfSigned('CN=localhost')

/** A BlockList with addresses or ranges. */
function blockList(...blocks: readonly (readonly [address: string, prefix: number, family: 'ipv4' | 'ipv6'])[]): BlockList {
  const list = new BlockList()
  for (const [address, prefix, family] of blocks) list.addSubnet(address, prefix, family)
  return list
}

const from = (remoteAddress: string | undefined) => ({ remoteAddress, destroyed: false }) as unknown as Socket

describe('an address is trusted', () => {
  const cases: readonly (readonly [trusts: Trusts, yes: readonly string[], no: readonly string[]])[] = [
    [['10.0.0.2'], ['10.0.0.2', '::ffff:10.0.0.2', '::ffff:a00:2', '::FFFF:10.0.0.2'], ['10.0.0.1', '10.0.0.20', '::10.0.0.2', '::a00:2']],
    [['10.0.0.2/32'], ['10.0.0.2'], ['10.0.0.3']],
    [['10.0.0.0/30'], ['10.0.0.0', '10.0.0.3', '::ffff:10.0.0.1'], ['10.0.0.4', '9.255.255.255']],
    // As interfaces are written.
    [['10.1.2.3/8'], ['10.0.0.1', '10.255.255.255'], ['11.0.0.0']],
    [['128.0.0.0/1'], ['128.0.0.0', '255.255.255.255'], ['127.255.255.255', '::1']],
    [['::ffff:10.0.0.2'], ['10.0.0.2', '::ffff:10.0.0.2'], ['10.0.0.3']],
    [['::ffff:10.0.0.0/104'], ['10.255.0.1', '::ffff:10.0.0.2'], ['11.0.0.1']],
    [['0:0:0:0:0:FFFF:0a00:0002/128'], ['10.0.0.2'], ['10.0.0.3']],
    [['::1'], ['::1', '0:0:0:0:0:0:0:1'], ['127.0.0.1', '::', '::2', '::ffff:127.0.0.1']],
    [['2001:db8::/64'], ['2001:db8::', '2001:DB8:0:0:ffff::1'], ['2001:db8:0:1::', '2001:db7:ffff::']],
    [['fe80::/10'], ['fe80::1', 'fe80::1%eth0', 'febf::%1'], ['fec0::%eth0']],
    // An IPv4 address is in no IPv6 block but its own.
    [['::/1'], ['::1', '7fff::'], ['10.0.0.1', '::ffff:10.0.0.1', '8000::']],
    [
      ['127.0.0.1', '::1', '10.0.0.0/8'],
      ['127.0.0.1', '::1', '10.9.9.9'],
      ['127.0.0.2', '::2'],
    ],
    [blockList(['10.0.0.0', 8, 'ipv4']), ['10.0.0.1', '::ffff:10.0.0.1'], ['11.0.0.1', '::1']],
    [
      [blockList(['10.0.0.0', 8, 'ipv4']), '::1'],
      ['10.0.0.1', '::1'],
      ['11.0.0.1', '::2'],
    ],
    [
      [blockList(['10.0.0.0', 8, 'ipv4']), blockList(['fe80::', 10, 'ipv6'])],
      ['10.0.0.1', 'fe80::1%eth0'],
      ['11.0.0.1', '::1'],
    ],
    [blockList(), [], ['10.0.0.1', '::1']],
    [['unix'], [], ['10.0.0.1', '::1', '127.0.0.1']],
  ]

  test.each(cases)('by %j', (trusts, yes, no) => {
    const isTrusted = trustedPeers(trusts)
    expect(trustFaults(trusts)).toEqual([])
    expect(yes.filter((address) => !isTrusted(from(address)))).toEqual([])
    expect(no.filter((address) => isTrusted(from(address)))).toEqual([])
  })

  test.each([
    '',
    ' ',
    'localhost',
    '10.0.0.2 ',
    '10.0.0.2:443',
    '[::1]',
    '010.0.0.2',
    '0x0a000002',
    '167772162',
    '10.0.2',
    '10.0.0.2/32',
    '%',
    '\0',
  ])('never when it is %j', (address) => {
    expect(trustedPeers(['10.0.0.2', '::1', '0.0.0.0/1', '::/1', 'unix'])(from(address))).toBe(false)
  })

  test('as a BlockList has it now, since it is asked as it is', () => {
    const list = new BlockList()
    const isTrusted = trustedPeers([list])
    expect(isTrusted(from('10.0.0.2'))).toBe(false)
    list.addAddress('10.0.0.2')
    expect(isTrusted(from('10.0.0.2'))).toBe(true)
  })

  test('as the list was when it was given', () => {
    const trusts = ['10.0.0.2']
    const isTrusted = trustedPeers(trusts)
    trusts.push('10.0.0.3')
    expect(isTrusted(from('10.0.0.3'))).toBe(false)
  })
})

describe('a list is refused', () => {
  const ALLOWED = "must be an address, a CIDR block, 'unix' or a BlockList"

  test.each([undefined, null, [], {}, '10.0.0.2', 'unix', 5, true, new Map(), { length: 1, 0: '10.0.0.2' }])('when it is %j', (trusts) => {
    const allowed = "must list the addresses or CIDR blocks of the proxies, 'unix' or a BlockList; there is no default"
    expect(trustFaults(trusts)).toEqual([{ option: 'trusts', got: trusts, allowed }])
  })

  test.each([
    ...[
      '',
      ' ',
      'localhost',
      'proxy.example',
      '*',
      'UNIX',
      'unix:',
      '10.0.0',
      '10.0.0.256',
      '010.0.0.1',
      '10.0.0.2 ',
      ' 10.0.0.2',
      '1',
      '::g',
    ],
    ...[
      '10.0.0.2/',
      '10.0.0.2/33',
      '10.0.0.2/-1',
      '10.0.0.2/+8',
      '10.0.0.2/08',
      '10.0.0.2/8.0',
      '10.0.0.2/ 8',
      '10.0.0.2/8/8',
      '10.0.0.2/0x8',
    ],
    ...[
      '10.0.0.2/255.0.0.0',
      '10.0.0.2/1e1',
      '10.0.0.1-10.0.0.9',
      '10.0.0.2,10.0.0.3',
      '::1/129',
      '::1/',
      'fe80::1%eth0',
      '[::1]',
      '::ffff:10.0.0.2/95',
    ],
    ...['１０.0.0.2', '10.0.0.2\0', '10.0.0.2\n', '1'.repeat(100_000), undefined, null, 5, {}, ['10.0.0.2'], true],
  ])('for %.50j in it', (entry) => {
    expect(trustFaults(['10.0.0.2', entry])).toEqual([{ option: 'trusts', got: entry, allowed: ALLOWED }])
  })

  test.each(['0.0.0.0/0', '10.0.0.2/0', '::/0', '2001:db8::/0', '::ffff:0:0/96', '::ffff:10.0.0.2/96'])(
    'for %s, which is everybody',
    (entry) => {
      expect(trustFaults(['10.0.0.2', entry])).toEqual([{ option: 'trusts', got: entry, allowed: 'must not trust everybody' }])
    },
  )

  test('with all that is wrong in it', () => {
    expect(trustFaults(['x', '10.0.0.2', '::/0', 'y']).map(({ got }) => got)).toEqual(['x', '::/0', 'y'])
  })
})

describe('the other end of a connection', () => {
  const folder = mkdtempSync(join(tmpdir(), 'peers-'))
  const path = join(folder, 'socket')
  const tlsPath = join(folder, 'tls')
  const plain = () => createPlainServer(answer)
  const secure = () => createServer({ cert: bank.certificate.toString(), key: bank.key }, answer)
  const servers = { ipv4: plain(), ipv6: plain(), both: plain(), tls: secure(), unix: plain(), tlsUnix: secure() }
  let trusts: Trusts = []

  function answer(req: IncomingMessage, res: ServerResponse) {
    res.end(JSON.stringify(trustedPeers(trusts)(req.socket)))
  }

  beforeAll(async () => {
    const { ipv4, ipv6, both, tls, unix, tlsUnix } = servers
    await Promise.all([
      ...[ipv4, tls].map((server) => once(server.listen(0, '127.0.0.1'), 'listening')),
      once(ipv6.listen(0, '::1'), 'listening'),
      once(both.listen(0, '::'), 'listening'),
      once(unix.listen(path), 'listening'),
      once(tlsUnix.listen(tlsPath), 'listening'),
    ])
  })
  afterAll(() => {
    for (const server of Object.values(servers)) server.close()
    rmSync(folder, { recursive: true })
  })

  const trusting = { ca: bank.certificate.toString(), servername: 'localhost', agent: false } as const
  const calls = {
    'http from 127.0.0.1': () => plainGet({ host: '127.0.0.1', port: portOf(servers.ipv4), agent: false }),
    'http from 127.0.0.2': () => plainGet({ host: '127.0.0.1', port: portOf(servers.ipv4), localAddress: '127.0.0.2', agent: false }),
    'http from 127.0.0.1 to ::': () => plainGet({ host: '127.0.0.1', port: portOf(servers.both), agent: false }),
    'http from ::1': () => plainGet({ host: '::1', port: portOf(servers.ipv6), agent: false }),
    'https from 127.0.0.1': () => get({ host: '127.0.0.1', port: portOf(servers.tls), ...trusting }),
    'https from 127.0.0.2': () => get({ host: '127.0.0.1', port: portOf(servers.tls), localAddress: '127.0.0.2', ...trusting }),
    'http over a unix socket': () => plainGet({ socketPath: path, agent: false }),
    'https over a unix socket': () => get({ socketPath: tlsPath, ...trusting }),
  }
  const cases: readonly (readonly [trusts: readonly string[], trusted: readonly (keyof typeof calls)[]])[] = [
    [['127.0.0.1'], ['http from 127.0.0.1', 'http from 127.0.0.1 to ::', 'https from 127.0.0.1']],
    [['127.0.0.2/32'], ['http from 127.0.0.2', 'https from 127.0.0.2']],
    [['::1'], ['http from ::1']],
    [['unix'], ['http over a unix socket', 'https over a unix socket']],
    [['10.0.0.0/8', 'fe80::/10'], []],
    [['127.0.0.0/30', '::1', 'unix'], Object.keys(calls).map((call) => call as keyof typeof calls)],
  ]

  test.each(cases)('is trusted by %j where it comes from there', async (list, trusted) => {
    trusts = list
    const answers = await Promise.all(Object.entries(calls).map(async ([call, send]) => [call, await answerOf(send())] as const))
    expect(answers.filter(([, isTrusted]) => isTrusted === 'true').map(([call]) => call)).toEqual(trusted)
  })

  test('is no unix socket when it is gone, whatever its server listens on', async () => {
    const server = createTcpServer()
    const ends: Socket[] = []
    server.on('connection', (socket) => ends.push(socket.on('error', () => {})))
    await once(server.listen(0, '127.0.0.1'), 'listening')
    const client = connect(portOf(server), '127.0.0.1')
    await once(server, 'connection')
    const [end] = ends
    end?.destroy()
    client.destroy()
    server.close()
    expect(end?.remoteAddress).toBeUndefined()
    expect(end && trustedPeers(['unix', '127.0.0.1'])(end)).toBe(false)
    // As if a path were what its server listens on.
    Object.assign(end ?? {}, { server: servers.unix })
    expect(end && trustedPeers(['unix'])(end)).toBe(false)
  })

  test('is no unix socket when nobody knows its server', () => {
    expect(trustedPeers(['unix'])(new Socket())).toBe(false)
    for (const server of [undefined, null, {}, createTcpServer(), { address: () => null }, { address: () => ({ address: '/tmp/x' }) }]) {
      expect(trustedPeers(['unix'])(Object.assign(from(undefined), { server }))).toBe(false)
    }
    expect(trustedPeers(['unix'])(Object.assign(from(undefined), { server: { address: () => '/run/app' } }))).toBe(true)
  })

  test('stays a unix socket while its server closes', async () => {
    const server = createPlainServer((req, res) => {
      server.close()
      res.end(JSON.stringify(trustedPeers(['unix'])(req.socket)))
    })
    const socketPath = join(folder, 'closing')
    await once(server.listen(socketPath), 'listening')
    expect(await answerOf(plainGet({ socketPath, agent: false }))).toBe('true')
  })
})
