import { accessTokens } from './access-tokens.js'
import { authorizationRequests } from './authorization-requests.js'
import { certificates } from './certificates.js'
import { clientAssertions } from './client-assertions.js'
import { clientAuthentication } from './client-authentication.js'
import { codes } from './codes.js'
import { dpop } from './dpop.js'
import type { NamedRefusal } from './named-refusal.js'
import { otherFlows } from './other-flows.js'
import { refreshTokens } from './refresh-tokens.js'
import { registration } from './registration.js'
import { requestObjects } from './request-objects.js'
import { requestUris } from './request-uris.js'
import { server } from './server.js'

export type { NamedRefusal } from './named-refusal.js'

/** All that is refused by name and not by rule. */
export const refusals: readonly NamedRefusal[] = Object.freeze([
  ...clientAuthentication,
  ...clientAssertions,
  ...certificates,
  ...authorizationRequests,
  ...requestObjects,
  ...requestUris,
  ...codes,
  ...refreshTokens,
  ...dpop,
  ...accessTokens,
  ...registration,
  ...otherFlows,
  ...server,
])

const byId: ReadonlyMap<string, NamedRefusal> = new Map(refusals.map((refusal) => [refusal.id, refusal]))

/** The refusal with an id; `undefined` where there is none. */
export const refusalNamed = (id: string): NamedRefusal | undefined => byId.get(id)
