/** The errors of registration and management, and the status each travels under (RFC 7591 §3.2.2, RFC 7592 §2, RFC 6750 §3.1). */
export const REGISTRATION_ERRORS = {
  invalid_redirect_uri: 400,
  invalid_client_metadata: 400,
  invalid_software_statement: 400,
  unapproved_software_statement: 400,
  /** Open Finance Brasil DCR 1.0 §7.1. */
  invalid_webhook_uris: 400,
  invalid_request: 400,
  invalid_token: 401,
  insufficient_scope: 403,
  access_denied: 403,
  /** Ours, for operators: what was to be changed is not what is there (RFC 9110 §15.5.13). */
  stale_revision: 412,
  temporarily_unavailable: 503,
  server_error: 500,
} as const

export type RegistrationErrorCode = keyof typeof REGISTRATION_ERRORS

/** Ends a registration: what its sender is told, and what is recorded of it. */
export class RegistrationError extends Error {
  override readonly name = 'RegistrationError'
  readonly code = 'ERR_FAPI_REGISTRATION'
  readonly error: RegistrationErrorCode
  /** For the operator alone. */
  readonly detail: string | undefined
  /** What should have held, by the name it is recorded under; `undefined` where the error says it. */
  readonly rule: string | undefined

  constructor(error: RegistrationErrorCode, description: string, detail?: string, rule?: string) {
    super(description)
    this.error = error
    this.detail = detail
    this.rule = rule
  }
}
