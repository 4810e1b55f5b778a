import { createPublicKey, type KeyObject, X509Certificate } from 'node:crypto'
import { calculateJwkThumbprint, type JWK } from 'jose'
import type { DistinguishedName } from '../../core/distinguished-name.js'
import type { Jwk } from '../../core/facts.js'
import { freshKeys } from '../../readers/fresh-keys.js'
import { selfSignedCertificate } from '../../readers/self-signed.js'

/** The algorithms that keys can be made for, what they are for, and of which kind the key is (RFC 7518 §3.1 and §4.1, RFC 8037 §3.1, RFC 9864). */
export const KEY_ALGORITHMS = {
  PS256: { use: 'sig', kind: 'RSA' },
  ES256: { use: 'sig', kind: 'P-256' },
  EdDSA: { use: 'sig', kind: 'Ed25519' },
  Ed25519: { use: 'sig', kind: 'Ed25519' },
  'RSA-OAEP-256': { use: 'enc', kind: 'RSA' },
  'ECDH-ES': { use: 'enc', kind: 'P-256' },
} as const

export type KeyAlgorithm = keyof typeof KEY_ALGORITHMS

/** A key in both halves, as JWKs. */
export interface MadeKey {
  readonly kid: string
  readonly privateJwk: Jwk
  readonly publicJwk: Jwk
}

/** Makes a key; its `kid` is its thumbprint (RFC 7638) where none is given. RSA keys have 2048 bits. */
export async function makeKey(alg: KeyAlgorithm, kid?: string): Promise<MadeKey> {
  const { use, kind } = KEY_ALGORITHMS[alg]
  const { publicKey, privateKey } = freshKeys(kind)
  const publicHalf = jwkOf(publicKey)
  const named = { kid: kid ?? (await calculateJwkThumbprint(publicHalf)), use, alg }
  return { kid: named.kid, privateJwk: { ...jwkOf(privateKey), ...named }, publicJwk: { ...publicHalf, ...named } }
}

/** A certificate that signs itself, its key, and both as the public JWK that `self_signed_tls_client_auth` registers (RFC 8705 §2.2.2). */
export interface MadeCertificate {
  readonly certificate: string
  readonly key: string
  readonly publicJwk: Jwk
}

/** Makes a client certificate on P-256 that is valid for so many days from five minutes ago, since clocks differ. */
export async function makeCertificate(subject: DistinguishedName, days: number): Promise<MadeCertificate> {
  const { privateKey } = freshKeys('P-256')
  const now = Date.now()
  const validity = { notBefore: new Date(now - 300_000), notAfter: new Date(now + days * DAY) }
  const certificate = selfSignedCertificate({ subject, privateKey, usage: 'client', ...validity })
  const jwk = jwkOf(createPublicKey(privateKey))
  const x5c = [new X509Certificate(certificate).raw.toString('base64')]
  return {
    certificate,
    key: privateKey.export({ type: 'pkcs8', format: 'pem' }).toString(),
    publicJwk: { ...jwk, kid: await calculateJwkThumbprint(jwk), use: 'sig', x5c },
  }
}

const DAY = 86_400_000

const jwkOf = (key: KeyObject): JWK => ({ ...key.export({ format: 'jwk' }) })
