import { mendable } from '../console-error.js'
import type { GrantView } from '../grants.js'
import { listGrants, revokeGrant } from '../operations/grants.js'
import { hasRole } from '../roles.js'
import { Heading, Notice, Panel, Problems, Time } from './components.js'
import { ChangeForm, TextField } from './fields.js'
import { ALL, type Filter, filterOf, isFiltered, PATH, Whose } from './grant-filter.js'
import { grantRevocationPage, WhatEnds } from './grant-revocation.js'
import type { Outcome, Page, Visit } from './page.js'
import { Pager, Table } from './tables.js'

const ONE = `${PATH}/{grant_id}/revocation`

/** The list; `gone` says why there is no such grant any more. */
async function list(visit: Visit, gone?: string): Promise<Outcome> {
  const { ask, by, href, query } = visit
  const filter = filterOf(visit)
  const { items, cursor: next } = await ask(listGrants, { query: { ...filter, cursor: query.cursor } })
  const mayRevoke = hasRole(by, 'operator')
  return {
    title: 'Grants',
    status: gone === undefined ? 200 : 404,
    body: (
      <>
        <Heading
          title="Grants"
          lead="What users have allowed applications. These are the grants that the server keeps in its store: a server of your own that keeps them elsewhere lists and revokes them there."
        >
          {mayRevoke && isFiltered(filter) && items.length > 0 && (
            <a class="button danger" href={href(ALL, {}, filter)}>
              {filter.client === undefined
                ? 'Revoke all of this user'
                : filter.user === undefined
                  ? 'Revoke all of this application'
                  : 'Revoke all of both'}
            </a>
          )}
        </Heading>
        {gone === undefined ? <Revoked count={query.revoked} /> : <Problems title="The grant was not revoked" problems={[gone]} />}
        <FilterForm visit={visit} />
        <Table
          caption="Grants"
          head={['User', 'Application', 'Allowed', 'Since and until', ...(mayRevoke ? ['Action'] : [])]}
          empty={<Empty filter={filter} goesOn={query.cursor !== undefined} />}
          rows={items.map((grant) => ({
            key: grant.id,
            cells: [
              grant.user === undefined ? (
                '–'
              ) : (
                <a key="user" href={href(PATH, {}, { user: grant.user })}>
                  <bdi>{grant.user}</bdi>
                </a>
              ),
              grant.client === undefined ? (
                '–'
              ) : (
                <a key="client" href={href('/applications/{client_id}', { client_id: grant.client })}>
                  <bdi>{grant.client}</bdi>
                </a>
              ),
              <Allowed key="allowed" grant={grant} />,
              <>
                <Time at={grant.issued_at} />
                <br />
                <Time at={grant.expires_at} />
              </>,
              ...(mayRevoke ? [<RevokeOne key="revoke" grant={grant} visit={visit} />] : []),
            ],
          }))}
        />
        <Pager first={query.cursor && href(PATH, {}, filter)} next={next && href(PATH, {}, { ...filter, cursor: next })} />
        <Panel title="What ends with a grant">
          <WhatEnds />
        </Panel>
      </>
    ),
  }
}

const Empty = ({ filter, goesOn }: { readonly filter: Filter; readonly goesOn: boolean }) => {
  if (goesOn) return <>There are no more grants.</>
  if (!isFiltered(filter)) return <>There is no grant in the store.</>
  return (
    <>
      There is no grant of <Whose filter={filter} />. Every letter counts, and so do capitals and spaces.
    </>
  )
}

const FilterForm = ({ visit: { href, query } }: { readonly visit: Visit }) => (
  <form method="get" action={href(PATH)} class="filter">
    <TextField
      name="user"
      label="User"
      metadata="sub"
      hint="As the server knows the user, letter by letter."
      keyboard="search"
      value={query.user}
    />
    <TextField
      name="client"
      label="Application"
      metadata="client_id"
      hint="All of the client_id, letter by letter."
      keyboard="search"
      value={query.client}
    />
    <div class="actions">
      <button type="submit" class="button">
        Show
      </button>
      {isFiltered(filterOf({ query })) && <a href={href(PATH)}>Show all</a>}
    </div>
  </form>
)

const Revoked = ({ count }: { readonly count: string | undefined }) =>
  count === undefined || !/^\d{1,9}$/.test(count) ? null : (
    <Notice tone="good">
      <p>{count === '1' ? 'The grant is revoked.' : `${count} grants are revoked.`}</p>
    </Notice>
  )

/** Scopes, and the names of what else was allowed. */
const Allowed = ({ grant: { scopes, claims, authorization_details: details } }: { readonly grant: GrantView }) => {
  const parts: readonly (readonly [label: string, words: readonly string[]])[] = [
    ['Scopes', scopes.openid],
    ...Object.entries(scopes.resources).map(([resource, words]) => [resource, words] as const),
    ['Claims', claims],
    ['Authorization details', details],
  ]
  const said = parts.filter(([, words]) => words.length > 0)
  return said.length === 0 ? (
    <span>nothing</span>
  ) : (
    <div>
      {said.map(([label, words], index) => (
        <div key={`${index} ${label}`}>
          <small>
            <bdi>{label}</bdi>:
          </small>{' '}
          <bdi>{words.join(' ')}</bdi>
        </div>
      ))}
    </div>
  )
}

const RevokeOne = ({ grant: { id, user, client }, visit }: { readonly grant: GrantView; readonly visit: Visit }) => {
  const { href, token, query } = visit
  return (
    <details>
      <summary>
        Revoke
        <span class="hidden">
          {' '}
          what {user ?? 'an unknown user'} allowed {client ?? 'an unknown application'}
        </span>
      </summary>
      <ChangeForm action={href(ONE, { grant_id: id }, { ...filterOf(visit), cursor: query.cursor })} token={token}>
        <p class="hint">Its tokens end, and the user is asked again.</p>
        <button type="submit" class="button danger">
          Revoke this grant
        </button>
      </ChangeForm>
    </details>
  )
}

export const grantPages: readonly Page[] = [
  { path: PATH, section: 'Grants', role: 'viewer', get: (visit) => list(visit) },
  grantRevocationPage,
  {
    path: ONE,
    section: 'Grants',
    role: 'operator',
    async post(visit) {
      const { ask, href, path, query } = visit
      try {
        await ask(revokeGrant, { path })
      } catch (cause) {
        const error = mendable(cause)
        if (error.status !== 404) throw error
        return list(visit, error.message)
      }
      return { to: href(PATH, {}, { ...filterOf(visit), cursor: query.cursor, revoked: '1' }) }
    },
  },
]
