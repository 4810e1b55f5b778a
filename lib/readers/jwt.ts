import { decodeJwt, decodeProtectedHeader } from 'jose'
import type { Jwt } from '../core/facts.js'

/** Takes a JWS apart without trusting it; anything that is not one reads as nothing. */
export function readJwt(compact: unknown): Jwt | undefined {
  if (typeof compact !== 'string') return undefined
  try {
    return { header: { ...decodeProtectedHeader(compact) }, claims: decodeJwt(compact) }
  } catch {
    return undefined
  }
}
