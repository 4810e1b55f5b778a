import { visible } from '../../core/attribute-values.js'
import type { ExplainedClause } from '../../core/explanation.js'
import type { Finding, Report } from '../finding.js'

/** Characters of a text that are shown, our choice: a server can answer with as many as it likes. */
const LONGEST = 2000

/** Marks that are stacked on one letter, our choice: no language needs more, and more of them cover what stands around. */
const STACKED = /(\p{M}{4})\p{M}+/gu

/** A link as profiles have them, printable in every kind of report. */
const LINK = /^https:\/\/[\w.-]+(?::\d+)?(?:[/?#][!-~]*)?$/

/**
 * The report as it may be shown. What an audited server says is not trusted: characters that command a terminal, turn the direction of
 * a line or hide are written as their octets, line ends become spaces, and long texts are cut. Links are kept where they are https.
 */
export function shownReport(report: Report): Report {
  const { issuer, profile, startedAt, took, version, with: given, without, findings } = report
  return {
    issuer: shown(issuer),
    profile: { name: shown(profile.name), title: shown(profile.title), spec: shown(profile.spec) },
    ...{ startedAt, took, version: shown(version), with: given.map(shown), without: without.map(shown) },
    findings: findings.map(shownFinding),
  }
}

const shownFinding = (finding: Finding): Finding => ({
  ...{ area: finding.area, status: finding.status },
  id: shown(finding.id),
  rule: shown(finding.rule),
  title: shown(finding.title),
  clauses: finding.clauses.map(shownClause),
  expected: shown(finding.expected),
  got: shown(finding.got),
  mend: finding.mend === undefined ? undefined : shown(finding.mend),
  evidence: finding.evidence.map(shown),
})

const shownClause = ({ clause, specification, link, why }: ExplainedClause): ExplainedClause => ({
  clause: shown(clause),
  specification: specification === undefined ? undefined : shown(specification),
  link: link !== undefined && link.length <= LONGEST && LINK.test(link) ? link : undefined,
  ...(why !== undefined && { why: shown(why) }),
})

/** One line of text without anything that hides or commands, cut where it is long. */
export function shown(text: string): string {
  const cut = text.length > LONGEST ? text.slice(0, LONGEST).replace(/[\ud800-\udbff]$/, '') : text
  const line = visible(cut.replaceAll(/\s*[\t\r\n]\s*/g, ' ')).replaceAll(STACKED, '$1…')
  return cut.length < text.length ? `${line}… (${text.length - cut.length} characters more)` : line
}
