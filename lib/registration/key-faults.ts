import { type KeyObject, X509Certificate } from 'node:crypto'
import { isText } from '../core/claims.js'
import type { Jwk } from '../core/facts.js'
import { PRIVATE_MEMBERS } from '../core/jwk.js'
import { CURVE_BITS, weakPublicKey, wrongCurve } from '../core/key-strength.js'
import { publicKeyOf } from '../readers/public-key.js'
import { isSmallOrder } from '../readers/small-order.js'
import type { MetadataFault } from './metadata.js'
import { faultsOfEach, invalid, shown } from './metadata-fault.js'

/** Keys of a client and certificates of a key, our choice. */
const MOST_KEYS = 50
const MOST_CERTIFICATES = 10
/** P-256 is the smallest curve that JWA has (RFC 7518 §6.2.1.1). */
const CURVE = 256

/** What is wrong with the public keys of a client, given by value or published; `field` says which. */
export function keyFaults(field: string, keys: readonly Jwk[]): MetadataFault[] {
  if (keys.length > MOST_KEYS) return [invalid(`${field} has ${keys.length} keys, at most ${MOST_KEYS} are taken`)]
  const alike = keys.filter((key, index) => keys.some((other, before) => before < index && isMistakable(key, other)))
  return [
    ...faultsOfEach(field, keys, (jwk) => keyFault(jwk, `${nameOf(jwk)} in ${field}`)),
    ...faultsOfEach(
      field,
      alike,
      (jwk) => `${nameOf(jwk)} in ${field} must have a kid of its own, or another alg or use than the key that shares it`,
    ),
  ].map(invalid)
}

const nameOf = ({ kid }: Jwk) => (isText(kid) ? `the key ${shown(kid)}` : 'a key')

/** RFC 7517 §4.5: keys of different types may share a kid, and those that `alg` or `use` keep apart. */
const isMistakable = (a: Jwk, b: Jwk) =>
  a.kid !== undefined && a.kid === b.kid && a.kty === b.kty && a.crv === b.crv && overlap(a.alg, b.alg) && overlap(a.use, b.use)
const overlap = (a: unknown, b: unknown) => a === undefined || b === undefined || a === b

/** A key of a type that nobody knows is left alone (RFC 7517 §5), as long as it shows nothing that is private. */
function keyFault(jwk: Jwk, name: string): string | undefined {
  const { kty, crv, alg, x5c, key_ops: operations } = jwk
  if (kty === 'oct') return `${name} is symmetric, it must be the public half of a pair of keys`
  if (PRIVATE_MEMBERS.some((member) => jwk[member] !== undefined)) return `${name} is private, only its public half may be shown to anybody`
  const wrong = ['kty', 'kid', 'use', 'alg'].find((member) => (member === 'kty' || jwk[member] !== undefined) && !isText(jwk[member]))
  if (wrong !== undefined) return `${wrong} of ${name} must be a string`
  if (operations !== undefined && !(Array.isArray(operations) && operations.every(isText)))
    return `key_ops of ${name} must be a list of strings`
  if (alg === 'RSA1_5') return `${name} must not be for RSA1_5`
  if (kty !== 'RSA' && kty !== 'EC' && kty !== 'OKP') return undefined
  if (kty !== 'RSA' && !CURVE_BITS.has(crv)) return wrongCurve(name, isText(crv) ? shown(crv) : crv)
  const key = publicKeyOf(jwk)
  if (!key) return `${name} is no valid key, it must have the members that RFC 7518 section 6 gives its kty`
  return weakness(key, name) ?? (x5c === undefined ? undefined : certificateFault(x5c, key, name))
}

/** These agree on keys and sign nothing; X25519 has 128 bits of security, as P-256. */
const AGREEMENT = ['x25519', 'x448']

function weakness(key: KeyObject, name: string): string | undefined {
  if (AGREEMENT.includes(key.asymmetricKeyType ?? '')) return undefined
  return weakPublicKey(key, name, CURVE) ?? (isSmallOrder(key) ? `${name} is a point with which anybody can sign` : undefined)
}

/** RFC 7517 §4.7: the first certificate is the key's own. A client of self_signed_tls_client_auth is known by it alone. */
function certificateFault(x5c: unknown, key: KeyObject, name: string): string | undefined {
  const wrong = `x5c of ${name} must be a list of 1 to ${MOST_CERTIFICATES} certificates, as base64 of their DER`
  const chain: readonly unknown[] = Array.isArray(x5c) ? x5c : []
  if (chain.length === 0 || chain.length > MOST_CERTIFICATES || !chain.every(isText)) return wrong
  try {
    const keys = chain.map((der) => new X509Certificate(Buffer.from(String(der), 'base64')).publicKey)
    const weak = keys.map((one) => weakPublicKey(one, `a certificate of ${name}`, CURVE)).find(isText)
    return weak ?? (keys[0]?.equals(key) ? undefined : `the first certificate in x5c of ${name} must be its own`)
  } catch {
    return wrong
  }
}
