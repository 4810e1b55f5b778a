import type { KoaContextWithOIDC, Client as ProviderClient } from 'oidc-provider'
import type { AuthorizationRequest, Client, ClientCertificate, Confirmation, Facts, Jwt, Moment, Params, Recipient } from '../core/facts.js'
import { clientFacts } from '../readers/client-metadata.js'
import { readJwt } from '../readers/jwt.js'
import { readWire } from '../readers/wire.js'
import { endpointUrls } from './endpoints.js'

/** node-oidc-provider's view of a moment, restated as facts. The only file that knows its shapes. */
export function momentFacts(
  ctx: KoaContextWithOIDC,
  client: Client,
  aliases: readonly string[],
  certificate: ClientCertificate | undefined,
): Moment {
  const before = firstMoment.get(ctx)
  const now = Date.now() / 1000
  if (before?.wire.certificate === certificate && before) return { now, wire: before.wire, client, recipient: before.recipient }
  const moment = {
    now,
    wire: readWire(ctx.req, ctx.oidc.issuer, certificate),
    client,
    recipient: before?.recipient ?? recipientFacts(ctx, aliases),
  }
  firstMoment.set(ctx, moment)
  return moment
}

/** A request has several moments: what it carried and to whom does not change between them. */
const firstMoment = new WeakMap<KoaContextWithOIDC, Moment>()

const recipientFacts = (ctx: KoaContextWithOIDC, aliases: readonly string[]): Recipient => ({
  issuer: ctx.oidc.issuer,
  // Of the issuer, never of the Host header: whoever chooses that would choose what an assertion or a proof may be for.
  endpoints: [...endpointUrls(ctx).values(), ...aliases],
})

/** The request's parameters as they are in force, the request object as it was signed, and the proof that came with it. */
export function authorizationFacts(
  ctx: KoaContextWithOIDC,
  { now, wire, client, recipient }: Moment,
  object: Jwt | undefined,
): AuthorizationRequest & { pushed: boolean; proof: Jwt | undefined } {
  const pushed = isPushed(ctx)
  // A pushed request without a request object is kept by the provider as an unsigned JWT of its own making.
  const requestObject = object?.header.alg === 'none' ? undefined : object
  const sent = paramsOf(ctx)
  const redirectUri = requestObject ? maybeText(requestObject.claims.redirect_uri) : pushed ? sent.redirect_uri : sentRedirectUri(ctx)
  // The provider's parameters are many: they are copied only where one differs.
  const params = redirectUri === sent.redirect_uri ? sent : { ...sent, redirect_uri: redirectUri }
  return { now, wire, client, recipient, params, requestObject, pushed, proof: proofOf(ctx) }
}

const isPushed = ({ oidc }: KoaContextWithOIDC) => 'PushedAuthorizationRequest' in oidc.entities && oidc.route === 'authorization'

/** A token at the provider's own userinfo endpoint. */
export function resourceFacts(ctx: KoaContextWithOIDC, moment: Moment, token: Bound): Facts['resource'] {
  const scheme = /^dpop /i.test(ctx.get('authorization')) ? 'dpop' : 'bearer'
  return { ...moment, token: { scheme, claims: { cnf: confirmationOf(token) } }, proof: proofOf(ctx) }
}

interface Bound {
  readonly jkt?: string | undefined
  readonly 'x5t#S256'?: string | undefined
}

export const confirmationOf = ({ jkt, 'x5t#S256': x5t }: Bound): Confirmation => ({ jkt, 'x5t#S256': x5t })

export const paramsOf = ({ oidc }: KoaContextWithOIDC): Params => (oidc.params ?? {}) as Params

export const proofOf = (ctx: KoaContextWithOIDC): Jwt | undefined => readJwt(ctx.get('dpop'))

/** The provider fills in a single registered redirect URI before anybody can look; what counts is what the client sent. */
function sentRedirectUri({ method, query, oidc }: KoaContextWithOIDC): string | undefined {
  const sent = method === 'POST' ? oidc.body?.redirect_uri : query.redirect_uri
  return typeof sent === 'string' ? sent : undefined
}

const known = new WeakMap<ProviderClient, Client>()

/** The metadata of a loaded client; read once, since the provider makes a new object when the metadata changes. */
export function clientOf(client: ProviderClient): Client {
  const facts = known.get(client) ?? clientFacts(client.metadata() as unknown as Record<string, unknown>)
  known.set(client, facts)
  return facts
}

const maybeText = (value: unknown) => (typeof value === 'string' ? value : undefined)
