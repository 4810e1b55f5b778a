import type { Stage } from './facts.js'

/**
 * The OAuth errors a rule may be answered with, and the status each one travels under. When a
 * request breaks several rules the answer is the error that comes first here, so that a client
 * nobody has authenticated learns that and nothing more.
 */
export const OAUTH_ERRORS = {
  server_error: 500,
  temporarily_unavailable: 503,
  invalid_client: 401,
  unauthorized_client: 400,
  invalid_token: 401,
  invalid_dpop_proof: 400,
  invalid_request_object: 400,
  invalid_redirect_uri: 400,
  invalid_request: 400,
  unsupported_response_type: 400,
  unsupported_grant_type: 400,
  invalid_client_metadata: 400,
  invalid_grant: 400,
  invalid_scope: 400,
} as const

export type OAuthError = keyof typeof OAUTH_ERRORS

/** What a violation is answered with when its rule does not say. */
export const STAGE_ERRORS: Readonly<Record<Stage, OAuthError>> = {
  configuration: 'invalid_request',
  registration: 'invalid_client_metadata',
  key: 'invalid_client_metadata',
  authentication: 'invalid_client',
  par: 'invalid_request',
  authorization: 'invalid_request',
  token: 'invalid_request',
  issuance: 'invalid_grant',
  resource: 'invalid_token',
  discovery: 'invalid_request',
  tls: 'invalid_request',
}

/** One thing wrong with a configuration, taken apart. */
export interface ConfigurationFault {
  /** The option, by the name the user gave it. */
  readonly option: string
  /** What was found there. */
  readonly got: unknown
  /** What would be right. */
  readonly allowed: string
  readonly profile?: string | undefined
  readonly clause?: string | undefined
}

/** The server is set up in a way its own profile forbids, or an option makes no sense. Thrown at boot, never sent to a client. */
export class ConfigurationError extends Error {
  override readonly name = 'ConfigurationError'
  readonly code = 'ERR_FAPI_CONFIGURATION'
  /** Everything that is wrong, not only the first thing. */
  readonly faults: readonly ConfigurationFault[]

  constructor(faults: readonly ConfigurationFault[]) {
    super(faults.map(faultLine).join('\n'))
    this.faults = faults
  }
}

function faultLine({ option, got, allowed, profile, clause }: ConfigurationFault): string {
  const where = clause ? ` (${[profile, clause].filter(Boolean).join(' ')})` : ''
  return `${option} is ${shown(got)}, ${allowed}${where}`
}

function shown(value: unknown): string {
  if (typeof value === 'function') return 'a function'
  try {
    return JSON.stringify(value) ?? String(value)
  } catch {
    return Array.isArray(value) ? 'a list' : typeof value
  }
}

/** What a thrown value says went wrong, for the operator. */
export const reasonOf = (cause: unknown): string => messageOf(cause) ?? 'no reason given'

/** The message of an error; `undefined` for what is none, or has none that can be read. */
export function messageOf(cause: unknown): string | undefined {
  try {
    const { message }: { readonly message?: unknown } = cause instanceof Error ? cause : {}
    return typeof message === 'string' ? message : undefined
  } catch {
    return undefined
  }
}

/** Keeps only what RFC 6749 §5.2 allows in `error_description`: %x20-21 / %x23-5B / %x5D-7E. */
export const describable = (text: string): string =>
  text
    .replaceAll('"', "'")
    .replaceAll('\\', '/')
    .replaceAll(/[^\x20-\x7e]/g, '?')
