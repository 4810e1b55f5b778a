import type { Jwk } from '../core/facts.js'
import { judge } from '../core/judge.js'
import { rulesOf } from '../core/profile.js'
import type { Rule } from '../core/rule.js'
import { publishedServer } from '../readers/published-server.js'
import { explainedClauses } from './clauses.js'
import type { Finding } from './finding.js'
import type { Scene } from './scene.js'

export interface DiscoveryOptions {
  /** Whether every client of the server is meant to be held to the profile. */
  readonly allClients: boolean
  /** How the metadata and keys were fetched. */
  readonly evidence: readonly string[]
  /** Why there are no metadata, or no keys. */
  readonly missing: readonly string[]
}

/**
 * Judges what a server publishes by the rules of the profile. What is wrong only if clients of the profile may use it is a warning: from
 * outside nobody sees who may.
 */
export function discoveryFindings(
  { profile, issuer, metadata }: Scene,
  keys: readonly Jwk[],
  { allClients, evidence, missing }: DiscoveryOptions,
): readonly Finding[] {
  const absent = missing.map((got): Finding => absence(got, evidence))
  if (Object.keys(metadata).length === 0) return absent
  const facts = (exclusive: boolean) => ({ server: publishedServer(metadata, keys, { asked: issuer, exclusive }) })
  const broken = judge(profile, 'discovery', facts(allClients))
  const questionable = judge(profile, 'discovery', facts(true))
  return [
    ...absent,
    ...[...rulesAt(profile)].map(([rule, clauses]): Finding => {
      const of = ({ rule: id, description }: { rule: string; description: string }) =>
        id === rule.id && rule.check(facts(true)) === description
      const failure = broken.find(({ rule: id }) => id === rule.id)
      const doubt = failure ?? questionable.find(of)
      const isBeyond = rule.advises || clauses.every((clause) => Object.hasOwn(profile.beyond, clause))
      const shown = publishedAs(metadata, rule)
      return {
        area: 'discovery',
        id: rule.id,
        rule: rule.id,
        title: rule.summary,
        status: !doubt ? 'passed' : failure && !isBeyond ? 'failed' : 'warned',
        clauses: explainedClauses(clauses, profile),
        expected: rule.summary,
        got: doubt ? `${told(doubt.description, shown)}${failure ? '' : IF_FOR_ALL}` : `As it should be${shown && `: ${shown}`}.`,
        mend: doubt && rule.mend,
        evidence,
      }
    }),
  ]
}

/** What a server publishes of what a rule looks at; empty where it is no member of the metadata. */
function publishedAs(metadata: Scene['metadata'], { setting }: Rule): string {
  if (setting === undefined || setting === 'jwks') return ''
  const found = metadata[setting]
  return found === undefined ? `${setting} is not there` : `${setting} is ${JSON.stringify(found).slice(0, 300)}`
}

/** What a rule says begins with what it is about, where the rule does not name that. */
const told = (description: string, shown: string) =>
  shown ? `${shown}, and ${description}.` : `${description[0]?.toUpperCase()}${description.slice(1)}.`

const IF_FOR_ALL = ' That is wrong only if it is meant for clients of this profile, which nobody sees from outside.'

/** Without metadata, or without keys. */
const absence = (got: string, evidence: readonly string[]): Finding => ({
  ...{ area: 'discovery', rule: 'metadata-published', status: 'failed', clauses: [], got, evidence },
  id: got.includes('metadata') ? 'metadata-published' : 'metadata-published/keys',
  title: 'The metadata of the server and its keys',
  expected: 'The server publishes its metadata under .well-known, and its keys at jwks_uri (RFC 8414).',
  mend: 'Serve the metadata document at /.well-known/openid-configuration or /.well-known/oauth-authorization-server, with jwks_uri. Until then --metadata FILE stands in for it.',
})

/** The rules that look at metadata, each with its clauses. */
function rulesAt(profile: Scene['profile']): ReadonlyMap<Rule, readonly string[]> {
  const rules = new Map<Rule, string[]>()
  for (const [clause, rule] of rulesOf(profile)) {
    if (rule.at.includes('discovery')) rules.set(rule, [...(rules.get(rule) ?? []), clause])
  }
  return rules
}
