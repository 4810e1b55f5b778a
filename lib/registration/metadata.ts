/** Client metadata under the names of RFC 7591 §2, unread. */
export type Metadata = Readonly<Record<string, unknown>>

/** One thing wrong with metadata; every field concerned is named in the description. */
export interface MetadataFault {
  readonly error: 'invalid_redirect_uri' | 'invalid_client_metadata' | 'invalid_webhook_uris' | 'invalid_software_statement'
  readonly description: string
}
