import { explainedClauses } from '../clauses.js'
import type { Finding } from '../finding.js'
import { meaningOfRefusal } from '../meaning.js'
import type { Scene } from '../scene.js'
import type { ApiOutcome } from './api-call.js'

/** What an API says to whoever has no token, and how it asks for one. */
export function withoutTokenFindings(scene: Scene, outcome: ApiOutcome): readonly Finding[] {
  const found = refusal(scene, 'access-token-in-header', 'api-no-token', 'A request without access token', outcome)
  return outcome.status === 401 ? [found, challenge(scene, outcome)] : [found]
}

/** What an API says to a token that nobody has issued. */
export const garbageFinding = (scene: Scene, outcome: ApiOutcome): Finding =>
  refusal(scene, 'access-token-known', 'api-garbage', 'An access token that is none', outcome)

function refusal({ profile }: Scene, id: string, name: string, title: string, { kind, status, line }: ApiOutcome): Finding {
  const { rule, clauses, expected } = meaningOfRefusal(profile, id, title)
  const shared = { area: 'resource', id: `${rule}/${name}`, rule, title, clauses, expected, evidence: [line] } as const
  const mend = 'Answer with 401 and WWW-Authenticate (RFC 6750 section 3) to whoever has no access token that counts.'
  if (kind === 'accepted') return { ...shared, status: 'failed', got: `The request was served (${status}).`, mend }
  if (kind === 'unclear')
    return { ...shared, status: 'unjudged', got: `The answer does not say whether a token is needed: ${line}`, mend: undefined }
  if (status === 401) return { ...shared, status: 'passed', got: 'Refused with 401.', mend: undefined }
  return { ...shared, status: 'warned', got: `Refused with ${status}; RFC 6750 section 3.1 asks for 401.`, mend }
}

function challenge({ profile }: Scene, { answer, line }: ApiOutcome): Finding {
  const asked = answer?.headers['www-authenticate'] ?? ''
  const isAsked = /(?:^|[\s,])(?:bearer|dpop)\b/i.test(asked)
  const summary = 'A refusal for want of a token names the scheme, Bearer or DPoP, in WWW-Authenticate.'
  return {
    ...{ area: 'resource', id: 'token-asked-for', rule: 'token-asked-for', title: summary, expected: summary, evidence: [line] },
    clauses: explainedClauses(profile.generation === '2.0' ? ['RFC6750-3', 'RFC9449-7.1'] : ['RFC6750-3'], profile),
    status: isAsked ? 'passed' : 'failed',
    got: isAsked ? 'It does.' : asked ? 'WWW-Authenticate names neither.' : 'There is no WWW-Authenticate.',
    mend: isAsked ? undefined : 'Send WWW-Authenticate: Bearer, or DPoP with algs, with each 401.',
  }
}
