import { forgetOldest } from '../core/forget-oldest.js'
import { type KeySource, keySet } from '../readers/key-set.js'
import type { OutboundOptions } from '../readers/outbound-options.js'
import { type InitialAccessTokens, initialAccessTokens } from './initial-access-tokens.js'
import { type Places, places } from './places.js'
import { type PublishedDocuments, publishedDocuments } from './published-documents.js'
import type { RegistrationSetup } from './registration-options.js'
import { type RegistrationRecords, registrationRecords } from './registration-record.js'
import type { RegistrationSettings } from './registration-settings.js'

/** What the parts of the registration work with. */
export interface Engine {
  readonly setup: RegistrationSetup
  readonly settings: RegistrationSettings
  readonly records: RegistrationRecords
  readonly places: Places
  readonly initialAccessTokens: InitialAccessTokens
  readonly documents: PublishedDocuments
  /** The keys behind a URL: of a statement's issuer, or of a software. */
  readonly keysAt: (url: string) => KeySource
}

export function engineOf(setup: RegistrationSetup, settings: RegistrationSettings): Engine {
  return Object.freeze<Engine>({
    setup,
    settings,
    records: registrationRecords(setup.store),
    places: places(setup.store),
    initialAccessTokens: initialAccessTokens(setup.store, { profiles: setup.policy.profiles.map(({ name }) => name) }),
    documents: publishedDocuments({ outbound: setup.outbound }),
    keysAt: keySources(setup.outbound),
  })
}

/** Key sets that are kept at hand, our choice: directories have one, and each software its own. */
const KEPT = 500

function keySources(outbound: OutboundOptions): (url: string) => KeySource {
  const known = new Map<string, KeySource>()
  return function keysAt(url) {
    const found = known.get(url) ?? keySet(url, outbound)
    known.delete(url)
    known.set(url, found)
    forgetOldest(known, KEPT)
    return found
  }
}
