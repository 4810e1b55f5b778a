import { decodeJwt, decodeProtectedHeader } from 'jose'
import { isText } from '../core/claims.js'
import type { Jwt } from '../core/facts.js'
import { compactJws, jsonPart } from './jws.js'

/** Takes a JWS apart without trusting it; anything that is not one reads as nothing. */
export function readJwt(compact: unknown): Jwt | undefined {
  // A header that nobody sent is empty text, and to find that out by an error takes longer than to judge the whole request.
  if (!isText(compact)) return undefined
  const read = readCompact(compact)
  if (read) return read
  try {
    return { header: { ...decodeProtectedHeader(compact) }, claims: decodeJwt(compact) }
  } catch {
    return undefined
  }
}

/** Most are written as they should be, and Node takes those apart in half the time; the others are for the library to tell. */
function readCompact(compact: string): Jwt | undefined {
  const jws = compactJws(compact)
  const [header, claims] = jws && !isOdd(jws.header) && !isOdd(jws.payload) ? [jsonPart(jws.header), jsonPart(jws.payload)] : []
  return header && claims && { header, claims }
}

/** No octets are written with so many letters. */
const isOdd = (part: string) => part.length % 4 === 1
