import { isText, urlOf } from '../core/claims.js'
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
}

/** Errors at the authorization endpoint that mean: the request is right, and somebody has to log in. */
const NEEDS_A_USER = ['login_required', 'interaction_required', 'consent_required', 'account_selection_required']
/** RFC 6585 §4 and a server that is busy: nothing was decided. */
const UNDECIDED = [429, 502, 503, 504]

/** Reads what a server made of an attempt. */
export function outcomeOf(attempt: Attempt, answer: Answer): Outcome {
  const { status, json, line } = answer
  const told = { status, line }
  if (UNDECIDED.includes(status)) return { ...told, kind: 'unclear', error: undefined }
  if (attempt.endpoint === 'authorization') return { ...told, ...atAuthorization(answer) }
  const error = isText(json?.error) ? json.error : undefined
  if (status >= 400) {
    // Whoever sends a code that nobody was given, and hears just that, has come past everything before it.
    const cameThrough = attempt.params.grant_type === 'authorization_code' && error === 'invalid_grant'
    return { ...told, error, kind: cameThrough ? 'accepted' : 'refused' }
  }
  const wanted = attempt.endpoint === 'par' ? json?.request_uri : json?.access_token
  return { ...told, error, kind: status < 300 && isText(wanted) ? 'accepted' : 'unclear' }
}

function atAuthorization({ status, headers }: Answer): Pick<Outcome, 'kind' | 'error'> {
  if (status >= 400) return { kind: 'refused', error: undefined }
  if (status < 300) return { kind: 'accepted', error: undefined }
  const error = headers.location === undefined ? undefined : errorIn(headers.location)
  if (error === undefined) return { kind: headers.location === undefined ? 'unclear' : 'accepted', error }
  return { kind: NEEDS_A_USER.includes(error) ? 'accepted' : 'refused', error }
}

/** The error that a redirect carries: in the query, the fragment, or a response JWT (JARM), whose signature is not what is asked here. */
function errorIn(location: string): string | undefined {
  const url = urlOf(location)
  if (!url) return undefined
  const params = [url.searchParams, new URLSearchParams(url.hash.slice(1))]
  const named = params.map((some) => some.get('error')).find(isText)
  const response = params.map((some) => some.get('response')).find(isText)
  const claimed = response === undefined ? undefined : jsonPart(response.split('.')[1] ?? '')?.error
  return named ?? (isText(claimed) ? claimed : undefined)
}
