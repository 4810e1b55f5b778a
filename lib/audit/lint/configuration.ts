import { ConfigurationError, type ConfigurationFault } from '../../core/errors.js'
import type { Server } from '../../core/facts.js'
import { createPolicy, type Policy } from '../../core/policy.js'
import { type Profile, rulesOf } from '../../core/profile.js'
import { freshKeys } from '../../readers/fresh-keys.js'
import { fromTls } from '../../readers/from-tls.js'
import { explainedClauses } from '../clauses.js'
import { CommandError, causeOf } from '../command-error.js'
import { isObject } from '../given-files.js'
import { isMissing } from '../optional-peer.js'
import { type Told, valueText } from '../told.js'
import { type LintedClient, lintMetadata } from './metadata.js'
import { clientTraps, type ProviderLists, serverTraps } from './traps.js'

type Configuration = Readonly<Record<string, unknown>>

export interface ConfigurationTerms {
  readonly profile: Profile
  readonly issuer: string
  /** Whether it is handed to withFapi, so that only what that refuses counts. */
  readonly handed: boolean
  readonly signingAlgorithms: readonly string[]
}

/** What withFapi would make of a configuration. */
export interface ByWithFapi {
  /** The options that it would set by itself. */
  readonly sets: readonly { readonly option: string; readonly from: string; readonly to: string }[]
  readonly refuses: readonly Told[]
}

export interface LintedConfiguration {
  readonly findings: readonly Told[]
  readonly withFapi: ByWithFapi
  readonly clients: readonly LintedClient[]
}

/** Judges a configuration of oidc-provider: as it stands, with every client held to the profile, and as withFapi would have it. */
export async function lintConfiguration(given: Configuration, terms: ConfigurationTerms): Promise<LintedConfiguration> {
  const provider = await providerParts()
  try {
    return judged(given, terms, provider)
  } catch (cause) {
    if (cause instanceof CommandError) throw cause
    throw new CommandError(`the configuration is of no form that oidc-provider takes (${causeOf(cause)}): look at the types of its options`)
  }
}

/** Loaded when they are needed: the provider is an optional peer. */
async function providerParts() {
  try {
    const [{ withFapi }, { fillSettings }, { OPTION_OF, serverFacts }, { settingFaults }] = await Promise.all([
      import('../../provider/with-fapi.js'),
      import('../../provider/settings.js'),
      import('../../provider/server-facts.js'),
      import('../../provider/faults.js'),
    ])
    return { withFapi, fillSettings, OPTION_OF, serverFacts, settingFaults }
  } catch (cause) {
    if (!isMissing(cause)) throw cause
    throw new CommandError('oidc-provider is not installed, and is needed to judge its configurations: npm install oidc-provider')
  }
}

type Parts = Awaited<ReturnType<typeof providerParts>>

function judged(given: Configuration, terms: ConfigurationTerms, parts: Parts): LintedConfiguration {
  const { profile, issuer, handed, signingAlgorithms } = terms
  const policy = createPolicy({ profile })
  const configured = clientsIn(given)
  const asItStands = parts.serverFacts(issuer, given, true)
  // Without keys withFapi makes some, and warns of it at each start.
  const keyed = given.jwks === undefined ? { ...given, jwks: { keys: madeKeys() } } : given
  const filled = parts.fillSettings(keyed, policy.profiles, 'everything', { hasCertificates: true, verifies: true })
  const afterwards = parts.serverFacts(issuer, filled, true)
  const refuses = refusals(keyed, policy, terms, parts)
  const [server, configuration] = handed ? [afterwards, { ...filled }] : [asItStands, given]
  const lists = listsOf(server, configuration, parts.serverFacts(issuer, {}, false))
  const clients = configured.map((client, index) => {
    const metadata = { ...lists.defaults, ...client }
    const linted = lintMetadata(metadata, profile, signingAlgorithms, index)
    const breaks = [...linted.breaks, ...clientTraps(client, lists)]
    return { ...linted, ready: breaks.length === 0, breaks }
  })
  const findings = handed ? refuses.filter(({ option }) => !option?.startsWith('clients: ')) : violations(policy, asItStands, parts)
  return {
    findings: [...findings, ...serverTraps(lists)],
    withFapi: { sets: changes(asItStands, afterwards, given.jwks === undefined, parts), refuses },
    clients,
  }
}

const madeKeys = () => (['RSA', 'P-256'] as const).map((kind) => ({ ...freshKeys(kind).privateKey.export({ format: 'jwk' }), use: 'sig' }))

function clientsIn({ clients = [] }: Configuration): readonly Readonly<Record<string, unknown>>[] {
  if (Array.isArray(clients) && clients.every(isObject)) return clients
  throw new CommandError('clients of the configuration is no list of objects: give client metadata (RFC 7591) with client_id')
}

const listsOf = (server: Server, { features, adapter }: Configuration, silent: Server): ProviderLists => {
  const isOn = (name: string) => isObject(features) && isObject(features[name]) && features[name].enabled === true
  return {
    server,
    silent,
    defaults: server.client_defaults,
    hasStoredClients: adapter !== undefined,
    signsResponses: isOn('jwtResponseModes'),
    signsIntrospection: isOn('introspection') && isOn('jwtIntrospection'),
    signsUserinfo: isOn('jwtUserinfo'),
  }
}

/** What the profile forbids, by the option of the configuration. */
function violations(policy: Policy, server: Server, { settingFaults }: Parts): readonly Told[] {
  const [profile] = policy.profiles
  // The same verdict twice: once with rules, once with options.
  const faults = settingFaults(policy, server)
  return (policy.consider('configuration', { server })?.violations ?? []).flatMap(({ rule, clauses, description }, index) => {
    const fault = faults[index]
    if (!profile) return []
    const mend = mendOf(profile, rule)
    const found = { rule, clauses: explainedClauses(clauses, profile), status: 'failed' as const, description }
    return [{ ...found, ...(fault && { option: fault.option, got: gotOf(fault) }), ...(mend !== undefined && { mend }) }]
  })
}

/** Of keys it is said how many there are. */
const gotOf = ({ option, got }: ConfigurationFault) => (option === 'jwks' ? String(got) : valueText(got))

const mendOf = (profile: Profile, id: string) => rulesOf(profile).find(([, rule]) => rule.id === id)?.[1].mend

/** What withFapi throws, with certificates from TLS and somewhere to remember what was used. */
function refusals(given: Configuration, policy: Policy, { profile, issuer }: ConfigurationTerms, { withFapi }: Parts): readonly Told[] {
  try {
    withFapi(policy, issuer, given, { certificate: fromTls(), store: { once: async () => true } })
    return []
  } catch (cause) {
    if (!(cause instanceof ConfigurationError)) throw cause
    return cause.faults.map((fault) => refused(fault, profile))
  }
}

const refused = ({ option, got, allowed, clause }: ConfigurationFault, profile: Profile): Told => ({
  ...{ rule: 'withFapi', clauses: explainedClauses(clause === undefined ? [] : [clause], profile), status: 'failed' },
  ...{ option, got: gotOf({ option, got, allowed }), description: allowed },
})

/** The options that are another afterwards, as far as a profile asks. */
function changes(before: Server, after: Server, madeItsKeys: boolean, { OPTION_OF }: Parts): ByWithFapi['sets'] {
  const settings = Object.entries(OPTION_OF).flatMap(([setting, option]) => {
    if (setting === 'jwks' || setting === 'issuer') return []
    return change(option, before[setting as keyof Server], after[setting as keyof Server])
  })
  const names = new Set([...Object.keys(before.client_defaults), ...Object.keys(after.client_defaults)])
  const defaults = [...names].flatMap((name) => change(`clientDefaults.${name}`, before.client_defaults[name], after.client_defaults[name]))
  const keys = madeItsKeys ? [{ option: 'jwks', from: 'undefined', to: 'keys made for the process, gone when it stops' }] : []
  return [...keys, ...settings, ...defaults]
}

function change(option: string, before: unknown, after: unknown): ByWithFapi['sets'] {
  const [from, to] = [valueText(before), valueText(after)]
  return from === to ? [] : [{ option, from, to }]
}
