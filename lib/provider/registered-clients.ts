import type Provider from 'oidc-provider'
import type { Adapter, ClientMetadata } from 'oidc-provider'
import { isText } from '../core/claims.js'
import { ConfigurationError, reasonOf } from '../core/errors.js'
import { isSuspended } from '../readers/client-metadata.js'
import type { Metadata } from '../registration/metadata.js'
import type { RegisteredClients } from '../registration/registered-clients.js'
import { RegistrationError } from '../registration/registration-error.js'
import { GRANT_MODELS } from '../stores/grant-models.js'
import type { RecordStore } from '../stores/store.js'

export interface RegisteredClientsOptions {
  /** The adapter that the provider has for its clients, such as `storage(store)('Client')`. */
  readonly adapter: Adapter
  /**
   * The store behind `storage(store)`: clients can then be listed, and the grants of one, with what was issued under them, go with it.
   * Without it they are of no use any more, and stay until they expire.
   */
  readonly store?: Pick<RecordStore, 'list' | 'revokeGrant' | 'destroy'>
}

/**
 * The clients of a node-oidc-provider, for `registration`: kept by the provider's own adapter, after its own checks. Its
 * `features.registration` stays off; name the endpoint in `discovery`. Clients of the configuration are none of these. Throws a
 * `ConfigurationError`.
 */
export function registeredClients(provider: Provider, { adapter, store }: RegisteredClientsOptions): RegisteredClients {
  if (typeof adapter?.upsert !== 'function')
    throw new ConfigurationError([
      { option: 'adapter', got: typeof adapter, allowed: "must be the provider's adapter for clients, such as storage(store)('Client')" },
    ])
  /** What was kept, and the defaults for the rest. What the provider adds by itself (`implicit`, for `code id_token`) is not the client's. */
  async function inForce(clientId: string, kept: Metadata): Promise<Metadata> {
    const client = await provider.Client.find(clientId)
    return withoutAbsent({ ...client?.metadata(), ...kept })
  }

  return Object.freeze<RegisteredClients>({
    async find(clientId) {
      const kept = await adapter.find(clientId)
      if (!kept || isSuspended(kept)) return kept || undefined
      // With the provider's own defaults; one that it would not load any more can still be read and mended.
      return inForce(clientId, kept).catch(() => kept)
    },
    async check(metadata) {
      // The provider writes into the keys.
      await provider.Client.validate(structuredClone(metadata) as unknown as ClientMetadata).catch((error: unknown) => {
        throw refusalOf(error)
      })
      return metadata
    },
    async save(clientId, metadata) {
      await adapter.upsert(clientId, { ...metadata }, undefined as unknown as number)
      if (isSuspended(metadata)) return metadata
      return inForce(clientId, metadata)
    },
    async remove(clientId) {
      // The client last: who is cut short in between tries again.
      if (store) await endGrants(store, clientId)
      await adapter.destroy(clientId)
    },
    ...(store && { list: (paging) => store.list('Client', paging) }),
  })
}

async function endGrants(store: NonNullable<RegisteredClientsOptions['store']>, clientId: string): Promise<void> {
  let cursor: string | undefined
  do {
    const page = await store.list('Grant', { search: clientId, limit: 1000, cursor })
    for (const { clientId: owner, jti } of page.items) {
      if (owner !== clientId || !isText(jti)) continue
      await store.revokeGrant(jti, GRANT_MODELS)
      await store.destroy('Grant', jti)
    }
    cursor = page.cursor
  } while (cursor !== undefined)
}

const withoutAbsent = (metadata: object): Metadata =>
  Object.fromEntries(Object.entries(metadata).filter(([, value]) => value !== undefined && value !== null))

/** What the provider says against metadata, to the client where it is about them. */
function refusalOf(error: unknown): unknown {
  const { error: code, error_description: description } = {
    ...(error as { readonly error?: unknown; readonly error_description?: unknown }),
  }
  if (!isText(description)) return error
  const known =
    code === 'invalid_redirect_uri' || description.startsWith('redirect_uris') ? 'invalid_redirect_uri' : 'invalid_client_metadata'
  return new RegistrationError(known, description, reasonOf(error))
}
