import { createHash } from 'node:crypto'
import { AREAS, type Finding, type Report } from '../finding.js'
import { shownReport } from './shown.js'
import { isoOf, STATUSES } from './summary.js'

/**
 * The report as SARIF 2.1.0. Results are what failed (`error`) and what is warned of (`warning`): GitHub code scanning raises an alert for
 * every result, whatever its `kind` says. What could not be judged is a notification of the invocation (`note`), and what passed
 * is known by its rule having no result.
 */
export function sarifReport(report: Report): string {
  const shown = shownReport(report)
  const rules = shown.findings.filter(({ rule }, index, all) => all.findIndex((one) => one.rule === rule) === index)
  const indexes = new Map(rules.map(({ rule }, index) => [rule, index]))
  const problems = shown.findings.filter(({ status }) => status === 'failed' || status === 'warned')
  const log = {
    $schema: 'https://json.schemastore.org/sarif-2.1.0.json',
    version: '2.1.0',
    runs: [
      {
        tool: { driver: { name: 'express-fapi', semanticVersion: shown.version, rules: rules.map(descriptorOf) } },
        automationDetails: { id: `express-fapi/${shown.profile.name}/${placeOf(shown.issuer)}/` },
        invocations: [invocationOf(shown)],
        columnKind: 'utf16CodeUnits',
        results: problems.map((finding) => resultOf(shown, finding, indexes.get(finding.rule) ?? -1)),
      },
    ],
  }
  return `${JSON.stringify(log, undefined, 2)}\n`
}

function descriptorOf({ rule, expected, mend, clauses }: Finding) {
  const helpUri = clauses.find(({ link }) => link !== undefined)?.link
  const clauseLines = clauses.map(({ clause, specification }) => (specification ? `${clause}, ${specification}` : clause))
  return {
    id: rule,
    shortDescription: message(expected),
    fullDescription: message([expected, ...clauseLines].join('\n')),
    help: message([mend ?? expected, ...clauseLines].join('\n')),
    ...(helpUri !== undefined && { helpUri }),
    properties: { tags: ['security', 'fapi'], clauses: clauses.map(({ clause }) => clause) },
  }
}

function resultOf({ issuer, profile }: Report, finding: Finding, ruleIndex: number) {
  const { rule, id, title, status, got, expected, mend, evidence } = finding
  return {
    ...{ ruleId: rule, ruleIndex },
    ...{ kind: 'fail', level: status === 'failed' ? 'error' : 'warning' },
    message: message([`${title}: ${got}`, `Expected: ${expected}`, ...(mend === undefined ? [] : [`Mend: ${mend}`])].join('\n')),
    locations: [locationOf(issuer, finding)],
    partialFingerprints: { 'expressFapiFinding/v1': sha256(JSON.stringify([issuer, profile.name, id])) },
    properties: { finding: id, status: STATUSES[status].word, evidence },
  }
}

function locationOf(issuer: string, { area, id }: Finding) {
  return {
    physicalLocation: {
      artifactLocation: { uri: `${placeOf(issuer)}/.well-known/openid-configuration` },
      region: { startLine: 1 },
    },
    logicalLocations: [{ name: AREAS[area], fullyQualifiedName: `${area}/${id}`, kind: 'module' }],
  }
}

function invocationOf({ startedAt, took, findings, without }: Report) {
  const [begun, ended] = [isoOf(startedAt), isoOf(startedAt + took)]
  return {
    executionSuccessful: true,
    ...(begun !== undefined && { startTimeUtc: begun }),
    ...(ended !== undefined && { endTimeUtc: ended }),
    toolExecutionNotifications: [
      ...without.map((one) => ({ level: 'note', message: message(`The audit went without: ${one}`) })),
      ...findings
        .filter(({ status }) => status === 'unjudged')
        .map(({ rule, title, got }) => ({
          level: 'note',
          message: message(`Not judged: ${title}: ${got}`),
          associatedRule: { id: rule },
        })),
    ],
  }
}

/**
 * The issuer as a relative reference: GitHub code scanning refuses every URI whose scheme is not that of its checkout, and takes for a
 * scheme what stands before a colon.
 */
function placeOf(issuer: string): string {
  const bare = issuer.replace(/^[a-z][a-z0-9+.-]*:\/\//i, '').replace(/\/+$/, '')
  return bare.split('/').map(encodeURIComponent).join('/')
}

/** SARIF §3.11.6 makes a link of `[text](target)`, and nobody but a profile links anything here. */
const message = (text: string) => ({ text: text.replaceAll('](', '] (') })

const sha256 = (text: string) => createHash('sha256').update(text).digest('hex')
