import { createPublicKey, type JsonWebKey, type KeyObject } from 'node:crypto'
import { calculateJwkThumbprint, type JWK } from 'jose'
import type { Jwk } from '../core/facts.js'
import { forgetOldest } from '../core/forget-oldest.js'
import { canServe, FAPI_ALGORITHMS, PRIVATE_MEMBERS } from '../core/jwk.js'
import { weakPublicKey } from '../core/key-strength.js'
import { shown } from '../core/shown.js'
import { jsonPart } from './jws.js'
import { algorithmDetail } from './jwt-fault.js'
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

/** Why nothing can be proven with the header of a proof, for the operator; `of` says which part of it is at fault. `undefined` where something can. */
export function whyNoProofKey(
  text: string,
  algorithms: readonly string[],
): { readonly of: 'alg' | 'header'; readonly detail: string } | undefined {
  const wrong = (detail: string, of: 'alg' | 'header' = 'header') => ({ of, detail })
  if (text.length > LONGEST) return wrong(`its header has ${text.length} characters, it may have ${LONGEST}`)
  const header = jsonPart(text)
  if (!header) return wrong('its header is no JSON object in base64url')
  const { typ, alg, jwk, crit } = header
  if (typeof typ !== 'string' || !TYPE.test(typ)) return wrong(`typ is ${shown(typ)}, right would be dpop+jwt`)
  if (typeof alg !== 'string' || !isAlgorithm(alg) || !algorithms.includes(alg)) return wrong(algorithmDetail(alg, algorithms), 'alg')
  if (crit !== undefined) return wrong(`crit names ${shown(crit)}, none is understood`)
  if (typeof jwk !== 'object' || jwk === null || Array.isArray(jwk)) return wrong('jwk is missing, or no object')
  if (!isPublic(jwk)) return wrong('jwk has members of a private key')
  const { kty, crv } = jwk
  if (!canServe(jwk, alg))
    return wrong(`jwk is of kty ${shown(kty)}${crv === undefined ? '' : ` and crv ${shown(crv)}`}, which does not serve alg ${alg}`)
  try {
    const key = createPublicKey({ key: { ...jwk } as JsonWebKey, format: 'jwk' })
    const weak = weakPublicKey(key, 'jwk', 224)
    return weak === undefined ? (isSmallOrder(key) ? wrong('jwk is a point with which anybody can sign') : undefined) : wrong(weak)
  } catch {
    return wrong('jwk is no valid key')
  }
}
