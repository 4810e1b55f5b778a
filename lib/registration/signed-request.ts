import { isHttpsUrl, isText } from '../core/claims.js'
import { ConfigurationError, reasonOf } from '../core/errors.js'
import { isFault } from '../readers/jwt-fault.js'
import type { KeySource } from '../readers/key-set.js'
import { type UnverifiedJwt, verifyingKey } from '../readers/signed-jwt.js'
import { claimAt, nameOfClaim } from './claim-at.js'
import { onceKey, readCompactJwt } from './compact-jwt.js'
import type { Ecosystem, SignedRequest } from './ecosystem.js'
import { isDate, timeFaults } from './jwt-times.js'
import type { Metadata } from './metadata.js'
import { isGiven } from './metadata-fault.js'
import { RegistrationError } from './registration-error.js'
import type { SoftwareStatement } from './software-statement.js'

export interface SignedRequestOptions {
  readonly ecosystem: Ecosystem
  /** Verifies the software statement in the request; rejects with a `RegistrationError`. */
  readonly verifyStatement: (compact: unknown, now: number) => Promise<SoftwareStatement>
  /** The keys at an https URL. */
  readonly keysAt: (url: string) => KeySource
  /** The names of this server, of which `aud` must have one. */
  readonly audience: readonly string[]
  /** Epoch seconds. */
  readonly now: number
}

/** A registration that came as a JWT, and was signed by the software that its statement speaks of. */
export interface VerifiedRequest {
  /** Its claims without those of the JWT itself; `software_statement` is still there. */
  readonly metadata: Metadata
  readonly statement: SoftwareStatement
  /** What a replay guard remembers the request by. */
  readonly once: string
  /** Epoch seconds: from then on the request is refused for its age. */
  readonly until: number
}

const NAME = 'the registration request'

/** What a JWT says of itself (RFC 7519 §4.1). */
const OF_THE_JWT: readonly string[] = ['iss', 'aud', 'exp', 'nbf', 'iat', 'jti']

/** RFC 9562 §5.4. */
const UUID_4 = /^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/i

const invalid = (description: string, detail?: string) =>
  new RegistrationError('invalid_client_metadata', description, detail, 'registration-request')

/**
 * Reads a registration that is sent as a signed JWT. The statement in it is verified first, because the keys that the request must be
 * signed with are where the statement says. Rejects with a `RegistrationError`; with a `ConfigurationError` where the ecosystem knows no signed requests.
 */
export async function readSignedRequest(
  compact: string,
  { ecosystem, verifyStatement, keysAt, audience, now }: SignedRequestOptions,
): Promise<VerifiedRequest> {
  const rules = ecosystem.signedRequest
  if (!rules)
    throw new ConfigurationError([{ option: 'ecosystem.signedRequest', got: rules, allowed: 'must say what a signed request is' }])
  const jwt = readCompactJwt(compact, NAME, rules.algorithms)
  if (typeof jwt === 'string') throw invalid(jwt)
  const sent = claimAt(jwt.claims, 'software_statement')
  if (!isGiven(sent)) throw new RegistrationError('invalid_software_statement', `${NAME} must have a software_statement in it`)
  const statement = await verifyStatement(sent, now)
  await insistOnSignature(jwt, rules, statement, keysAt)
  const wrong = claimFaults(rules, jwt.claims, { statement, audience, now })
  if (wrong.length > 0) throw invalid(`${NAME} is not accepted: ${wrong.join('; ')}`)
  const { iss, jti, exp } = jwt.claims
  return Object.freeze<VerifiedRequest>({
    metadata: Object.freeze(metadataIn(jwt.claims)),
    statement,
    once: onceKey('request', statement.issuer, String(iss), String(jti)),
    until: Math.floor(Number(exp)) + 1,
  })
}

async function insistOnSignature(
  jwt: UnverifiedJwt,
  { keysClaim }: SignedRequest,
  { claims }: SoftwareStatement,
  keysAt: SignedRequestOptions['keysAt'],
): Promise<void> {
  const claim = `${nameOfClaim(keysClaim)} of software_statement`
  const key = await verifyingKey(jwt, keysOf(claimAt(claims, keysClaim), claim, keysAt), NAME).catch((cause: unknown) => {
    const why = `${NAME} cannot be verified now, because the keys at ${claim} could not be read; try again later`
    throw new RegistrationError('temporarily_unavailable', why, reasonOf(cause))
  })
  if (isFault(key)) throw invalid(key.description, key.detail)
}

function keysOf(url: unknown, claim: string, keysAt: SignedRequestOptions['keysAt']): KeySource {
  const refusal = (detail?: string) =>
    new RegistrationError('invalid_software_statement', `${claim} must be an https URL that may be read from here`, detail)
  if (!isHttpsUrl(url)) throw refusal()
  try {
    return keysAt(url)
  } catch (cause) {
    if (cause instanceof ConfigurationError) throw refusal(cause.message)
    throw cause
  }
}

/** What is wrong with the claims of the JWT, all of it. */
function claimFaults(
  rules: SignedRequest,
  claims: Metadata,
  { statement, audience, now }: Pick<SignedRequestOptions, 'audience' | 'now'> & Pick<VerifiedRequest, 'statement'>,
): string[] {
  const { iss, aud, iat, exp, jti } = claims
  const faults = timeFaults(claims, now, ['iat', 'exp'])
  if (isDate(iat) && isDate(exp) && exp - iat > rules.maxLifetime)
    faults.push(`exp is ${Math.ceil(exp - iat)} seconds after iat, it may be ${rules.maxLifetime} at the most`)
  const issuer = claimAt(statement.claims, rules.issuerClaim)
  if (!isText(iss) || iss !== issuer) faults.push(`iss must be ${nameOfClaim(rules.issuerClaim)} of software_statement`)
  const named: readonly unknown[] = [aud].flat()
  if (rules.audience && !audience.some((name) => named.includes(name))) faults.push('aud must name this server')
  if (!isText(jti)) faults.push('jti is missing, or is no text')
  else if (rules.jti === 'uuid' && !UUID_4.test(jti)) faults.push('jti must be a UUID of version 4')
  return faults
}

/** Without `__proto__`, which could become the prototype of whatever the metadata are copied to. */
const metadataIn = (claims: Metadata): Metadata =>
  Object.fromEntries(Object.entries(claims).filter(([name]) => name !== '__proto__' && !OF_THE_JWT.includes(name)))
