import { createPrivateKey, createPublicKey, generateKeyPairSync, type KeyObject } from 'node:crypto'

/** A key pair made in this process. */
export interface FreshKeys {
  readonly publicKey: KeyObject
  readonly privateKey: KeyObject
}

/**
 * Makes a key pair whose halves can be exported. Node 20 may hang for good where it collects the garbage of making a key while that very
 * key is exported as a JWK, since both wait for one lock: so keys are made as PEM, and others read from it.
 */
export function freshKeys(kind: 'RSA' | 'P-256' | 'Ed25519'): FreshKeys {
  const made = kind === 'RSA' ? RSA() : kind === 'P-256' ? P256() : ED25519()
  return { publicKey: createPublicKey(made.publicKey), privateKey: createPrivateKey(made.privateKey) }
}

const publicKeyEncoding = { type: 'spki', format: 'pem' } as const
const privateKeyEncoding = { type: 'pkcs8', format: 'pem' } as const
const RSA = () => generateKeyPairSync('rsa', { modulusLength: 2048, publicKeyEncoding, privateKeyEncoding })
const P256 = () => generateKeyPairSync('ec', { namedCurve: 'P-256', publicKeyEncoding, privateKeyEncoding })
const ED25519 = () => generateKeyPairSync('ed25519', { publicKeyEncoding, privateKeyEncoding })
