// What @peculiar/x509 is built on wants this loaded first.
import 'reflect-metadata'
import { createPrivateKey, X509Certificate } from 'node:crypto'
import * as x509 from '@peculiar/x509'
import { certificateClient, selfSigned } from 'express-fapi/testing'
import { thumbprint } from '../../lib/readers/certificate.js'

const DAY = 86_400_000

describe.each(['client', 'server'] as const)('a certificate that signs itself, for a %s', (usage) => {
  const { cert, key } = selfSigned({ name: 'bänk & söhne', usage })
  const certificate = new X509Certificate(cert)
  const parsed = new x509.X509Certificate(cert)

  test('is a certificate in the eyes of others, and holds', async () => {
    expect(certificate.verify(certificate.publicKey)).toBe(true)
    expect(await parsed.isSelfSigned()).toBe(true)
    expect(parsed.subjectName.getField('CN')).toEqual(['bänk & söhne'])
    expect(parsed.issuer).toBe(parsed.subject)
  })

  test('comes with its private key', () => {
    expect(certificate.checkPrivateKey(createPrivateKey(key))).toBe(true)
    expect(new X509Certificate(selfSigned({ usage }).cert).checkPrivateKey(createPrivateKey(key))).toBe(false)
  })

  test('says what it is for and is no authority', () => {
    expect(certificate.ca).toBe(false)
    expect(certificate.keyUsage).toEqual([usage === 'client' ? '1.3.6.1.5.5.7.3.2' : '1.3.6.1.5.5.7.3.1'])
    expect(parsed.getExtension(x509.KeyUsagesExtension)?.usages).toBe(x509.KeyUsageFlags.digitalSignature)
    expect(parsed.getExtension(x509.BasicConstraintsExtension)).toMatchObject({ ca: false, critical: true })
    expect(certificate.checkHost('localhost')).toBe(usage === 'server' ? 'localhost' : undefined)
    expect(certificate.checkIP('127.0.0.1')).toBe(usage === 'server' ? '127.0.0.1' : undefined)
  })

  test('has a serial number of its own, positive and of 128 bits', () => {
    const others = new X509Certificate(selfSigned({ usage }).cert)
    expect(certificate.serialNumber).toMatch(/^01[0-9A-F]{30}$/)
    expect(others.serialNumber).not.toBe(certificate.serialNumber)
  })
})

test.each([
  ['1970', new Date(0), new Date(DAY)],
  ['2049', new Date('2049-12-30T00:00:00Z'), new Date('2049-12-31T23:59:59Z')],
  ['2050', new Date('2049-12-31T00:00:00Z'), new Date('2050-01-01T00:00:00Z')],
  ['9999', new Date('2026-01-01T00:00:00Z'), new Date('9999-12-31T23:59:59Z')],
])('a certificate is valid for the time it was asked for, %s', (_year, notBefore, notAfter) => {
  const { validFrom, validTo } = new X509Certificate(selfSigned({ notBefore, notAfter }).cert)
  expect([new Date(validFrom), new Date(validTo)].map(Number)).toEqual([notBefore, notAfter].map(Number))
})

test('a certificate is valid now and for a day when nothing else is said', () => {
  const { validFrom, validTo } = new X509Certificate(selfSigned().cert)
  expect(Date.parse(validFrom)).toBeLessThan(Date.now())
  expect(Date.parse(validTo) - Date.now()).toBeGreaterThan(DAY - 60_000)
})

test('a client knows its certificate by the thumbprint that tokens are bound to', () => {
  const client = certificateClient({ clientId: 'tpp' })
  expect(client.cnf).toEqual({ 'x5t#S256': thumbprint(new X509Certificate(client.tls.cert)) })
  expect(client.x509.subject).toBe('CN=tpp')
})
