import type { Finding, Report } from '../finding.js'
import { countsOf } from '../finding.js'

/** The shape of the JSON report: it becomes another when a member goes or changes its meaning, not when one is added. */
export const JSON_SCHEMA = 1

/**
 * The report as JSON, whole and for programs: `schema`, `version`, `issuer`, `profile`, `startedAt` (epoch seconds), `took` (seconds),
 * `with`, `without`, `counts` by status, and `findings`, each with the members of `Finding`; `mend`, and of a clause `specification`,
 * `link` and `why`, are left out where there is none. Characters that command a terminal or hide are written as escapes of JSON.
 */
export function jsonReport(report: Report): string {
  const { issuer, profile, startedAt, took, version, with: given, without, findings } = report
  const shape = {
    schema: JSON_SCHEMA,
    ...{ version, issuer, profile, startedAt, took, with: given, without },
    counts: countsOf(report),
    findings: findings.map(shapeOf),
  }
  return `${escaped(JSON.stringify(shape, undefined, 2))}\n`
}

const shapeOf = ({ area, id, rule, title, status, clauses, expected, got, mend, evidence }: Finding) => ({
  ...{ area, id, rule, title, status },
  clauses: clauses.map(({ clause, specification, link, why }) => ({ clause, specification, link, why })),
  ...{ expected, got, mend, evidence },
})

/** What JSON itself lets through. The line ends between members stay. */
const HIDDEN = /(?!\n)[\p{C}\p{Zl}\p{Zp}\p{Default_Ignorable_Code_Point}]/gu

/** Such characters stand in strings only, where this is another way to write the same. */
export const escaped = (json: string): string =>
  json.replaceAll(HIDDEN, (character) =>
    Array.from({ length: character.length }, (_none, index) => `\\u${character.charCodeAt(index).toString(16).padStart(4, '0')}`).join(''),
  )
