import type { Facts } from '../core/facts.js'
import { judge, type Violation } from '../core/judge.js'
import type { Profile } from '../core/profile.js'
import { clientFacts } from '../readers/client-metadata.js'
import type { Metadata } from '../registration/metadata.js'

/** What a profile has against one response mode of one response type: found by judging an authorization request of such a client. */
export function modeViolation(profile: Profile, metadata: Metadata, type: string, mode: string | undefined): Violation | undefined {
  const modes = mode === undefined ? {} : { response_modes: [mode] }
  const judged = (response_mode: string | undefined) =>
    judge(profile, 'authorization', request({ ...metadata, response_types: [type], ...modes }, { response_type: type, response_mode }))
  // What is wrong with such a request whatever its response mode has nothing to do with it.
  const others = judged('jwt').map(({ rule }) => rule)
  return judged(mode).find(({ rule }) => !others.includes(rule))
}

/** Multiple Response Types §3, JARM §2.3.1: neither an ID token nor an access token may stand in a query, unless it is encrypted. */
export const mayCarry = (type: string, mode: string): boolean =>
  !/^query(?:\.jwt)?$/.test(mode) || !type.split(' ').some((word) => word === 'id_token' || word === 'token')

/** An authorization request in which nothing stands but what matters here. */
const request = (metadata: Metadata, params: Facts['authorization']['params']): Facts['authorization'] => ({
  now: 0,
  wire: { method: 'GET', url: new URL('https://server.example/auth'), headers: {}, certificate: undefined },
  client: clientFacts(metadata),
  recipient: { issuer: 'https://server.example', endpoints: [] },
  params,
  requestObject: undefined,
  pushed: true,
})
