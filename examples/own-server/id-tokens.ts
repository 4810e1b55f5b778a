import { importJWK, type JWK, SignJWT } from 'jose'
import type { Client } from './clients.js'

/** What an ID token says of a sign-in. */
export interface SignIn {
  readonly sub: string
  /** Seconds since the epoch. */
  readonly auth_time: number
  readonly nonce: string | undefined
}

export type IssueIdToken = (client: Client, signIn: SignIn) => Promise<string>

export interface IdTokenOptions {
  readonly issuer: string
  /** The private keys, one for each algorithm. */
  readonly jwks: { readonly keys: readonly JWK[] }
}

/** Issues ID tokens (OIDC Core §2), signed as the client registered it. */
export function idTokens({ issuer, jwks }: IdTokenOptions): IssueIdToken {
  return async function issueIdToken({ client_id, id_token_signed_response_alg: alg = 'PS256' }, { sub, auth_time, nonce }) {
    const key = jwks.keys.find((one) => one.alg === alg)
    if (!key) throw new Error(`there is no key to sign ID tokens with ${alg}`)
    return new SignJWT({ auth_time, ...(nonce !== undefined && { nonce }) })
      .setProtectedHeader({ alg, ...(key.kid !== undefined && { kid: key.kid }) })
      .setIssuer(issuer)
      .setSubject(sub)
      .setAudience(client_id)
      .setIssuedAt()
      .setExpirationTime('5m')
      .sign(await importJWK(key, alg))
  }
}
