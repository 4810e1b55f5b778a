import { ConfigurationError } from '../core/errors.js'
import type { Profile } from '../core/profile.js'
import { fapi1Advanced } from './fapi1-advanced.js'
import { fapi1Baseline } from './fapi1-baseline.js'
import { fapi2MessageSigning } from './fapi2-message-signing.js'
import { fapi2Security } from './fapi2-security.js'

/** Every profile there is, oldest first. */
export const profiles: readonly Profile[] = Object.freeze([fapi1Baseline, fapi1Advanced, fapi2Security, fapi2MessageSigning])

const byName: ReadonlyMap<unknown, Profile> = new Map(profiles.map((profile) => [profile.name, profile]))

/** The profile of that name (`fapi2-security`, …). Throws a `ConfigurationError` that lists the names there are. */
export function profileNamed(name: unknown): Profile {
  const found = byName.get(name)
  if (!found)
    throw new ConfigurationError([
      { option: 'fapi_profile', got: name, allowed: `must be one of ${profiles.map((profile) => profile.name).join(', ')}` },
    ])
  return found
}

export { fapi1Advanced, fapi1Baseline, fapi2MessageSigning, fapi2Security }
