import type { Request, Response } from 'express'
import { isText, isTime } from '../core/claims.js'
import type { ClientCertificate } from '../core/facts.js'
import { thumbprint } from '../readers/certificate.js'
import { subjectMismatch } from '../readers/certificate-subject.js'
import { answerJson } from './answer.js'
import { certificateMisfit, comparesCertificates } from './certificate-attribute.js'
import type { Engine } from './engine.js'
import { type Mark, markOf, spend, verifyWith } from './incoming.js'
import { keyProof } from './key-proof.js'
import { suspended } from './managed-client.js'
import type { Metadata } from './metadata.js'
import { clientUri } from './registered-answer.js'
import { newToken } from './registration-access-tokens.js'
import { RegistrationError } from './registration-error.js'
import { beingChanged, type RegistrationRecord } from './registration-record.js'
import { readBody, readCertificate } from './request.js'

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
  const [record, metadata] = [await records.find(clientId), await setup.clients.find(clientId)]
  if (!record || !metadata) throw unproven()
  const marks =
    sent.software_statement === undefined
      ? onlyFor(certificate && isItsOwn(certificate, record, metadata))
      : await proofs(engine, sent, { record, metadata, certificate })

  if (record.suspended) throw suspended(record.suspended)
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
async function proofs(engine: Engine, sent: Metadata, { record, metadata, certificate }: Claimant): Promise<readonly Mark[]> {
  const { ecosystem, issuer, publicUrl } = engine.setup
  const { software_statement: compact, client_assertion: assertion } = sent
  const statement = await verifyWith(engine, await engine.settings.read(), compact, Date.now() / 1000)
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

/** The very certificate that the client registered with, or one that it authenticates with at the token endpoint. */
function isItsOwn(certificate: ClientCertificate, record: RegistrationRecord, metadata: Metadata): boolean {
  if (isText(record.certificate) && thumbprint(certificate.x509) === record.certificate) return true
  return (
    metadata.token_endpoint_auth_method === 'tls_client_auth' &&
    certificate.verified !== false &&
    subjectMismatch(certificate, metadata) === undefined
  )
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
