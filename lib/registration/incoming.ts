import type { Request, Response } from 'express'
import { claimDetail } from '../readers/jwt-fault.js'
import type { Engine } from './engine.js'
import type { Metadata } from './metadata.js'
import { RegistrationError } from './registration-error.js'
import type { SettingsValues } from './registration-settings.js'
import { readBody } from './request.js'
import { readSignedRequest } from './signed-request.js'
import { type SoftwareStatement, statementVerifier } from './software-statement.js'

/** What may be used once, and until when (epoch seconds) it must be remembered. */
export interface Mark {
  readonly once: string
  readonly until: number
  /** What is told to whoever comes second. */
  readonly refusal: RegistrationError
}

/** What a client asks for, with its statement verified. */
export interface Incoming {
  readonly requested: Metadata
  readonly statement: SoftwareStatement | undefined
  /** The statement as it came. */
  readonly compact: string | undefined
  readonly marks: readonly Mark[]
}

/** Reads a registration or an update, and verifies its signatures. Throws a `RegistrationError`. */
export async function readIncoming(engine: Engine, settings: SettingsValues, req: Request, res: Response): Promise<Incoming> {
  const { ecosystem, issuer, publicUrl } = engine.setup
  const body = await readBody(req, res, ecosystem.body)
  const now = Date.now() / 1000
  if (typeof body === 'string') {
    const verifyStatement = (compact: unknown) => verifyWith(engine, settings, compact, now)
    const audience = [issuer, publicUrl]
    const { metadata, statement, once, until } = await readSignedRequest(body, {
      ecosystem,
      verifyStatement,
      keysAt: engine.keysAt,
      audience,
      now,
    })
    insistOnDepth(metadata)
    const mark = {
      once,
      until,
      refusal: new RegistrationError('invalid_client_metadata', 'jti of the request has been used', undefined, 'registration-request'),
    }
    return { requested: metadata, statement, compact: String(metadata.software_statement), marks: [mark, ...marksOf(engine, statement)] }
  }
  insistOnDepth(body)
  const { software_statement: compact } = body
  if (compact === undefined || compact === null || compact === '')
    return { requested: body, statement: undefined, compact: undefined, marks: [] }
  const statement = await verifyWith(engine, settings, compact, now)
  return { requested: body, statement, compact: String(compact), marks: marksOf(engine, statement) }
}

/** Verifies a software statement by the issuers that the settings name. Throws a `RegistrationError`. */
export async function verifyWith(
  { setup: { ecosystem, issuer: own, publicUrl }, keysAt }: Engine,
  settings: SettingsValues,
  compact: unknown,
  now: number,
): Promise<SoftwareStatement> {
  const issuers = settings.software_statement_issuers.map(({ issuer, jwks_uri }) => ({ issuer, keys: keysAt(jwks_uri) }))
  const statement = await statementVerifier({ ecosystem, issuers }).verify(compact, now)
  // RFC 7519 §4.1.3: directories make statements for everybody; one that was made for somebody is for nobody else.
  const { aud = own } = statement.claims
  if (![aud].flat().some((name) => name === own || name === publicUrl))
    throw new RegistrationError(
      'invalid_software_statement',
      'software_statement is for another server (aud)',
      claimDetail('aud', aud, [own, publicUrl]),
      'software-statement',
    )
  return statement
}

/** Levels of metadata inside metadata, our choice: a key set has three. */
const DEEPEST = 20

/** What goes too deep can be read and not be written again. Throws a `RegistrationError`. */
export function insistOnDepth(metadata: Metadata): void {
  let level: readonly unknown[] = [metadata]
  for (let depth = 0; level.length > 0; depth++) {
    if (depth > DEEPEST)
      throw new RegistrationError(
        'invalid_client_metadata',
        `the metadata must not go deeper than ${DEEPEST} objects and lists in each other`,
      )
    level = level.flatMap((value) => (typeof value === 'object' && value !== null ? Object.values(value) : []))
  }
}

/** What a statement marks as used, where it is good once only. */
export const marksOf = ({ setup }: Engine, statement: SoftwareStatement): Mark[] =>
  setup.ecosystem.statement.once ? [markOf(statement)] : []

/** Marks a statement as used. */
export const markOf = ({ once, until }: SoftwareStatement): Mark => ({
  ...{ once, until },
  refusal: new RegistrationError(
    'invalid_software_statement',
    'the software statement has been used, get a fresh one',
    undefined,
    'software-statement',
  ),
})

/** Seconds for which a mark is remembered beyond its time, our choice: clocks differ. */
const REMEMBERED = 600

/**
 * Marks as used what may be used once. Throws the refusal of the first that has been, or whose time has come while it was looked at: from
 * then on nobody remembers it.
 */
export async function spend({ setup: { store } }: Engine, marks: readonly Mark[]): Promise<void> {
  for (const { once, until, refusal } of marks)
    if (until <= Date.now() / 1000 || !(await store.once(`registration:${once}`, until + REMEMBERED))) throw refusal
}
