import { randomBytes } from 'node:crypto'

/** Octets, our choice: an id is no secret, and no two clients have the same. */
const OCTETS = 24

export const newClientId = (): string => randomBytes(OCTETS).toString('base64url')
