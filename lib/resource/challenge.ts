import type { Response } from 'express'
import { describable, OAUTH_ERRORS } from '../core/errors.js'
import { FAPI_ALGORITHMS } from '../core/jwk.js'
import type { Sent } from './authorization-header.js'

/** The errors of a protected resource, and the status each one travels under (RFC 6750 §3.1, RFC 9449 §7.1, RFC 9470 §3). */
export const RESOURCE_ERRORS = {
  ...OAUTH_ERRORS,
  invalid_dpop_proof: 401,
  use_dpop_nonce: 401,
  insufficient_scope: 403,
  insufficient_user_authentication: 401,
} as const

export type ResourceError = keyof typeof RESOURCE_ERRORS

/** Why a request is refused. */
export interface Refused {
  readonly error: ResourceError
  readonly description: string
  /** What should have held, by the name it is recorded under. */
  readonly rule?: string | undefined
  /** For the operator alone. */
  readonly detail?: string | undefined
  /** What the challenge says beyond that: `scope`, `acr_values`, `max_age`. */
  readonly parameters?: Readonly<Record<string, string>> | undefined
}

/** What every challenge of an API says: the address of its metadata, where it has some (RFC 9728 §5.1). */
export type Always = Readonly<{ resource_metadata?: string }>

const settled = new WeakMap<Response, Always>()

/** What the challenges of this answer will say, also those of who refuses behind `protect`. */
export function settleAlways(res: Response, always: Always): void {
  if (always.resource_metadata !== undefined) settled.set(res, always)
}

/** What was settled for this answer. */
export const alwaysOf = (res: Response): Always => settled.get(res) ?? {}

const ALGS = FAPI_ALGORITHMS.join(' ')

/** Asks for an access token; no error code where none was sent (RFC 6750 §3.1, RFC 9449 §7.1). */
export function askForToken(res: Response, always: Always): void {
  if (res.headersSent) return
  res.status(401).set('www-authenticate', challenges(undefined, always)).set('cache-control', 'no-store')
  res.json({ error: 'invalid_token', error_description: 'an access token is required' })
}

/** Refuses a request. The scheme it used is named first; nothing that was sent is repeated but in plain ASCII. */
export function refuseResource(
  res: Response,
  { error, description: text, parameters }: Refused,
  scheme: Sent['scheme'] | undefined,
  always: Always,
): void {
  // A timeout may have answered meanwhile.
  if (res.headersSent) return
  const status = RESOURCE_ERRORS[error]
  const description = describable(text)
  if (status < 500) res.set('www-authenticate', challenges(scheme, { error, error_description: description, ...parameters, ...always }))
  res.status(status).set('cache-control', 'no-store').json({ error, error_description: description })
}

function challenges(scheme: Sent['scheme'] | undefined, parameters: Readonly<Record<string, string>>): string[] {
  const bearer = challenge('Bearer', parameters)
  const dpop = challenge('DPoP', { ...parameters, algs: ALGS })
  return scheme === 'bearer' ? [bearer, dpop] : scheme === 'dpop' ? [dpop, bearer] : [bearer, dpop]
}

function challenge(scheme: string, parameters: Readonly<Record<string, string>>): string {
  const list = Object.entries(parameters).map(([name, value]) => `${name}="${describable(value)}"`)
  return list.length === 0 ? scheme : `${scheme} ${list.join(', ')}`
}
