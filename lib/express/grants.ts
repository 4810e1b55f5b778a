import { createHash } from 'node:crypto'
import type { Client, Confirmation, Params } from '../core/facts.js'
import { secondsIn, shown } from '../core/shown.js'
import { claimDetail } from '../readers/jwt-fault.js'
import type { FapiStore } from './fapi-options.js'
import { OAuthRefusal } from './oauth-refusal.js'

/** What an authorization code was given for. */
export interface CodeFacts {
  readonly client_id: string
  readonly redirect_uri: string | undefined
  readonly code_challenge: string | undefined
  /** The key that the code is bound to (RFC 9449 §10). */
  readonly dpop_jkt: string | undefined
}

/** What a server gives out; `seconds` is how long the access token lives. */
export interface IssuedTokens {
  readonly access: string
  readonly refresh: string | undefined
  readonly seconds: number
}

/** What an access token was bound to when it was given out. */
export interface TokenBinding {
  readonly client_id: string
  readonly cnf: Confirmation
}

/** The models in the store. */
const CODE = 'FapiAuthorizationCode'
const TOKEN = 'FapiAccessToken'
const REFRESH = 'FapiRefreshToken'
const REVOKED = 'FapiRevokedGrant'

/** FAPI2-SP-5.3.2.1-11: a code counts for this many seconds at most, however long the server would take it. */
const CODE_SECONDS = 60
/** Seconds without use after which a refresh token is the server's business alone. Our choice: longer than a consent lasts. */
const REFRESH_SECONDS = 400 * 86_400
/** Seconds, our choice: what a token is bound to is known for longer than the token lives. */
const MARGIN = 300
/** Seconds for which a used code is remembered, so that its tokens can be taken back. Our choice. */
const REMEMBERED = 600

/** What codes and access tokens are bound to, kept for a server that does not. */
export function grants(store: FapiStore) {
  /** RFC 6749 §4.1.2: who has a used code may have its tokens too. That is remembered for as long as the last of them could live. */
  const takeBack = (grantId: string): Promise<void> => store.upsert(REVOKED, grantId, {}, Math.floor(Date.now() / 1000) + REFRESH_SECONDS)
  const isTakenBack = async (grantId: string | undefined): Promise<boolean> =>
    grantId !== undefined && (await store.find(REVOKED, grantId)) !== undefined

  return {
    async rememberCode(code: string, facts: CodeFacts): Promise<void> {
      const now = Math.floor(Date.now() / 1000)
      await store.upsert(CODE, code, { ...facts, grantId: grantOf(code), until: now + CODE_SECONDS }, now + CODE_SECONDS + REMEMBERED)
    },

    /** Checks that a code is this client's and comes with its verifier (RFC 7636 §4.6); answers with how it is used up. Throws an `OAuthRefusal`. */
    async openCode(client: Client, params: Params, jkt: string | undefined, reports: boolean): Promise<() => Promise<void>> {
      const refuse = (description: string, rule: string, detail?: string) =>
        new OAuthRefusal('invalid_grant', description, { stage: 'token', client, rule, detail })
      const { code, code_verifier: verifier, redirect_uri: redirectUri } = params
      if (typeof code !== 'string')
        throw new OAuthRefusal('invalid_request', 'code is required', { stage: 'token', client, rule: 'parameters-given' })
      const kept = await store.find(CODE, code)
      const unknown = 'the authorization code is unknown, or of another client'
      // A client that is only reported on gets nobody else's code all the same.
      if (kept && kept.client_id !== client.client_id)
        throw new OAuthRefusal('invalid_grant', unknown, {
          ...{ stage: 'token', client, always: true },
          ...{ rule: 'code-client', detail: `it was given to ${shown(kept.client_id)}` },
        })
      if (!kept) throw refuse(unknown, 'code-known')
      const now = Date.now() / 1000
      if (!(Number(kept.until) > now))
        throw refuse('the authorization code has expired', 'code-not-expired', `it expired ${secondsIn(now - Number(kept.until))} ago`)
      if (kept.redirect_uri !== redirectUri)
        throw refuse(
          'redirect_uri is not the one of the authorization request',
          'code-redirect-uri',
          claimDetail('redirect_uri', redirectUri, [kept.redirect_uri]),
        )
      if (kept.code_challenge !== undefined && kept.code_challenge !== challengeOf(verifier))
        throw refuse(
          'code_verifier is not the one of code_challenge',
          'code-verifier',
          verifier === undefined ? 'code_verifier is missing' : 'its S256 is not the code_challenge of the authorization request',
        )
      if (kept.code_challenge === undefined && verifier !== undefined)
        throw refuse('there was no code_challenge for this code_verifier', 'code-verifier')
      if (kept.dpop_jkt !== undefined && kept.dpop_jkt !== jkt)
        throw refuse(
          'the authorization code is bound to another DPoP key',
          'code-binding',
          jkt === undefined ? 'there is no DPoP proof' : claimDetail('the thumbprint of the key', jkt, [kept.dpop_jkt]),
        )
      return async () => {
        if (kept.consumed === undefined && (await store.consume(CODE, code))) return
        if (!reports) await takeBack(grantOf(code))
        throw refuse('the authorization code has been used', 'code-unused')
      }
    },

    /**
     * Checks that a refresh token is this client's, was not taken back and, of a public client, comes with the key it is bound to (RFC 9449 §5);
     * answers with the grant it belongs to. One that is not known here is the server's to check.
     */
    async openRefreshToken(client: Client, { refresh_token: token }: Params, cnf: Confirmation): Promise<string | undefined> {
      const kept = typeof token === 'string' ? await store.find(REFRESH, token) : undefined
      if (!kept) return undefined
      const refuse = (description: string, rule: string, detail?: string) =>
        new OAuthRefusal('invalid_grant', description, { stage: 'token', client, always: true, rule, detail })
      const notUsable = 'the refresh token is of another client, or was taken back'
      if (kept.client_id !== client.client_id) throw refuse(notUsable, 'refresh-token-client', `it was given to ${shown(kept.client_id)}`)
      if (await isTakenBack(kept.grantId))
        throw refuse(notUsable, 'refresh-token-known', 'it was taken back, because its authorization code was used twice')
      if (client.token_endpoint_auth_method === 'none' && boundTo(kept.cnf) !== boundTo(cnf))
        throw refuse('the refresh token is bound to another key', 'refresh-token-binding')
      return kept.grantId
    },

    /** Remembers what an access token is bound to, for as long as it lives, and whose the refresh token is that comes with it. */
    async rememberTokens(
      { access, refresh, seconds }: IssuedTokens,
      cnf: Confirmation,
      client: Client,
      grantId: string | undefined,
    ): Promise<void> {
      const now = Math.floor(Date.now() / 1000)
      const kept = { client_id: client.client_id, cnf: { ...cnf }, ...(grantId !== undefined && { grantId }) }
      await store.upsert(TOKEN, access, kept, now + Math.ceil(seconds) + MARGIN)
      // Whoever used the code a second time may have been quicker than the server was with the first.
      if (await isTakenBack(grantId))
        throw new OAuthRefusal('invalid_grant', 'the authorization code has been used', { stage: 'token', client, rule: 'code-unused' })
      if (refresh !== undefined && grantId !== undefined) await store.upsert(REFRESH, refresh, kept, now + REFRESH_SECONDS)
    },

    /** What an access token is bound to and whose it is; `undefined` for one that was not issued through here. */
    async bindingOf(token: string): Promise<TokenBinding | 'taken back' | undefined> {
      const kept = await store.find(TOKEN, token)
      if (!kept) return undefined
      if (await isTakenBack(kept.grantId)) return 'taken back'
      return { client_id: String(kept.client_id), cnf: { ...(kept.cnf as Confirmation) } }
    },
  }
}

const boundTo = (cnf: unknown): string | undefined => {
  const { jkt, 'x5t#S256': certificate }: Confirmation = { ...(cnf as Confirmation | undefined) }
  return jkt ?? certificate
}

export type Grants = ReturnType<typeof grants>

const sha256 = (text: string) => createHash('sha256').update(text).digest('base64url')

/** The grant that an authorization code begins. */
export const grantOf = (code: string): string => sha256(`fapi-grant\0${code}`)

const challengeOf = (verifier: Params[string]) => (typeof verifier === 'string' ? sha256(verifier) : undefined)
