import { keyFaults } from './key-faults.js'
import { keyNeedFaults } from './key-needs.js'
import type { Metadata, MetadataFault } from './metadata.js'
import { givenIn, invalid } from './metadata-fault.js'
import { fitFaults } from './metadata-fit.js'
import { grantFaults } from './metadata-grants.js'
import { keysIn, kindFaults } from './metadata-kinds.js'
import { uriFaults } from './uri-faults.js'

/**
 * What is wrong with metadata whatever the client's profile: all that RFC 7591, OpenID Connect Registration, RFC 8705 and their relatives demand.
 * Fields that nobody knows are left alone (RFC 7591 §2), and `null` and an empty string count as absent.
 */
export function metadataFaults(metadata: Metadata): MetadataFault[] {
  const given = givenIn(metadata)
  return [
    ...kindFaults(given),
    ...uriFaults(given),
    ...grantFaults(given),
    ...keyNeedFaults(given),
    ...keyFaults('jwks', keysIn(given) ?? []),
    ...fitFaults(given),
  ]
}

/** RFC 7592 §2.2: what the server gives, and an update must not send back. */
const GIVEN_BY_SERVER = ['registration_access_token', 'registration_client_uri', 'client_secret_expires_at', 'client_id_issued_at']

/** What must not be in an update at all, whatever its value. */
export const forbiddenInUpdate = (metadata: Metadata): MetadataFault[] =>
  GIVEN_BY_SERVER.filter((name) => Object.hasOwn(metadata, name)).map((name) =>
    invalid(`${name} must not be in an update: the server alone sets it`),
  )
