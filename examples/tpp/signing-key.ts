import { calculateJwkThumbprint, exportJWK, generateKeyPair, type JWK } from 'jose'

export type SigningAlgorithm = 'PS256' | 'ES256'

/** A key for signatures; its thumbprint is its `kid`. */
export interface SigningKey {
  readonly alg: SigningAlgorithm
  readonly privateJwk: JWK
  readonly publicJwk: JWK
}

/** Makes a key; one for PS256 has 2048 bits. */
export async function signingKey(alg: SigningAlgorithm): Promise<SigningKey> {
  const { privateKey, publicKey } = await generateKeyPair(alg, { extractable: true, modulusLength: 2048 })
  const half = await exportJWK(publicKey)
  const named = { kid: await calculateJwkThumbprint(half), alg, use: 'sig' }
  return { alg, privateJwk: { ...(await exportJWK(privateKey)), ...named }, publicJwk: { ...half, ...named } }
}
