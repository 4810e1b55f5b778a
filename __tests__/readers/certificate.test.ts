// What @peculiar/x509 is built on wants this loaded first.
import 'reflect-metadata'
import { X509Certificate } from 'node:crypto'
import { ExtendedKeyUsage, ExtendedKeyUsageExtension, KeyUsageFlags, KeyUsagesExtension } from '@peculiar/x509'
import { thumbprint, usable } from '../../lib/readers/certificate.js'
import { CertificateError } from '../../lib/readers/certificate-error.js'
import { onP192, withDsa } from '../rules/tables/weak-certificates.js'
import { fromNow, selfSigned } from './identity.js'

/** RFC 8705 appendix A. */
const EXAMPLE =
  'MIIBBjCBrAIBAjAKBggqhkjOPQQDAjAPMQ0wCwYDVQQDDARtdGxzMB4XDTE4MTAxODEyMzcwOVoXDTIyMDUwMjEyMzcwOVowDzENMAsGA1UEAwwEbXRsczBZ' +
  'MBMGByqGSM49AgEGCCqGSM49AwEHA0IABNcnyxwqV6hY8QnhxxzFQ03C7HKW9OylMbnQZjjJ/Au08/coZwxS7LfA4vOLS9WuneIXhbGGWvsDSb0tH6IxLm8w' +
  'CgYIKoZIzj0EAwIDSQAwRgIhAP0RC1E+vwJD/D1AGHGzuri+hlV/PpQEKTWUVeORWz83AiEA5x2eXZOVbUlJSGQgjwD5vaUaKlLR50Q2DmFfQj1L+SY='

const [app, other] = await Promise.all([selfSigned('CN=app'), selfSigned('CN=app')])

describe('thumbprint', () => {
  test('is the one that RFC 8705 gives for its example', () => {
    expect(thumbprint(new X509Certificate(Buffer.from(EXAMPLE, 'base64')))).toBe('A4DtL2JmUMhAsvJj5tKyn64SqzmuXbMrJa0n761y5v0')
  })

  test('is SHA-256 in base64url without padding, and another one for another certificate of the same name', () => {
    expect(thumbprint(app.certificate)).toMatch(/^[A-Za-z0-9_-]{43}$/)
    expect(thumbprint(app.certificate)).toBe(thumbprint(new X509Certificate(app.certificate.raw)))
    expect(thumbprint(app.certificate)).not.toBe(thumbprint(other.certificate))
  })
})

describe('usable', () => {
  const shown = (x509: X509Certificate) => ({ x509, chain: [], verified: false }) as const
  const purposes = (...names: (keyof typeof ExtendedKeyUsage)[]) =>
    new ExtendedKeyUsageExtension(names.map((name) => ExtendedKeyUsage[name]))
  const usages = (...names: (keyof typeof KeyUsageFlags)[]) =>
    new KeyUsagesExtension(
      names.reduce((flags, name) => flags | KeyUsageFlags[name], 0),
      true,
    )
  const made = async (...[kind, change]: [Parameters<typeof selfSigned>[1]?, Parameters<typeof selfSigned>[2]?]) =>
    (await selfSigned('CN=app', kind, change)).certificate
  const ANY_PURPOSE = new ExtendedKeyUsageExtension(['2.5.29.37.0'])

  test.each([
    ['on P-256, with no usages', made()],
    ['on P-384', made('P-384')],
    ['on Ed25519', made('Ed25519')],
    ['with an RSA key of 2048 bits', made('RSA 2048')],
    ['for clients', made('P-256', { extensions: [purposes('clientAuth')] })],
    ['for servers and clients', made('P-256', { extensions: [purposes('serverAuth', 'clientAuth')] })],
    ['for any purpose', made('P-256', { extensions: [ANY_PURPOSE] })],
    ['for signatures', made('P-256', { extensions: [usages('digitalSignature')] })],
    ['for signatures and more', made('RSA 2048', { extensions: [usages('digitalSignature', 'keyEncipherment')] })],
  ])('a certificate %s may be used', async (_, made) => {
    const certificate = shown(await made)
    expect(usable(certificate)).toBe(certificate)
  })

  const SECOND = 1000
  test.each([
    ['that has expired', made('P-256', { notAfter: fromNow(-60 * SECOND) }), 'has expired, it was valid until'],
    ['that is not valid yet', made('P-256', { notBefore: fromNow(3600 * SECOND) }), 'is not valid before'],
    ['for servers', made('P-256', { extensions: [purposes('serverAuth')] }), 'was not made for TLS clients (extendedKeyUsage)'],
    ['for code and mail', made('P-256', { extensions: [purposes('codeSigning', 'emailProtection')] }), 'was not made for TLS clients'],
    ['for encryption', made('RSA 2048', { extensions: [usages('keyEncipherment')] }), 'was not made for signatures (keyUsage)'],
    ['for authorities', made('P-256', { extensions: [usages('keyCertSign', 'cRLSign')] }), 'was not made for signatures (keyUsage)'],
    ['with an RSA key of 1024 bits', made('RSA 1024'), 'is an RSA key of 1024 bits, at least 2048 are required'],
    ['on P-192', Promise.resolve(onP192), 'is on the curve prime192v1'],
    ['with a DSA key', Promise.resolve(withDsa), 'has a key of a kind that is not accepted'],
  ])('a certificate %s may not', async (_, made, reason) => {
    const certificate = shown(await made)
    expect(() => usable(certificate)).toThrow(new RegExp(`^the client certificate ${reason.replaceAll(/[()]/g, '\\$&')}`))
    expect(() => usable(certificate)).toThrow(CertificateError)
    expect(() => usable(certificate)).toThrow(expect.objectContaining({ kind: 'unusable', code: 'ERR_FAPI_CERTIFICATE' }))
  })

  test('it is valid from its first second to its last, at each use', async () => {
    const certificate = shown(await made())
    const [from, to] = [Date.parse(certificate.x509.validFrom), Date.parse(certificate.x509.validTo)]
    for (const now of [from, to]) expect(usable(certificate, now)).toBe(certificate)
    for (const now of [from - 1, to + 1, Number.NaN]) expect(() => usable(certificate, now)).toThrow(CertificateError)
  })
})
