import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { ConfigurationError } from '../../lib/core/errors.js'
import { type TrustOptions, trust } from '../../lib/trust/index.js'
import { AUTHORITY, authority, CLIENT, crlOf, extension, issue, shows, x509 } from './pki.js'

const folder = mkdtempSync(join(tmpdir(), 'options-'))
afterAll(() => rmSync(folder, { recursive: true }))
const at = (name: string) => join(folder, name)

const root = await authority('CN=Root')
const app = await issue('CN=App', { by: root })
const weak = await authority('CN=Weak', { kind: 'RSA 1024' })
const noSign = await authority('CN=No Sign', { usage: x509.KeyUsageFlags.cRLSign })
const noCa = await issue('CN=No CA', { usage: AUTHORITY | CLIENT })
const odd = await authority('CN=Odd', { extensions: [extension('1.3.6.1.4.1.99999.1', true, new Uint8Array([5, 0]))] })
const expired = await authority('CN=Expired', { from: -2, to: -1 })
const crl = await crlOf(root)
writeFileSync(at('good.crl'), crl)
writeFileSync(at('empty.crl'), '')
writeFileSync(at('text.crl'), 'Certificate Revocation List (CRL)')
writeFileSync(at('certificate.pem'), root.pem)
writeFileSync(at('mixed.pem'), `${crl}\n${root.pem}`)
writeFileSync(at('noise.crl'), Buffer.alloc(1000, 0x30))
writeFileSync(at('large.crl'), Buffer.alloc(33 * 1024 * 1024))

const right = { certificate: shows(app), ca: root.pem }
const revocation = (given: object) => ({ revocation: { whenUnknown: 'refuse', ...given } })
const crlFiles = (...files: unknown[]) => revocation({ crl: { files } })
const ocsp = (given: object) => revocation({ ocsp: given })
const responder = 'http://ocsp.ca.example/'

/** The options that were found wrong. */
function faults(options: object): readonly string[] {
  try {
    trust({ ...right, ...options } as TrustOptions)
    return []
  } catch (error) {
    if (!(error instanceof ConfigurationError)) throw error
    return error.faults.map(({ option, allowed }) => `${option} ${allowed}`)
  }
}

const CA = /^ca must be the certificate of an authority, or several: PEM text or X509Certificate$/
const HOSTS = /^revocation.ocsp.hosts must list hosts, such as ocsp.ca.example$/
const RESPONDER = /^revocation.ocsp.responder must be the http or https URL of a responder/
const TIMEOUT = /^revocation.ocsp.timeout must be seconds, more than 0 and at most 30$/
const FILE = /^revocation.crl.files\[0\] must be a readable CRL file: /

test.each<[string, object, RegExp, object]>([
  ['no certificate source', { certificate: undefined }, /^certificate must be a certificate source/, {}],
  ['a certificate instead of its source', { certificate: app.certificate }, /^certificate must be/, { certificate: async () => undefined }],
  ['no authority', { ca: undefined }, CA, { ca: root.certificate }],
  ['an empty list of authorities', { ca: [] }, /^ca must hold the certificate of at least one authority$/, { ca: [root.pem] }],
  ['an empty text', { ca: '' }, CA, {}],
  ['the path of a file', { ca: '/etc/ssl/ca.pem' }, CA, {}],
  ['a key', { ca: root.key }, CA, {}],
  ['an authority with its key', { ca: root.pem + root.key }, CA, { ca: root.pem + weakless() }],
  ['octets', { ca: root.certificate.raw }, CA, {}],
  ['a text that breaks off', { ca: root.pem.slice(0, 200) }, CA, {}],
  ['a certificate that is none', { ca: root.pem.replace(/MII/, 'AAA') }, /^ca /, {}],
  [
    'the second one wrong',
    { ca: [root.pem, 'no'] },
    /^ca\[1\] must be the certificate of an authority/,
    { ca: [root.pem, root.certificate] },
  ],
  ['the certificate of a client', { ca: app.pem }, /but CN=App is none$/, {}],
  ['a certificate that says it is none', { ca: noCa.pem }, /but CN=No CA is none$/, {}],
  ['an authority that may not sign certificates', { ca: noSign.pem }, /but CN=No Sign is none$/, {}],
  ['an authority with a weak key', { ca: weak.pem }, /of CN=Weak its key is an RSA key of 1024 bits/, {}],
  ['an authority with a critical extension that is not known', { ca: odd.pem }, /CN=Odd has the critical extension/, {}],
  [
    'the certificate of a client between',
    { intermediates: app.pem },
    /^intermediates must be .*but CN=App is none$/,
    { intermediates: [] },
  ],
  ['a revocation that says nothing', { revocation: true }, /^revocation must say crl or ocsp, and whenUnknown/, { revocation: undefined }],
  ['no policy', { revocation: { ocsp: { responder } } }, /^revocation.whenUnknown must be 'refuse' or 'accept'$/, ocsp({ responder })],
  [
    'another policy',
    { revocation: { ocsp: { responder }, whenUnknown: 'allow' } },
    /^revocation.whenUnknown/,
    { revocation: { ocsp: { responder }, whenUnknown: 'accept' } },
  ],
  ['neither lists nor responders', revocation({}), /^revocation must say where to learn of revocations/, crlFiles(at('good.crl'))],
  [
    'a list of no files',
    crlFiles(),
    /^revocation.crl.files must list the paths of CRL files, at least one$/,
    crlFiles(at('good.crl'), at('good.crl')),
  ],
  ['a file that is not named', crlFiles(''), /^revocation.crl.files must list/, {}],
  ['a file without its list', revocation({ crl: at('good.crl') }), /^revocation.crl.files must list/, {}],
  ['a file that is not there', crlFiles(at('none.crl')), /^revocation.crl.files\[0\] must be a readable CRL file: ENOENT/, {}],
  ['the second file not there', crlFiles(at('good.crl'), at('none.crl')), /^revocation.crl.files\[1\] must be/, {}],
  ['a folder', crlFiles(folder), FILE, {}],
  ['an empty file', crlFiles(at('empty.crl')), FILE, {}],
  ['a text', crlFiles(at('text.crl')), FILE, {}],
  ['a certificate', crlFiles(at('certificate.pem')), FILE, {}],
  ['a list and a certificate', crlFiles(at('mixed.pem')), FILE, {}],
  ['noise', crlFiles(at('noise.crl')), FILE, {}],
  ['a file of 33 MB', crlFiles(at('large.crl')), /it is larger than 33554432 octets$/, {}],
  ['no responder and no host', ocsp({}), /^revocation.ocsp must have either a responder/, ocsp({ hosts: ['ocsp.ca.example'] })],
  ['a responder and hosts', ocsp({ responder, hosts: ['ca.example'] }), /^revocation.ocsp must have either/, ocsp({ responder })],
  ['ocsp that is a switch', revocation({ ocsp: true }), /^revocation.ocsp must name a responder/, {}],
  ['a responder that is no URL', ocsp({ responder: 'ocsp.ca.example' }), RESPONDER, ocsp({ responder: 'https://ocsp.ca.example' })],
  ['a responder by another scheme', ocsp({ responder: 'ldap://ocsp.ca.example' }), RESPONDER, {}],
  ['a responder with a password', ocsp({ responder: 'http://u:p@ocsp.ca.example' }), RESPONDER, {}],
  ['no host in the list', ocsp({ hosts: [] }), HOSTS, {}],
  [
    'a URL as a host',
    ocsp({ hosts: ['http://ocsp.ca.example'] }),
    HOSTS,
    ocsp({ hosts: ['OCSP.ca.example:8080', '[::1]:8080', '127.0.0.1'] }),
  ],
  ['every host', ocsp({ hosts: ['*'] }), HOSTS, {}],
  ['a host with the usual port of https', ocsp({ hosts: ['ca.example:443'] }), HOSTS, {}],
  ['a host with a path', ocsp({ hosts: ['ca.example/ocsp'] }), HOSTS, {}],
  ['a host with its usual port', ocsp({ hosts: ['ca.example:80'] }), HOSTS, ocsp({ hosts: ['ca.example'] })],
  ['no time', ocsp({ responder, timeout: 0 }), TIMEOUT, ocsp({ responder, timeout: 0.5 })],
  ['milliseconds', ocsp({ responder, timeout: 2000 }), TIMEOUT, ocsp({ responder, timeout: 30 })],
  ['no number', ocsp({ responder, timeout: Number.NaN }), TIMEOUT, {}],
  ['a record that is no function', { record: 'stdout' }, /^record must be a function, or left out$/, { record: () => {} }],
])('%s is said to be wrong', (_what, wrong, said, corrected) => {
  expect(faults(wrong)).toEqual([expect.stringMatching(said)])
  expect(faults(corrected)).toEqual([])
})

/** Words after a certificate, as some tools write them. */
function weakless(): string {
  return '\nsubject=CN = Root\n'
}

test('everything that is wrong is said at once', () => {
  const wrong = { certificate: 1, ca: 2, revocation: { crl: { files: [at('none.crl')] }, ocsp: {}, whenUnknown: 3 } }
  const named = faults(wrong).map((line) => line.split(' ')[0])
  expect(named).toEqual(['certificate', 'ca', 'revocation.whenUnknown', 'revocation.ocsp', 'revocation.crl.files[0]'])
})

test('no key that was given by mistake is printed', () => {
  expect(() => trust({ ...right, ca: root.key })).toThrow(/^(?!.*[A-Za-z0-9+/]{20})/s)
})

test('an authority that has expired does not keep the server from starting', () => {
  expect(faults({ ca: [expired.pem, root.pem] })).toEqual([])
})

test('the options stay as they were given', () => {
  const files = Object.freeze([at('good.crl')])
  const options = Object.freeze({
    ...right,
    ca: Object.freeze([root.pem]),
    revocation: Object.freeze({ crl: Object.freeze({ files }), whenUnknown: 'refuse' as const }),
  })
  expect(typeof trust(options)).toBe('function')
})
