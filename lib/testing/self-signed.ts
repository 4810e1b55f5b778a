import { generateKeyPairSync, randomBytes, sign } from 'node:crypto'
import {
  type AsnType,
  BitString,
  Boolean as BooleanBlock,
  Constructed,
  fromBER,
  GeneralizedTime,
  Integer,
  ObjectIdentifier,
  OctetString,
  Primitive,
  Sequence,
  Set as SetOf,
  UTCTime,
  Utf8String,
} from 'asn1js'
import type { TlsIdentity } from './client.js'

export interface SelfSignedOptions {
  /** The common name, which is all of its subject. */
  readonly name?: string
  /** What it is for: a client, or a server on localhost. */
  readonly usage?: 'client' | 'server'
  readonly notBefore?: Date
  /** A day from now when not given. */
  readonly notAfter?: Date
}

const DAY = 86_400_000
const OID = {
  commonName: '2.5.4.3',
  ecdsaWithSha256: '1.2.840.10045.4.3.2',
  keyUsage: '2.5.29.15',
  subjectAltName: '2.5.29.17',
  basicConstraints: '2.5.29.19',
  extKeyUsage: '2.5.29.37',
  client: '1.3.6.1.5.5.7.3.2',
  server: '1.3.6.1.5.5.7.3.1',
}

/** Makes a certificate on P-256 that signs itself (RFC 5280 §4.1), and its private key. For tests: nobody has a reason to trust it. */
export function selfSigned({
  name = 'test client',
  usage = 'client',
  notBefore = new Date(Date.now() - 300_000),
  notAfter = new Date(Date.now() + DAY),
}: SelfSignedOptions = {}): TlsIdentity {
  const { publicKey, privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' })
  const algorithm = sequence(oid(OID.ecdsaWithSha256))
  const subject = sequence(new SetOf({ value: [sequence(oid(OID.commonName), new Utf8String({ value: name }))] }))
  const content = sequence(
    tagged(0, new Integer({ value: 2 })),
    // 128 bits, and no sign.
    new Integer({ valueHex: bytes(Buffer.concat([Buffer.from([1]), randomBytes(15)])) }),
    algorithm,
    subject,
    sequence(time(notBefore), time(notAfter)),
    subject,
    fromBER(bytes(publicKey.export({ type: 'spki', format: 'der' }))).result,
    tagged(3, sequence(...extensions(usage))),
  )
  const signature = sign('sha256', Buffer.from(content.toBER()), privateKey)
  const der = Buffer.from(sequence(content, algorithm, new BitString({ valueHex: bytes(signature) })).toBER())
  return Object.freeze({
    cert: `-----BEGIN CERTIFICATE-----\n${der.toString('base64').replaceAll(/.{64}/g, '$&\n').trimEnd()}\n-----END CERTIFICATE-----\n`,
    key: privateKey.export({ type: 'pkcs8', format: 'pem' }).toString(),
  })
}

function extensions(usage: 'client' | 'server') {
  const dns = new Primitive({ idBlock: { tagClass: 3, tagNumber: 2 }, valueHex: bytes(Buffer.from('localhost')) })
  const ip = new Primitive({ idBlock: { tagClass: 3, tagNumber: 7 }, valueHex: bytes(Buffer.from([127, 0, 0, 1])) })
  return [
    extension(OID.basicConstraints, true, sequence()),
    // digitalSignature is the first of its bits.
    extension(OID.keyUsage, true, new BitString({ valueHex: bytes(Buffer.from([0x80])), unusedBits: 7 })),
    extension(OID.extKeyUsage, false, sequence(oid(OID[usage]))),
    ...(usage === 'server' ? [extension(OID.subjectAltName, false, sequence(dns, ip))] : []),
  ]
}

const extension = (id: string, critical: boolean, value: AsnType) =>
  sequence(oid(id), ...(critical ? [new BooleanBlock({ value: true })] : []), new OctetString({ valueHex: value.toBER() }))

/** RFC 5280 §4.1.2.5: two digits for the year until 2049. */
const time = (date: Date) => (date.getUTCFullYear() < 2050 ? new UTCTime({ valueDate: date }) : new GeneralizedTime({ valueDate: date }))

const oid = (value: string) => new ObjectIdentifier({ value })
const sequence = (...value: AsnType[]) => new Sequence({ value })
const tagged = (tagNumber: number, value: AsnType) => new Constructed({ idBlock: { tagClass: 3, tagNumber }, value: [value] })
/** In a buffer of their own. */
const bytes = (of: Uint8Array): ArrayBuffer => new Uint8Array(of).buffer
