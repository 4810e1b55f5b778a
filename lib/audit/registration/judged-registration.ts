import type { Client } from '../../core/facts.js'
import { judge, type Violation } from '../../core/judge.js'
import type { Profile } from '../../core/profile.js'
import { clientFacts } from '../../readers/client-metadata.js'
import type { Metadata } from '../../registration/metadata.js'
import type { Finding } from '../finding.js'
import { type Meaning, meaningOfRefusal, meaningOfViolation } from '../meaning.js'
import type { Scene } from '../scene.js'
import type { BreakingMetadata } from './breaking-metadata.js'
import type { Told } from './registrar.js'

/** What the rules of a profile find wrong with metadata; `current`: what they replace. */
export function violationsIn(profile: Profile, metadata: Metadata, current?: Metadata): readonly Violation[] {
  return judge(profile, 'registration', { client: asClient(metadata), current: current && asClient(current) })
}

const asClient = (metadata: Metadata): Client => clientFacts(JSON.parse(JSON.stringify(metadata)))

/** What is tried: metadata that break something, and what that is. */
export interface Breach {
  readonly name: string
  readonly title: string
  readonly meaning: Meaning
  readonly advises: boolean
  /** What of it stands in metadata that the server says it has registered; `undefined` where they are as they should be. */
  readonly stands: (registered: Metadata) => string | undefined
}

/** What is wrong with changed metadata, by the rules or by name; `undefined` where they break nothing in this profile. */
export function breachOf(
  { profile }: Scene,
  { name, title, refusal }: BreakingMetadata,
  sent: Metadata,
  current?: Metadata,
): Breach | undefined {
  // What was wrong before is not the fault of an update.
  const before = current ? violationsIn(profile, current).map(({ description }) => description) : []
  const isNew = ({ description }: Violation) => !before.includes(description)
  const violations = violationsIn(profile, sent, current).filter(isNew)
  // What an update takes back is one thing, whatever else it comes to.
  const violation = violations.find(({ rule }) => rule === 'no-weakening') ?? violations[0]
  if (!violation) {
    if (!refusal) return undefined
    const stands = (registered: Metadata) => (refusal.stands(registered) ? 'it was kept as it is' : undefined)
    return { name, title, stands, meaning: meaningOfRefusal(profile, refusal.id, title), advises: refusal.advises ?? false }
  }
  const broken = violations.map(({ rule }) => rule)
  const stands = (registered: Metadata) => {
    const left = violationsIn(profile, registered, current).filter((one) => broken.includes(one.rule) && isNew(one))
    return left.length > 0 ? [...new Set(left.map(({ description }) => description))].join('; ') : undefined
  }
  const clauses = [...new Set([violation, ...violations].flatMap((one) => one.clauses))]
  const meaning = { ...meaningOfViolation(profile, { ...violation, clauses }), ...expectedOf(profile, violation) }
  return { name, title, stands, meaning, advises: meaning.isBeyond }
}

const expectedOf = (profile: Profile, violation: Violation) => ({ expected: meaningOfViolation(profile, violation).expected })

/** A server that tells only the `client_id` is taken to have registered what was sent (RFC 7591 §3.2.1 has it tell everything). */
export const registeredOf = (answer: Metadata, sent: Metadata): Metadata =>
  answer.redirect_uris === undefined && answer.token_endpoint_auth_method === undefined ? { ...sent, ...answer } : answer

/** What came of metadata that break something. */
export function judgedBreach({ name, title, meaning, advises, stands }: Breach, sent: Metadata, told: Told): Finding {
  const { rule, clauses, expected } = meaning
  const shared = { area: 'registration', id: `${rule}/${name}`, rule, title, clauses, expected, evidence: [told.line] } as const
  const found = (status: Finding['status'], got: string, mend?: string): Finding => ({ ...shared, status, got, mend })
  // Whoever could register a moment ago is not refused for what it sends.
  if (told.kind === 'unclear' || told.status === 401 || told.status === 403)
    return found('unjudged', `The answer does not say whether this may be registered: ${told.line}`)
  if (told.kind === 'refused') return found('passed', `Refused${told.error ? ` with ${told.error.slice(0, 100)}` : ''}.`)
  const why = stands(registeredOf(told.answer ?? {}, sent))
  if (why !== undefined) return found(advises ? 'warned' : 'failed', `${accepted(told)}: ${why}. ${ANYBODY}`, mend(expected))
  if (!advises || told.answer === undefined)
    return found('passed', 'Taken, but registered with right values in its place (RFC 7591 section 3.2.1).')
  return found('warned', 'Taken, and what is wrong with it was dropped without a word, which RFC 7591 allows.', mend(expected))
}

const ANYBODY =
  'From outside nobody sees whether this server holds such a client to the profile when it is used; whoever may register can have one.'
const accepted = ({ status }: Told) => `Registered as it was sent (${status})`
const mend = (expected: string) => `Refuse such metadata, or register right values in their place. What must hold: ${expected}`
