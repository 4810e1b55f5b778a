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

type Metadata = Readonly<Record<string, unknown>>

/** A client that the audit can act as; `server`: the metadata of the server, which say what it takes. */
export function partyOf({ metadata, keys }: GivenClient, certificate: CertificateWithKey | undefined, server: Metadata = {}): Party {
  const client = clientFacts(metadata)
  return {
    ...{ client, certificate, keys },
    signing: signingKey(client, keys, server),
    proofKey: freshKey(firstOffered(server.dpop_signing_alg_values_supported)),
  }
}

const ALGORITHMS = ['ES256', 'PS256', 'EdDSA', 'Ed25519'] as const

/** The first that no list is without; the first of all where there is none. A list that is not published says nothing. */
export const firstOffered = (...lists: readonly unknown[]): string =>
  ALGORITHMS.find((alg) => lists.every((list) => !Array.isArray(list) || list.includes(alg))) ?? ALGORITHMS[0]

/** A new key for an algorithm. */
export function freshKey(alg: string, more: Jwk = {}): SigningKey {
  const { privateKey } = freshKeys(alg.startsWith('PS') ? 'RSA' : alg === 'ES256' ? 'P-256' : 'Ed25519')
  return { alg, key: { ...privateKey.export({ format: 'jwk' }), ...more } }
}

/** The first key that can sign with what the client is registered for, and the server takes. */
function signingKey(
  { token_endpoint_auth_signing_alg: ofAssertions, request_object_signing_alg: ofObjects }: Client,
  keys: readonly Jwk[],
  { token_endpoint_auth_signing_alg_values_supported: taken }: Metadata,
): SigningKey | undefined {
  const isTaken = (alg: string) => !Array.isArray(taken) || taken.includes(alg)
  const registered = FAPI_ALGORITHMS.filter((one) => (ofAssertions ?? ofObjects ?? one) === one)
  for (const alg of [...registered.filter(isTaken), ...registered]) {
    const key = keys.find((one) => canServe(one, alg))
    if (key) return { key, alg }
  }
  return undefined
}
