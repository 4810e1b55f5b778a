import type { ConfigurationFault } from '../core/errors.js'
import type { Client, Server } from '../core/facts.js'
import type { Violation } from '../core/judge.js'
import type { Policy } from '../core/policy.js'
import type { Verdict } from '../core/verdict.js'
import { OPTION_OF } from './server-facts.js'

/** Everything in a configuration that its profiles forbid, by the option the user wrote. */
export function settingFaults(policy: Policy, server: Server): ConfigurationFault[] {
  const profile = policy.profiles.length === 1 ? policy.profiles[0]?.name : undefined
  return standing(policy.decide('configuration', { server })).map(({ setting = '', clauses, description }) => {
    const [, clientDefault] = /^client_defaults\.(.+)$/.exec(setting) ?? []
    const option = clientDefault === undefined ? (OPTION_OF[setting] ?? setting) : `clientDefaults.${clientDefault}`
    return { option, got: foundAt(server, setting, clientDefault), allowed: description, profile, clause: clauses[0] }
  })
}

function foundAt(server: Server, setting: string, clientDefault: string | undefined): unknown {
  if (clientDefault !== undefined) return server.client_defaults[clientDefault]
  // Keys are never shown.
  return setting === 'jwks' ? `${server.jwks.keys.length} keys` : server[setting as keyof Server]
}

/** Everything in a client of the configuration that its profile forbids. */
export function clientFaults(policy: Policy, client: Client): ConfigurationFault[] {
  const verdict = policy.decide('registration', { client, current: client })
  return standing(verdict).map(({ description, clauses }) => ({
    option: `clients: ${client.client_id}`,
    got: 'not compliant',
    allowed: description,
    profile: verdict?.profile,
    clause: clauses[0],
  }))
}

/** What is broken and not waived, where anything is refused for it. */
const standing = (verdict: Verdict | undefined): readonly Violation[] =>
  verdict?.rejection ? verdict.violations.filter(({ waived }) => waived === undefined) : []
