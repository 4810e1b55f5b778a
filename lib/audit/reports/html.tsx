import { createHash } from 'node:crypto'
import { render } from 'preact-render-to-string'
import { countsOf, type Finding, type Report, type Status } from '../finding.js'
import { FindingView, Problems } from './html-finding.js'
import { HTML_STYLE } from './html-style.js'
import { About, isOpen, LeftOpen, NOT_JUDGED, Summary } from './html-summary.js'
import { shownReport } from './shown.js'
import { byArea, conclusion, countsText, momentText, ORDER } from './summary.js'

/**
 * The report as one page that loads nothing, runs nothing and links to nothing but clauses: its Content-Security-Policy allows its own
 * stylesheet, by its digest, and nothing else. It can be printed.
 */
export function htmlReport(report: Report): string {
  return `<!doctype html>\n${render(<Page report={shownReport(report)} />)}\n`
}

const POLICY = "default-src 'none'; base-uri 'none'; form-action 'none'; style-src "

const Page = ({ report }: { readonly report: Report }) => {
  const { issuer, profile, version, startedAt, findings } = report
  const counts = countsText(findings)
  const areas = byArea(report).map(([area, title, found]) => ({
    ...{ area, title, found },
    views: found.map((finding, index) => [finding, `${area}-${index + 1}`] as const),
  }))
  const problems = areas.flatMap(({ views }) => views).filter(([{ status }]) => status === 'failed' || status === 'warned')
  return (
    <html lang="en">
      <head>
        <meta charset="utf-8" />
        <meta http-equiv="Content-Security-Policy" content={`${POLICY}'sha256-${digestOf(HTML_STYLE)}'`} />
        <meta name="viewport" content="width=device-width, initial-scale=1" />
        <meta name="color-scheme" content="light dark" />
        <meta name="referrer" content="no-referrer" />
        <title>{`Audit of ${issuer}: ${counts}`}</title>
        <style>{HTML_STYLE}</style>
      </head>
      <body>
        <a class="skip" href="#main">
          Skip to the content
        </a>
        <header class="top">
          <strong>express-fapi audit</strong>
          <span class="quiet">{momentText(startedAt)}</span>
        </header>
        <div class="frame">
          <Contents report={report} />
          <main id="main" tabIndex={-1}>
            <div>
              <h1>
                Audit of <bdi>{issuer}</bdi>
              </h1>
              <p class="lead">Held against the profile {profile.title}</p>
            </div>
            <p class={`notice ${toneOf(findings)}`}>{conclusion(report)}</p>
            <Summary report={report} />
            {problems.length > 0 && <Problems problems={problems} />}
            <LeftOpen report={report} />
            <About report={report} />
            {areas.map(({ area, title, found, views }) => (
              <section class="area" id={area} key={area} aria-labelledby={`${area}-title`}>
                <div class="headline">
                  <h2 id={`${area}-title`}>{title}</h2>
                  <span class="quiet">{countsText(found)}</span>
                </div>
                {views.map(([finding, anchor]) => (
                  <FindingView key={anchor} finding={finding} anchor={anchor} />
                ))}
              </section>
            ))}
            <footer>Made by express-fapi {version}. Nothing in this report is secret.</footer>
          </main>
        </div>
      </body>
    </html>
  )
}

const Contents = ({ report }: { readonly report: Report }) => (
  <nav aria-label="Contents">
    <ul>
      <li>
        <a href="#summary">Summary</a>
      </li>
      {isOpen(report) && (
        <li>
          <a href="#not-judged">{NOT_JUDGED}</a>
        </li>
      )}
      <li>
        <a href="#about">The audit</a>
      </li>
      {byArea(report).map(([area, title, found]) => (
        <li key={area}>
          <a href={`#${area}`}>
            {title} <span class={`tally ${worstOf(found)}`}>{tallyOf(found)}</span>
          </a>
        </li>
      ))}
    </ul>
  </nav>
)

/** What is most worth knowing of an area. */
function tallyOf(findings: readonly Finding[]): string {
  const worst = worstOf(findings)
  return worst === 'failed' || worst === 'warned' ? `${countsOf({ findings })[worst]} ${worst}` : ''
}

const worstOf = (findings: readonly Finding[]): Status =>
  ORDER.find((status) => findings.some((one) => one.status === status)) ?? 'unjudged'

/** What was not judged does not take from what passed. */
function toneOf(findings: readonly Finding[]): Status {
  const worst = worstOf(findings)
  return worst === 'unjudged' && findings.some(({ status }) => status === 'passed') ? 'passed' : worst
}

const digestOf = (text: string) => createHash('sha256').update(text).digest('base64')
