import type {
  AuthorizationCode,
  AuthorizationCodeModel,
  Client as OAuthClient,
  RefreshToken,
  RefreshTokenModel,
  Token,
} from '@node-oauth/oauth2-server'
import { knowsItsSecret } from './client-secrets.js'
import type { Client, FindClient } from './clients.js'
import type { IssueIdToken } from './id-tokens.js'
import type { Subjects } from './subjects.js'

/** What an access token stands for. */
export interface Claims {
  readonly iss: string
  readonly aud: string
  readonly sub: string
  readonly client_id: string
  readonly scope: string
  /** Seconds since the epoch. */
  readonly exp: number
}

/** What an authorization code stands for. */
export interface CodeClaims {
  readonly sub: string
  readonly client_id: string
  readonly scope: string
  /** When the user signed in, in seconds since the epoch. */
  readonly auth_time: number
  readonly nonce: string | undefined
}

export type FindToken = (accessToken: string) => Promise<Claims | undefined>

export interface ModelOptions {
  readonly issuer: string
  readonly findClient: FindClient
  readonly subjects: Subjects
  readonly issueIdToken: IssueIdToken
}

/** What `@node-oauth/oauth2-server` asks for, and look-ups for everybody else. */
export interface Model extends AuthorizationCodeModel, RefreshTokenModel {
  readonly findToken: FindToken
  findCode(code: string): CodeClaims | undefined
}

const SCOPES = ['openid', 'accounts']

/** Codes and tokens in the memory of this process. A `user` is somebody who signed in: `{ login, auth_time, nonce }`. */
export function createModel({ issuer, findClient, subjects, issueIdToken }: ModelOptions): Model {
  const codes = new Map<string, AuthorizationCode>()
  const tokens = new Map<string, Token>()
  const refreshTokens = new Map<string, RefreshToken>()
  const metadata = (client: OAuthClient): Client => client.metadata

  return {
    async getClient(id, secret: string | null | undefined) {
      const client = findClient(id)
      // The authorization endpoint asks with null: there, nobody has a secret to show.
      return client && (secret === null || knowsItsSecret(client, secret)) ? asOAuthClient(client) : undefined
    },
    async validateScope(_user, _client, scope = []) {
      return scope.length > 0 && scope.every((one) => SCOPES.includes(one)) && scope
    },

    async saveAuthorizationCode(code, client, user) {
      const saved = { ...code, client, user }
      codes.set(code.authorizationCode, saved)
      return saved
    },
    async getAuthorizationCode(code) {
      return codes.get(code)
    },
    async revokeAuthorizationCode({ authorizationCode }) {
      return codes.delete(authorizationCode)
    },

    async saveToken({ authorizationCode, ...issued }, client, user) {
      const token: Token = { ...issued, client, user }
      tokens.set(token.accessToken, token)
      if (token.refreshToken !== undefined) refreshTokens.set(token.refreshToken, { ...token, refreshToken: token.refreshToken })
      if (authorizationCode === undefined || !token.scope?.includes('openid')) return token
      const { auth_time, nonce } = user
      return { ...token, id_token: await issueIdToken(metadata(client), { sub: subjectOf(token), auth_time, nonce }) }
    },
    async getAccessToken(accessToken) {
      return tokens.get(accessToken)
    },
    async getRefreshToken(refreshToken) {
      return refreshTokens.get(refreshToken)
    },
    async revokeToken({ refreshToken }) {
      return refreshTokens.delete(refreshToken)
    },

    async findToken(accessToken) {
      const token = tokens.get(accessToken)
      const expires = token?.accessTokenExpiresAt?.getTime() ?? 0
      if (!token || expires <= Date.now()) return undefined
      return { iss: issuer, aud: issuer, ...grantOf(token), exp: Math.floor(expires / 1000) }
    },
    findCode(code) {
      const found = codes.get(code)
      return found && { ...grantOf(found), auth_time: found.user.auth_time, nonce: found.user.nonce }
    },
  }

  function subjectOf({ client, user }: Pick<Token, 'client' | 'user'>): string {
    return subjects.subjectOf(metadata(client), user.login)
  }

  function grantOf(granted: Pick<Token, 'client' | 'user' | 'scope'>) {
    return { sub: subjectOf(granted), client_id: granted.client.id, scope: granted.scope?.join(' ') ?? '' }
  }
}

const asOAuthClient = (client: Client): OAuthClient => ({
  id: client.client_id,
  redirectUris: [...(client.redirect_uris ?? [])],
  grants: [...(client.grant_types ?? ['authorization_code'])],
  metadata: client,
})
