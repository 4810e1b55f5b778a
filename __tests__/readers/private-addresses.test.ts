import fc from 'fast-check'
import { kindOfAddress } from '../../lib/readers/private-addresses.js'

/** First and last addresses of blocks, and those next to them. */
const PUBLIC = [
  ...['1.1.1.1', '8.8.8.8', '9.255.255.255', '11.0.0.0', '100.63.255.255', '100.128.0.0', '126.255.255.255', '128.0.0.0'],
  ...['169.253.255.255', '169.255.0.0', '172.15.255.255', '172.32.0.0', '191.255.255.255', '192.0.1.0', '192.0.3.0', '192.88.98.255'],
  ...['192.88.100.0', '192.167.255.255', '192.169.0.0', '198.17.255.255', '198.20.0.0', '198.51.99.255', '203.0.114.0', '223.255.255.255'],
  ...['168.63.129.15', '168.63.129.17', '2000::', '2001:200::1', '2001:db7:ffff::', '2001:db9::', '2003::', '2606:4700::1111'],
  ...['2a00:1450:4001::200e', '3ffe::1', '3fff:1000::', '3fff:ffff:ffff:ffff:ffff:ffff:ffff:ffff', '2001:4860:4860::a9fe:a9fe'],
]
const PRIVATE = [
  ...['0.0.0.0', '0.255.255.255', '10.0.0.0', '10.255.255.255', '100.64.0.0', '100.127.255.255', '127.0.0.1', '127.255.255.255'],
  ...['172.16.0.0', '172.31.255.255', '192.0.0.1', '192.0.0.255', '192.0.2.0', '192.88.99.1', '192.168.0.0', '192.168.255.255'],
  ...['198.18.0.0', '198.19.255.255', '198.51.100.7', '203.0.113.255', '224.0.0.1', '239.255.255.255', '240.0.0.0', '255.255.255.255'],
  ...['100.100.100.199', '100.100.100.201'],
  // Unspecified, loopback, discard, unique local, site local, multicast, documentation, Teredo, ORCHID, segment routing.
  ...['::', '::1', '100::1', 'fc00::1', 'fd00::1', 'fd12:3456:789a::1', 'fdff:ffff::', 'fec0::1', 'ff02::1', 'ff0e::1', '2001:db8::1'],
  ...['3fff::1', '3fff:fff:ffff::', '2001::1', '2001:0:4136:e378::1', '2001:10::1', '2001:20::1', '2001:1ff:ffff::', '5f00::1', '4000::'],
  ...['1fff:ffff::', 'fd00:ec1:ffff::', 'fd00:ec3::', 'fd20:ce::253', 'fe00::1'],
  // IPv4 inside of IPv6, even where the inner one is public.
  ...['::ffff:127.0.0.1', '::ffff:7f00:1', '::FFFF:10.0.0.1', '0:0:0:0:0:ffff:c0a8:1', '::ffff:8.8.8.8', '::127.0.0.1', '::8.8.8.8'],
  ...['::ffff:0:10.0.0.1', '64:ff9b::10.0.0.1', '64:ff9b::808:808', '64:ff9b:1::a00:1', '2002:7f00:1::', '2002:808:808::1'],
]
const METADATA = [
  ...['169.254.169.254', '169.254.170.2', '169.254.170.23', '169.254.0.0', '169.254.255.255', '100.100.100.200', '192.0.0.192'],
  ...['168.63.129.16', 'fd00:ec2::254', 'fd00:ec2::23', 'FD00:0EC2:0:0:0:0:0:254', 'fd20:ce::254', 'fd00:42::42', 'fe80::1'],
  ...['fe80::a9fe:a9fe', 'febf:ffff::', 'fe80::1%eth0', 'fe80::1%25lo'],
  // The same behind a gateway.
  ...['::ffff:169.254.169.254', '::ffff:a9fe:a9fe', '::ffff:100.100.100.200', '::ffff:168.63.129.16', '::169.254.169.254'],
  ...['::ffff:0:a9fe:a9fe', '64:ff9b::169.254.169.254', '64:ff9b:1::a9fe:a9fe', '2002:a9fe:a9fe::', '2002:a83f:8110::1'],
]
const NO_ADDRESS = [
  '',
  ' ',
  'localhost',
  '127.1',
  '0x7f.0.0.1',
  '2130706433',
  '127.0.0.1 ',
  '[::1]',
  '::g',
  '1.2.3.4/32',
  '\0',
  '256.0.0.1',
  '%',
]

describe.each([
  ['public', PUBLIC],
  ['private', PRIVATE],
  ['metadata', METADATA],
  [undefined, NO_ADDRESS],
] as const)('an address is %s', (kind, addresses) => {
  test.each(addresses)('%p', (address) => {
    expect(kindOfAddress(address)).toBe(kind)
  })
})

test('an IPv4 address is never more public inside of IPv6 than it is itself', () => {
  const octet = fc.integer({ min: 0, max: 255 })
  fc.assert(
    fc.property(octet, octet, octet, octet, (a, b, c, d) => {
      const [high, low] = [a * 256 + b, c * 256 + d].map((group) => group.toString(16))
      const inside = [`::ffff:${a}.${b}.${c}.${d}`, `::${high}:${low}`, `64:ff9b::${high}:${low}`, `2002:${high}:${low}::1`]
      const expected = kindOfAddress(`${a}.${b}.${c}.${d}`) === 'metadata' ? 'metadata' : 'private'
      expect(inside.map(kindOfAddress)).toEqual(inside.map(() => expected))
    }),
  )
})

test('nothing that is said to be an address is too much for it', () => {
  fc.assert(
    fc.property(fc.oneof(fc.ipV6(), fc.ipV4(), fc.string()), (text) => {
      expect(['metadata', 'private', 'public', undefined]).toContain(kindOfAddress(text))
    }),
  )
})
