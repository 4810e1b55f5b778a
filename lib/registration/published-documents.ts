import { isHttpsUrl, isText } from '../core/claims.js'
import { reasonOf } from '../core/errors.js'
import type { Jwk } from '../core/facts.js'
import { isKeySet } from '../readers/client-metadata.js'
import { OutboundError, outbound } from '../readers/outbound.js'
import type { OutboundOptions } from '../readers/outbound-options.js'
import { keyFaults } from './key-faults.js'
import { unmetNeeds } from './key-needs.js'
import type { Metadata, MetadataFault } from './metadata.js'
import { invalid, isGiven, shown } from './metadata-fault.js'
import { textsIn } from './metadata-kinds.js'

/** A fault of what a client publishes. */
export interface PublishedFault extends MetadataFault {
  /** Why it could not be read, for the operator alone: it may name addresses. */
  readonly detail?: string | undefined
}

export interface PublishedDocuments {
  /** The keys at a `jwks_uri`, held to what keys by value are held to, and to what the metadata need them for. */
  keysOf(uri: string, metadata?: Metadata): Promise<{ readonly faults: readonly PublishedFault[] } | { readonly keys: readonly Jwk[] }>
  /** What is wrong with the document at the `sector_identifier_uri` (OpenID Connect Registration §5), where there is one. */
  sectorFault(metadata: Metadata): Promise<PublishedFault | undefined>
}

export interface PublishedDocumentsOptions {
  readonly outbound: OutboundOptions
}

/** Reads what clients publish, when they register. Throws a `ConfigurationError`; what it returns rejects with nothing. */
export function publishedDocuments({ outbound: options }: PublishedDocumentsOptions): PublishedDocuments {
  const fetchText = outbound(options)

  return Object.freeze<PublishedDocuments>({
    async keysOf(uri, metadata = {}) {
      const read = await documentAt('jwks_uri', uri)
      if ('faults' in read) return read
      if (!isKeySet(read.json)) return { faults: [invalid('the document at jwks_uri must be a JWK Set: an object with a list of keys')] }
      const { keys } = read.json
      const faults = [...keyFaults('the document at jwks_uri', keys), ...unmetNeeds('the document at jwks_uri', metadata, keys)]
      return faults.length > 0 ? { faults } : { keys }
    },

    async sectorFault(metadata) {
      const { sector_identifier_uri: uri } = metadata
      if (!isGiven(uri)) return undefined
      const read = await documentAt('sector_identifier_uri', uri)
      if ('faults' in read) return read.faults[0]
      const { json } = read
      if (!Array.isArray(json) || !json.every(isText)) return invalid('the document at sector_identifier_uri must be a list of strings')
      const listed = new Set<string>(json)
      const missing = textsIn(metadata, 'redirect_uris')?.find((one) => !listed.has(one))
      return missing === undefined
        ? undefined
        : invalid(`the document at sector_identifier_uri must list every one of redirect_uris, ${shown(missing)} is not in it`)
    },
  })

  async function documentAt(
    field: string,
    uri: unknown,
  ): Promise<{ readonly faults: readonly PublishedFault[] } | { readonly json: unknown }> {
    if (!isHttpsUrl(uri)) return { faults: [invalid(`${field} must be an https URL`)] }
    try {
      const { text } = await fetchText(new URL(uri))
      const json = parsed(text)
      return json === undefined ? { faults: [invalid(`the document at ${field} must be JSON`)] } : { json }
    } catch (cause) {
      return { faults: [{ ...invalid(`${field} could not be read: ${publicReason(cause)}`), detail: reasonOf(cause) }] }
    }
  }
}

/**
 * Why nothing could be read, as a client may know it. Only of what answered over verified TLS is it told how: everything else sounds alike, so
 * that nobody learns from us which addresses and ports there are in our network.
 */
function publicReason(error: unknown): string {
  const cause = error instanceof Error ? error.cause : undefined
  return cause instanceof OutboundError && cause.message.startsWith('answered ')
    ? `it ${cause.message}`
    : 'no server with a public address and a certificate that can be verified answered in time'
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}
