import type { SettingsChange } from '../../registration/registration-settings.js'
import { ANONYMOUS_RULE, admissionOf } from '../admission.js'
import { mendable, problemsIn } from '../console-error.js'
import { changeSettings, readSettings, readTerms, type SettingsView, settingsHistory, type TermsView } from '../operations/registration.js'
import { hasRole } from '../roles.js'
import { Facts, Heading, Notice, Panel, Problems, Time } from './components.js'
import { EcosystemRules } from './ecosystem-rules.js'
import type { Outcome, Page, Visit } from './page.js'
import { RegistrationTabs } from './registration-tabs.js'
import { patchOf, SettingsForm, type TypedSettings, typedIn, typedOf } from './settings-form.js'
import { Pager, Table } from './tables.js'

/** What was sent and not taken. */
interface Refused {
  readonly typed: TypedSettings
  readonly status: number
  readonly faults: readonly string[]
  /** What somebody else has changed since the page was read. */
  readonly meanwhile: readonly SettingsChange[]
}

async function show(visit: Visit, refused?: Refused): Promise<Outcome> {
  const { ask, by, href, query } = visit
  const [view, terms] = await Promise.all([ask(readSettings), ask(readTerms)])
  const now = admissionOf(view.settings, terms.ecosystem)
  const { status = 200, faults = [], meanwhile = [] } = { ...refused }
  return {
    title: 'Registration',
    status,
    body: (
      <>
        <Heading title="Registration" lead="Who may register clients by themselves (RFC 7591), and what each of them is held to." />
        <RegistrationTabs href={href} here="/registration" />
        {refused && <Problems title="The settings were not changed" problems={faults} />}
        {!refused && query.saved !== undefined && (
          <Notice tone="good" title="The settings are saved">
            <p>All processes of the server follow within five seconds.</p>
          </Notice>
        )}
        {meanwhile.length > 0 && <Meanwhile changes={meanwhile} href={href} />}
        <Notice>
          <p>{now}</p>
        </Notice>
        <Panel title="Settings">
          {hasRole(by, 'admin') ? (
            <SettingsForm {...{ href, terms, faults }} token={visit.token} typed={refused?.typed ?? typedOf(view)} />
          ) : (
            <SettingsFacts view={view} terms={terms} />
          )}
        </Panel>
        <Panel title="Where clients register">
          <Facts
            facts={[
              [<span key="name">Endpoint</span>, <code key="endpoint">{terms.registration_endpoint}</code>],
              ['Issuer', <code key="issuer">{terms.issuer}</code>],
              ['Signing algorithms', terms.signing_algorithms.join(', ')],
              ['Scopes', terms.scopes?.join(' ') ?? 'any'],
            ]}
          />
        </Panel>
        <Panel title="Rules of the ecosystem">
          <p class="hint">They stand in the configuration of the server, and hold for everybody who registers.</p>
          <EcosystemRules ecosystem={terms.ecosystem} />
        </Panel>
      </>
    ),
  }
}

const SettingsFacts = ({ view: { settings }, terms }: { readonly view: SettingsView; readonly terms: TermsView }) => {
  const titleOf = (name: string) => terms.profiles.find((profile) => profile.name === name)?.title ?? name
  return (
    <Facts
      facts={[
        ['Initial access token', settings.authentication_required ? 'whoever registers needs one' : 'nobody needs one'],
        ['Software statement', settings.software_statement_required ? 'mandatory' : 'not needed'],
        ['The rule for both', ANONYMOUS_RULE],
        ['Issuers of software statements', inWords(settings.software_statement_issuers)],
        [
          'FAPI',
          settings.enforce_fapi ? 'every client that registers is held to a profile' : 'a client is held to a profile if it names one',
        ],
        ['Profiles offered', settings.fapi_profiles.map(titleOf).join(', ') || 'none'],
        ['Default profile', settings.fapi_profile === null ? 'the first of those offered' : titleOf(settings.fapi_profile)],
      ]}
    />
  )
}

const Meanwhile = ({ changes, href }: { readonly changes: readonly SettingsChange[] } & Pick<Visit, 'href'>) => (
  <Notice tone="warning" title="Somebody has changed the settings since you read them">
    <Changes changes={changes} />
    <p>
      <a href={href('/registration')}>Read the settings again</a>, and change them then.
    </p>
  </Notice>
)

/** Who changed what, and when. */
const Changes = ({ changes }: { readonly changes: readonly SettingsChange[] }) => (
  <Table
    caption="Changes of the settings, newest first"
    head={['When', 'Who', 'Setting', 'Before', 'After']}
    empty="The settings have not been changed yet: those of the configuration hold."
    rows={changes.flatMap(({ revision, at, by, before, after }) =>
      Object.keys(after).map((name) => ({
        key: `${revision} ${name}`,
        cells: [
          <Time key="at" at={at} />,
          <bdi key="by">{by}</bdi>,
          <code key="name">{name}</code>,
          <span class="before" key="before">
            {inWords(before[name])}
          </span>,
          <span class="after" key="after">
            {inWords(after[name])}
          </span>,
        ],
      })),
    )}
  />
)

/** The value of a setting, for people. */
function inWords(value: unknown): string {
  if (value === true) return 'yes'
  if (value === false) return 'no'
  if (value === null || value === undefined) return 'none'
  if (Array.isArray(value)) return value.map(inWords).join(', ') || 'none'
  if (typeof value === 'object') return Object.values(value).join(' with the keys at ')
  return String(value)
}

async function change(visit: Visit): Promise<Outcome> {
  const { ask, form, href } = visit
  const typed = typedIn(form)
  const revision = /^\d{1,15}$/.test(typed.revision) ? Number(typed.revision) : Number.NaN
  try {
    const view = await ask(readSettings)
    const patch = patchOf(typed, view)
    // Nothing is written down where nothing changes.
    if (Object.keys(patch).length === 0 && revision === view.revision) return { to: href('/registration') }
    await ask(changeSettings, { body: { ...patch, revision } })
    return { to: href('/registration', {}, { saved: '1' }) }
  } catch (cause) {
    const error = mendable(cause)
    const meanwhile = error.status === 412 ? (await ask(settingsHistory)).items.filter((one) => one.revision > revision) : []
    return show(visit, { typed, status: error.status, faults: problemsIn(error), meanwhile })
  }
}

export const registrationPages: readonly Page[] = [
  { path: '/registration', section: 'Registration', role: 'viewer', get: (visit) => show(visit), postRole: 'admin', post: change },
  {
    path: '/registration/history',
    section: 'Registration',
    role: 'viewer',
    async get({ ask, href, query: { cursor } }) {
      const { items, cursor: next } = await ask(settingsHistory, { query: { cursor } })
      return {
        title: 'History of the registration settings',
        body: (
          <>
            <Heading
              title="History"
              trail={[{ label: 'Registration', href: href('/registration') }]}
              lead="The last hundred changes of the settings, newest first."
            />
            <RegistrationTabs href={href} here="/registration/history" />
            <Changes changes={items} />
            <Pager first={cursor && href('/registration/history')} next={next && href('/registration/history', {}, { cursor: next })} />
          </>
        ),
      }
    },
  },
]
