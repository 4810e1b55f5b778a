/** There is no key to verify a token with. */
export class KeySetError extends Error {
  override readonly name = 'KeySetError'
  readonly code = 'ERR_FAPI_KEY_SET'
  /**
   * Whose fault it is. `token`: no key of the issuer fits, and the message is for the token's sender. `issuer`: its keys cannot be
   * had, so nobody can tell what the token is worth (503 rather than 401), and the message is for the operator.
   */
  readonly kind: 'token' | 'issuer'
  /** For the operator alone: what was asked for, and what there is. */
  readonly detail: string | undefined

  constructor(kind: 'token' | 'issuer', message: string, { detail, ...options }: ErrorOptions & { readonly detail?: string } = {}) {
    super(message, options)
    this.kind = kind
    this.detail = detail
  }
}
