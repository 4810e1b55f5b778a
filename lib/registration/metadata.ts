/** Client metadata under the names of RFC 7591 §2, unread. */
export type Metadata = Readonly<Record<string, unknown>>

/** One thing wrong with metadata; every field concerned is named in the description. */
export interface MetadataFault {
  readonly error: 'invalid_redirect_uri' | 'invalid_client_metadata' | 'invalid_webhook_uris' | 'invalid_software_statement'
  readonly description: string
}

/** What the server alone says of a client (RFC 7591 §3.2.1, RFC 7592 §3), or what proves who it is. */
export const SAID_BY_SERVER: readonly string[] = [
  ...['client_id', 'client_secret', 'client_id_issued_at', 'client_secret_expires_at', 'client_status'],
  ...['registration_access_token', 'registration_client_uri', 'software_statement', 'metadata_set_by_server'],
]
