import type { Page as ListPage } from '../../stores/store.js'
import { type ConsoleError, mendable } from '../console-error.js'
import { type ExplainedVerdict, searchVerdicts, tallyVerdicts } from '../operations/verdicts.js'
import type { VerdictTally } from '../verdict-tallies.js'
import { ByRule, lengthOf, OverTime } from './charts.js'
import { Heading, Panel, Problems, Time } from './components.js'
import { ExplainForm } from './explanation.js'
import type { Page, Visit } from './page.js'
import { Pager, Table } from './tables.js'
import { VerdictFilter, wantedOf } from './verdict-filter.js'
import { ClauseLink, ClientLink, OutcomeBadge, VerdictPanel } from './verdict-panel.js'
import { isLinkable, stageWords } from './verdict-words.js'

interface Found {
  readonly list: ListPage<ExplainedVerdict>
  readonly tally: VerdictTally
}

async function find({ ask, query }: Visit): Promise<Found> {
  const { texts, from, until, hours } = wantedOf(query)
  const { outcome: _outcome, ...filter } = texts
  const end = until ?? String(Math.floor(Date.now() / 1000))
  const isOpen = texts.interaction !== undefined && query.hours === undefined
  const start = from ?? (isOpen ? undefined : String(Math.max(0, Number(end) - Number(hours) * 3600)))
  // The one whose complaint tells more is asked first.
  const [tally, list] = await Promise.all([
    ask(tallyVerdicts, { query: { ...filter, from, until, hours } }),
    ask(searchVerdicts, { query: { ...texts, from: start, until, cursor: query.cursor } }),
  ])
  return { list, tally }
}

const VerdictTable = ({ verdicts, href }: { readonly verdicts: readonly ExplainedVerdict[]; readonly href: Visit['href'] }) => (
  <Table
    caption="Verdicts, newest first"
    head={['Time', 'Client', 'Stage', 'Rule and clause', 'What came of it', 'Why']}
    empty="No verdict fits. Choose a longer time, or fewer conditions; verdicts are kept for as long as the journal is."
    rows={verdicts.map((verdict, index) => ({ key: String(index), cells: cellsOf(verdict, index, href) }))}
  />
)

const placeOf = (index: number) => `verdict-${index + 1}`

function cellsOf(verdict: ExplainedVerdict, index: number, href: Visit['href']) {
  const { at, client, stage, violations, interaction } = verdict
  const [first, ...others] = violations
  const [clause] = first?.clauses ?? []
  const explanation = isLinkable(interaction) ? href('/verdicts/{interaction_id}', { interaction_id: interaction }) : `#${placeOf(index)}`
  return [
    <Time key="at" at={at} />,
    <ClientLink key="client" client={client} href={href} />,
    stageWords(stage),
    <>
      {first ? <code>{first.rule}</code> : '–'}
      {others.length > 0 && <small> and {others.length} more</small>}
      <br />
      {clause && <ClauseLink clause={{ ...clause, specification: undefined }} />}
    </>,
    <>
      <OutcomeBadge verdict={verdict} />
      <br />
      {first && <code>{first.error}</code>}
    </>,
    <a key="why" href={explanation}>
      Explain<span class="hidden"> {interaction ?? `verdict ${index + 1}`}</span>
    </a>,
  ]
}

/** What belongs to no request has no page of its own. */
const OfNoRequest = ({ verdicts, href }: { readonly verdicts: readonly ExplainedVerdict[]; readonly href: Visit['href'] }) => {
  const own = verdicts.flatMap((verdict, index) => (isLinkable(verdict.interaction) ? [] : [{ verdict, id: placeOf(index) }]))
  return own.length === 0 ? null : (
    <>
      <h2>Explained here, since they belong to no request</h2>
      {own.map(({ verdict, id }) => (
        <VerdictPanel key={id} id={id} verdict={verdict} href={href} />
      ))}
    </>
  )
}

const Body = ({
  visit,
  found,
  error,
}: {
  readonly visit: Visit
  readonly found: Found | undefined
  readonly error: ConsoleError | undefined
}) => {
  const { href, query } = visit
  const { cursor: _cursor, ...same } = query
  return (
    <>
      <Heading title="Verdicts" lead="What the server refused, and what it would refuse if every rule were enforced." />
      {error && <Problems title="This cannot be looked for" problems={[error.message]} />}
      <ExplainForm action={href('/verdicts')} />
      <VerdictFilter visit={visit} />
      {found && (
        <>
          <Panel title="In numbers">
            <p>
              {found.tally.total.refused} refused, {found.tally.total.broken} would have been refused, {found.tally.total.passed} passed,
              from <Time at={found.tally.from} /> on. Each bar is {lengthOf(found.tally.bucket_seconds)}.
            </p>
            <div class="pair">
              <OverTime tally={found.tally} />
              <ByRule rules={found.tally.rules} href={(rule) => href('/verdicts', {}, { ...same, rule })} />
            </div>
          </Panel>
          <VerdictTable verdicts={found.list.items} href={href} />
          <Pager
            first={query.cursor && href('/verdicts', {}, same)}
            next={found.list.cursor && href('/verdicts', {}, { ...same, cursor: found.list.cursor })}
          />
          <OfNoRequest verdicts={found.list.items} href={href} />
        </>
      )}
    </>
  )
}

export const verdictPages: readonly Page[] = [
  {
    path: '/verdicts',
    section: 'Verdicts',
    role: 'viewer',
    async get(visit) {
      const { query, href } = visit
      const sought = query.explain?.trim()
      if (isLinkable(sought)) return { to: href('/verdicts/{interaction_id}', { interaction_id: sought }) }
      try {
        const found = await find(visit)
        return { title: 'Verdicts', body: <Body visit={visit} found={found} error={undefined} /> }
      } catch (cause) {
        const error = mendable(cause)
        return { title: 'Verdicts', status: error.status, body: <Body visit={visit} found={undefined} error={error} /> }
      }
    },
  },
]
