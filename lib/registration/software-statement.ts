import { isText } from '../core/claims.js'
import { ConfigurationError, type ConfigurationFault, reasonOf } from '../core/errors.js'
import { isFault } from '../readers/jwt-fault.js'
import type { KeySource } from '../readers/key-set.js'
import { type UnverifiedJwt, verifyingKey } from '../readers/signed-jwt.js'
import { claimAt, nameOfClaim } from './claim-at.js'
import { onceKey, readCompactJwt } from './compact-jwt.js'
import type { Ecosystem, StatementRules } from './ecosystem.js'
import { isDate, timeFaults } from './jwt-times.js'
import type { Metadata } from './metadata.js'
import { isGiven } from './metadata-fault.js'
import { RegistrationError } from './registration-error.js'

/** Somebody whose software statements are taken, and the keys they are signed with. */
export interface StatementIssuer {
  /** `iss` of its statements. */
  readonly issuer: string
  readonly keys: KeySource
}

/** A software statement (RFC 7591 §2.3) whose signature and claims hold. */
export interface SoftwareStatement {
  readonly claims: Metadata
  readonly issuer: string
  readonly softwareId: string
  readonly organisationId: string | undefined
  /** What a replay guard remembers it by. */
  readonly once: string
  /** Epoch seconds: from then on the statement is refused for its age. */
  readonly until: number
}

export interface StatementVerifierOptions {
  /** One that `ecosystemFaults` finds nothing wrong with. */
  readonly ecosystem: Ecosystem
  /** Where there are none, every statement is refused. */
  readonly issuers: readonly StatementIssuer[]
}

export interface StatementVerifier {
  /** `now` is in epoch seconds. Rejects with a `RegistrationError`. */
  verify(compact: unknown, now: number): Promise<SoftwareStatement>
}

const NAME = 'software_statement'

const invalid = (description: string, detail?: string) =>
  new RegistrationError('invalid_software_statement', description, detail, 'software-statement')

/**
 * Verifies software statements: first who signed them, then what they say, so that nothing of an unverified one is believed or told.
 * Throws a `ConfigurationError`.
 */
export function statementVerifier({ ecosystem, issuers }: StatementVerifierOptions): StatementVerifier {
  const faults = issuerFaults(issuers)
  if (faults.length > 0) throw new ConfigurationError(faults)
  const rules = ecosystem.statement
  const keysOf = new Map(issuers.map(({ issuer, keys }) => [issuer, keys]))

  return Object.freeze<StatementVerifier>({
    async verify(compact, now) {
      const jwt = readCompactJwt(compact, NAME, rules.algorithms)
      if (typeof jwt === 'string') throw invalid(jwt)
      const { iss } = jwt.claims
      if (!isText(iss)) throw invalid(`iss of ${NAME} must be there, and be a text`)
      const keys = keysOf.get(iss)
      if (!keys)
        throw new RegistrationError(
          'unapproved_software_statement',
          `${NAME} comes from an issuer that is not approved here`,
          undefined,
          'software-statement',
        )
      await insistOnSignature(jwt, keys)
      const wrong = claimFaults(rules, jwt.claims, now)
      if (wrong.length > 0) throw invalid(`${NAME} is not accepted: ${wrong.join('; ')}`)
      return statementOf(rules, iss, jwt)
    },
  })
}

function issuerFaults(issuers: unknown): ConfigurationFault[] {
  if (!Array.isArray(issuers)) return [{ option: 'issuers', got: issuers, allowed: 'must list the issuers of software statements' }]
  const known = new Set<unknown>()
  return issuers.flatMap((entry: unknown, index): ConfigurationFault[] => {
    const { issuer, keys }: Partial<Record<keyof StatementIssuer, unknown>> = { ...(typeof entry === 'object' && entry) }
    const option = `issuers[${index}]`
    const isNew = !known.has(issuer)
    known.add(issuer)
    return [
      ...(isText(issuer) ? [] : [{ option: `${option}.issuer`, got: issuer, allowed: 'must be the iss of its statements' }]),
      ...(isNew ? [] : [{ option: `${option}.issuer`, got: issuer, allowed: 'must not be listed twice: each issuer has one set of keys' }]),
      ...(typeof keys === 'function'
        ? []
        : [{ option: `${option}.keys`, got: typeof keys, allowed: 'must be a key source, such as keySet()' }]),
    ]
  })
}

async function insistOnSignature(jwt: UnverifiedJwt, keys: KeySource): Promise<void> {
  const key = await verifyingKey(jwt, keys, NAME).catch((cause: unknown) => {
    const why = `${NAME} cannot be verified now, because the keys of its issuer could not be read; try again later`
    throw new RegistrationError('temporarily_unavailable', why, reasonOf(cause))
  })
  if (isFault(key)) throw invalid(key.description, key.detail)
}

const TIMES: readonly string[] = ['iat', 'exp', 'nbf']

/** What is wrong with the claims, all of it. */
function claimFaults(
  { maxAge, expires, claims: needed, softwareId, organisationId }: StatementRules,
  claims: Metadata,
  now: number,
): string[] {
  const { iat, jti } = claims
  const faults = timeFaults(claims, now, [...needed, ...(maxAge === undefined ? [] : ['iat']), ...(expires ? ['exp'] : [])])
  if (maxAge !== undefined && isDate(iat) && now - iat > maxAge)
    faults.push(`it was issued ${Math.ceil(now - iat)} seconds ago (iat), and may be ${maxAge} seconds old`)
  if (jti !== undefined && !isText(jti)) faults.push('jti must be a text')
  for (const name of needed) {
    const value = claimAt(claims, name)
    if (!TIMES.includes(name) && (!isGiven(value) || (Array.isArray(value) && value.length === 0))) faults.push(`${name} is missing`)
  }
  const id = claimAt(claims, softwareId)
  if (!isGiven(id) && !needed.includes(nameOfClaim(softwareId))) faults.push(`${nameOfClaim(softwareId)} is missing`)
  const named = organisationId === undefined ? [softwareId] : [softwareId, organisationId]
  for (const path of named) {
    const value = claimAt(claims, path)
    if (isGiven(value) && !isText(value)) faults.push(`${nameOfClaim(path)} must be a text`)
  }
  return [...new Set(faults)]
}

function statementOf(
  { maxAge, softwareId, organisationId }: StatementRules,
  issuer: string,
  { claims, jws }: UnverifiedJwt,
): SoftwareStatement {
  const { jti, iat, exp } = claims
  const ends = [exp, isDate(iat) && maxAge !== undefined ? iat + maxAge : undefined].filter(isDate)
  const organisation = organisationId === undefined ? undefined : claimAt(claims, organisationId)
  return Object.freeze<SoftwareStatement>({
    claims: Object.freeze({ ...claims }),
    issuer,
    softwareId: String(claimAt(claims, softwareId)),
    organisationId: isText(organisation) ? organisation : undefined,
    // The signature is left out: ES256 has two for everything (r, s and r, -s).
    once: isText(jti) ? onceKey('statement', issuer, jti) : onceKey('statement', issuer, 'digest', jws.input),
    until: Math.floor(Math.min(...ends)) + 1,
  })
}
