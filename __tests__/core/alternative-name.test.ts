import fc from 'fast-check'
import { type AlternativeNameType, addressOf, comparableName } from '../../lib/core/alternative-name.js'

/** The form that a name is compared in, and every spelling of it. */
const SAME: readonly (readonly [AlternativeNameType, string, readonly string[]])[] = [
  ['dns', 'app.example', ['App.Example', 'APP.EXAMPLE']],
  ['dns', 'localhost', ['LocalHost']],
  ['dns', 'xn--bcher-kva.example', ['XN--BCHER-KVA.example']],
  ['dns', 'my_service.1a.internal', ['My_Service.1A.internal']],
  ['dns', `${'a'.repeat(63)}.example`, []],
  ['ip', '192.0.2.1', []],
  ['ip', '0.0.0.0', []],
  ['ip', '255.255.255.255', []],
  ['ip', '2001:db8::1', ['2001:DB8::1', '2001:0db8:0000:0000:0000:0000:0000:0001', '2001:db8:0:0::1', '2001:db8::0.0.0.1']],
  ['ip', '::', ['0:0:0:0:0:0:0:0', '::0.0.0.0']],
  ['ip', '::1', ['0:0:0:0:0:0:0:1']],
  ['ip', '::ffff:c000:201', ['::ffff:192.0.2.1', '::FFFF:C000:0201']],
  ['email', 'Ops@bank.example', ['Ops@BANK.Example']],
  ['email', '"a@b"@bank.example', []],
  ['uri', 'https://app.example/', ['https://app.example', 'HTTPS://App.Example:443', 'https://app.example/.', 'https://app.example/a/..']],
  ['uri', 'https://app.example/a~b/C', ['https://app.example/x/../a%7Eb/%43', 'https://app.example/./a%7eb/C']],
  ['uri', 'https://User@app.example/', ['https://User@APP.example']],
  ['uri', 'https://app.example/?Q=%2F#F', ['https://APP.example?Q=%2f#F']],
  ['uri', 'http://[2001:db8::1]/', ['http://[2001:DB8::1]:80/', 'http://[2001:db8::1]:']],
  ['uri', 'https://app.example/a/', ['https://app.example/a/b/..', 'https://app.example/../a/.']],
  ['uri', 'spiffe://bank.example/App', ['SPIFFE://Bank.Example/App', 'spiffe://bank.example/x/../App']],
  ['uri', 'spiffe://bank.example', []],
  ['uri', `urn:${'a'.repeat(2044)}`, []],
  ['uri', 'urn:Example:App', ['URN:Example:App']],
  ['uri', 'mailto:Ops@bank.example', ['MAILTO:Ops@bank.example']],
  ['uri', 'x://a:80/', []],
]

describe('the same name', () => {
  const cases = SAME.flatMap(([type, form, spellings]) => [form, ...spellings].map((spelling) => [type, spelling, form] as const))
  test.each(cases)('%s %s is %s', (type, spelling, form) => {
    expect(comparableName(type, spelling)).toBe(form)
  })

  test('no two of these are', () => {
    expect(new Set(SAME.map(([type, form]) => `${type} ${form}`)).size).toBe(SAME.length)
  })
})

describe('another name', () => {
  test.each([
    ['uri', 'https://app.example/a', 'https://app.example/A'],
    ['uri', 'https://app.example/a', 'https://app.example/a/'],
    ['uri', 'https://app.example/a%2Fb', 'https://app.example/a/b'],
    ['uri', 'https://app.example/', 'http://app.example/'],
    ['uri', 'https://app.example:80/', 'https://app.example/'],
    ['uri', 'https://app.example:8443/', 'https://app.example/'],
    ['uri', 'https://app.example/?a', 'https://app.example/'],
    ['uri', 'https://app.example/#', 'https://app.example/'],
    ['uri', 'https://User@app.example/', 'https://user@app.example/'],
    ['uri', 'spiffe://bank.example/', 'spiffe://bank.example'],
    ['uri', 'spiffe://bank.example:443/', 'spiffe://bank.example/'],
    ['uri', 'urn:example:a', 'urn:example:A'],
    ['uri', 'urn:a/../b', 'urn:b'],
    ['uri', 'http://127.0.0.1/', 'http://2130706433/'],
    ['dns', 'app.example', 'app.example.evil'],
    ['ip', '192.0.2.1', '::ffff:192.0.2.1'],
    ['email', 'Ops@bank.example', 'ops@bank.example'],
  ] as const)('%s %s is not %s', (type, one, other) => {
    expect(comparableName(type, one)).toBeDefined()
    expect(comparableName(type, other)).toBeDefined()
    expect(comparableName(type, one)).not.toBe(comparableName(type, other))
  })
})

/** What is no name of its kind, and so is equal to nothing. */
const NONE: readonly (readonly [AlternativeNameType, readonly string[]])[] = [
  [
    'dns',
    ['*.example', 'app.*', 'app.example.', '.example', 'app..example', '.', '-app.example', 'app-.example', 'a b', 'app.example:443'],
  ],
  [
    'dns',
    ['bücher.example', 'app\0.example', 'app.example\n', 'app\u200b.example', '\u212aey.example', 'ſ.example', 'https://app.example'],
  ],
  ['dns', [`${'a'.repeat(64)}.example`, `${'a.'.repeat(126)}ab`, 'a'.repeat(100_000)]],
  [
    'ip',
    [
      '192.0.2',
      '192.0.2.256',
      '192.0.2.01',
      '0x7f.0.0.1',
      '2130706433',
      '127.1',
      '192.0.2.1.',
      '192.0.2.1/32',
      ' 192.0.2.1',
      '192.0.2.1\n',
    ],
  ],
  [
    'ip',
    [
      '[::1]',
      '::1%eth0',
      '1::2::3',
      '1:2:3:4:5:6:7',
      '1:2:3:4:5:6:7:8:9',
      '::g',
      ':',
      ':::',
      '12345::',
      '::1/64',
      '::ffff:192.0.2.256',
      '::ffff:192.0.02.1',
      '::1]@[::2',
    ],
  ],
  ['ip', ['١٢٧.0.0.1', 'localhost', '１.1.1.1', '::１']],
  [
    'email',
    [
      'bank.example',
      '@bank.example',
      'ops@',
      'ops@bank_.example.',
      'ops@*.example',
      'o p@bank.example',
      'öps@bank.example',
      'ops\0@bank.example',
    ],
  ],
  ['email', ['ops@[192.0.2.1]', 'Ops <ops@bank.example>', 'ops@bücher.example']],
  [
    'uri',
    [
      'app.example',
      '//app.example',
      '/path',
      'https:',
      '1https://app.example',
      'https://bücher.example/',
      'https://app.example/a b',
      ' urn:a',
    ],
  ],
  [
    'uri',
    [
      'https://app.example/%',
      'https://app.example/%zz',
      'https://app.example/\0',
      'https://app.example\\',
      'urn:"',
      `urn:${'a'.repeat(2045)}`,
      'urn:<a>',
      'urn:a\n',
      ':a',
      'http://a:80:80/',
      'http://[::1/',
      'http://a@b@c/',
      'http://a:x/',
    ],
  ],
]

test.each(NONE.flatMap(([type, values]) => ['', ' ', ...values].map((value) => [type, value] as const)))('no %s is %j', (type, value) => {
  expect(comparableName(type, value)).toBeUndefined()
})

test('an address of a certificate is written as one that is registered', () => {
  const octets = fc.oneof(fc.uint8Array({ minLength: 4, maxLength: 4 }), fc.uint8Array({ minLength: 16, maxLength: 16 }))
  fc.assert(
    fc.property(octets, (address) => {
      const written = addressOf(address) ?? ''
      expect(comparableName('ip', written)).toBe(written)
    }),
  )
  expect(addressOf(Uint8Array.of(192, 0, 2, 1))).toBe('192.0.2.1')
  expect(addressOf(Uint8Array.from({ length: 16 }, (_, index) => (index === 15 ? 1 : 0)))).toBe('::1')
  for (const length of [0, 3, 5, 8, 15, 17, 32]) expect(addressOf(new Uint8Array(length))).toBeUndefined()
})

test('whatever is written, the form is one that stays', () => {
  const text = fc.oneof(
    fc.string({ unit: 'binary' }),
    fc.string({
      unit: fc.constantFrom(
        'http',
        's',
        ':',
        '//',
        '/',
        '.',
        '..',
        '%41',
        '%2f',
        '@',
        '#',
        '?',
        'A',
        'b',
        '1',
        '[',
        ']',
        ':80',
        'http://a',
      ),
    }),
    fc.webUrl(),
    fc.domain(),
    fc.ipV6(),
    fc.emailAddress(),
  )
  let found = 0
  fc.assert(
    fc.property(fc.constantFrom('dns', 'uri', 'ip', 'email'), text, (type: AlternativeNameType, value) => {
      const form = comparableName(type, value)
      if (form === undefined) return
      found += 1
      expect(comparableName(type, form)).toBe(form)
      expect(form).toMatch(/^[!-~]+$/)
    }),
    { numRuns: 3000 },
  )
  expect(found).toBeGreaterThan(200)
})
