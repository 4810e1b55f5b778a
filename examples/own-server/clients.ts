/** A client as it was registered (RFC 7591 metadata). */
export interface Client {
  readonly client_id: string
  readonly client_name?: string | undefined
  readonly client_secret?: string | undefined
  readonly redirect_uris?: readonly string[] | undefined
  readonly grant_types?: readonly string[] | undefined
  readonly id_token_signed_response_alg?: string | undefined
  readonly [metadata: string]: unknown
}

export type FindClient = (clientId: string) => Client | undefined

/** The registered clients, by their id. */
export function clientDirectory(clients: readonly Client[]): FindClient {
  const byId = new Map(clients.map((client) => [client.client_id, client]))
  return (clientId) => byId.get(clientId)
}
