import {
  createPrivateKey,
  createPublicKey,
  type ECKeyPairOptions,
  type ED25519KeyPairOptions,
  generateKeyPairSync,
  type RSAKeyPairOptions,
  randomUUID,
} from 'node:crypto'
import type { JWK } from 'jose'

export interface SigningKey {
  /** What it signs with unless told otherwise. */
  readonly alg: string
  readonly kid: string
  readonly privateJwk: JWK
  /** Without `alg`, so that only a server's own list of algorithms stands between it and a wrong one. */
  readonly publicJwk: JWK
}

/*
 * Node 20 hangs for good where it collects the garbage of making a key while that very key is exported as a JWK: both wait for one
 * lock. So keys are made as PEM, and exported by others that were read from it.
 */
type Kind = RSAKeyPairOptions<'pem', 'pem'> & ECKeyPairOptions<'pem', 'pem'> & ED25519KeyPairOptions<'pem', 'pem'>
type AsPem = Pick<Kind, 'publicKeyEncoding' | 'privateKeyEncoding'>
const AS_PEM: AsPem = { publicKeyEncoding: { type: 'spki', format: 'pem' }, privateKeyEncoding: { type: 'pkcs8', format: 'pem' } }

const KINDS: Readonly<Record<string, () => ReturnType<typeof pairOf>>> = {
  PS256: () => pairOf(generateKeyPairSync('rsa', { modulusLength: 2048, ...AS_PEM })),
  ES256: () => pairOf(generateKeyPairSync('ec', { namedCurve: 'P-256', ...AS_PEM })),
  ES384: () => pairOf(generateKeyPairSync('ec', { namedCurve: 'P-384', ...AS_PEM })),
  EdDSA: () => pairOf(generateKeyPairSync('ed25519', AS_PEM)),
}

const pairOf = ({ privateKey, publicKey }: { readonly privateKey: string; readonly publicKey: string }) => ({
  privateJwk: createPrivateKey(privateKey).export({ format: 'jwk' }) as JWK,
  publicJwk: createPublicKey(publicKey).export({ format: 'jwk' }) as JWK,
})

/** Makes a key pair for signing. RSA takes a moment: mint once per file. */
export function mintKey(alg = 'ES256', kid: string = randomUUID()): SigningKey {
  const pair = KINDS[alg]?.()
  if (!pair) throw new TypeError(`no kind of key signs with ${alg}`)
  return { alg, kid, privateJwk: pair.privateJwk, publicJwk: { ...pair.publicJwk, kid, use: 'sig' } }
}

/** The public half of an RSA key too short for anybody (FAPI1-BASE-5.2.2-5). */
export function weakRsaJwk(): JWK {
  const { publicJwk } = pairOf(generateKeyPairSync('rsa', { modulusLength: 1024, ...AS_PEM }))
  return { ...publicJwk, kid: 'weak', use: 'sig' }
}
