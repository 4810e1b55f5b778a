import { createCipheriv, createDecipheriv, hash, hkdfSync, randomBytes } from 'node:crypto'
import { ConfigurationError } from '../core/errors.js'

/** What is kept of an id: enough to find it again by whoever has it. */
export const digest = (...parts: readonly string[]): string => hash('sha256', parts.join('\0'), 'base64url')

/** Seals text so that only a key opens it again; `context` is where it belongs, and it opens nowhere else. */
export interface Seal {
  close(text: string, context: string): string
  /** Throws when it was closed with another key or for another context, or was changed since. */
  open(sealed: string, context: string): string
}

const IV_BYTES = 12
const TAG_BYTES = 16

function sealWith(key: Buffer): Seal {
  return {
    close(text, context) {
      const iv = randomBytes(IV_BYTES)
      const cipher = createCipheriv('aes-256-gcm', key, iv).setAAD(Buffer.from(context))
      return Buffer.concat([iv, cipher.update(text, 'utf8'), cipher.final(), cipher.getAuthTag()]).toString('base64url')
    },
    open(sealed, context) {
      const bytes = Buffer.from(sealed, 'base64url')
      const tag = bytes.subarray(bytes.length - TAG_BYTES)
      const decipher = createDecipheriv('aes-256-gcm', key, bytes.subarray(0, IV_BYTES), { authTagLength: TAG_BYTES })
        .setAAD(Buffer.from(context))
        .setAuthTag(tag)
      return Buffer.concat([decipher.update(bytes.subarray(IV_BYTES, -TAG_BYTES)), decipher.final()]).toString('utf8')
    },
  }
}

/** A seal whose key is made of a secret that the database never sees, such as the token that a record is found by. */
export const sealedBy = (secret: string): Seal => sealWith(Buffer.from(hkdfSync('sha256', secret, '', 'express-fapi record', 32)))

export interface RingKey {
  /** Names the key in what it closed. Letters, digits, `-` and `_`. */
  readonly id: string
  /** 32 bytes. */
  readonly secret: Uint8Array
}

/**
 * Keys for encryption at rest (AES-256-GCM). The first closes, all open: a new key goes to the front, an old one stays as
 * long as anything closed with it may be found. Throws a `ConfigurationError`.
 */
export function keyRing(keys: readonly RingKey[]): Seal {
  const faults = keys.flatMap(({ id, secret }, index) => [
    ...(/^[\w-]+$/.test(id) ? [] : [{ option: `keyRing[${index}].id`, got: id, allowed: 'must be letters, digits, - and _' }]),
    ...(secret?.byteLength === 32
      ? []
      : [{ option: `keyRing[${index}].secret`, got: `${secret?.byteLength ?? 0} bytes`, allowed: 'must have 32 bytes' }]),
  ])
  if (keys.length === 0) faults.push({ option: 'keyRing', got: 'nothing', allowed: 'must hold a key' })
  if (new Set(keys.map(({ id }) => id)).size < keys.length)
    faults.push({ option: 'keyRing', got: 'two keys of one id', allowed: 'must have an id of its own for each key' })
  if (faults.length) throw new ConfigurationError(faults)

  const seals = new Map(keys.map(({ id, secret }) => [id, sealWith(Buffer.from(secret))]))
  const [{ id: current }] = keys as [RingKey]
  return {
    close: (text, context) => `${current}.${seals.get(current)?.close(text, context)}`,
    open(sealed, context) {
      const id = sealed.slice(0, sealed.indexOf('.'))
      const seal = seals.get(id)
      if (!seal) throw new Error(`the key ring has no key ${id}`)
      return seal.open(sealed.slice(id.length + 1), context)
    },
  }
}
