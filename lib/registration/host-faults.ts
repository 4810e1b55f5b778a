import { isText, urlOf } from '../core/claims.js'
import { kindOfAddress } from '../readers/private-addresses.js'
import type { Ecosystem } from './ecosystem.js'
import type { Metadata, MetadataFault } from './metadata.js'
import { faultsOfEach, invalid, invalidRedirect, shown } from './metadata-fault.js'
import { textIn, textsIn } from './metadata-kinds.js'

/** Names of the user's own machine (RFC 6761 §6.3), and addresses that are nobody else's. */
const isLocal = (host: string) =>
  /^(?:localhost|.+\.localhost)$/i.test(host) || ['private', 'metadata'].includes(kindOfAddress(host.replace(/^\[|\]$/g, '')) ?? '')

/**
 * What is wrong with the hosts in metadata. `set` names what the client did not say itself: a statement and the operator may speak of
 * pages anywhere.
 */
export function hostFaults(
  { statement, sameHost }: Ecosystem,
  metadata: Metadata,
  set: Readonly<Record<string, unknown>>,
): MetadataFault[] {
  const uris = textsIn(metadata, 'redirect_uris') ?? []
  // Software that a directory vouches for runs where its users are, not on the machine of who makes it (UK OBIE DCR 3.3, redirect_uris; of others our choice).
  const isListed = statement.required && textIn(metadata, 'application_type') !== 'native'
  const local = isListed ? faultsOfEach('redirect_uris', uris, localFault) : []
  return [...local.map(invalidRedirect), ...foreignPages(sameHost, metadata, set, uris).map(invalid)]
}

const hostOf = (uri: string) => urlOf(uri)?.hostname ?? ''

const localFault = (uri: string) =>
  isLocal(hostOf(uri).replace(/\.$/, '')) ? `${shown(uri)} in redirect_uris must be of another host than the user's own machine` : undefined

/** RFC 7591 §5: the name and the logo of a client must not be those of somebody else. A client that nobody is sent back to by https has no host. */
function foreignPages(
  fields: readonly string[],
  metadata: Metadata,
  set: Readonly<Record<string, unknown>>,
  redirectUris: readonly string[],
): string[] {
  const hosts = new Set(redirectUris.filter((uri) => /^https:/i.test(uri)).map(hostOf))
  if (hosts.size === 0) return []
  return Object.entries(metadata).flatMap(([name, uri]) => {
    if (!fields.includes(name.split('#', 1)[0] ?? name) || !isText(uri) || Object.hasOwn(set, name) || hosts.has(hostOf(uri))) return []
    return [`${shown(name)} must be of the host of a redirect URI (${shown([...hosts].join(', '))}): a statement alone may name others`]
  })
}
