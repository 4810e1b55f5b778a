import type { KeyObject, X509Certificate } from 'node:crypto'
import { isText } from '../core/claims.js'
import type { Jwk } from '../core/facts.js'
import { weakPublicKey, wrongCurve } from '../core/key-strength.js'
import { isSmallOrder } from '../readers/small-order.js'
import { x509Of } from './given-certificate.js'
import { GivenError } from './given-error.js'

/** Keys of a client, and certificates above a key's own; our choice. */
const MOST_KEYS = 50
export const MOST_ISSUERS = 9
/** P-256 is the smallest curve that JWA has (RFC 7518 §6.2.1.1). */
const LEAST_CURVE_BITS = 256

/** What keys may be given as. */
export const FORMS =
  'a JWK Set, a JWK, public keys in PEM (-----BEGIN PUBLIC KEY-----) or certificates in PEM (-----BEGIN CERTIFICATE-----)'

export const unreadable = (message: string) => new GivenError('unreadable', message)

/** A key before it has its kid. */
export interface Candidate {
  readonly jwk: Jwk
  readonly thumbprint: string
  readonly own?: X509Certificate | undefined
  readonly issuers: readonly X509Certificate[]
  readonly warnings: readonly string[]
}

/** Throws a `GivenError` for more keys than are taken. */
export function insistOnFew(count: number): void {
  if (count > MOST_KEYS) throw unreadable(`${count} keys were given, at most ${MOST_KEYS} are taken`)
}

/** The certificate in PEM or base64, with a key that can be read. Throws a `GivenError` that names it. */
export function certificateIn(input: string, name: string): X509Certificate {
  try {
    const x509 = x509Of(input)
    if (hasKey(x509)) return x509
  } catch (error) {
    if (!(error instanceof GivenError)) throw error
    throw new GivenError(error.kind, `${name} cannot be taken: ${error.message}`)
  }
  throw unreadable(`${name} has a key that cannot be read: it should be RSA, EC (P-256) or Ed25519`)
}

function hasKey(x509: X509Certificate): boolean {
  try {
    return x509.publicKey.type === 'public'
  } catch {
    return false
  }
}

/** Why rules may refuse a key; without a key, its curve is not known here. */
export function weaknesses(key: KeyObject | undefined, crv: unknown): readonly string[] {
  if (!key) return [wrongCurve('the key', isText(crv) ? crv.slice(0, 40) : crv)]
  if (['x25519', 'x448'].includes(key.asymmetricKeyType ?? '')) return []
  const weak = weakPublicKey(key, 'the key', LEAST_CURVE_BITS)
  return [weak, isSmallOrder(key) ? 'the key is a point with which anybody can sign' : undefined].filter((found) => found !== undefined)
}
