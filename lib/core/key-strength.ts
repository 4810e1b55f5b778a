import type { KeyObject } from 'node:crypto'
import { isText } from './claims.js'

/** How strong a curve is, by its name in a JWK or in a certificate. */
export const CURVE_BITS: ReadonlyMap<unknown, number> = new Map<unknown, number>([
  ['P-256', 256],
  ['P-384', 384],
  ['P-521', 521],
  ['secp256k1', 256],
  ['Ed25519', 255],
  ['X25519', 255],
  ['Ed448', 448],
  ['X448', 448],
  // As certificates name them.
  ['prime256v1', 256],
  ['secp384r1', 384],
  ['secp521r1', 521],
])

export const tooShort = (name: string, bits: number) => `${name} is an RSA key of ${bits} bits, at least 2048 are required`
export const wrongCurve = (name: string, curve: unknown) =>
  `${name} is on ${isText(curve) ? `the curve ${curve}` : 'no curve'}, P-256 or a stronger one is required`

/** Why the key of a certificate is too weak; `ecBits` is the smallest curve. */
export function weakPublicKey(
  { asymmetricKeyType: type, asymmetricKeyDetails: details }: KeyObject,
  name: string,
  ecBits: number,
): string | undefined {
  if (type?.startsWith('rsa') && (details?.modulusLength ?? 0) < 2048) return tooShort(name, details?.modulusLength ?? 0)
  // With an exponent of 1 every signature is the message itself, so that anybody can make it (RFC 8017 §3.1).
  const { publicExponent = 3n } = details ?? {}
  if (publicExponent < 3n || publicExponent % 2n === 0n) return `${name} has an exponent that makes no key`
  if (type === 'ec' && (CURVE_BITS.get(details?.namedCurve) ?? 0) < ecBits) return wrongCurve(name, details?.namedCurve)
  return CERTIFICATE_KEYS.has(type) ? undefined : `${name} has a key of a kind that is not accepted`
}

const CERTIFICATE_KEYS = new Set<string | undefined>(['rsa', 'rsa-pss', 'ec', 'ed25519', 'ed448'])
