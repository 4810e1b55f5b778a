// What @peculiar/x509 is built on wants this loaded first.
import 'reflect-metadata'
import { createHash } from 'node:crypto'
import { ExtendedKeyUsage, ExtendedKeyUsageExtension, KeyUsageFlags, KeyUsagesExtension } from '@peculiar/x509'
import fc from 'fast-check'
import { CertificateError } from '../../lib/readers/certificate-error.js'
import { fromProxy } from '../../lib/readers/from-proxy.js'
import { workTime } from '../support/work-time.js'
import { FORWARDINGS, type Forwarding, type Header, requestWith } from './forwarding.js'
import { type Hostile, hostileBase64, hostileBytes, hostilePem, pemOf } from './hostile-values.js'
import { fromNow, issued, selfSigned } from './identity.js'

const MINUTE = 60_000
const root = await selfSigned('CN=Root')
const app = await issued(root, 'CN=app')
const [leaf, above] = [app.certificate, root.certificate]
const bytes = await hostileBytes(app)
const base64 = hostileBase64(leaf.raw.toString('base64'))
const pem = hostilePem(app)

type Refused = readonly [what: string, headers: readonly Header[], says: string]

/** What is said behind the complaint. */
const EXPECTED: Readonly<Record<string, string>> = {
  rfc9440: 'one byte sequence between colons (RFC 9440 §2.2)',
  nginx: 'one certificate as percent-encoded PEM',
  envoy: "one element with the client's Cert or Chain",
  haproxy: 'one certificate as DER in base64',
  apache: 'one certificate as PEM on one line',
  caddy: 'one certificate as DER in base64',
  traefik: 'certificates as DER in base64 with commas between them',
  'traefik, older': 'certificates as DER in base64 with commas between them',
  'aws-alb': 'certificates as percent-encoded PEM',
  'aws-alb-verify': 'one certificate as percent-encoded PEM',
  azure: 'one certificate as DER in base64',
  cloudflare: 'one certificate as DER in base64',
  'one of our own, PEM': 'one certificate as percent-encoded PEM',
  'one of our own, DER': 'one certificate as DER in base64',
}

const ENCODES = 'encodes characters that PEM does not have'
const NO_ASCII = 'has characters that are not printable ASCII'
const TWO = 'holds two values'
const SPACES = 'has spaces that are not percent-encoded'
const NOT_VALID = 'has percent-encoding that is not valid'
const NOT_FIRST = 'does not begin with a PEM block'
const MORE = 'holds more than PEM blocks'
const NO_BASE64 = 'holds what is no base64'
const EMPTY = 'is empty'
const MANY = 'holds more than 10 certificates'
const LONG = 'is longer than 65536 characters'
const NO_LIST = 'is no list of keys and values'
const NO_COLONS = 'is not between colons'

/** What stands between the encoding and the complaint: the same text is refused for something else where it never gets so far. */
function complaint(name: string, [, text, says]: Hostile): string {
  if (name === 'apache' && text.includes(',')) return TWO
  if (says === NO_ASCII) return isPercentEncoded(name) ? ENCODES : says
  if (name === 'envoy' && text.includes('"')) return NO_LIST
  return name === 'envoy' && /[\t\r]/.test(text) ? SPACES : says
}

const isPercentEncoded = (name: string) => ['nginx', 'aws-alb', 'aws-alb-verify', 'one of our own, PEM', 'traefik, older'].includes(name)

/** Texts and bytes, as a kind of proxy would write them if it wrote such things. */
function wrapped(name: string, { header, wrap, holds }: Forwarding): Refused[] {
  const fromBytes = bytes.map(([what, raw, says]): Hostile => [what, raw.toString('base64'), says])
  const texts =
    holds === 'base64'
      ? [...fromBytes, ...base64]
      : [...pem, ...[...fromBytes, ...base64].map(([what, text, says]): Hostile => [what, pemOf(text), says])]
  return texts
    .map((hostile): Refused => [hostile[0], [[header, wrap(hostile[1])]], complaint(name, hostile)])
    .filter(([, headers]) => headers[0]?.[1] !== '')
}

/** What may go wrong with any header. */
function anyHeader(name: string, { header, write }: Forwarding): Refused[] {
  const sent: Header = [header, write(leaf)]
  const joined = `${write(leaf)}, ${write(above)}`
  const saysOfJoined = name === 'envoy' ? 'has more than one element' : name.startsWith('traefik') ? SPACES : TWO
  return [
    ['two headers', [sent, [header, write(above)]], 'came 2 times'],
    ['the same header twice', [sent, sent], 'came 2 times'],
    ['the same header in another case', [sent, [header.toUpperCase(), write(above)]], 'came 2 times'],
    ['an empty header before it', [[header, ''], sent], 'came 2 times'],
    ['an empty header behind it', [sent, [header, '']], 'came 2 times'],
    ['a thousand headers', Array(1000).fill(sent), 'came 1000 times'],
    ['two values', [[header, joined]], saysOfJoined],
    ...['A', '=', '-', ' ', ',', ';', ':', '"', '%', '%41', '\\', 'Cert=', 'Cert=";', '-----BEGIN CERTIFICATE-----', 'é', '\0'].map(
      (text): Refused => [`100 kB of ${JSON.stringify(text)}`, [[header, text.repeat(100_000 / text.length)]], LONG],
    ),
    ['a megabyte of itself', [[header, write(leaf).repeat(1000)]], LONG],
    ['a full-width comma', [[header, `${write(leaf)}，`]], NO_ASCII],
    ['bytes as HTTP reads them', [[header, '\xc0\xaf\xff']], NO_ASCII],
  ]
}

/** RFC 3986 §2.1. `put` makes a value of percent-encoded text. */
function percentEncoded(header: string, put: (text: string) => string, good: string): Refused[] {
  const values: readonly Hostile[] = [
    ['a percent sign at its end', `${good}%`, NOT_VALID],
    ['half an octet at its end', `${good}%2`, NOT_VALID],
    ['an octet that is no hex', good.replace('%20', '%2g'), NOT_VALID],
    ['%u0041', `%u0041${good}`, NOT_VALID],
    ['an overlong slash', `${good}%C0%AF`, NOT_VALID],
    ['a longer overlong slash', `${good}%E0%80%AF`, NOT_VALID],
    ['an overlong NUL', `${good}%C0%80`, NOT_VALID],
    ['half a character', `${good}%C3`, NOT_VALID],
    ['a continuation alone', `${good}%80`, NOT_VALID],
    ['a surrogate', `${good}%ED%A0%80`, NOT_VALID],
    ['a character beyond Unicode', `${good}%F5%80%80%80`, NOT_VALID],
    ['NUL', `${good}%00`, ENCODES],
    ['a byte order mark', `%EF%BB%BF${good}`, ENCODES],
    ['a no-break space', `${good}%C2%A0`, ENCODES],
    ['a letter of Latin-1', `${good}%C3%A9`, ENCODES],
    ['itself percent-encoded again', encodeURIComponent(good), NOT_FIRST],
    ['only its percent signs percent-encoded again', good.replaceAll('%', '%25'), NOT_FIRST],
    ['a plus for each space', good.replaceAll('%20', '+'), NOT_FIRST],
    ['spaces as they are', good.replaceAll('%20', ' '), SPACES],
    ['a tab in it', good.replace('%0A', '\t'), SPACES],
    ['line breaks as they are', good.replaceAll('%0A', '\n'), SPACES],
    ['a header behind it', `${good}%0D%0AX-SSL-Client-Verify:%20SUCCESS`, MORE],
    ['a query behind it', `${good}&verify=SUCCESS`, MORE],
  ]
  return values.map(([what, text, says]) => [what, [[header, put(text)]], says])
}

function byteSequences({ write }: Forwarding): Refused[] {
  const good = write(leaf)
  const inside = good.slice(1, -1)
  const values: readonly Hostile[] = [
    ['no colons', inside, NO_COLONS],
    ['no first colon', `${inside}:`, NO_COLONS],
    ['no last colon', `:${inside}`, NO_COLONS],
    ['a colon', ':', NO_COLONS],
    ['nothing between colons', '::', EMPTY],
    ['nothing but padding', ':=:', NO_BASE64],
    ['a space between colons', ': :', NO_BASE64],
    ['a space behind the first colon', `: ${inside}:`, NO_BASE64],
    ['a parameter', `${good};verified`, NO_COLONS],
    ['a parameter with a value', `${good};verified=?1`, NO_COLONS],
    ['a parameter that is a byte sequence', `${good};a=${good}`, NO_BASE64],
    ['an inner list', `(${good})`, NO_COLONS],
    ['a string', `"${inside}"`, NO_COLONS],
    ['a token', 'none', NO_COLONS],
    ['a boolean', '?1', NO_COLONS],
    ['an integer', '42', NO_COLONS],
    ['two byte sequences', `${good} ${good}`, NO_BASE64],
    ['two byte sequences in one', `:${inside}::${inside}:`, NO_BASE64],
    ['a comma behind it', `${good},`, TWO],
    ['PEM', leaf.toString().replaceAll('\n', ' '), NO_COLONS],
  ]
  return values.map(([what, text, says]) => [what, [['Client-Cert', text]], says])
}

function xfccElements({ write, wrap, header }: Forwarding): Refused[] {
  const good = write(leaf)
  const cert = wrap(leaf.toString()).replace(/^By=[^;]*;/, '')
  const other = wrap(above.toString()).replace(/^By=[^;]*;/, '')
  const chain = (...certificates: readonly (typeof leaf)[]) => wrap(certificates.join('')).replace(/^By=[^;]*;Cert/, 'Chain')
  const hash = leaf.fingerprint256.replaceAll(':', '').toLowerCase()
  const values: readonly Hostile[] = [
    ['two elements', `${good},${good}`, 'has more than one element'],
    ['an element that somebody sent before', `By=x;${other},${good}`, 'has more than one element'],
    ['an empty element behind it', `${good},`, 'has more than one element'],
    [
      'neither Cert nor Chain',
      `By=spiffe://bank.example/api;Hash=${hash};Subject="CN=app";URI=https://app.example/`,
      'has neither Cert nor Chain',
    ],
    ['only a Hash', `Hash=${hash}`, 'has neither Cert nor Chain'],
    ['an empty Cert', 'Cert=""', EMPTY],
    ['an empty Cert without quotes', 'Cert=', EMPTY],
    ['an empty Chain next to its Cert', `${cert};Chain=""`, EMPTY],
    ['two Certs', `${cert};${other}`, 'repeats its key cert'],
    ['two Certs in two cases', `${cert};${other.replace('Cert', 'cERT')}`, 'repeats its key cert'],
    ['the same Cert twice', `${cert};${cert}`, 'repeats its key cert'],
    ['two Chains', `${cert};${chain(leaf)};${chain(leaf, above)}`, 'repeats its key chain'],
    ['two Hashes', `Hash=${hash};Hash=${hash};${cert}`, 'repeats its key hash'],
    ['the Hash of another certificate', `Hash=${above.fingerprint256.replaceAll(':', '')};${cert}`, 'has the Hash of another certificate'],
    ['a Hash with colons', `Hash=${leaf.fingerprint256};${cert}`, 'has the Hash of another certificate'],
    ['an empty Hash', `Hash=;${cert}`, 'has the Hash of another certificate'],
    ['several certificates as its Cert', wrap(`${leaf}${above}`), 'holds 2 certificates as Cert'],
    ['a Chain that begins with another certificate', `${cert};${chain(above, leaf)}`, 'has a Chain that does not begin with its Cert'],
    ['a Chain without the client', `${cert};${chain(above)}`, 'has a Chain that does not begin with its Cert'],
    ['a Chain of eleven', chain(...Array(11).fill(leaf)), MANY],
    [
      'a Cert in the name of a client that signs itself',
      `Hash=${hash};URI=https://a;${other}`,
      'has its cert behind what the client chose',
    ],
    ['a Cert behind the Subject', `Subject="";${cert}`, 'has its cert behind what the client chose'],
    ['a Cert behind a key that nobody knows', `Email=a@b;${cert}`, 'has its cert behind what the client chose'],
    ['a Chain behind a name', `DNS=a.example;${chain(leaf)}`, 'has its chain behind what the client chose'],
    ['a Hash behind a name', `${cert};URI=https://a;Hash=${hash}`, 'has its hash behind what the client chose'],
    ['a key without a value', 'Cert', NO_LIST],
    ['a value without a key', `="${leaf.fingerprint256}"`, NO_LIST],
    ['an empty pair', `;${cert}`, NO_LIST],
    ['an empty pair in its middle', `By=x;;${cert}`, NO_LIST],
    ['a space before its key', ` ${cert}`, NO_LIST],
    ['a space behind its semicolon', `By=x; ${cert}`, NO_LIST],
    ['a colon for its equals sign', cert.replace('=', ':'), NO_LIST],
    ['a quoted value without its end', cert.slice(0, -1), 'has a quoted value without its end'],
    ['an end that is escaped', `${cert.slice(0, -1)}\\"`, 'has a quoted value without its end'],
    ['a backslash at its end', `${cert.slice(0, -1)}\\`, 'has a quoted value without its end'],
    ['text behind a quoted value', `${cert}x`, NO_LIST],
    ['a quote in a value without quotes', `${cert};URI=https://a"b`, NO_LIST],
    ['single quotes', cert.replaceAll('"', "'"), NOT_FIRST],
    ['a key with a dash', `X-Cert="x";${cert}`, NO_LIST],
    ['a key of prototypes', `__proto__="x";${cert}`, NO_LIST],
    ['a constructor', `constructor="x";${cert}`, 'has its cert behind what the client chose'],
    ['a list of them as JSON', '[{"Cert":""}]', NO_LIST],
    ['thirty thousand semicolons', ';'.repeat(30_000), NO_LIST],
    ['ten thousand pairs', 'By=x;'.repeat(10_000), 'has neither Cert nor Chain'],
    ['thirty thousand quotes', `Cert=${'"'.repeat(30_000)}`, NO_LIST],
    ['thirty thousand backslashes', `Cert="${'\\'.repeat(30_000)}`, 'has a quoted value without its end'],
    ['as another kind writes it', encodeURIComponent(leaf.toString()), NO_LIST],
  ]
  return values.map(([what, text, says]) => [what, [[header, text]], says])
}

function lists({ header, write }: Forwarding): Refused[] {
  const good = write(leaf)
  const values: readonly Hostile[] = [
    ['a comma behind it', `${good},`, EMPTY],
    ['a comma before it', `,${good}`, EMPTY],
    ['two commas', `${good},,${good}`, EMPTY],
    ['only commas', ',,,', EMPTY],
    ['eleven certificates', write(...Array(11).fill(leaf)), MANY],
    ['sixty thousand commas', ','.repeat(60_000), MANY],
    ['a semicolon between them', `${good};${good}`, NO_BASE64],
    ['a good one and another', `${good},AAAA`, 'holds what is no DER'],
    ['PEM', leaf.toString().replaceAll('\n', ' '), SPACES],
    ['PEM without white space', leaf.toString().replaceAll(/\s/g, ''), 'holds PEM'],
    ['percent-encoded PEM', encodeURIComponent(leaf.toString()), 'holds PEM'],
    ['percent-encoded twice', encodeURIComponent(encodeURIComponent(leaf.raw.toString('base64'))), NO_BASE64],
    ['a percent sign at its end', `${good}%`, NOT_VALID],
    ['an encoded NUL', `${good}%00`, ENCODES],
  ]
  return values.map(([what, text, says]) => [what, [[header, text]], says])
}

/** What only this kind of proxy can get wrong. */
function own(name: string, forwarding: Forwarding): Refused[] {
  const { header, write, wrap } = forwarding
  if (name === 'rfc9440') return byteSequences(forwarding)
  if (name.startsWith('traefik')) return lists(forwarding)
  if (name === 'envoy') {
    const put = (text: string) => wrap('').replace('""', `"${text}"`)
    return [...xfccElements(forwarding), ...percentEncoded(header, put, wrap(leaf.toString()).split('"')[1] ?? '')]
  }
  if (isPercentEncoded(name)) return percentEncoded(header, (text) => text, write(leaf))
  return [['the value of another kind', [[header, encodeURIComponent(leaf.toString())]], name === 'apache' ? NOT_FIRST : 'holds PEM']]
}

const refusedBy = (name: string, forwarding: Forwarding) => [
  ...wrapped(name, forwarding),
  ...anyHeader(name, forwarding),
  ...own(name, forwarding),
]

/** What reading throws, or what comes out. */
function outcome({ kind }: Forwarding, headers: readonly Header[]): unknown {
  try {
    return fromProxy(kind, { trusts: ['10.0.0.2'] })(requestWith(headers))
  } catch (error) {
    return error
  }
}

describe.each(Object.entries(FORWARDINGS))('%s', (name, forwarding) => {
  const refused = refusedBy(name, forwarding)
  const { header, write, holds } = forwarding

  test('is tried with sixty bad inputs, of which no two have one name', () => {
    expect(new Set(refused.map(([what]) => what)).size).toBeGreaterThanOrEqual(60)
  })

  test('is read when nothing is wrong', () => {
    expect(outcome(forwarding, [[header, write(leaf)]])).toMatchObject({ x509: { subject: 'CN=app' } })
  })

  test.each(refused)('refuses %s', (_what, headers, says) => {
    const error = outcome(forwarding, headers)
    expect(error).toBeInstanceOf(CertificateError)
    const { kind, message } = error as CertificateError
    expect([kind, message.toLowerCase()]).toEqual(['malformed', `${header} ${says}, where ${EXPECTED[name]} should be`.toLowerCase()])
  })

  test('says nothing of what it was sent', () => {
    for (const [, headers] of refused) {
      const { message } = outcome(forwarding, headers) as CertificateError
      expect(message).toMatch(/^[\x20-\x7e§]{1,200}$/)
      expect(message).not.toMatch(/MII|PRIVATE|SUCCESS/)
    }
  })

  test('takes no longer for what is long', async () => {
    const long = refused.filter(([, headers]) => (headers[0]?.[1].length ?? 0) > 20_000)
    const [took] = await workTime(() => {
      for (const [, headers] of long) outcome(forwarding, headers)
    })
    // Milliseconds; a quadratic reader takes seconds for one of them.
    expect(took).toBeLessThan(50 * long.length)
  })

  test(`holds ${holds}`, () => {
    expect(write(leaf).includes('BEGIN')).toBe(holds === 'PEM')
  })
})

describe('a certificate that is read and must not be used', () => {
  const { keyCertSign, keyEncipherment, digitalSignature } = KeyUsageFlags
  const usages =
    (...names: readonly ExtendedKeyUsage[]) =>
    () => ({ extensions: [new ExtendedKeyUsageExtension([...names])] })
  const flags = (usage: number) => () => ({ extensions: [new KeyUsagesExtension(usage, true)] })
  const { serverAuth, clientAuth } = ExtendedKeyUsage

  test.each([
    ['has expired', () => ({ notAfter: fromNow(-MINUTE) }), 'the client certificate has expired, it was valid until '],
    ['is not valid yet', () => ({ notBefore: fromNow(MINUTE) }), 'the client certificate is not valid before '],
    ['is for servers', usages(serverAuth), 'the client certificate was not made for TLS clients (extendedKeyUsage)'],
    ['is for issuing', flags(keyCertSign), 'the client certificate was not made for signatures (keyUsage)'],
    ['is for encryption', flags(keyEncipherment), 'the client certificate was not made for signatures (keyUsage)'],
  ])('%s', async (_what, change, says) => {
    const { certificate } = await selfSigned('CN=app', 'P-256', change())
    for (const forwarding of Object.values(FORWARDINGS)) {
      const error = outcome(forwarding, [[forwarding.header, forwarding.write(certificate)], ...forwarding.yes])
      expect(error).toMatchObject({ name: 'CertificateError', kind: 'unusable', message: expect.stringContaining(says) })
    }
  })

  test('has a weak key', async () => {
    const { certificate } = await selfSigned('CN=app', 'RSA 1024')
    for (const forwarding of Object.values(FORWARDINGS)) {
      const error = outcome(forwarding, [[forwarding.header, forwarding.write(certificate)], ...forwarding.yes])
      const message = 'the client certificate is an RSA key of 1024 bits, at least 2048 are required'
      expect(error).toMatchObject({ kind: 'unusable', message })
    }
  })

  test.each([
    ['is for clients', usages(clientAuth)],
    ['is for clients and servers', usages(serverAuth, clientAuth)],
    ['is for signatures', flags(digitalSignature)],
    ['is about to expire', () => ({ notAfter: fromNow(5 * MINUTE) })],
    ['became valid just now', () => ({ notBefore: fromNow(-1000) })],
  ])('is not one that %s', async (_what, change) => {
    const { certificate } = await selfSigned('CN=app', 'P-256', change())
    for (const forwarding of Object.values(FORWARDINGS)) {
      expect(outcome(forwarding, [[forwarding.header, forwarding.write(certificate)]])).toHaveProperty('x509')
    }
  })
})

describe.each(Object.entries(FORWARDINGS))('whatever is sent to %s', (_name, forwarding) => {
  const { header, write, isChain, above: beside } = forwarding
  const good = isChain ? write(leaf, above) : write(leaf)
  /** Nothing comes out that did not stand in the header. */
  const isHarmless = (value: string) => {
    const result = outcome(forwarding, [[header, value], ...forwarding.yes])
    if (result === undefined || result instanceof CertificateError) return true
    const { x509 } = result as { readonly x509: typeof leaf }
    return plainBase64(value).includes(x509.raw.toString('base64'))
  }

  test('is read or refused: any text', () => {
    fc.assert(fc.property(fc.string({ unit: 'binary', maxLength: 2000 }), isHarmless))
  })

  test('is read or refused: the pieces of a header in any order', () => {
    const pieces = [
      ...good.split(/(?<=[-:;,="% ])/).slice(0, 60),
      '%',
      ':',
      ',',
      ';',
      '"',
      '=',
      ' ',
      '%0A',
      '-----BEGIN%20CERTIFICATE-----',
      'MIIB',
    ]
    fc.assert(
      fc.property(fc.array(fc.constantFrom(...pieces), { maxLength: 40 }), (parts) => isHarmless(parts.join(''))),
      { numRuns: 300 },
    )
  })

  test('is read or refused: a good header with a change in it', () => {
    const place = fc.nat(good.length)
    const change = fc.record({ from: place, length: fc.nat(8), text: fc.string({ unit: 'binary', maxLength: 8 }) })
    fc.assert(
      fc.property(fc.array(change, { minLength: 1, maxLength: 3 }), (changes) =>
        isHarmless(changes.reduce((text, { from, length, text: put }) => text.slice(0, from) + put + text.slice(from + length), good)),
      ),
      { numRuns: 500 },
    )
  })

  test('is read or refused: a certificate with a change in its bytes', () => {
    const change = fc.record({ at: fc.nat(leaf.raw.length - 1), byte: fc.nat(255) })
    fc.assert(
      fc.property(fc.array(change, { minLength: 1, maxLength: 4 }), (changes) => {
        const raw = Buffer.from(leaf.raw)
        for (const { at, byte } of changes) raw[at] = byte
        const result = outcome(forwarding, [[header, writtenAs(forwarding, raw)]])
        return result instanceof CertificateError || (result as { readonly x509: typeof leaf }).x509.raw.equals(raw)
      }),
      { numRuns: 500 },
    )
  })

  if (beside)
    test('is read or refused: any chain beside a good certificate, which comes out as it is', () => {
      const chain = beside.write(above, leaf)
      const value = fc.oneof(
        fc.string({ unit: 'binary', maxLength: 500 }),
        fc.tuple(fc.nat(chain.length), fc.string({ maxLength: 3 })).map(([at, text]) => chain.slice(0, at) + text + chain.slice(at + 1)),
      )
      fc.assert(
        fc.property(value, (text) => {
          const result = outcome(forwarding, [
            [header, write(leaf)],
            [beside.header, text],
          ])
          return result instanceof CertificateError || (result as { readonly x509: typeof leaf }).x509.raw.equals(leaf.raw)
        }),
        { numRuns: 300 },
      )
    })
})

/** As a proxy would write a certificate of these bytes. */
const writtenAs = ({ write }: Forwarding, raw: Buffer) =>
  write({
    ...{ raw, fingerprint256: createHash('sha256').update(raw).digest('hex'), toString: () => pemOf(raw.toString('base64')) },
  } as unknown as typeof leaf)

/** The base64 in a value, whatever is around it. */
function plainBase64(value: string): string {
  try {
    return decodeURIComponent(value).replaceAll(/\s/g, '')
  } catch {
    return value
  }
}
