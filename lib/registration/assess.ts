import { isText } from '../core/claims.js'
import { fillClient, SIGNED_METADATA } from '../core/client-defaults.js'
import type { Client } from '../core/facts.js'
import { type Policy, profileIfAny } from '../core/policy.js'
import type { Profile } from '../core/profile.js'
import type { Verdict } from '../core/verdict.js'
import { clientFacts } from '../readers/client-metadata.js'
import { hostFaults } from './host-faults.js'
import { type Metadata, type MetadataFault, SAID_BY_SERVER } from './metadata.js'
import { metadataFaults } from './metadata-faults.js'
import { isKnownField } from './metadata-kinds.js'
import type { RegistrationSetup } from './registration-options.js'
import type { SetBy } from './registration-record.js'
import type { SettingsValues } from './registration-settings.js'
import { applyStatement } from './statement-match.js'

/** What a client asks for, and what it has to show for it. */
export interface Ask {
  readonly clientId: string
  /** As it was sent; `null` and an empty string count as absent (RFC 7592 §2.2). */
  readonly requested: Metadata
  /** The claims of a verified software statement. */
  readonly statement: Metadata | undefined
  /** The values of an attribute in the subject of the client certificate. */
  readonly subject: ((attribute: string) => readonly string[]) | undefined
  readonly settings: SettingsValues
  /** What its initial access token sets for good. */
  readonly forced: Metadata | undefined
  /** The profile that its initial access token is for. */
  readonly profile: string | undefined
  /** What an update replaces. */
  readonly current: Metadata | undefined
  /** Whether it is the operator who asks: only he leads a client from one profile to another. */
  readonly byOperator?: boolean
}

/** The metadata that would be registered, and all that is wrong with them. */
export interface Assessment {
  readonly metadata: Metadata
  readonly set: Readonly<Record<string, SetBy>>
  readonly faults: readonly MetadataFault[]
  readonly client: Client
  /** Whether a verdict of the policy has told of all of them. */
  readonly recorded: boolean
  /** What the policy says of them; nothing where no profile applies. */
  readonly verdict: Verdict | undefined
}

/** Puts together what a client would be registered with, and judges it by its ecosystem, by RFC 7591 and by its profile. Nothing is kept yet. */
export function assess(setup: RegistrationSetup, ask: Ask, judging: Policy['decide'] = setup.policy.decide): Assessment {
  const { policy, ecosystem, signingAlgorithms } = setup
  const current = ask.current && clientFacts(ask.current)
  const applied = applyStatement(ecosystem, requestedOf(setup, ask.requested), ask.statement, ask.subject)
  const metadata: Record<string, unknown> = { ...withoutVariants(applied.metadata, ask.forced), ...ask.forced, client_id: ask.clientId }
  const set: Record<string, SetBy> = { ...applied.set }
  for (const name of Object.keys(ask.forced ?? {})) set[name] = 'initial access token'
  const faults = [...applied.faults, ...settleScope(setup, metadata, set), ...settleProfile(setup, ask, metadata, set)]

  const profile = profileIfAny(policy, clientFacts(metadata))
  const holds = [current, clientFacts(metadata)].some((client) => client && policy.modeOf(client) === 'enforce')
  if (profile && holds) {
    const before = { ...metadata }
    fillClient(profile, metadata, (name) => before[name] !== undefined, current, signingAlgorithms[0])
    for (const name of Object.keys(metadata)) if (metadata[name] !== before[name]) set[name] = 'profile'
  }
  const client = clientFacts(metadata)
  faults.push(...chosenFaults(setup, ask, { client, current, profile }), ...shapeFaults(setup, ask.requested))
  faults.push(...metadataFaults(metadata), ...hostFaults(ecosystem, metadata, set), ...unsigned(client, signingAlgorithms))
  const verdict = judging('registration', { client, current })
  const broken = verdict?.rejection ? verdict.violations.filter(({ waived }) => waived === undefined) : []
  const recorded = broken.length > 0 && faults.length === 0
  for (const { error, description } of broken)
    faults.push({ error: error === 'invalid_redirect_uri' ? error : 'invalid_client_metadata', description })
  return { metadata, set, faults, client, recorded, verdict }
}

/** What is forced is said in every language. */
const withoutVariants = (metadata: Metadata, forced: Metadata | undefined): Metadata =>
  forced ? Object.fromEntries(Object.entries(metadata).filter(([name]) => !Object.hasOwn(forced, name.split('#', 1)[0] ?? name))) : metadata

interface Chosen {
  readonly client: Client
  readonly current: Client | undefined
  readonly profile: Profile | undefined
}

/** What a policy goes by is for it to say: whatever that is, nobody leaves its profile by it, or comes in without one. */
function chosenFaults(
  { policy }: RegistrationSetup,
  { settings, byOperator = false }: Ask,
  { client, current, profile }: Chosen,
): MetadataFault[] {
  const fault = (description: string): MetadataFault[] => [{ error: 'invalid_client_metadata', description }]
  const held = current && policy.modeOf(current) === 'enforce' ? profileIfAny(policy, current) : undefined
  if (held && held !== profile && !byOperator) return fault(`the client is held to ${held.name}, and an update does not change that`)
  if ((current && !byOperator) || !settings.enforce_fapi) return profile ? passwordFault(client, profile) : []
  if (!profile) return fault('a client must be held to a profile, and none could be chosen for these metadata')
  if (client.fapi_profile !== undefined && client.fapi_profile !== profile.name)
    return fault(`these metadata are those of ${profile.name}, and fapi_profile is another`)
  return passwordFault(client, profile)
}

/** FAPI2-SP-5.3.2.1-2, and no profile before it knew that grant. */
const passwordFault = ({ grant_types: grants }: Client, { name }: Profile): MetadataFault[] =>
  [grants].flat().includes('password')
    ? [{ error: 'invalid_client_metadata', description: `grant_types must not have password, which ${name} does not know` }]
    : []

/** Members of metadata, our choice: all that is known, some of it in several languages. */
const MOST_MEMBERS = 200

/** What only an ecosystem knows has a simple shape. */
function shapeFaults({ knows }: RegistrationSetup, sent: Metadata): MetadataFault[] {
  const fault = (description: string): MetadataFault => ({ error: 'invalid_client_metadata', description })
  if (Object.keys(sent).length > MOST_MEMBERS) return [fault(`the metadata must not have more than ${MOST_MEMBERS} members`)]
  const isSimple = (value: unknown) => typeof value !== 'object' || (Array.isArray(value) && value.every((one) => typeof one === 'string'))
  return Object.entries(sent)
    .filter(([name, value]) => value !== null && knows(name) && !isKnownField(name) && !isSimple(value))
    .map(([name]) => fault(`${name.slice(0, 80)} must be a string or a list of strings`))
}

/** What a client says of itself, and is known of clients (RFC 7591 §2). Who sends back with an update what the server says means no harm. */
const requestedOf = ({ knows, ecosystem }: RegistrationSetup, sent: Metadata): Metadata =>
  Object.fromEntries(
    Object.entries(sent).filter(
      ([name, value]) =>
        value !== null &&
        value !== '' &&
        !SAID_BY_SERVER.includes(name) &&
        (knows(name) || ecosystem.forbidden.some(({ field }) => field === name)),
    ),
  )

/** Scopes that a role gives and the server does not have are left out, and whoever manages its client with access tokens may ask for the scope of that. */
function settleScope(
  { scopes, ecosystem }: RegistrationSetup,
  metadata: Record<string, unknown>,
  set: Record<string, SetBy>,
): MetadataFault[] {
  const { by } = ecosystem.management
  const { scope } = metadata
  if (!isText(scope)) return []
  const asked = scope.split(' ')
  const missing = scopes ? asked.filter((one) => !scopes.includes(one)) : []
  if (missing.length > 0 && set.scope === undefined)
    return [
      { error: 'invalid_client_metadata', description: `scope has ${missing.slice(0, 5).join(', ')}, which this server does not have` },
    ]
  const kept = asked.filter((one) => !missing.includes(one))
  // Without any, a client might ask for all.
  if (kept.length === 0) return [{ error: 'invalid_software_statement', description: 'scope has nothing that this server has' }]
  if (typeof by === 'object' && !kept.includes(by.scope)) {
    kept.push(by.scope)
    set.scope ??= 'server'
  }
  metadata.scope = kept.join(' ')
  return []
}

/** Settles the profile that a client is held to: never its own choice alone, and never changed by an update. */
function settleProfile(
  { policy }: RegistrationSetup,
  ask: Ask,
  metadata: Record<string, unknown>,
  set: Record<string, SetBy>,
): MetadataFault[] {
  const { current, settings, byOperator = false } = ask
  const named = metadata.fapi_profile
  const fault = (description: string): MetadataFault[] => [{ error: 'invalid_client_metadata', description }]
  if (policy.exclusive) {
    const [only] = policy.profiles
    delete metadata.fapi_profile
    return named === undefined || named === only?.name ? [] : fault(`fapi_profile must be ${only?.name}, or left out`)
  }
  if (current && !byOperator) {
    if (named !== undefined && named !== current.fapi_profile)
      return fault('fapi_profile cannot be changed by an update, only by the operator')
    if (current.fapi_profile !== undefined) metadata.fapi_profile = current.fapi_profile
    return []
  }
  const offered = ask.profile === undefined ? settings.fapi_profiles : [ask.profile]
  if (named !== undefined)
    return offered.some((one) => one === named) ? [] : fault(`fapi_profile must be ${offered.join(' or ')}, or left out`)
  const given = ask.profile ?? (settings.enforce_fapi ? (settings.fapi_profile ?? settings.fapi_profiles[0]) : undefined)
  if (given === undefined) return []
  metadata.fapi_profile = given
  set.fapi_profile = ask.profile === undefined ? 'server' : 'initial access token'
  return []
}

/** The server cannot sign with every algorithm that a profile allows. */
const unsigned = (client: Client, algorithms: readonly string[]): MetadataFault[] =>
  SIGNED_METADATA.filter((name) => client[name] !== undefined && !algorithms.some((alg) => alg === client[name])).map((name) => ({
    error: 'invalid_client_metadata',
    description: `${name} must be one of ${algorithms.join(', ')}`,
  }))
