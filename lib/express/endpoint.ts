import type { Request, RequestHandler, Response } from 'express'
import { describable, OAUTH_ERRORS, reasonOf } from '../core/errors.js'
import type { Client, Stage } from '../core/facts.js'
import { told } from '../core/sandbox.js'
import { settleInteractionId } from '../readers/interaction-id.js'
import { KeySetError } from '../readers/key-set-error.js'
import { readWire } from '../readers/wire.js'
import { isAuthenticated } from './authenticated.js'
import type { Setup } from './fapi-options.js'
import { OAuthRefusal } from './oauth-refusal.js'

/** What a middleware does with a request: `true` hands it on to the server. Throws an `OAuthRefusal` to end it. */
export type Work = (req: Request, res: Response) => Promise<boolean>

const clients = new WeakMap<Request, Client>()

/** Tells whose request it is, as soon as that is known: what goes wrong from then on is answered in that client's mode. */
export const isAbout = (req: Request, client: Client): void => void clients.set(req, client)

/** Answers a refusal. */
export type Answer = (req: Request, res: Response, refusal: OAuthRefusal) => void | Promise<void>

/**
 * Wraps work as a middleware. What is refused is recorded and answered; in report mode it is recorded and handed on to the server.
 * What cannot be decided is refused, unless it is known that the client is only reported on.
 */
export function endpoint(setup: Setup, name: string, stage: Stage, work: Work, answer: Answer = answerInJson): RequestHandler {
  const handler: RequestHandler = async (req, res, next) => {
    settleInteractionId(req, res)
    const goesOn = await work(req, res)
      .catch(async (cause: unknown) => {
        const refusal = cause instanceof OAuthRefusal ? cause : undecided(cause, stage, clients.get(req))
        if (record(setup, req, refusal)) return true
        if (!res.headersSent) await answer(req, res, hinted(setup, req, refusal))
        return false
      })
      .catch((failure: unknown) => void next(failure))
    if (goesOn) next()
  }
  return Object.defineProperty(handler, 'name', { value: name })
}

/** Records what no verdict told of yet, and says whether the request goes on all the same. */
function record({ policy, issuer }: Setup, req: Request, { error, message, facts, recorded }: OAuthRefusal): boolean {
  const { stage, client, detail, rule, always = false } = facts
  const passes = !always && policy.modeOf(client) === 'report'
  // Being told a nonce is no refusal: it is how one is got.
  if (!recorded && error !== 'use_dpop_nonce')
    policy.note({ stage, client, wire: readWire(req, issuer, undefined), error, description: message, detail, rule, passes })
  return passes
}

/** What is told of a refusal: in the sandbox, a client that has authenticated learns what to do. */
function hinted({ policy }: Setup, req: Request, refusal: OAuthRefusal): OAuthRefusal {
  const { error, message: description, facts, recorded } = refusal
  if (!policy.sandbox || !isAuthenticated(req)) return refusal
  const text = told(policy, facts.client ?? clients.get(req), { error, description, rule: facts.rule, by: recorded ? 'rules' : 'server' })
  return new OAuthRefusal(error, text, facts, recorded)
}

function undecided(cause: unknown, stage: Stage, client: Client | undefined): OAuthRefusal {
  const detail = reasonOf(cause)
  process.emitWarning(`a request could not be judged: ${detail}`, { code: 'FAPI_UNDECIDED' })
  // The keys of a client, or the store, may be there again in a moment.
  const error = cause instanceof KeySetError || stage !== 'registration' ? 'temporarily_unavailable' : 'server_error'
  return new OAuthRefusal(error, 'the request cannot be judged right now, try again', { stage, client, detail, rule: 'server-available' })
}

/** Throws an `OAuthRefusal` for methods that an endpoint has not, so that none gets past what is mounted in front of it. */
export function insistOnMethod({ method }: Request, allow: readonly string[], stage: Stage): void {
  if (!allow.includes(method))
    throw new OAuthRefusal('invalid_request', `the method must be ${allow.join(' or ')}`, { stage, allow, rule: 'method-allowed' })
}

/** RFC 6749 §5.2: the status that goes with an error, and its challenge. */
export function answerInJson(req: Request, res: Response, { error, message, facts }: OAuthRefusal): void {
  const status = facts.allow ? 405 : error === 'use_dpop_nonce' ? 400 : OAUTH_ERRORS[error]
  if (facts.allow) res.set('allow', facts.allow.join(', '))
  if (facts.nonce !== undefined) res.set('dpop-nonce', facts.nonce)
  if (status === 503) res.set('retry-after', '5')
  // RFC 6749 §5.2: who tried the Authorization header is told what it is for.
  if (error === 'invalid_client' && req.headers.authorization !== undefined) res.set('www-authenticate', 'Basic realm="token"')
  res
    .status(status)
    .set('cache-control', 'no-store')
    .json({ error, error_description: describable(message) })
}
