import { createHash } from 'node:crypto'
import type { Response } from 'express'
import { isText, wordsInOrder } from '../core/claims.js'
import type { Client, Params } from '../core/facts.js'
import { isRegisteredRedirectUri } from '../core/redirect-uri.js'
import { shown } from '../core/shown.js'
import { claimDetail } from '../readers/jwt-fault.js'
import type { Setup } from './fapi-options.js'
import { OAuthRefusal } from './oauth-refusal.js'
import { formPostPage } from './pages.js'

/** An authorization request that may be answered by a redirect. */
export interface Answerable {
  readonly client: Client
  /** The parameters that count. `redirect_uri` is registered for this client. */
  readonly params: Params & { readonly redirect_uri: string }
}

export type Values = Readonly<Record<string, string>>

/** Seconds that a signed response counts, our choice within JARM 2.1, which advises ten minutes at most. */
const JARM_SECONDS = 300
const JARM_MODES = ['jwt', 'query.jwt', 'fragment.jwt', 'form_post.jwt']

const MODES = ['query', 'fragment', 'form_post', ...JARM_MODES]

/**
 * Throws an `OAuthRefusal` for a request that cannot be answered as it asks to be: at a redirect URI that is not registered, in a mode
 * that is not known, or with an ID token in the query (OAuth 2.0 Multiple Response Types §5).
 */
export function insistOnAnswerable({ idToken }: Setup, params: Params, client: Client, stage: 'par' | 'authorization'): void {
  const { redirect_uri: uri, response_mode: mode } = params
  const refuse = (description: string, rule: string, detail: string, error: OAuthRefusal['error'] = 'invalid_request') =>
    new OAuthRefusal(error, description, { stage, client, rule, detail })
  if (isText(uri) && !isRegisteredRedirectUri(uri, client))
    throw refuse(
      'redirect_uri must be one of the registered redirect URIs',
      'redirect-uri-registered',
      claimDetail('redirect_uri', uri, client.redirect_uris),
    )
  if (mode !== undefined && !MODES.some((known) => known === mode))
    throw refuse('response_mode is not supported', 'response-mode-offered', claimDetail('response_mode', mode, MODES))
  if (!isHybrid(params)) return
  if (!idToken)
    throw refuse(
      'response_type must be code',
      'response-type-offered',
      claimDetail('response_type', params.response_type, ['code']),
      'unsupported_response_type',
    )
  if (isText(mode) && mode.startsWith('query'))
    throw refuse('response_mode must not be query for this response_type', 'response-mode-offered', `response_mode is ${shown(mode)}`)
}

const isJarm = (mode: unknown): mode is string => JARM_MODES.some((known) => known === mode)

/**
 * The answer to an authorization request at its redirect URI, as it asked to be answered: with `iss` (RFC 9207), or all in a signed JWT
 * (JARM). Resolves to the sending of it.
 */
export async function authorizationAnswer(setup: Setup, asked: Answerable, values: Values): Promise<(res: Response) => void> {
  const { client, params } = asked
  const { redirect_uri: redirectUri, response_mode: mode, state } = params
  const stated = { ...values, ...(isText(state) && { state }) }
  const answer = isJarm(mode) ? { response: await signed(setup, client, stated) } : { ...stated, iss: setup.issuer }
  const how = howOf(asked.params)
  return function send(res) {
    res.set('cache-control', 'no-store').set('referrer-policy', 'no-referrer')
    if (how === 'form_post') return formPostPage(res, redirectUri, answer)
    // RFC 9700 §4.12: a 307 would send the login form on to the client.
    res.status(303).set('location', addressed(redirectUri, answer, how))
    res.end()
  }
}

/** Answers at once. */
export async function answerAuthorization(setup: Setup, res: Response, asked: Answerable, values: Values): Promise<void> {
  const send = await authorizationAnswer(setup, asked, values)
  send(res)
}

function howOf({ response_mode: mode, response_type: type }: Params): 'query' | 'fragment' | 'form_post' {
  const [named = ''] = isText(mode) ? mode.split('.') : []
  if (named === 'query' || named === 'fragment' || named === 'form_post') return named
  return isText(type) && type.split(' ').includes('id_token') ? 'fragment' : 'query'
}

/** Adds parameters to an address character by character: what is registered stays as it is. */
export function addressed(uri: string, values: Values, how: 'query' | 'fragment'): string {
  const [mark, text] = [how === 'fragment' ? '#' : uri.includes('?') ? '&' : '?', new URLSearchParams(values).toString()]
  // A header holds ASCII alone.
  const written = /[^\x21-\x7e]/.test(uri) ? new URL(uri).href : uri
  return `${written}${mark}${text}`
}

/** JARM 2.1. */
function signed({ keys, issuer }: Setup, { client_id, authorization_signed_response_alg: alg }: Client, values: Values): Promise<string> {
  const exp = Math.floor(Date.now() / 1000) + JARM_SECONDS
  return keys.sign(alg, undefined, { ...values, iss: issuer, aud: client_id, exp })
}

export const isHybrid = ({ response_type: type }: Params): boolean => isText(type) && wordsInOrder(type) === 'code id_token'

/** The left half of a hash, by the algorithm of the ID token it goes into (OpenID Connect Core 3.3.2.11, FAPI1-ADV-5.1.2). */
export function halfHash(text: string, alg: string): string {
  const bytes = createHash(/^Ed/.test(alg) ? 'sha512' : 'sha256')
    .update(text)
    .digest()
  return bytes.subarray(0, bytes.length / 2).toString('base64url')
}
