import { setTimeout as wait } from 'node:timers/promises'
import { reasonOf } from '../../core/errors.js'
import { redacted } from '../../core/redacted.js'
import { explainedClauses } from '../clauses.js'
import type { Finding } from '../finding.js'
import { meaningOfRefusal } from '../meaning.js'
import type { Scene } from '../scene.js'
import { A_MOMENT, wantedNonce } from '../sending.js'
import type { HeldToken } from './access-token.js'
import { type ApiCall, type ApiOutcome, askOnce, askWithNonce, legalCall, withNonce } from './api-call.js'
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
    const { outcomes, isDated } = await sentCall(scene, call, probe)
    const isTaken = outcomes.some(({ kind }) => kind === 'accepted')
    if (probe.refusal === 'dpop-time' && isDated && isTaken && call.proof?.claims.iat !== undefined)
      return found(
        scene,
        probe,
        [],
        'unjudged',
        'Accepted with a nonce of the API, which dates the proof in place of iat (RFC 9449 section 4.3).',
      )
    return judgedCall(scene, probe, outcomes, outcome)
  } catch (cause) {
    return found(scene, probe, [], 'unjudged', `The audit could not try this: ${redacted(reasonOf(cause))}`)
  }
}

interface SentCall {
  readonly outcomes: readonly ApiOutcome[]
  /** That the proof had a nonce of the API, which dates it. */
  readonly isDated: boolean
}

/** What is sent again stays what it was, and is not given another nonce. */
async function sentCall(scene: Scene, call: ApiCall, { repeated }: ApiProbe): Promise<SentCall> {
  if (repeated === 'at once') return { outcomes: await sentAtOnce(scene, call), isDated: false }
  const { call: used, outcome } = await askWithNonce(scene, call)
  const isDated = used !== call
  if (repeated === undefined || outcome.kind !== 'accepted') return { outcomes: [outcome], isDated }
  const second = await askOnce(scene, used)
  if (second.kind !== 'refused') return { outcomes: [outcome, second], isDated }
  await wait(A_MOMENT)
  return { outcomes: [outcome, second, await askOnce(scene, used)], isDated }
}

async function sentAtOnce(scene: Scene, call: ApiCall): Promise<readonly ApiOutcome[]> {
  const all = (one: ApiCall) => Promise.all(Array.from({ length: AT_ONCE }, () => askOnce(scene, one)))
  const outcomes = await all(call)
  const isNonceWanted = outcomes.some(({ answer }) => answer && wantedNonce(answer) !== undefined)
  if (!isNonceWanted || outcomes.some(({ kind }) => kind === 'accepted')) return outcomes
  // Of eight nonces at once nobody knows which is the newest.
  const { answer } = await askOnce(scene, call)
  const nonce = answer && wantedNonce(answer)
  return nonce === undefined ? outcomes.map((one) => ({ ...one, kind: 'unclear' })) : all(withNonce(call, nonce))
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
