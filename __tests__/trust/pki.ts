// What @peculiar/x509 is built on wants this loaded first.
import 'reflect-metadata'
import { KeyObject, randomBytes, webcrypto, X509Certificate } from 'node:crypto'
import { IncomingMessage } from 'node:http'
import { Socket } from 'node:net'
import * as x509 from '@peculiar/x509'
import { AccessDescription, GeneralName, InfoAccess } from 'pkijs'
import type { ClientCertificate } from '../../lib/core/facts.js'
import { type TrustOptions, trust } from '../../lib/trust/index.js'
import { KEYS } from '../readers/identity.js'

/** Loaded here, after what it wants to be loaded first. */
export { x509 }

const HOUR = 3_600_000

/** Whoever has a certificate, and who may be an authority for others. */
export interface Party {
  readonly certificate: X509Certificate
  readonly pem: string
  /** PEM. */
  readonly key: string
  readonly keys: webcrypto.CryptoKeyPair
  readonly name: string
}

export interface Wishes {
  /** Whose key signs, and whose name the certificate bears as its issuer; without one it signs itself. */
  readonly by?: Party
  readonly keys?: webcrypto.CryptoKeyPair
  readonly kind?: keyof typeof KEYS
  readonly ca?: boolean
  readonly pathLength?: number
  /** `false`: the certificate does not say. */
  readonly usage?: x509.KeyUsageFlags | false
  readonly purposes?: readonly string[]
  readonly names?: x509.JsonGeneralNames
  readonly extensions?: readonly x509.Extension[]
  readonly serial?: string
  /** Hours from now. */
  readonly from?: number
  readonly to?: number
  readonly algorithm?: { readonly name: string; readonly hash: string; readonly saltLength?: number }
}

export const AUTHORITY = x509.KeyUsageFlags.keyCertSign | x509.KeyUsageFlags.cRLSign
export const CLIENT = x509.KeyUsageFlags.digitalSignature

export const keyPair = (kind: keyof typeof KEYS = 'P-256') =>
  webcrypto.subtle.generateKey(KEYS[kind], true, ['sign', 'verify']) as Promise<webcrypto.CryptoKeyPair>

/** Makes a certificate as it is wished for, sensible or not. */
export async function issue(name: string, wishes: Wishes = {}): Promise<Party> {
  const { by, ca = false, kind = 'P-256', from = -1, to = 24, serial = `00${randomBytes(15).toString('hex')}` } = wishes
  const keys = wishes.keys ?? (await keyPair(kind))
  const signer = by?.keys ?? keys
  const usage = wishes.usage ?? (ca ? AUTHORITY : CLIENT)
  const made = await x509.X509CertificateGenerator.create({
    serialNumber: serial,
    subject: name,
    issuer: by?.name ?? name,
    notBefore: new Date(Date.now() + from * HOUR),
    notAfter: new Date(Date.now() + to * HOUR),
    publicKey: keys.publicKey,
    signingKey: signer.privateKey,
    signingAlgorithm: wishes.algorithm ?? algorithmOf(signer),
    extensions: [
      new x509.BasicConstraintsExtension(ca, wishes.pathLength, true),
      ...(usage === false ? [] : [new x509.KeyUsagesExtension(usage, true)]),
      ...(wishes.purposes ? [new x509.ExtendedKeyUsageExtension([...wishes.purposes])] : []),
      ...(wishes.names ? [new x509.SubjectAlternativeNameExtension(wishes.names)] : []),
      await x509.SubjectKeyIdentifierExtension.create(keys.publicKey),
      await x509.AuthorityKeyIdentifierExtension.create(signer.publicKey),
      ...(wishes.extensions ?? []),
    ],
  })
  const pem = made.toString('pem')
  const key = KeyObject.from(keys.privateKey).export({ type: 'pkcs8', format: 'pem' }).toString()
  return { certificate: new X509Certificate(pem), pem, key, keys, name }
}

/** SHA-256 with whatever the key is for. */
const algorithmOf = ({ privateKey: { algorithm } }: webcrypto.CryptoKeyPair) => ({
  hash: 'SHA-256',
  ...algorithm,
  ...(algorithm.name === 'ECDSA' && { hash: 'SHA-256' }),
})

export const authority = (name: string, wishes: Wishes = {}) => issue(name, { ca: true, ...wishes })

/** A URI as a general name. */
export function uri(value: string): GeneralName {
  const name = new GeneralName()
  name.type = 6
  name.value = value
  return name
}

/** Where the responders for a certificate are said to be (RFC 5280 §4.2.2.1). */
export function responders(...urls: readonly string[]): x509.Extension {
  const accessDescriptions = urls.map((url) => new AccessDescription({ accessMethod: '1.3.6.1.5.5.7.48.1', accessLocation: uri(url) }))
  return extension('1.3.6.1.5.5.7.1.1', false, new InfoAccess({ accessDescriptions }).toSchema().toBER())
}

/** An extension of any content. */
export const extension = (id: string, critical: boolean, octets: ArrayBuffer | Uint8Array) =>
  new x509.Extension(id, critical, new Uint8Array(octets))

export interface CrlWishes {
  readonly revoked?: readonly {
    readonly party: { readonly certificate: Pick<X509Certificate, 'serialNumber'> }
    readonly reason?: x509.X509CrlReason
  }[]
  /** Hours from now. */
  readonly from?: number
  /** Hours from now; `false`: the list does not say. */
  readonly to?: number | false
  readonly extensions?: readonly x509.Extension[]
  readonly keys?: webcrypto.CryptoKeyPair
  readonly algorithm?: { readonly name: string; readonly hash: string }
}

/** A certificate revocation list, as PEM. */
export async function crlOf(by: Party, { revoked = [], from = -1, to = 1, extensions = [], keys = by.keys, algorithm }: CrlWishes = {}) {
  const crl = await x509.X509CrlGenerator.create({
    issuer: by.name,
    thisUpdate: new Date(Date.now() + from * HOUR),
    ...(to !== false && { nextUpdate: new Date(Date.now() + to * HOUR) }),
    entries: revoked.map(({ party, reason = x509.X509CrlReason.keyCompromise }) => ({
      serialNumber: party.certificate.serialNumber,
      revocationDate: new Date('2026-01-02T03:04:05Z'),
      reason,
    })),
    extensions: [...extensions],
    signingKey: keys.privateKey,
    signingAlgorithm: algorithm ?? algorithmOf(keys),
  })
  return crl.toString('pem')
}

/** A source that always shows this. */
export const shows =
  ({ certificate }: Pick<Party, 'certificate'>, chain: readonly Pick<Party, 'certificate'>[] = []): TrustOptions['certificate'] =>
  () => ({ x509: certificate, chain: chain.map((one) => one.certificate), verified: 'tls' })

/** A request that says nothing by itself. */
export const request = () => new IncomingMessage(new Socket())

type Options = Omit<TrustOptions, 'certificate'>

/** Seconds that responders have where a test does not say how many: openssl signs their answers, and may be slow to start. */
const PATIENCE = 30
const patient = ({ revocation, ...rest }: Options): Options => ({
  ...rest,
  ...(revocation && { revocation: { ...revocation, ...(revocation.ocsp && { ocsp: { timeout: PATIENCE, ...revocation.ocsp } }) } }),
})

/** What trust makes of a certificate that its source thinks well of. */
export async function judge(options: Options, party: Pick<Party, 'certificate'>, chain: readonly Pick<Party, 'certificate'>[] = []) {
  const found = await trust({ ...patient(options), certificate: shows(party, chain) })(request())
  if (!found) throw new Error('there was a certificate')
  return found
}

/** `'chain'`, or why not. */
export async function outcome(...given: Parameters<typeof judge>): Promise<string | undefined> {
  const { verified, unverified }: ClientCertificate = await judge(...given)
  return verified === false ? unverified : verified
}
