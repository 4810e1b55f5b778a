import { type Encoding, encodings, hasChainHeader, readCertificates, readChain } from '../../lib/readers/certificate-encodings.js'
import { CertificateError } from '../../lib/readers/certificate-error.js'
import { issued, selfSigned } from './identity.js'

const root = await selfSigned('CN=Root')
const app = await issued(root, 'CN=app')
const [leaf, above] = [app.certificate, root.certificate]
const pem = leaf.toString()
const base64 = leaf.raw.toString('base64')
const body = pem.split('\n').slice(1, -2).join('\n')
const between = (text: string) => `-----BEGIN CERTIFICATE-----${text}-----END CERTIFICATE-----`
const hash = leaf.fingerprint256.replaceAll(':', '')
const cert = `Cert="${encodeURIComponent(pem)}"`
const chain = `Chain="${encodeURIComponent(`${pem}${above}`)}"`
const [APP, BOTH] = [['CN=app'], ['CN=app', 'CN=Root']]

const subjects = (encoding: Encoding, ...values: readonly string[]) =>
  readCertificates('X-Cert', values, encoding).map(({ subject }) => subject)
const chainOf = (encoding: Encoding, ...values: readonly string[]) => readChain('X-Chain', values, encoding).map(({ subject }) => subject)

describe('a header is read', () => {
  const cases: readonly (readonly [encoding: Encoding, what: string, value: string, subjects: readonly string[]])[] = [
    ['pem', 'with spaces for its line breaks', pem.replaceAll('\n', ' '), APP],
    ['pem', 'with tabs for its line breaks', pem.replaceAll('\n', '\t'), APP],
    ['pem', 'with a tab behind each line break, as folded headers have', pem.replaceAll('\n', '\r\n\t'), APP],
    ['pem', 'with its line breaks', pem, APP],
    ['pem', 'without any white space', between(base64), APP],
    ['pem', 'with white space around it', ` \t${between(body)}\t `, APP],
    ['pem', 'in one long line', between(` ${base64} `), APP],
    ['pem-url', 'as nginx writes it', encodeURIComponent(pem), APP],
    ['pem-url', 'with its octets in lower case', encodeURIComponent(pem).replaceAll(/%[0-9A-F]{2}/g, (octet) => octet.toLowerCase()), APP],
    ['pem-url', 'with every character encoded', [...pem].map((c) => `%${c.charCodeAt(0).toString(16).padStart(2, '0')}`).join(''), APP],
    ['pem-url', 'with CRLF', encodeURIComponent(pem.replaceAll('\n', '\r\n')), APP],
    ['pem-url', 'with + = / as they are', pem.replaceAll('\n', '%0A').replaceAll(' ', '%20'), APP],
    ['pem-url-chain', 'with one certificate', encodeURIComponent(pem), APP],
    ['pem-url-chain', 'with two', encodeURIComponent(`${pem}${above}`), BOTH],
    ['pem-url-chain', 'with two and an empty line between them', encodeURIComponent(`${pem}\n\n${above}`), BOTH],
    ['pem-url-chain', 'with ten, which are the most', encodeURIComponent(pem.repeat(10)), Array(10).fill('CN=app')],
    ['der-base64', 'as haproxy writes it', base64, APP],
    ['der-base64-list', 'with one', base64, APP],
    ['der-base64-list', 'with two', `${base64},${above.raw.toString('base64')}`, BOTH],
    [
      'der-base64-list',
      'with two, percent-encoded',
      `${encodeURIComponent(base64)},${encodeURIComponent(above.raw.toString('base64'))}`,
      BOTH,
    ],
    ['der-base64-list', 'with ten, which are the most', Array(10).fill(base64).join(','), Array(10).fill('CN=app')],
    ['rfc9440', 'as a byte sequence', `:${base64}:`, APP],
    ['xfcc', 'with a Cert', cert, APP],
    ['xfcc', 'with a Chain', chain, BOTH],
    ['xfcc', 'with a Cert and a Chain', `${cert};${chain}`, BOTH],
    ['xfcc', 'with a semicolon behind it, as of Azure Container Apps', `Hash=${hash};${cert};${chain};`, BOTH],
    ['xfcc', 'whatever the case of its keys', `by=x;HASH=${hash};cERT=${cert.slice(5)}`, APP],
    ['xfcc', 'with its Hash in lower case', `Hash=${hash.toLowerCase()};${cert}`, APP],
    ['xfcc', 'without quotes', `Cert=${encodeURIComponent(pem)}`, APP],
    ['xfcc', 'with several By, URI and DNS', `By=a;By=b;${cert};Subject="";URI=a;URI=b;DNS=c;DNS=d`, APP],
    ['xfcc', 'with what looks like a Cert inside its Subject', `${cert};Subject="CN=a\\";Cert=\\"x\\",O=b;c"`, APP],
    ['xfcc', 'with an escaped backslash at the end of its Subject', `${cert};Subject="CN=a\\\\";URI=b`, APP],
  ]

  test.each(cases)('%s: %s', (encoding, _what, value, expected) => {
    expect(subjects(encoding, value)).toEqual(expected)
  })

  test.each(encodings())('%s: up to its last character, and not beyond', (encoding) => {
    // White space where the encoding allows it; a longer value is refused before anything else is looked at.
    const filled = (length: number) => `${between(body)}${' '.repeat(length)}`.slice(0, length)
    expect(() => subjects(encoding, filled(65_537))).toThrow('X-Cert is longer than 65536 characters, where ')
    if (encoding === 'pem') expect(subjects(encoding, filled(65_536))).toEqual(APP)
    else expect(() => subjects(encoding, filled(65_536))).not.toThrow('longer')
  })

  test.each(encodings())('%s: never twice, and never without a value', (encoding) => {
    expect(() => subjects(encoding, base64, base64)).toThrow('X-Cert came 2 times, where ')
    expect(() => subjects(encoding)).toThrow('X-Cert came 0 times, where ')
  })

  test('as the very bytes that were sent', () => {
    const [read] = readCertificates('X-Cert', [base64], 'der-base64')
    expect(read?.raw.equals(leaf.raw)).toBe(true)
  })
})

describe('a chain beside it is read', () => {
  const sequences = (...certificates: readonly (typeof leaf)[]) => certificates.map(({ raw }) => `:${raw.toString('base64')}:`)
  const der = (...certificates: readonly (typeof leaf)[]) => Buffer.concat(certificates.map(({ raw }) => raw)).toString('base64')
  const [first = '', second = ''] = sequences(leaf, above)

  const cases: readonly (readonly [encoding: Encoding, what: string, values: readonly string[], subjects: readonly string[]])[] = [
    ['rfc9440', 'from one byte sequence', [first], APP],
    ['rfc9440', 'from two', [`${first}, ${second}`], BOTH],
    ['rfc9440', 'from two with white space between them', [`${first} \t,\t${second}`], BOTH],
    ['rfc9440', 'from two without', [`${first},${second}`], BOTH],
    ['rfc9440', 'from two headers (RFC 9440 §2.3)', [first, second], BOTH],
    ['rfc9440', 'from ten', [sequences(...Array(10).fill(leaf)).join(', ')], Array(10).fill('CN=app')],
    ['der-base64', 'from one', [der(leaf)], APP],
    ['der-base64', 'from two, one behind the other', [der(leaf, above)], BOTH],
    ['der-base64', 'from ten', [der(...Array(10).fill(leaf))], Array(10).fill('CN=app')],
    ['pem-url', 'from two', [encodeURIComponent(`${pem}${above}`)], BOTH],
    ['pem', 'from two', [`${pem}${above}`.replaceAll('\n', ' ')], BOTH],
  ]

  test.each(cases)('%s: %s', (encoding, _what, values, expected) => {
    expect(chainOf(encoding, ...values)).toEqual(expected)
  })

  const refused: readonly (readonly [encoding: Encoding, what: string, values: readonly string[], says: string])[] = [
    ['rfc9440', 'eleven', [sequences(...Array(11).fill(leaf)).join(',')], 'holds more than 10 certificates'],
    ['rfc9440', 'eleven headers', sequences(...Array(11).fill(leaf)), 'holds more than 10 certificates'],
    ['rfc9440', 'a comma behind it', [`${first},`], 'is not between colons'],
    ['rfc9440', 'an empty header before it', ['', first], 'is not between colons'],
    ['rfc9440', 'a parameter', [`${first};a, ${second}`], 'is not between colons'],
    ['rfc9440', 'an inner list', [`(${first} ${second})`], 'is not between colons'],
    ['rfc9440', 'something else among them', [`${first}, "text"`], 'is not between colons'],
    ['rfc9440', 'an empty byte sequence', [`${first}, ::`], 'is empty'],
    ['rfc9440', 'something long in many headers', Array(100).fill(first.repeat(2)), 'is longer than 65536 characters'],
    ['der-base64', 'eleven', [der(...Array(11).fill(leaf))], 'holds more than 10 certificates'],
    ['der-base64', 'two headers', [der(leaf), der(above)], 'came 2 times'],
    ['der-base64', 'a comma', [`${der(leaf)},${der(above)}`], 'holds two values'],
    ['der-base64', 'a zero behind it', [Buffer.concat([leaf.raw, Buffer.alloc(1)]).toString('base64')], 'holds what is no DER'],
    [
      'der-base64',
      'half a certificate behind it',
      [Buffer.concat([leaf.raw, leaf.raw.subarray(0, 99)]).toString('base64')],
      'holds a certificate that was cut off',
    ],
    ['der-base64', 'empty sequences', [Buffer.from('3000'.repeat(10), 'hex').toString('base64')], 'holds what is no X.509 certificate'],
    [
      'der-base64',
      'ten thousand empty sequences',
      [Buffer.from('3000'.repeat(10_000), 'hex').toString('base64')],
      'holds more than 10 certificates',
    ],
    ['pem-url', 'eleven', [encodeURIComponent(pem.repeat(11))], 'holds more than 10 certificates'],
    ['pem-url', 'two headers', [encodeURIComponent(pem), encodeURIComponent(pem)], 'came 2 times'],
    ['pem', 'text between them', [`${pem}x${above}`], 'holds more than PEM blocks'],
  ]

  test.each(refused)('%s: not with %s', (encoding, _what, values, says) => {
    expect(() => chainOf(encoding, ...values)).toThrow(`X-Chain ${says}, where `)
    expect(() => chainOf(encoding, ...values)).toThrow(CertificateError)
  })

  test('in the encodings that leave it to a header of its own', () => {
    expect(encodings().filter(hasChainHeader)).toEqual(['pem-url', 'pem', 'der-base64', 'rfc9440'])
  })

  test('as nothing in the others', () => {
    expect(chainOf('xfcc', cert)).toEqual([])
  })
})
