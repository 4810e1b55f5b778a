import { type CertificateClient, certificateClient } from './certificate-client.js'
import { dpopClient } from './dpop-client.js'
import { type Forgery, type Legal, legalRequest, type TestRequest, tokenFor } from './forgery.js'

type CertificateForgery = Forgery<CertificateClient>

const sending = (does: string, change: (legal: Legal<CertificateClient>, token: string) => Partial<TestRequest>): CertificateForgery => ({
  does,
  status: 401,
  error: 'invalid_token',
  forge(legal) {
    const token = tokenFor(legal)
    return [{ ...legalRequest(legal, token), ...change(legal, token) }]
  },
})

/** Access tokens that come without their certificate (RFC 8705 §3); of clients with one. */
export const forgedCertificates = Object.freeze({
  withoutCertificate: sending('Sends a stolen access token without a certificate.', () => ({ tls: undefined })),
  otherCertificate: sending('Sends a stolen access token with the certificate of the thief.', ({ client: { clientId } }) => ({
    tls: certificateClient({ clientId }).tls,
  })),
  expiredCertificate: {
    does: 'Sends an access token with the certificate that it is bound to, which has expired.',
    status: 401,
    error: 'invalid_token',
    forge: (legal) => [legalRequest({ ...legal, client: certificateClient({ clientId: legal.client.clientId, ...PAST }) })],
  },
  proofInsteadOfCertificate: sending('Sends a stolen access token under DPoP, with a proof by the key of the thief.', (legal, token) => ({
    headers: dpopClient().headers({ method: legal.method ?? 'GET', url: legal.url, token }),
    tls: undefined,
  })),
} satisfies Record<string, CertificateForgery>)

const PAST = { notBefore: new Date(0), notAfter: new Date(86_400_000) }
