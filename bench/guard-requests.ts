import { createHash, randomUUID } from 'node:crypto'
import { API, type Party } from './guard-cast.js'
import { proofHeader, signer } from './signer.js'

/** The one route there is. */
export const PATH = '/accounts'

/** A request as it lies on the wire, behind a proxy that ended TLS: the same octets for every server. */
export function requestBytes(headers: Readonly<Record<string, string>>): Buffer {
  const all = { host: new URL(API).host, 'x-forwarded-proto': 'https', accept: 'application/json', ...headers }
  const lines = Object.entries(all).map(([name, value]) => `${name}: ${value}\r\n`)
  return Buffer.from(`GET ${PATH} HTTP/1.1\r\n${lines.join('')}\r\n`, 'latin1')
}

/** Requests of a client with its DPoP-bound token, each with a proof of its own. */
export function dpopRequests({ dpopToken, proofKey }: Party): () => Buffer {
  const proof = proofs({ dpopToken, proofKey })
  return () => requestBytes({ authorization: `DPoP ${dpopToken}`, dpop: proof() })
}

/** The request of a client with its certificate-bound token: it is always the same. */
export const mtlsRequest = ({ mtlsToken }: Party): Buffer => requestBytes({ authorization: `Bearer ${mtlsToken}` })

/** DPoP proofs (RFC 9449 §4.2) of this moment. */
function proofs({ dpopToken, proofKey }: Pick<Party, 'dpopToken' | 'proofKey'>): () => string {
  const signed = signer(proofKey, proofHeader(proofKey))
  const claims = { htm: 'GET', htu: API + PATH, ath: createHash('sha256').update(dpopToken).digest('base64url') }
  return () => signed({ ...claims, jti: randomUUID(), iat: Math.floor(Date.now() / 1000) })
}
