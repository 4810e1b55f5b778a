import type { KeyObject } from 'node:crypto'
import type { Jwt } from '../core/facts.js'
import { FAPI_ALGORITHMS } from '../core/jwk.js'
import { shown } from '../core/shown.js'
import { type CompactJws, compactJws, isSigned, jsonPart } from './jws.js'
import { algorithmDetail, fault, type JwtFault, signedBy } from './jwt-fault.js'
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
 * verified it, or to what is wrong with `name` where none does. Rejects when the keys cannot be had.
 */
export async function verifyingKey({ jws, header }: UnverifiedJwt, keys: KeySource, name: string): Promise<KeyObject | JwtFault> {
  const { crit } = header
  const alg = FAPI_ALGORITHMS.find((known) => known === header.alg)
  if (alg === undefined)
    return fault('algorithms', `${name} is signed with an algorithm that is not accepted`, algorithmDetail(header.alg, FAPI_ALGORITHMS))
  if (crit !== undefined)
    return fault('readable', `${name} has critical header members that are not understood`, `crit names ${shown(crit)}, none is understood`)
  try {
    const key = await keys(header)
    if (await isSigned(jws, alg, key)) return key
    const detail = `${signedBy(header)}: the public key that fits did not make this signature, or what was signed has been changed`
    return fault('signature', `the signature of ${name} does not hold`, detail)
  } catch (error) {
    if (error instanceof KeySetError && error.kind === 'token')
      return fault('key', `${name} cannot be verified: ${error.message}`, error.detail ?? error.message)
    throw error
  }
}
