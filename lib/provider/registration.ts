import type { Configuration, KoaContextWithOIDC } from 'oidc-provider'
import { fillClient } from '../core/client-defaults.js'
import type { Client } from '../core/facts.js'
import { type Policy, profileIfAny } from '../core/policy.js'
import { clientFacts, isSuspended } from '../readers/client-metadata.js'
import type { MetadataFault } from '../registration/metadata.js'
import { isGiven } from '../registration/metadata-fault.js'
import { metadataFaults } from '../registration/metadata-faults.js'
import { clientOf } from './facts.js'
import { answer, type Refusable, refuse } from './refusal.js'
import { hasAuthenticated } from './sandbox.js'

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
    properties: [...new Set([...(base?.properties ?? []), 'fapi_profile', 'client_status', WHOLE_CLIENT])],
    validator(ctx, key, value, metadata) {
      // A validator of the user's expects the properties that he named, and no others.
      if (key !== WHOLE_CLIENT) return base?.properties?.includes(key) ? base.validator?.(ctx, key, value, metadata) : undefined
      delete (metadata as Metadata)[WHOLE_CLIENT]
      judgeClient(policy, ctx, metadata as Metadata, algorithm)
    },
  }
}

const SUSPENDED = { rule: 'client-not-suspended' }

function judgeClient(policy: Policy, ctx: KoaContextWithOIDC | undefined, metadata: Metadata, algorithm: string | undefined): void {
  const loaded = ctx === undefined
  if (loaded && isSuspended(metadata))
    refuse(policy, 'authentication', clientFacts(metadata), 'invalid_client', 'this client is suspended', SUSPENDED)
  // What a client says of its own standing says nothing.
  delete metadata.client_status
  // Only an update knows its client before the new metadata is read.
  const current = ctx?.oidc.client && clientOf(ctx.oidc.client)
  if (current) hasAuthenticated(policy, ctx)
  const given = new Set(Object.entries(ctx?.oidc.body ?? {}).flatMap(([name, value]) => (value === null || value === '' ? [] : [name])))
  if (current && !given.has('fapi_profile')) metadata.fapi_profile = current.fapi_profile

  if (!loaded && [current, clientFacts(metadata)].some((client) => client && policy.modeOf(client) === 'enforce')) {
    const profile = profileIfAny(policy, clientFacts(metadata))
    if (profile) fillClient(profile, metadata, (name) => given.has(name), current, algorithm)
  }
  const client = clientFacts(metadata)
  if (current) keepProfile(policy, current, client)
  // A client that is merely loaded did not ask for anything: whoever uses it is not a client of this server any more.
  answer(policy.decide('registration', { client, current: loaded ? client : current }), loaded ? 'invalid_client' : undefined)
  if (!loaded && REGISTERING.has(ctx.oidc.route)) judgeBody(policy, ctx.oidc.body, metadata, { client, current })
}

/** The routes whose bodies are metadata; a client may be read elsewhere too, from where it publishes itself. */
const REGISTERING = new Set(['registration', 'client_update'])

/** What is wrong with what a client sent, whatever its profile; the provider drops much of it in silence. A client outside all profiles is the provider's own business. */
function judgeBody(policy: Policy, sent: Metadata | undefined, metadata: Metadata, { client, current }: Judged): void {
  if (!profileIfAny(policy, client)) return
  const body: Metadata = { ...sent, ...metadata }
  // The provider takes the one of these that was not sent from its defaults, and mends it later.
  for (const name of ['grant_types', 'response_types']) body[name] = sent?.[name] === undefined ? undefined : metadata[name]
  const faults = [...statementFaults(body), ...metadataFaults(body)]
  const [first] = faults
  if (!first) return
  const description = faults.map((fault) => fault.description).join('; ')
  const error: Refusable = first.error === 'invalid_webhook_uris' ? 'invalid_client_metadata' : first.error
  const refusing = [current, client].some((one) => one && policy.modeOf(one) === 'enforce')
  if (refusing) refuse(policy, 'registration', current ?? client, error, description)
  policy.note({ stage: 'registration', client: current ?? client, wire: undefined, error, description, passes: true })
}

interface Judged {
  readonly client: Client
  readonly current: Client | undefined
}

/** The provider drops a statement, so that whoever sent it would think that it was believed. */
const statementFaults = ({ software_statement: statement }: Metadata): readonly MetadataFault[] =>
  isGiven(statement)
    ? [
        {
          error: 'invalid_software_statement',
          description: 'software_statement must not be given: nobody verifies software statements here',
        },
      ]
    : []

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
    { rule: 'registration-permitted' },
  )
}
