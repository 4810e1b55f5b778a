import type { RequestHandler } from 'express'
import type { Registration, Store } from 'express-fapi'
import { adminConsole } from 'express-fapi/console'
import { serverMetadata } from 'express-fapi/provider'
import type { JWK } from 'jose'
import type Provider from 'oidc-provider'
import type { ClientMetadata } from 'oidc-provider'
import { publicKey } from './keys.js'
import { type OperatorSignIn, SIGN_IN_PATH, SIGN_OUT_PATH } from './operator-sign-in.js'

export interface BankConsoleOptions {
  readonly provider: Provider
  readonly registration: Registration
  readonly store: Store
  readonly signIn: OperatorSignIn
  /** The server's private keys; the console shows their public halves. */
  readonly jwks: { readonly keys: readonly JWK[] }
  /** PEM. */
  readonly certificates: readonly { readonly name: string; readonly pem: string }[]
  /** The clients of the bank's configuration. */
  readonly clients: readonly ClientMetadata[]
}

/** The path of the console. */
export const CONSOLE_PATH = '/console'

/** The admin console of the bank. */
export function bankConsole({ provider, registration, store, signIn, jwks, certificates, clients }: BankConsoleOptions): RequestHandler {
  const keys = jwks.keys.map(publicKey)
  return adminConsole({
    ...{ registration, store },
    authorize: signIn.authorize,
    publicUrl: `${provider.issuer}${CONSOLE_PATH}`,
    ...{ signInPath: SIGN_IN_PATH, signOutPath: SIGN_OUT_PATH },
    title: 'First Example Bank',
    jwks: () => ({ keys }),
    certificates: () => certificates,
    serverMetadata: () => serverMetadata(provider),
    configuredClients: clients,
  })
}
