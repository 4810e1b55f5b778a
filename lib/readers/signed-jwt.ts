import type { KeyObject } from 'node:crypto'
import type { Jwt } from '../core/facts.js'
import { FAPI_ALGORITHMS } from '../core/jwk.js'
import { type CompactJws, compactJws, isSigned, jsonPart } from './jws.js'
import type { KeySource } from './key-set.js'
import { KeySetError } from './key-set-error.js'

/** A signed JWT taken apart: nothing in it is believed yet. */
export interface UnverifiedJwt extends Jwt {
  readonly jws: CompactJws
}

/** Takes a signed JWT apart; `undefined` for what is none. */
export function takeApart(text: string): UnverifiedJwt | undefined {
  const jws = compactJws(text)
  const header = jws && jsonPart(jws.header)
  const claims = jws && jsonPart(jws.payload)
  return jws && header && claims ? { jws, header, claims } : undefined
}

/**
 * Verifies the signature of a JWT with the algorithms of FAPI; what its claims must be is for others to say. Resolves to the key that
 * verified it, or to a sentence about `name` that says why none does. Rejects when the keys cannot be had.
 */
export async function verifyingKey({ jws, header }: UnverifiedJwt, keys: KeySource, name: string): Promise<KeyObject | string> {
  const { crit } = header
  const alg = FAPI_ALGORITHMS.find((known) => known === header.alg)
  if (alg === undefined) return `${name} is signed with an algorithm that is not accepted`
  if (crit !== undefined) return `${name} has critical header members that are not understood`
  try {
    const key = await keys(header)
    return (await isSigned(jws, alg, key)) ? key : `the signature of ${name} does not hold`
  } catch (error) {
    if (error instanceof KeySetError && error.kind === 'token') return `${name} cannot be verified: ${error.message}`
    throw error
  }
}
