/** Keys or a certificate that somebody gave cannot be taken. The message is for who gave them, and repeats none of it. */
export class GivenError extends Error {
  override readonly name = 'GivenError'
  readonly code = 'ERR_FAPI_GIVEN'
  /** `secret`: a private or symmetric key was given, and whoever it belongs to must make another. `unreadable`: all else. */
  readonly kind: 'unreadable' | 'secret'

  constructor(kind: 'unreadable' | 'secret', message: string, options?: ErrorOptions) {
    super(message, options)
    this.kind = kind
  }
}
