import type { KoaContextWithOIDC } from 'oidc-provider'
import { describable } from '../core/errors.js'
import type { Client } from '../core/facts.js'
import type { Policy } from '../core/policy.js'
import { type ToBeTold, told } from '../core/sandbox.js'
import { clientOf } from './facts.js'

interface Authenticated {
  readonly policy: Policy
  readonly client: Client
}

const authenticated = new WeakMap<object, Authenticated>()
/** What is told at a redirect URI, until the redirect is made. */
const awaited = new WeakMap<object, string>()

/** Tells that the client of a request has authenticated in this very request. Of use in the sandbox alone. */
export function hasAuthenticated(policy: Policy, ctx: KoaContextWithOIDC): void {
  const { client } = ctx.oidc
  if (policy.sandbox && client) authenticated.set(ctx, { policy, client: clientOf(client) })
}

/**
 * At the authorization endpoint nobody authenticates: what counts is a request that was pushed by a client that did, or is signed. The provider
 * says so in `trusted` once the signature has been verified.
 */
export function hasSigned(policy: Policy, ctx: KoaContextWithOIDC): void {
  const { trusted }: { readonly trusted?: unknown } = ctx.oidc ?? {}
  if (policy.sandbox && ctx.oidc?.route === 'authorization' && Array.isArray(trusted) && trusted.length > 0) hasAuthenticated(policy, ctx)
}

/** What is told of a refusal: in the sandbox, a client that has authenticated learns what to do. */
export function hinted(ctx: object | undefined, refusal: ToBeTold): string {
  const known = ctx && authenticated.get(ctx)
  return known ? told(known.policy, known.client, refusal) : refusal.description
}

/** Adds the hint to what the provider answers by itself: in its JSON, or at the redirect URI; not in what it has signed (JARM). */
export function hintOwn(policy: Policy, ctx: KoaContextWithOIDC, refusal: ToBeTold): void {
  if (!policy.sandbox) return
  hasSigned(policy, ctx)
  const text = hinted(ctx, refusal)
  if (text === refusal.description) return
  if (ctx.oidc?.route === 'authorization') awaited.set(ctx, describable(text))
  else if (isAnswer(ctx.body)) ctx.body = { ...ctx.body, error_description: describable(text) }
}

const isAnswer = (body: unknown): body is object =>
  typeof body === 'object' && body !== null && 'error_description' in body && !('error' in body && body.error === 'invalid_client')

const DESCRIPTION = /([?&#]error_description=)[^&#]*/

/** Writes the hint into a redirect that the provider has made meanwhile. */
export function hintInRedirect(ctx: { readonly response: { get(name: string): string; set(name: string, value: string): void } }): void {
  const text = awaited.get(ctx)
  const location = ctx.response.get('location')
  if (text !== undefined && DESCRIPTION.test(location))
    ctx.response.set(
      'location',
      location.replace(DESCRIPTION, (_all, name: string) => name + encodeURIComponent(text)),
    )
}
