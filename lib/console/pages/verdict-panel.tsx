import type { ExplainedClause, ExplainedViolation } from '../../core/explanation.js'
import type { ExplainedVerdict } from '../operations/verdicts.js'
import { Badge, Facts, Panel, Time } from './components.js'
import type { Visit } from './page.js'
import { isLinkable, modeWords, stageWords } from './verdict-words.js'

type Href = Visit['href']

/** What came of a request, in a word and not by colour alone. */
export const OutcomeBadge = ({ verdict: { outcome, mode } }: { readonly verdict: ExplainedVerdict }) => {
  if (outcome === 'refused') return <Badge tone="bad">refused</Badge>
  if (outcome === 'passed') return <Badge tone="good">passed</Badge>
  return <Badge tone="warning">{mode === 'report' ? 'would be refused (report mode)' : 'let pass (waived)'}</Badge>
}

/** A client, linked to its application. */
export const ClientLink = ({ client, href }: { readonly client: string | undefined; readonly href: Href }) =>
  client === undefined ? (
    <span>–</span>
  ) : isLinkable(client) ? (
    <a href={href('/applications/{client_id}', { client_id: client })}>
      <bdi>{client}</bdi>
    </a>
  ) : (
    <bdi>{client}</bdi>
  )

/** A clause, linked to its specification. */
export const ClauseLink = ({ clause: { clause, specification, link } }: { readonly clause: Omit<ExplainedClause, 'why'> }) => (
  <>
    {link?.startsWith('https://') ? (
      <a href={link} rel="noopener noreferrer">
        {clause}
      </a>
    ) : (
      clause
    )}
    {specification !== undefined && <small> {specification}</small>}
  </>
)

/** What was wrong, what would be right, and what to do. */
const ViolationFacts = ({ violation }: { readonly violation: ExplainedViolation }) => {
  const { rule, clauses, error, expected, got, mend, waived, answered } = violation
  return (
    <>
      <h3>
        <code>{rule}</code> {answered && <Badge tone="bad">answered with this</Badge>}
        {waived !== undefined && <Badge tone="warning">waived</Badge>}
      </h3>
      <Facts
        facts={[
          ...said('Expected', expected),
          ['Got', <bdi key="got">{got}</bdi>],
          ...said('How to mend it', mend),
          ...said('Waived because', waived),
          [clauses.length === 1 ? 'Clause' : 'Clauses', <Clauses key="clauses" clauses={clauses} />],
          ['Error', <code key="error">{error}</code>],
        ]}
      />
    </>
  )
}

const said = (name: string, text: string | undefined) => (text === undefined ? [] : [[name, <bdi key="text">{text}</bdi>] as const])

const Clauses = ({ clauses }: { readonly clauses: readonly ExplainedClause[] }) =>
  clauses.length === 0 ? (
    <span>None: it is no clause of the profile that says this.</span>
  ) : (
    <ul class="plain">
      {clauses.map((clause) => (
        <li key={clause.clause}>
          <ClauseLink clause={clause} />
          {clause.why !== undefined && <p class="hint">{clause.why}</p>}
        </li>
      ))}
    </ul>
  )

/** A verdict, explained. */
export const VerdictPanel = ({ verdict, href, id }: { readonly verdict: ExplainedVerdict; readonly href: Href; readonly id?: string }) => {
  const { at, stage, mode, profile, client, by, violations } = verdict
  const answer = violations.find(({ answered }) => answered)
  return (
    <Panel
      {...(id !== undefined && { id })}
      title={
        <>
          {stageWords(stage)} <OutcomeBadge verdict={verdict} />
        </>
      }
    >
      <Facts
        facts={[
          ['When', <Time key="at" at={at} />],
          ['Client', <ClientLink key="client" client={client} href={href} />],
          ['Answered with', answer ? <code key="answer">{answer.error}</code> : 'No error: the request went on.'],
          ['Judged by', by === 'server' ? 'The server itself' : 'The rules of the profile'],
          ['Profile', profile?.title],
          ['Mode', modeWords(mode)],
        ]}
      />
      {violations.length === 0 && <p>Everything held.</p>}
      {violations.map((violation, index) => (
        <ViolationFacts key={`${index} ${violation.rule}`} violation={violation} />
      ))}
    </Panel>
  )
}
