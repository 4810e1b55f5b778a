import { countsOf, type Report } from '../finding.js'
import { Bar, Swatch } from './html-bar.js'
import { checksText, countsText, momentText, ORDER, reasonsOf, STATUSES, tookText } from './summary.js'

/** What came of everything, drawn and in numbers; the numbers choose what is shown below. */
export const Summary = ({ report }: { readonly report: Report }) => {
  const counts = countsOf(report)
  const present = ORDER.filter((status) => counts[status] > 0)
  return (
    <section class="panel" id="summary">
      <h2>Summary</h2>
      {present.length === 0 ? (
        <p class="empty">Nothing was tried.</p>
      ) : (
        <>
          <Bar counts={counts} words={countsText(report.findings)} />
          <fieldset class="filter">
            <legend>Show below</legend>
            {present.map((status) => (
              <label key={status}>
                <input type="checkbox" id={`show-${status}`} checked autoComplete="off" />
                <Swatch status={status} />
                <span>
                  <b>{counts[status]}</b> {STATUSES[status].word}
                </span>
              </label>
            ))}
          </fieldset>
        </>
      )}
    </section>
  )
}

/** What was judged, by what, and with what. */
export const About = ({ report }: { readonly report: Report }) => (
  <section class="panel" id="about">
    <h2>The audit</h2>
    <dl class="facts">
      <div>
        <dt>Server</dt>
        <dd>
          <bdi>{report.issuer}</bdi>
        </dd>
      </div>
      <div>
        <dt>Profile</dt>
        <dd>
          {report.profile.title} <code>{report.profile.name}</code>
        </dd>
      </div>
      <div>
        <dt>Begun</dt>
        <dd>
          {momentText(report.startedAt)}, took {tookText(report.took)}
        </dd>
      </div>
      {report.with.length > 0 && (
        <div>
          <dt>With</dt>
          <dd>
            <Lines texts={report.with} />
          </dd>
        </div>
      )}
    </dl>
  </section>
)

const Lines = ({ texts }: { readonly texts: readonly string[] }) => (
  <ul class="plain">
    {texts.map((text, index) => (
      <li key={String(index)}>
        <bdi>{text}</bdi>
      </li>
    ))}
  </ul>
)

/** What the part is called that says so. */
export const NOT_JUDGED = 'What could not be judged'

/** Whether more could be judged. */
export const isOpen = ({ findings, without }: Pick<Report, 'findings' | 'without'>): boolean =>
  without.length > 0 || findings.some(({ status }) => status === 'unjudged')

/** What could not be judged, and what it would take. */
export const LeftOpen = ({ report: { findings, without } }: { readonly report: Report }) => {
  const reasons = reasonsOf(findings)
  if (!isOpen({ findings, without })) return null
  return (
    <section class="panel" id="not-judged">
      <h2>{NOT_JUDGED}</h2>
      {reasons.length > 0 && (
        <ul class="reasons">
          {reasons.map(({ reason, count }) => (
            <li key={reason}>
              {checksText(count)}: <bdi>{reason}</bdi>
            </li>
          ))}
        </ul>
      )}
      {without.length > 0 && (
        <>
          <p>The audit went without these. Given them, it judges more:</p>
          <ul class="reasons">
            {without.map((text, index) => (
              <li key={String(index)}>
                <bdi>{text}</bdi>
              </li>
            ))}
          </ul>
        </>
      )}
    </section>
  )
}
