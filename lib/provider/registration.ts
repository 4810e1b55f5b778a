import type { Configuration, KoaContextWithOIDC } from 'oidc-provider'
import { fillClient } from '../core/client-defaults.js'
import type { Client } from '../core/facts.js'
import { type Policy, profileIfAny } from '../core/policy.js'
import { clientFacts } from '../readers/client-metadata.js'
import { clientOf } from './facts.js'
import { answer, refuse } from './refusal.js'

/** A metadata property nobody sends: its validator runs for every client that is loaded, registered or updated. */
const WHOLE_CLIENT = 'urn:express-fapi:whole-client'

type Metadata = Record<string, unknown>

/** Hooks a policy into the client metadata of node-oidc-provider; `algorithm` is what the server can sign with. */
export function judgeClients(
  policy: Policy,
  base: Configuration['extraClientMetadata'],
  algorithm: string | undefined,
): NonNullable<Configuration['extraClientMetadata']> {
  return {
    properties: [...new Set([...(base?.properties ?? []), 'fapi_profile', WHOLE_CLIENT])],
    validator(ctx, key, value, metadata) {
      if (key !== WHOLE_CLIENT) return base?.validator?.(ctx, key, value, metadata)
      delete (metadata as Metadata)[WHOLE_CLIENT]
      judgeClient(policy, ctx, metadata as Metadata, algorithm)
    },
  }
}

function judgeClient(policy: Policy, ctx: KoaContextWithOIDC | undefined, metadata: Metadata, algorithm: string | undefined): void {
  const loaded = ctx === undefined
  // Only an update knows its client before the new metadata is read.
  const current = ctx?.oidc.client && clientOf(ctx.oidc.client)
  const given = new Set(Object.entries(ctx?.oidc.body ?? {}).flatMap(([name, value]) => (value === null || value === '' ? [] : [name])))
  if (current && !given.has('fapi_profile')) metadata.fapi_profile = current.fapi_profile

  if (!loaded && [current, clientFacts(metadata)].some((client) => client && policy.modeOf(client) === 'enforce')) {
    const profile = profileIfAny(policy, clientFacts(metadata))
    if (profile) fillClient(profile, metadata, (name) => given.has(name), current, algorithm)
  }
  const client = clientFacts(metadata)
  if (current) keepProfile(policy, current, client)
  // A client that is merely loaded did not ask for anything: whoever uses it is not a client of this server any more.
  answer(policy.decide('registration', { client, current }), loaded ? 'invalid_client' : undefined)
}

/** RFC 7592 lets a client replace all of its metadata, the profile it is held to included: that is for the operator to change. */
function keepProfile(policy: Policy, current: Client, client: Client): void {
  const held = profileIfAny(policy, current)
  if (!held || policy.modeOf(current) === 'report' || profileIfAny(policy, client) === held) return
  refuse(
    policy,
    'registration',
    current,
    'invalid_client_metadata',
    `the profile of this client is ${held.name}; its operator can change that, a registration update cannot`,
  )
}
