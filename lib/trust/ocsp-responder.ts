import { X509Certificate } from 'node:crypto'
import type { BasicOCSPResponse } from 'pkijs'
import { weakPublicKey } from '../core/key-strength.js'
import { isIssued } from './candidate-paths.js'
import { allowsUsage, EXTENSION, extensionsFlaw, PURPOSE, purposesOf, USAGE } from './extensions.js'
import { type Link, linkOf } from './link.js'
import { engine, weakSignature } from './signatures.js'
import { causeText } from './wording.js'

/** What an answer is held against. */
export interface Question {
  readonly link: Link
  readonly issuer: Link
  readonly nonce: Uint8Array
  /** Epoch seconds. */
  readonly now: number
  /** Whether a certificate that the same authority issued to a responder is known to be revoked. */
  readonly isRevoked: (responder: Link) => Promise<boolean>
}

/** Throws an error unless the authority itself signed, or somebody whom it gave a certificate for that (RFC 6960 §4.2.2.2). */
export async function insistOnResponder(response: BasicOCSPResponse, question: Question): Promise<void> {
  const authority = question.issuer.fields
  const flaws: string[] = []
  for (const responder of [question.issuer, ...delegatesIn(response, question.issuer)]) {
    const isAuthority = responder === question.issuer
    const flaw = isAuthority ? undefined : await delegateFlaw(responder, question)
    // What came with the answer is no longer among it: only what has been looked at here is given to the library.
    response.certs = [responder.fields]
    const trusted = { trustedCerts: [authority], issuerCerts: [authority], trustedResponders: isAuthority ? [authority] : [] }
    try {
      if (flaw === undefined && (await response.verify(trusted, engine))) return
      flaws.push(flaw ?? 'its signature does not hold')
    } catch (cause) {
      flaws.push(causeText(cause))
    }
  }
  throw new Error(`answered, but not as ${question.issuer.name} or in its name: ${flaws.at(-1)}`)
}

/** Certificates that came with an answer and that the authority issued. No others are looked at. */
function delegatesIn({ certs = [] }: BasicOCSPResponse, { x509 }: Link): readonly Link[] {
  return certs
    .map((sent) => new X509Certificate(Buffer.from(sent.toSchema().toBER())))
    .filter((sent) => sent.fingerprint256 !== x509.fingerprint256 && isIssued(sent, x509))
    .map(linkOf)
}

/** pkijs looks at purpose, usage and signature of a delegate; its other marks are looked at here. */
async function delegateFlaw(delegate: Link, { now, isRevoked }: Question): Promise<string | undefined> {
  const { fields, x509, name } = delegate
  const [from, to] = [fields.notBefore.value.getTime() / 1000, fields.notAfter.value.getTime() / 1000]
  if (!(from <= now && now <= to)) return `${name} is not valid now`
  if (!purposesOf(fields)?.includes(PURPOSE.ocspSigning) || !allowsUsage(fields, USAGE.digitalSignature))
    return `${name} is not certified for OCSP`
  const flaw =
    weakPublicKey(x509.publicKey, `the key of ${name}`, 256) ?? weakSignature(fields.signatureAlgorithm) ?? extensionsFlaw(fields)
  if (flaw) return `${name}: ${flaw}`
  // Without this mark the responder's certificate may be revoked like any other (RFC 6960 §4.2.2.2.1).
  const cannotBeRevoked = fields.extensions?.some(({ extnID }) => extnID === EXTENSION.ocspNocheck)
  return !cannotBeRevoked && (await isRevoked(delegate)) ? `${name} was revoked` : undefined
}
