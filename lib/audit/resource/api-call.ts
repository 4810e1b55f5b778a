import { createHash, randomUUID, X509Certificate } from 'node:crypto'
import { judge, type Violation } from '../../core/judge.js'
import { type Answer, type CertificateWithKey, NoAnswerError } from '../exchange.js'
import { legalProof } from '../legal.js'
import type { Scene } from '../scene.js'
import { wantedNonce } from '../sending.js'
import { type Draft, signed } from '../signing.js'
import type { HeldToken } from './access-token.js'

/** A request to an API, as it is meant: its proof is signed when it is sent. */
export interface ApiCall {
  readonly url: URL
  readonly authorization: string | undefined
  readonly proof: Draft | undefined
  readonly headers: Readonly<Record<string, string>>
  readonly certificate: CertificateWithKey | undefined
}

/** What an API made of a request. */
export interface ApiOutcome {
  /** Of the token, whatever its scope is good for; `unclear` is what is neither accepted nor refused. */
  readonly kind: 'accepted' | 'refused' | 'unclear'
  readonly status: number
  readonly line: string
  readonly answer: Answer | undefined
}

export const INTERACTION_ID = 'x-fapi-interaction-id'

/** A request that nobody has anything against. */
export const legalCall = (scene: Scene, url: URL, { value, scheme }: HeldToken): ApiCall => ({
  url,
  authorization: `${scheme} ${value}`,
  proof: scheme === 'DPoP' ? legalProof(scene, 'GET', url, { ath: createHash('sha256').update(value).digest('base64url') }) : undefined,
  headers: { [INTERACTION_ID]: randomUUID() },
  certificate: scene.party?.certificate,
})

/** What the rules of the profile find wrong with a request to an API. */
export function violationsOfCall({ profile, issuer, party }: Scene, call: ApiCall, { scheme, cnf }: HeldToken): readonly Violation[] {
  const { url, proof, certificate, headers } = call
  return judge(profile, 'resource', {
    now: Date.now() / 1000,
    wire: {
      ...{ method: 'GET', url, headers },
      certificate: certificate && { x509: new X509Certificate(certificate.certificate), chain: [], verified: 'tls' },
    },
    client: party?.client,
    recipient: { issuer, endpoints: [url.origin + url.pathname] },
    token: { scheme: scheme === 'DPoP' ? 'dpop' : 'bearer', claims: { cnf } },
    proof,
  })
}

/** Asks an API; an API that wants a nonce gets it (RFC 9449 §9). Rejects where a key cannot sign what it should. */
export const ask = async (scene: Scene, call: ApiCall): Promise<ApiOutcome> => (await askWithNonce(scene, call)).outcome

/** The same, and the request as it was sent in the end. */
export async function askWithNonce(scene: Scene, call: ApiCall): Promise<{ readonly call: ApiCall; readonly outcome: ApiOutcome }> {
  const first = await askOnce(scene, call)
  const nonce = call.proof && first.answer && wantedNonce(first.answer)
  if (nonce === undefined) return { call, outcome: first }
  const again = withNonce(call, nonce)
  return { call: again, outcome: await askOnce(scene, again) }
}

/** The request with a nonce of the API in its proof. */
export const withNonce = (call: ApiCall, nonce: string): ApiCall => ({
  ...call,
  proof: call.proof && { ...call.proof, claims: { ...call.proof.claims, nonce } },
})

/** Asks once, whatever the answer is. */
export async function askOnce({ send, party }: Scene, { url, authorization, proof, headers, certificate }: ApiCall): Promise<ApiOutcome> {
  try {
    const sent = { ...headers, ...(authorization !== undefined && { authorization }), ...(proof && { dpop: signed(proof) }) }
    return outcomeOf(await send({ method: 'GET', url, headers: sent, certificate }))
  } catch (cause) {
    if (!(cause instanceof NoAnswerError)) throw cause
    // So TLS refuses a certificate.
    const isRefusal = certificate !== party?.certificate && cause.isAborted
    return { kind: isRefusal ? 'refused' : 'unclear', status: 0, line: cause.line, answer: undefined }
  }
}

/** RFC 6750 §3.1; 414 is how some refuse a token in the query, 495 and 496 how some refuse a certificate. */
const REFUSALS = [400, 401, 403, 414, 495, 496]

function outcomeOf(answer: Answer): ApiOutcome {
  const { status, line, headers, json } = answer
  // Whoever hears that the scope is too small has a token that counts.
  const isTooSmall = status === 403 && `${headers['www-authenticate']} ${json?.error}`.includes('insufficient_scope')
  const isAccepted = (status >= 200 && status < 300) || isTooSmall
  return { status, line, answer, kind: isAccepted ? 'accepted' : REFUSALS.includes(status) ? 'refused' : 'unclear' }
}
