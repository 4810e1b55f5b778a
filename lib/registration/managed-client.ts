import type { Request, RequestHandler, Response } from 'express'
import { isText } from '../core/claims.js'
import type { ClientCertificate } from '../core/facts.js'
import { isSuspended } from '../readers/client-metadata.js'
import { certificateMisfit } from './certificate-attribute.js'
import type { Engine } from './engine.js'
import type { Metadata } from './metadata.js'
import { presented } from './registration-access-tokens.js'
import { RegistrationError } from './registration-error.js'
import type { RegistrationRecord } from './registration-record.js'
import { remove } from './removal.js'
import { readBearer, readCertificate } from './request.js'

/** A client whose registration may be managed by who asks. */
export interface ManagedClient {
  readonly record: RegistrationRecord
  readonly metadata: Metadata
  /** The registration access token that was shown; none where an access token was. */
  readonly token: string | undefined
  readonly certificate: ClientCertificate | undefined
}

/** Finds the client of a configuration endpoint for who may manage it (RFC 7592 §2). Throws a `RegistrationError`, or answers and resolves to nothing. */
export async function managedClient(engine: Engine, req: Request, res: Response, clientId: string): Promise<ManagedClient | undefined> {
  const { setup, records } = engine
  const { by } = setup.ecosystem.management
  // Whoever has no certificate may not manage a client, whatever token it shows (RFC 7592 §2.1, RFC 8705 §3).
  const certificate = await readCertificate(setup, req, 'invalid_token')
  const token = typeof by === 'string' ? (readBearer(req) ?? missing()) : undefined
  if (typeof by === 'object' && !(await passesGuard(setup.guard, req, res))) return undefined
  const [found, metadata] = [await records.find(clientId), await setup.clients.find(clientId)]
  const record = typeof by === 'string' ? found && isText(token) && shown(found, token) : found && held(found, req, by.scope)
  if (!record) throw unauthorized()
  // A token that was taken from its client is of no use to who has another certificate.
  const misfit = record.statement_claims && certificateMisfit(setup.ecosystem, record.statement_claims, certificate)
  if (misfit !== undefined)
    throw new RegistrationError('invalid_token', 'the client certificate is not the one of this software', misfit, 'client-certificate')
  if (!metadata) {
    // RFC 7592 §2.1: the client is gone, and so is its token from now on, and whatever a removal that was cut short left.
    await remove(engine, clientId)
    throw unauthorized()
  }
  if (record.suspended || isSuspended(metadata)) throw suspended(record)
  // The token before ends now; where somebody else changes the client right now, it ends the next time.
  const current = record !== found && (await records.begin(record)) ? await records.change(record) : (found ?? record)
  return { record: current, metadata, token, certificate }
}

/** Who is suspended manages nothing. */
export const suspended = ({ suspended: standing }: RegistrationRecord) =>
  new RegistrationError(
    'access_denied',
    `this client is suspended${standing ? `: ${standing.reason}` : ''}`,
    undefined,
    'client-not-suspended',
  )

/** The record as it is once its token has been shown. */
const shown = (record: RegistrationRecord, token: string): RegistrationRecord | undefined => {
  const found = presented(record, token)
  return found && (found.changed ? { ...record, ...found.record } : record)
}

/** The record, for an access token of the very client with the scope. */
function held(record: RegistrationRecord, req: Request, scope: string): RegistrationRecord | undefined {
  const claims = claimsOf(req)
  if (claims?.client_id !== record.client_id) return undefined
  if (![claims.scope].flat().join(' ').split(' ').includes(scope))
    throw new RegistrationError('insufficient_scope', `the access token must have the scope ${scope}`)
  return record
}

/** What a guard such as `protect` left. */
const claimsOf = ({ fapi }: Request): Readonly<Record<string, unknown>> | undefined => fapi?.token

/** Whether the guard lets a request through; it has answered otherwise. */
const passesGuard = (guard: RequestHandler | undefined, req: Request, res: Response): Promise<boolean> =>
  new Promise((resolve, reject) => {
    if (!guard) return resolve(false)
    res.once('close', () => resolve(false))
    Promise.resolve(guard(req, res, (error?: unknown) => (error ? reject(error) : resolve(true)))).catch(reject)
  })

function missing(): never {
  throw new RegistrationError(
    'invalid_token',
    'the registration access token of this client is needed',
    undefined,
    'registration-access-token',
  )
}

/** The same whether there is such a client or not. */
const unauthorized = () =>
  new RegistrationError('invalid_token', 'the token does not hold for this client', undefined, 'registration-access-token')
