import { invalid, mendable, problemsIn } from '../console-error.js'
import { shownValue } from '../metadata-diff.js'
import {
  createInitialAccessToken,
  type InitialAccessView,
  listInitialAccessTokens,
  readInitialAccessToken,
  revokeInitialAccessToken,
} from '../operations/initial-access-tokens.js'
import { readTerms } from '../operations/registration.js'
import { hasRole } from '../roles.js'
import { Badge, Facts, Heading, Notice, Panel, Problems, Time, type Tone } from './components.js'
import { ChangeForm, TextField } from './fields.js'
import { InitialAccessForm, type TypedToken, tokenAsked, typedToken } from './initial-access-form.js'
import type { Outcome, Page, Visit } from './page.js'
import { Code, Pager, Table } from './tables.js'

const PATH = '/initial-access-tokens'

const TONES: Readonly<Record<InitialAccessView['state'], Tone>> = { active: 'good', expired: 'neutral', revoked: 'warning' }

interface Refused {
  readonly typed: TypedToken
  readonly status: number
  readonly faults: readonly string[]
}

async function show(visit: Visit, refused?: Refused): Promise<Outcome> {
  const { ask, by, href, token, query } = visit
  const { search, cursor } = query
  const [{ items, cursor: next }, { profiles }] = await Promise.all([
    ask(listInitialAccessTokens, { query: { search, cursor } }),
    ask(readTerms),
  ])
  const mayRevoke = hasRole(by, 'operator')
  return {
    title: 'Initial access tokens',
    status: refused?.status ?? 200,
    body: (
      <>
        <Heading
          title="Initial access tokens"
          lead="Who has one may register clients, as many and such as the token says (RFC 7591 §3). Each is shown once, when it is made."
        />
        {refused && <Problems title="No token was made" problems={refused.faults} />}
        {query.revoked !== undefined && !refused && (
          <Notice tone="good">
            <p>The token is revoked.</p>
          </Notice>
        )}
        <form method="get" action={href(PATH)} class="filter">
          <TextField name="search" label="Search" metadata="" keyboard="search" value={search} />
          <div class="actions">
            <button type="submit" class="button">
              Search
            </button>
          </div>
        </form>
        <Table
          caption="Initial access tokens"
          head={['Label', 'State', 'For', 'Uses', 'Issued', 'Expires', ...(mayRevoke ? ['Action'] : [])]}
          empty={search === undefined ? 'There is no initial access token.' : 'No initial access token has this in it.'}
          rows={items.map((record) => ({
            key: record.id,
            cells: [
              <Label key="label" record={record} />,
              <Badge key="state" tone={TONES[record.state]}>
                {record.state}
              </Badge>,
              <For key="for" record={record} />,
              record.uses ?? 'any number',
              <Issued key="issued" record={record} />,
              record.expires_at === undefined ? 'never' : <Time key="expires" at={record.expires_at} />,
              ...(mayRevoke ? [<Revoke key="revoke" record={record} href={href} />] : []),
            ],
          }))}
        />
        <Pager first={cursor && href(PATH, {}, { search })} next={next && href(PATH, {}, { search, cursor: next })} />
        {mayRevoke && (
          <Panel title="New token" id="new">
            <InitialAccessForm {...{ profiles, href, token }} typed={refused?.typed} faults={refused?.faults} />
          </Panel>
        )}
      </>
    ),
  }
}

const Label = ({ record: { id, label, metadata } }: { readonly record: InitialAccessView }) => (
  <>
    {label === undefined ? 'without a label' : <bdi>{label}</bdi>}
    <br />
    <code>{id}</code>
    {metadata !== undefined && (
      <details>
        <summary>Sets metadata</summary>
        <Code label={`Metadata that ${label ?? id} sets`}>{JSON.stringify(shownValue('metadata', metadata), null, 2)}</Code>
      </details>
    )}
  </>
)

const For = ({ record: { profile, software_id } }: { readonly record: InitialAccessView }) => (
  <>
    {profile ?? 'any profile'}
    {software_id !== undefined && (
      <>
        , software <bdi>{software_id}</bdi>
      </>
    )}
  </>
)

const Issued = ({ record: { issued_by, issued_at } }: { readonly record: InitialAccessView }) => (
  <>
    <Time at={issued_at} />
    {issued_by !== undefined && (
      <>
        {' by '}
        <bdi>{issued_by}</bdi>
      </>
    )}
  </>
)

const Revoke = ({ record: { id, label, state }, href }: { readonly record: InitialAccessView } & Pick<Visit, 'href'>) =>
  state === 'revoked' ? null : (
    <a href={href(`${PATH}/{id}/revocation`, { id })}>
      Revoke<span class="hidden"> {label ?? id}</span>
    </a>
  )

async function create(visit: Visit): Promise<Outcome> {
  const { ask, form, href } = visit
  const typed = typedToken(form)
  try {
    const made = await ask(createInitialAccessToken, { body: tokenAsked(typed) })
    return { title: 'The new initial access token', status: 201, body: <Made made={made} href={href} /> }
  } catch (cause) {
    const error = mendable(cause)
    return show(visit, { typed, status: error.status, faults: problemsIn(error) })
  }
}

/** The one time that a token is shown. */
const Made = ({ made, href }: { readonly made: InitialAccessView & { readonly token: string } } & Pick<Visit, 'href'>) => (
  <>
    <Heading title="The new initial access token" trail={[{ label: 'Initial access tokens', href: href(PATH) }]} />
    <Notice tone="warning" title="Copy it now: it is not shown again">
      <p>The server keeps a digest of it alone. Whoever has the token can use it, so send it by a way that nobody else reads.</p>
    </Notice>
    <Panel title="Token">
      <p>
        <code id="initial-access-token">{made.token}</code>
      </p>
      <p>
        <button type="button" class="button" hidden data-copy="initial-access-token">
          Copy
        </button>
      </p>
      <p class="hint">
        It is sent in the header <code>Authorization: Bearer</code> of the request that registers.
      </p>
      <Facts facts={factsOf(made)} />
    </Panel>
    <p>
      <a href={href(PATH)}>To the initial access tokens</a>
    </p>
  </>
)

const factsOf = (record: InitialAccessView) =>
  [
    ['Label', record.label === undefined ? 'without a label' : <bdi key="label">{record.label}</bdi>],
    ['Profile', record.profile ?? 'any that is offered'],
    ['Uses', record.uses ?? 'any number'],
    ['Software', record.software_id === undefined ? 'any' : <bdi key="software">{record.software_id}</bdi>],
    ['Issued', <Issued key="issued" record={record} />],
    ['Expires', record.expires_at === undefined ? 'never' : <Time key="expires" at={record.expires_at} />],
  ] as const

export const initialAccessTokenPages: readonly Page[] = [
  { path: PATH, section: 'Initial access tokens', role: 'viewer', get: (visit) => show(visit), postRole: 'operator', post: create },
  {
    path: `${PATH}/{id}/revocation`,
    section: 'Initial access tokens',
    role: 'operator',
    async get({ ask, href, token, path }) {
      const record = await ask(readInitialAccessToken, { path })
      if (record.state === 'revoked') throw invalid('this token was revoked before')
      return {
        title: 'Revoke an initial access token',
        body: (
          <>
            <Heading
              title="Revoke this token?"
              trail={[{ label: 'Initial access tokens', href: href(PATH) }]}
              lead="Nobody registers with it any more, and it cannot be brought back. Clients that were registered with it stay."
            />
            <Panel title="The token">
              <Facts facts={factsOf(record)} />
            </Panel>
            <ChangeForm action={href(`${PATH}/{id}/revocation`, { id: record.id })} token={token}>
              <div class="actions">
                <button type="submit" class="button danger">
                  Revoke the token
                </button>
                <a class="button" href={href(PATH)}>
                  Keep it
                </a>
              </div>
            </ChangeForm>
          </>
        ),
      }
    },
    async post({ ask, href, path }) {
      await ask(revokeInitialAccessToken, { path })
      return { to: href(PATH, {}, { revoked: '1' }) }
    },
  },
]
