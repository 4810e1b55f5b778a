import { ConfigurationError } from '../core/errors.js'
import { FAPI_ALGORITHMS } from '../core/jwk.js'
import type { Profile } from '../core/profile.js'
import { profileNamed, profiles } from '../profiles/index.js'
import { CommandError } from './command-error.js'
import { type Given, valueGiven } from './command-line.js'
import { nearestName } from './nearest-name.js'

/** The profile that `--profile` names. Throws a `CommandError` that lists the names there are. */
export function profileOf(flags: Given): Profile {
  const name = valueGiven(flags, 'profile')
  const names = profiles.map((profile) => profile.name)
  if (name === undefined) throw new CommandError(`--profile is missing: give one of ${names.join(', ')}`)
  try {
    return profileNamed(name)
  } catch (cause) {
    if (!(cause instanceof ConfigurationError)) throw cause
    const meant = nearestName(name, names)
    throw new CommandError(
      `--profile is ${name}, which is no profile: ${meant ? `did you mean ${meant}? ` : ''}There are ${names.join(', ')}`,
    )
  }
}

/** What the server signs with: what `--signing-alg` says, or everything that FAPI knows. Throws a `CommandError`. */
export function signingAlgorithmsOf(flags: Given): readonly string[] {
  const given = flags['signing-alg'] ?? FAPI_ALGORITHMS
  const wrong = given.find((alg) => !FAPI_ALGORITHMS.some((known) => known === alg))
  if (wrong !== undefined) throw new CommandError(`--signing-alg is ${wrong}: give one of ${FAPI_ALGORITHMS.join(', ')}`)
  return given
}
