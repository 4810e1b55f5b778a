import { randomUUID } from 'node:crypto'
import type { Finding } from '../finding.js'
import { givingUp } from '../giving-up.js'
import { meaningOfRefusal, meaningOfViolation } from '../meaning.js'
import type { Scene } from '../scene.js'
import { type HeldToken, obtainedToken } from './access-token.js'
import { type ApiCall, type ApiOutcome, ask, INTERACTION_ID, legalCall, violationsOfCall } from './api-call.js'
import { mannersOf } from './api-manners.js'
import { apiProbes } from './api-probes.js'
import { type Control, triedCall } from './judged-call.js'
import { garbageFinding, withoutTokenFindings } from './strangers.js'

/** Judges a protected resource: to strangers, and with a token where the party can get one without a user. Nothing where none was named. */
export async function resourceFindings(given: Scene): Promise<readonly Finding[]> {
  const { resource } = given
  if (!resource) return []
  const scene = { ...given, send: givingUp(given.send) }
  // A fragment stays with whoever has it (RFC 9110 §4.2.5).
  const url = new URL(resource)
  url.hash = ''
  const stranger = strange(scene, url)
  const bare = await ask(scene, stranger)
  const garbage = await ask(scene, { ...stranger, authorization: 'Bearer no-token-of-anybody' })
  const strangers = [...withoutTokenFindings(scene, bare), garbageFinding(scene, garbage)]
  const token = await obtainedToken(scene)
  if (typeof token === 'string') return [...strangers, ...(await manners(scene, stranger, bare)), withoutToken(scene, token)]
  const legal = legalCall(scene, url, token)
  const outcome = await ask(scene, legal)
  const findings = [...strangers, legalFinding(scene, legal, token, outcome)]
  const heard = outcome.kind === 'accepted' ? await manners(scene, legal, outcome) : await manners(scene, stranger, bare)
  return [...findings, ...heard, ...(await probed(scene, { url, token, outcome }))]
}

/** One after the other: what is tried of replays must not come in between. */
async function probed(scene: Scene, control: Control): Promise<readonly Finding[]> {
  const findings: Finding[] = []
  for (const probe of apiProbes) {
    const finding = await triedCall(scene, probe, control)
    if (finding) findings.push(finding)
  }
  if (control.outcome.kind !== 'accepted') return findings
  const { kind, line } = await ask(scene, legalCall(scene, control.url, control.token))
  return kind === 'accepted' ? findings : findings.map((finding) => shutOut(finding, line))
}

/** An API that takes nothing any more has not refused what was wrong. */
const shutOut = (finding: Finding, line: string): Finding =>
  finding.status === 'passed' && !finding.id.startsWith('legal-request/')
    ? { ...finding, status: 'unjudged', got: `It was refused, but in the end so was the request that breaks nothing: ${line}` }
    : finding

const strange = ({ party }: Scene, url: URL): ApiCall => ({
  ...{ url, authorization: undefined, proof: undefined, certificate: party?.certificate },
  headers: { [INTERACTION_ID]: randomUUID() },
})

/** Sends a request again without interaction id: with a proof of its own, where it has one. */
async function manners(scene: Scene, call: ApiCall, { answer: withId }: ApiOutcome): Promise<readonly Finding[]> {
  const { [INTERACTION_ID]: sentId = '', ...headers } = call.headers
  const proof = call.proof && { ...call.proof, claims: { ...call.proof.claims, jti: randomUUID() } }
  const { answer: withoutId } = await ask(scene, { ...call, headers, proof })
  return withId && withoutId ? mannersOf(scene, { sentId, withId, withoutId }) : []
}

const WITH_TOKEN = 'A request with an access token, and everything that belongs to it'

function withoutToken({ profile }: Scene, why: string): Finding {
  const { rule, clauses, expected } = meaningOfRefusal(profile, undefined, WITH_TOKEN)
  const shared = { area: 'resource', id: `${rule}/api-token`, rule, title: WITH_TOKEN, clauses, expected } as const
  return { ...shared, status: 'unjudged', got: `${why} What an API does with tokens was not tried.`, mend: undefined, evidence: [] }
}

/** A token that the profile has nothing against is to be accepted; one that is bound to nothing is not. */
function legalFinding(scene: Scene, call: ApiCall, token: HeldToken, { kind, status, line }: ApiOutcome): Finding {
  const { profile } = scene
  const [violation] = violationsOfCall(scene, call, token)
  const { rule, clauses, expected } = violation ? meaningOfViolation(profile, violation) : meaningOfRefusal(profile, undefined, WITH_TOKEN)
  const shared = { area: 'resource', id: `${rule}/api-token`, rule, title: WITH_TOKEN, clauses, expected, evidence: [line] } as const
  const found = (status: Finding['status'], got: string, mend?: string): Finding => ({ ...shared, status, got, mend })
  if (violation && kind === 'accepted')
    return found(
      'failed',
      `The request was accepted, although ${violation.description}.`,
      `Refuse such tokens. What must hold: ${expected}`,
    )
  if (violation && kind === 'refused') return found('passed', `Refused with ${status}.`)
  if (kind === 'accepted')
    return found(
      'passed',
      status === 403 ? 'The token was accepted; its scope is not that of this API (403 insufficient_scope).' : 'Accepted.',
    )
  return found(
    'unjudged',
    `The token was not accepted: ${line}. It may be for another API, or another host that asks for certificates, or the API wants another method.`,
  )
}
