import { BaseBlock, Constructed, Enumerated, fromBER, GeneralizedTime, OctetString } from 'asn1js'
import { BasicOCSPResponse, CertID, type Extension, id_PKIX_OCSP_Basic, OCSPResponse, type SingleResponse } from 'pkijs'
import { EXTENSION } from './extensions.js'
import { type Finding, GOOD, reasonText, revoked, SKEW, unknown } from './finding.js'
import type { Link } from './link.js'
import { insistOnResponder, type Question } from './ocsp-responder.js'
import { engine } from './signatures.js'
import { timeText } from './wording.js'

/** What was answered, and until when it holds, in epoch seconds. */
export interface Answer {
  readonly finding: Finding
  readonly until: number
}

/**
 * Seconds. An answer that does not repeat the nonce may be an old one: it must say until when it holds and be no older than the
 * Baseline Requirements of the CA/Browser Forum let one become (§4.9.10: four days). One that does not say until when it holds is
 * for now: for a minute, our choice, and of that age with the nonce.
 */
const OLDEST = 4 * 24 * 3600
const FOR_NOW = 60

/** Reads an OCSP response (RFC 6960 §4.2) and judges it (§3.2). Throws an error that says why it is none, or none to go by. */
export async function judgeOcsp(octets: Uint8Array<ArrayBuffer>, question: Question): Promise<Answer> {
  const { responseStatus, responseBytes } = parsed(() => OCSPResponse.fromBER(octets))
  const status = responseStatus.valueBlock.valueDec
  if (status !== 0) throw new Error(`refused to answer (${STATUSES[status] ?? `status ${status}`})`)
  if (responseBytes?.responseType !== id_PKIX_OCSP_Basic) throw new Error('answered with a response of another type')
  const response = parsed(() => BasicOCSPResponse.fromBER(new Uint8Array(responseBytes.response.valueBlock.valueHexView)))
  const { responses, responseExtensions } = response.tbsResponseData
  insistOnKnown(responseExtensions)
  const isNew = isNonceRepeated(responseExtensions, question.nonce)
  await insistOnResponder(response, question)

  const matching: SingleResponse[] = []
  for (const single of responses) if (await isAbout(single, question)) matching.push(single)
  if (matching.length === 0) throw new Error('answered for another certificate')
  const answers = matching.map((single) => judged(single, isNew, question))
  const worst = (status: Finding['status']) => answers.find(({ finding }) => finding.status === status)
  return worst('revoked') ?? worst('unknown') ?? (worst('good') as Answer)
}

const STATUSES = ['successful', 'malformedRequest', 'internalError', 'tryLater', 'status 4', 'sigRequired', 'unauthorized']

function parsed<T>(read: () => T): T {
  try {
    return read()
  } catch {
    throw new Error('answered with something that is no OCSP response')
  }
}

/** RFC 6960 §4.4: no extension is critical that all have to know, the nonce excepted. */
function insistOnKnown(extensions: readonly Extension[] = []): void {
  const unheeded = extensions.find(({ critical, extnID }) => critical && extnID !== EXTENSION.ocspNonce)
  if (unheeded) throw new Error(`answered with the critical extension ${unheeded.extnID}, which is not known here`)
}

/** Throws an error for another nonce: that was the answer to another question. */
function isNonceRepeated(extensions: readonly Extension[] = [], nonce: Uint8Array): boolean {
  const found = extensions.filter(({ extnID }) => extnID === EXTENSION.ocspNonce)
  if (found.length === 0) return false
  const repeats = ({ extnValue }: Extension) => {
    const { result }: { readonly result: unknown } = fromBER(extnValue.valueBlock.valueHexView)
    return result instanceof OctetString && Buffer.from(result.valueBlock.valueHexView).equals(nonce)
  }
  if (!found.every(repeats)) throw new Error('answered with the nonce of another request')
  return true
}

/** The responder chooses the hash function of the identifier; it is made anew with that. One that is not known says nothing. */
async function isAbout({ certID }: SingleResponse, { link, issuer }: Question): Promise<boolean> {
  const hash: { readonly name?: string } = engine.getAlgorithmByOID(certID.hashAlgorithm.algorithmId)
  if (hash.name === undefined) return false
  return certID.isEqual(await CertID.create(link.fields, { hashAlgorithm: hash.name, issuerCertificate: issuer.fields }, engine))
}

function judged({ thisUpdate, nextUpdate, certStatus, singleExtensions }: SingleResponse, isNew: boolean, { link, now }: Question): Answer {
  insistOnKnown(singleExtensions)
  const [from, to] = [thisUpdate.getTime() / 1000, nextUpdate ? nextUpdate.getTime() / 1000 : undefined]
  if (!(from <= now + SKEW)) throw new Error(`answered with a status of ${timeText(from)}, which is to come`)
  const end = to ?? from + (isNew ? OLDEST : FOR_NOW + SKEW)
  if (!(now <= end)) throw new Error(`answered with an old status, of ${timeText(from)}`)
  if (!isNew && !(now - from <= OLDEST)) throw new Error(`answered without the nonce and with a status of ${timeText(from)}`)
  return { finding: findingOf(certStatus, link), until: to ?? now + FOR_NOW }
}

/** CertStatus: [0] good, [1] revoked with a date and perhaps a reason, [2] unknown. */
function findingOf(status: unknown, { name }: Link): Finding {
  const tag = status instanceof BaseBlock && status.idBlock.tagClass === CONTEXT ? status.idBlock.tagNumber : undefined
  if (tag === 0) return GOOD
  if (tag !== 1) return unknown(`the OCSP responder does not know ${name}`)
  const [date, coded] = status instanceof Constructed ? status.valueBlock.value : []
  const [code] = coded instanceof Constructed ? coded.valueBlock.value : []
  const on = date instanceof GeneralizedTime ? timeText(date.toDate().getTime() / 1000) : 'an unknown date'
  const reason = reasonText(code instanceof Enumerated ? code.valueBlock.valueDec : undefined)
  return revoked(`${name} was revoked on ${on} (${reason}), says its OCSP responder`)
}

/** The tag class of what a specification numbers itself (ITU-T X.690 §8.1.2.2). */
const CONTEXT = 3
