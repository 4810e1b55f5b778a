// What @peculiar/x509 is built on wants this loaded first.
import 'reflect-metadata'
import { KeyObject, webcrypto, X509Certificate } from 'node:crypto'
import * as x509 from '@peculiar/x509'

const HOUR = 3_600_000

/** The keys a certificate may be made for. */
export const KEYS = {
  'P-256': { name: 'ECDSA', namedCurve: 'P-256', hash: 'SHA-256' },
  'P-384': { name: 'ECDSA', namedCurve: 'P-384', hash: 'SHA-384' },
  Ed25519: { name: 'Ed25519' },
  'RSA 2048': { name: 'RSASSA-PKCS1-v1_5', hash: 'SHA-256', publicExponent: new Uint8Array([1, 0, 1]), modulusLength: 2048 },
  'RSA 1024': { name: 'RSASSA-PKCS1-v1_5', hash: 'SHA-256', publicExponent: new Uint8Array([1, 0, 1]), modulusLength: 1024 },
} as const

export interface Identity {
  readonly certificate: X509Certificate
  /** PEM. */
  readonly key: string
}

/** What a certificate has that is not as everywhere. */
interface Change {
  readonly notBefore?: Date
  readonly notAfter?: Date
  readonly extensions?: readonly x509.Extension[]
}

/** A certificate that signs itself and its private key, made for one test run. */
export async function selfSigned(subject: string, kind: keyof typeof KEYS = 'P-256', change: Change = {}): Promise<Identity> {
  const { notBefore = fromNow(-HOUR), notAfter = fromNow(HOUR), extensions = [] } = change
  const keys = await keyPair(kind)
  const made = await x509.X509CertificateGenerator.createSelfSigned({
    name: subject,
    keys,
    notBefore,
    notAfter,
    extensions: [new x509.SubjectAlternativeNameExtension([{ type: 'dns', value: 'localhost' }]), ...extensions],
  })
  return identityOf(made, keys)
}

/** A certificate that another one issued: of an authority, or of somebody. All on P-256. */
export async function issued(by: Identity, subject: string, isAuthority = false): Promise<Identity> {
  const keys = await keyPair('P-256')
  const made = await x509.X509CertificateGenerator.create({
    subject,
    issuer: by.certificate.subject,
    publicKey: keys.publicKey,
    signingKey: await webcrypto.subtle.importKey('pkcs8', x509.PemConverter.decodeFirst(by.key), KEYS['P-256'], false, ['sign']),
    signingAlgorithm: KEYS['P-256'],
    notBefore: fromNow(-HOUR),
    notAfter: fromNow(HOUR),
    extensions: [new x509.BasicConstraintsExtension(isAuthority, undefined, true)],
  })
  return identityOf(made, keys)
}

const identityOf = (made: x509.X509Certificate, keys: webcrypto.CryptoKeyPair): Identity => ({
  certificate: new X509Certificate(made.toString('pem')),
  key: KeyObject.from(keys.privateKey).export({ type: 'pkcs8', format: 'pem' }).toString(),
})

/** In milliseconds. */
export const fromNow = (milliseconds: number) => new Date(Date.now() + milliseconds)

const keyPair = (kind: keyof typeof KEYS) => {
  const algorithm = KEYS[kind]
  return algorithm.name === 'Ed25519'
    ? (webcrypto.subtle.generateKey(algorithm, true, ['sign', 'verify']) as Promise<webcrypto.CryptoKeyPair>)
    : webcrypto.subtle.generateKey(algorithm, true, ['sign', 'verify'])
}
