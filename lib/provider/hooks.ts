import { X509Certificate } from 'node:crypto'
import type { Configuration, KoaContextWithOIDC } from 'oidc-provider'
import type { Client, Jwt, Moment } from '../core/facts.js'
import type { Policy } from '../core/policy.js'
import type { OnceStore } from '../stores/store.js'
import { authorizationFacts, clientOf, momentFacts, paramsOf, proofOf } from './facts.js'
import { answer, refuse } from './refusal.js'
import { ownAssertionChecks, ownRequestObjectChecks } from './upstream.js'

/** A parameter nobody sends: its validator runs once the provider's own checks of a pushed or direct authorization request are done. */
export const AFTER_CHECKS = 'urn:express-fapi:after-checks'

export interface HookOptions {
  readonly store: OnceStore
  readonly certificate: (ctx: KoaContextWithOIDC) => X509Certificate | undefined
  /** The endpoints under their mutual TLS host. */
  readonly aliases: readonly string[]
}

type AssertionCheck = NonNullable<Configuration['assertJwtClientAuthClaimsAndHeader']>
type Features = NonNullable<Configuration['features']>
type RequestObjectCheck = NonNullable<NonNullable<Features['requestObjects']>['assertJwtClaimsAndHeader']>
type SubjectCheck = NonNullable<NonNullable<Features['mTLS']>['certificateSubjectMatches']>

/** The documented options of node-oidc-provider that judge a request on its way; each goes on to what the user had there. */
export function hooks(policy: Policy, base: Configuration, { store, certificate, aliases }: HookOptions): Configuration {
  const objects = new WeakMap<object, Jwt>()
  const judged = new WeakSet<object>()
  const authenticated = new WeakSet<object>()
  const { features = {} } = base

  const moment = (ctx: KoaContextWithOIDC, client: Client): Moment => momentFacts(ctx, client, aliases, () => certificate(ctx))
  /** Whether rules judge and refuse for this client, so that what they cover need not be checked twice. */
  const isHeld = (client: Client) => policy.modeOf(client) === 'enforce' && policy.profileOf(client) !== undefined

  function judgeRequest(ctx: KoaContextWithOIDC): void {
    const { client, route } = ctx.oidc
    if (!client) return
    const facts = authorizationFacts(ctx, moment(ctx, clientOf(client)), objects.get(ctx))
    if (route === 'pushed_authorization_request') answer(policy.decide('par', facts))
    else if (route === 'authorization') answer(policy.decide('authorization', facts))
  }

  /** Once per request, as soon as the client is known to be who it says it is. */
  function judgeTokenRequest(ctx: KoaContextWithOIDC): void {
    const { client, route } = ctx.oidc
    if (!client || route !== 'token' || judged.has(ctx)) return
    judged.add(ctx)
    answer(policy.decide('token', { ...moment(ctx, clientOf(client)), params: paramsOf(ctx), proof: proofOf(ctx) }))
  }

  const judgeAssertion: AssertionCheck = async (ctx, claims, header, providerClient) => {
    const client = clientOf(providerClient)
    if (base.assertJwtClientAuthClaimsAndHeader) await base.assertJwtClientAuthClaimsAndHeader(ctx, claims, header, providerClient)
    else ownAssertionChecks(ctx, claims, isHeld(client))
    answer(policy.decide('authentication', { ...moment(ctx, client), assertion: { header: { ...header }, claims: { ...claims } } }))
    judgeTokenRequest(ctx)
    const { jti, exp } = claims
    if (!isHeld(client) || typeof jti !== 'string' || typeof exp !== 'number') return
    // Last of all, so that a refused request burns nothing; atomic, so that of many simultaneous uses one wins.
    const isNew = await store.once(`assertion:${client.client_id}:${jti}`, exp + 60)
    if (!isNew)
      refuse(policy, 'authentication', client, 'invalid_client', 'the client assertion has been used, sign a new one for every request')
  }

  const checkRequestObject: RequestObjectCheck = async (ctx, claims, header, client) => {
    const user = features.requestObjects?.assertJwtClaimsAndHeader
    if (user) await user(ctx, claims, header, client)
    else ownRequestObjectChecks(ctx, claims, isHeld(clientOf(client)))
    objects.set(ctx, { header: { ...header }, claims: { ...claims } })
  }

  /** Called while a client authenticates by certificate, and again when its token is bound: from then on it is known. */
  function getCertificate(ctx: KoaContextWithOIDC): X509Certificate | undefined {
    const { client } = ctx.oidc
    if (authenticated.has(ctx)) judgeTokenRequest(ctx)
    else if (client?.tokenEndpointAuthMethod?.endsWith('tls_client_auth')) {
      authenticated.add(ctx)
      answer(policy.decide('authentication', { ...moment(ctx, clientOf(client)), assertion: undefined }))
    }
    return certificate(ctx)
  }

  const certificateSubjectMatches: SubjectCheck = (ctx, property, expected) => {
    const matches = features.mTLS?.certificateSubjectMatches?.(ctx, property, expected) === true
    if (matches) judgeTokenRequest(ctx)
    return matches
  }

  /** Asked for every proof, after the client has authenticated. */
  function requireNonce(ctx: KoaContextWithOIDC): boolean {
    judgeTokenRequest(ctx)
    return features.dPoP?.requireNonce?.(ctx) ?? false
  }

  return {
    extraParams: { ...paramsByName(base.extraParams), [AFTER_CHECKS]: judgeRequest },
    assertJwtClientAuthClaimsAndHeader: judgeAssertion,
    async extraTokenClaims(ctx, token) {
      const { client, route } = ctx?.oidc ?? {}
      if (client && route === 'token') {
        judgeTokenRequest(ctx)
        answer(policy.decide('issuance', { ...moment(ctx, clientOf(client)), cnf: confirmationOf(token) }))
      }
      return base.extraTokenClaims?.(ctx, token)
    },
    features: {
      ...features,
      ...(features.requestObjects?.enabled && {
        requestObjects: { ...features.requestObjects, assertJwtClaimsAndHeader: checkRequestObject },
      }),
      ...(features.mTLS?.enabled && {
        mTLS: { ...features.mTLS, getCertificate, ...(features.mTLS.certificateSubjectMatches && { certificateSubjectMatches }) },
      }),
      ...(features.dPoP?.enabled !== false && { dPoP: { ...features.dPoP, requireNonce } }),
    },
  }
}

/** `extraParams` comes as a list of names or by name with validators. */
function paramsByName(extraParams: Configuration['extraParams'] = []) {
  return Symbol.iterator in extraParams
    ? Object.fromEntries([...(extraParams as Iterable<string>)].map((name) => [name, null]))
    : extraParams
}

const confirmationOf = (token: { readonly jkt?: string | undefined; readonly 'x5t#S256'?: string | undefined }) => ({
  jkt: token.jkt,
  'x5t#S256': token['x5t#S256'],
})

/** The certificate of a user's own `getCertificate`, whose answer may also be text. */
export function asCertificate(value: unknown): X509Certificate | undefined {
  if (value === undefined || value instanceof X509Certificate) return value
  return new X509Certificate(typeof value === 'string' && !value.includes('BEGIN') ? Buffer.from(value, 'base64') : (value as string))
}
