// What @peculiar/x509 is built on wants this loaded first.
import 'reflect-metadata'
import { webcrypto, X509Certificate } from 'node:crypto'
import * as x509 from '@peculiar/x509'
import * as asn1 from 'asn1js'

export { x509 }

const ALGORITHM = { name: 'ECDSA', namedCurve: 'P-256', hash: 'SHA-256' }
const keys = await webcrypto.subtle.generateKey(ALGORITHM, true, ['sign', 'verify'])

/** A subject: as text, as JSON with the string types (`[{ CN: [{ utf8String: 'app' }] }]`), or as the DER of a Name. */
export type Subject = string | x509.JsonNameParams | Uint8Array

/** A certificate with a subject and extensions, all of one key: only its names are looked at. */
export async function named(subject: Subject, extensions: readonly x509.Extension[] = []): Promise<X509Certificate> {
  if (subject instanceof Uint8Array) return new X509Certificate(withSubject((await named('CN=app', extensions)).raw, subject))
  const name = new x509.Name(subject)
  const made = await x509.X509CertificateGenerator.createSelfSigned({
    name,
    keys,
    signingAlgorithm: ALGORITHM,
    extensions: [...extensions],
  })
  return new X509Certificate(made.toString('pem'))
}

/** The DER of a certificate with another subject, as it is; the signature is not made again. */
export function withSubject(certificate: Uint8Array, subject: Uint8Array): Uint8Array {
  const [tbs, ...signature] = partsOf(asn1.fromBER(certificate).result)
  // After version, serial number, algorithm, issuer and validity (RFC 5280 §4.1).
  const fields = partsOf(tbs).map((field) => field.valueBeforeDecodeView)
  return element(0x30, element(0x30, ...fields.with(5, subject)), ...signature.map((part) => part.valueBeforeDecodeView))
}

const partsOf = (sequence: unknown) => (sequence instanceof asn1.Sequence ? sequence.valueBlock.value : [])

/** An object in place of a certificate that Node would make no object of: readers look at its DER alone. */
export const withDer = (raw: Uint8Array): X509Certificate => Object.create({}, { raw: { value: Buffer.from(raw) } })

/** An extension with whatever octets in it. */
export const extension = (oid: string, der: Uint8Array): x509.Extension => new x509.Extension(oid, false, Uint8Array.from(der))

export const octets = (...bytes: readonly number[]): Uint8Array => Uint8Array.from(bytes)

/** An element of DER (X.690 §8.1) with whatever octets in it. */
export function element(tag: number, ...content: readonly Uint8Array[]): Uint8Array {
  const { length } = Buffer.concat(content)
  const size = length < 0x80 ? [length] : [0x82, length >> 8, length & 0xff]
  return Uint8Array.from(Buffer.concat([octets(tag, ...size), ...content]))
}

/** A string of some type, by its tag: UTF8String is 12, PrintableString 19, TeletexString 20, IA5String 22. */
export const string = (tag: number, value: string | readonly number[]): Uint8Array =>
  element(tag, typeof value === 'string' ? Uint8Array.from(Buffer.from(value)) : octets(...value))

/** Characters of the Basic Multilingual Plane, as a BMPString (tag 30) has them. */
export const bmp = (value: string): readonly number[] =>
  [...value].flatMap((character) => [character.charCodeAt(0) >> 8, character.charCodeAt(0) & 0xff])

const oid = (type: string) => new Uint8Array(new asn1.ObjectIdentifier({ value: type }).toBER())

/** The DER of a Name; each RDN is a list of types and of the DER of their values. */
export const nameOf = (...rdns: readonly (readonly (readonly [type: string, value: Uint8Array])[])[]): Uint8Array =>
  element(0x30, ...rdns.map((rdn) => element(0x31, ...rdn.map(([type, value]) => element(0x30, oid(type), value)))))
