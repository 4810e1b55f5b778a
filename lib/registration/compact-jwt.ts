import { createHash } from 'node:crypto'
import { takeApart, type UnverifiedJwt } from '../readers/signed-jwt.js'

/** Characters, our choice: a statement lists some URLs and roles, and a signed request has a statement in it. */
const LONGEST = 131_072

/** Takes a signed JWT apart, or says why it is not even looked at further. */
export function readCompactJwt(compact: unknown, name: string, algorithms: readonly string[]): UnverifiedJwt | string {
  if (typeof compact !== 'string') return `${name} must be a signed JWT in its compact form, as text`
  if (compact.length > LONGEST) return `${name} is too long, it may have ${LONGEST} characters`
  const jwt = takeApart(compact)
  if (!jwt) return `${name} must be a signed JWT in its compact form (RFC 7515)`
  const { alg, crit, b64, cty } = jwt.header
  if (!algorithms.some((known) => known === alg)) return `${name} must be signed with ${algorithms.join(' or ')} (alg)`
  if (crit !== undefined || b64 !== undefined) return `${name} must not have crit or b64 in its header: nothing critical is understood`
  // RFC 7519 §5.2: whatever it says, what is inside is no set of claims.
  if (cty !== undefined) return `${name} must be signed claims, with nothing nested in them (cty)`
  return jwt
}

/** One name for what may be used once, as long for a long `jti` as for a short one. */
export const onceKey = (...parts: readonly string[]): string => createHash('sha256').update(JSON.stringify(parts)).digest('base64url')
