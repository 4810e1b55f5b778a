import { isText } from '../../core/claims.js'
import type { Profile } from '../../core/profile.js'
import { readinessOf } from '../../readiness/readiness.js'
import { type Told, toldBreak } from '../told.js'

/** A client that was looked at. */
export interface LintedClient {
  /** Its client_id, or else its name or place. */
  readonly client: string
  readonly ready: boolean
  readonly breaks: readonly Told[]
}

/** Judges metadata as they stand: what a client gets at registration where it is silent is not known here. */
export function lintMetadata(
  metadata: Readonly<Record<string, unknown>>,
  profile: Profile,
  algorithms: readonly string[],
  index: number,
): LintedClient {
  const client = [metadata.client_id, metadata.client_name].find(isText) ?? `entry ${index}`
  const { ready, breaks } = readinessOf(metadata, profile, algorithms)
  return { client, ready, breaks: breaks.map((one) => toldBreak(profile, one, [client])) }
}
