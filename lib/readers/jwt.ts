import { decodeJwt, decodeProtectedHeader } from 'jose'
import { isText } from '../core/claims.js'
import type { Jwt } from '../core/facts.js'

/** Takes a JWS apart without trusting it; anything that is not one reads as nothing. */
export function readJwt(compact: unknown): Jwt | undefined {
  // A header that nobody sent is empty text, and to find that out by an error takes longer than to judge the whole request.
  if (!isText(compact)) return undefined
  try {
    return { header: { ...decodeProtectedHeader(compact) }, claims: decodeJwt(compact) }
  } catch {
    return undefined
  }
}
