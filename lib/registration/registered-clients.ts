import type { Page, Paging } from '../stores/store.js'
import type { Metadata } from './metadata.js'

/** Where the clients that register are kept: the authorization server's own place for them. */
export interface RegisteredClients {
  /** The metadata of a client that registered; `undefined` for one that did not, or is there no more. */
  find(clientId: string): Metadata | undefined | Promise<Metadata | undefined>
  /** Metadata, with `client_id`, as the server would have them, and nothing kept yet. Throws a `RegistrationError` for what it cannot take. */
  check?(metadata: Metadata): Metadata | Promise<Metadata>
  /** Keeps metadata whole, of a new client or of one that is there. Resolves to what is in force, where that is more. */
  save(clientId: string, metadata: Metadata): Metadata | undefined | Promise<Metadata | undefined>
  /** Ends a client, and with it whatever was issued to it. */
  remove(clientId: string): void | Promise<void>
  /** Clients by their ids, for people who look for one. Without it nobody can be shown what there is. */
  list?(paging?: Paging): Promise<Page<Metadata>>
}
