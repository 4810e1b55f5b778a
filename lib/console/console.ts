import type { Jwk } from '../core/facts.js'
import type { Metadata } from '../registration/metadata.js'
import type { Registration } from '../registration/registration.js'
import type { Store } from '../stores/store.js'
import type { AuditTrail } from './audit-trail.js'

/** A certificate of the server, for its date of expiry. */
export interface NamedCertificate {
  /** What it is for, in a few words. */
  readonly name: string
  readonly pem: string
}

/** What the operations of a console work with. */
export interface Console {
  readonly registration: Registration
  readonly store: Pick<Store, 'find' | 'upsert' | 'list' | 'destroy' | 'revokeGrant' | 'search' | 'tally' | 'once'>
  readonly audit: AuditTrail
  /** The keys that the server publishes. */
  readonly jwks: (() => { readonly keys: readonly Jwk[] } | Promise<{ readonly keys: readonly Jwk[] }>) | undefined
  readonly certificates: (() => readonly NamedCertificate[] | Promise<readonly NamedCertificate[]>) | undefined
  /** What the server says of itself (RFC 8414): what it does not offer is not offered to applications either. */
  readonly serverMetadata: (() => Metadata | Promise<Metadata>) | undefined
  /** Clients that are not in the store: they stand in the server's configuration, and are only shown. */
  readonly configuredClients: readonly Metadata[]
}
