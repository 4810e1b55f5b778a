import { Certificate, CertificateChainValidationEngine, CertificateRevocationList } from 'pkijs'
import { constraints } from './constraints.js'
import { AUTHORITY, authority, CLIENT, crlOf, extension, issue, outcome, type Party, x509 } from './pki.js'

/*
 * What pkijs lets pass by itself, and why there are checks beside it. The day one of these fails, the library has learned it and the
 * check may go.
 */

const root = await authority('CN=Root')

/** Whether pkijs alone takes the last of these for a client's certificate under the root. */
async function passes(...sent: readonly Party[]): Promise<boolean> {
  const read = ({ certificate }: Party) => Certificate.fromBER(new Uint8Array(certificate.raw))
  const { result } = await new CertificateChainValidationEngine({ trustedCerts: [read(root)], certs: sent.map(read) }).verify()
  return result
}

const middle = await authority('CN=Middle', { by: root })
const short = await authority('CN=Short', { by: root, pathLength: 0 })
const below = await authority('CN=Below', { by: short })
const SHA_1 = { name: 'ECDSA', hash: 'SHA-1' }
const unknown = extension('1.3.6.1.4.1.99999.1', true, new Uint8Array([5, 0]))
const constrained = await authority('CN=Constrained', { by: root, extensions: [constraints({ permitted: [{ dns: 'bank.example' }] })] })

test.each<[string, () => Promise<readonly Party[]>]>([
  ['more authorities than one allows below it', async () => [short, below, await issue('CN=App', { by: below })]],
  ['an unknown critical extension', async () => [middle, await issue('CN=App', { by: middle, extensions: [unknown] })]],
  ['SHA-1', async () => [middle, await issue('CN=App', { by: middle, algorithm: SHA_1 })]],
  ['a weak key', async () => [middle, await issue('CN=App', { by: middle, kind: 'RSA 1024' })]],
  ['an authority as a client', async () => [middle, await authority('CN=App', { by: middle, usage: AUTHORITY | CLIENT })]],
  [
    'an authority for servers',
    async () => {
      const servers = await authority('CN=Servers', { by: root, purposes: ['1.3.6.1.5.5.7.3.1'] })
      return [servers, await issue('CN=App', { by: servers })]
    },
  ],
  [
    'one permitted name beside another',
    async () => [
      constrained,
      await issue('CN=App', {
        by: constrained,
        names: [
          { type: 'dns', value: 'a.bank.example' },
          { type: 'dns', value: 'evil.example' },
        ],
      }),
    ],
  ],
])('pkijs passes over %s', async (_what, make) => {
  const sent = await make()
  const app = sent.at(-1) as Party
  expect(await passes(...sent)).toBe(true)
  expect(await outcome({ ca: root.pem }, app, sent.slice(0, -1))).not.toBe('chain')
})

test('pkijs takes an authority for the client where the client certificate comes twice', async () => {
  const own = await issue('CN=App')
  expect(await passes(own, middle, own)).toBe(true)
  expect(await outcome({ ca: root.pem }, own, [own, middle])).toMatch(/no path/)
})

test('pkijs finds no path where one of several ways up ends', async () => {
  const crossed = await authority('CN=Middle', { by: await authority('CN=Unknown'), keys: middle.keys })
  const app = await issue('CN=App', { by: middle })
  expect(await passes(crossed, middle, app)).toBe(false)
  expect(await outcome({ ca: root.pem }, app, [crossed, middle])).toBe('chain')
})

test('pkijs knows no Ed25519', async () => {
  const edwards = await authority('CN=Edwards', { by: root, kind: 'Ed25519' })
  const app = await issue('CN=App', { by: edwards })
  expect(await passes(edwards, app)).toBe(false)
  expect(await outcome({ ca: root.pem }, app, [edwards])).toBe('chain')
})

test('pkijs reads no list of some thousand entries', async () => {
  const revoked = Array.from({ length: 1500 }, (_, at) => ({
    party: { certificate: { serialNumber: (1000 + at).toString(16).padStart(4, '0') } },
  }))
  const der = Buffer.from((await crlOf(root, { revoked })).replaceAll(/-----[^-]+-----|\s/g, ''), 'base64')
  expect(() => CertificateRevocationList.fromBER(new Uint8Array(der))).toThrow()
})

describe('policies, which pkijs looks at alone', () => {
  const policies = (...ids: readonly string[]) => new x509.CertificatePolicyExtension([...ids])
  const [ANY, A, B] = ['2.5.29.32.0', '1.2.3.1', '1.2.3.2']
  /** From here on a path must have policies (RFC 5280 §4.2.1.11). */
  const explicit = extension('2.5.29.36', true, Buffer.from('3003800100', 'hex'))

  test.each<[string, readonly x509.Extension[], readonly x509.Extension[], boolean]>([
    ['the same', [policies(A)], [policies(A)], true],
    ['any above one', [policies(ANY)], [policies(A)], true],
    ['one of two', [policies(A)], [policies(A, B)], true],
    ['another one, where none is asked for', [policies(A)], [policies(B)], true],
    ['none above', [], [policies(A, B)], true],
    ['none below', [policies(A)], [], true],
    ['the same, where one is asked for', [policies(A), explicit], [policies(A)], true],
    ['another one, where one is asked for', [policies(A), explicit], [policies(B)], false],
    ['none, where one is asked for', [policies(A), explicit], [], false],
  ])('%s', async (_what, above, at, holds) => {
    const ca = await authority('CN=Policies', { by: root, extensions: above })
    const said = await outcome({ ca: root.pem }, await issue('CN=App', { by: ca, extensions: at }), [ca])
    expect(said).toMatch(holds ? /^chain$/ : /the path does not hold: .*Policies/)
  })
})
