import { generateKeyPairSync, type X509Certificate } from 'node:crypto'
import { type GivenCertificate, readGivenCertificate } from '../../lib/console/given-certificate.js'
import { GivenError } from '../../lib/console/given-error.js'
import { thumbprint } from '../../lib/readers/certificate.js'
import { subjectMismatch } from '../../lib/readers/certificate-subject.js'
import { fromNow, issued, selfSigned } from '../readers/identity.js'
import { named, nameOf, string, x509 } from '../readers/named-certificate.js'

const NOW = Date.now() / 1000
const DAY = 86_400_000
const utf8 = (value: string) => string(12, value)

/** The metadata that the console would register, one at a time: exactly one of the five may be there. */
const metadataOf = ({ subject_dn, subject_alternative_names }: GivenCertificate) => [
  ...(subject_dn === '' ? [] : [{ tls_client_auth_subject_dn: subject_dn }]),
  ...subject_alternative_names.map(({ field, value }) => ({ [field]: value })),
]

const names = (...list: readonly x509.JsonGeneralName[]) => [new x509.SubjectAlternativeNameExtension([...list])]

const CERTIFICATES: readonly (readonly [what: string, made: Promise<X509Certificate>, dn: string, sans: readonly string[]])[] = [
  ['a plain subject', named('CN=app,O=Bank,C=GB'), 'C=GB,O=Bank,CN=app', []],
  [
    'characters that are escaped',
    named(nameOf([['2.5.4.10', utf8('Müller & Söhne, "Ltd." <+;=> \\ #')]], [['2.5.4.3', utf8(' # ')]])),
    'CN=\\ #\\ ,O=Müller & Söhne\\, \\"Ltd.\\" \\<\\+\\;=\\> \\\\ #',
    [],
  ],
  ['characters that cannot be seen', named(nameOf([['2.5.4.3', utf8('a\u200bpp\u202e\0')]])), 'CN=a\\E2\\80\\8Bpp\\E2\\80\\AE\\00', []],
  [
    'several attributes in one RDN',
    named(
      nameOf([
        ['2.5.4.3', utf8('app')],
        ['0.9.2342.19200300.100.1.1', utf8('7')],
      ]),
    ),
    'CN=app+UID=7',
    [],
  ],
  ['an attribute type without a name', named(nameOf([['1.2.3.4.5', utf8('x')]])), '1.2.3.4.5=x', []],
  ['an attribute that is no text', named(nameOf([['2.5.4.45', string(3, [0, 255])]])), 'x500UniqueIdentifier=#030200ff', []],
  [
    'all kinds of names',
    named(
      'CN=app',
      names(
        { type: 'dns', value: 'App.bank.example' },
        { type: 'dns', value: 'app.bank.example' },
        { type: 'dns', value: '*.bank.example' },
        { type: 'url', value: 'urn:bank:app' },
        { type: 'ip', value: '192.0.2.7' },
        { type: 'ip', value: '2001:db8::7' },
        { type: 'email', value: 'app@bank.example' },
      ),
    ),
    'CN=app',
    [
      'tls_client_auth_san_dns App.bank.example',
      'tls_client_auth_san_uri urn:bank:app',
      'tls_client_auth_san_ip 192.0.2.7',
      'tls_client_auth_san_ip 2001:db8::7',
      'tls_client_auth_san_email app@bank.example',
    ],
  ],
  [
    'no subject, but a name',
    named(nameOf(), names({ type: 'dns', value: 'app.bank.example' })),
    '',
    ['tls_client_auth_san_dns app.bank.example'],
  ],
]

describe('what is read of a certificate is what the client registers:', () => {
  test.each(CERTIFICATES)('%s', async (_what, made, dn, sans) => {
    const certificate = await made
    const given = readGivenCertificate(certificate.toString(), NOW)
    expect(given.subject_dn).toBe(dn)
    expect(given.subject_alternative_names.map(({ field, value }) => `${field} ${value}`)).toEqual(sans)
    const other = await named('CN=other', names({ type: 'dns', value: 'other.bank.example' }))
    expect(metadataOf(given).length).toBeGreaterThan(0)
    for (const metadata of metadataOf(given)) {
      expect([metadata, subjectMismatch({ x509: certificate }, metadata)]).toEqual([metadata, undefined])
      expect(subjectMismatch({ x509: other }, metadata)).toBeDefined()
    }
  })

  test('a subject that cannot be registered is left out, and that is said', async () => {
    const certificate = await named(
      nameOf([
        ['2.5.4.3', utf8('app')],
        ['2.5.4.3', utf8('APP')],
      ]),
    )
    const { subject_dn, warnings } = readGivenCertificate(certificate.raw, NOW)
    expect(subject_dn).toBe('')
    expect(warnings.join()).toMatch(/its subject cannot be registered: .*the same attribute stands twice/)
  })
})

test('a certificate is described: issuer, serial number, dates, thumbprint, PEM, and its key with x5c', async () => {
  const authority = await selfSigned('CN=Authority')
  const { certificate } = await issued(authority, 'CN=app')
  const given = readGivenCertificate(certificate.toString(), NOW)
  expect(given).toMatchObject({ issuer_dn: 'CN=Authority', self_signed: false, expires_in_days: 0 })
  expect(given.serial).toBe(certificate.serialNumber)
  expect([given.not_before, given.not_after]).toEqual([Date.parse(certificate.validFrom) / 1000, Date.parse(certificate.validTo) / 1000])
  expect(given.thumbprint).toBe(thumbprint(certificate))
  expect(given.pem).toBe(certificate.toString())
  expect(given.jwk).toMatchObject({ kty: 'EC', crv: 'P-256', x5c: [certificate.raw.toString('base64')] })
  expect(Object.keys({ ...given.jwk }).sort()).toEqual(['crv', 'kid', 'kty', 'x', 'x5c', 'y'])
  expect(readGivenCertificate(authority.certificate.raw, NOW).self_signed).toBe(true)
})

test.each<[string, x509.JsonNameParams, string]>([
  ['a plain one', [{ C: ['GB'] }, { O: ['Trust'] }, { CN: ['Authority'] }], 'CN=Authority,O=Trust,C=GB'],
  [
    'characters that are escaped',
    [{ O: [{ utf8String: 'Müller, "Ltd."\\' }] }, { CN: [{ utf8String: '#x' }] }],
    'CN=\\#x,O=Müller\\, \\"Ltd.\\"\\\\',
  ],
  ['characters that would begin another line', [{ CN: [{ utf8String: 'a\nO=Bank' }] }], 'CN=a\\0AO=Bank'],
  ['characters that cannot be seen', [{ CN: [{ utf8String: 'a\u202eb' }] }], 'CN=a\\E2\\80\\AEb'],
  ['an attribute type without a name', [{ '1.2.3.4.5': [{ utf8String: 'x' }] }], '1.2.3.4.5=x'],
])('the issuer is written as a subject is: %s', async (_what, name, dn) => {
  const given = readGivenCertificate((await named(name)).raw, NOW)
  expect([given.issuer_dn, given.subject_dn]).toEqual([dn, dn])
})

test('whoever has only its name on it did not sign itself', async () => {
  const [authority, impostor] = [await selfSigned('CN=app'), await selfSigned('CN=app')]
  const { certificate } = await issued(authority, 'CN=app')
  expect(readGivenCertificate(certificate.raw, NOW).self_signed).toBe(false)
  expect(readGivenCertificate(impostor.certificate.raw, NOW).self_signed).toBe(true)
})

describe('it warns', () => {
  const usage = (...usages: readonly string[]) => [new x509.ExtendedKeyUsageExtension([...usages])]
  test.each([
    ['of nothing where nothing is wrong', 'P-256', { notAfter: fromNow(40 * DAY) }, /^$/],
    ['of one that is over', 'P-256', { notAfter: fromNow(-1000) }, /^the certificate has expired, it was valid until \d{4}-/],
    [
      'of one that is not valid yet',
      'P-256',
      { notBefore: fromNow(DAY), notAfter: fromNow(90 * DAY) },
      /^the certificate is not valid before/,
    ],
    ['of one that expires within 30 days', 'P-256', { notAfter: fromNow(29.5 * DAY) }, /^the certificate expires in 29 days/],
    ['of one that expires today', 'P-256', { notAfter: fromNow(DAY / 2) }, /^the certificate expires within a day/],
    ['not of one that expires in more', 'P-256', { notAfter: fromNow(30.5 * DAY) }, /^$/],
    ['of a short key', 'RSA 1024', { notAfter: fromNow(40 * DAY) }, /^the client certificate is an RSA key of 1024 bits/],
    ['not of a key that is long enough', 'RSA 2048', { notAfter: fromNow(40 * DAY) }, /^$/],
    [
      'of one for servers',
      'P-256',
      { notAfter: fromNow(40 * DAY), extensions: usage('1.3.6.1.5.5.7.3.1') },
      /^the client certificate was not made for TLS clients/,
    ],
    ['not of one for clients', 'P-256', { notAfter: fromNow(40 * DAY), extensions: usage('1.3.6.1.5.5.7.3.2') }, /^$/],
    [
      'of one that may not sign',
      'P-256',
      { notAfter: fromNow(40 * DAY), extensions: [new x509.KeyUsagesExtension(x509.KeyUsageFlags.keyAgreement)] },
      /^the client certificate was not made for signatures/,
    ],
    [
      'of one that may not sign and is weak and over: of all three',
      'RSA 1024',
      { notAfter: fromNow(-1000), extensions: [new x509.KeyUsagesExtension(x509.KeyUsageFlags.keyAgreement)] },
      /has expired.*; .*signatures.*; .*1024 bits/,
    ],
  ] as const)('%s', async (_what, kind, change, expected) => {
    const { certificate } = await selfSigned('CN=app', kind, change)
    expect(readGivenCertificate(certificate.raw, NOW).warnings.join('; ')).toMatch(expected)
  })
})

describe('a certificate may be given as', () => {
  test.each<[string, (certificate: X509Certificate) => string | Uint8Array]>([
    ['PEM', (one) => one.toString()],
    [
      'PEM with other line ends and text around it',
      (one) => `\uFEFFBag Attributes\r\n${one.toString().replaceAll('\n', '\r\n')}\r\nthe end`,
    ],
    ['DER', (one) => one.raw],
    ['a file that holds PEM', (one) => Buffer.from(one.toString())],
    ['the base64 of DER', (one) => one.raw.toString('base64')],
    ['the base64 of DER, in lines', (one) => `  ${one.raw.toString('base64').replaceAll(/.{60}/g, '$&\n')}\n`],
  ])('%s', async (_form, form) => {
    const { certificate } = await selfSigned('CN=app', 'Ed25519')
    expect(readGivenCertificate(form(certificate), NOW).thumbprint).toBe(thumbprint(certificate))
  })
})

describe('what is no certificate is refused with what it is and what would be right:', () => {
  const made = selfSigned('CN=app')
  const { privateKey, publicKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' })
  const secret = privateKey.export({ type: 'pkcs8', format: 'der' })
  test.each<[string, (pem: string, der: Buffer) => string | Uint8Array, 'unreadable' | 'secret', RegExp]>([
    ['nothing', () => '', 'unreadable', /nothing was given/],
    ['no bytes', () => new Uint8Array(), 'unreadable', /nothing was given/],
    ['words', () => 'please', 'unreadable', /neither PEM .* nor DER/],
    ['a megabyte', () => 'A'.repeat(1_000_000), 'unreadable', /more than 65536 characters/],
    ['two certificates', (pem) => `${pem}\n${pem}`, 'unreadable', /2 certificates were given/],
    ['a certificate that was cut off', (_pem, der) => der.subarray(0, 200), 'unreadable', /cut off/],
    ['a block without its end', (pem) => pem.slice(0, 300), 'unreadable', /without its END line/],
    ['a block in a block', (pem) => pem.replace('\n', '\n-----BEGIN CERTIFICATE-----\n'), 'unreadable', /inside another/],
    ['bytes behind it', (_pem, der) => Buffer.concat([der, Buffer.of(0)]), 'unreadable', /bytes behind/],
    ['damaged base64', (pem) => pem.replace(/MII/, 'M*I'), 'unreadable', /no base64/],
    ['a public key', () => publicKey.export({ type: 'spki', format: 'pem' }).toString(), 'unreadable', /a PEM block PUBLIC KEY/],
    ['a public key in DER', () => publicKey.export({ type: 'spki', format: 'der' }), 'unreadable', /no X\.509 certificate/],
    [
      'a private key',
      () => privateKey.export({ type: 'pkcs8', format: 'pem' }).toString(),
      'secret',
      /must stay with the client.*known now/,
    ],
    [
      'a private key behind a certificate',
      (pem) => pem + privateKey.export({ type: 'sec1', format: 'pem' }),
      'secret',
      /must stay with the client/,
    ],
    ['a private key in DER', () => secret, 'secret', /must stay with the client/],
    ['a private key in base64', () => secret.toString('base64'), 'secret', /must stay with the client/],
  ])('%s', async (_what, form, kind, expected) => {
    const { certificate } = await made
    const error = caught(() => readGivenCertificate(form(certificate.toString(), certificate.raw), NOW))
    expect(error.message).toMatch(expected)
    expect(error.kind).toBe(kind)
    expect(error.code).toBe('ERR_FAPI_GIVEN')
    expect(error.message).not.toContain(secret.toString('base64').slice(40, 60))
  })

  test('names that another reader would read otherwise', async () => {
    const certificate = await named('CN=app', [new x509.Extension('2.5.29.17', false, Uint8Array.of(0x30, 3, 0x02, 1, 0))])
    expect(caught(() => readGivenCertificate(certificate.raw, NOW)).message).toMatch(/cannot be read \(subjectAltName\)/)
  })
})

function caught(work: () => unknown): GivenError {
  try {
    work()
  } catch (error) {
    if (error instanceof GivenError) return error
    throw error
  }
  throw new Error('nothing was thrown')
}
