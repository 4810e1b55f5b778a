import { createPrivateKey, X509Certificate } from 'node:crypto'
import { comparableName } from '../core/alternative-name.js'
import { visible } from '../core/attribute-values.js'
import { SUBJECT_FIELDS, type SubjectField, subjectFault } from '../core/certificate-subject.js'
import { printDistinguishedName } from '../core/distinguished-name.js'
import type { Jwk } from '../core/facts.js'
import { weakPublicKey } from '../core/key-strength.js'
import { DistinguishedNameError, parseDistinguishedName } from '../core/parse-distinguished-name.js'
import { thumbprint, usable } from '../readers/certificate.js'
import { derOf, pemCertificates } from '../readers/certificate-bytes.js'
import { CertificateError } from '../readers/certificate-error.js'
import { alternativeNamesOf, subjectOf } from '../readers/certificate-fields.js'
import { subjectMismatch } from '../readers/certificate-subject.js'
import { daysUntil, expiryWarning } from './expiry.js'
import { GivenError } from './given-error.js'
import { keyThumbprint } from './key-thumbprint.js'
import { pemBlocks, privateKeyFound } from './pem-blocks.js'

/** The metadata that hold a subject alternative name (RFC 8705 §2.1.2). */
export type AlternativeNameField = Exclude<SubjectField, 'tls_client_auth_subject_dn'>

/** What a certificate says, in the words of client metadata. */
export interface GivenCertificate {
  /** What `tls_client_auth_subject_dn` has to be (RFC 4514); empty when its subject cannot be registered. */
  readonly subject_dn: string
  /** The names by which a client may be known instead; others that it carries are left out. */
  readonly subject_alternative_names: readonly { readonly field: AlternativeNameField; readonly value: string }[]
  /** For people to read. */
  readonly issuer_dn: string
  /** Hexadecimal. */
  readonly serial: string
  /** Epoch seconds. */
  readonly not_before: number
  /** Epoch seconds. */
  readonly not_after: number
  /** Whole days, negative once it is over. */
  readonly expires_in_days: number
  /** `x5t#S256` (RFC 8705 §3.1). */
  readonly thumbprint: string
  readonly self_signed: boolean
  readonly pem: string
  /** Its public key with the certificate in `x5c`, for `self_signed_tls_client_auth`; `undefined` for a key that no JWK can hold. */
  readonly jwk: Jwk | undefined
  /** Why it may not be used as a client's, or not for long. */
  readonly warnings: readonly string[]
}

/** Characters or octets, our choice: many times what a certificate takes. */
const LONGEST = 65_536
/** FAPI2-SP-5.4.1-3. */
const CURVE_BITS = 224

/** Reads a certificate, PEM or DER; `now` in epoch seconds. Throws a `GivenError` that says what was found instead. */
export const readGivenCertificate = (input: string | Uint8Array, now: number): GivenCertificate => describeCertificate(x509Of(input), now)

/** Reads what a certificate says; `now` in epoch seconds. Throws a `GivenError` for one that cannot be read. */
export function describeCertificate(x509: X509Certificate, now: number): GivenCertificate {
  const [notBefore, notAfter] = [Date.parse(x509.validFrom) / 1000, Date.parse(x509.validTo) / 1000]
  if (!Number.isFinite(notBefore) || !Number.isFinite(notAfter))
    throw new GivenError('unreadable', 'the dates of the certificate cannot be read')
  return readable(() => {
    const subject = printDistinguishedName(subjectOf(x509))
    const unregistrable = registrationFault(x509, 'tls_client_auth_subject_dn', subject)
    const jwk = jwkOf(x509)
    const warnings = [
      expiryWarning('the certificate', { notBefore, notAfter }, now),
      flawOf(x509, notBefore),
      weaknessOf(x509),
      unregistrable && `its subject cannot be registered: ${unregistrable}`,
      jwk ? undefined : 'its key cannot be written as a JWK, so it is of no use for self_signed_tls_client_auth',
    ].filter((warning) => warning !== undefined)
    return Object.freeze({
      subject_dn: unregistrable === undefined ? subject : '',
      subject_alternative_names: namesOf(x509),
      issuer_dn: issuerOf(x509),
      serial: x509.serialNumber,
      not_before: notBefore,
      not_after: notAfter,
      expires_in_days: daysUntil(notAfter, now),
      thumbprint: thumbprint(x509),
      self_signed: isIssuedBy(x509, x509),
      pem: x509.toString(),
      jwk,
      warnings: Object.freeze([...new Set(warnings)]),
    })
  })
}

/** Whether one certificate signed another, or itself. What it may sign is not asked: nothing is trusted for it. */
export function isIssuedBy(x509: X509Certificate, issuer: X509Certificate): boolean {
  try {
    return x509.issuer === issuer.subject && x509.verify(issuer.publicKey)
  } catch {
    return false
  }
}

/** The one certificate in PEM, DER or the base64 of DER. Throws a `GivenError`. */
export function x509Of(input: string | Uint8Array): X509Certificate {
  if (input.length === 0) throw new GivenError('unreadable', 'nothing was given, where a certificate should be (PEM or DER)')
  if (input.length > LONGEST)
    throw new GivenError('unreadable', `more than ${LONGEST} characters were given, where one certificate should be (PEM or DER)`)
  return readable(() => {
    const der = typeof input !== 'string' && input[0] === 0x30 ? derOf(Buffer.from(input).toString('base64')) : derIn(textOf(input))
    const x509 = parsed(der)
    // What OpenSSL forgives another reader may not, and then they have seen different certificates in the same bytes.
    if (!x509 && isPrivateKey(der)) throw privateKeyFound('what was given is')
    if (!x509?.raw.equals(der)) throw new GivenError('unreadable', 'what was given is no X.509 certificate')
    return x509
  })
}

const textOf = (input: string | Uint8Array) => (typeof input === 'string' ? input : Buffer.from(input).toString('latin1'))

function derIn(text: string): Buffer {
  const blocks = pemBlocks(text)
  const [block, ...more] = blocks.filter(({ label }) => label === 'CERTIFICATE')
  const [other] = blocks
  if (more.length > 0)
    throw new GivenError('unreadable', `${more.length + 1} certificates were given, where one should be: the client's own`)
  if (other && !block) throw new GivenError('unreadable', `a PEM block ${other.label} was given, where a CERTIFICATE should be`)
  if (block) return pemCertificates(block.text)[0] as Buffer
  const base64 = text.replaceAll(/\s/g, '')
  if (!base64.startsWith('M')) throw new GivenError('unreadable', 'what was given is neither PEM (-----BEGIN CERTIFICATE-----) nor DER')
  return derOf(base64)
}

function parsed(der: Buffer): X509Certificate | undefined {
  try {
    return new X509Certificate(der)
  } catch {
    return undefined
  }
}

const isPrivateKey = (der: Buffer) =>
  (['pkcs8', 'pkcs1', 'sec1'] as const).some((type) => {
    try {
      return createPrivateKey({ key: der, format: 'der', type }) !== undefined
    } catch {
      return false
    }
  })

function readable<T>(read: () => T): T {
  try {
    return read()
  } catch (error) {
    if (!(error instanceof CertificateError)) throw error
    const found = error.message.startsWith('the ') ? error.message : `what was given ${error.message}`
    throw new GivenError('unreadable', `${found}; give the certificate as PEM or DER, all of it`, { cause: error })
  }
}

/** Why metadata made of a certificate would not accept it. */
const registrationFault = (x509: X509Certificate, field: SubjectField, value: string): string | undefined =>
  value === '' ? 'it is empty' : (subjectFault(field, value) ?? subjectMismatch({ x509 }, { [field]: value })?.detail)

function namesOf(x509: X509Certificate): GivenCertificate['subject_alternative_names'] {
  const names = new Map<string, GivenCertificate['subject_alternative_names'][number]>()
  for (const { type, value } of alternativeNamesOf(x509)) {
    const field = FIELDS.find((one) => SUBJECT_FIELDS[one] === type)
    if (field === undefined || registrationFault(x509, field, value) !== undefined) continue
    const key = `${field} ${comparableName(type, value)}`
    if (!names.has(key)) names.set(key, Object.freeze({ field, value }))
  }
  return Object.freeze([...names.values()])
}

const FIELDS: readonly AlternativeNameField[] = [
  'tls_client_auth_san_dns',
  'tls_client_auth_san_uri',
  'tls_client_auth_san_ip',
  'tls_client_auth_san_email',
]

/** Node writes an RDN on each line, the first one first, and escapes what would be mistaken. Where a type has no name here, its text stays. */
function issuerOf({ issuer }: X509Certificate): string {
  const written = (issuer ?? '').split('\n').reverse().join(',')
  try {
    return printDistinguishedName(parseDistinguishedName(written))
  } catch (error) {
    if (error instanceof DistinguishedNameError) return visible(written)
    throw error
  }
}

/** What is wrong with it at any time: asked at a time at which it is valid. */
function flawOf(x509: X509Certificate, notBefore: number): string | undefined {
  try {
    usable({ x509, chain: [], verified: false }, notBefore * 1000)
    return undefined
  } catch (error) {
    if (error instanceof CertificateError && error.kind === 'unusable') return error.message
    throw error
  }
}

function weaknessOf(x509: X509Certificate): string | undefined {
  try {
    return weakPublicKey(x509.publicKey, 'the client certificate', CURVE_BITS)
  } catch {
    return undefined
  }
}

function jwkOf(x509: X509Certificate): Jwk | undefined {
  try {
    const { kty, crv, x, y, n, e } = x509.publicKey.export({ format: 'jwk' })
    const members = Object.fromEntries(Object.entries({ kty, crv, x, y, n, e }).filter(([, value]) => value !== undefined))
    return Object.freeze({ kid: keyThumbprint(members), ...members, x5c: Object.freeze([x509.raw.toString('base64')]) })
  } catch {
    return undefined
  }
}
