import type { ApplicationSummary } from '../application-view.js'
import { listApplications } from '../operations/applications.js'
import { hasRole } from '../roles.js'
import { Badge, Heading, Notice, Panel } from './components.js'
import { TextField } from './fields.js'
import type { Page, Visit } from './page.js'
import { Pager, Table } from './tables.js'

/** Whether an application is served, and how it is held to its profile. */
export const Standing = ({ application: { status, mode, profile } }: { readonly application: ApplicationSummary }) => (
  <>
    <Badge tone={status === 'active' ? 'good' : 'bad'}>{status === 'active' ? 'enabled' : 'disabled'}</Badge>
    {profile !== undefined && mode === 'report' && <Badge tone="warning">report only</Badge>}
  </>
)

const Applications = ({
  items,
  href,
  caption,
}: {
  readonly items: readonly ApplicationSummary[]
  readonly href: Visit['href']
  readonly caption: string
}) => (
  <Table
    caption={caption}
    head={['Name', 'client_id', 'Profile', 'Authentication', 'State']}
    empty="There is no such application."
    rows={items.map((application) => ({
      key: application.client_id,
      cells: [
        <a key="name" href={href('/applications/{client_id}', { client_id: application.client_id })}>
          <bdi>{application.client_name ?? 'without a name'}</bdi>
        </a>,
        <code key="id">{application.client_id}</code>,
        application.profile ?? 'not FAPI',
        application.token_endpoint_auth_method,
        <Standing key="state" application={application} />,
      ],
    }))}
  />
)

export const applicationListPages: readonly Page[] = [
  {
    path: '/applications',
    section: 'Applications',
    role: 'viewer',
    async get({ ask, by, href, query: { search, cursor, done } }) {
      const { items, configured, cursor: next } = await ask(listApplications, { query: { search, cursor } })
      return {
        title: 'Applications',
        body: (
          <>
            <Heading title="Applications" lead="The clients of this server, and the profile that each is held to.">
              {hasRole(by, 'admin') && (
                <a class="button primary" href={href('/applications/new')}>
                  New application
                </a>
              )}
            </Heading>
            {done === 'deleted' && (
              <Notice tone="good">
                <p>The application was deleted. Its history stays in the audit trail.</p>
              </Notice>
            )}
            <form method="get" action={href('/applications')} class="filter">
              <TextField
                name="search"
                label="Search"
                keyboard="search"
                metadata=""
                value={search}
                hint="A name, client_id, redirect URI or any other value"
              />
              <div class="actions">
                <button type="submit">Search</button>
                {search !== undefined && <a href={href('/applications')}>Show all</a>}
              </div>
            </form>
            <Applications items={items} href={href} caption="Applications" />
            <Pager
              first={cursor && href('/applications', {}, { search })}
              next={next && href('/applications', {}, { search, cursor: next })}
            />
            {configured.length > 0 && (
              <Panel title="In the configuration of the server">
                <p class="hint">These are set up in code, and cannot be changed here.</p>
                <Applications items={configured} href={href} caption="Applications in the configuration" />
              </Panel>
            )}
          </>
        ),
      }
    },
  },
]
