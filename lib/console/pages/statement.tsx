import { isText, isTime } from '../../core/claims.js'
import { redacted } from '../../core/redacted.js'
import type { Metadata } from '../../registration/metadata.js'
import type { RegistrationTerms } from '../../registration/registration.js'
import { RegistrationError } from '../../registration/registration-error.js'
import { type ConsoleError, invalid, mendable } from '../console-error.js'
import { shownValue } from '../metadata-diff.js'
import { type Considered, considerApplication } from '../operations/applications.js'
import { Facts, Heading, Notice, Panel, Problems, Time } from './components.js'
import { ChangeForm, TextArea } from './fields.js'
import { JudgementView } from './judgement.js'
import type { Outcome, Page, Visit } from './page.js'
import { RegistrationTabs } from './registration-tabs.js'
import { Table } from './tables.js'

const PATH = '/registration/statement'

/** What came of a statement. */
type Tried =
  | { readonly outcome: 'considered'; readonly considered: Considered; readonly ignored: readonly string[] }
  /** The statement itself does not hold. */
  | { readonly outcome: 'unverified'; readonly error: RegistrationError }
  /** What was typed cannot be looked at. */
  | { readonly outcome: 'unread'; readonly error: ConsoleError }

interface Typed {
  readonly statement: string
  readonly metadata: string
}

function show({ href, token }: Visit, typed: Typed = { statement: '', metadata: '' }, tried?: Tried): Outcome {
  return {
    title: 'Try a software statement',
    status: statusOf(tried),
    body: (
      <>
        <Heading
          title="Try a software statement"
          trail={[{ label: 'Registration', href: href('/registration') }]}
          lead="See what would happen if somebody registered with it. Nothing is registered, recorded or used up."
        />
        <RegistrationTabs href={href} here={PATH} />
        {tried?.outcome === 'unread' && (
          <Problems title="This cannot be tried" problems={tried.error.faults.length > 0 ? tried.error.faults : [tried.error.message]} />
        )}
        {tried?.outcome === 'unverified' && <Unverified error={tried.error} />}
        {tried?.outcome === 'considered' && <Result considered={tried.considered} ignored={tried.ignored} />}
        <Panel title="What somebody registers with">
          <ChangeForm action={href(PATH)} token={token}>
            <TextArea
              name="software_statement"
              label="Software statement"
              hint="The JWT as the directory made it (RFC 7591 §2.3). Line breaks in it do not matter."
              rows={8}
              value={typed.statement}
              upload="Or put a file into the field"
            />
            <TextArea
              name="metadata"
              label="Metadata, as JSON"
              metadata=""
              hint="What the request says beside the statement, under the names of RFC 7591 §2. May be empty."
              rows={8}
              value={typed.metadata}
            />
            <p class="hint">
              Not looked at: whether the statement has been used before, whether its software has a client already or is suspended, the
              client certificate, and what an initial access token would set.
            </p>
            <div class="actions">
              <button type="submit" class="button primary">
                Try it
              </button>
            </div>
          </ChangeForm>
        </Panel>
      </>
    ),
  }
}

/** That a statement does not hold is what somebody wanted to know. */
function statusOf(tried: Tried | undefined): number {
  if (tried?.outcome === 'unread') return tried.error.status
  return tried?.outcome === 'unverified' && isForNow(tried.error.error) ? 503 : 200
}

const isForNow = (error: string) => error === 'temporarily_unavailable'

const Unverified = ({ error: { error, message, detail } }: { readonly error: RegistrationError }) => (
  <Notice
    tone="bad"
    title={isForNow(error) ? 'This cannot be verified right now' : 'This would be refused: the software statement does not hold'}
  >
    <p>{message}</p>
    {detail !== undefined && <p>Found out meanwhile: {redacted(detail)}</p>}
    <p>
      Its sender would be answered with <code>{error}</code>.
    </p>
  </Notice>
)

const Result = ({ considered, ignored }: { readonly considered: Considered; readonly ignored: readonly string[] }) => {
  const { statement = {} } = considered
  return (
    <>
      <Notice tone="good" title="The software statement is verified">
        <p>{isText(statement.iss) ? <bdi>{statement.iss}</bdi> : 'Its issuer'} signed it, and its claims hold.</p>
      </Notice>
      <Panel title="What would come of it">
        <JudgementView judgement={considered} />
        {ignored.length > 0 && <p>Ignored, since this server does not know it: {ignored.join(', ')}.</p>}
      </Panel>
      <Panel title={considered.refused ? 'Metadata that were judged' : 'Metadata that would be registered'}>
        <Values metadata={considered.metadata} set={considered.set} />
      </Panel>
      <Panel title="Claims of the statement">
        <Facts
          facts={Object.entries(statement).map(([name, value]) => [
            <code key="name">{name}</code>,
            TIMES.includes(name) && isTime(value) ? <Time key="at" at={value} /> : <bdi key="value">{written(name, value)}</bdi>,
          ])}
        />
      </Panel>
    </>
  )
}

const TIMES: readonly string[] = ['iat', 'exp', 'nbf']

/** Who set a value. */
const SET_BY: Readonly<Record<string, string>> = {
  statement: 'the software statement',
  default: 'the default of the ecosystem',
  profile: 'the profile',
  server: 'the server',
  'initial access token': 'the initial access token',
}

const Values = ({ metadata, set }: Pick<Considered, 'metadata' | 'set'>) => (
  <Table
    caption="Metadata, and who set each"
    head={['Metadata', 'Value', 'Set by']}
    empty="None."
    rows={Object.entries(metadata)
      .filter(([name]) => name !== 'client_id')
      .map(([name, value]) => ({
        key: name,
        cells: [<code key="name">{name}</code>, <bdi key="value">{written(name, value)}</bdi>, SET_BY[set[name] ?? ''] ?? 'the request'],
      }))}
  />
)

function written(name: string, value: unknown): string {
  const shown = shownValue(name, value)
  if (typeof shown === 'string') return shown
  if (Array.isArray(shown) && shown.every((one) => typeof one === 'string')) return shown.join(', ')
  return JSON.stringify(shown) ?? '–'
}

async function tryIt(visit: Visit): Promise<Outcome> {
  const { form } = visit
  const typed = { statement: form.one('software_statement'), metadata: form.one('metadata') }
  return show(visit, typed, await considered(visit, typed))
}

async function considered({ ask, console: { registration } }: Visit, typed: Typed): Promise<Tried> {
  try {
    const { software_statement, ...given } = metadataIn(typed.metadata)
    const statement = typed.statement.replaceAll(/\s/g, '') || software_statement
    if (!isText(statement)) throw invalid('paste a software statement')
    const { metadata, ignored } = sortedOut(registration.terms, given)
    const considered = await ask(considerApplication, { body: { metadata, software_statement: statement } })
    return { outcome: 'considered', considered, ignored }
  } catch (cause) {
    if (cause instanceof RegistrationError) return { outcome: 'unverified', error: cause }
    return { outcome: 'unread', error: mendable(cause) }
  }
}

/** Objects and lists in each other at the most, as many as a request may have. */
const DEEPEST = 20

/** The metadata that were typed. Throws a `ConsoleError`. */
function metadataIn(text: string): Metadata {
  if (text === '') return {}
  let parsed: unknown
  try {
    parsed = JSON.parse(text)
  } catch {
    throw invalid('the metadata are not JSON: they must be an object such as {"client_name":"Example"}')
  }
  if (typeof parsed !== 'object' || parsed === null || Array.isArray(parsed))
    throw invalid('the metadata must be a JSON object, such as {"client_name":"Example"}')
  if (isDeeper(parsed, DEEPEST)) throw invalid(`the metadata must not go deeper than ${DEEPEST} objects and lists in each other`)
  return { ...parsed }
}

const isDeeper = (value: unknown, levels: number): boolean =>
  typeof value === 'object' && value !== null && (levels < 0 || Object.values(value).some((one) => isDeeper(one, levels - 1)))

/** Registration leaves out what the server does not know, unless the ecosystem forbids it. */
function sortedOut({ knows, ecosystem }: Pick<RegistrationTerms, 'knows' | 'ecosystem'>, given: Metadata) {
  const entries = Object.entries(given)
  const counts = (name: string) => knows(name) || ecosystem.forbidden.some(({ field }) => field === name)
  return {
    metadata: Object.fromEntries(entries.filter(([name]) => counts(name))),
    ignored: entries.flatMap(([name]) => (counts(name) ? [] : [name.slice(0, 80)])).slice(0, 20),
  }
}

export const statementPages: readonly Page[] = [
  { path: PATH, section: 'Registration', role: 'viewer', get: async (visit) => show(visit), post: tryIt },
]
