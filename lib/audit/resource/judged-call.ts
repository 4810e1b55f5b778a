import { reasonOf } from '../../core/errors.js'
import { redacted } from '../../core/redacted.js'
import { explainedClauses } from '../clauses.js'
import type { Finding } from '../finding.js'
import { meaningOfRefusal } from '../meaning.js'
import type { Scene } from '../scene.js'
import type { HeldToken } from './access-token.js'
import { type ApiCall, type ApiOutcome, ask, legalCall } from './api-call.js'
import type { ApiProbe } from './api-probes.js'

/** How often one request is sent at once, our choice. */
const AT_ONCE = 8

/** What the token is, and what came of the request that breaks nothing. */
export interface Control {
  readonly url: URL
  readonly token: HeldToken
  readonly outcome: ApiOutcome
}

/** Tries one probe. `undefined` where the case does not arise. Never rejects. */
export async function triedCall(scene: Scene, probe: ApiProbe, control: Control): Promise<Finding | undefined> {
  const { profile } = scene
  if (probe.generation !== undefined && probe.generation !== profile.generation) return undefined
  try {
    const { url, token, outcome } = control
    const call = probe.change(legalCall(scene, url, token), token)
    if (!call) return undefined
    if (outcome.kind !== 'accepted') {
      const got = `The request that breaks nothing was not accepted, so its answer would mean nothing: ${outcome.line}`
      return found(scene, probe, [], 'unjudged', got)
    }
    return judgedCall(scene, probe, await sentCall(scene, call, probe), outcome)
  } catch (cause) {
    return found(scene, probe, [], 'unjudged', `The audit could not try this: ${redacted(reasonOf(cause))}`)
  }
}

async function sentCall(scene: Scene, call: ApiCall, { repeated }: ApiProbe): Promise<readonly ApiOutcome[]> {
  if (repeated === 'at once') return Promise.all(Array.from({ length: AT_ONCE }, () => ask(scene, call)))
  const first = await ask(scene, call)
  return repeated === 'again' && first.kind === 'accepted' ? [first, await ask(scene, call)] : [first]
}

function judgedCall(scene: Scene, probe: ApiProbe, outcomes: readonly ApiOutcome[], control: ApiOutcome): Finding {
  const evidence = [...new Set(outcomes.map(({ line }) => line))].slice(0, 4)
  const told = (status: Finding['status'], got: string) => found(scene, probe, evidence, status, got)
  const soft = probe.advises ? 'warned' : 'failed'
  const accepted = outcomes.filter(({ kind }) => kind === 'accepted').length
  const allowed = probe.refusal === undefined || probe.repeated ? 1 : 0
  if (accepted > allowed && control.status === 403 && isAboutHolder(probe)) return told('unjudged', SCOPE_FIRST)
  if (accepted > allowed) return told(soft, probe.repeated ? `The request was accepted ${accepted} times.` : 'The request was accepted.')
  const undecided = outcomes.find(({ kind }) => kind === 'unclear')
  if (undecided) return told('unjudged', `The answer does not say whether the token was taken: ${undecided.line}`)
  const last = outcomes.at(-1)
  if (accepted < allowed) return told(soft, `The request was refused: ${last?.line}`)
  return told('passed', probe.refusal === undefined ? 'Accepted.' : `Refused${last?.status ? ` with ${last.status}` : ''}.`)
}

/** Where the token lacks the scope, an API may say so before it looks who holds the token. */
const isAboutHolder = ({ refusal = '' }: ApiProbe) => /^(?:dpop-|access-token-binding$)/.test(refusal)
const SCOPE_FIRST =
  'The request was refused for its scope (403), as the one that breaks nothing: the API may have looked at the scope first. Give a client that may have the scope of this API.'

function found({ profile }: Scene, probe: ApiProbe, evidence: readonly string[], status: Finding['status'], got: string): Finding {
  const { name, title, refusal, clauses: own = [] } = probe
  const { rule, clauses, expected } = meaningOfRefusal(profile, refusal, title)
  const isWrong = status === 'failed' || status === 'warned'
  return {
    ...{ area: 'resource', id: `${rule}/${name}`, rule, title, status, expected, got, evidence },
    clauses: refusal === undefined ? explainedClauses(ownClauses(own, profile), profile) : clauses,
    mend: isWrong ? mendOf(refusal, expected) : undefined,
  }
}

const mendOf = (refusal: string | undefined, expected: string) =>
  refusal === undefined ? 'Accept this request: the profile has nothing against it.' : `Refuse such requests. What must hold: ${expected}`

/** Those of the profile's own documents, and of RFCs. */
const ownClauses = (clauses: readonly string[], { clauses: table, unchecked, beyond }: Scene['profile']) =>
  clauses.filter((clause) => clause.startsWith('RFC') || [table, unchecked, beyond].some((one) => Object.hasOwn(one, clause)))
