import { execFileSync } from 'node:child_process'
import { X509Certificate } from 'node:crypto'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { jest } from '@jest/globals'
import { later } from '../support/clock.js'
import { AUTHORITY, authority, CLIENT, extension, issue, judge, keyPair, outcome, type Party, x509 } from './pki.js'

const CLIENT_AUTH = '1.3.6.1.5.5.7.3.2'
const SERVER_AUTH = '1.3.6.1.5.5.7.3.1'
const root = await authority('CN=Root,O=Trust')
const middle = await authority('CN=Middle,O=Trust', { by: root })
const app = await issue('CN=App', { by: middle })
const namesake = await authority('CN=Root,O=Trust')
const middleNamesake = await authority('CN=Middle,O=Trust', { by: root })
const alone = await issue('CN=Alone')
const noCa = await issue('CN=No CA', { by: root, usage: AUTHORITY })
const noSign = await authority('CN=No Sign', { by: root, usage: x509.KeyUsageFlags.cRLSign })
const silent = await authority('CN=Silent', { by: root, usage: false })
const expired = await authority('CN=Expired', { by: root, from: -3, to: -1 })
const early = await authority('CN=Early', { by: root, from: 1, to: 3 })
const oldRoot = await authority('CN=Old Root', { from: -3, to: -1 })
const short = await authority('CN=Short', { by: root, pathLength: 0 })
const below = await authority('CN=Below', { by: short })
const longer = await authority('CN=Longer', { by: root, pathLength: 1 })
const belowLonger = await authority('CN=Below Longer', { by: longer })
const servers = await authority('CN=Servers', { by: root, purposes: [SERVER_AUTH] })
const clients = await authority('CN=Clients', { by: root, purposes: [SERVER_AUTH, CLIENT_AUTH] })
const weak = await authority('CN=Weak', { by: root, kind: 'RSA 1024' })
const strong = await authority('CN=Strong', { by: root, kind: 'RSA 2048' })
const edwards = await authority('CN=Edwards', { kind: 'Ed25519' })
const UNKNOWN = '1.3.6.1.4.1.99999.1'
const text = new Uint8Array([0x0c, 0x02, 0x68, 0x69])
const odd = await authority('CN=Odd', { by: root, extensions: [extension(UNKNOWN, true, text)] })
const even = await authority('CN=Even', { by: root, extensions: [extension(UNKNOWN, false, text)] })
const sha1 = { name: 'ECDSA', hash: 'SHA-1' }

describe('a chain that does not hold', () => {
  test('leaves nothing of what its source held of it', async () => {
    const stranger = await authority('CN=Stranger')
    const found = await judge({ ca: stranger.pem }, app, [middle])
    expect({ ...found, x509: undefined, chain: found.chain.length }).toEqual({
      x509: undefined,
      chain: 1,
      verified: false,
      unverified: 'no path to a trusted authority: issuer CN=Root, O=Trust is not among the trusted ones',
    })
  })

  type Row = readonly [
    what: string,
    reason: RegExp,
    refused: () => Promise<string | undefined>,
    accepted: () => Promise<string | undefined>,
  ]
  const under = async (by: Party, wishes: Parameters<typeof issue>[1] = {}, chain = [by]) =>
    outcome({ ca: root.pem }, await issue('CN=App', { by, ...wishes }), chain)

  test.each<Row>([
    [
      'ends too early',
      /issuer CN=Middle, O=Trust is not among the trusted ones/,
      () => outcome({ ca: root.pem }, app),
      () => outcome({ ca: root.pem }, app, [middle]),
    ],
    ['is a certificate that signs itself', /CN=Alone signed itself/, () => outcome({ ca: root.pem }, alone), () => under(root, {}, [])],
    [
      'leads to an authority of the same name',
      /CN=Root, O=Trust is trusted, but the signatures below it do not hold/,
      () => outcome({ ca: namesake.pem }, app, [middle]),
      () => outcome({ ca: [namesake.pem, root.pem] }, app, [middle]),
    ],
    [
      'leads through an authority of the same name',
      /the signatures below it do not hold/,
      () => outcome({ ca: root.pem }, app, [middleNamesake]),
      () => outcome({ ca: root.pem }, app, [middleNamesake, middle]),
    ],
    ['leads through a certificate of a client', /no path/, () => under(noCa), () => under(middle)],
    ['leads through an authority that may not sign certificates', /no path/, () => under(noSign), () => under(silent)],
    ['leads through an authority that has expired', /CN=Expired has expired at 20/, () => under(expired), () => under(middle)],
    [
      'leads through an authority that is not valid yet',
      /CN=Early is not valid before 20/,
      () => under(early),
      () => later(7200, () => under(early)),
    ],
    [
      'leads to an anchor that has expired',
      /CN=Old Root has expired/,
      async () => outcome({ ca: oldRoot.pem }, await issue('CN=App', { by: oldRoot })),
      async () => outcome({ ca: [oldRoot.pem, root.pem] }, app, [middle]),
    ],
    [
      'ends in a certificate that has expired',
      /CN=App has expired/,
      () => under(middle, { from: -2, to: -1 }),
      () => under(middle, { from: -2, to: 1 }),
    ],
    [
      'ends in a certificate that is not valid yet',
      /CN=App is not valid before/,
      () => under(middle, { from: 1, to: 2 }),
      () => under(middle, { from: -1, to: 2 }),
    ],
    [
      'has an authority more than one of them allows',
      /CN=Short allows fewer authorities below it/,
      () => under(below, {}, [below, short]),
      () => under(belowLonger, {}, [belowLonger, longer]),
    ],
    [
      'has an authority below one that allows clients only',
      /CN=Short allows fewer authorities/,
      () => under(below, {}, [below, short]),
      () => under(short),
    ],
    [
      'leads through an authority for servers',
      /CN=Servers is confined to purposes other than client authentication/,
      () => under(servers),
      () => under(clients),
    ],
    [
      'ends in the certificate of a server',
      /CN=App is confined to purposes other than/,
      () => under(middle, { purposes: [SERVER_AUTH] }),
      () => under(middle, { purposes: [CLIENT_AUTH] }),
    ],
    [
      'ends in a certificate that may not sign',
      /CN=App may not be used for digital signatures/,
      () => under(middle, { usage: x509.KeyUsageFlags.keyEncipherment }),
      () => under(middle, { usage: CLIENT | x509.KeyUsageFlags.keyEncipherment }),
    ],
    [
      'ends in an authority',
      /CN=App is an authority's certificate, not a client's/,
      () => under(middle, { ca: true, usage: AUTHORITY | CLIENT }),
      () => under(middle),
    ],
    [
      'ends in an authority that may not sign certificates',
      /CN=App is an authority's certificate/,
      () => under(middle, { ca: true, usage: CLIENT }),
      () => under(middle, { usage: CLIENT }),
    ],
    ['has a weak key in the middle', /the key of CN=Weak is an RSA key of 1024 bits/, () => under(weak), () => under(strong)],
    [
      'has a weak key at its end',
      /the key of CN=App is an RSA key of 1024 bits/,
      () => under(middle, { kind: 'RSA 1024' }),
      () => under(middle, { kind: 'RSA 2048' }),
    ],
    [
      'is signed with SHA-1 at its end',
      /CN=App is signed with SHA-1/,
      () => under(middle, { algorithm: sha1 }),
      () => under(middle, { algorithm: { name: 'ECDSA', hash: 'SHA-384' } }),
    ],
    [
      'is signed with SHA-1 in the middle',
      /CN=Old is signed with SHA-1/,
      async () => under(await authority('CN=Old', { by: root, algorithm: sha1 })),
      async () => under(await authority('CN=Old', { by: root })),
    ],
    [
      'has an unknown critical extension in the middle',
      /CN=Odd has the critical extension 1.3.6.1.4.1.99999.1/,
      () => under(odd),
      () => under(even),
    ],
    [
      'has an unknown critical extension at its end',
      /CN=App has the critical extension/,
      () => under(middle, { extensions: [extension(UNKNOWN, true, text)] }),
      () => under(middle, { extensions: [extension(UNKNOWN, false, text)] }),
    ],
    [
      'has an extension that cannot be read',
      /CN=App has the extension 2.5.29.32, which cannot be read/,
      () => under(middle, { extensions: [extension('2.5.29.32', false, text)] }),
      () => under(middle, { extensions: [new x509.CertificatePolicyExtension(['1.2.3.4'])] }),
    ],
    [
      'has an extension twice',
      /CN=App has the extension 1.3.6.1.4.1.99999.1 twice/,
      () => under(middle, { extensions: [extension(UNKNOWN, false, text), extension(UNKNOWN, false, text)] }),
      () => under(middle, { extensions: [extension(UNKNOWN, false, text), extension(`${UNKNOWN}.1`, false, text)] }),
    ],
    [
      'is signed by Ed25519 of somebody else',
      /do not hold/,
      async () => outcome({ ca: edwards.pem }, await issue('CN=App', { by: await authority('CN=Edwards', { kind: 'Ed25519' }) })),
      async () => outcome({ ca: edwards.pem }, await issue('CN=App', { by: edwards })),
    ],
  ])('is refused where it %s', async (_what, reason, refused, accepted) => {
    expect(await refused()).toMatch(reason)
    expect(await accepted()).toBe('chain')
  })

  test('is refused with more certificates than are looked at, and holds with as many', async () => {
    const many = (count: number) => outcome({ ca: root.pem }, app, Array(count).fill(middle))
    expect(await many(21)).toBe('21 certificates were sent beside it, at most 20 are looked at')
    expect(await many(50)).toMatch(/at most 20/)
    expect(await many(20)).toBe('chain')
  })

  test('is refused where it is longer than paths are looked at, and holds up to there', async () => {
    const chain = [root]
    for (let depth = 1; depth < 10; depth += 1) chain.unshift(await authority(`CN=Depth ${depth}`, { by: chain[0] as Party }))
    const end = async (from: number) => outcome({ ca: root.pem }, await issue('CN=App', { by: chain[from] as Party }), chain)
    expect(await end(0)).toMatch(/no path/)
    expect(await end(1)).toBe('chain')
  })

  test('is refused whatever the key was signed with that makes it look issued', async () => {
    const forged = await issue('CN=App', { by: { ...middle, keys: await keyPair() } })
    expect(await outcome({ ca: root.pem }, forged, [middle])).toMatch(/do not hold/)
  })
})

describe('certificates that only openssl still makes', () => {
  const folder = mkdtempSync(join(tmpdir(), 'trust-'))
  afterAll(() => rmSync(folder, { recursive: true }))
  // openssl goes by the clock of the machine, and so must whoever looks at what it made a moment ago.
  beforeEach(() => void jest.useRealTimers())
  const at = (name: string) => join(folder, name)
  const openssl = (...given: string[]) => execFileSync('openssl', given, { stdio: 'pipe', cwd: folder })
  writeFileSync(at('ca.key'), root.key)
  writeFileSync(at('ca.pem'), root.pem)
  writeFileSync(at('client.cnf'), 'basicConstraints=critical,CA:false\nkeyUsage=critical,digitalSignature\n')
  openssl('req', '-newkey', 'rsa:2048', '-nodes', '-keyout', 'app.key', '-subj', '/CN=App', '-out', 'app.csr')
  const signed = (...how: string[]) => {
    openssl(
      'x509',
      '-req',
      '-in',
      'app.csr',
      '-CA',
      'ca.pem',
      '-CAkey',
      'ca.key',
      '-set_serial',
      '7',
      '-days',
      '1',
      '-extfile',
      'client.cnf',
      '-out',
      'app.pem',
      ...how,
    )
    return { certificate: new X509Certificate(readFileSync(at('app.pem'))) }
  }

  test.each([
    ['-sha1', /signed with SHA-1/],
    ['-sha224', /signed with the algorithm 1.2.840.10045.4.3.1/],
  ])('%s is refused', async (hash, reason) => {
    expect(await outcome({ ca: root.pem }, signed(hash))).toMatch(reason)
    expect(await outcome({ ca: root.pem }, signed('-sha256'))).toBe('chain')
  })

  test('MD5 and PSS with SHA-1 under an RSA authority are refused, PSS with SHA-256 is not', async () => {
    openssl('req', '-x509', '-newkey', 'rsa:2048', '-nodes', '-keyout', 'ca.key', '-subj', '/CN=RSA', '-days', '1', '-out', 'ca.pem')
    const ca = readFileSync(at('ca.pem'), 'utf8')
    const pss = ['-sigopt', 'rsa_padding_mode:pss']
    expect(await outcome({ ca }, signed('-md5'))).toMatch(/signed with MD5/)
    expect(await outcome({ ca }, signed('-sha1', ...pss))).toMatch(/signed with SHA-1/)
    expect(await outcome({ ca }, signed('-sha256', ...pss))).toBe('chain')
    expect(await outcome({ ca }, signed('-sha256'))).toBe('chain')
  })
})
