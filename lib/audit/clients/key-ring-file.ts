import { isText } from '../../core/claims.js'
import { ConfigurationError } from '../../core/errors.js'
import { keyRing, type RingKey, type Seal } from '../../stores/seal.js'
import { CommandError } from '../command-error.js'
import { isObject, jsonIn } from '../given-files.js'

const RIGHT = 'give {"keys": [{"id": "…", "secret": "…"}]} with secrets of 32 bytes in base64url'

/**
 * Reads the keys of an encrypted store: a list of them, an object with `keys`, or what the example bank keeps in `secrets.json`, whose
 * store has one key with the id `bank`. Throws a `CommandError`, which repeats nothing of a secret.
 */
export function keyRingIn(path: string): Seal {
  const given = jsonIn({ by: '--key-ring', path, right: RIGHT })
  const bank = isObject(given) && isText(given.store) ? [{ id: 'bank', secret: bytesOf(given.store)?.subarray(0, 32) }] : undefined
  const listed: readonly unknown[] = Array.isArray(given) ? given : isObject(given) && Array.isArray(given.keys) ? given.keys : []
  const keys: readonly unknown[] = bank ?? listed.map((key) => (isObject(key) ? { id: key.id, secret: bytesOf(key.secret) } : undefined))
  const whole = keys.filter((key) => isRingKey(key))
  if (whole.length === 0 || whole.length < keys.length) throw new CommandError(`--key-ring: ${path} has no keys of this form: ${RIGHT}`)
  try {
    return keyRing(whole)
  } catch (cause) {
    if (cause instanceof ConfigurationError) throw new CommandError(`--key-ring: ${path}: ${cause.message.replaceAll('\n', '; ')}`)
    throw cause
  }
}

const isRingKey = (key: unknown): key is RingKey => isObject(key) && isText(key.id) && key.secret instanceof Uint8Array

const bytesOf = (text: unknown) => (isText(text) && /^[\w+/-]+={0,2}$/.test(text) ? Buffer.from(text, 'base64') : undefined)
