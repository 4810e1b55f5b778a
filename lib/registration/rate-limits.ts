import { hash } from 'node:crypto'
import type { Request, RequestHandler, Response } from 'express'
import { ipKeyGenerator, rateLimit, type Store } from 'express-rate-limit'
import { isText } from '../core/claims.js'
import { ConfigurationError, type ConfigurationFault } from '../core/errors.js'
import { codeOf } from '../stores/remote.js'
import { answerJson } from './answer.js'
import type { InitialAccessTokens } from './initial-access-tokens.js'
import { RegistrationError } from './registration-error.js'

/** So many requests in so many seconds. */
export interface RateLimit {
  readonly limit: number
  readonly seconds: number
}

export interface RateLimitOptions {
  /**
   * Requests of one caller; 60 in 600 seconds when not given. A caller is known by its initial access token, else by its certificate, else by its
   * address. Many may be behind one address, and whoever fills it up locks all of them out: so let callers have tokens or certificates.
   */
  readonly perCaller?: RateLimit
  /** Requests of all together; 600 in 60 seconds when not given. It is what holds against those who have many addresses. */
  readonly total?: RateLimit
  /** Where requests are counted, by the name of the limit: a store of `express-rate-limit` that all processes share. Each process counts for itself when not given. */
  readonly store?: (name: string) => Store
}

/** How callers are known. */
export interface Callers {
  /** Tokens that hold; without it any that looks like one is somebody, and whoever makes them up is somebody new each time. */
  readonly tokens?: Pick<InitialAccessTokens, 'check'>
  /** The thumbprint of a request's client certificate, where it has one. */
  readonly thumbprint?: (req: Request) => string | undefined | Promise<string | undefined>
}

const LIMITS = { perCaller: { limit: 60, seconds: 600 }, total: { limit: 600, seconds: 60 } } as const

/** A day: what Node's timers hold is not much more. */
const LONGEST = 86_400

/** Middlewares that refuse what comes too often: of one caller, and of all together. Throws a `ConfigurationError`. */
export function rateLimits(
  options: RateLimitOptions = {},
  callers: Callers = {},
): readonly [perCaller: RequestHandler, total: RequestHandler] {
  const { perCaller = LIMITS.perCaller, total = LIMITS.total, store } = options ?? {}
  const faults = [...limitFaults('perCaller', perCaller), ...limitFaults('total', total)]
  if (store !== undefined && typeof store !== 'function')
    faults.push({
      option: 'store',
      got: typeof store,
      allowed: 'must be a function from the name of a limit to a store of express-rate-limit',
    })
  if (faults.length > 0) throw new ConfigurationError(faults)
  return [
    limiter('per-caller', perCaller, store?.('per-caller'), (req) => callerOf(req, callers)),
    limiter('total', total, store?.('total'), () => 'all'),
  ]
}

type CallerOf = (req: Request) => string | Promise<string>

function limiter(name: string, { limit, seconds }: RateLimit, store: Store | undefined, keyGenerator: CallerOf): RequestHandler {
  const count = rateLimit({
    ...{ limit, windowMs: seconds * 1000, identifier: name, keyGenerator, handler: tooMany },
    ...{ standardHeaders: 'draft-8', legacyHeaders: false, passOnStoreError: false },
    // Addresses are the application's to trust or not: its `trust proxy` says so, and the library's notices would name what it found.
    validate: false,
    ...(store && { store }),
  })
  return async function fapiRateLimit(req, res, next) {
    let goesOn = false
    try {
      await new Promise<void>((resolve, reject) => {
        const passed = (error?: unknown) => {
          if (error) return reject(error)
          goesOn = true
          resolve()
        }
        // Who has been answered does not come to `passed`.
        Promise.resolve(count(req, res, passed)).then(() => resolve(), reject)
      })
    } catch (cause) {
      process.emitWarning(`the rate limit ${name} could not be counted: ${codeOf(cause)}`, { code: 'FAPI_RATE_LIMIT' })
      refuse(res, 503, 'requests cannot be counted right now, try again')
    }
    if (goesOn) next()
  }
}

/**
 * RFC 7591 has no error for this. `temporarily_unavailable` is OAuth's word for a server that has too much to do (RFC 6749 §4.1.2.1): clients
 * try again later, and do not take it for something wrong with their metadata.
 */
const tooMany = (_req: Request, res: Response): void =>
  refuse(res, 429, `too many requests, try again in ${res.get('retry-after')} seconds`)

function refuse(res: Response, status: number, error_description: string): void {
  if (res.headersSent) return
  if (status === 503) res.set('retry-after', '5')
  answerJson(res, status, { error: 'temporarily_unavailable', error_description })
}

/** What an initial access token looks like. */
const TOKEN = /^Bearer +([\w-]{22}\.[\w-]{43}) *$/i

/** Who asks, as well as it is known. */
async function callerOf(req: Request, { tokens, thumbprint }: Callers): Promise<string> {
  const [, token] = TOKEN.exec(req.headers.authorization ?? '') ?? []
  if (token !== undefined) {
    if (!tokens) return `token ${hash('sha256', token, 'base64url')}`
    const id = await tokens.check(token, Date.now() / 1000).then(({ id }) => id, nobody)
    if (id !== undefined) return `token ${id}`
  }
  const certificate = await thumbprint?.(req)
  if (isText(certificate)) return `certificate ${certificate}`
  return `address ${ipKeyGenerator(req.ip ?? 'unknown')}`
}

/** A token that does not hold is nobody's; one that cannot be looked up stops everything. */
function nobody(cause: unknown): undefined {
  if (!(cause instanceof RegistrationError)) throw cause
}

function limitFaults(option: string, value: unknown): ConfigurationFault[] {
  const { limit, seconds }: Readonly<Record<string, unknown>> = { ...(typeof value === 'object' ? value : {}) }
  const isWhole = (number: unknown, most: number) => typeof number === 'number' && Number.isInteger(number) && number >= 1 && number <= most
  if (isWhole(limit, 1e9) && isWhole(seconds, LONGEST)) return []
  return [{ option, got: value, allowed: `must have a limit, and seconds from 1 to ${LONGEST}, both whole numbers` }]
}
