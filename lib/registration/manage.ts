import type { Request, Response } from 'express'
import { isTime } from '../core/claims.js'
import { answerJson } from './answer.js'
import { subjectValues } from './certificate-attribute.js'
import type { Engine } from './engine.js'
import { type Incoming, readIncoming, spend } from './incoming.js'
import { type ManagedClient, managedClient } from './managed-client.js'
import { isManagedBy } from './managed-request.js'
import type { Metadata } from './metadata.js'
import { forbiddenInUpdate } from './metadata-faults.js'
import { registeredAnswer } from './registered-answer.js'
import { rotated } from './registration-access-tokens.js'
import { RegistrationError } from './registration-error.js'
import { beingChanged, type RegistrationRecord } from './registration-record.js'
import type { SettingsValues } from './registration-settings.js'
import { remove } from './removal.js'
import { RefusedMetadata, settle } from './settled-metadata.js'

/** The client configuration endpoint (RFC 7592 §2): reads, replaces or deletes a registration. Throws a `RegistrationError`. */
export async function manage(engine: Engine, req: Request, res: Response, clientId: string): Promise<void> {
  const client = await managedClient(engine, req, res, clientId)
  if (!client) return
  isManagedBy(req, client.metadata)
  if (req.method === 'PUT') return update(engine, req, res, client)
  if (req.method === 'DELETE') {
    await remove(engine, client.record.client_id)
    return void res.status(204).set('cache-control', 'no-store').end()
  }
  answerJson(res, 200, registeredAnswer(engine.setup.publicUrl, client.metadata, client.record, client.token))
}

async function update(engine: Engine, req: Request, res: Response, { record, metadata: current, token, certificate }: ManagedClient) {
  const { setup, records, settings: kept } = engine
  const settings = await kept.read()
  const incoming = await readIncoming(engine, settings, req, res)
  insistOnOwn(incoming.requested, record, current, setup.ecosystem.body)
  const statement = statementOf(engine, settings, incoming, record)
  const { metadata, set } = await settle(engine, {
    ...{ clientId: record.client_id, settings, current, forced: record.forced, profile: undefined },
    requested: incoming.requested,
    statement: statement?.claims ?? record.statement_claims,
    subject: certificate && subjectValues(certificate.x509),
  })
  // What was judged is what is changed: nobody has suspended, changed or deleted the client since.
  if (!(await records.begin(record))) throw beingChanged()
  const inForce = await saved(engine, record, incoming, metadata)
  const renewed = setup.rotate && token !== undefined ? rotated(record) : undefined
  const changed = await records.change({
    ...(renewed?.record ?? record),
    ...(statement && {
      software_statement: incoming.compact,
      statement_claims: statement.claims,
      organisation_id: statement.organisationId,
    }),
    set,
  })
  answerJson(res, 200, registeredAnswer(setup.publicUrl, inForce, changed, renewed?.token ?? token))
}

/** Keeps the new metadata; when that fails, the record goes back to whoever changes it next. */
async function saved(engine: Engine, record: RegistrationRecord, { marks }: Incoming, metadata: Metadata): Promise<Metadata> {
  try {
    await spend(engine, marks)
    return (await engine.setup.clients.save(record.client_id, metadata)) ?? metadata
  } catch (error) {
    await engine.records.change(record)
    throw error
  }
}

/** RFC 7592 §2.2: an update names the client it is about, and nothing that only the server says. */
function insistOnOwn(requested: Metadata, { client_id }: RegistrationRecord, current: Metadata, format: 'json' | 'jwt'): void {
  const { client_id: named, client_secret: secret } = requested
  const faults = forbiddenInUpdate(requested)
  const fault = (description: string) => faults.push({ error: 'invalid_client_metadata', description })
  if (named === undefined ? format === 'json' : named !== client_id) fault('client_id must be that of the client')
  if (secret !== undefined && secret !== null && secret !== current.client_secret)
    fault('client_secret must be the one of the client, or left out')
  if (faults.length > 0) throw new RefusedMetadata(faults, false)
}

/** The statement of an update: of the same software, and there where it must be. */
function statementOf({ setup }: Engine, settings: SettingsValues, { statement }: Incoming, record: RegistrationRecord) {
  const { software_id, statement_issuer } = record
  if (!statement) {
    // Whoever registered with one is held to it for good.
    const isRequired = settings.software_statement_required && software_id === undefined
    if (setup.ecosystem.management.statementOnUpdate || isRequired)
      throw new RegistrationError('invalid_software_statement', 'software_statement is required')
    return undefined
  }
  if (statement.softwareId !== software_id || statement.issuer !== statement_issuer)
    throw new RegistrationError(
      'invalid_software_statement',
      software_id === undefined
        ? 'this client was registered without a software statement'
        : 'the software statement is for another software',
    )
  const { iat } = statement.claims
  const { iat: before } = record.statement_claims ?? {}
  if (isTime(iat) && isTime(before) && iat < before)
    throw new RegistrationError('invalid_software_statement', 'the software statement is older than the one that the client has')
  return statement
}
