import { isText } from '../core/claims.js'
import type { Facts, Jwk } from '../core/facts.js'
import { defineRule } from '../core/rule.js'

const CURVE_BITS = new Map<unknown, number>(
  Object.entries({
    'P-256': 256,
    'P-384': 384,
    'P-521': 521,
    secp256k1: 256,
    Ed25519: 255,
    X25519: 255,
    Ed448: 448,
    X448: 448,
  }),
)

/** The bits of a base64url number, leading zero octets not counted. */
function bitsOf(value: unknown): number {
  if (typeof value !== 'string') return 0
  const octets = Buffer.from(value, 'base64url')
  const first = octets.findIndex((octet) => octet !== 0)
  return first === -1 ? 0 : (octets.length - first) * 8 - Math.clz32(octets[first] as number) + 24
}

/** Why a key is too weak; `ecBits` is the profile's smallest curve. Keys of other kinds are for their own algorithms to refuse. */
function weakness({ kty, n, crv, kid }: Jwk, ecBits: number): string | undefined {
  const name = typeof kid === 'string' ? `the key ${kid}` : 'a key'
  if (kty === 'RSA' && bitsOf(n) < 2048) return `${name} is an RSA key of ${bitsOf(n)} bits, at least 2048 are required`
  if (kty === 'EC' && (CURVE_BITS.get(crv) ?? 0) < ecBits)
    return `${name} is on ${isText(crv) ? `the curve ${crv}` : 'no curve'}, P-256 or a stronger one is required`
  if (kty === 'oct') return `${name} is symmetric, which no key of a key set may be`
  return undefined
}

const firstOf = (keys: readonly Jwk[], check: (key: Jwk) => string | undefined) => keys.map(check).find((found) => found !== undefined)

/** `ecBits`: FAPI1-BASE-5.2.2-6 asks for 160, FAPI2-SP-5.4.1-3 for 224; P-256 is the smallest curve JWA has. */
export const strongKeys = (ecBits: number) =>
  defineRule({
    id: 'strong-keys',
    summary: `Client keys are RSA of 2048 bits or more, or on curves of ${ecBits} bits or more.`,
    at: ['registration', 'key'],
    check: (facts: Facts['registration'] | Facts['key']) =>
      'key' in facts ? weakness(facts.key, ecBits) : firstOf(facts.client.jwks?.keys ?? [], (key) => weakness(key, ecBits)),
  })

export const strongServerKeys = (ecBits: number) =>
  defineRule({
    id: 'strong-server-keys',
    summary: `The server's own keys are RSA of 2048 bits or more, or on curves of ${ecBits} bits or more.`,
    at: ['configuration'],
    setting: 'jwks',
    check: ({ server }) => firstOf(server.jwks.keys, (key) => weakness(key, ecBits)),
  })

/** Whether a private or public JWK can serve a JWS algorithm (RFC 7518 §3.1, RFC 8037 §3.1). */
function serves({ kty, crv, alg, use }: Jwk, wanted: string): boolean {
  if ((alg !== undefined && alg !== wanted) || use === 'enc') return false
  if (wanted.startsWith('PS')) return kty === 'RSA'
  return wanted === 'ES256' ? crv === 'P-256' : crv === 'Ed25519'
}

export const serverCanSign = (allowed: readonly string[]) =>
  defineRule({
    id: 'server-can-sign',
    summary: `The server has a key to sign with ${allowed.join(' or ')}.`,
    at: ['configuration'],
    setting: 'jwks',
    check: ({ server }) =>
      server.jwks.keys.some((key) => allowed.some((alg) => serves(key, alg)))
        ? undefined
        : `must hold a key that can sign with ${allowed.join(' or ')}`,
  })
