import type { RequestHandler } from 'express'
import { isHttpsUrl, isText } from '../core/claims.js'
import { ConfigurationError, type ConfigurationFault } from '../core/errors.js'
import { FAPI_ALGORITHMS } from '../core/jwk.js'
import type { Policy } from '../core/policy.js'
import type { CertificateSource } from '../readers/certificate.js'
import { type OutboundOptions, outboundFaults } from '../readers/outbound-options.js'
import type { OnceStore, RecordStore } from '../stores/store.js'
import type { Duplicates, Ecosystem } from './ecosystem.js'
import { ecosystemFaults } from './ecosystem-faults.js'
import { generic } from './ecosystems/index.js'
import { isKnownField } from './metadata-kinds.js'
import type { RateLimitOptions } from './rate-limits.js'
import type { RegisteredClients } from './registered-clients.js'
import type { SettingsValues } from './registration-settings.js'

/** What the registration keeps: records of registrations, places, tokens and settings, and what has been used. A `Store` of this package fits. */
export type RegistrationStore = OnceStore & RecordStore

export interface RegistrationOptions {
  /** The issuer identifier of the authorization server: what a signed request is addressed to. */
  readonly issuer: string
  /** The https URL that the endpoint is reached under; each client is managed below it. */
  readonly publicUrl: string
  readonly clients: RegisteredClients
  readonly store: RegistrationStore
  /** Where client certificates are found. Needed where the ecosystem demands them. */
  readonly certificate?: CertificateSource
  /** What registrations are held to beyond the profile: {@link ecosystems}, or data of your own. `generic` when not given. */
  readonly ecosystem?: Ecosystem
  /** Metadata that no specification knows, and the server does. All else is left out (RFC 7591 §2). */
  readonly knownMetadata?: readonly string[]
  /** The scopes that the server has: a software whose role gives others gets these alone. All when not given. */
  readonly scopes?: readonly string[]
  /** The settings until somebody changes them at run time. */
  readonly settings?: Partial<SettingsValues>
  /** The JWS algorithms that the server can sign with, the one it prefers first. `PS256` and `ES256` when not given. */
  readonly signingAlgorithms?: readonly string[]
  /** What a second registration of one software gets; as the ecosystem has it when not given. */
  readonly duplicates?: Duplicates
  /** How many clients one software may have, from 1 to 10,000; 100 when not given. Only with `duplicates: 'new'`. */
  readonly clientsPerSoftware?: number
  /** Whether each update gives a new registration access token; as the ecosystem has it when not given. */
  readonly rotate?: boolean
  /** Seconds after which {@link Registration.maintain} removes a client that never got a token; never when not given. */
  readonly unusedFor?: number
  readonly rateLimits?: RateLimitOptions
  /** How key sets, sector identifier documents and the directory are read. */
  readonly outbound?: OutboundOptions
  /** The https URL of the directory's status document, where the ecosystem has one. */
  readonly statusUrl?: string
  /** `iss` of the statements of that directory; the only issuer in the settings when not given. */
  readonly statusIssuer?: string
  /**
   * Where clients are managed with an access token of theirs: what guards these requests, such as `protect(…)`. It must leave the
   * token's claims in `req.fapi.token`.
   */
  readonly guard?: RequestHandler
}

/** The options in use. */
export interface RegistrationSetup extends Required<Pick<RegistrationOptions, 'clients' | 'store' | 'signingAlgorithms' | 'ecosystem'>> {
  readonly policy: Policy
  readonly issuer: string
  /** Without a slash at the end. */
  readonly publicUrl: string
  readonly knows: (field: string) => boolean
  readonly scopes: readonly string[] | undefined
  readonly certificate: CertificateSource
  readonly duplicates: Duplicates
  readonly clientsPerSoftware: number
  readonly rotate: boolean
  readonly unusedFor: number | undefined
  readonly outbound: OutboundOptions
  readonly statusUrl: URL | undefined
  readonly statusIssuer: string | undefined
  readonly guard: RequestHandler | undefined
}

const REQUIRED = { clients: ['find', 'save', 'remove'], store: ['once', 'find', 'upsert', 'consume', 'destroy', 'list'] } as const
const DUPLICATES = ['reject', 'return-existing', 'new']

/** Checks the policy and the options of `registration`. Throws a `ConfigurationError` that lists everything wrong with them. */
export function setUpRegistration(policy: Policy, options: RegistrationOptions): RegistrationSetup {
  if (typeof options !== 'object' || options === null)
    throw new ConfigurationError([
      { option: 'options', got: options, allowed: 'must be given: issuer, publicUrl, clients and store have no default' },
    ])
  const {
    issuer,
    publicUrl,
    certificate,
    ecosystem = generic,
    signingAlgorithms = ['PS256', 'ES256'],
    unusedFor,
    guard,
    statusUrl,
    knownMetadata = [],
    scopes,
  } = options
  const faults: ConfigurationFault[] = []
  const insist = (holds: boolean, option: string, got: unknown, allowed: string) => {
    if (!holds) faults.push({ option, got, allowed })
  }
  insist(typeof policy?.decide === 'function', 'policy', typeof policy, 'must be a policy, of createPolicy()')
  for (const [option, url] of Object.entries({ issuer, publicUrl }))
    insist(isHttpsUrl(url) && !/[?#]/.test(url), option, url, 'must be an https URL without query and fragment')
  for (const [option, methods] of Object.entries(REQUIRED)) {
    const given: Readonly<Record<string, unknown>> = { ...options }
    const value = given[option]
    const missing = methods.filter((method) => typeof memberOf(value, method) !== 'function')
    insist(missing.length === 0, option, missing, `must have the methods ${methods.join(', ')}`)
  }
  const ofEcosystem = ecosystemFaults(ecosystem)
  faults.push(...ofEcosystem)
  const { duplicates = ecosystem?.duplicates, clientsPerSoftware = 100, rotate = ecosystem?.management?.rotate } = options
  insist(DUPLICATES.includes(duplicates), 'duplicates', duplicates, `must be one of ${DUPLICATES.join(', ')}`)
  insist(isBetween(clientsPerSoftware, 1, 10_000), 'clientsPerSoftware', clientsPerSoftware, 'must be from 1 to 10,000')
  insist(typeof rotate === 'boolean', 'rotate', rotate, 'must be true or false')
  insist(unusedFor === undefined || isBetween(unusedFor, 60, 1e9), 'unusedFor', unusedFor, 'must be seconds, 60 at least')
  insist(
    Array.isArray(signingAlgorithms) && signingAlgorithms.length > 0 && signingAlgorithms.every((alg) => isFapiAlgorithm(alg)),
    'signingAlgorithms',
    signingAlgorithms,
    `must be some of ${FAPI_ALGORITHMS.join(', ')}`,
  )
  insist(
    certificate === undefined || typeof certificate === 'function',
    'certificate',
    typeof certificate,
    'must be a certificate source, such as fromTls()',
  )
  for (const [option, names] of Object.entries({ knownMetadata, scopes: scopes ?? [] }))
    insist(Array.isArray(names) && names.every(isText), option, names, 'must be a list of names')
  insist(
    options.statusIssuer === undefined || isText(options.statusIssuer),
    'statusIssuer',
    options.statusIssuer,
    'must be the issuer of statements',
  )
  faults.push(...(options.outbound === undefined ? [] : outboundFaults(options.outbound)))
  if (ofEcosystem.length === 0) {
    insist(
      ecosystem.certificate !== 'required' || certificate !== undefined,
      'certificate',
      certificate,
      `must say where client certificates are found, such as fromTls(), because ${ecosystem.name} demands them`,
    )
    const isGuarded = typeof ecosystem.management.by === 'object'
    insist(
      !isGuarded || typeof guard === 'function',
      'guard',
      typeof guard,
      `must be what guards the management of clients, such as protect(), because ${ecosystem.name} has it done with access tokens`,
    )
    insist(
      statusUrl === undefined || (isHttpsUrl(statusUrl) && ecosystem.status !== undefined),
      'statusUrl',
      statusUrl,
      'must be an https URL, in an ecosystem that says how its status document is read',
    )
  }
  if (faults.length > 0) throw new ConfigurationError(faults)
  return Object.freeze<RegistrationSetup>({
    ...{ policy, issuer, ecosystem, duplicates, rotate, unusedFor, guard },
    knows: (field) => isKnownField(field) || knownMetadata.includes(field) || isFieldOf(ecosystem, field),
    scopes: scopes && [...scopes],
    publicUrl: publicUrl.replace(/\/+$/, ''),
    clients: options.clients,
    store: options.store,
    certificate: certificate ?? (() => undefined),
    signingAlgorithms: [...signingAlgorithms],
    clientsPerSoftware: duplicates === 'new' ? clientsPerSoftware : 1,
    outbound: options.outbound ?? {},
    statusIssuer: options.statusIssuer,
    statusUrl: statusUrl === undefined ? undefined : new URL(statusUrl),
  })
}

/** What an ecosystem speaks of is known in it. */
const isFieldOf = ({ claims, matches, required, allowed, defaults }: Ecosystem, field: string): boolean =>
  [claims, allowed, defaults].some((fields) => Object.hasOwn(fields, field)) ||
  required.includes(field) ||
  matches.some((one) => one.field === field)

const memberOf = (value: unknown, name: string): unknown =>
  typeof value === 'object' && value !== null ? Reflect.get(value, name) : undefined

const isBetween = (value: unknown, least: number, most: number) =>
  typeof value === 'number' && Number.isInteger(value) && value >= least && value <= most

const isFapiAlgorithm = (alg: unknown) => isText(alg) && FAPI_ALGORITHMS.some((known) => known === alg)
