import type { ComponentChildren } from 'preact'
import { sectorOf } from '../application-fields.js'
import type { ApplicationView } from '../application-view.js'
import { openidClientSnippet } from '../openid-client-snippet.js'
import { considerApplication, historyOfApplication, readApplication } from '../operations/applications.js'
import { readReadiness } from '../operations/choices.js'
import { tallyVerdicts } from '../operations/verdicts.js'
import { hasRole } from '../roles.js'
import { Standing } from './applications.js'
import { AuditTable } from './audit.js'
import { Badge, Facts, Heading, Name, Notice, Panel, Time } from './components.js'
import { KeysOf } from './given-view.js'
import { JudgementView } from './judgement.js'
import type { Page, Visit } from './page.js'
import { ReadinessView } from './readiness-view.js'
import { Code, Pager, Table } from './tables.js'

/** Days of requests that tell how an application does, our choice. */
const REQUEST_DAYS = 30

type Tab = 'Overview' | 'Settings' | 'Readiness' | 'Try it' | 'History'

const TABS: Readonly<Record<Tab, string>> = {
  Overview: '/applications/{client_id}',
  Settings: '/applications/{client_id}/edit',
  Readiness: '/applications/{client_id}/readiness',
  'Try it': '/applications/{client_id}/try',
  History: '/applications/{client_id}/history',
}

/** What each page of an application begins with. */
export const ApplicationFrame = ({
  application,
  tab,
  visit: { href, by },
  children,
}: {
  readonly application: ApplicationView
  readonly tab: Tab | undefined
  readonly visit: Visit
  readonly children: ComponentChildren
}) => {
  const path = { client_id: application.client_id }
  const mayEdit = hasRole(by, 'admin') && !application.configured
  return (
    <>
      <Heading
        title={<bdi>{application.client_name ?? 'Application without a name'}</bdi>}
        trail={[{ label: 'Applications', href: href('/applications') }]}
      >
        <Standing application={application} />
      </Heading>
      <nav class="tabs" aria-label="Application">
        <ul>
          {Object.entries(TABS).map(([label, target]) =>
            label === 'Settings' && !mayEdit ? null : (
              <li key={label}>
                <a href={href(target, path)} {...(label === tab && { 'aria-current': 'page' })}>
                  {label}
                </a>
              </li>
            ),
          )}
        </ul>
      </nav>
      {children}
    </>
  )
}

/** What somebody came back from having done. */
const DONE: Readonly<Record<string, string>> = {
  created: 'The application was created.',
  saved: 'The changes were saved.',
  disabled: 'The application is disabled: it is refused everywhere.',
  enabled: 'The application is enabled.',
}

async function overview(visit: Visit) {
  const { ask, path, href, by, query } = visit
  const application = await ask(readApplication, { path })
  const { metadata, registration, client_id } = application
  const judgement = await ask(considerApplication, {
    body: { metadata: known(visit, application), ...(!application.configured && { client_id }) },
  })
  const here = { client_id }
  const done = Object.entries(DONE).find(([name]) => name === query.done)?.[1]
  return {
    title: application.client_name ?? application.client_id,
    body: (
      <ApplicationFrame application={application} tab="Overview" visit={visit}>
        {done !== undefined && (
          <Notice tone="good">
            <p>{done}</p>
          </Notice>
        )}
        {registration?.suspended && (
          <Notice tone="bad" title="Disabled">
            <p>
              Since <Time at={registration.suspended.since} />: {registration.suspended.reason}
            </p>
          </Notice>
        )}
        {application.configured && (
          <Notice title="In the configuration of the server">
            <p>This application is set up in code, and cannot be changed here.</p>
          </Notice>
        )}
        <div class="columns">
          <div>
            <Panel title="Application">
              <Facts
                facts={[
                  [<code key="id">client_id</code>, <code key="value">{client_id}</code>],
                  ['Profile', application.profile ?? 'none: not a FAPI application'],
                  ['Mode', application.mode === 'report' ? 'report only: what it breaks is recorded, and nothing is refused' : 'enforce'],
                  ['Created', <Time key="created" at={registration?.created_at} />],
                  ['First token', registration?.used_at === undefined ? 'none yet' : <Time key="used" at={registration.used_at} />],
                  ['Sector', sectorOf(metadata) ?? 'none: several hosts, and no sector_identifier_uri'],
                  [
                    'Software',
                    registration?.software_id === undefined ? '–' : `${registration.software_id} (${registration.statement_issuer})`,
                  ],
                  ['Client secret', application.has_client_secret ? 'there is one; it is not shown again' : 'none'],
                ]}
              />
            </Panel>
            <KeysOf metadata={metadata} />
            <Panel title="Metadata">
              <Facts
                facts={Object.entries(metadata).map(([name, value]) => [
                  <span key="name">
                    <Name>{name}</Name>
                    {registration?.set[name] !== undefined && <small> set by {registration.set[name]}</small>}
                  </span>,
                  <MetadataValue key="value" value={value} />,
                ])}
              />
            </Panel>
          </div>
          <div class="aside">
            <Panel title="Verdict">
              <JudgementView judgement={judgement} />
            </Panel>
            <Panel title="Actions">
              <div class="actions">
                <a class="button" href={href('/applications/{client_id}/metadata.json', here)} download>
                  Download metadata
                </a>
                <a class="button" href={href('/verdicts', {}, { client: client_id })}>
                  Its verdicts
                </a>
                <a class="button" href={href('/grants', {}, { client: client_id })}>
                  Its grants
                </a>
                {hasRole(by, 'admin') && (
                  <a class="button" href={href('/applications/new', {}, { from: client_id })}>
                    Duplicate
                  </a>
                )}
                {hasRole(by, 'operator') && !application.configured && (
                  <a class="button" href={href('/applications/{client_id}/standing', here)}>
                    {application.status === 'active' ? 'Disable' : 'Enable'}
                  </a>
                )}
                {hasRole(by, 'admin') && application.has_client_secret && !application.configured && (
                  <a class="button" href={href('/applications/{client_id}/client-secret', here)}>
                    New client secret
                  </a>
                )}
                {hasRole(by, 'admin') && !application.configured && (
                  <a class="button danger" href={href('/applications/{client_id}/delete', here)}>
                    Delete
                  </a>
                )}
              </div>
            </Panel>
          </div>
        </div>
      </ApplicationFrame>
    ),
  }
}

/** The metadata that the registration knows: a configured client may have more. */
const known = ({ console: { registration } }: Visit, { metadata }: ApplicationView) =>
  Object.fromEntries(Object.entries(metadata).filter(([name]) => registration.terms.knows(name)))

const MetadataValue = ({ value }: { readonly value: unknown }) => {
  if (typeof value !== 'object' || value === null) return <span>{String(value)}</span>
  if (Array.isArray(value) && value.every((one) => typeof one === 'string'))
    return (
      <>
        {value.map((one, index) => (
          <div key={String(index)}>{one}</div>
        ))}
      </>
    )
  return (
    <details>
      <summary>Show</summary>
      <Code label="Value">{JSON.stringify(value, null, 2)}</Code>
    </details>
  )
}

export const applicationPages: readonly Page[] = [
  { path: '/applications/{client_id}', section: 'Applications', role: 'viewer', get: overview },
  {
    path: '/applications/{client_id}/metadata.json',
    section: 'Applications',
    role: 'viewer',
    async get({ ask, path }) {
      const { metadata, client_id } = await ask(readApplication, { path })
      return { name: `${client_id}.json`, type: 'application/json', text: `${JSON.stringify(metadata, null, 2)}\n` }
    },
  },
  {
    path: '/applications/{client_id}/history',
    section: 'Applications',
    role: 'viewer',
    async get(visit) {
      const { ask, path, href, query } = visit
      const [application, { items, cursor }] = [
        await ask(readApplication, { path }),
        await ask(historyOfApplication, { path, query: { cursor: query.cursor } }),
      ]
      const here = { client_id: application.client_id }
      return {
        title: `History of ${application.client_name ?? application.client_id}`,
        body: (
          <ApplicationFrame application={application} tab="History" visit={visit}>
            <AuditTable entries={items} href={(client_id) => href('/applications/{client_id}', { client_id })} />
            <Pager
              first={query.cursor && href('/applications/{client_id}/history', here)}
              next={cursor && href('/applications/{client_id}/history', here, { cursor })}
            />
          </ApplicationFrame>
        ),
      }
    },
  },
  {
    path: '/applications/{client_id}/try',
    section: 'Applications',
    role: 'viewer',
    async get(visit) {
      const { ask, path, console } = visit
      const application = await ask(readApplication, { path })
      const { issuer, policy } = console.registration.terms
      const profile = policy.profiles.find(({ name }) => name === application.profile)
      const snippet = openidClientSnippet({ issuer, metadata: application.metadata, ...(profile && { profile }) })
      return {
        title: `Try ${application.client_name ?? application.client_id}`,
        body: (
          <ApplicationFrame application={application} tab="Try it" visit={visit}>
            <Panel title="A client of this very application, with openid-client">
              <p>
                Save it as <code>try.mjs</code> beside the private key of the application, run{' '}
                <code>npm install openid-client jose undici</code> and then <code>node try.mjs</code>.
              </p>
              <p class="actions">
                <button type="button" data-copy="snippet" hidden>
                  Copy
                </button>
              </p>
              <div id="snippet">
                <Code label="Program">{snippet}</Code>
              </div>
            </Panel>
          </ApplicationFrame>
        ),
      }
    },
  },
  {
    path: '/applications/{client_id}/readiness',
    section: 'Applications',
    role: 'viewer',
    async get(visit) {
      const { ask, path, href, query, console } = visit
      const application = await ask(readApplication, { path })
      const { profiles } = console.registration.terms.policy
      const names = profiles.map(({ name }) => name)
      const wanted = query.profile ?? names.find((name) => name.startsWith('fapi2') && name !== application.profile) ?? names[0] ?? ''
      const [readiness, { rules }] = await Promise.all([
        ask(readReadiness, { path: { ...path, profile: wanted } }),
        ask(tallyVerdicts, { query: { client: application.client_id, hours: String(24 * REQUEST_DAYS) } }),
      ])
      return {
        title: `Readiness of ${application.client_name ?? application.client_id}`,
        body: (
          <ApplicationFrame application={application} tab="Readiness" visit={visit}>
            <form method="get" action={href('/applications/{client_id}/readiness', { client_id: application.client_id })} class="filter">
              <div class="field">
                <label for="profile">Held against the profile</label>
                <select id="profile" name="profile">
                  {profiles.map(({ name, title }) => (
                    <option key={name} value={name} selected={name === wanted}>
                      {title}
                      {name === application.profile ? ' (its own)' : ''}
                    </option>
                  ))}
                </select>
              </div>
              <div class="actions">
                <button type="submit">Show</button>
              </div>
            </form>
            <p>
              Now it is held to <Badge>{application.profile ?? 'no profile'}</Badge>
            </p>
            <ReadinessView readiness={readiness} metadata={application.metadata} />
            <Panel title="What its requests broke">
              <p class="hint">
                In the last {REQUEST_DAYS} days, under its own profile; in report mode these are the ones that would be refused.
              </p>
              <Table
                caption="What its requests broke"
                head={['Rule', 'Refused', 'Reported only']}
                empty="Nothing: no request of this application broke a rule."
                rows={rules.map(({ rule, refused, broken }) => ({
                  key: rule,
                  cells: [
                    <a key="rule" href={href('/verdicts', {}, { client: application.client_id, rule })}>
                      {rule}
                    </a>,
                    String(refused),
                    String(broken),
                  ],
                }))}
              />
            </Panel>
          </ApplicationFrame>
        ),
      }
    },
  },
]
