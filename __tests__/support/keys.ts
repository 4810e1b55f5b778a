import { generateKeyPairSync, randomUUID } from 'node:crypto'
import type { JWK } from 'jose'

export interface SigningKey {
  /** What it signs with unless told otherwise. */
  readonly alg: string
  readonly kid: string
  readonly privateJwk: JWK
  /** Without `alg`, so that only a server's own list of algorithms stands between it and a wrong one. */
  readonly publicJwk: JWK
}

const KINDS: Readonly<Record<string, () => ReturnType<typeof pairOf>>> = {
  PS256: () => pairOf(generateKeyPairSync('rsa', { modulusLength: 2048 })),
  ES256: () => pairOf(generateKeyPairSync('ec', { namedCurve: 'P-256' })),
  ES384: () => pairOf(generateKeyPairSync('ec', { namedCurve: 'P-384' })),
  EdDSA: () => pairOf(generateKeyPairSync('ed25519')),
}

const pairOf = ({ privateKey, publicKey }: ReturnType<typeof generateKeyPairSync>) => ({
  privateJwk: privateKey.export({ format: 'jwk' }) as JWK,
  publicJwk: publicKey.export({ format: 'jwk' }) as JWK,
})

/** Makes a key pair for signing. RSA takes a moment: mint once per file. */
export function mintKey(alg = 'ES256', kid: string = randomUUID()): SigningKey {
  const pair = KINDS[alg]?.()
  if (!pair) throw new TypeError(`no kind of key signs with ${alg}`)
  return { alg, kid, privateJwk: pair.privateJwk, publicJwk: { ...pair.publicJwk, kid, use: 'sig' } }
}

/** The public half of an RSA key too short for anybody (FAPI1-BASE-5.2.2-5). */
export function weakRsaJwk(): JWK {
  const { publicKey } = generateKeyPairSync('rsa', { modulusLength: 1024 })
  return { ...(publicKey.export({ format: 'jwk' }) as JWK), kid: 'weak', use: 'sig' }
}
