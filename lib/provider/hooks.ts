import type { Configuration, KoaContextWithOIDC, Client as ProviderClient } from 'oidc-provider'
import { isText } from '../core/claims.js'
import type { Client, Jwt, Moment } from '../core/facts.js'
import type { Policy } from '../core/policy.js'
import { digest } from '../stores/seal.js'
import type { OnceStore } from '../stores/store.js'
import { certificateHooks, refuseFlaw } from './certificate-hooks.js'
import type { Certificates } from './certificates.js'
import { authorizationFacts, clientOf, confirmationOf, momentFacts, paramsOf, proofOf, resourceFacts } from './facts.js'
import { onlyOfClients } from './introspected-tokens.js'
import { answer, refuse } from './refusal.js'
import { hasAuthenticated, hasSigned } from './sandbox.js'
import { leftToAdapter } from './storage.js'
import { orUnavailable } from './unavailable.js'
import { ownAssertionChecks, ownRequestObjectChecks } from './upstream.js'

/** A parameter nobody sends: its validator runs once the provider's own checks of a pushed or direct authorization request are done. */
export const AFTER_CHECKS = 'urn:express-fapi:after-checks'

export interface HookOptions {
  readonly store: OnceStore
  readonly certificates: Certificates
  /** The endpoints under their mutual TLS host. */
  readonly aliases: readonly string[]
}

type AssertionCheck = NonNullable<Configuration['assertJwtClientAuthClaimsAndHeader']>
type AccountSource = NonNullable<Configuration['findAccount']>
type Features = NonNullable<Configuration['features']>
type RequestObjectCheck = NonNullable<NonNullable<Features['requestObjects']>['assertJwtClaimsAndHeader']>

/** The documented options of node-oidc-provider that judge a request on its way; each goes on to what the user had there. */
export function hooks(policy: Policy, base: Configuration, { store, certificates, aliases }: HookOptions): Configuration {
  const objects = new WeakMap<object, Jwt>()
  const judged = new WeakSet<object>()
  const lastJudged = new WeakMap<object, number>()
  const { features = {} } = base

  const moment = (ctx: KoaContextWithOIDC, client: Client): Moment => momentFacts(ctx, client, aliases, certificates.shown(ctx))
  /** Whether rules judge and refuse for this client, so that what they cover need not be checked twice. */
  const isHeld = (client: Client) => policy.modeOf(client) === 'enforce' && policy.profileOf(client) !== undefined

  /** A client is judged when it is loaded and may stay loaded for months: once an hour, when it authenticates, it is judged again. */
  function judgeAuthentication(ctx: KoaContextWithOIDC, providerClient: ProviderClient, assertion?: Jwt): void {
    const facts = moment(ctx, clientOf(providerClient))
    if (facts.now - (lastJudged.get(providerClient) ?? 0) > 3600) {
      answer(policy.decide('registration', { client: facts.client, current: facts.client }), 'invalid_client')
      lastJudged.set(providerClient, facts.now)
    }
    const { now, wire, client, recipient } = facts
    answer(policy.decide('authentication', { now, wire, client, recipient, assertion }))
  }

  function judgeRequest(ctx: KoaContextWithOIDC): void {
    const { client, route } = ctx.oidc
    if (!client) return
    const facts = authorizationFacts(ctx, moment(ctx, clientOf(client)), objects.get(ctx))
    hasSigned(policy, ctx)
    if (route === 'pushed_authorization_request' && isKnownByNow(client)) hasAuthenticated(policy, ctx)
    if (route === 'pushed_authorization_request') answer(policy.decide('par', facts))
    else if (route === 'authorization') answer(policy.decide('authorization', facts))
  }

  /** Once per request, as soon as the client is known to be who it says it is. */
  function judgeTokenRequest(ctx: KoaContextWithOIDC): void {
    const { client, route } = ctx.oidc
    if (client && route !== 'userinfo' && isKnownByNow(client)) hasAuthenticated(policy, ctx)
    if (!client || route !== 'token' || judged.has(ctx)) return
    judged.add(ctx)
    const flaw = client.tlsClientCertificateBoundAccessTokens ? certificates.flaw(ctx) : undefined
    if (flaw) refuseFlaw(policy, ctx, flaw)
    const { now, wire, client: facts, recipient } = moment(ctx, clientOf(client))
    answer(policy.decide('token', { now, wire, client: facts, recipient, params: paramsOf(ctx), proof: proofOf(ctx) }))
  }

  const judgeAssertion: AssertionCheck = async (ctx, claims, header, providerClient) => {
    const client = clientOf(providerClient)
    const held = isHeld(client)
    if (base.assertJwtClientAuthClaimsAndHeader) await base.assertJwtClientAuthClaimsAndHeader(ctx, claims, header, providerClient)
    else ownAssertionChecks(ctx, claims, held)
    // RFC 6749 §2.3: the provider would not look at the secret. §3.2: without a value it counts as omitted.
    if (held && ctx.oidc.body?.client_secret)
      refuse(policy, 'authentication', client, 'invalid_client', 'a client must not authenticate in two ways', {
        rule: 'one-authentication-method',
      })
    judgeAuthentication(ctx, providerClient, { header, claims })
    judgeTokenRequest(ctx)
    const { jti, exp } = claims
    if (!held || typeof jti !== 'string' || typeof exp !== 'number') return
    // Last of all, so that a refused request burns nothing; atomic, so that of many simultaneous uses one wins.
    const until = exp + 60
    const refuseUsed = (): never =>
      refuse(policy, 'authentication', client, 'invalid_client', 'the client assertion has been used, sign a new one for every request', {
        rule: 'assertion-once',
      })
    if (leftToAdapter(ctx, store, { until, refuse: refuseUsed })) return
    const isNew = await orUnavailable(store.once(`assertion:${digest(client.client_id, jti)}`, until))
    if (!isNew) refuseUsed()
  }

  const checkRequestObject: RequestObjectCheck = async (ctx, claims, header, client) => {
    const user = features.requestObjects?.assertJwtClaimsAndHeader
    const isJudged = JUDGED_ROUTES.has(ctx.oidc.route) && isHeld(clientOf(client))
    if (user) await user(ctx, claims, header, client)
    else ownRequestObjectChecks(ctx, claims, isJudged)
    // The provider's FAPI 1.0 checks look into response_type before they look for it.
    if (isJudged && !isText(claims.response_type)) {
      refuse(policy, stageOf(ctx), clientOf(client), 'invalid_request_object', 'response_type is required in the request object', {
        rule: 'request-object-complete',
      })
    }
    objects.set(ctx, { header: { ...header }, claims: { ...claims } })
  }

  /** The first that is asked at userinfo once its token has been found; elsewhere the token is judged when it is issued. */
  const findAccount: AccountSource = (ctx, sub, token) => {
    const { AccessToken: accessToken } = ctx.oidc.entities
    if (ctx.oidc.route === 'userinfo' && accessToken && ctx.oidc.client) {
      // Its token holds, and came with its key.
      hasAuthenticated(policy, ctx)
      answer(policy.decide('resource', resourceFacts(ctx, moment(ctx, clientOf(ctx.oidc.client)), accessToken)))
    }
    return base.findAccount?.(ctx, sub, token)
  }

  /** Asked for every proof, after the client has authenticated. */
  function requireNonce(ctx: KoaContextWithOIDC): boolean {
    judgeTokenRequest(ctx)
    return features.dPoP?.requireNonce?.(ctx) ?? false
  }

  return {
    extraParams: { ...paramsByName(base.extraParams), [AFTER_CHECKS]: judgeRequest },
    assertJwtClientAuthClaimsAndHeader: judgeAssertion,
    extraTokenClaims(ctx, token) {
      const { client, route } = ctx?.oidc ?? {}
      if (client && route === 'token') {
        judgeTokenRequest(ctx)
        const { now, wire, client: facts, recipient } = moment(ctx, clientOf(client))
        answer(policy.decide('issuance', { now, wire, client: facts, recipient, cnf: confirmationOf(token) }))
      }
      return base.extraTokenClaims?.(ctx, token)
    },
    ...(base.findAccount && { findAccount }),
    features: {
      ...features,
      ...(features.introspection?.enabled && {
        introspection: { ...features.introspection, allowedPolicy: onlyOfClients(features.introspection.allowedPolicy) },
      }),
      ...(features.requestObjects?.enabled && {
        requestObjects: { ...features.requestObjects, assertJwtClaimsAndHeader: checkRequestObject },
      }),
      ...(features.mTLS?.enabled && {
        mTLS: { ...features.mTLS, ...certificateHooks(policy, features.mTLS, { certificates, judgeAuthentication, judgeTokenRequest }) },
      }),
      ...(features.dPoP?.enabled !== false && { dPoP: { ...features.dPoP, requireNonce } }),
      // The types know only some combinations of features.
    } as Features,
  }
}

/**
 * Whether a client has authenticated by the time its request is judged. A public one never does; of an attested one the provider reads
 * the DPoP proof before it knows that the attestation is its own.
 */
const isKnownByNow = ({ clientAuthMethod: method = 'none' }: ProviderClient): boolean => method !== 'none' && !method.startsWith('attest_')

/** Where rules look at request objects. */
const JUDGED_ROUTES = new Set(['pushed_authorization_request', 'authorization'])

const stageOf = ({ oidc }: KoaContextWithOIDC) => (oidc.route === 'pushed_authorization_request' ? 'par' : 'authorization')

/** `extraParams` comes as a list of names or by name with validators. */
function paramsByName(extraParams: Configuration['extraParams'] = []) {
  return Symbol.iterator in extraParams
    ? Object.fromEntries([...(extraParams as Iterable<string>)].map((name) => [name, null]))
    : extraParams
}
