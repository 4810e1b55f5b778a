import { deepFreeze } from '../core/deep-freeze.js'
import { judge, type Violation } from '../core/judge.js'
import type { Profile } from '../core/profile.js'
import { clientFacts } from '../readers/client-metadata.js'
import type { Metadata } from '../registration/metadata.js'
import { metadataFaults } from '../registration/metadata-faults.js'
import { bindingOf, CHOICE_FIELDS, type Field } from './choice-fields.js'
import { mayCarry, modeViolation } from './response-modes.js'
import { companionsOf, sampleClient } from './sample-client.js'

/** One value of a metadata field, and whether a compliant application may have it. */
export interface Choice {
  readonly value: string | boolean
  readonly label: string
  readonly available: boolean
  /** The metadata that it means. */
  readonly metadata: Metadata
  /** Why it is not available. */
  readonly why?: string
  /** The clauses that forbid it, and the rule that checks them; absent where it is not the profile that does. */
  readonly clauses?: readonly string[]
  readonly rule?: string
  /** The stage at which the rule refuses it. */
  readonly stage?: 'registration' | 'authorization'
  /** What must be registered with it. */
  readonly needs?: readonly Need[]
}

/** Another metadata field that a choice asks for, with the values that would do. */
export interface Need {
  readonly field: string
  /** Absent where the value is the application's own affair. */
  readonly values?: readonly (string | boolean)[]
}

/** A metadata field with all its choices. */
export interface FieldChoices {
  readonly field: string
  readonly label: string
  readonly takes: Field['takes']
  /** What a client gets that says nothing; absent where that is nothing. */
  readonly byDefault?: unknown
  readonly options: readonly Choice[]
}

/**
 * What an application can be set to under a profile, or under none. Nobody wrote down what is available: each value is put into a
 * client that is compliant otherwise, and judged. `supported` is the server's metadata, which leaves out what it does not offer.
 */
export function choicesOf(
  profile: Profile | undefined,
  signingAlgorithms: readonly string[],
  supported?: Metadata,
): readonly FieldChoices[] {
  const known = judged.get(profile ?? NO_PROFILE) ?? new Map<string, readonly FieldChoices[]>()
  judged.set(profile ?? NO_PROFILE, known)
  const server = JSON.stringify([signingAlgorithms, supported])
  const choices = known.get(server) ?? deepFreeze(judgeAll({ profile, signingAlgorithms, supported }))
  // A server has one set of lists; a few more are kept, our choice, for processes with several servers.
  if (known.size > 20) known.clear()
  known.set(server, choices)
  return choices
}

/** Some hundred judgements are worked out once per profile and server. */
const judged = new WeakMap<object, Map<string, readonly FieldChoices[]>>()
const NO_PROFILE = {}

function judgeAll(setup: Setup): readonly FieldChoices[] {
  const { profile, signingAlgorithms } = setup
  const complete = sampleClient(profile, signingAlgorithms)
  const chosen = CHOICE_FIELDS.map((field) => [field, field.values.map(([value, label]) => choiceOf(setup, field, value, label))] as const)
  const types = chosen.find(([{ field }]) => field === 'response_types')?.[1] ?? []
  return chosen.map(([{ field, label, takes, values }, options]) => {
    const byDefault =
      field === 'binding' ? values.map(([value]) => value).find((value) => says(complete, bindingOf(value))) : complete[field]
    return {
      ...{ field, label, takes },
      ...(byDefault !== undefined && { byDefault }),
      options: options.map((option) => withModes(setup, field, option, types)),
    }
  })
}

interface Setup {
  readonly profile: Profile | undefined
  readonly signingAlgorithms: readonly string[]
  readonly supported: Metadata | undefined
}

/** A complete client with one choice made; `metadata` is that of the choice. */
export const clientWith = (profile: Profile | undefined, signingAlgorithms: readonly string[], { metadata }: Pick<Choice, 'metadata'>) =>
  sampleClient(profile, signingAlgorithms, metadata)

const says = (metadata: Metadata, wanted: Metadata) => Object.entries(wanted).every(([name, value]) => (metadata[name] ?? false) === value)

function choiceOf(setup: Setup, field: Field, value: string | boolean, label: string): Choice {
  const { profile, signingAlgorithms } = setup
  const metadata = metadataOf(field, value)
  const refused =
    refusalOf(profile, sampleClient(profile, signingAlgorithms, metadata), Object.keys(metadata)) ?? notServed(setup, field, value)
  if (refused) return { value, label, metadata, available: false, ...refused }
  const needs = Object.entries(companionsOf(metadata))
    .filter(([name]) => refusalOf(profile, sampleClient(profile, signingAlgorithms, metadata, name), [name]))
    .map(([name, one]): Need => (isOwnAffair(name) ? { field: name } : { field: name, values: valuesIn(one) }))
  return { value, label, metadata, available: true, ...(needs.length > 0 && { needs }) }
}

function metadataOf({ field, takes }: Field, value: string | boolean): Metadata {
  if (field === 'binding') return bindingOf(value)
  if (field === 'grant_types') return { grant_types: [...new Set(['authorization_code', 'refresh_token', value])] }
  return { [field]: takes === 'several' ? [value] : value }
}

const isOwnAffair = (name: string) => /^tls_client_auth_|_alg$/.test(name)
const valuesIn = (value: unknown) => [value].flat().filter((one) => typeof one === 'string' || typeof one === 'boolean')

type Refusal = Pick<Choice, 'why' | 'clauses' | 'rule' | 'stage'>

/** What the profile, and then what RFC 7591 and its relatives have against a client; what names one of the fields goes first. */
function refusalOf(profile: Profile | undefined, metadata: Metadata, fields: readonly string[]): Refusal | undefined {
  const names = ({ description }: { readonly description: string }) => fields.some((field) => description.includes(field))
  const violations = profile ? judge(profile, 'registration', { client: clientFacts(metadata) }) : []
  const violation = violations.find(names) ?? violations[0]
  if (violation) return refusalBy(violation, 'registration')
  const faults = metadataFaults(metadata)
  const fault = faults.find(names) ?? faults[0]
  return fault && { why: sentence(fault.description) }
}

const refusalBy = ({ description, rule, clauses }: Violation, stage: 'registration' | 'authorization'): Refusal => ({
  ...{ why: sentence(description), rule, clauses, stage },
})

const sentence = (text: string) => (text.endsWith('.') ? text : `${text}.`)

/** What this server cannot do, or does not offer. */
function notServed(
  { signingAlgorithms, supported }: Setup,
  { field, signedBy, listed }: Field,
  value: string | boolean,
): Refusal | undefined {
  if (signedBy === 'server' && !signingAlgorithms.some((alg) => alg === value)) return { why: 'This server does not sign with it.' }
  if (!supported) return undefined
  const isOffered = OFFERED[`${field} ${value}`]?.(supported) ?? (listed === undefined || has(supported[listed], value))
  return isOffered ? undefined : { why: 'This server does not offer it.' }
}

const has = (list: unknown, value: unknown) => Array.isArray(list) && list.includes(value)

/** What is offered otherwise than by a list (RFC 8705 §3.3, RFC 9449 §5.1, RFC 9126 §5, RFC 9101 §10.5). */
const OFFERED: Readonly<Record<string, (server: Metadata) => boolean>> = {
  'binding certificate': (server) => server.tls_client_certificate_bound_access_tokens === true,
  'binding dpop': ({ dpop_signing_alg_values_supported: algorithms }) => Array.isArray(algorithms) && algorithms.length > 0,
  'require_pushed_authorization_requests true': (server) => server.pushed_authorization_request_endpoint !== undefined,
  'require_signed_request_object true': (server) => server.request_parameter_supported === true,
}

/** Response types and response modes go together: which do, an authorization request shows. */
function withModes({ profile, signingAlgorithms }: Setup, field: string, option: Choice, types: readonly Choice[]): Choice {
  if (!option.available || !profile || (field !== 'response_types' && field !== 'response_modes')) return option
  const metadata = sampleClient(profile, signingAlgorithms)
  const value = String(option.value)
  const goes = (type: string, mode: string) => mayCarry(type, mode) && !modeViolation(profile, metadata, type, mode)
  const needing = (other: string, values: readonly string[]) => ({ ...option, needs: [...(option.needs ?? []), { field: other, values }] })
  if (field === 'response_types') {
    const allowed = MODES.filter((mode) => mayCarry(value, mode))
    const fitting = allowed.filter((mode) => goes(value, mode))
    return fitting.length === allowed.length ? option : needing('response_modes', fitting)
  }
  const available = types.filter((type) => type.available).map((type) => String(type.value))
  const fitting = available.filter((type) => goes(type, value))
  if (fitting.length > 0) return fitting.length === available.length ? option : needing('response_types', fitting)
  const violation = available.flatMap((type) => modeViolation(profile, metadata, type, value) ?? [])[0]
  const refused = violation
    ? refusalBy(violation, 'authorization')
    : { why: 'No response type that is available may be answered that way.' }
  return { ...option, available: false, ...refused }
}

const MODES = (CHOICE_FIELDS.find(({ field }) => field === 'response_modes')?.values ?? []).map(([value]) => String(value))
