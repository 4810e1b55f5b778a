import type { Request, RequestHandler, Response, Router } from 'express'
import { reasonOf } from '../core/errors.js'
import type { Policy } from '../core/policy.js'
import { told } from '../core/sandbox.js'
import { thumbprint } from '../readers/certificate.js'
import { settleInteractionId } from '../readers/interaction-id.js'
import { shownCertificate } from '../readers/shown-certificate.js'
import { readWire } from '../readers/wire.js'
import { answerJson, answerRefusal } from './answer.js'
import { type Applications, applications } from './applications.js'
import { type Engine, engineOf } from './engine.js'
import type { InitialAccessTokens } from './initial-access-tokens.js'
import { type Maintenance, maintain, standing, used } from './maintenance.js'
import { manage } from './manage.js'
import { managedIn } from './managed-request.js'
import { rateLimits } from './rate-limits.js'
import { recover } from './recover.js'
import { register } from './register.js'
import { RegistrationError } from './registration-error.js'
import { type RegistrationOptions, type RegistrationSetup, setUpRegistration } from './registration-options.js'
import type { RegistrationRecord } from './registration-record.js'
import { type RegistrationSettings, registrationSettings } from './registration-settings.js'
import { remove } from './removal.js'
import { type Authorize, settingsApi } from './settings-api.js'
import { RefusedMetadata } from './settled-metadata.js'

/** Dynamic client registration, and all that goes with running it. */
export interface Registration {
  /**
   * The whole endpoint: `POST` registers (RFC 7591); `GET`, `PUT` and `DELETE` of `/{client_id}` below it manage a client (RFC 7592);
   * `POST` of `/{client_id}/registration-access-token` gives a new token for a lost one. Mount it at the path of `publicUrl`.
   */
  readonly endpoint: RequestHandler
  readonly settings: RegistrationSettings
  readonly initialAccessTokens: InitialAccessTokens
  /** What the operator does with clients, in a console for example. */
  readonly applications: Applications
  /** What it registers for, and by which rules. */
  readonly terms: RegistrationTerms
  /** A small JSON API to change settings and to hand out initial access tokens; `authorize` says who asks, if they may. */
  settingsApi(authorize: Authorize): Router
  /** What is kept of a registration beside the client's metadata. */
  find(clientId: string): Promise<RegistrationRecord | undefined>
  /** Tells that a client got a token: it is in use from now on. Costs nothing from the second time on. */
  used(clientId: string): Promise<void>
  /** Serves a client no more until `resume`: it is refused everywhere, and so is the management of it. */
  suspend(clientId: string, reason: string): Promise<boolean>
  resume(clientId: string): Promise<boolean>
  /** Ends a registration and whatever was issued to its client. */
  remove(clientId: string): Promise<boolean>
  /** What has to be done now and then, in one process: asks the directory for the standing of each software, and removes clients that were never used. */
  maintain(): Promise<Maintenance>
}

/** What a registration is held to, beside its settings. */
export type RegistrationTerms = Pick<
  RegistrationSetup,
  'policy' | 'issuer' | 'publicUrl' | 'ecosystem' | 'signingAlgorithms' | 'scopes' | 'knows'
>

/**
 * Registers clients that comply with their profile, and no others. Throws a `ConfigurationError` that lists everything wrong with the
 * options.
 */
export function registration(policy: Policy, options: RegistrationOptions): Registration {
  const setup = setUpRegistration(policy, options)
  const settings = registrationSettings(setup.store, {
    defaults: options.settings ?? {},
    profiles: policy.profiles.map(({ name }) => name),
    allowPrivateHosts: setup.outbound.allowPrivateHosts ?? [],
  })
  const origins = [...new Set([setup.issuer, setup.publicUrl].map((url) => new URL(url).origin))]
  const engine = engineOf(setup, settings)
  const limits = rateLimits(options.rateLimits ?? {}, {
    tokens: engine.initialAccessTokens,
    async thumbprint(req) {
      const { certificate } = await shownCertificate(setup.certificate, req)
      // Anybody makes certificates of his own, and is somebody else with each.
      return certificate?.verified ? thumbprint(certificate.x509) : undefined
    },
  })
  const inUse = used(engine)
  return Object.freeze<Registration>({
    endpoint: endpoint(engine, limits),
    settings,
    initialAccessTokens: engine.initialAccessTokens,
    applications: applications(engine),
    terms: termsOf(setup),
    settingsApi: (authorize) => settingsApi({ settings, tokens: engine.initialAccessTokens, authorize, origins }),
    find: engine.records.find,
    used: inUse,
    suspend: (clientId, reason) => standing(engine, clientId, reason),
    resume: (clientId) => standing(engine, clientId, undefined),
    remove: (clientId) => remove(engine, clientId),
    maintain: () => maintain(engine),
  })
}

const termsOf = ({ policy, issuer, publicUrl, ecosystem, signingAlgorithms, scopes, knows }: RegistrationSetup): RegistrationTerms =>
  Object.freeze({ policy, issuer, publicUrl, ecosystem, signingAlgorithms, scopes, knows })

/** Answers every request below its path, or hands it on when there is no such resource. */
function endpoint(engine: Engine, limits: readonly RequestHandler[]): RequestHandler {
  return async function fapiRegistrationEndpoint(req, res, next) {
    settleInteractionId(req, res)
    const resource = resourceOf(engine, req)
    if (!resource) return next()
    const { methods, work } = resource
    if (!methods.includes(req.method === 'HEAD' ? 'GET' : req.method)) {
      res.set('allow', methods.join(', '))
      return answerJson(res, 405, { error: 'invalid_request', error_description: `the method must be ${methods.join(' or ')}` })
    }
    try {
      for (const limit of limits) if (!(await passes(limit, req, res))) return
      await work(res)
    } catch (cause) {
      refuse(engine, req, res, cause)
    }
  }
}

interface Resource {
  readonly methods: readonly string[]
  readonly work: (res: Response) => Promise<void>
}

function resourceOf(engine: Engine, req: Request): Resource | undefined {
  const [clientId, part, ...more] = segmentsOf(req.path)
  if (clientId === undefined) return { methods: ['POST'], work: (res) => register(engine, req, res) }
  if (part === undefined) return { methods: engine.setup.ecosystem.management.methods, work: (res) => manage(engine, req, res, clientId) }
  if (part === 'registration-access-token' && more.length === 0)
    return { methods: ['POST'], work: (res) => recover(engine, req, res, clientId) }
  return undefined
}

/** The parts of a path; what cannot be decoded is the name of nothing. */
function segmentsOf(path: string): string[] {
  try {
    return path.split('/').filter(Boolean).map(decodeURIComponent)
  } catch {
    return ['', '', '']
  }
}

/** Whether a limiter lets a request through; it has answered otherwise. */
const passes = (limit: RequestHandler, req: Request, res: Response): Promise<boolean> =>
  new Promise((resolve, reject) => {
    res.once('finish', () => resolve(false))
    Promise.resolve(limit(req, res, (error?: unknown) => (error ? reject(error) : resolve(true)))).catch(reject)
  })

/** Answers what ended a registration, and records it. What cannot be decided is refused. */
function refuse({ setup: { policy, issuer } }: Engine, req: Request, res: Response, cause: unknown): void {
  const refusal = cause instanceof RegistrationError ? cause : undecided(cause)
  if (!(refusal instanceof RefusedMetadata && refusal.recorded))
    policy.note({
      ...{ stage: 'registration', client: undefined, wire: readWire(req, issuer, undefined) },
      ...{ error: refusal.error, description: refusal.message, detail: refusal.detail, rule: refusal.rule },
    })
  // In the sandbox, a client that manages its registration learns what to do.
  const { error, message: description, rule } = refusal
  const message = policy.sandbox ? told(policy, managedIn(req), { error, description, rule }) : description
  if (!res.headersSent) answerRefusal(res, { error, message }, req.headers.authorization !== undefined)
}

function undecided(cause: unknown): RegistrationError {
  process.emitWarning(`a registration could not be judged: ${reasonOf(cause)}`, { code: 'FAPI_UNDECIDED' })
  return new RegistrationError('temporarily_unavailable', 'the registration cannot be judged right now, try again', reasonOf(cause))
}
