import { isText, urlOf } from '../core/claims.js'
import { redacted } from '../core/redacted.js'
import { jsonPart } from '../readers/jws.js'
import type { Attempt } from './attempt.js'
import type { Answer } from './exchange.js'

/** What an answer comes down to. */
export interface Outcome {
  /** `unclear` is what is neither: it counts for nothing. */
  readonly kind: 'accepted' | 'refused' | 'unclear'
  /** The OAuth error, where one was named. */
  readonly error: string | undefined
  readonly status: number
  /** Request and answer in one line. */
  readonly line: string
  /** At the authorization endpoint, where a browser ends up; `undefined` where the answer itself says what came of it. */
  readonly place?: string | undefined
  /** That it was not granted, but its code looked at: whoever authenticates nobody may do so, or does so later. */
  readonly isGuess?: boolean
  /** What the server wants a proof to have (RFC 9449 §8). */
  readonly nonce?: string | undefined
  /** That the proof had a nonce of the server, which dates it. */
  readonly isDated?: boolean
}

/** Errors at the authorization endpoint that mean: the request is right, and somebody has to log in. */
const NEEDS_A_USER = ['login_required', 'interaction_required', 'consent_required', 'account_selection_required']
/** Errors that say nothing of the request. */
const TROUBLE = ['server_error', 'temporarily_unavailable']
/** RFC 6585 §4, and a server that fails: nothing was decided. That a method is not known is an answer. */
const isUndecided = (status: number) => status === 429 || (status >= 500 && status !== 501 && status !== 505)

/** Reads what a server made of an attempt. */
export function outcomeOf(attempt: Attempt, answer: Answer): Outcome {
  const { status, json, line, error } = answer
  const told = { status, line }
  if (isUndecided(status)) return { ...told, kind: 'unclear', error: undefined }
  if (attempt.endpoint === 'authorization') return { ...told, ...atAuthorization(answer) }
  if (status >= 400) {
    // Whoever sends a code that nobody was given, and hears just that, has come past everything before it.
    const cameThrough = attempt.params.grant_type === 'authorization_code' && error === 'invalid_grant'
    return { ...told, error, kind: cameThrough ? 'accepted' : 'refused', isGuess: cameThrough }
  }
  const wanted = attempt.endpoint === 'par' ? json?.request_uri : json?.access_token
  return { ...told, error, kind: status < 300 && isText(wanted) ? 'accepted' : 'unclear' }
}

function atAuthorization({ status, headers, text }: Answer): Pick<Outcome, 'kind' | 'error' | 'place'> {
  if (status >= 400) return { kind: 'refused', error: undefined }
  if (status < 300) return { kind: 'accepted', error: undefined, place: pageIn(text) }
  if (headers.location === undefined) return { kind: 'unclear', error: undefined }
  const { error, isGranted } = saidIn(headers.location)
  if (error === undefined) return { kind: 'accepted', error, place: isGranted ? undefined : placeIn(headers.location) }
  return { kind: NEEDS_A_USER.includes(error) ? 'accepted' : TROUBLE.includes(error) ? 'unclear' : 'refused', error }
}

/** A page as far as it tells a login from an error: its title, and what it asks for. */
function pageIn(html: string): string {
  const [, title = ''] = /<title[^>]*>([^<]{0,200})/i.exec(html) ?? []
  const fields = [...html.slice(0, 100_000).matchAll(/<(?:input|button|select)\b[^>]{0,500}?\bname\s*=\s*["']?([\w.-]{1,50})/gi)]
  return ['page', title.trim(), ...new Set(fields.map(([, name]) => name))].join(' ')
}

/** Where a redirect leads, without what differs each time. */
function placeIn(location: string): string {
  const [path = ''] = location.split(/[?#]/, 1)
  const host = /^[a-z][a-z0-9+.-]*:/i.test(path) ? 2 : 0
  return path
    .split('/')
    .map((part, index) => (index > host && (part.length >= 16 || /\d/.test(part)) ? '*' : part))
    .join('/')
}

/** What a redirect carries: an error, or what was asked for. In the query, the fragment, or a response JWT (JARM), whose signature is not what is asked here. */
function saidIn(location: string): { readonly error: string | undefined; readonly isGranted: boolean } {
  const url = urlOf(location)
  const params = url ? [url.searchParams, new URLSearchParams(url.hash.slice(1))] : []
  const named = params.map((some) => some.get('error')).find(isText)
  const response = params.map((some) => some.get('response')).find(isText)
  const claims: Readonly<Record<string, unknown>> | undefined = response === undefined ? undefined : jsonPart(response.split('.')[1] ?? '')
  const error = named ?? (isText(claims?.error) ? claims.error : undefined)
  const isGranted = isText(claims?.code) || params.some((some) => ['code', 'id_token', 'access_token'].some((name) => some.has(name)))
  return { error: error === undefined ? undefined : redacted(error).slice(0, 100), isGranted }
}
