import { generateKeyPairSync, type JsonWebKey, type KeyObject, randomUUID } from 'node:crypto'

/** How the authorization server is known to the world. */
export const ISSUER = 'https://as.bank.example'
export const REDIRECT_URI = 'https://tpp.example/cb'

/** A client, the key it authenticates with and the key its tokens are bound to. */
export interface Party {
  readonly clientId: string
  readonly key: JsonWebKey
  readonly proofKey: JsonWebKey
}

/** Who takes part, as it goes from process to process. */
export interface Cast {
  /** The server's own keys. */
  readonly jwks: { readonly keys: readonly JsonWebKey[] }
  readonly parties: readonly Party[]
}

/** Makes the keys of the server and of so many clients, who have theirs on P-256. */
export const makeCast = (clients: number): Cast => ({
  jwks: { keys: [jwkOf(generateKeyPairSync('rsa', { modulusLength: 2048 })), ecKey()] },
  parties: Array.from({ length: clients }, (_, index) => ({ clientId: `client-${index}`, key: ecKey(), proofKey: ecKey() })),
})

const ecKey = () => jwkOf(generateKeyPairSync('ec', { namedCurve: 'P-256' }))

const jwkOf = ({ privateKey }: { readonly privateKey: KeyObject }): JsonWebKey => ({
  ...privateKey.export({ format: 'jwk' }),
  kid: randomUUID(),
  use: 'sig',
})
