import { createPublicKey, type JsonWebKey, type KeyObject } from 'node:crypto'
import { calculateJwkThumbprint, type JWK } from 'jose'
import type { Jwk } from '../core/facts.js'
import { forgetOldest } from '../core/forget-oldest.js'
import { canServe, FAPI_ALGORITHMS, PRIVATE_MEMBERS } from '../core/jwk.js'
import { weakPublicKey } from '../core/key-strength.js'
import { jsonPart } from './jws.js'
import { isSmallOrder } from './small-order.js'

/** Who signed a proof, as its header says: the same for every proof of a client, so it is read once. */
export interface ProofKey {
  readonly header: Readonly<Record<string, unknown>>
  readonly alg: string
  readonly key: KeyObject
  /** The `jkt` thumbprint (RFC 7638). */
  readonly jkt: string
}

/** Headers of proofs by their text. Bounded, our choice: clients that have not been seen for long are read again. */
const KEPT = 2000
/** Characters of a header, our choice: an RSA key of 4096 bits takes some 1,000. */
const LONGEST = 4096

export type ProofKeys = (header: string) => Promise<ProofKey | undefined>

/** Reads the headers of DPoP proofs (RFC 9449 §4.2); `undefined` for one with which nothing can be proven. Whoever keeps the function keeps what it has read. */
export function proofKeys(): ProofKeys {
  const known = new Map<string, ProofKey>()
  return async function proofKey(text) {
    const found = known.get(text) ?? (text.length > LONGEST ? undefined : await readProofKey(text))
    if (!found) return undefined
    known.delete(text)
    known.set(text, found)
    forgetOldest(known, KEPT)
    return found
  }
}

const TYPE = /^(?:application\/)?dpop\+jwt$/i
async function readProofKey(text: string): Promise<ProofKey | undefined> {
  const header = jsonPart(text)
  const { typ, alg, jwk, crit } = header ?? {}
  if (!header || typeof typ !== 'string' || !TYPE.test(typ) || typeof alg !== 'string' || crit !== undefined) return undefined
  if (!isAlgorithm(alg) || !isPublic(jwk) || !canServe(jwk, alg)) return undefined
  try {
    const key = createPublicKey({ key: { ...jwk } as JsonWebKey, format: 'jwk' })
    // FAPI2-SP-5.4.1-3.
    if (weakPublicKey(key, 'the key', 224) !== undefined || isSmallOrder(key)) return undefined
    return Object.freeze({ header: Object.freeze(header), alg, key, jkt: await calculateJwkThumbprint({ ...jwk } as JWK) })
  } catch {
    return undefined
  }
}

const isAlgorithm = (alg: string) => FAPI_ALGORITHMS.some((known) => known === alg)

const isPublic = (jwk: unknown): jwk is Jwk =>
  typeof jwk === 'object' && jwk !== null && !Array.isArray(jwk) && !PRIVATE_MEMBERS.some((member) => member in jwk)
