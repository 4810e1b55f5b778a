import type { ExplainedClause } from '../core/explanation.js'

/** What a check looked at, in the order of a report. */
export const AREAS = {
  discovery: 'Metadata and keys',
  tls: 'Transport',
  registration: 'Client registration',
  authentication: 'Client authentication',
  par: 'Pushed authorization requests',
  authorization: 'Authorization endpoint',
  token: 'Token endpoint',
  dpop: 'DPoP',
  resource: 'API',
} as const

export type Area = keyof typeof AREAS

/**
 * What came of a check. `failed`: a clause that says SHALL is broken. `warned`: a SHOULD, a wording that conformance tests complain of, or
 * something that is wrong only if it is offered to clients of the profile. `unjudged`: it could not be tried, and `got` says why.
 */
export type Status = 'failed' | 'warned' | 'unjudged' | 'passed'

/** One check of an audit and what came of it. Nothing in it is secret. */
export interface Finding {
  readonly area: Area
  /** Unique in a report and stable: the id of the rule or refusal, and the case where it has several (`pkce-s256/plain`). */
  readonly id: string
  /** The rule or named refusal that it tries. */
  readonly rule: string
  /** What was tried: one line. */
  readonly title: string
  readonly status: Status
  readonly clauses: readonly ExplainedClause[]
  /** What would be right. */
  readonly expected: string
  /** What was found, without credentials; where it is `unjudged`, what was missing. */
  readonly got: string
  /** What to do, where it did not pass. */
  readonly mend: string | undefined
  /** The requests that showed it, oldest first: method, URL without query, and what was answered. */
  readonly evidence: readonly string[]
}

/** A whole audit. */
export interface Report {
  readonly issuer: string
  readonly profile: { readonly name: string; readonly title: string; readonly spec: string }
  /** Epoch seconds. */
  readonly startedAt: number
  /** Seconds. */
  readonly took: number
  /** The version of this package. */
  readonly version: string
  /** What the audit was given to work with, such as `a client by private_key_jwt`, and what it went without. */
  readonly with: readonly string[]
  readonly without: readonly string[]
  /** In the order of `AREAS`, and of the checks in each. */
  readonly findings: readonly Finding[]
}

/** How many findings there are of each status. */
export const countsOf = ({ findings }: Pick<Report, 'findings'>): Readonly<Record<Status, number>> => {
  const of = (status: Status) => findings.filter((finding) => finding.status === status).length
  return { failed: of('failed'), warned: of('warned'), unjudged: of('unjudged'), passed: of('passed') }
}

/** What an audit tells while it runs. */
export type Progress = (event: { readonly started: Area } | { readonly found: Finding }) => void
