import { createPublicKey, type JsonWebKey, X509Certificate } from 'node:crypto'
import { isText } from '../core/claims.js'
import type { Facts, Jwk } from '../core/facts.js'
import { canServe } from '../core/jwk.js'
import { CURVE_BITS, tooShort, weakPublicKey, wrongCurve } from '../core/key-strength.js'
import { defineRule } from '../core/rule.js'
import { shownToClients } from '../core/shown.js'

/** The bits of a base64url number, leading zero octets not counted. */
function bitsOf(value: unknown): number {
  if (typeof value !== 'string') return 0
  const octets = Buffer.from(value, 'base64url')
  const first = octets.findIndex((octet) => octet !== 0)
  return first === -1 ? 0 : (octets.length - first) * 8 - Math.clz32(octets[first] as number) + 24
}

/** Why a key is too weak; `ecBits` is the profile's smallest curve. Keys of other kinds are for their own algorithms to refuse. */
function weakness(jwk: Jwk, ecBits: number): string | undefined {
  const { kty, n, crv, kid, x5c } = jwk
  const name = isText(kid) ? `the key ${shownToClients(kid)}` : 'a key'
  if (kty === 'RSA' && bitsOf(n) < 2048) return tooShort(name, bitsOf(n))
  if (kty === 'EC' && (CURVE_BITS.get(crv) ?? 0) < ecBits) return wrongCurve(name, crv)
  if (kty === 'oct') return `${name} is symmetric, which no key of a key set may be`
  return x5c === undefined ? undefined : wrongChain(jwk, name, ecBits)
}

/** RFC 7517 §4.7: the first certificate is the key's own. A client of self_signed_tls_client_auth is known by it and by nothing else of the key. */
function wrongChain(jwk: Jwk, name: string, ecBits: number): string | undefined {
  try {
    const keys = [jwk.x5c].flat().map((der) => new X509Certificate(Buffer.from(String(der), 'base64')).publicKey)
    const weak = keys.map((key) => weakPublicKey(key, `a certificate of ${name}`, ecBits)).find(isText)
    const own = createPublicKey({ key: publicPart(jwk) as JsonWebKey, format: 'jwk' })
    return weak ?? (keys[0]?.equals(own) ? undefined : `the first certificate of ${name} must be its own`)
  } catch {
    return `x5c of ${name} must be certificates`
  }
}

const publicPart = ({ kty, n, e, crv, x, y }: Jwk) => ({ kty, n, e, crv, x, y })

const firstOf = (keys: readonly Jwk[], check: (key: Jwk) => string | undefined) => keys.map(check).find((found) => found !== undefined)

/** `ecBits`: FAPI1-BASE-5.2.2-6 asks for 160, FAPI2-SP-5.4.1-3 for 224; P-256 is the smallest curve JWA has. */
export const strongKeys = (ecBits: number) =>
  defineRule({
    id: 'strong-keys',
    summary: `Client keys are RSA of 2048 bits or more, or on curves of ${ecBits} bits or more.`,
    mend: 'Replace the key: RSA of 2048 bits or more, EC on P-256, P-384 or P-521, or Ed25519. Publish only its public part, in jwks or at jwks_uri, and no symmetric key. If it has an x5c, the first certificate must be for the same key.',
    at: ['registration', 'key'],
    check: (facts: Facts['registration'] | Facts['key']) =>
      'key' in facts ? weakness(facts.key, ecBits) : firstOf(facts.client.jwks?.keys ?? [], (key) => weakness(key, ecBits)),
  })

export const strongCertificates = (ecBits: number) =>
  defineRule({
    id: 'strong-certificates',
    summary: `Client certificates have keys of 2048 bits (RSA) or on curves of ${ecBits} bits or more.`,
    mend: 'Use a client certificate whose key is RSA of 2048 bits or more, or EC on P-256, P-384 or P-521, and register it again where the certificate itself is registered.',
    at: ['authentication'],
    check({ client, wire: { certificate } }) {
      const isUsed = client.tls_client_certificate_bound_access_tokens || client.token_endpoint_auth_method.endsWith('tls_client_auth')
      if (!certificate || !isUsed) return undefined
      try {
        return weakPublicKey(certificate.x509.publicKey, 'the client certificate', ecBits)
      } catch {
        return 'the client certificate has a key of a kind that is not accepted'
      }
    },
  })

export const strongServerKeys = (ecBits: number) =>
  defineRule({
    id: 'strong-server-keys',
    summary: `The server's own keys are RSA of 2048 bits or more, or on curves of ${ecBits} bits or more.`,
    mend: 'Replace the key in the key set of the server (node-oidc-provider: jwks.keys): RSA of 2048 bits or more, EC on P-256, P-384 or P-521, or Ed25519; no symmetric keys, and an x5c must start with the certificate of the key itself.',
    at: ['configuration', 'discovery'],
    setting: 'jwks',
    check: ({ server }) => firstOf(server.jwks.keys, (key) => weakness(key, ecBits)),
  })

export const serverCanSign = (allowed: readonly string[]) =>
  defineRule({
    id: 'server-can-sign',
    summary: `The server has a key to sign with ${allowed.join(' or ')}.`,
    mend: `Add a private key for ${allowed.join(' or ')} to the key set of the server (node-oidc-provider: jwks.keys), such as an RSA key of 2048 bits with use sig and alg PS256, or an EC key on P-256 with alg ES256.`,
    at: ['configuration', 'discovery'],
    setting: 'jwks',
    check: ({ server }) =>
      server.jwks.keys.some((key) => allowed.some((alg) => canServe(key, alg)))
        ? undefined
        : `must hold a key that can sign with ${allowed.join(' or ')}`,
  })
