import type { ComponentChildren } from 'preact'
import type { ExplainedClause } from '../../core/explanation.js'
import type { Finding, Status } from '../finding.js'
import { STATUSES } from './summary.js'

/** How it stands, by mark and word. */
const Badge = ({ status }: { readonly status: Status }) => (
  <span class={`badge ${status}`}>
    <span aria-hidden="true">{STATUSES[status].mark}</span> {STATUSES[status].word}
  </span>
)

/** A way to each of these findings. */
export const Problems = ({ problems }: { readonly problems: readonly (readonly [finding: Finding, anchor: string])[] }) => (
  <section class="panel" id="problems">
    <h2>What did not pass</h2>
    <ul class="problems">
      {problems.map(([{ status, title }, anchor]) => (
        <li key={anchor}>
          <Badge status={status} />
          <a href={`#${anchor}`}>{title}</a>
        </li>
      ))}
    </ul>
  </section>
)

/** One finding: its line, and below it, all that is known, folded where nothing is wrong. `anchor` is unique in the page. */
export const FindingView = ({ finding, anchor }: { readonly finding: Finding; readonly anchor: string }) => {
  const { status, title, clauses, rule, id, expected, got, mend, evidence } = finding
  const [first, ...others] = clauses
  return (
    <details class={`finding ${status}`} id={anchor} open={status === 'failed' || status === 'warned'}>
      <summary>
        <Badge status={status} />
        <h3>{title}</h3>
        <span class="clause">
          {first?.clause}
          {others.length > 0 && ` and ${others.length} more`}
        </span>
      </summary>
      <div class="body">
        <dl class="facts">
          <Fact name="Expected">{expected}</Fact>
          <Fact name={status === 'unjudged' ? 'Missing' : 'Received'}>
            <bdi>{got}</bdi>
          </Fact>
          {mend !== undefined && <Fact name="How to mend it">{mend}</Fact>}
          {clauses.length > 0 && (
            <Fact name={clauses.length === 1 ? 'Clause' : 'Clauses'}>
              <ul class="plain">
                {clauses.map((clause, index) => (
                  <li key={String(index)}>
                    <ClauseView {...clause} />
                  </li>
                ))}
              </ul>
            </Fact>
          )}
          <Fact name="Check">
            <code>{id}</code>
            {rule !== id && (
              <>
                {' '}
                <span class="quiet">
                  of the rule <code>{rule}</code>
                </span>
              </>
            )}
          </Fact>
          {evidence.length > 0 && (
            <Fact name="Evidence">
              <ol class="plain">
                {evidence.map((line, index) => (
                  <li key={String(index)}>
                    <code>
                      <bdi>{line}</bdi>
                    </code>
                  </li>
                ))}
              </ol>
            </Fact>
          )}
        </dl>
      </div>
    </details>
  )
}

const Fact = ({ name, children }: { readonly name: string; readonly children: ComponentChildren }) => (
  <div>
    <dt>{name}</dt>
    <dd>{children}</dd>
  </div>
)

const ClauseView = ({ clause, specification, link, why }: ExplainedClause) => (
  <>
    {link === undefined ? (
      clause
    ) : (
      <a href={link} rel="noreferrer">
        {clause}
      </a>
    )}
    {specification !== undefined && <span class="quiet"> {specification}</span>}
    {why !== undefined && <p class="quiet">{why}</p>}
  </>
)
