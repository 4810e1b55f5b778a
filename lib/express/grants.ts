import { createHash } from 'node:crypto'
import type { Client, Confirmation, Params } from '../core/facts.js'
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

/** The models in the store. */
const CODE = 'FapiAuthorizationCode'
const TOKEN = 'FapiAccessToken'

/** FAPI2-SP-5.3.2.1-11: a code counts for this many seconds at most, however long the server would take it. */
const CODE_SECONDS = 60
/** Seconds for which a used code is remembered, so that its tokens can be taken back. Our choice. */
const REMEMBERED = 600

/** What codes and access tokens are bound to, kept for a server that does not. */
export function grants(store: FapiStore) {
  return {
    async rememberCode(code: string, facts: CodeFacts): Promise<void> {
      const now = Math.floor(Date.now() / 1000)
      await store.upsert(CODE, code, { ...facts, grantId: grantOf(code), until: now + CODE_SECONDS }, now + CODE_SECONDS + REMEMBERED)
    },

    /** Checks that a code is this client's and comes with its verifier (RFC 7636 §4.6); answers with how it is used up. Throws an `OAuthRefusal`. */
    async openCode(client: Client, params: Params, jkt: string | undefined): Promise<() => Promise<void>> {
      const refuse = (description: string, rule?: string) =>
        new OAuthRefusal('invalid_grant', description, { stage: 'token', client, rule })
      const { code, code_verifier: verifier, redirect_uri: redirectUri } = params
      if (typeof code !== 'string') throw new OAuthRefusal('invalid_request', 'code is required', { stage: 'token', client })
      const kept = await store.find(CODE, code)
      if (!kept || kept.client_id !== client.client_id) throw refuse('the authorization code is unknown, or of another client')
      if (kept.consumed !== undefined) {
        // RFC 6749 §4.1.2: who has a used code may have its tokens too.
        await store.revokeGrant(grantOf(code), [TOKEN])
        throw refuse('the authorization code has been used')
      }
      if (!(Number(kept.until) > Date.now() / 1000)) throw refuse('the authorization code has expired')
      if (kept.redirect_uri !== redirectUri) throw refuse('redirect_uri is not the one of the authorization request')
      if (kept.code_challenge !== undefined && kept.code_challenge !== challengeOf(verifier))
        throw refuse('code_verifier is not the one of code_challenge', 'pkce-s256')
      if (kept.code_challenge === undefined && verifier !== undefined) throw refuse('there was no code_challenge for this code_verifier')
      if (kept.dpop_jkt !== undefined && kept.dpop_jkt !== jkt) throw refuse('the authorization code is bound to another DPoP key')
      return async () => {
        if (await store.consume(CODE, code)) return
        await store.revokeGrant(grantOf(code), [TOKEN])
        throw refuse('the authorization code has been used')
      }
    },

    /** Remembers what an access token is bound to, for as long as it lives (`seconds`). */
    async bindToken(token: string, cnf: Confirmation, client: Client, code: unknown, seconds: number): Promise<void> {
      const expiresAt = Math.ceil(Date.now() / 1000 + seconds)
      const grant = typeof code === 'string' ? { grantId: grantOf(code) } : {}
      await store.upsert(TOKEN, token, { cnf: { ...cnf }, client_id: client.client_id, ...grant }, expiresAt)
    },

    /** What an access token is bound to; `undefined` for one that was not issued through here, or was taken back. */
    async bindingOf(token: string): Promise<Confirmation | undefined> {
      const kept = await store.find(TOKEN, token)
      return kept && ({ ...(kept.cnf as Confirmation) } satisfies Confirmation)
    },
  }
}

export type Grants = ReturnType<typeof grants>

const sha256 = (text: string) => createHash('sha256').update(text).digest('base64url')

const grantOf = (code: string) => sha256(`fapi-grant\0${code}`)

const challengeOf = (verifier: Params[string]) => (typeof verifier === 'string' ? sha256(verifier) : undefined)
