import type { ClaimPath } from './ecosystem.js'
import type { Metadata } from './metadata.js'

/** What stands at a path; `undefined` where nothing does. Only what the sender wrote counts: `constructor` is a claim like any other, and nothing is inherited. */
export function claimAt(claims: Metadata, path: ClaimPath): unknown {
  let found: unknown = claims
  for (const name of [path].flat()) {
    if (typeof found !== 'object' || found === null || Array.isArray(found) || !Object.hasOwn(found, name)) return undefined
    found = Reflect.get(found, name)
  }
  return found
}

/** How a path is spoken of. */
export const nameOfClaim = (path: ClaimPath): string => [path].flat().join('.')
