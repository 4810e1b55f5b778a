import { execFileSync } from 'node:child_process'
import type { X509Certificate } from 'node:crypto'
import fc from 'fast-check'
import { printDistinguishedName, sameDistinguishedName, sameTurnedRound } from '../../lib/core/distinguished-name.js'
import { parseDistinguishedName } from '../../lib/core/parse-distinguished-name.js'
import { CertificateError } from '../../lib/readers/certificate-error.js'
import { alternativeNamesOf, extendedKeyUsageOf, maySign, subjectOf } from '../../lib/readers/certificate-fields.js'
import { bmp, element, extension, named, nameOf, octets, type Subject, string, withDer, withSubject, x509 } from './named-certificate.js'

const CN = '2.5.4.3'
const O = '2.5.4.10'
const OU = '2.5.4.11'

const one = (tag: number, value: string | readonly number[]) => nameOf([[CN, string(tag, value)]])
const long = 'x'.repeat(300)

describe('subjectOf', () => {
  test.each([
    ['UTF8String', one(12, 'São'), 'CN=São'],
    ['NumericString', one(18, '12 3'), 'CN=12 3'],
    ['PrintableString', one(19, 'app'), 'CN=app'],
    ['PrintableString with what it may not have', one(19, 'a@b_*'), 'CN=a@b_*'],
    ['TeletexString', one(20, [0x53, 0xe3, 0x6f]), 'CN=São'],
    ['IA5String', one(22, 'app@x'), 'CN=app@x'],
    ['VisibleString', one(26, 'app'), 'CN=app'],
    ['UniversalString', one(28, [0, 0, 0, 0x53, 0, 1, 0xf6, 0]), 'CN=S😀'],
    ['BMPString', one(30, bmp('São')), 'CN=São'],
    ['BMPString with a pair', one(30, [0xd8, 0x3d, 0xde, 0]), 'CN=😀'],
    ['an empty value', one(12, ''), 'CN='],
    ['a long value', one(12, long), `CN=${long}`],
    [
      'the order of encoding',
      nameOf([['2.5.4.6', string(19, 'GB')]], [[O, string(12, 'Bank')]], [[CN, string(12, 'app')]]),
      'CN=app,O=Bank,C=GB',
    ],
    [
      'an RDN with several',
      nameOf(
        [[O, string(12, 'Bank')]],
        [
          [OU, string(12, 'x')],
          [CN, string(12, 'app')],
        ],
      ),
      'CN=app+OU=x,O=Bank',
    ],
    ['no RDN at all', nameOf(), ''],
    ['a type without a name', nameOf([['1.2.3.4', string(12, 'a')]], [['2.999.70000', string(12, 'b')]]), '2.999.70000=b,1.2.3.4=a'],
    ['a value that is no text', nameOf([['1.2.3.4', octets(5, 0)]]), '1.2.3.4=#0500'],
    ['what only looks like more RDNs', one(12, 'app,O=Bank\nC=GB/OU=x+L=y'), 'CN=app\\,O=Bank\\0AC=GB/OU=x\\+L=y'],
    ['a NUL', one(12, 'bank\0.evil'), 'CN=bank\\00.evil'],
    ['a NUL in a BMPString', one(30, bmp('b\0k')), 'CN=b\\00k'],
    ['what cannot be seen', one(12, '\u202eapp\u200b'), 'CN=\\E2\\80\\AEapp\\E2\\80\\8B'],
    ['a mark of byte order', one(12, '\ufeffapp'), 'CN=\\EF\\BB\\BFapp'],
    ['UTF-8 that is none', one(12, [0x61, 0xff]), 'CN=#0c0261ff'],
    ['ASCII that is none', one(19, [0x61, 0xe3]), 'CN=#130261e3'],
    ['half a pair', one(30, [0xd8, 0x3d]), 'CN=#1e02d83d'],
  ])('reads %s', async (_what, subject, printed) => {
    const certificate = withDer(withSubject((await named('CN=app')).raw, subject))
    expect(printDistinguishedName(subjectOf(certificate))).toBe(printed)
  })

  test('reads a certificate of version 1, which says no version and has no extensions', () => {
    const nothing = octets(5, 0)
    const certificate = withDer(element(0x30, element(0x30, nothing, nothing, nothing, nothing, one(12, 'app'), nothing)))
    expect(printDistinguishedName(subjectOf(certificate))).toBe('CN=app')
    expect(alternativeNamesOf(certificate)).toEqual([])
    expect(maySign(certificate)).toBe(true)
  })

  test('reads a certificate once', async () => {
    const certificate = await named('CN=app')
    expect(subjectOf(certificate)).toBe(subjectOf(certificate))
    expect(Object.isFrozen(subjectOf(certificate))).toBe(true)
    expect(subjectOf(await named('CN=other'))).not.toEqual(subjectOf(certificate))
  })
})

const KINDS = ['other', 'email', 'dns', 'x400', 'directory', 'edi', 'uri', 'ip', 'rid']
const san = (...names: readonly (readonly [kind: string, value: Uint8Array])[]) =>
  extension(
    '2.5.29.17',
    element(
      0x30,
      ...names.map(([kind, value]) => element((['other', 'directory'].includes(kind) ? 0xa0 : 0x80) + KINDS.indexOf(kind), value)),
    ),
  )
const ascii = (value: string) => Uint8Array.from(Buffer.from(value, 'latin1'))

describe('alternativeNamesOf', () => {
  test('reads the four kinds in their order, and no other', async () => {
    const names = san(
      ['uri', ascii('https://app.example/')],
      ['other', element(0x30, octets(6, 1, 0x2a), element(0xa0, string(12, 'other.example')))],
      ['dns', ascii('a.example')],
      ['directory', nameOf([[CN, string(12, 'directory.example')]])],
      ['rid', octets(0x2a)],
      ['email', ascii('ops@app.example')],
      ['ip', octets(192, 0, 2, 1)],
      ['dns', ascii('*.Example')],
      ['ip', octets(...Array(15).fill(0), 1)],
      ['ip', octets(...Array(10).fill(0), 0xff, 0xff, 192, 0, 2, 1)],
    )
    expect(alternativeNamesOf(await named('CN=app', [names]))).toStrictEqual([
      { type: 'uri', value: 'https://app.example/' },
      { type: 'dns', value: 'a.example' },
      { type: 'email', value: 'ops@app.example' },
      { type: 'ip', value: '192.0.2.1' },
      { type: 'dns', value: '*.Example' },
      { type: 'ip', value: '::1' },
      { type: 'ip', value: '::ffff:c000:201' },
    ])
  })

  test('keeps what is odd in a name', async () => {
    const names = ['bank.example\0.evil.example', '\0', '', 'a.example, DNS:b.example', 'b\xfccher.example']
    const certificate = await named('CN=app', [san(...names.map((name) => ['dns', ascii(name)] as const))])
    expect(alternativeNamesOf(certificate).map(({ value }) => value)).toEqual(names)
  })

  test.each<[string, readonly x509.Extension[]]>([
    ['no extension', []],
    ['an empty one', [san()]],
  ])('are none where there is %s', async (_what, extensions) => {
    expect(alternativeNamesOf(await named('CN=app', extensions))).toEqual([])
  })

  test('reads what @peculiar/x509 wrote', async () => {
    const names = new x509.SubjectAlternativeNameExtension([
      { type: 'dns', value: 'app.example' },
      { type: 'ip', value: '2001:db8::1' },
      { type: 'url', value: 'spiffe://bank.example/app' },
      { type: 'email', value: 'ops@bank.example' },
    ])
    expect(alternativeNamesOf(await named('CN=app', [names]))).toStrictEqual([
      { type: 'dns', value: 'app.example' },
      { type: 'ip', value: '2001:db8::1' },
      { type: 'uri', value: 'spiffe://bank.example/app' },
      { type: 'email', value: 'ops@bank.example' },
    ])
  })
})

const usage = (flags: number) => [new x509.KeyUsagesExtension(flags)]
const { digitalSignature, keyAgreement, keyEncipherment, keyCertSign, nonRepudiation } = x509.KeyUsageFlags

describe('maySign', () => {
  test.each([
    ['no key usage', [], true],
    ['digitalSignature', usage(digitalSignature), true],
    ['digitalSignature and keyAgreement', usage(digitalSignature | keyAgreement), true],
    ['digitalSignature and decipherOnly, of two octets', [extension('2.5.29.15', octets(3, 3, 7, 0x80, 0x80))], true],
    ['keyAgreement', usage(keyAgreement), false],
    ['keyEncipherment', usage(keyEncipherment), false],
    ['nonRepudiation', usage(nonRepudiation), false],
    ['keyCertSign', usage(keyCertSign), false],
    ['decipherOnly', [extension('2.5.29.15', octets(3, 3, 7, 0, 0x80))], false],
    ['no bit at all', [extension('2.5.29.15', octets(3, 1, 0))], false],
  ])('with %s: %j', async (_what, extensions, expected) => {
    expect(maySign(await named('CN=app', extensions))).toBe(expected)
  })
})

test.each([
  [[], undefined],
  [[new x509.ExtendedKeyUsageExtension(['1.3.6.1.5.5.7.3.2', '2.5.29.37.0'])], ['1.3.6.1.5.5.7.3.2', '2.5.29.37.0']],
  // Of a UUID (X.667): more than a number of JavaScript holds.
  [[extension('2.5.29.37', element(0x30, octets(6, 20, 0x69, ...Array(18).fill(0x83), 1)))], ['2.25.664613997892457936451903530140172289']],
])('extendedKeyUsageOf %#', async (extensions, expected) => {
  const found = extendedKeyUsageOf(await named('CN=app', extensions))
  if (found?.[0]?.startsWith('2.25.')) expect(found[0]).toMatch(/^2\.25\.\d{30,40}$/)
  else expect(found).toEqual(expected)
})

const readers = { subjectOf, alternativeNamesOf, maySign, extendedKeyUsageOf }
type Reader = keyof typeof readers

describe('what cannot be read', () => {
  test.each<[Reader, string, readonly x509.Extension[]]>([
    ['alternativeNamesOf', 'is no sequence', [extension('2.5.29.17', octets(4, 0))]],
    ['alternativeNamesOf', 'is cut off', [extension('2.5.29.17', octets(0x30, 5, 0x82, 1))]],
    ['alternativeNamesOf', 'goes on', [extension('2.5.29.17', octets(0x30, 0, 0))]],
    ['alternativeNamesOf', 'is empty', [extension('2.5.29.17', octets())]],
    ['alternativeNamesOf', 'has a name of no kind', [extension('2.5.29.17', element(0x30, string(12, 'a.example')))]],
    ['alternativeNamesOf', 'has a name in pieces', [extension('2.5.29.17', element(0x30, element(0xa2, string(22, 'a.example'))))]],
    ['alternativeNamesOf', 'has an address of 5 octets', [san(['ip', octets(1, 2, 3, 4, 5)])]],
    ['alternativeNamesOf', 'has a network', [san(['ip', octets(10, 0, 0, 0, 255, 0, 0, 0)])]],
    ['alternativeNamesOf', 'is nested without end', [extension('2.5.29.17', octets(...Array(5000).fill([0x30, 0x80]).flat()))]],
    ['alternativeNamesOf', 'stands there twice', [san(['dns', ascii('a.example')]), san(['dns', ascii('b.example')])]],
    ['maySign', 'is no bit string', [extension('2.5.29.15', octets(4, 1, 0x80))]],
    ['maySign', 'is in pieces', [extension('2.5.29.15', element(0x23, octets(3, 2, 7, 0x80)))]],
    ['maySign', 'is cut off', [extension('2.5.29.15', octets(3, 2, 7))]],
    ['maySign', 'stands there twice', [...usage(digitalSignature), ...usage(keyEncipherment)]],
    ['extendedKeyUsageOf', 'is no list of identifiers', [extension('2.5.29.37', element(0x30, octets(2, 1, 1)))]],
  ])('%s: the extension %s', async (reader, _what, extensions) => {
    const certificate = await named('CN=app', extensions)
    expect(() => readers[reader](certificate)).toThrow(CertificateError)
    expect(() => readers[reader](certificate)).toThrow(expect.objectContaining({ kind: 'malformed', code: 'ERR_FAPI_CERTIFICATE' }))
  })

  test.each([
    ['nothing', octets()],
    ['an empty sequence', octets(0x30, 0)],
    ['a text', ascii('-----BEGIN CERTIFICATE-----')],
    [
      'nesting without end',
      octets(
        ...Array(20_000)
          .fill(0x30)
          .flatMap((tag) => [tag, 0x80]),
      ),
    ],
    ['a name that is none', element(0x30, element(0x30, ...Array(4).fill(octets(5, 0)), octets(4, 0)))],
    ['an empty RDN', element(0x30, element(0x30, ...Array(4).fill(octets(5, 0)), element(0x30, octets(0x31, 0))))],
  ])('%s', (_what, raw) => {
    expect(() => subjectOf(withDer(raw))).toThrow(CertificateError)
  })

  test('is not read again: who shows it with every request costs no more than once', async () => {
    const certificate = await named('CN=app', [extension('2.5.29.15', octets(4, 1, 0x80))])
    const failure = () => {
      try {
        return maySign(certificate)
      } catch (error) {
        return error
      }
    }
    expect(failure()).toBeInstanceOf(CertificateError)
    expect(failure()).toBe(failure())
  })

  test('a certificate of more than 16,384 octets', async () => {
    const large = (size: number) => named('CN=app', [extension('1.2.3.4', new Uint8Array(size))])
    expect(() => subjectOf(withDer(octets()))).toThrow(CertificateError)
    const [fits, exceeds] = [await large(15_000), await large(16_400)]
    expect(subjectOf(fits)).toHaveLength(1)
    expect(() => subjectOf(exceeds)).toThrow(CertificateError)
  })

  test('an object identifier of more than 64 octets', async () => {
    const usages = (size: number) =>
      named('CN=app', [extension('2.5.29.37', element(0x30, element(6, octets(0x2a, ...Array(size - 2).fill(0x81), 1))))])
    expect(extendedKeyUsageOf(await usages(64))).toHaveLength(1)
    const longer = await usages(65)
    expect(() => extendedKeyUsageOf(longer)).toThrow(CertificateError)
  })

  test('half a character of a BMPString', async () => {
    const { raw } = await named('CN=app')
    expect(() => subjectOf(withDer(withSubject(raw, one(30, [0, 0x61, 0]))))).toThrow(CertificateError)
    expect(subjectOf(withDer(withSubject(raw, one(30, [0, 0x61]))))).toHaveLength(1)
  })

  test.each([
    ['no value', element(0x30, octets(6, 3, 0x55, 4, 3))],
    ['two values', element(0x30, octets(6, 3, 0x55, 4, 3), string(12, 'app'), string(12, 'other'))],
    ['no type', element(0x30, string(12, 'CN'), string(12, 'app'))],
    ['nothing', octets(0x30, 0)],
  ])('an attribute with %s', async (_what, attribute) => {
    const { raw } = await named('CN=app')
    expect(() => subjectOf(withDer(withSubject(raw, element(0x30, element(0x31, attribute)))))).toThrow(CertificateError)
  })

  test('whatever the octets, a reader answers or says that they are malformed', async () => {
    const { raw } = await named('CN=app+OU=x,O=Bank', [
      san(['dns', ascii('a.example')], ['ip', octets(1, 2, 3, 4)]),
      ...usage(digitalSignature),
    ])
    const change = fc.tuple(fc.nat(raw.length - 1), fc.nat(255))
    let answers = 0
    fc.assert(
      fc.property(fc.array(change, { minLength: 1, maxLength: 6 }), fc.nat(20), (changes, cut) => {
        const der = Uint8Array.from(raw)
        for (const [at, octet] of changes) der[at] = octet
        const certificate = withDer(cut === 0 ? der.subarray(0, der.length - 10) : der)
        for (const read of Object.values(readers)) {
          try {
            read(certificate)
            answers += 1
          } catch (error) {
            if (!(error instanceof CertificateError)) throw error
          }
        }
      }),
      { numRuns: 1000 },
    )
    expect(answers).toBeGreaterThan(100)
  })
})

describe('what OpenSSL prints of a certificate', () => {
  const print = (certificate: X509Certificate, options: string) =>
    execFileSync('openssl', ['x509', '-noout', '-subject', '-nameopt', options], { input: certificate.toString(), encoding: 'utf8' })
      .replace(/^subject=/, '')
      .replace(/\n$/, '')

  const SUBJECTS: readonly Subject[] = [
    'CN=app,O=Bank,C=GB',
    nameOf([['2.5.4.6', string(19, 'BR')]], [[OU, string(12, 'a, b; c <d> "e" \\ f+g=h #')]], [[CN, string(30, bmp(' São Paulo '))]]),
    nameOf([[O, string(20, [0x53, 0xe3, 0x6f])]], [[CN, string(12, '#app')]], [['2.5.4.97', string(12, 'PSDGB-FCA-123456')]]),
    nameOf(
      [['1.3.6.1.4.1.311.60.2.1.3', string(19, 'BR')]],
      [['2.5.4.15', string(12, 'Private Organization')]],
      [['2.5.4.5', string(19, '43142666000197')]],
    ),
    nameOf(
      [[O, string(12, 'Bank')]],
      [
        [CN, string(12, 'app')],
        [OU, string(12, 'x')],
      ],
      [['0.9.2342.19200300.100.1.1', string(12, 'a-b')]],
    ),
    nameOf(
      [['1.2.3.4.5', string(12, 'São')]],
      [['1.2.3.4.6', octets(3, 2, 0, 1)]],
      [['1.2.840.113549.1.9.1', string(22, 'ops@bank.example')]],
    ),
    nameOf([['2.5.4.45', octets(3, 2, 0, 0xa5)]], [['2.5.4.16', element(0x30, string(12, 'a'))]], [[CN, string(12, 'a\nb\tc')]]),
    nameOf(
      ...[4, 7, 8, 9, 12, 13, 17, 18, 19, 20, 41, 42, 43, 44, 46, 65, 72].map((arc) => [[`2.5.4.${arc}`, string(19, 'a')] as const]),
      ...['1.2.840.113549.1.9.2', '1.2.840.113549.1.9.8'].map((type) => [[type, string(19, 'a')] as const]),
      ...[1, 2].map((arc) => [[`1.3.6.1.4.1.311.60.2.1.${arc}`, string(19, 'a')] as const]),
      ...[3, 25].map((arc) => [[`0.9.2342.19200300.100.1.${arc}`, string(22, 'a')] as const]),
    ),
  ]

  test.each(SUBJECTS.map((subject, index) => [index, subject] as const))('is read as its subject (%#)', async (_index, subject) => {
    const certificate = await named(subject)
    const own = subjectOf(certificate)
    for (const options of [
      'RFC2253',
      'RFC2253,sep_semi_plus_space',
      'RFC2253,space_eq',
      'RFC2253,lname',
      'RFC2253,oid',
      'RFC2253,-esc_msb',
      'RFC2253,dump_all',
    ]) {
      const printed = print(certificate, options)
      expect([options, printed, sameDistinguishedName(parseDistinguishedName(printed), own)]).toEqual([options, printed, true])
    }
    // What it prints unasked is in the other order.
    const turned = print(certificate, 'oneline,esc_2253,dump_der,dump_unknown,-esc_msb,utf8')
    expect(sameTurnedRound(parseDistinguishedName(turned), own)).toBe(true)
  })
})
