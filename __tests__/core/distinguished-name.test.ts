import fc from 'fast-check'
import {
  type Attribute,
  attributeKey,
  type DistinguishedName,
  printDistinguishedName,
  sameDistinguishedName,
  sameTurnedRound,
} from '../../lib/core/distinguished-name.js'
import { DistinguishedNameError, parseDistinguishedName } from '../../lib/core/parse-distinguished-name.js'
import { workTime } from '../support/work-time.js'

const same = (one: string, other: string) => sameDistinguishedName(parseDistinguishedName(one), parseDistinguishedName(other))
/** In a table of jest a percent sign would be a placeholder, and a control character would spoil the output. */
const shown = (text: string) => JSON.stringify(text).replaceAll('%', '%%').slice(0, 100)

describe('equal', () => {
  test.each([
    ['CN=app', 'CN=app'],
    ['cn=app', 'Cn=APP'],
    ['CN=app', 'commonName=app'],
    ['CN=app', '2.5.4.3=app'],
    ['CN=app', 'OID.2.5.4.3=app'],
    ['CN=app', 'oid.2.5.4.3=app'],
    ['CN=app,O=Bank', '  CN = app ,  O = Bank  '],
    ['CN=app,O=Bank', 'CN=app;O=Bank'],
    ['CN=app,O=Bank', 'CN="app",O="Bank"'],
    ['O=Sue\\, Grabbit and Runn', 'O="Sue, Grabbit and Runn"'],
    ['O=Sue\\, Grabbit and Runn', 'O=Sue\\2C Grabbit and Runn'],
    ['O=Sue\\, Grabbit and Runn', 'O=Sue\\2c   grabbit  AND runn'],
    // RFC 4514 §4.
    ['UID=jsmith,DC=example,DC=net', '0.9.2342.19200300.100.1.1=jsmith,domainComponent=EXAMPLE,dc=net'],
    ['OU=Sales+CN=J.  Smith,DC=example,DC=net', 'CN=J. Smith+OU=Sales,DC=example,DC=net'],
    ['CN=Before\\0dAfter,DC=example,DC=net', 'CN=Before After,DC=example,DC=net'],
    ['CN=Lu\\C4\\8Di\\C4\\87', 'CN=Lučić'],
    ['CN=James \\"Jim\\" Smith\\, III', 'CN="James \\"Jim\\" Smith, III"'],
    // The string type does not count: PrintableString, UTF8String, IA5String, BMPString, UniversalString, TeletexString.
    ['C=BR', 'C=#13024252'],
    ['C=BR', 'C=#0C024252'],
    ['C=BR', 'C=#16024252'],
    ['C=BR', 'C=#1e0400420052'],
    ['C=BR', 'C=#1C080000004200000052'],
    ['O=Fundação', 'O=#140846756E6461E7E36F'],
    ['O=Fundação', 'O=#0C0A46756E6461C3A7C3A36F'],
    ['CN=\\F0\\9F\\98\\80', 'CN=#1E04D83DDE00'],
    // A length in the long form is BER.
    ['C=BR', 'C=#1381024252'],
    ['C=BR', 'C=#138500000000024252'],
    // RFC 4518: case folding in full, compatibility forms, spaces of all kinds.
    ['O=Straße', 'O=STRASSE'],
    ['O=STRAẞE', 'O=strasse'],
    ['O=ΣΊΣΥΦΟΣ', 'O=σίσυφος'],
    ['O=İstanbul', 'O=i̇stanbul'],
    ['O=ﬁnance', 'O=FINANCE'],
    ['O=Ｂａｎｋ', 'O=bank'],
    ['O=Ⅷ Bank', 'O=VIII bank'],
    ['O=ℍ', 'O=h'],
    ['O=ß\u0323', 'O=sṣ'],
    ['O=São Paulo', 'O=SÃO PAULO'],
    ['O=São', 'O=Sa\u0303o'],
    ['O=a\u00a0b', 'O=a b'],
    ['O=a\u3000\\09\\0Ab', 'O=a b'],
    ['O=\\ a\\ ', 'O=a'],
    ['O=', 'O=\\ '],
    ['O=,C=GB', 'O="",C=GB'],
    ['telephoneNumber=\\+44 20-7946 0000', 'telephoneNumber=\\+442079460000'],
    ['E=Ops@Bank.example', 'emailAddress=ops@bank.EXAMPLE'],
    ['SN=Silva,GN=Ana', 'surname=silva,givenName=ana'],
    ['SERIALNUMBER=1', 'serialNumber=1'],
    ['S=SP,T=CEO', 'ST=SP,title=CEO'],
    ['jurisdictionCountryName=BR', '1.3.6.1.4.1.311.60.2.1.3=#13024252'],
    ['jurisdictionOfIncorporationStateOrProvinceName=SP', 'jurisdictionST=sp'],
    ['organizationIdentifier=PSDGB-FCA-123456', '2.5.4.97=#0C1050534447422D4643412D313233343536'],
    // Types without a name here: what is text is compared as it is.
    ['1.2.3.4=abc', '1.2.3.4=#0C03616263'],
    ['1.2.3.4=abc', ' 1.2.3.4 = abc '],
    ['1.2.3.4=abc\\ ', '1.2.3.4="abc "'],
    ['1.2.3.4=#0500', '1.2.3.4=#0500'],
    ['2.999.1=a', '2.999.1=a'],
    // No text, whatever the type: octet by octet.
    ['CN=#0500', 'CN=#0500'],
    ['CN=#0C01FF', 'CN=#0c01ff'],
    ['CN=a+CN=b', 'CN=b+CN=a'],
    ['CN=a,CN=a', 'CN=a,CN=a'],
    ['CN=a=b#c', 'CN=a\\=b\\#c'],
  ])('%j is %j', (one, other) => {
    expect(same(one, other)).toBe(true)
    expect(same(other, one)).toBe(true)
    expect(printDistinguishedName(parseDistinguishedName(one))).not.toBe('')
  })
})

describe('not equal', () => {
  test.each([
    ['CN=app', 'CN=apq'],
    ['CN=app', 'OU=app'],
    ['CN=app', 'CN=app,O=Bank'],
    ['CN=app,O=Bank', 'O=Bank,CN=app'],
    ['CN=app,O=Bank', 'CN=app+O=Bank'],
    ['CN=a+OU=b,O=Bank', 'CN=a,OU=b+O=Bank'],
    ['CN=app,O=Bank,C=GB', 'CN=app,O=Bank,O=Bank,C=GB'],
    ['CN=a,CN=a', 'CN=a'],
    ['CN=a+CN=b', 'CN=a+CN=c'],
    ['CN=a\\,O=Bank', 'CN=a,O=Bank'],
    ['CN="a,O=Bank"', 'CN=a,O=Bank'],
    ['CN=a\\+OU=b', 'CN=a+OU=b'],
    ['SN=1', 'serialNumber=1'],
    ['C=BR', 'jurisdictionC=BR'],
    ['jurisdictionC=GB', 'jurisdictionST=GB'],
    ['O=ab', 'O=a b'],
    ['O=', 'O=a'],
    ['O=São Paulo', 'O=Sao Paulo'],
    ['O=bank', 'O=bаnk'], // The second a is Cyrillic.
    ['O=ırmak', 'O=irmak'],
    // What cannot be seen counts.
    ['CN=bank', 'CN=ba\\00nk'],
    ['CN=bank', 'CN=bank\\00.evil.example'],
    ['CN=bank', 'CN=#0C0562616E6B00'],
    ['CN=bank', 'CN=ba\u200bnk'],
    ['CN=bank', 'CN=\u202ebank'],
    ['CN=bank', 'CN=ba\u00adnk'],
    ['CN=bank', 'CN=\ufeffbank'],
    ['CN=bank', 'CN=#0C07EFBBBF62616E6B'],
    ['CN=bank', 'CN=bank\u{e0041}'],
    // Octets are no text, even if they are those of the text.
    ['C=BR', 'C=#04024252'],
    ['CN=a', 'CN=#0C01FF'],
    ['CN=\\C3\\BF', 'CN=#0C01FF'],
    ['CN=ÿ', 'CN=#1301FF'],
    ['CN=😀', 'CN=#1C080000D83D0000DE00'],
    ['1.2.3.4=#0500', '1.2.3.4=#0501AA'],
    ['1.2.3.4=#0500', '1.2.3.4=0500'],
    ['1.2.3.4=abc', '1.2.3.4=ABC'],
    ['1.2.3.4=abc', '1.2.3.4=abc\\ '],
    ['1.2.3.4=a b', '1.2.3.4=a  b'],
    ['1.2.3.4=abc', '1.2.3.5=abc'],
    ['telephoneNumber=1 2', 'telephoneNumber=13'],
    ['2.5.4.3=a', '2.5.4.33=a'],
  ])('%j is not %j', (one, other) => {
    expect(same(one, other)).toBe(false)
    expect(same(other, one)).toBe(false)
    // Different names look different.
    expect(printDistinguishedName(parseDistinguishedName(one))).not.toBe(printDistinguishedName(parseDistinguishedName(other)))
  })
})

test('a name is kept in the order of a certificate, which is not the one it is written in', () => {
  expect(parseDistinguishedName('CN=app+OU=a\\+b, O=#0C0442616E6B, 1.2.3=#0500')).toStrictEqual([
    [{ type: '1.2.3', value: { der: '0500' } }],
    [{ type: '2.5.4.10', value: 'Bank' }],
    [
      { type: '2.5.4.3', value: 'app' },
      { type: '2.5.4.11', value: 'a+b' },
    ],
  ])
})

test.each([
  ['CN=app,O=Bank,C=GB', 'C=GB,O=Bank,CN=app', true],
  ['CN=app+OU=x,C=GB', 'C=GB,OU=x+CN=app', true],
  ['CN=app,O=Bank,C=GB', 'CN=app,O=Bank,C=GB', false],
  ['CN=app,O=Bank,C=GB', 'C=GB,CN=app,O=Bank', false],
  ['CN=app,O=Bank', 'O=bench,CN=app', false],
])('%j turned round is %j: %j', (one, other, expected) => {
  expect(sameTurnedRound(parseDistinguishedName(one), parseDistinguishedName(other))).toBe(expected)
})

const AFTER_BACKSLASH = 'after a backslash must stand two hexadecimal digits or a character that needs escaping'
const AFTER_HASH = 'after # must stand one DER value in hexadecimal; a # that is a character must be escaped by a backslash'
const ESCAPE = 'this character must be escaped by a backslash'
const NO_TYPE = 'an attribute type is missing (CN, O, an object identifier, ...)'
const unknown = (type: string) => `${type} is no attribute type that is known by name: write its object identifier`

describe('what is no name', () => {
  test.each([
    ['', 'it is empty', 1],
    ['   ', 'it is empty', 1],
    ['app', unknown('app'), 1],
    ['CN', 'an equals sign must follow the attribute type CN', 3],
    ['CN app', 'an equals sign must follow the attribute type CN', 4],
    ['=app', NO_TYPE, 1],
    ['CN=app,', NO_TYPE, 8],
    ['CN=app,,O=Bank', NO_TYPE, 8],
    [',CN=app', NO_TYPE, 1],
    ['CN=app+', NO_TYPE, 8],
    ['CN=app+,O=Bank', NO_TYPE, 8],
    ['CN=app\n,\nO=Bank', NO_TYPE, 9],
    ['CN=app, FOO=bar', unknown('FOO'), 9],
    ['constructor=a', unknown('constructor'), 1],
    ['__proto__=a', NO_TYPE, 1],
    ['OID.CN=a', unknown('OID.CN'), 1],
    ['3.1.2=a', unknown('3.1.2'), 1],
    ['1.40.2=a', unknown('1.40.2'), 1],
    ['2.5.4.03=a', unknown('2.5.4.03'), 1],
    ['2.5.4.=a', unknown('2.5.4.'), 1],
    ['2=a', unknown('2'), 1],
    [`${'x'.repeat(100)}=a`, unknown('x'.repeat(40)), 1],
    ['subject=CN = app', unknown('subject'), 1],
    ['subject=', unknown('subject'), 1],
    ['/C=GB/O=Bank/CN=app', 'a name with slashes is not in the form of RFC 4514, which begins with the last RDN: CN=...,O=...,C=...', 1],
    ['CN=app\\', AFTER_BACKSLASH, 7],
    ['CN=\\', AFTER_BACKSLASH, 4],
    ['CN=a\\b', AFTER_BACKSLASH, 5],
    ['CN=a\\gg', AFTER_BACKSLASH, 5],
    ['CN="a\\x"', AFTER_BACKSLASH, 6],
    ['CN=\\C3', 'the escaped octets are not UTF-8', 4],
    ['CN=a\\C3é', 'the escaped octets are not UTF-8', 5],
    ['CN=\\C3\\28', 'the escaped octets are not UTF-8', 4],
    ['CN=\\ED\\A0\\80', 'the escaped octets are not UTF-8', 4],
    ['CN=\\C0\\80', 'the escaped octets are not UTF-8', 4],
    ['CN=\ud800', 'half of a UTF-16 pair is no character', 4],
    ['CN=a"b"', ESCAPE, 5],
    ['CN=a<b', ESCAPE, 5],
    ['CN=a>b', ESCAPE, 5],
    ['CN=a\0b', ESCAPE, 5],
    ['CN="a\0b"', ESCAPE, 6],
    ['CN="app', 'the quotation mark is never closed', 4],
    ['CN="app\\"', 'the quotation mark is never closed', 4],
    ['CN="', 'the quotation mark is never closed', 4],
    ['CN="a" b', 'a separator (comma or plus sign) must follow the value', 8],
    ['CN=#', AFTER_HASH, 5],
    ['CN=#1', AFTER_HASH, 5],
    ['CN=#1 bank', AFTER_HASH, 5],
    ['CN=#130', AFTER_HASH, 5],
    ['CN=#1302', AFTER_HASH, 5],
    ['CN=#130242', AFTER_HASH, 5],
    ['CN=#13024252FF', AFTER_HASH, 5],
    ['CN=#30800000', AFTER_HASH, 5],
    [`CN=#3080${'00'.repeat(128)}`, AFTER_HASH, 5],
    ['CN=#130242525', AFTER_HASH, 5],
    ['CN=#1384FFFFFFFF', AFTER_HASH, 5],
    ['CN=#1F8100', AFTER_HASH, 5],
    ['CN=#13024252 x', 'a separator (comma or plus sign) must follow the value', 14],
    ['CN=#13024252x', 'a separator (comma or plus sign) must follow the value', 13],
    ['CN=a+CN=a', 'the same attribute stands twice in one RDN', 6],
    ['O=b, CN=a + 2.5.4.3=\\41', 'the same attribute stands twice in one RDN', 13],
    [`CN=${'a'.repeat(8190)}`, 'it has more than 8192 characters', 8193],
  ])('%j: %s', (text, reason, position) => {
    const read = () => parseDistinguishedName(text)
    expect(read).toThrow(DistinguishedNameError)
    expect(read).toThrow(new DistinguishedNameError(reason, position).message)
    expect(read).toThrow(expect.objectContaining({ position, code: 'ERR_FAPI_DISTINGUISHED_NAME' }))
  })

  test('the nearest names that are some', () => {
    for (const text of ['2.5.4.0=a', '0.0=a', '1.39.2=a', '2.40.2=a', 'CN=', 'CN=""', 'CN=\\#', 'CN=\\C3\\A9', `CN=${'a'.repeat(8189)}`])
      expect(parseDistinguishedName(text)).toHaveLength(1)
  })
})

test.each([
  ['2.5.4.3=app,organizationName=Bank', 'CN=app,O=Bank'],
  ['OU=b+CN=a,C=GB', 'CN=a+OU=b,C=GB'],
  ['CN="a, b; c <d> \\"e\\" \\\\ f+g=h"', 'CN=a\\, b\\; c \\<d\\> \\"e\\" \\\\ f\\+g=h'],
  ['CN=\\ a \\ ', 'CN=\\ a \\ '],
  ['CN=\\#a#', 'CN=\\#a#'],
  ['CN=\\ ', 'CN=\\ '],
  ['CN=', 'CN='],
  ['O=S\\C3\\A3o  Paulo', 'O=São  Paulo'],
  ['O=日本 銀行', 'O=日本 銀行'],
  ['C=#13024252', 'C=BR'],
  ['CN=#0C01FF', 'CN=#0c01ff'],
  ['1.2.3=#0500', '1.2.3=#0500'],
  ['1.2.3=\\#0500', '1.2.3=\\#0500'],
  ['CN=a\\00b\\0a\\09\\7F', 'CN=a\\00b\\0A\\09\\7F'],
  ['CN=\u200b\u202e\u2066\u00ad\ufeff', 'CN=\\E2\\80\\8B\\E2\\80\\AE\\E2\\81\\A6\\C2\\AD\\EF\\BB\\BF'],
  ['CN=a\u00a0\u2003\u2028\u3000', 'CN=a\\C2\\A0\\E2\\80\\83\\E2\\80\\A8\\E3\\80\\80'],
  ['CN=\u115f\u3164\ufe0f\u034f\u2800\u{e0041}', 'CN=\\E1\\85\\9F\\E3\\85\\A4\\EF\\B8\\8F\\CD\\8F\\E2\\A0\\80\\F3\\A0\\81\\81'],
  ['CN=\ue000\uffff', 'CN=\\EE\\80\\80\\EF\\BF\\BF'],
])('%j is printed %j', (written, printed) => {
  expect(printDistinguishedName(parseDistinguishedName(written))).toBe(printed)
})

describe('whatever the name', () => {
  const type = fc.oneof(
    fc.constantFrom('2.5.4.3', '2.5.4.10', '2.5.4.97', '2.5.4.20', '1.2.3.4', '2.999'),
    fc.array(fc.nat(), { maxLength: 4 }).map((arcs) => ['2', '5', ...arcs].join('.')),
  )
  const value = fc.oneof(
    fc.string({ unit: 'binary', maxLength: 12 }),
    fc.string({ unit: fc.constantFrom(...' ,+;=#"\\<>\0\tabAB\u200bßé'), maxLength: 8 }),
    fc.constantFrom({ der: '0500' }, { der: '0c01ff' }, { der: '3000' }, { der: '0101ff' }),
  )
  const attribute: fc.Arbitrary<Attribute> = fc.record({ type, value })
  const rdn = fc.uniqueArray(attribute, { minLength: 1, maxLength: 3, selector: attributeKey })
  const name: fc.Arbitrary<DistinguishedName> = fc.array(rdn, { minLength: 1, maxLength: 5 })

  test('its printed form is a name, and the same', () => {
    fc.assert(
      fc.property(name, (one) => {
        const printed = printDistinguishedName(one)
        const read = parseDistinguishedName(printed)
        expect(read.map((attributes) => [...attributes].sort(byKey))).toEqual(one.map((attributes) => [...attributes].sort(byKey)))
        expect(sameDistinguishedName(read, one)).toBe(true)
        expect(printDistinguishedName(read)).toBe(printed)
        expect(printed).not.toMatch(/[\p{C}\p{Zl}\p{Zp}\p{Default_Ignorable_Code_Point}]/u)
      }),
      { numRuns: 500 },
    )
  })

  test('two that print alike are the same, and comparing them has no direction', () => {
    const few = fc.constantFrom('a', 'A', 'a ', 'ß', 'SS', 'a\0', 'b')
    const small = fc.array(
      fc.uniqueArray(fc.record({ type: fc.constantFrom('2.5.4.3', '1.2.3'), value: few }), {
        minLength: 1,
        maxLength: 2,
        selector: attributeKey,
      }),
      { maxLength: 2 },
    )
    let equal = 0
    fc.assert(
      fc.property(small, small, (one, other) => {
        const verdict = sameDistinguishedName(one, other)
        expect(sameDistinguishedName(other, one)).toBe(verdict)
        expect(sameDistinguishedName(one, one)).toBe(true)
        expect(sameTurnedRound(one, [...other].reverse())).toBe(verdict)
        if (printDistinguishedName(one) === printDistinguishedName(other)) expect(verdict).toBe(true)
        if (verdict) equal += 1
      }),
      { numRuns: 2000 },
    )
    expect(equal).toBeGreaterThan(20)
  })

  test('reading throws nothing but its own error', () => {
    const text = fc.oneof(
      fc.string({ unit: 'binary' }),
      fc.string({
        unit: fc.constantFrom('CN', 'O', '2.5.4.3', 'OID.', '=', ',', '+', ';', '"', '\\', '#', ' ', '\0', 'C3', '28', '\ud800', '😀', '<'),
      }),
      fc
        .tuple(name.map(printDistinguishedName), fc.nat(60), fc.string({ maxLength: 2 }))
        .map(([printed, at, more]) => printed.slice(0, at) + more + printed.slice(at)),
    )
    let read = 0
    fc.assert(
      fc.property(text, (written) => {
        try {
          const found = parseDistinguishedName(written)
          read += 1
          expect(found.every((attributes) => attributes.length > 0)).toBe(true)
        } catch (error) {
          if (!(error instanceof DistinguishedNameError)) throw error
          expect(error.position).toBeGreaterThan(0)
          expect(error.position).toBeLessThanOrEqual(written.length + 1)
        }
      }),
      { numRuns: 3000 },
    )
    expect(read).toBeGreaterThan(50)
  })
})

const byKey = (one: Attribute, other: Attribute) => (attributeKey(one) < attributeKey(other) ? -1 : 1)

test.each(
  ['CN=', 'CN="', 'CN=a+CN=b+', 'CN=\\', '"', 'CN=#', ',', 'a', '1.', ' ', 'CN=a'].flatMap((start) =>
    [' ', '\\', '\\41', '1.', '+', 'OU=a+', ' \\ ', '13', '"', ',', 'a', 'ﷺ'].map(
      (part) => [shown(start + part), (start + part.repeat(8192)).slice(0, 8192)] as const,
    ),
  ),
)('%s and so on for 8192 characters takes no time', async (_name, text) => {
  const [took] = await workTime(() => {
    try {
      parseDistinguishedName(text)
    } catch (error) {
      expect(error).toBeInstanceOf(DistinguishedNameError)
    }
  })
  // Milliseconds, our choice: a hundred times what it takes, and a thousandth of what quadratic time would.
  expect(took).toBeLessThan(1000)
})
