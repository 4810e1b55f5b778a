import type { AuditEntry } from '../audit-trail.js'
import { listAudit } from '../operations/audit.js'
import { Badge, Heading, Time } from './components.js'
import type { Page } from './page.js'
import { Code, Pager, Table } from './tables.js'

/** Changes, newest first, each with its details folded away. */
export const AuditTable = ({ entries, href }: { readonly entries: readonly AuditEntry[]; readonly href: (clientId: string) => string }) => (
  <Table
    caption="Changes, newest first"
    head={['When', 'Who', 'What', 'About', 'Outcome']}
    empty="Nothing has been changed yet."
    rows={entries.map(({ id, at, by, action, subject, outcome, detail }) => ({
      key: id,
      cells: [
        <Time key="at" at={at} />,
        <bdi key="by">{by}</bdi>,
        action,
        subject.kind === 'application' ? (
          <a key="about" href={href(subject.id)}>
            <bdi>{subject.id}</bdi>
          </a>
        ) : (
          <bdi key="about">{subject.id}</bdi>
        ),
        <>
          <Badge tone={outcome === 'done' ? 'good' : outcome === 'failed' ? 'bad' : 'warning'}>{outcome}</Badge>
          {detail !== undefined && (
            <details>
              <summary>Details</summary>
              <Code label={`Details of ${action} ${id}`}>{JSON.stringify(detail, null, 2)}</Code>
            </details>
          )}
        </>,
      ],
    }))}
  />
)

export const auditPages: readonly Page[] = [
  {
    path: '/audit',
    section: 'Audit trail',
    role: 'viewer',
    async get({ ask, href, query: { cursor } }) {
      const { items, cursor: next } = await ask(listAudit, { query: { cursor } })
      return {
        title: 'Audit trail',
        body: (
          <>
            <Heading title="Audit trail" lead="Every change made through this console. Entries are added and never removed." />
            <AuditTable entries={items} href={(client_id) => href('/applications/{client_id}', { client_id })} />
            <Pager first={cursor && href('/audit')} next={next && href('/audit', {}, { cursor: next })} />
          </>
        ),
      }
    },
  },
]
