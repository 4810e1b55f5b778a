import { createHmac } from 'node:crypto'
import type { Configuration } from 'oidc-provider'
import { ConfigurationError } from '../core/errors.js'

export interface PairwiseOptions {
  /** At least 32 bytes that never change: with another secret every user is somebody else to every client. */
  readonly secret: string | Uint8Array
}

/**
 * Pairwise subject identifiers for the option `pairwiseIdentifier`: HMAC-SHA-256 over sector and account (OpenID Connect
 * Core §8.1), the sector being the host of `sector_identifier_uri`, whose document the provider checks, or of the redirect
 * URIs. Clients of one sector see the same `sub`. Throws a `ConfigurationError` when the secret is too short.
 */
export function pairwiseSubject({ secret }: PairwiseOptions): NonNullable<Configuration['pairwiseIdentifier']> {
  const bytes = typeof secret === 'string' ? Buffer.byteLength(secret) : (secret?.byteLength ?? 0)
  if (bytes < 32) throw new ConfigurationError([{ option: 'secret', got: `${bytes} bytes`, allowed: 'must have at least 32 bytes' }])

  return async function pairwiseIdentifier(_ctx, accountId, { clientId, sectorIdentifier }) {
    if (typeof sectorIdentifier !== 'string')
      throw new TypeError(`the client ${clientId} has no sector: it needs a redirect URI or a sector_identifier_uri`)
    // The length keeps one pair of sector and account from reading like another.
    return createHmac('sha256', secret).update(`${sectorIdentifier.length}:${sectorIdentifier}:${accountId}`).digest('base64url')
  }
}
