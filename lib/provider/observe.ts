import Provider, { type errors, type KoaContextWithOIDC } from 'oidc-provider'
import { isText } from '../core/claims.js'
import { ConfigurationError, describable } from '../core/errors.js'
import type { Stage } from '../core/facts.js'
import { type Policy, profileIfAny } from '../core/policy.js'
import { shown } from '../core/shown.js'
import { readJwt } from '../readers/jwt.js'
import { readWire } from '../readers/wire.js'
import type { Certificates } from './certificates.js'
import { endpointUrls } from './endpoints.js'
import { clientOf } from './facts.js'
import { joseFailure } from './jose-failures.js'
import { isOurs } from './refusal.js'
import { ruleBehind } from './refusals.js'
import { hintInRedirect, hintOwn } from './sandbox.js'

/** What `withFapi` leaves for `observe`. */
interface Configured {
  /** The endpoints under their mutual TLS host. */
  readonly aliases: readonly string[]
  readonly certificates: Certificates
}

const configured = new WeakMap<Policy, Map<string, Configured>>()

/** Keeps for `observe` how an issuer was configured. */
export function remember(policy: Policy, issuer: string, how: Configured): void {
  const issuers = configured.get(policy) ?? new Map<string, Configured>()
  configured.set(policy, issuers.set(issuer, how))
}

/** The provider's error events, and the stage each belongs to. */
const EVENTS: Readonly<Record<string, Stage>> = {
  'authorization.error': 'authorization',
  'pushed_authorization_request.error': 'par',
  'grant.error': 'token',
  'backchannel_authentication.error': 'authorization',
  'device_authorization.error': 'authorization',
  'registration_create.error': 'registration',
  'registration_update.error': 'registration',
  'introspection.error': 'authentication',
  'revocation.error': 'authentication',
  'userinfo.error': 'resource',
}

type Refused = errors.OIDCProviderError

/**
 * Makes a provider tell the policy's `record` of every refusal it decides by itself, with the clause where one is known,
 * and sets three of its answers right: client identifiers that disagree are `invalid_client` (FAPI1-BASE-5.2.2-19), a request
 * of another client ends on a page instead of a redirect, and an endpoint may be named as assertion audience under its own
 * URL or its mutual TLS alias. Returns the provider. Throws a `ConfigurationError` when the provider was not configured by
 * `withFapi` with this policy.
 */
export function observe(policy: Policy, provider: Provider): Provider {
  const how = configured.get(policy)?.get(provider.issuer)
  if (!how)
    throw new ConfigurationError([
      { option: 'provider', got: provider.issuer, allowed: 'must be configured by withFapi with the same policy and issuer' },
    ])

  for (const [event, stage] of Object.entries(EVENTS)) {
    provider.on(event as 'grant.error', (ctx: KoaContextWithOIDC, error: Refused) => {
      if (policy.mode === 'enforce') correct(ctx, error)
      if (isOurs(error)) return
      const rule = note(policy, stage, ctx, error)
      hintOwn(policy, ctx, { error: error.error, description: error.error_description ?? error.message, rule })
    })
  }
  provider.on('server_error', (ctx, error) => {
    if (!isOurs(error)) note(policy, STAGE_OF_ROUTE[ctx.oidc?.route] ?? 'authorization', ctx, error)
  })
  acceptAliases(policy, provider, how.aliases)
  provider.use(readCertificates(policy, how.certificates))
  return provider
}

type Middleware = Parameters<Provider['use']>[0]

/** Before everything else: a certificate may take time to validate, and a request that is not clear about it is answered no further. */
function readCertificates(policy: Policy, certificates: Certificates): Middleware {
  const goOn: Middleware = (ctx, next) => {
    const flaw = certificates.flaw(ctx)
    if (flaw?.kind !== 'malformed' || policy.mode !== 'enforce') return policy.sandbox ? next().then(() => hintInRedirect(ctx)) : next()
    const { message: description } = flaw
    const wire = readWire(ctx.req, 'https://localhost', undefined)
    policy.note({ stage: 'authentication', client: undefined, wire, error: 'invalid_request', description, rule: 'certificate-clear' })
    ctx.status = 400
    ctx.set('cache-control', 'no-store')
    ctx.body = { error: 'invalid_request', error_description: describable(description) }
    return undefined
  }

  return function fapiCertificates(ctx, next) {
    const reading = certificates.prepare(ctx.req)
    return reading ? reading.then(() => goOn(ctx, next)) : goOn(ctx, next)
  }
}

const STAGE_OF_ROUTE: Readonly<Record<string, Stage>> = {
  token: 'token',
  pushed_authorization_request: 'par',
  registration: 'registration',
  client_update: 'registration',
  userinfo: 'resource',
}

function note(policy: Policy, stage: Stage, ctx: KoaContextWithOIDC, failed: Partial<Refused>): string | undefined {
  const { message, error = 'server_error', error_description, error_detail: detail } = failed
  const client = ctx.oidc?.client && clientOf(ctx.oidc.client)
  const profile = client ? profileIfAny(policy, client) : policy.exclusive ? policy.profiles[0] : undefined
  const said = {
    error,
    description: error_description ?? (message === error ? `the server answered ${error}` : message) ?? 'refused',
    detail: detail === 'alg mismatch' ? algorithmsOf(ctx) : detail,
  }
  const at = error === 'invalid_client' ? 'authentication' : stage
  const jose = joseFailure(ctx, failed)
  const rule = jose?.rule ?? ruleBehind({ ...said, about: subjectOf(ctx, error) }, profile, at)
  policy.note({
    ...said,
    ...(jose && { detail: jose.detail }),
    stage: at,
    client,
    wire: readWire(ctx.req, ctx.oidc?.issuer ?? 'https://localhost', undefined),
    rule,
  })
  return rule
}

/** What the provider compared, and does not say. */
function algorithmsOf({ oidc }: KoaContextWithOIDC): string {
  const { alg } = readJwt(String(oidc.params?.client_assertion))?.header ?? {}
  const { clientAuthSigningAlg: registered } = oidc.client ?? {}
  return `alg mismatch: alg is ${shown(alg)}${isText(registered) ? `, registered is ${registered}` : ''}`
}

/** What a refusal is about, where the provider says the same of several things. */
function subjectOf({ oidc }: KoaContextWithOIDC, error: string): 'refresh token' | 'pushed request' | undefined {
  if (error === 'invalid_grant' && oidc?.params?.grant_type === 'refresh_token') return 'refresh token'
  return error === 'invalid_request_object' && oidc?.entities && 'PushedAuthorizationRequest' in oidc.entities
    ? 'pushed request'
    : undefined
}

/** Sets two answers right. The event comes after an answer was made and before it is sent; at the authorization endpoint, before it is made. */
function correct(ctx: KoaContextWithOIDC, error: Refused): void {
  const { error_description: description } = error
  // A request object or request_uri of another client: its state is not for the client whose redirect URI is at hand.
  if (description?.startsWith('request client_id m')) error.allow_redirect = false
  // FAPI1-BASE-5.2.2-19: the provider answers invalid_request.
  if (description !== 'client_id mismatch') return
  ctx.status = 401
  ctx.body = { error: 'invalid_client', error_description: description }
}

/**
 * The provider derives the audiences it accepts from the Host header of the request, so that on the mutual TLS host it knows
 * the token endpoint by its alias only; clients use the URL in its metadata. Which of them is right is for the profile's rules.
 */
function acceptAliases(policy: Policy, provider: Provider, aliases: readonly string[]): void {
  const prototype = provider.OIDCContext.prototype
  const own = prototype.clientJwtAuthExpectedAudience
  const ownTakesIssuer = takesIssuer(own)
  Object.defineProperty(prototype, 'clientJwtAuthExpectedAudience', {
    configurable: true,
    value(this: typeof prototype) {
      const client = this.client && clientOf(this.client)
      if (!client || policy.modeOf(client) === 'report' || !policy.profileOf(client)) return own.call(this)
      const all = () => {
        const urls = Provider.ctx && endpointUrls(Provider.ctx)
        const named = ['token', 'pushed_authorization_request'].flatMap((name) => urls?.get(name) ?? [])
        return new Set([...own.call(this), ...named, ...aliases])
      }
      return ownTakesIssuer ? setWith(this.issuer, all) : all()
    },
  })
}

/** Whether an issuer is among the audiences that a provider accepts, whatever else it accepts. */
function takesIssuer(own: unknown): boolean {
  const issuer = 'https://issuer.example'
  try {
    const audiences: unknown = typeof own === 'function' && own.call({ issuer, route: 'token', urlFor: () => `${issuer}/token` })
    return audiences instanceof Set && audiences.has(issuer)
  } catch {
    return false
  }
}

/** A set of which one member is known: the others are worked out when somebody asks for another, which takes longer than to judge a request. */
const setWith = (known: string, all: () => Set<string>): Set<string> =>
  new Proxy(new Set([known]), {
    get(_known, name) {
      if (name === 'has') return (one: string) => one === known || all().has(one)
      const whole = all()
      const member: unknown = Reflect.get(whole, name)
      return typeof member === 'function' ? member.bind(whole) : member
    },
  })
