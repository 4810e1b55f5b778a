import { X509Certificate } from 'node:crypto'
import { thumbprint } from '../readers/certificate.js'
import type { RequestWithToken, TestClient, TlsIdentity } from './client.js'
import { type SelfSignedOptions, selfSigned } from './self-signed.js'

/** A client whose access tokens are bound to its certificate (RFC 8705 §3). */
export interface CertificateClient extends TestClient {
  readonly tls: TlsIdentity
  /** The certificate, for what a proxy would put into a header. */
  readonly x509: X509Certificate
}

export interface CertificateClientOptions extends Omit<SelfSignedOptions, 'name' | 'usage'> {
  /** Also the name in its certificate. */
  readonly clientId?: string
}

/** Makes a client that has a certificate of its own, which signs itself. For tests. */
export function certificateClient({ clientId = 'certificate-client', ...validity }: CertificateClientOptions = {}): CertificateClient {
  const tls = selfSigned({ name: clientId, ...validity })
  const x509 = new X509Certificate(tls.cert)
  return Object.freeze({
    clientId,
    cnf: Object.freeze({ 'x5t#S256': thumbprint(x509) }),
    tls,
    x509,
    headers: ({ token }: RequestWithToken) => ({ authorization: `Bearer ${token}` }),
  })
}
