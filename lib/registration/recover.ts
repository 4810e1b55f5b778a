import type { Request, Response } from 'express'
import { isText, isTime } from '../core/claims.js'
import type { ClientCertificate } from '../core/facts.js'
import { isSuspended } from '../readers/client-metadata.js'
import { answerJson } from './answer.js'
import { certificateMisfit, comparesCertificates } from './certificate-attribute.js'
import type { Engine } from './engine.js'
import { type Mark, markOf, spend, verifyWith } from './incoming.js'
import { keyProof } from './key-proof.js'
import { suspended } from './managed-client.js'
import type { Metadata } from './metadata.js'
import { isItsOwn } from './own-certificate.js'
import { clientUri } from './registered-answer.js'
import { newToken } from './registration-access-tokens.js'
import { RegistrationError } from './registration-error.js'
import { beingChanged, type RegistrationRecord } from './registration-record.js'
import { readBody, readCertificate } from './request.js'
import type { SoftwareStatement } from './software-statement.js'

/**
 * Gives a client that lost its registration access token a new one, and ends the lost one: for the certificate it registered with or
 * authenticates with, or for a fresh statement about its software together with proof of a key. A statement alone is not
 * enough: whoever it was once sent to has it too. Throws a `RegistrationError`.
 */
export async function recover(engine: Engine, req: Request, res: Response, clientId: string): Promise<void> {
  const { setup, records } = engine
  if (typeof setup.ecosystem.management.by === 'object')
    throw new RegistrationError('invalid_request', 'clients are managed with access tokens here: there is no registration access token')
  const certificate = await readCertificate(setup, req, 'access_denied')
  const hasBody = req.headers['transfer-encoding'] !== undefined || Number(req.headers['content-length'] ?? 0) > 0
  const sent = hasBody ? await bodyOf(req, res) : {}
  // What is wrong with a statement is told whether there is such a client or not.
  const statement =
    sent.software_statement === undefined
      ? undefined
      : await verifyWith(engine, await engine.settings.read(), sent.software_statement, Date.now() / 1000)
  const [record, metadata] = [await records.find(clientId), await setup.clients.find(clientId)]
  if (!record || !metadata) throw unproven()
  const marks = statement
    ? await proofs(engine, sent, statement, { record, metadata, certificate })
    : onlyFor(certificate && isItsOwn(certificate, record, metadata))

  if (record.suspended || isSuspended(metadata)) throw suspended(record)
  if (!(await records.begin(record))) throw beingChanged()
  const { token, digest } = newToken()
  try {
    await spend(engine, marks)
  } catch (error) {
    await records.change(record)
    throw error
  }
  await records.change({ ...record, ...digest })
  answerJson(res, 200, {
    client_id: clientId,
    registration_client_uri: clientUri(setup.publicUrl, clientId),
    registration_access_token: token,
  })
}

/** Nothing is used up by a certificate. */
function onlyFor(isProven: boolean | undefined): readonly Mark[] {
  if (!isProven) throw unproven()
  return []
}

interface Claimant {
  readonly record: RegistrationRecord
  readonly metadata: Metadata
  readonly certificate: ClientCertificate | undefined
}

/** A statement that is newer than the registration, and the key: in the certificate that the ecosystem compares with it, or in a client assertion. */
async function proofs(
  engine: Engine,
  sent: Metadata,
  statement: SoftwareStatement,
  { record, metadata, certificate }: Claimant,
): Promise<readonly Mark[]> {
  const { ecosystem, issuer, publicUrl } = engine.setup
  const { software_statement: compact, client_assertion: assertion } = sent
  if (statement.softwareId !== record.software_id || statement.issuer !== record.statement_issuer) throw unproven()
  const { iat } = statement.claims
  if (signedPart(compact) === signedPart(record.software_statement) || !isTime(iat) || iat < record.created_at) throw notFresh()
  // Wherever else it may be used often, many have read it.
  const mark = markOf(statement)
  if (comparesCertificates(ecosystem)) {
    if (certificateMisfit(ecosystem, statement.claims, certificate)) throw unproven()
    return [mark]
  }
  if (certificate && isItsOwn(certificate, record, metadata)) return [mark]
  const audience = [issuer, publicUrl, clientUri(publicUrl, record.client_id)]
  return [await keyProof(engine, assertion, metadata, audience), mark]
}

async function bodyOf(req: Request, res: Response): Promise<Metadata> {
  const body = await readBody(req, res, 'json')
  return typeof body === 'string' ? {} : body
}

/** A statement without its signature, of which there may be several. */
const signedPart = (compact: unknown): string | undefined => (isText(compact) ? compact.slice(0, compact.lastIndexOf('.')) : undefined)

const notFresh = () =>
  new RegistrationError('invalid_software_statement', 'software_statement must be a fresh one, made after the client registered')

/** The same whether there is such a client or not. */
const unproven = () =>
  new RegistrationError(
    'access_denied',
    'show the certificate of this client, or a fresh software_statement about its software and a client_assertion of it',
  )
