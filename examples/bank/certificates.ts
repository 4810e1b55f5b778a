// What @peculiar/x509 is built on wants this loaded first.
import 'reflect-metadata'
import { KeyObject, webcrypto } from 'node:crypto'
import * as x509 from '@peculiar/x509'

/** A certificate and its private key, both PEM. */
export interface Identity {
  readonly certificate: string
  readonly key: string
}

export interface CertificateRequest {
  /** The subject in the order it is encoded in, the country first: `C=GB, O=Example TPP, CN=some-client`. */
  readonly subject: string
  readonly usage: 'server' | 'client'
  readonly names?: readonly AlternativeName[]
  /** RSA keys have 2048 bits; EC keys are on P-256. */
  readonly keyType: 'RSA' | 'EC'
  /** From when on it is valid; five minutes ago when not given, because clocks differ. */
  readonly notBefore?: Date
  /** Until when it is valid; a year from now when not given. */
  readonly notAfter?: Date
}

export interface AlternativeName {
  readonly type: 'dns' | 'ip' | 'url' | 'email'
  readonly value: string
}

const DAY = 86_400_000
const EC = { name: 'ECDSA', namedCurve: 'P-256', hash: 'SHA-256' }
const RSA = { name: 'RSASSA-PKCS1-v1_5', hash: 'SHA-256', publicExponent: new Uint8Array([1, 0, 1]), modulusLength: 2048 }

/** Makes a certification authority for development; it lives ten years, our own choice. */
export async function createAuthority(subject: string): Promise<Identity> {
  const keys = await webcrypto.subtle.generateKey(EC, true, ['sign', 'verify'])
  const certificate = await x509.X509CertificateGenerator.createSelfSigned({
    name: subject,
    keys,
    ...validity({ notAfter: inDays(3650) }),
    extensions: [
      new x509.BasicConstraintsExtension(true, 0, true),
      new x509.KeyUsagesExtension(x509.KeyUsageFlags.keyCertSign | x509.KeyUsageFlags.cRLSign, true),
      await x509.SubjectKeyIdentifierExtension.create(keys.publicKey),
    ],
  })
  return { certificate: certificatePem(certificate), key: privatePem(keys.privateKey) }
}

/** Issues a certificate with a key of its own. Without an authority the certificate signs itself. */
export async function issueCertificate(authority: Identity | undefined, request: CertificateRequest): Promise<Identity> {
  const keys = await webcrypto.subtle.generateKey(request.keyType === 'RSA' ? RSA : EC, true, ['sign', 'verify'])
  const issuer = authority && new x509.X509Certificate(authority.certificate)
  const { subject } = request
  const certificate = await x509.X509CertificateGenerator.create({
    subject,
    issuer: issuer?.subjectName ?? subject,
    publicKey: keys.publicKey,
    signingKey: authority ? await importKey(authority.key) : keys.privateKey,
    signingAlgorithm: authority ? EC : keys.privateKey.algorithm,
    ...validity(request),
    extensions: await leafExtensions(request, keys.publicKey, issuer),
  })
  return { certificate: certificatePem(certificate), key: privatePem(keys.privateKey) }
}

async function leafExtensions(
  { usage, names = [] }: CertificateRequest,
  publicKey: webcrypto.CryptoKey,
  issuer: x509.X509Certificate | undefined,
) {
  const { digitalSignature, keyEncipherment } = x509.KeyUsageFlags
  return [
    new x509.BasicConstraintsExtension(false, undefined, true),
    new x509.KeyUsagesExtension(usage === 'server' ? digitalSignature | keyEncipherment : digitalSignature, true),
    new x509.ExtendedKeyUsageExtension([usage === 'server' ? x509.ExtendedKeyUsage.serverAuth : x509.ExtendedKeyUsage.clientAuth]),
    await x509.SubjectKeyIdentifierExtension.create(publicKey),
    ...(issuer ? [await x509.AuthorityKeyIdentifierExtension.create(issuer.publicKey)] : []),
    ...(names.length > 0 ? [new x509.SubjectAlternativeNameExtension([...names])] : []),
  ]
}

const validity = ({ notBefore = new Date(Date.now() - 300_000), notAfter = inDays(365) }: { notBefore?: Date; notAfter?: Date }) => ({
  notBefore,
  notAfter,
})

const inDays = (days: number) => new Date(Date.now() + days * DAY)

const importKey = (pem: string) => webcrypto.subtle.importKey('pkcs8', x509.PemConverter.decodeFirst(pem), EC, false, ['sign'])

const certificatePem = (certificate: x509.X509Certificate) => `${certificate.toString('pem')}\n`

const privatePem = (key: webcrypto.CryptoKey) => KeyObject.from(key).export({ type: 'pkcs8', format: 'pem' }).toString()
