import { randomBytes } from 'node:crypto'
import { digestOf, isSameDigest } from './secret-digest.js'

/** What is kept of a client's registration access token (RFC 7592 §3). */
export interface TokenDigests {
  readonly token_digest: string
  /** Of the token before, as long as nobody has shown that the new one arrived. */
  readonly previous_token_digest?: string | undefined
}

/** Octets of a token, our choice: 256 bits. */
const OCTETS = 32

/** A new token, and what is kept of it in place of any other. */
export function newToken(): { readonly token: string; readonly digest: Required<TokenDigests> } {
  const token = randomBytes(OCTETS).toString('base64url')
  return { token, digest: { token_digest: digestOf(token), previous_token_digest: undefined } }
}

/** Whether a token is the client's, or the one before it that is still good. */
export const matches = (record: TokenDigests, token: string): boolean => presented(record, token) !== undefined

/**
 * Gives a client a new token. The one it has stays good until the new one is used for the first time: an answer that is lost on its
 * way locks nobody out.
 */
export function rotated<R extends TokenDigests>(record: R): { readonly record: R; readonly token: string } {
  const { token, digest } = newToken()
  // Where there is one before, the present one was never used: it is the one that got lost.
  const previous = record.previous_token_digest ?? record.token_digest
  return { record: { ...record, token_digest: digest.token_digest, previous_token_digest: previous }, token }
}

/**
 * The record as it is once a token has been shown, and whether it has changed by that: then it must be stored, which ends the token
 * before. `undefined` for a token that does not hold.
 */
export function presented<R extends TokenDigests>(record: R, token: string): { readonly record: R; readonly changed: boolean } | undefined {
  const digest = digestOf(token)
  const { token_digest: current, previous_token_digest: previous } = record
  const [isCurrent, isPrevious] = [isSameDigest(digest, current), isSameDigest(digest, previous)]
  if (isCurrent && previous !== undefined) return { record: { ...record, previous_token_digest: undefined }, changed: true }
  return isCurrent || isPrevious ? { record, changed: false } : undefined
}
