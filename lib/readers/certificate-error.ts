/** What is wrong with the certificate of a request, for its sender to read. */
export class CertificateError extends Error {
  override readonly name = 'CertificateError'
  readonly code = 'ERR_FAPI_CERTIFICATE'
  /** `malformed`: the request cannot be read, whoever sent it. `unusable`: a certificate was read and must not be used. */
  readonly kind: 'malformed' | 'unusable'

  constructor(kind: 'malformed' | 'unusable', message: string, options?: ErrorOptions) {
    super(message, options)
    this.kind = kind
  }
}
