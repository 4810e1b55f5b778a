import type { X509Certificate } from 'node:crypto'
import { subjectMismatch } from '../../lib/readers/certificate-subject.js'
import { bmp, element, extension, named, nameOf, octets, type Subject, string, withDer, x509 } from './named-certificate.js'

const DESCRIPTION = 'the client certificate is not the one registered for this client'

const CN = '2.5.4.3'
const C = '2.5.4.6'
const O = '2.5.4.10'
const OU = '2.5.4.11'
const utf8 = (value: string) => string(12, value)
const printable = (value: string) => string(19, value)

/** Open Banking UK: the directory's transport certificates, before and after eIDAS. */
const OB_TRANSPORT = nameOf(
  [[C, printable('GB')]],
  [[O, utf8('OpenBanking')]],
  [[OU, utf8('0015800001041RHAAY')]],
  [[CN, utf8('4Ik6ZjTPCXJ9WNRoVYMzLt')]],
)
const OBWAC = nameOf(
  [[C, printable('GB')]],
  [['1.3.6.1.4.1.311.60.2.1.3', printable('GB')]],
  [['2.5.4.15', utf8('Private Organization')]],
  [['2.5.4.97', utf8('PSDGB-FCA-730166')]],
  [['2.5.4.5', printable('09446231')]],
  [[O, utf8('Müller & Söhne, Ltd.')]],
  [[CN, utf8('0015800001041RHAAY')]],
)

/** Brazil: an ICP-Brasil certificate in the order in which its authority encodes it, and the same in other string types. */
const brazil = (text: (value: string) => Uint8Array) =>
  nameOf(
    [[C, printable('BR')]],
    [['2.5.4.8', text('SP')]],
    [['2.5.4.7', text('São Paulo')]],
    [[O, text('Banco Exemplo S.A.')]],
    [[OU, text('e6a1b1a4-1f6e-4f4e-b9b8-8d9ea8e3b3c1')]],
    [[CN, text('web.banco.example')]],
    [['2.5.4.97', text('OFBBR-d7384bd0-842f-43c5-be02-9d2b2d5efc2c')]],
    [['2.5.4.5', printable('43142666000197')]],
    [['2.5.4.15', text('Private Organization')]],
    [['1.3.6.1.4.1.311.60.2.1.3', printable('BR')]],
    [['0.9.2342.19200300.100.1.1', text('d7384bd0-842f-43c5-be02-9d2b2d5efc2c')]],
  )
const BRAZIL = brazil(utf8)
const BRAZIL_BMP = brazil((value) => string(30, bmp(value)))
const BRAZIL_TELETEX = brazil((value) => string(20, [...Buffer.from(value, 'latin1')]))

const BRAZIL_NAMES =
  'UID=d7384bd0-842f-43c5-be02-9d2b2d5efc2c,jurisdictionCountryName=BR,businessCategory=Private Organization,' +
  'serialNumber=43142666000197,organizationIdentifier=OFBBR-d7384bd0-842f-43c5-be02-9d2b2d5efc2c,CN=web.banco.example,' +
  'OU=e6a1b1a4-1f6e-4f4e-b9b8-8d9ea8e3b3c1,O=Banco Exemplo S.A.,L=São Paulo,ST=SP,C=BR'
/** As the specification of Open Finance Brasil has it: the types of RFC 4514 by name, all others as object identifiers with encoded values. */
const BRAZIL_OIDS =
  'UID=d7384bd0-842f-43c5-be02-9d2b2d5efc2c,1.3.6.1.4.1.311.60.2.1.3=#13024252,2.5.4.15=#0c1450726976617465204f7267616e697a6174696f6e,' +
  '2.5.4.5=#130e3433313432363636303030313937,2.5.4.97=#0c2a4f464242522d64373338346264302d383432662d343363352d626530322d396432623264356566633263,' +
  'CN=web.banco.example,OU=e6a1b1a4-1f6e-4f4e-b9b8-8d9ea8e3b3c1,O=Banco Exemplo S.A.,L=S\\C3\\A3o Paulo,ST=SP,C=BR'

const app = (tag: number, value: string | readonly number[]) => nameOf([[CN, string(tag, value)]])
const MULTIPLE = nameOf(
  [[O, utf8('Bank')]],
  [
    [CN, utf8('app')],
    [OU, utf8('x')],
  ],
)

describe('tls_client_auth_subject_dn', () => {
  const EQUAL: readonly (readonly [registered: string, certificate: Subject])[] = [
    ['CN=4Ik6ZjTPCXJ9WNRoVYMzLt,OU=0015800001041RHAAY,O=OpenBanking,C=GB', OB_TRANSPORT],
    ['cn=4ik6zjtpcxj9wnrovymzlt, ou=0015800001041rhaay, o=openbanking, c=gb', OB_TRANSPORT],
    ['2.5.4.3=4Ik6ZjTPCXJ9WNRoVYMzLt;2.5.4.11=0015800001041RHAAY;2.5.4.10=#0C0B4F70656E42616E6B696E67;2.5.4.6=#13024742', OB_TRANSPORT],
    [
      'CN=0015800001041RHAAY,O=Müller & Söhne\\, Ltd.,serialNumber=09446231,organizationIdentifier=PSDGB-FCA-730166,' +
        'businessCategory=Private Organization,jurisdictionC=GB,C=GB',
      OBWAC,
    ],
    [
      'CN=0015800001041RHAAY,O="M\\C3\\BCller & S\\C3\\B6hne, Ltd.",SERIALNUMBER=09446231,OID.2.5.4.97=PSDGB-FCA-730166,' +
        '2.5.4.15=private organization,1.3.6.1.4.1.311.60.2.1.3=#13024742,C=GB',
      OBWAC,
    ],
    ...[BRAZIL, BRAZIL_BMP, BRAZIL_TELETEX].flatMap((certificate) =>
      [BRAZIL_NAMES, BRAZIL_OIDS, BRAZIL_NAMES.toUpperCase().replace('SÃO', 'SA\u0303O')].map(
        (registered) => [registered, certificate] as const,
      ),
    ),
    ['CN=app', app(12, 'app')],
    ['CN=app', app(19, 'APP')],
    ['CN=app', app(20, 'app')],
    ['CN=app', app(22, 'App')],
    ['CN=app', app(28, [0, 0, 0, 0x61, 0, 0, 0, 0x70, 0, 0, 0, 0x70])],
    ['CN=app', app(30, bmp('app'))],
    ['CN=#1E06006100700070', app(12, 'app')],
    ['CN=an app', app(12, '  an   App ')],
    ['CN=straße', app(19, 'STRASSE')],
    ['CN=São', app(20, [0x53, 0xe3, 0x6f])],
    ['CN=app+OU=x,O=Bank', MULTIPLE],
    ['OU=X + CN=App, O=bank', MULTIPLE],
    ['E=Ops@bank.example,CN=app', nameOf([[CN, utf8('app')]], [['1.2.840.113549.1.9.1', string(22, 'ops@Bank.example')]])],
    ['1.2.3.4=abc', nameOf([['1.2.3.4', utf8('abc')]])],
    ['1.2.3.4=#030200A5', nameOf([['1.2.3.4', octets(3, 2, 0, 0xa5)]])],
    ['CN=app\\00', app(12, 'app\0')],
    ['CN=app,O=Bank,C=GB', [{ C: [{ printableString: 'GB' }] }, { O: [{ utf8String: 'Bank' }] }, { CN: [{ bmpString: 'app' }] }]],
    ['CN=app,O=Bank', 'O=Bank,CN=app'],
  ]

  test.each(EQUAL)('%j matches (%#)', async (registered, subject) => {
    expect(subjectMismatch({ x509: await named(subject) }, { tls_client_auth_subject_dn: registered })).toBeUndefined()
  })

  const ROUND = '; write the RDNs of tls_client_auth_subject_dn the other way round'
  const APP = app(12, 'app')

  test.each<[registered: string, certificate: Subject, detail: string]>([
    ['CN=other', APP, 'registered: CN=other; certificate: CN=app'],
    ['CN=ap', APP, 'registered: CN=ap; certificate: CN=app'],
    ['OU=app', APP, 'registered: OU=app; certificate: CN=app'],
    ['CN=app,O=Bank', APP, 'registered: CN=app,O=Bank; certificate: CN=app'],
    ['CN=app', nameOf([[O, utf8('Bank')]], [[CN, utf8('app')]]), 'registered: CN=app; certificate: CN=app,O=Bank'],
    ['CN=app', nameOf(), 'registered: CN=app; certificate: no subject'],
    ['O=Bank,CN=app+OU=x', MULTIPLE, `registered: O=Bank,CN=app+OU=x; certificate: CN=app+OU=x,O=Bank${ROUND}`],
    ['CN=app,OU=x,O=Bank', MULTIPLE, 'registered: CN=app,OU=x,O=Bank; certificate: CN=app+OU=x,O=Bank'],
    ['CN=app+OU=y,O=Bank', MULTIPLE, 'registered: CN=app+OU=y,O=Bank; certificate: CN=app+OU=x,O=Bank'],
    [
      'C = GB, O = OpenBanking, OU = 0015800001041RHAAY, CN = 4Ik6ZjTPCXJ9WNRoVYMzLt',
      OB_TRANSPORT,
      `registered: C=GB,O=OpenBanking,OU=0015800001041RHAAY,CN=4Ik6ZjTPCXJ9WNRoVYMzLt; certificate: CN=4Ik6ZjTPCXJ9WNRoVYMzLt,OU=0015800001041RHAAY,O=OpenBanking,C=GB${ROUND}`,
    ],
    [BRAZIL_NAMES.split(',').reverse().join(','), BRAZIL_BMP, expect.stringMatching(/^registered: C=BR,.*; certificate: UID=.*round$/)],
    [
      BRAZIL_NAMES.replace('43142666000197', '43142666000198'),
      BRAZIL,
      expect.stringMatching(/=43142666000198,.*; certificate: .*=43142666000197,[^;]*$/),
    ],
    [BRAZIL_NAMES.replace('São', 'Sao'), BRAZIL_TELETEX, expect.stringMatching(/L=Sao Paulo,.*; certificate: .*L=São Paulo,/)],
    [
      BRAZIL_NAMES.replace('jurisdictionCountryName', 'C'),
      BRAZIL,
      expect.stringMatching(/,C=BR,businessC.*; certificate: .*,jurisdictionC=BR,/),
    ],
    ['CN=app', app(12, 'app\0.evil'), 'registered: CN=app; certificate: CN=app\\00.evil'],
    ['CN=app', app(12, 'ap\u200bp'), 'registered: CN=app; certificate: CN=ap\\E2\\80\\8Bp'],
    ['CN=app', app(12, 'app\u202e'), 'registered: CN=app; certificate: CN=app\\E2\\80\\AE'],
    ['CN=app', app(12, '\ufeffapp'), 'registered: CN=app; certificate: CN=\\EF\\BB\\BFapp'],
    ['CN=app,O=Bank', app(12, 'app,O=Bank'), 'registered: CN=app,O=Bank; certificate: CN=app\\,O=Bank'],
    ['CN=app,O=Bank', app(12, 'app\nO=Bank'), 'registered: CN=app,O=Bank; certificate: CN=app\\0AO=Bank'],
    ['CN=ÿ', app(19, [0xff]), 'registered: CN=ÿ; certificate: CN=#1301ff'],
    ['1.2.3.4=ABC', nameOf([['1.2.3.4', utf8('abc')]]), 'registered: 1.2.3.4=ABC; certificate: 1.2.3.4=abc'],
    ['1.2.3.4=#030200A5', nameOf([['1.2.3.4', octets(3, 2, 0, 0xa4)]]), 'registered: 1.2.3.4=#030200a5; certificate: 1.2.3.4=#030200a4'],
    [
      'CN=app',
      nameOf([
        [CN, utf8('app')],
        [CN, utf8('app')],
      ]),
      'registered: CN=app; certificate: CN=app+CN=app',
    ],
    [
      '/CN=app',
      APP,
      expect.stringMatching(/^tls_client_auth_subject_dn must be a distinguished name as RFC 4514 writes it: a name with slashes/),
    ],
  ])('%j does not match (%#)', async (registered, subject, detail) => {
    const mismatch = subjectMismatch({ x509: await named(subject) }, { tls_client_auth_subject_dn: registered })
    expect(mismatch).toEqual({ description: DESCRIPTION, detail })
  })
})

const { SubjectAlternativeNameExtension } = x509
const NAMES = new SubjectAlternativeNameExtension([
  { type: 'dns', value: 'a.example' },
  { type: 'dns', value: 'App.Example' },
  { type: 'dns', value: '*.wild.example' },
  { type: 'dns', value: 'dot.example.' },
  { type: 'url', value: 'spiffe://Bank.Example/App' },
  { type: 'url', value: 'https://app.example' },
  { type: 'ip', value: '192.0.2.1' },
  { type: 'ip', value: '2001:db8::1' },
  { type: 'email', value: 'Ops@Bank.Example' },
])
const certificate = await named('CN=only.in.the.subject', [NAMES])
const plain = await named('CN=app.example')
const twice = await named('CN=app', [NAMES, NAMES])

describe('tls_client_auth_san_*', () => {
  test.each([
    ['dns', 'a.example'],
    ['dns', 'app.example'],
    ['dns', 'APP.EXAMPLE'],
    ['uri', 'spiffe://bank.example/App'],
    ['uri', 'HTTPS://APP.example:443/'],
    ['ip', '192.0.2.1'],
    ['ip', '2001:db8::1'],
    ['ip', '2001:0DB8:0::0:1'],
    ['email', 'Ops@bank.example'],
  ])('%s %s matches any one of the names', (kind, registered) => {
    expect(subjectMismatch({ x509: certificate }, { [`tls_client_auth_san_${kind}`]: registered })).toBeUndefined()
  })

  const DNS = 'a.example, app.example, *.wild.example, dot.example.'
  const URIS = 'spiffe://bank.example/App, https://app.example/'
  test.each([
    ['dns', 'b.example', `registered: dns b.example; certificate: ${DNS}`],
    ['dns', 'x.wild.example', `registered: dns x.wild.example; certificate: ${DNS}`],
    ['dns', 'dot.example', `registered: dns dot.example; certificate: ${DNS}`],
    ['dns', 'sub.app.example', `registered: dns sub.app.example; certificate: ${DNS}`],
    ['dns', 'only.in.the.subject', `registered: dns only.in.the.subject; certificate: ${DNS}`],
    ['dns', '192.0.2.1', `registered: dns 192.0.2.1; certificate: ${DNS}`],
    ['uri', 'spiffe://bank.example/app', `registered: uri spiffe://bank.example/app; certificate: ${URIS}`],
    ['uri', 'https://app.example/a', `registered: uri https://app.example/a; certificate: ${URIS}`],
    ['ip', '192.0.2.2', 'registered: ip 192.0.2.2; certificate: 192.0.2.1, 2001:db8::1'],
    ['ip', '::ffff:192.0.2.1', 'registered: ip ::ffff:c000:201; certificate: 192.0.2.1, 2001:db8::1'],
    ['email', 'ops@bank.example', 'registered: email ops@bank.example; certificate: Ops@bank.example'],
    ['dns', '*.wild.example', 'tls_client_auth_san_dns must be a host name in A-labels, without wildcard and without a final dot'],
    ['dns', 'dot.example.', 'tls_client_auth_san_dns must be a host name in A-labels, without wildcard and without a final dot'],
    ['uri', 'app.example', 'tls_client_auth_san_uri must be a URI with its scheme, in ASCII'],
    ['ip', '192.0.2.1/32', 'tls_client_auth_san_ip must be an IPv4 address in four decimal numbers or an IPv6 address'],
    ['email', 'bank.example', 'tls_client_auth_san_email must be an email address whose domain is in A-labels'],
  ])('%s %s does not', (kind, registered, detail) => {
    expect(subjectMismatch({ x509: certificate }, { [`tls_client_auth_san_${kind}`]: registered })).toEqual({
      description: DESCRIPTION,
      detail,
    })
  })

  test.each(['dns', 'uri', 'ip', 'email'])('a certificate without names of the kind %s matches nothing', async (kind) => {
    const registered = { dns: 'app.example', uri: 'urn:app', ip: '192.0.2.1', email: 'a@app.example' }[kind]
    expect(subjectMismatch({ x509: plain }, { [`tls_client_auth_san_${kind}`]: registered })?.detail).toBe(
      `registered: ${kind} ${registered}; certificate: no ${kind} name`,
    )
  })

  const dns = (...names: readonly string[]) =>
    extension('2.5.29.17', element(0x30, ...names.map((name) => element(0x82, Uint8Array.from(Buffer.from(name, 'latin1'))))))

  test('what is odd in a name is shown and ends nothing', async () => {
    const odd = await named('CN=app', [dns('app.example\0.evil.example', 'a.example, app.example', '\x9b31m', 'a\\00b')])
    expect(subjectMismatch({ x509: odd }, { tls_client_auth_san_dns: 'app.example' })?.detail).toBe(
      'registered: dns app.example; certificate: app.example\\00.evil.example, a.example\\, app.example, \\C2\\9B31m, a\\\\00b',
    )
  })

  test('not more is shown than can be read', async () => {
    const many = await named('CN=app', [dns('x'.repeat(10_000), ...Array.from({ length: 40 }, (_, index) => `${index}.example`))])
    const detail = subjectMismatch({ x509: many }, { tls_client_auth_san_dns: 'app.example' })?.detail
    expect(detail).toMatch(/certificate: x{255}\.\.\., 0\.example, .*, 8\.example, 31 more$/)
    expect(subjectMismatch({ x509: many }, { tls_client_auth_san_dns: '39.example' })).toBeUndefined()
  })
})

describe('nothing matches', () => {
  const FIELDS = ['subject_dn', 'san_dns', 'san_uri', 'san_ip', 'san_email'].map((name) => `tls_client_auth_${name}`)
  const mismatch = (metadata: Readonly<Record<string, unknown>>) => subjectMismatch({ x509: certificate }, metadata)

  test('where no subject is registered', () => {
    const detail = `none of ${FIELDS.join(', ')} is registered`
    expect(mismatch({})).toEqual({ description: DESCRIPTION, detail })
    expect(mismatch(Object.fromEntries(FIELDS.map((field) => [field, undefined])))).toEqual({ description: DESCRIPTION, detail })
    expect(mismatch({ client_id: 'app', tls_client_auth_san: 'a.example' })?.detail).toBe(detail)
  })

  test('where several are, even if each of them would', () => {
    const metadata = { tls_client_auth_san_dns: 'a.example', tls_client_auth_san_ip: '192.0.2.1' }
    expect(mismatch(metadata)).toEqual({
      description: DESCRIPTION,
      detail: 'only one certificate subject may be registered, and there are tls_client_auth_san_dns, tls_client_auth_san_ip',
    })
    for (const [field, value] of Object.entries(metadata)) expect(mismatch({ [field]: value })).toBeUndefined()
    expect(mismatch({ ...metadata, tls_client_auth_san_ip: null })).toBeDefined()
  })

  test.each(
    FIELDS.flatMap((field) =>
      [null, '', ' ', 0, true, [], ['a.example'], {}, { toString: () => 'a.example' }, 'x'.repeat(100_000)].map(
        (value) => [field, value] as const,
      ),
    ),
  )('where %s is %p', (field, value) => {
    expect(mismatch({ [field]: value })).toEqual({ description: DESCRIPTION, detail: expect.stringMatching(`^${field} must be `) })
  })

  test.each<[field: string, value: string, X509Certificate]>([
    ['tls_client_auth_subject_dn', 'CN=app', withDer(octets(0x30, 0))],
    ['tls_client_auth_san_dns', 'a.example', withDer(octets())],
    ['tls_client_auth_san_dns', 'a.example', twice],
  ])('where the certificate cannot be read (%s)', (field, value, unreadable) => {
    expect(subjectMismatch({ x509: unreadable }, { [field]: value })).toEqual({
      description: DESCRIPTION,
      detail: expect.stringMatching(/^the client certificate cannot be read/),
    })
  })
})
