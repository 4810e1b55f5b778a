import { createHash } from 'node:crypto'
import type { SigningKey } from '../../support/keys.js'

/** The SHA-256 thumbprint of a P-256 key (RFC 7638 §3). */
export function calculateJkt(key: SigningKey | undefined): string {
  const { crv, kty, x, y } = key?.publicJwk ?? {}
  return createHash('sha256').update(JSON.stringify({ crv, kty, x, y })).digest('base64url')
}
