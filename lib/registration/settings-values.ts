import { isText } from '../core/claims.js'
import type { ConfigurationFault } from '../core/errors.js'
import { urlFault } from '../readers/outbound-options.js'

/** Who may register, and what every client is held to. */
export interface SettingsValues {
  /** Whether an initial access token is needed (RFC 7591 §3). */
  readonly authentication_required: boolean
  readonly software_statement_required: boolean
  /** Whose software statements are taken, and where their keys are. */
  readonly software_statement_issuers: readonly StatementIssuer[]
  /** Whether every client must name a profile, or is given one. */
  readonly enforce_fapi: boolean
  /** The profile of clients that name none. */
  readonly fapi_profile: string | undefined
  /** The profiles that a client may name. */
  readonly fapi_profiles: readonly string[]
}

export interface StatementIssuer {
  /** The `iss` of the statements. */
  readonly issuer: string
  /** The https URL of the keys. */
  readonly jwks_uri: string
}

/** What settings are checked against. */
export interface SettingsBounds {
  /** The profiles that the server supports. */
  readonly profiles: readonly string[]
  /** Hosts that may have private addresses, as `outbound` names them. */
  readonly privateHosts: ReadonlySet<string>
}

/** Directories that statements come from, and characters of a name, our choice. */
const MOST_ISSUERS = 20
const LONGEST = 500

/** What is wrong with each of the settings that are there. */
export function kindFaults(values: Readonly<Record<string, unknown>>, bounds: SettingsBounds): ConfigurationFault[] {
  return Object.entries(values).flatMap(([option, got]) => {
    const known = KINDS.find(([name]) => name === option)
    if (!known) return [{ option: option.slice(0, 60), got: 'unknown', allowed: `must be one of ${SETTING_NAMES.join(', ')}` }]
    const allowed = known[1](got, bounds)
    return allowed === undefined ? [] : [{ option, got, allowed }]
  })
}

/** What is wrong with settings that are each right, taken together. */
export function togetherFaults(values: SettingsValues, { profiles }: SettingsBounds): ConfigurationFault[] {
  const { authentication_required, software_statement_required, software_statement_issuers, enforce_fapi } = values
  const { fapi_profile, fapi_profiles } = values
  const faults: ConfigurationFault[] = []
  const insist = (holds: boolean, option: string, got: unknown, allowed: string) => void (holds || faults.push({ option, got, allowed }))
  const supported = `the supported profiles are ${profiles.join(', ') || 'none'}`
  insist(
    authentication_required || software_statement_required,
    'authentication_required',
    false,
    'must be true unless software_statement_required is: nobody registers with neither',
  )
  insist(
    !software_statement_required || software_statement_issuers.length > 0,
    'software_statement_issuers',
    [],
    'must name an issuer and its https jwks_uri where software_statement_required is true',
  )
  insist(!enforce_fapi || fapi_profiles.length > 0, 'fapi_profiles', [], `must name a profile where enforce_fapi is true: ${supported}`)
  insist(
    fapi_profile === undefined || fapi_profiles.includes(fapi_profile),
    'fapi_profile',
    fapi_profile,
    `must be one of fapi_profiles, which are ${fapi_profiles.join(', ') || 'none'}: ${supported}`,
  )
  return faults
}

const flag = (value: unknown) => (typeof value === 'boolean' ? undefined : 'must be true or false')

function issuers(value: unknown, { privateHosts }: SettingsBounds): string | undefined {
  if (!Array.isArray(value) || value.length > MOST_ISSUERS)
    return `must be a list of at most ${MOST_ISSUERS} objects with issuer and jwks_uri`
  for (const entry of value) {
    const { issuer, jwks_uri, ...more }: Readonly<Record<string, unknown>> = { ...entry }
    if (!isText(issuer) || issuer.length > LONGEST || Object.keys(more).length > 0)
      return 'must have issuer and jwks_uri in each, and nothing else'
    const fault = isText(jwks_uri) && jwks_uri.length > LONGEST ? 'must be shorter' : urlFault(jwks_uri, privateHosts)
    if (fault !== undefined) return `must be right in each: jwks_uri ${fault}`
  }
  return new Set(value.map(({ issuer }) => issuer)).size === value.length ? undefined : 'must name each issuer once'
}

const oneOf = (profiles: readonly string[]) => `must be one of the supported profiles, which are ${profiles.join(', ') || 'none'}`

const KINDS: readonly (readonly [name: keyof SettingsValues, fault: (value: unknown, bounds: SettingsBounds) => string | undefined])[] = [
  ['authentication_required', flag],
  ['software_statement_required', flag],
  ['software_statement_issuers', issuers],
  ['enforce_fapi', flag],
  ['fapi_profile', (value, { profiles }) => (value === undefined || profiles.some((name) => name === value) ? undefined : oneOf(profiles))],
  [
    'fapi_profiles',
    (value, { profiles }) => {
      const isList = Array.isArray(value) && value.every((one) => profiles.includes(one)) && new Set(value).size === value.length
      return isList ? undefined : `must be a list, and each in it ${oneOf(profiles)}`
    },
  ],
]

export const SETTING_NAMES: readonly string[] = KINDS.map(([name]) => name)
