import type { Metadata } from './metadata.js'
import type { RegistrationRecord } from './registration-record.js'

/**
 * What a client is told of its registration (RFC 7591 §3.2.1, RFC 7592 §3): all its metadata, the statement unmodified, and, as
 * `metadata_set_by_server`, what the server set and by what.
 */
export function registeredAnswer(publicUrl: string, metadata: Metadata, record: RegistrationRecord, token: string | undefined): object {
  const { client_id, created_at, software_statement } = record
  // A server may know less of a client than its statement says.
  const set = Object.entries(record.set).filter(([name]) => Object.hasOwn(metadata, name))
  return {
    ...metadata,
    client_id,
    client_id_issued_at: created_at,
    ...(software_statement !== undefined && { software_statement }),
    registration_client_uri: clientUri(publicUrl, client_id),
    ...(token !== undefined && { registration_access_token: token }),
    metadata_set_by_server: Object.fromEntries(set),
  }
}

export const clientUri = (publicUrl: string, clientId: string): string => `${publicUrl}/${encodeURIComponent(clientId)}`
