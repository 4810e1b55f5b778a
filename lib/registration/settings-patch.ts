import { RegistrationError } from './registration-error.js'
import { SETTING_NAMES, type SettingsValues } from './settings-values.js'

type Patch = Readonly<Record<string, unknown>>

/** The names that WSO2 Identity Server has for settings, for what was written for its API. */
const NAMES_OF_WSO2: Readonly<Record<string, keyof SettingsValues>> = {
  authenticationRequired: 'authentication_required',
  mandateSSA: 'software_statement_required',
  enableFapiEnforcement: 'enforce_fapi',
  fapiProfile: 'fapi_profile',
}

/** Its name for the one key set it has, whoever issued a statement. */
const SSA_JWKS = 'ssaJwks'

/** Operations of a patch, our choice. */
const MOST = 50

/** Whether a body is a list of operations (RFC 6902), and not members to merge (RFC 7396). */
export const isJsonPatch = (body: unknown, type: string): boolean => type.includes('json-patch') || Array.isArray(body)

/** Whether a patch can only be read against the settings as they are. */
export const needsCurrent = (body: unknown): boolean =>
  Array.isArray(body) && body.some((operation) => memberOf(operation, 'path') === `/${SSA_JWKS}`)

/**
 * A JSON Patch as members to merge. Only `replace` is taken, of whole settings: their names, or those of WSO2. `current` is needed for
 * `ssaJwks` alone, whose statements are of `statementIssuer` where no issuer is known yet. Throws a `RegistrationError`.
 */
export function mergePatchOf(body: unknown, current: SettingsValues | undefined, statementIssuer: string | undefined): Patch {
  if (!Array.isArray(body) || body.length > MOST) throw wrong(`a JSON Patch must be a list of at most ${MOST} operations`)
  const patch: Record<string, unknown> = {}
  for (const operation of body) {
    // RFC 6902 has `op`, clients of WSO2 send `operation`.
    const named = memberOf(operation, 'op') ?? memberOf(operation, 'operation')
    if (String(named).toLowerCase() !== 'replace') throw wrong('each operation must be replace')
    const path = memberOf(operation, 'path')
    const name = typeof path === 'string' && path.startsWith('/') ? path.slice(1) : ''
    const value = memberOf(operation, 'value')
    if (value === undefined) throw wrong('each operation must have a value')
    if (name === SSA_JWKS) patch.software_statement_issuers = issuersWith(value, current, statementIssuer)
    else if (Object.hasOwn(NAMES_OF_WSO2, name)) patch[String(NAMES_OF_WSO2[name])] = name === 'fapiProfile' ? ownProfile(value) : value
    else if (SETTING_NAMES.includes(name)) patch[name] = value
    else throw wrong(`each path must be / and one of ${[...SETTING_NAMES, ...Object.keys(NAMES_OF_WSO2), SSA_JWKS].join(', ')}`)
  }
  return patch
}

/** One key set is that of the one issuer there is. */
function issuersWith(jwks_uri: unknown, current: SettingsValues | undefined, statementIssuer: string | undefined): unknown {
  if (jwks_uri === null) return null
  const [one, ...more] = current?.software_statement_issuers ?? []
  const issuer = one?.issuer ?? statementIssuer
  if (issuer !== undefined && more.length === 0) return [{ issuer, jwks_uri }]
  throw wrong(`${SSA_JWKS} does not say whose keys they are: set software_statement_issuers`)
}

/** `FAPI1_ADVANCED` is `fapi1-advanced`. */
const ownProfile = (value: unknown) => (typeof value === 'string' ? value.toLowerCase().replaceAll('_', '-') : value)

const wrong = (description: string) => new RegistrationError('invalid_request', description)

const memberOf = (value: unknown, name: string): unknown =>
  typeof value === 'object' && value !== null && Object.hasOwn(value, name) ? Reflect.get(value, name) : undefined
