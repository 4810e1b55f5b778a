import type { Request, RequestHandler, Response } from 'express'
import { isText, isTime } from '../core/claims.js'
import { ConfigurationError, reasonOf } from '../core/errors.js'
import type { Token } from '../core/facts.js'
import { secondsIn, shown } from '../core/shown.js'
import { alwaysOf, type Refused, refuseResource } from './challenge.js'
import { refusedHolder } from './holder.js'

type Claims = Token['claims']
/** What is asked of a request that was let through; answers with why it is refused, or with nothing. */
type Demand = (claims: Claims, req: Request) => Refused | undefined | Promise<Refused | undefined>

/** Lets a request through when the token of `protect` has these scopes, each as a whole word (FAPI1-BASE-6.2.1-5). Throws a `ConfigurationError`. */
export function requireScope(...scopes: readonly string[]): RequestHandler {
  const wrong = scopes.find((scope) => typeof scope !== 'string' || !/^[\x21\x23-\x5b\x5d-\x7e]+$/.test(scope))
  if (scopes.length === 0 || wrong !== undefined)
    throw new ConfigurationError([{ option: 'scope', got: wrong, allowed: 'must be one scope value, or several' }])
  const scope = scopes.join(' ')
  return demanding(function requireScope({ scope: granted }) {
    const words = isText(granted) ? granted.split(' ') : []
    if (scopes.every((one) => words.includes(one))) return undefined
    const description = `the scope ${scope} is required`
    return { error: 'insufficient_scope', description, rule: 'scope-granted', detail: `scope is ${shown(granted)}`, parameters: { scope } }
  })
}

/**
 * Lets a request through when the claims of its token are as `holds` says, which may look at the request too. What it throws, or
 * rejects with, refuses the request with 503. Throws a `ConfigurationError`.
 */
export function requireClaims(holds: (claims: Claims, req: Request) => boolean | Promise<boolean>): RequestHandler {
  if (typeof holds !== 'function')
    throw new ConfigurationError([{ option: 'holds', got: holds, allowed: 'must be a function from claims to whether they hold' }])
  return demanding(async function requireClaims(claims, req) {
    if ((await holds(claims, req)) === true) return undefined
    return { error: 'insufficient_scope', description: 'the access token does not cover this request', rule: 'scope-granted' }
  })
}

/** An entry of `authorization_details` (RFC 9396 §2). */
export type AuthorizationDetail = Readonly<Record<string, unknown>> & { readonly type: string }

/**
 * Lets a request through when its token has `authorization_details` of a type that cover it, as `covers` says (RFC 9396 §9). The details
 * were written by a client: `covers` looks at what it needs and believes nothing. Throws a `ConfigurationError`.
 */
export function requireAuthorizationDetails(
  type: string,
  covers: (detail: AuthorizationDetail, req: Request) => boolean | Promise<boolean> = () => true,
): RequestHandler {
  if (!isText(type)) throw new ConfigurationError([{ option: 'type', got: type, allowed: 'must be a type of authorization_details' }])
  if (typeof covers !== 'function')
    throw new ConfigurationError([
      { option: 'covers', got: covers, allowed: 'must be a function from a detail to whether it covers the request' },
    ])
  return demanding(async function requireAuthorizationDetails({ authorization_details: details }, req) {
    const candidates = Array.isArray(details) ? details.filter((detail): detail is AuthorizationDetail => isDetail(detail, type)) : []
    for (const detail of candidates) if ((await covers(detail, req)) === true) return undefined
    const description = `authorization_details of type ${type} that cover this request are required`
    return {
      error: 'insufficient_scope',
      description,
      rule: 'scope-granted',
      detail: `${candidates.length} of this type are in the access token`,
    }
  })
}

const isDetail = (detail: unknown, type: string) =>
  typeof detail === 'object' && detail !== null && !Array.isArray(detail) && 'type' in detail && detail.type === type

export interface AcrDemand {
  /** The authentication context class references that are enough, the preferred one first. */
  readonly acr?: string | readonly string[]
  /** Seconds since the user logged in, at the most. */
  readonly maxAge?: number
}

/**
 * Lets a request through when its user logged in as `acr` says and no longer ago than `maxAge`; otherwise the challenge says what
 * to ask the authorization server for (RFC 9470 §3). Throws a `ConfigurationError`.
 */
export function requireAcr({ acr, maxAge }: AcrDemand): RequestHandler {
  const values = acr === undefined ? [] : [acr].flat()
  const isAge = maxAge === undefined || (Number.isInteger(maxAge) && maxAge >= 0)
  if (!values.every((value) => isText(value) && !/[\s"\\]/.test(value)) || !isAge || (values.length === 0 && maxAge === undefined))
    throw new ConfigurationError([{ option: 'acr, maxAge', got: { acr, maxAge }, allowed: 'must be acr values, whole seconds, or both' }])
  const parameters = {
    ...(values.length > 0 && { acr_values: values.join(' ') }),
    ...(maxAge !== undefined && { max_age: String(maxAge) }),
  }
  return demanding(function requireAcr({ acr: reached, auth_time: at }) {
    const isStrong = values.length === 0 || values.some((value) => value === reached)
    // A login that is said to come is none to rely on.
    const age = isTime(at) ? Date.now() / 1000 - at : Number.NaN
    if (isStrong && (maxAge === undefined || (age <= maxAge && age >= -60))) return undefined
    const description = isStrong ? 'a more recent login of the user is required' : 'a stronger login of the user is required'
    const detail = `acr is ${shown(reached)}, auth_time is ${isTime(at) ? `${secondsIn(Math.abs(age))} ${age < 0 ? 'ahead' : 'ago'}` : shown(at)}`
    return { error: 'insufficient_user_authentication', description, rule: 'user-authenticated', detail, parameters }
  })
}

/** Turns a demand into a middleware that goes behind `protect`; in front of it, or without it, nobody gets through. */
function demanding(demand: Demand): RequestHandler {
  return async function fapiRequire(req, res, next) {
    const { fapi } = req
    if (!fapi) return refuse(res, { error: 'temporarily_unavailable', description: 'the request cannot be judged' }, undefined)
    try {
      const refusal = await demand(fapi.token, req)
      if (refusal) return refuse(res, refusedHolder(req, refusal), fapi.scheme)
    } catch (cause) {
      process.emitWarning(`${demand.name} could not judge a request: ${reasonOf(cause)}`, {
        code: 'FAPI_UNDECIDED',
      })
      return refuse(
        res,
        refusedHolder(req, {
          error: 'temporarily_unavailable',
          description: 'the request cannot be judged right now, try again',
          rule: 'server-available',
          detail: reasonOf(cause),
        }),
        fapi.scheme,
      )
    }
    if (!res.headersSent) next()
  }
}

const refuse = (res: Response, refusal: Refused, scheme: Token['scheme'] | undefined) => refuseResource(res, refusal, scheme, alwaysOf(res))
