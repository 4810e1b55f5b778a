import type { IncomingMessage } from 'node:http'
import type { CertificateSource } from '../../lib/readers/certificate.js'
import { CertificateError } from '../../lib/readers/certificate-error.js'
import { shownCertificate } from '../../lib/readers/shown-certificate.js'
import { selfSigned } from './identity.js'

const { certificate: x509 } = await selfSigned('CN=app')
const certificate = { x509, chain: [], verified: false } as const
const flaw = new CertificateError('unusable', 'it has expired')
const fail = (error: unknown) => () => {
  throw error
}
const req = {} as IncomingMessage

test.each<[string, CertificateSource, object]>([
  ['a certificate', () => certificate, { certificate }],
  ['a certificate that took time', async () => certificate, { certificate }],
  ['none', () => undefined, {}],
  ['one that must not be used', fail(flaw), { flaw }],
  ['one that must not be used, found later', async () => fail(flaw)(), { flaw }],
  ['none, because it failed', fail(new Error('the proxy sent nonsense')), {}],
  ['none, because it failed with nothing', fail(undefined), {}],
])('a source that shows %s', async (_, source, shown) => {
  expect(await shownCertificate(source, req)).toEqual(shown)
})

test('the source is asked about this request, once', async () => {
  const asked: unknown[] = []
  await shownCertificate((about) => void asked.push(about), req)
  expect(asked).toEqual([req])
})
