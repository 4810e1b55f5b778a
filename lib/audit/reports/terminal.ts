import type { Finding, Report, Status } from '../finding.js'
import { shownReport } from './shown.js'
import { byArea, checksText, conclusion, countsText, momentText, ORDER, reasonsOf, STATUSES, tookText } from './summary.js'
import { hasColours, LOOKS, type Terminal, widthOf } from './terminal-look.js'
import { columnsOf, padded, wrapped } from './terminal-text.js'

/** Columns, our choice: with fewer the clause stands below the title. */
const BESIDE = 76

interface Page {
  readonly width: number
  /** Whether clauses and labels stand above what they belong to, instead of beside it. */
  readonly isNarrow: boolean
  readonly clauseWidth: number
  paint(look: keyof typeof LOOKS, text: string): string
}

/**
 * The report for a terminal: each area with a line for each check, what to do about those that did not pass, what could not be judged
 * and what it would take, and the result.
 */
export function terminalReport(report: Report, terminal: Terminal): string {
  const shown = shownReport(report)
  const isColoured = hasColours(terminal)
  const width = widthOf(terminal)
  const widest = Math.max(0, ...shown.findings.map((finding) => columnsOf(clauseText(finding))))
  const page: Page = {
    width,
    isNarrow: width < BESIDE,
    clauseWidth: Math.min(widest, Math.floor(width / 3)),
    paint: (look, text) => (isColoured && text !== '' ? `\x1b[${LOOKS[look]}m${text}\x1b[0m` : text),
  }
  const parts = [
    heading(shown, page),
    ...byArea(shown).map(([, title, findings]) => areaLines(title, findings, page)),
    broken(shown, page),
    leftOpen(shown, page),
    missing(shown, page),
    result(shown, page),
  ]
  return `${parts
    .filter((lines) => lines.length > 0)
    .map((lines) => lines.join('\n').trimEnd())
    .join('\n\n')}\n`
}

function heading({ issuer, profile, startedAt, took, version, with: given }: Report, page: Page): readonly string[] {
  return [
    page.paint('strong', `express-fapi ${version} audit`),
    ...labelled('Server', [issuer], page, 2),
    ...labelled('Profile', [`${profile.title} (${profile.name})`], page, 2),
    ...labelled('Begun', [`${momentText(startedAt)}, took ${tookText(took)}`], page, 2),
    ...labelled('With', given, page, 2),
  ]
}

function areaLines(title: string, findings: readonly Finding[], page: Page): readonly string[] {
  const counts = countsText(findings)
  const space = page.width - columnsOf(title) - columnsOf(counts)
  const head =
    space >= 2
      ? [`${page.paint('strong', title)}${' '.repeat(space)}${counts}`]
      : [page.paint('strong', title), ...wrapped(counts, page.width - 2).map((line) => `  ${line}`)]
  return [...head, ...findings.flatMap((finding) => [...row(finding, page), ...details(finding, page)])]
}

/** Columns before a title, and before what is said below it. */
const INDENT = 16
const NARROW_INDENT = 4

/** Mark, word, title and clause. */
function row(finding: Finding, page: Page): readonly string[] {
  const { status, title } = finding
  const { mark, word } = STATUSES[status]
  const titleLook = (line: string) => (status === 'failed' ? page.paint('strong', line) : line)
  if (page.isNarrow) {
    const [first = '', ...more] = wrapped(`${word}: ${title}`, page.width - NARROW_INDENT)
    return [
      `  ${page.paint(status, mark)} ${page.paint(status, `${word}:`)}${titleLook(first.slice(word.length + 1))}`,
      ...[...more.map(titleLook), ...wrapped(clauseText(finding), page.width - NARROW_INDENT)]
        .filter(Boolean)
        .map((line) => ' '.repeat(NARROW_INDENT) + line),
    ]
  }
  const titleWidth = page.width - INDENT - 2 - page.clauseWidth
  const titles = wrapped(title, titleWidth)
  const clauses = wrapped(clauseText(finding), Math.max(1, page.clauseWidth))
  return Array.from({ length: Math.max(titles.length, clauses.length) }, (_none, index) => {
    const before = index === 0 ? `  ${page.paint(status, `${mark} ${padded(word, INDENT - 4)}`)}` : ' '.repeat(INDENT)
    const [line, clause] = [titles[index] ?? '', clauses[index] ?? '']
    return `${before}${titleLook(line)}${padded('', titleWidth + 2 - columnsOf(line))}${page.paint('quiet', clause)}`.trimEnd()
  })
}

/** `FAPI2-SP-5.3.2.2-5 +1`: the others follow where there is more to say. */
const clauseText = ({ clauses: [first, ...others] }: Finding) =>
  first === undefined ? '' : `${first.clause}${others.length > 0 ? ` +${others.length}` : ''}`

/** What to do about it. Of what was not judged only what was missing: there may be a lot of it. */
function details({ status, expected, got, mend, clauses, evidence }: Finding, page: Page): readonly string[] {
  if (status === 'passed') return []
  const said = (label: string, texts: readonly string[]) => labelled(label, texts, page, NARROW_INDENT)
  const mending = mend === undefined ? [] : [mend]
  if (status === 'unjudged') return [...said('Missing', [got]), ...said('Mend', mending)]
  return [
    ...said('Expected', [expected]),
    ...said('Got', [got]),
    ...said('Mend', mending),
    ...said(
      clauses.length === 1 ? 'Clause' : 'Clauses',
      clauses.flatMap(({ clause, specification, link, why }) => [
        specification === undefined ? clause : `${clause}, ${specification}`,
        ...(link === undefined ? [] : [link]),
        ...(why === undefined ? [] : [why]),
      ]),
    ),
    ...said('Evidence', evidence),
    '',
  ]
}

/** Texts beside their label, or below it where there is little room. */
function labelled(label: string, texts: readonly string[], page: Page, indent: number): readonly string[] {
  if (texts.length === 0) return []
  if (page.isNarrow) {
    const [first = '', ...more] = texts.flatMap((text, index) => wrapped(index === 0 ? `${label}: ${text}` : text, page.width - indent - 2))
    return [`${' '.repeat(indent)}${first}`, ...more.map((line) => `${' '.repeat(indent + 2)}${line}`)]
  }
  const lines = texts.flatMap((text) => wrapped(text, page.width - INDENT))
  return lines.map((line, index) => `${' '.repeat(indent)}${padded(index === 0 ? label : '', INDENT - indent)}${line}`)
}

/** What failed, once more: it has left the screen by now. */
function broken(report: Report, page: Page): readonly string[] {
  const failed = byArea(report).flatMap(([, area, findings]) =>
    findings.filter(({ status }) => status === 'failed').map(({ title, id }) => `${area}: ${title} (${id})`),
  )
  return failed.length === 0 ? [] : [page.paint('strong', 'What failed'), ...listed(failed, page)]
}

/** What could not be judged. */
function leftOpen({ findings }: Report, page: Page): readonly string[] {
  const reasons = reasonsOf(findings).map(({ reason, count }) => `${checksText(count)}: ${reason}`)
  return reasons.length === 0 ? [] : [page.paint('strong', 'What could not be judged'), ...listed(reasons, page)]
}

/** What it would take to judge more. */
const missing = ({ without }: Report, page: Page): readonly string[] =>
  without.length === 0 ? [] : [page.paint('strong', 'What the audit went without'), ...listed(without, page)]

const listed = (texts: readonly string[], page: Page) =>
  texts.flatMap((text) => wrapped(text, page.width - 4).map((line, index) => `  ${index === 0 ? '–' : ' '} ${line}`))

function result(report: Report, page: Page): readonly string[] {
  const worst: Status = ORDER.find((status) => report.findings.some((finding) => finding.status === status)) ?? 'unjudged'
  const counts = `${STATUSES[worst].mark} ${countsText(report.findings)}`
  return [
    ...wrapped(counts, page.width).map((line) => page.paint(worst, line)),
    ...wrapped(conclusion(report), page.width).map((line) => page.paint('strong', line)),
  ]
}
