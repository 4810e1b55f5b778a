import { isText } from '../core/claims.js'
import type { Jwk } from '../core/facts.js'
import { isKeySet } from '../readers/client-metadata.js'
import { isFault } from '../readers/jwt-fault.js'
import { type KeySource, localKeySet } from '../readers/key-set.js'
import { takeApart, verifyingKey } from '../readers/signed-jwt.js'
import { onceKey } from './compact-jwt.js'
import type { Engine } from './engine.js'
import type { Mark } from './incoming.js'
import { isDate, timeFaults } from './jwt-times.js'
import type { Metadata } from './metadata.js'
import { RegistrationError } from './registration-error.js'

/** Seconds that an assertion may live, our choice: it is made for one request. */
const LONGEST_LIFE = 300

/** Characters of an assertion, our choice. */
const LONGEST = 16_384

/**
 * Verifies that whoever asks holds the client's key: a client assertion (RFC 7523 §3) as for the token endpoint, addressed to one of
 * `audience`. Resolves to what marks it as used. Throws a `RegistrationError`.
 */
export async function keyProof({ keysAt }: Engine, compact: unknown, metadata: Metadata, audience: readonly string[]): Promise<Mark> {
  const wrong = (why: string, of = 'readable', detail?: string) =>
    new RegistrationError('access_denied', `client_assertion ${why}`, detail, `assertion-${of}`)
  const jwt = isText(compact) && compact.length <= LONGEST ? takeApart(compact) : undefined
  if (!jwt) throw wrong('must be a JWT that is signed with a key of this client')
  const { client_id: id, jwks, jwks_uri: uri } = metadata
  if (!isText(uri) && !(isKeySet(jwks) && jwks.keys.length > 0))
    throw wrong('cannot be verified: this client has registered no keys', 'key')
  const keys = isText(uri) ? keysAt(uri) : ownKeys(isKeySet(jwks) ? jwks.keys : [])
  if (!keys) throw wrong('cannot be verified: this client has no key for signatures', 'key')
  const key = await verifyingKey(jwt, keys, 'it')
  if (isFault(key)) throw wrong(`does not hold: ${key.description}`, key.kind, key.detail)
  const { iss, sub, aud, exp, jti } = jwt.claims
  const now = Date.now() / 1000
  const faults = timeFaults(jwt.claims, now, ['exp'])
  if (iss !== id || sub !== id) faults.push('iss and sub must be the client_id')
  if (![aud].flat().some((name) => audience.some((one) => one === name))) faults.push(`aud must be one of ${audience.join(', ')}`)
  if (!isText(jti)) faults.push('jti is missing')
  if (!isDate(exp) || exp > now + LONGEST_LIFE) faults.push(`exp must be at most ${LONGEST_LIFE} seconds ahead`)
  if (faults.length > 0 || !isDate(exp)) throw wrong(`does not hold: ${faults.join('; ')}`, 'claims')
  return { once: onceKey('client assertion', String(id), String(jti)), until: exp + 1, refusal: wrong('has been used', 'once') }
}

/** Keys that are registered by value, where one of them can verify anything. */
function ownKeys(keys: readonly Jwk[]): KeySource | undefined {
  try {
    return localKeySet({ keys })
  } catch {
    return undefined
  }
}
