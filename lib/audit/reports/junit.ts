import { type Area, countsOf, type Finding, type Report } from '../finding.js'
import { shownReport } from './shown.js'
import { byArea, isoOf } from './summary.js'

/**
 * The report as JUnit XML: a suite for each area, a test case for each finding. What failed is a `failure`, what could not be judged is
 * `skipped`, and what is warned of passes with the warning in `system-out`, since JUnit knows nothing between the two.
 */
export function junitReport(report: Report): string {
  const shown = shownReport(report)
  const { failed, unjudged } = countsOf(shown)
  const suites = element(
    'testsuites',
    {
      name: `${shown.profile.title}: ${shown.issuer}`,
      ...{ tests: shown.findings.length, failures: failed, errors: 0, skipped: unjudged, time: secondsOf(shown.took) },
    },
    byArea(shown).map(([area, title, findings]) => suiteOf(shown, area, title, findings)),
  )
  return `<?xml version="1.0" encoding="UTF-8"?>\n${suites}\n`
}

function suiteOf({ profile, issuer, startedAt }: Report, area: Area, title: string, findings: readonly Finding[]): string {
  const { failed, unjudged } = countsOf({ findings })
  const timestamp = isoOf(startedAt)?.replace('Z', '')
  return element(
    'testsuite',
    {
      ...{ name: title, tests: findings.length, failures: failed, errors: 0, skipped: unjudged, time: '0' },
      ...(timestamp !== undefined && { timestamp }),
      hostname: issuer,
    },
    findings.map((finding) => caseOf(finding, `${profile.name}.${area}`)),
  )
}

function caseOf(finding: Finding, classname: string): string {
  const { id, title, status, got, rule } = finding
  const attributes = { name: `${title} (${id})`, classname, time: '0' }
  const told = escaped(textOf(finding))
  if (status === 'failed') return element('testcase', attributes, [element('failure', { message: got, type: rule }, [told])])
  if (status === 'unjudged') return element('testcase', attributes, [element('skipped', { message: got })])
  return element('testcase', attributes, status === 'warned' ? [element('system-out', {}, [`Warning\n${told}`])] : [])
}

const textOf = ({ expected, got, mend, clauses, evidence }: Finding) =>
  [
    `Expected: ${expected}`,
    `Got: ${got}`,
    ...(mend === undefined ? [] : [`Mend: ${mend}`]),
    ...clauses.map(({ clause, link }) => `Clause: ${clause}${link === undefined ? '' : ` ${link}`}`),
    ...evidence.map((line) => `Evidence: ${line}`),
  ].join('\n')

const secondsOf = (took: number) => (Number.isFinite(took) ? took.toFixed(3) : '0')

/** Children are XML already. */
function element(name: string, attributes: Readonly<Record<string, string | number>>, children: readonly string[] = []): string {
  const head = [name, ...Object.entries(attributes).map(([key, value]) => `${key}="${escaped(String(value))}"`)].join(' ')
  return children.length === 0 ? `<${head}/>` : `<${head}>${children.join('\n')}</${name}>`
}

const ENTITIES: Readonly<Record<string, string>> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;', "'": '&apos;' }
const escaped = (text: string) => text.replaceAll(/[&<>"']/g, (character) => ENTITIES[character] ?? '')
