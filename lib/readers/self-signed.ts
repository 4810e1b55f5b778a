import { createPublicKey, type KeyObject, randomBytes, sign } from 'node:crypto'
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
import type { DistinguishedName } from '../core/distinguished-name.js'

/** What stands in a certificate that signs itself. */
export interface SelfSigned {
  /** Of one attribute at least; values are written as UTF-8. */
  readonly subject: DistinguishedName
  /** On P-256. */
  readonly privateKey: KeyObject
  /** What it is for: a client, or a server on localhost. */
  readonly usage: 'client' | 'server'
  readonly notBefore: Date
  readonly notAfter: Date
}

const OID = {
  ecdsaWithSha256: '1.2.840.10045.4.3.2',
  keyUsage: '2.5.29.15',
  subjectAltName: '2.5.29.17',
  basicConstraints: '2.5.29.19',
  extKeyUsage: '2.5.29.37',
  client: '1.3.6.1.5.5.7.3.2',
  server: '1.3.6.1.5.5.7.3.1',
}

/** Makes a certificate that signs itself (RFC 5280 §4.1), in PEM. */
export function selfSignedCertificate({ subject, privateKey, usage, notBefore, notAfter }: SelfSigned): string {
  const algorithm = sequence(oid(OID.ecdsaWithSha256))
  const name = nameOf(subject)
  const content = sequence(
    tagged(0, new Integer({ value: 2 })),
    // 128 bits, and no sign.
    new Integer({ valueHex: bytes(Buffer.concat([Buffer.from([1]), randomBytes(15)])) }),
    algorithm,
    name,
    sequence(time(notBefore), time(notAfter)),
    name,
    fromBER(bytes(createPublicKey(privateKey).export({ type: 'spki', format: 'der' }))).result,
    tagged(3, sequence(...extensions(usage))),
  )
  const signature = sign('sha256', Buffer.from(content.toBER()), privateKey)
  const der = Buffer.from(sequence(content, algorithm, new BitString({ valueHex: bytes(signature) })).toBER())
  return `-----BEGIN CERTIFICATE-----\n${der.toString('base64').replaceAll(/.{64}/g, '$&\n').trimEnd()}\n-----END CERTIFICATE-----\n`
}

/** RFC 5280 §4.1.2.4. What was given as DER stays as it was given. */
const nameOf = (name: DistinguishedName) =>
  sequence(
    ...name.map(
      (rdn) =>
        new SetOf({
          value: rdn.map(({ type, value }) =>
            sequence(
              oid(type),
              typeof value === 'string' ? new Utf8String({ value }) : fromBER(bytes(Buffer.from(value.der, 'hex'))).result,
            ),
          ),
        }),
    ),
  )

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
