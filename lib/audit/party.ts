import type { Client, Jwk } from '../core/facts.js'
import { canServe, FAPI_ALGORITHMS } from '../core/jwk.js'
import { clientFacts } from '../readers/client-metadata.js'
import { freshKeys } from '../readers/fresh-keys.js'
import type { CertificateWithKey } from './exchange.js'
import type { Party, SigningKey } from './scene.js'

/** A registered client and the private keys that belong to it. */
export interface GivenClient {
  /** RFC 7591 metadata with `client_id`. */
  readonly metadata: Readonly<Record<string, unknown>>
  readonly keys: readonly Jwk[]
}

/** A client that the audit can act as. */
export function partyOf({ metadata, keys }: GivenClient, certificate: CertificateWithKey | undefined): Party {
  const client = clientFacts(metadata)
  return {
    ...{ client, certificate, keys },
    signing: signingKey(client, keys),
    proofKey: { key: { ...freshKeys('P-256').privateKey.export({ format: 'jwk' }) }, alg: 'ES256' },
  }
}

/** The first key that can sign with what the client is registered for. */
function signingKey(
  { token_endpoint_auth_signing_alg: ofAssertions, request_object_signing_alg: ofObjects }: Client,
  keys: readonly Jwk[],
): SigningKey | undefined {
  for (const alg of FAPI_ALGORITHMS.filter((one) => (ofAssertions ?? ofObjects ?? one) === one)) {
    const key = keys.find((one) => canServe(one, alg))
    if (key) return { key, alg }
  }
  return undefined
}
