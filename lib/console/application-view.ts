import { isText } from '../core/claims.js'
import { profileIfAny } from '../core/policy.js'
import { type Profile, rulesOf } from '../core/profile.js'
import type { Mode, Verdict } from '../core/verdict.js'
import { clientFacts, isSuspended } from '../readers/client-metadata.js'
import type { Application, Outlook } from '../registration/applications.js'
import type { Metadata } from '../registration/metadata.js'
import type { RegistrationTerms } from '../registration/registration.js'
import type { RegistrationRecord } from '../registration/registration-record.js'
import { openMetadata } from './metadata-diff.js'

/** An application in a list. */
export interface ApplicationSummary {
  readonly client_id: string
  readonly client_name: string | undefined
  /** The name of its profile; `undefined` for one that is held to none. */
  readonly profile: string | undefined
  readonly mode: Mode
  readonly status: 'active' | 'suspended'
  readonly token_endpoint_auth_method: string
  /** Whether it stands in the server's configuration, where the console changes nothing. */
  readonly configured: boolean
}

/** An application, without what opens anything. */
export interface ApplicationView extends ApplicationSummary {
  readonly metadata: Metadata
  readonly has_client_secret: boolean
  /** What a change must name, so that nobody overwrites what he has not seen. */
  readonly revision: number
  readonly registration: Omit<RegistrationRecord, 'token_digest' | 'previous_token_digest' | 'software_statement' | 'place'> | undefined
}

/** What holds of metadata and what does not, clause by clause. */
export interface Judgement {
  /** The name of the profile; `undefined` where none applies. */
  readonly profile: string | undefined
  readonly mode: Mode
  /** Whether metadata would be refused. */
  readonly refused: boolean
  /** All that is wrong, whether or not a profile asks for it. */
  readonly faults: readonly string[]
  readonly clauses: readonly JudgedClause[]
}

export interface JudgedClause {
  readonly clause: string
  readonly rules: readonly { readonly rule: string; readonly summary: string }[]
  readonly holds: boolean
  /** What is broken, one sentence each, and how to mend it. */
  readonly broken: readonly { readonly rule: string; readonly description: string; readonly mend?: string; readonly waived?: string }[]
}

type Terms = Pick<RegistrationTerms, 'policy'>

export function summaryOf({ policy }: Terms, metadata: Metadata, configured = false): ApplicationSummary {
  const client = clientFacts(metadata)
  return {
    client_id: client.client_id,
    client_name: isText(metadata.client_name) ? metadata.client_name : undefined,
    profile: profileIfAny(policy, client)?.name,
    mode: policy.modeOf(client),
    status: isSuspended(metadata) ? 'suspended' : 'active',
    token_endpoint_auth_method: client.token_endpoint_auth_method,
    configured,
  }
}

export function viewOf(terms: Terms, { metadata, record }: Application, configured = false): ApplicationView {
  return {
    ...summaryOf(terms, metadata, configured),
    metadata: openMetadata(metadata),
    has_client_secret: metadata.client_secret !== undefined,
    revision: record?.revision ?? 0,
    registration: record && openRecord(record),
  }
}

/** A record without what opens or proves anything, and without what only the registration goes by. */
function openRecord(record: RegistrationRecord): NonNullable<ApplicationView['registration']> {
  const { token_digest: _digest, previous_token_digest: _previous, software_statement: _statement, place: _place, ...open } = record
  return open
}

/** What an outlook says, for people. */
export function judgementOf({ policy }: Terms, { metadata, faults, verdict }: Outlook): Judgement {
  const client = clientFacts(metadata)
  const profile = profileIfAny(policy, client)
  return {
    profile: profile?.name,
    mode: verdict?.mode ?? policy.modeOf(client),
    refused: faults.length > 0,
    faults: [...new Set(faults.map(({ description }) => description))],
    clauses: profile ? clausesOf(profile, verdict) : [],
  }
}

/** The clauses that look at a registration, each with what came of it. */
function clausesOf(profile: Profile, verdict: Verdict | undefined): JudgedClause[] {
  const clauses = new Map<string, JudgedClause>()
  for (const [clause, { id, summary, at, mend }] of rulesOf(profile)) {
    if (!at.includes('registration')) continue
    const before = clauses.get(clause)
    const violations = (verdict?.violations ?? []).filter(({ rule }) => rule === id)
    const broken = violations.map(({ description, waived }) => ({
      ...{ rule: id, description },
      ...(mend !== undefined && { mend }),
      ...(waived !== undefined && { waived }),
    }))
    clauses.set(clause, {
      clause,
      rules: [...(before?.rules ?? []), { rule: id, summary }],
      holds: (before?.holds ?? true) && broken.length === 0,
      broken: [...(before?.broken ?? []), ...broken],
    })
  }
  return [...clauses.values()]
}
