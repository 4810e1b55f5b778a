import { reasonOf } from '../core/errors.js'
import { redacted } from '../core/redacted.js'
import { type Attempt, violationsOf } from './attempt.js'
import type { Area, Finding } from './finding.js'
import { meaningOfRefusal, meaningOfViolation } from './meaning.js'
import type { Outcome } from './outcome.js'
import type { Scene } from './scene.js'
import { type Repetition, send } from './sending.js'

/** A legal request with one thing changed. What a server must answer is not written here: the rules of the profile say it. */
export interface Probe extends Repetition {
  /** Unique in its area; with the rule before it, the id of the finding. */
  readonly name: string
  /** What is sent: one line. */
  readonly title: string
  readonly area: Area
  /** Makes the request that is changed: another one each time. `undefined` where there can be none. */
  readonly legal: Make
  /** Makes the request that must be accepted before a refusal means anything, where that is another. */
  readonly control?: Make
  /** Changes it. */
  readonly change: (legal: Attempt, scene: Scene) => Changed | Promise<Changed>
  /** The named refusal of what no rule sees. */
  readonly refusal?: string
  /** That it has to be accepted where the rules have nothing against it. Without it and without a refusal, it is then not tried. */
  readonly accepts?: true
  /** That a refusal is only asked for by a SHOULD, or an acceptance only wished for. */
  readonly advises?: true
  /** The errors that a refusal may name; others are warned of. */
  readonly errors?: readonly string[]
}

/** A request to try; why it cannot be tried; or `undefined` where the case does not arise for this client. */
export type Changed = Attempt | string | undefined

type Make = (scene: Scene) => Attempt | undefined

/** What came of the requests that break nothing, by who makes them: where one is refused, the refusal of another means nothing. */
export type Controls = Map<Make, Promise<Outcome | undefined>>

/** Tries one probe. `undefined` where the case does not arise. Never rejects. */
export async function tried(scene: Scene, probe: Probe, controls: Controls): Promise<Finding | undefined> {
  try {
    const legal = probe.legal(scene)
    const changed = legal && (await probe.change(legal, scene))
    if (typeof changed === 'string') return untried(scene, probe, changed)
    return changed && (await judged(scene, probe, changed, controls))
  } catch (cause) {
    return untried(scene, probe, `The audit could not try this: ${redacted(reasonOf(cause))}`)
  }
}

function untried({ profile }: Scene, { area, title, refusal, name }: Probe, got: string): Finding {
  const { rule, clauses, expected } = meaningOfRefusal(profile, refusal, title)
  return { area, title, rule, clauses, expected, got, id: `${rule}/${name}`, status: 'unjudged', mend: undefined, evidence: [] }
}

async function judged(scene: Scene, probe: Probe, attempt: Attempt, controls: Controls): Promise<Finding | undefined> {
  const { profile } = scene
  const { area, name, title, refusal, advises, accepts } = probe
  const [violation] = violationsOf(scene, attempt)
  if (!violation && refusal === undefined && !accepts) return undefined
  const { isBeyond, mend, ...meaning } = violation ? meaningOfViolation(profile, violation) : meaningOfRefusal(profile, refusal, title)
  const isRefusable = violation !== undefined || refusal !== undefined
  const control = isRefusable ? await controlled(scene, probe.control ?? probe.legal, controls) : undefined
  const outcomes = await send(scene, attempt, probe)
  const evidence = [...new Set(outcomes.map(({ line }) => line))].slice(0, 4)
  const finding = (status: Finding['status'], got: string, toDo?: string): Finding => ({
    ...{ area, title, ...meaning, id: `${meaning.rule}/${name}`, status, got, evidence },
    mend: toDo,
  })
  const broken = (violation ? isBeyond : advises) ? 'warned' : 'failed'
  const accepted = outcomes.filter(({ kind }) => kind === 'accepted').length
  const allowed = !isRefusable || probe.repeated ? 1 : 0
  if (accepted > allowed)
    return finding(
      broken,
      `${accepted > 1 ? `Accepted ${accepted} times` : 'Accepted'}${violation ? `, although ${violation.description}` : ''}.`,
      mend,
    )
  const undecided = outcomes.find(({ kind }) => kind === 'unclear')
  if (undecided) return finding('unjudged', `The answer does not say whether it was accepted: ${undecided.line}`)
  if (isRefusable && control?.kind !== 'accepted')
    return finding(
      'unjudged',
      `It was refused, but so is the request that breaks nothing: ${control?.line ?? 'there is none for this client'}`,
    )
  if (accepted < allowed)
    return finding(broken, `Refused: ${outcomes.at(-1)?.line}`, 'Accept this request: nothing in the profile is against it.')
  return isRefusable ? refused(probe, outcomes, finding) : finding('passed', 'Accepted.')
}

function refused(
  { area, errors }: Probe,
  outcomes: readonly Outcome[],
  finding: (status: Finding['status'], got: string, mend?: string) => Finding,
): Finding {
  const refusals = outcomes.filter(({ kind }) => kind === 'refused')
  // An error page at the authorization endpoint names none, nor does TLS.
  const other = refusals.find(
    ({ error, status }) => errors && (error === undefined ? area !== 'authorization' && status !== 0 : !errors.includes(error)),
  )
  if (!other || !errors) return finding('passed', `Refused${refusals[0]?.error === undefined ? '' : ` with ${refusals[0].error}`}.`)
  const wanted = errors.join(' or ')
  const named = other.error ?? `status ${other.status} and no error`
  return finding('warned', `Refused with ${named}; conformance tests expect ${wanted}.`, `Refuse it with the error ${wanted}.`)
}

async function controlled(scene: Scene, make: Make, controls: Controls): Promise<Outcome | undefined> {
  const outcome = controls.get(make) ?? controlOf(scene, make)
  controls.set(make, outcome)
  return outcome
}

async function controlOf(scene: Scene, make: Make): Promise<Outcome | undefined> {
  const legal = make(scene)
  const [outcome] = legal ? await send(scene, legal) : []
  return outcome
}
