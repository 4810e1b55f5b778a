import { isText } from './claims.js'
import type { ConfigurationFault } from './errors.js'
import type { Client, Stage } from './facts.js'
import { type Profile, rulesOf } from './profile.js'
import { refusalNamed } from './refusals/index.js'
import type { Rule } from './rule.js'

/** A rule recorded but not enforced, and why. */
export interface Waiver {
  /** Why, for whoever reads this next year. */
  readonly reason: string
  /** The last day on which it counts, as `YYYY-MM-DD` (UTC); from the next day on the rule is enforced again. */
  readonly until?: string
  /** The clients it counts for; without it, all. */
  readonly clients?: readonly string[]
}

/** Why a rule is not enforced for a client at a time (epoch seconds); `undefined` when it is. */
export function waivedBecause(waiver: Waiver | undefined, client: Client | undefined, at: number): string | undefined {
  if (!waiver) return undefined
  if (waiver.clients && !(client && waiver.clients.includes(client.client_id))) return undefined
  if (waiver.until && new Date(at * 1000).toISOString().slice(0, 10) > waiver.until) return undefined
  return waiver.reason
}

/** What is wrong with the waivers of a policy. */
export function waiverFaults(waivers: Readonly<Record<string, Waiver>>, profiles: readonly Profile[]): ConfigurationFault[] {
  const rules = profiles.flatMap((profile) => rulesOf(profile).map(([, rule]) => rule))
  const known = new Set(rules.flatMap(({ id, at }) => (at.every((stage) => OUTSIDE.has(stage)) ? [] : [id])))
  const ofServer = new Set(rules.flatMap(({ id, at }) => (at.every((stage) => CLIENTLESS.has(stage)) ? [id] : [])))
  return Object.entries(waivers).flatMap(([rule, waiver]) => {
    const { reason, until, clients }: Partial<Record<keyof Waiver, unknown>> = waiver ?? {}
    const option = `waivers.${rule}`
    if (!known.has(rule)) return [{ option, got: rule, allowed: whyUnknown(rule, rules) }]
    const faults: ConfigurationFault[] = []
    if (!isText(reason) || !reason.trim())
      faults.push({ option: `${option}.reason`, got: reason, allowed: 'must say why the rule is waived' })
    if (until !== undefined && !isDay(until)) faults.push({ option: `${option}.until`, got: until, allowed: 'must be a day as YYYY-MM-DD' })
    if (clients !== undefined && !(Array.isArray(clients) && clients.every(isText)))
      faults.push({ option: `${option}.clients`, got: clients, allowed: 'must be a list of client ids' })
    if (clients !== undefined && ofServer.has(rule))
      faults.push({
        option: `${option}.clients`,
        got: clients,
        allowed: 'must not be given: the rule looks at the server, not at its clients',
      })
    return faults
  })
}

/** What is told of a name that is no rule a policy judges by: a journal and an audit have names that are none. */
function whyUnknown(name: string, rules: readonly Rule[]): string {
  if (refusalNamed(name)) return 'must name a rule: this is what the server itself verifies, and cannot be waived'
  if (rules.some(({ id }) => id === name)) return 'must name a rule of a policy: this one is judged from outside alone, by an audit'
  return 'no profile of this policy has a rule of that name'
}

/** The stages at which an audit looks, and no policy. */
const OUTSIDE: ReadonlySet<Stage> = new Set<Stage>(['discovery', 'tls'])
/** The stages at which there is no client to go by. */
const CLIENTLESS: ReadonlySet<Stage> = new Set<Stage>(['configuration', ...OUTSIDE])

const isDay = (day: unknown) => isText(day) && /^\d{4}-\d\d-\d\d$/.test(day) && !Number.isNaN(Date.parse(day))
