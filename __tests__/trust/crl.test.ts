import { execFileSync } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync, statSync, unlinkSync, utimesSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { jest } from '@jest/globals'
import { IssuingDistributionPoint } from 'pkijs'
import { type RevocationOptions, type TrustNote, trust } from '../../lib/trust/index.js'
import { later } from '../support/clock.js'
import { workTime } from '../support/work-time.js'
import { authority, crlOf, extension, issue, outcome, type Party, request, shows, uri, x509 } from './pki.js'

const folder = mkdtempSync(join(tmpdir(), 'crl-'))
afterAll(() => rmSync(folder, { recursive: true }))

let written = 0
/** The path of a file that holds this. */
function fileOf(content: string | Uint8Array): string {
  written += 1
  const path = join(folder, `${written}.crl`)
  writeFileSync(path, content)
  return path
}

const root = await authority('CN=Root')
const middle = await authority('CN=Middle', { by: root })
const good = await issue('CN=Good', { by: root })
const bad = await issue('CN=Bad', { by: root })
const below = await issue('CN=Below', { by: middle })

const revocation = (files: readonly string[], whenUnknown: RevocationOptions['whenUnknown'] = 'refuse') => ({ crl: { files }, whenUnknown })
const ask = (party: Party, files: readonly string[], whenUnknown?: RevocationOptions['whenUnknown'], chain: readonly Party[] = []) =>
  outcome({ ca: root.pem, revocation: revocation(files, whenUnknown) }, party, chain)
const toDer = (pem: string) => Buffer.from(pem.replaceAll(/-----[^-]+-----|\s/g, ''), 'base64')

const list = await crlOf(root, { revoked: [{ party: bad }] })
const REVOKED = 'CN=Bad was revoked on 2026-01-02T03:04:05Z (keyCompromise), says the CRL of CN=Root'

describe('a list', () => {
  test.each([
    ['as PEM', () => [fileOf(list)]],
    ['as DER', () => [fileOf(toDer(list))]],
    ['as PEM with words around it', () => [fileOf(`Certificate Revocation List:\n    Version 2\n${list}\n`)]],
    ['beside one of another authority', async () => [fileOf(`${await crlOf(middle)}\n${list}`)]],
    ['in the second file', async () => [fileOf(await crlOf(middle)), fileOf(list)]],
  ])('%s lets in who is not in it, and nobody else', async (_form, files) => {
    const named = await files()
    expect(await ask(good, named)).toBe('chain')
    expect(await ask(bad, named)).toBe(REVOKED)
    expect(await ask(bad, named, 'accept')).toBe(REVOKED)
  })

  test('that names nobody lets everybody in', async () => {
    expect(await ask(bad, [fileOf(await crlOf(root))])).toBe('chain')
  })

  test.each([
    [x509.X509CrlReason.unspecified, /CN=Bad was revoked/],
    [x509.X509CrlReason.certificateHold, /\(certificateHold\)/],
    [x509.X509CrlReason.removeFromCRL, /\(removeFromCRL\)/],
  ])('revokes for the reason %s too', async (reason, said) => {
    expect(await ask(bad, [fileOf(await crlOf(root, { revoked: [{ party: bad, reason }] }))], 'accept')).toMatch(said)
  })

  test('knows serial numbers with their sign bit, and short ones', async () => {
    for (const serial of ['01', '80', '00ff', '7f00000000000000000000000000000000000001']) {
      const [party, other] = [await issue('CN=Odd', { by: root, serial }), await issue('CN=Odd', { by: root, serial: `${serial}01` })]
      const files = [fileOf(await crlOf(root, { revoked: [{ party }] }))]
      expect(await ask(party, files)).toMatch(/CN=Odd was revoked/)
      expect(await ask(other, files)).toBe('chain')
    }
  })

  test('by Ed25519 is one', async () => {
    const ca = await authority('CN=Edwards', { kind: 'Ed25519' })
    const app = await issue('CN=App', { by: ca })
    const asked = async (revoked: boolean) =>
      outcome({ ca: ca.pem, revocation: revocation([fileOf(await crlOf(ca, { revoked: revoked ? [{ party: app }] : [] }))]) }, app)
    expect(await asked(false)).toBe('chain')
    expect(await asked(true)).toMatch(/was revoked/)
  })
})

describe('an authority below', () => {
  test('that was revoked takes its clients with it', async () => {
    const files = async (revoked: readonly Party[]) => [
      fileOf(await crlOf(root, { revoked: revoked.map((party) => ({ party })) })),
      fileOf(await crlOf(middle)),
    ]
    expect(await ask(below, await files([middle]), 'accept', [middle])).toMatch(/^CN=Middle was revoked/)
    expect(await ask(below, await files([bad]), 'refuse', [middle])).toBe('chain')
  })

  test('of which nothing is known leaves its clients unknown', async () => {
    const files = [fileOf(await crlOf(middle))]
    expect(await ask(below, files, 'refuse', [middle])).toBe('revocation status unknown: there is no CRL of CN=Root')
    expect(await ask(below, files, 'accept', [middle])).toBe('chain')
  })

  test('that was revoked does not bar another way up', async () => {
    const other = await authority('CN=Other')
    const crossed = await authority('CN=Middle', { by: other, keys: middle.keys })
    const files = [fileOf(await crlOf(root, { revoked: [{ party: middle }] })), fileOf(await crlOf(middle)), fileOf(await crlOf(other))]
    const options = { ca: [root.pem, other.pem], revocation: revocation(files) }
    expect(await outcome(options, below, [middle, crossed])).toBe('chain')
    expect(await outcome(options, below, [middle])).toMatch(/CN=Middle was revoked/)
  })
})

const namesake = await authority('CN=Root')
const scope = (given: ConstructorParameters<typeof IssuingDistributionPoint>[0]) => [
  extension('2.5.29.28', true, new IssuingDistributionPoint(given).toSchema().toBER()),
]
const integer = new Uint8Array([0x02, 0x01, 0x01])
const tampered = () => {
  const der = toDer(list)
  // The last octet is within the signature.
  der[der.length - 1] = (der[der.length - 1] ?? 0) ^ 1
  return der
}

describe('nothing is known from a list', () => {
  test.each<[string, RegExp, () => Promise<string | Uint8Array>]>([
    ['of another authority', /there is no CRL of CN=Root/, () => crlOf(middle)],
    ['of another authority of that name', /the CRL of CN=Root is not signed by its key/, () => crlOf(namesake)],
    ['whose signature was changed', /is not signed by its key/, async () => tampered()],
    ['that has run out', /the CRL of CN=Root has run out at 20/, () => crlOf(root, { from: -3, to: -1 })],
    ['that is to come', /which is to come/, () => crlOf(root, { from: 1, to: 2 })],
    ['that does not say until when it holds', /does not say until when it holds/, () => crlOf(root, { to: false })],
    ['signed with SHA-1', /cannot be verified: signed with SHA-1/, () => crlOf(root, { algorithm: { name: 'ECDSA', hash: 'SHA-1' } })],
    ['of changes only', /is a delta CRL/, () => crlOf(root, { extensions: [extension('2.5.29.27', true, integer)] })],
    ['of others', /is an indirect CRL/, () => crlOf(root, { extensions: scope({ indirectCRL: true }) })],
    ['of some reasons', /covers some reasons only/, () => crlOf(root, { extensions: scope({ onlySomeReasons: 0x40 }) })],
    [
      'of attribute certificates',
      /covers attribute certificates only/,
      () => crlOf(root, { extensions: scope({ onlyContainsAttributeCerts: true }) }),
    ],
    ['of authorities', /covers authorities only/, () => crlOf(root, { extensions: scope({ onlyContainsCACerts: true }) })],
    [
      'of another distribution point',
      /is for another distribution point/,
      () => crlOf(root, { extensions: scope({ distributionPoint: [uri('http://ca.example/2.crl')] }) }),
    ],
    [
      'with a critical extension that is not known',
      /critical extension 1.3.6.1.4.1.99999.1/,
      () => crlOf(root, { extensions: [extension('1.3.6.1.4.1.99999.1', true, integer)] }),
    ],
    [
      'with a scope that cannot be read',
      /2.5.29.28 cannot be read/,
      () => crlOf(root, { extensions: [extension('2.5.29.28', true, integer)] }),
    ],
  ])('%s', async (_what, reason, make) => {
    const [file, ordinary] = [fileOf(await make()), fileOf(list)]
    expect(await ask(good, [file])).toMatch(reason)
    expect(await ask(good, [file])).toMatch(/^revocation status unknown: /)
    expect(await ask(good, [file], 'accept')).toBe('chain')
    expect(await ask(good, [file, ordinary])).toBe('chain')
    expect(await ask(bad, [file, ordinary])).toBe(REVOKED)
  })

  test('by an authority that may not sign lists', async () => {
    const ca = (usage: x509.KeyUsageFlags) => authority('CN=CA', { usage })
    const asked = async (by: Party) =>
      outcome({ ca: by.pem, revocation: revocation([fileOf(await crlOf(by))]) }, await issue('CN=App', { by }))
    expect(await asked(await ca(x509.KeyUsageFlags.keyCertSign))).toMatch(/by a key that may not sign CRLs/)
    expect(await asked(await ca(x509.KeyUsageFlags.keyCertSign | x509.KeyUsageFlags.cRLSign))).toBe('chain')
  })
})

describe('a list for some certificates', () => {
  test('covers the clients where it covers users only, and authorities where those', async () => {
    const [users, authorities] = [
      await crlOf(root, { extensions: scope({ onlyContainsUserCerts: true }) }),
      await crlOf(root, { extensions: scope({ onlyContainsCACerts: true }) }),
    ]
    const own = fileOf(await crlOf(middle))
    expect(await ask(good, [fileOf(users)])).toBe('chain')
    expect(await ask(below, [own, fileOf(users)], 'refuse', [middle])).toMatch(/does not cover authorities/)
    expect(await ask(below, [own, fileOf(authorities)], 'refuse', [middle])).toBe('chain')
  })

  test('covers those that name its distribution point', async () => {
    const url = 'http://ca.example/1.crl'
    const pointed = await issue('CN=Pointed', { by: root, extensions: [new x509.CRLDistributionPointsExtension([url])] })
    const file = fileOf(await crlOf(root, { extensions: scope({ distributionPoint: [uri('ldap://ca.example'), uri(url)] }) }))
    expect(await ask(pointed, [file])).toBe('chain')
    expect(await ask(good, [file])).toMatch(/is for another distribution point/)
  })
})

describe('a list that has run out', () => {
  const old = { from: -3, to: -1 }

  test('still revokes, whatever is to happen with the unknown', async () => {
    const file = fileOf(await crlOf(root, { ...old, revoked: [{ party: bad }] }))
    expect(await ask(bad, [file], 'accept')).toMatch(/CN=Bad was revoked/)
    expect(await ask(good, [file], 'accept')).toBe('chain')
  })

  test('says nothing any more beside one that has not', async () => {
    const files = [fileOf(await crlOf(root, { ...old, revoked: [{ party: bad }] })), fileOf(await crlOf(root))]
    expect(await ask(bad, files)).toBe('chain')
  })

  test('runs out while the server runs', async () => {
    const source = trust({ certificate: shows(good), ca: root.pem, revocation: revocation([fileOf(await crlOf(root, { to: 0.5 }))]) })
    expect((await source(request()))?.verified).toBe('chain')
    expect(await later(3600, async () => source(request()))).toMatchObject({
      verified: false,
      unverified: expect.stringMatching(/has run out/),
    })
  })
})

describe('a file', () => {
  const warnings = jest.spyOn(process, 'emitWarning').mockImplementation(() => {})
  beforeEach(() => warnings.mockClear())
  afterAll(() => warnings.mockRestore())

  const watching = (file: string) => trust({ certificate: shows(bad), ca: root.pem, revocation: revocation([file], 'accept') })
  const seen = async (source: ReturnType<typeof watching>, seconds: number) =>
    (await later(seconds, async () => source(request())))?.verified

  test('that changes is read again', async () => {
    const file = fileOf(await crlOf(root))
    const source = watching(file)
    expect(await seen(source, 0)).toBe('chain')
    writeFileSync(file, list)
    expect(await seen(source, 2)).toBe(false)
    writeFileSync(file, await crlOf(root))
    expect(await seen(source, 4)).toBe('chain')
  })

  test('that changes is read again though it has the same size and date', async () => {
    const ca = await authority('CN=Edwards', { kind: 'Ed25519' })
    const [app, other] = [await issue('CN=App', { by: ca, serial: '7001' }), await issue('CN=Other', { by: ca, serial: '7002' })]
    const file = fileOf(await crlOf(ca, { revoked: [{ party: other }] }))
    const date = new Date('2026-01-01T00:00:00Z')
    utimesSync(file, date, date)
    const source = trust({ certificate: shows(app), ca: ca.pem, revocation: revocation([file]) })
    const before = statSync(file)
    expect(await seen(source, 0)).toBe('chain')
    writeFileSync(file, await crlOf(ca, { revoked: [{ party: app }] }))
    utimesSync(file, date, date)
    expect([statSync(file).size, statSync(file).mtimeMs, statSync(file).ino]).toEqual([before.size, before.mtimeMs, before.ino])
    expect(await seen(source, 2)).toBe(false)
  })

  test('that changes under a hundred requests is read by all of them', async () => {
    const file = fileOf(await crlOf(root))
    const source = watching(file)
    expect(await seen(source, 0)).toBe('chain')
    writeFileSync(file, list)
    const found = await later(2, async () => Promise.all(Array.from({ length: 100 }, () => source(request()))))
    expect(found.map((one) => one?.verified)).toEqual(Array(100).fill(false))
  })

  test.each<[string, (file: string) => void]>([
    ['is emptied', (file) => writeFileSync(file, '')],
    ['is cut short', (file) => writeFileSync(file, toDer(list).subarray(0, 100))],
    ['goes away', (file) => unlinkSync(file)],
  ])('that %s leaves what was in it', async (_what, spoil) => {
    const file = fileOf(list)
    const source = watching(file)
    expect(await seen(source, 0)).toBe(false)
    spoil(file)
    expect(await seen(source, 2)).toBe(false)
    expect(await seen(source, 3.5)).toBe(false)
    expect(warnings).toHaveBeenCalledTimes(1)
    expect(warnings).toHaveBeenCalledWith(expect.stringContaining(`the CRL file ${file} could not be read`), { code: 'FAPI_TRUST' })
    writeFileSync(file, await crlOf(root))
    expect(await seen(source, 5)).toBe('chain')
  })

  test('of a hundred thousand entries is read within a second', async () => {
    const file = fileOf(large(100_000))
    const [took, source] = await workTime(() => watching(file))
    expect(await seen(source, 0)).toBe(false)
    expect(took).toBeLessThan(1000)
  })
})

test('the operator is told of who is let in without an answer', async () => {
  const notes: TrustNote[] = []
  const options = {
    ca: root.pem,
    revocation: revocation([fileOf(await crlOf(middle))], 'accept'),
    record: (note: TrustNote) => void notes.push(note),
  }
  expect(await outcome(options, good)).toBe('chain')
  expect(notes).toEqual([
    {
      at: expect.any(Number),
      subject: 'CN=Good',
      thumbprint: expect.stringMatching(/^[\w-]{43}$/),
      trusted: true,
      reason: 'revocation status unknown: there is no CRL of CN=Root',
    },
  ])
})

/** A list of many entries, with the bad one among them, signed by the root. */
function large(count: number): Buffer {
  const at = (name: string) => join(folder, name)
  const entries = Array.from({ length: count }, (_, number) => (0x10000000 + number).toString(16).toUpperCase())
  const rows = [...entries, bad.certificate.serialNumber].map(
    (serial) => `R\t400101000000Z\t260102030405Z,keyCompromise\t${serial}\tunknown\t/CN=${serial}\n`,
  )
  writeFileSync(at('index.txt'), rows.join(''))
  writeFileSync(at('ca.cnf'), `[ca]\ndefault_ca=own\n[own]\ndatabase=${at('index.txt')}\ndefault_md=sha256\ndefault_crl_days=1\n`)
  writeFileSync(at('ca.key'), root.key)
  writeFileSync(at('ca.pem'), root.pem)
  execFileSync('openssl', ['ca', '-gencrl', '-config', 'ca.cnf', '-cert', 'ca.pem', '-keyfile', 'ca.key', '-out', 'large.pem'], {
    cwd: folder,
    stdio: 'pipe',
  })
  return toDer(readFileSync(at('large.pem'), 'utf8'))
}
