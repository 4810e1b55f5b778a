import type { Request, Response } from 'express'
import type { ClientCertificate } from '../core/facts.js'
import { thumbprint } from '../readers/certificate.js'
import { answerJson } from './answer.js'
import { comparesCertificates, subjectValues } from './certificate-attribute.js'
import type { Engine } from './engine.js'
import { enrol, placeName, underWay } from './enrol.js'
import { readIncoming } from './incoming.js'
import { newClientId } from './new-client-id.js'
import { isItsOwn } from './own-certificate.js'
import { registeredAnswer } from './registered-answer.js'
import { newToken } from './registration-access-tokens.js'
import { RegistrationError } from './registration-error.js'
import { beingChanged, type RegistrationRecord } from './registration-record.js'
import type { SettingsValues } from './registration-settings.js'
import { readBearer, readCertificate } from './request.js'
import { settle } from './settled-metadata.js'
import type { SoftwareStatement } from './software-statement.js'

/** Registers a client (RFC 7591 §3). Throws a `RegistrationError`; then nothing is left of it. */
export async function register(engine: Engine, req: Request, res: Response): Promise<void> {
  const { setup, settings: kept } = engine
  const settings = await kept.read()
  const certificate = await readCertificate(setup, req, 'invalid_request')
  const bearer = readBearer(req)
  const initial = await admitted(engine, settings, bearer)
  const incoming = await readIncoming(engine, settings, req, res)
  const { statement } = incoming
  if (!statement && (settings.software_statement_required || setup.ecosystem.statement.required))
    throw new RegistrationError('invalid_software_statement', 'software_statement is required')
  if (statement) await insistOnStanding(engine, statement)
  if (initial?.software_id !== undefined && initial.software_id !== statement?.softwareId)
    throw new RegistrationError(
      'invalid_software_statement',
      'the initial access token is for another software than the software statement',
    )

  const clientId = newClientId()
  const { metadata, set } = await settle(engine, {
    ...{ clientId, settings, current: undefined },
    requested: incoming.requested,
    statement: statement?.claims,
    subject: certificate && subjectValues(certificate.x509),
    forced: initial?.metadata,
    profile: initial?.profile,
  })
  const now = Math.floor(Date.now() / 1000)
  const { token, digest } = newToken()
  const record: RegistrationRecord = {
    ...{ client_id: clientId, revision: 0, created_at: now, updated_at: now, set },
    ...digest,
    software_id: statement?.softwareId,
    organisation_id: statement?.organisationId,
    statement_issuer: statement?.issuer,
    software_statement: incoming.compact,
    statement_claims: statement?.claims,
    initial_access_token: initial?.id,
    forced: initial?.metadata,
    certificate: certificate && thumbprint(certificate.x509),
  }
  const stillAllowed = async () => {
    await admitted(engine, await kept.read(), bearer)
    if (statement) await insistOnStanding(engine, statement)
  }
  const enrolled = await enrol(engine, { record, metadata, initial, marks: incoming.marks, stillAllowed })
  if ('existing' in enrolled) {
    const isProven = setup.ecosystem.body === 'jwt' || comparesCertificates(setup.ecosystem)
    return answerExisting(engine, res, enrolled.existing, { isProven, certificate })
  }
  answerJson(res, 201, registeredAnswer(setup.publicUrl, enrolled.metadata, record, usable(setup, token)))
}

/** Whoever has an initial access token is admitted; whoever has none, where a trusted certificate is demanded anyway, or nobody needs to authenticate. */
async function admitted({ setup, initialAccessTokens }: Engine, settings: SettingsValues, bearer: string | undefined) {
  if (bearer !== undefined) return initialAccessTokens.check(bearer, Date.now() / 1000)
  if (!settings.authentication_required || setup.ecosystem.certificate === 'required') return undefined
  throw new RegistrationError('invalid_token', 'an initial access token is needed', undefined, 'initial-access-token')
}

/** A software with a client that is suspended gets no other. */
async function insistOnStanding({ setup, places, records }: Engine, { issuer, softwareId }: SoftwareStatement): Promise<void> {
  const name = placeName({ statement_issuer: issuer, software_id: softwareId })
  const holders = name === undefined ? [] : await places.holders(name, setup.clientsPerSoftware)
  for (const clientId of holders) {
    if ((await records.find(clientId))?.suspended)
      throw new RegistrationError('unapproved_software_statement', 'a client of this software is suspended, and it gets no other')
  }
}

/** What shows that it is the software itself that asks: a signed request, a certificate that was compared with the statement, or its own. */
interface Proof {
  readonly isProven: boolean
  readonly certificate: ClientCertificate | undefined
}

/**
 * Answers with the client that a software has (`return-existing`). Whoever only has a statement, as every server has that it was sent to,
 * is told no secret: with the client_id it can prove its key where lost tokens are recovered.
 */
async function answerExisting(
  { setup, records }: Engine,
  res: Response,
  clientId: string,
  { isProven, certificate }: Proof,
): Promise<void> {
  const [record, metadata] = [await records.find(clientId), await setup.clients.find(clientId)]
  if (!record?.settled || !metadata) throw underWay()
  if (!isProven && !(certificate && isItsOwn(certificate, record, metadata))) {
    const { client_secret: _secret, ...told } = metadata
    return answerJson(res, 200, registeredAnswer(setup.publicUrl, told, record, undefined))
  }
  const { token, digest } = newToken()
  if (!(await records.begin(record))) throw beingChanged()
  const renewed = await records.change({ ...record, ...digest })
  answerJson(res, 200, registeredAnswer(setup.publicUrl, metadata, renewed, usable(setup, token)))
}

/** A registration access token, where clients are managed with one. */
const usable = ({ ecosystem: { management } }: Engine['setup'], token: string) =>
  management.by === 'registration_access_token' ? token : undefined
