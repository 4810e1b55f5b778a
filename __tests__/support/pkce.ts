import { createHash } from 'node:crypto'

/** One verifier for everybody: what is tested is whether it is compared. */
export const VERIFIER = 'verifier-that-is-between-43-and-128-characters-long'

/** The S256 challenge of a verifier (RFC 7636 §4.2). */
export const challengeOf = (verifier: string) => createHash('sha256').update(verifier).digest('base64url')
