/** A request that cannot be served. The message is for whoever sent it. */
export class RequestError extends Error {
  override readonly name = 'RequestError'
  constructor(
    readonly status: number,
    /** The error as OAuth names it. */
    readonly code: string,
    message: string,
  ) {
    super(message)
  }
}
