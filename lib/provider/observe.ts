import type Provider from 'oidc-provider'
import type { errors, KoaContextWithOIDC } from 'oidc-provider'
import { ConfigurationError, describable } from '../core/errors.js'
import type { Stage } from '../core/facts.js'
import type { Policy } from '../core/policy.js'
import { readWire } from '../readers/wire.js'
import type { Certificates } from './certificates.js'
import { clientOf, endpointUrl } from './facts.js'
import { isOurs } from './refusal.js'
import { ruleBehind } from './refusals.js'

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
      if (!isOurs(error)) note(policy, stage, ctx, error)
    })
  }
  provider.on('server_error', (ctx, error) => {
    if (!isOurs(error)) note(policy, STAGE_OF_ROUTE[ctx.oidc?.route] ?? 'authorization', ctx, error)
  })
  acceptAliases(policy, provider, how.aliases)
  provider.use(readCertificates(policy, how.certificates))
  return provider
}

/** Before everything else: a certificate may take time to validate, and a request that is not clear about it is answered no further. */
function readCertificates(policy: Policy, certificates: Certificates): Parameters<Provider['use']>[0] {
  return async function fapiCertificates(ctx, next) {
    await certificates.prepare(ctx.req)
    const flaw = certificates.flaw(ctx)
    if (flaw?.kind !== 'malformed' || policy.mode !== 'enforce') return next()
    const { message: description } = flaw
    const wire = readWire(ctx.req, 'https://localhost', undefined)
    policy.note({ stage: 'authentication', client: undefined, wire, error: 'invalid_request', description })
    ctx.status = 400
    ctx.set('cache-control', 'no-store')
    ctx.body = { error: 'invalid_request', error_description: describable(description) }
  }
}

const STAGE_OF_ROUTE: Readonly<Record<string, Stage>> = {
  token: 'token',
  pushed_authorization_request: 'par',
  registration: 'registration',
  client_update: 'registration',
  userinfo: 'resource',
}

function note(
  policy: Policy,
  stage: Stage,
  ctx: KoaContextWithOIDC,
  { message, error, error_description: description, error_detail: detail }: Partial<Refused>,
): void {
  const client = ctx.oidc?.client && clientOf(ctx.oidc.client)
  const text = detail ?? description ?? message ?? 'refused'
  const wire = readWire(ctx.req, ctx.oidc?.issuer ?? 'https://localhost', undefined)
  policy.note({
    stage: error === 'invalid_client' ? 'authentication' : stage,
    client,
    wire,
    error: error ?? 'server_error',
    description: text,
    rule: ruleBehind(text),
  })
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
  Object.defineProperty(prototype, 'clientJwtAuthExpectedAudience', {
    configurable: true,
    value(this: typeof prototype) {
      const client = this.client && clientOf(this.client)
      if (!client || policy.modeOf(client) === 'report' || !policy.profileOf(client)) return own.call(this)
      const urls = ['token', 'pushed_authorization_request'].flatMap((name) => endpointUrl(this, name))
      return new Set([...own.call(this), ...urls, ...aliases])
    },
  })
}
