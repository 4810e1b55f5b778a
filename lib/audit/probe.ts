import { reasonOf } from '../core/errors.js'
import { redacted } from '../core/redacted.js'
import { type Attempt, violationsOf } from './attempt.js'
import type { Area, Finding } from './finding.js'
import { strangeCodeRequest } from './legal.js'
import { meaningOfRefusal, meaningOfViolation } from './meaning.js'
import type { Outcome } from './outcome.js'
import { type Pages, pagesOf, seenAmong } from './pages.js'
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
  /** That a refusal is only asked for by a SHOULD, or an acceptance only wished for; in one generation, or in both. */
  readonly advises?: true | '1.0'
  /** The errors that a refusal may name; others are warned of. */
  readonly errors?: readonly string[]
}

/** A request to try; why it cannot be tried; or `undefined` where the case does not arise for this client. */
export type Changed = Attempt | string | undefined

type Make = (scene: Scene) => Attempt | undefined

/** What came of the requests that break nothing, by who makes them: where one is refused, the refusal of another means nothing. */
export interface Controls {
  readonly outcomes: Map<Make, Promise<Outcome | undefined>>
  /** Where browsers end up, once somebody had to know. */
  pages: Promise<Pages> | undefined
  /** Whether a code is looked at before the client that brings it. */
  codesFirst: Promise<boolean> | undefined
}

export const noControls = (): Controls => ({ outcomes: new Map(), pages: undefined, codesFirst: undefined })

/** After so many probes, our choice, it is looked whether the server still takes what breaks nothing: it may have shut the client out meanwhile. */
const IN_A_ROW = 8

/** Tries probes one after the other. A refusal counts only where the request that breaks nothing is accepted before it and after it. Never rejects. */
export async function* triedInTurn(
  scene: Scene,
  probes: readonly Probe[],
  controls: Controls,
  signal?: AbortSignal,
): AsyncGenerator<Finding> {
  for (let from = 0; from < probes.length && !signal?.aborted; from += IN_A_ROW) {
    const found: Tried[] = []
    for (const probe of probes.slice(from, from + IN_A_ROW)) if (!signal?.aborted) found.push(await triedOnce(scene, probe, controls))
    const lost = new Map<Make, string>()
    for (const make of new Set(found.flatMap(({ leansOn }) => leansOn ?? []))) {
      controls.outcomes.delete(make)
      const now = await controlled(scene, make, controls)
      if (now?.kind !== 'accepted') lost.set(make, now?.line ?? 'there is none any more')
    }
    for (const { finding, leansOn } of found) {
      const line = leansOn && lost.get(leansOn)
      if (finding) yield line === undefined ? finding : { ...finding, status: 'unjudged', got: `${SHUT_OUT}${line}`, mend: undefined }
    }
  }
}

const SHUT_OUT = 'It was refused, but a moment later so was the request that breaks nothing: '

/** What came of a probe, and the request whose acceptance it needs to mean anything. */
interface Tried {
  readonly finding: Finding | undefined
  readonly leansOn?: Make | undefined
}

/** Tries one probe. `undefined` where the case does not arise. Never rejects. */
async function triedOnce(scene: Scene, probe: Probe, controls: Controls): Promise<Tried> {
  try {
    const legal = probe.legal(scene)
    const changed = legal && (await probe.change(legal, scene))
    if (typeof changed === 'string') return { finding: untried(scene, probe, changed) }
    return changed ? await judged(scene, probe, changed, controls) : { finding: undefined }
  } catch (cause) {
    return { finding: untried(scene, probe, `The audit could not try this: ${redacted(reasonOf(cause))}`) }
  }
}

function untried({ profile }: Scene, { area, title, refusal, name }: Probe, got: string): Finding {
  const { rule, clauses, expected } = meaningOfRefusal(profile, refusal, title)
  return { area, title, rule, clauses, expected, got, id: `${rule}/${name}`, status: 'unjudged', mend: undefined, evidence: [] }
}

async function judged(scene: Scene, probe: Probe, attempt: Attempt, controls: Controls): Promise<Tried> {
  const { profile } = scene
  const { area, name, title, refusal, advises, accepts } = probe
  const [violation] = violationsOf(scene, attempt)
  if (!violation && refusal === undefined && !accepts) return { finding: undefined }
  const { isBeyond, mend, ...meaning } = violation ? meaningOfViolation(profile, violation) : meaningOfRefusal(profile, refusal, title)
  const isRefusable = violation !== undefined || refusal !== undefined
  const make = probe.control ?? probe.legal
  const control = isRefusable ? await controlled(scene, make, controls) : undefined
  const outcomes = await seen(scene, await send(scene, attempt, probe), controls)
  const evidence = [...new Set(outcomes.map(({ line }) => line))].slice(0, 4)
  const finding = (status: Finding['status'], got: string, toDo?: string): Tried => ({
    finding: { ...{ area, title, ...meaning, id: `${meaning.rule}/${name}`, status, got, evidence }, mend: toDo },
  })
  const isAdvice = advises === true || advises === profile.generation
  const broken = (violation ? isBeyond : isAdvice) ? 'warned' : 'failed'
  const taken = outcomes.filter(({ kind }) => kind === 'accepted')
  const allowed = !isRefusable || probe.repeated ? 1 : 0
  if (taken.length > allowed) {
    if (DATED.includes(meaning.rule) && attempt.proof?.claims.iat !== undefined && taken.every(({ isDated }) => isDated))
      return finding('unjudged', 'Accepted with a nonce of the server, which dates the proof in place of iat (RFC 9449 section 4.3).')
    if (taken.every(({ isGuess }) => isGuess) && (await looksAtCodesFirst(scene, controls)))
      return finding('warned', `${LOOKED_AT_CODE}${violation ? `, although ${violation.description}` : ''}.`, mend)
    const times = taken.length > 1 ? `Accepted ${taken.length} times` : 'Accepted'
    return finding(broken, `${times}${violation ? `, although ${violation.description}` : ''}.`, mend)
  }
  const undecided = outcomes.find(({ kind }) => kind === 'unclear')
  if (undecided) return finding('unjudged', `The answer does not say whether it was accepted: ${undecided.line}`)
  if (isRefusable && control?.kind !== 'accepted')
    return finding(
      'unjudged',
      `It was refused, but so is the request that breaks nothing: ${control?.line ?? 'there is none for this client'}`,
    )
  const last = outcomes.at(-1)
  if (taken.length < allowed) {
    if (OF_ITS_OWN.includes(last?.error ?? '')) return finding('unjudged', `${WANTS_MORE}${last?.line}`)
    return finding(broken, `Refused: ${last?.line}`, 'Accept this request: nothing in the profile is against it.')
  }
  return isRefusable ? { ...refused(probe, outcomes, finding), leansOn: make } : finding('passed', 'Accepted.')
}

/** Rules about when a proof was made. */
const DATED = ['dpop-time', 'proof-clock']
/** Errors with which a server asks for what is between it and its clients: which scopes, which resource, which grants. */
const OF_ITS_OWN = ['invalid_scope', 'invalid_target', 'invalid_authorization_details', 'unauthorized_client', 'access_denied']
const WANTS_MORE =
  'The server wants something that profiles do not speak of, such as a scope, a resource or a grant that the client may have: give a client with --client that has it. '
/** Whether even a client that nobody registered hears that its code is wrong: then `invalid_grant` says nothing of who has authenticated. */
async function looksAtCodesFirst(scene: Scene, controls: Controls): Promise<boolean> {
  const legal = strangeCodeRequest(scene)
  const strange = legal && {
    ...legal,
    params: { ...legal.params, client_id: 'nobody-registered-this' },
    assertion: undefined,
    certificate: undefined,
  }
  controls.codesFirst ??= strange ? send(scene, strange).then(([outcome]) => outcome?.kind !== 'refused') : Promise.resolve(true)
  return controls.codesFirst
}

const LOOKED_AT_CODE =
  'The code was looked at (invalid_grant): either the client came through, or the server looks at codes before it looks who brings them'

/** Where browsers end up is compared where that has to show whether a request was taken. */
async function seen(scene: Scene, outcomes: readonly Outcome[], controls: Controls): Promise<readonly Outcome[]> {
  if (outcomes.every(({ kind, place }) => kind !== 'accepted' || place === undefined)) return outcomes
  controls.pages ??= pagesOf(scene)
  const pages = await controls.pages
  return outcomes.map((outcome) => seenAmong(pages, outcome))
}

function refused(
  { area, errors }: Probe,
  outcomes: readonly Outcome[],
  finding: (status: Finding['status'], got: string, mend?: string) => Tried,
): Tried {
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
  const outcome = controls.outcomes.get(make) ?? controlOf(scene, make, controls)
  controls.outcomes.set(make, outcome)
  return outcome
}

async function controlOf(scene: Scene, make: Make, controls: Controls): Promise<Outcome | undefined> {
  const legal = make(scene)
  const [outcome] = legal ? await seen(scene, await send(scene, legal), controls) : []
  return outcome
}
