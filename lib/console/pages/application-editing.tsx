import { isText } from '../../core/claims.js'
import type { Metadata } from '../../registration/metadata.js'
import { readApplicationForm, templateOf } from '../application-fields.js'
import type { ApplicationView } from '../application-view.js'
import { invalid } from '../console-error.js'
import type { GivenCertificate } from '../given-certificate.js'
import { metadataDiff } from '../metadata-diff.js'
import { type Considered, changeApplication, considerApplication, createApplication, readApplication } from '../operations/applications.js'
import { readChoices } from '../operations/choices.js'
import { ApplicationFrame } from './application.js'
import { problemsOf } from './application-actions.js'
import { ApplicationFields } from './application-form.js'
import { ChangeForm, Choice, Heading, Notice, type Option, Panel, Problems, TextArea, TextField } from './components.js'
import { CertificateFacts, KeysOf } from './given-view.js'
import { JudgementView } from './judgement.js'
import { MetadataChanges } from './metadata-changes.js'
import type { Outcome, Page, View, Visit } from './page.js'

/** What is being written: of a new application, or of one that there is. */
interface Draft {
  readonly metadata: Metadata
  readonly application: ApplicationView | undefined
  /** What could not be read, by field. */
  readonly unread: Readonly<Record<string, string>>
  readonly problems: readonly string[]
  /** What was read of a certificate that is not kept. */
  readonly certificate?: GivenCertificate | undefined
}

const startOf = (metadata: Metadata, application?: ApplicationView): Draft => ({ metadata, application, unread: {}, problems: [] })

/** The name that stands in the form, where a policy has one profile that stands in no metadata. */
function profileOf({ console }: Visit, { fapi_profile: named }: Metadata): string {
  const { exclusive, profiles } = console.registration.terms.policy
  return exclusive ? (profiles[0]?.name ?? '') : isText(named) ? named : ''
}

async function profileOptions({ console: { registration } }: Visit): Promise<readonly Option[]> {
  const { exclusive, profiles } = registration.terms.policy
  const { enforce_fapi, fapi_profiles } = await registration.settings.read()
  const offered = profiles.map(({ name, title }) => ({
    value: name,
    label: title,
    ...(!exclusive && !fapi_profiles.includes(name) && { why: 'The registration settings do not offer it.' }),
  }))
  if (exclusive) return offered
  return [
    ...offered,
    {
      value: '',
      label: 'Not a FAPI application',
      ...(enforce_fapi && { why: 'The registration settings demand a FAPI profile of every application.' }),
    },
  ]
}

/** The form with the verdict beside it. */
async function formPage(visit: Visit, { metadata, application, unread, problems }: Draft): Promise<View> {
  const { ask, href, token, console } = visit
  const profile = profileOf(visit, metadata)
  const choices = await ask(readChoices, { path: { name: profile || 'none' } })
  const here = application && { client_id: application.client_id }
  const judged = await consideredOr(visit, metadata, application)
  const title = application ? `Settings of ${application.client_name ?? application.client_id}` : 'New application'
  const form = (
    <>
      <Problems title="This cannot be saved" problems={problems} />
      <ChangeForm
        action={here ? href('/applications/{client_id}/edit', here) : href('/applications/new/settings')}
        token={token}
        live={href('/application-drafts')}
      >
        <input type="hidden" name="base" value={JSON.stringify(baseOf(metadata))} />
        {application && <input type="hidden" name="client_id" value={application.client_id} />}
        {application && <input type="hidden" name="revision" value={String(application.revision)} />}
        <div class="columns">
          <div>
            <ApplicationFields
              {...{ metadata, choices, profile }}
              profiles={await profileOptions(visit)}
              problems={unread}
              scopes={console.registration.terms.scopes}
            />
            <div class="actions">
              <button type="submit" name="intent" value="review" class="primary">
                {application ? 'Review the changes' : 'Review and create'}
              </button>
              <a href={here ? href('/applications/{client_id}', here) : href('/applications')}>Cancel</a>
            </div>
          </div>
          <div class="aside">
            <Panel title="Verdict">
              <div id="live" aria-live="polite">
                {judged}
              </div>
            </Panel>
          </div>
        </div>
      </ChangeForm>
    </>
  )
  const body = application ? (
    <ApplicationFrame application={application} tab="Settings" visit={visit}>
      {form}
    </ApplicationFrame>
  ) : (
    <>
      <Heading title={title} trail={[{ label: 'Applications', href: href('/applications') }]} />
      {form}
    </>
  )
  return { title, body, status: problems.length > 0 ? 400 : 200 }
}

/** What a form keeps of metadata that it has no fields for: nothing that was given apart, and nothing of the server's. */
const baseOf = (metadata: Metadata): Metadata =>
  Object.fromEntries(Object.entries(metadata).filter(([name]) => !name.startsWith('client_secret')))

/** What is thought of metadata, or why nothing can be. */
async function consideredOr({ ask }: Visit, metadata: Metadata, application: ApplicationView | undefined) {
  try {
    const judgement = await ask(considerApplication, { body: { metadata, ...(application && { client_id: application.client_id }) } })
    return <JudgementView judgement={judgement} />
  } catch (cause) {
    return <Problems title="This cannot be judged" problems={problemsOf(cause)} />
  }
}

/** What the form in a request says. Throws a `ConsoleError` for a form that is none of ours. */
async function draftIn({ ask, form, console }: Visit): Promise<Draft> {
  const id = form.one('client_id')
  const application = id === '' ? undefined : await ask(readApplication, { path: { client_id: id } })
  const { metadata, problems, certificate } = readApplicationForm(jsonIn(form.one('base')), form)
  const { exclusive } = console.registration.terms.policy
  const { fapi_profile: _profile, ...rest } = metadata
  return {
    metadata: exclusive ? rest : metadata,
    ...{ application, certificate },
    unread: Object.fromEntries(problems.map(({ field, problem }) => [field, problem])),
    problems: problems.map(({ problem }) => problem),
  }
}

/** Metadata that a page of ours put into its form. */
function jsonIn(text: string): Metadata {
  try {
    const value: unknown = JSON.parse(text || '{}')
    if (typeof value === 'object' && value !== null && !Array.isArray(value)) return { ...value }
  } catch {
    // It is none, as said below.
  }
  throw invalid('the form cannot be read: load the page again')
}

/** What the form says is judged, with what the application publishes, and shown before it is done. */
async function reviewed(visit: Visit): Promise<Outcome> {
  const draft = await draftIn(visit)
  const { metadata, application, problems } = draft
  if (visit.form.one('intent') === 'profile')
    return formPage(visit, { ...draft, problems: [], metadata: await underProfile(visit, metadata) })
  if (problems.length > 0) return formPage(visit, draft)
  try {
    const considered = await visit.ask(considerApplication, {
      body: { metadata, published: true, ...(application && { client_id: application.client_id }) },
    })
    if (considered.refused) return formPage(visit, { ...draft, problems: considered.faults })
    return reviewPage(visit, draft, considered)
  } catch (cause) {
    return formPage(visit, { ...draft, problems: problemsOf(cause) })
  }
}

/** Metadata that change to another profile: what it does not allow gets its default. */
async function underProfile({ ask, ...visit }: Visit, metadata: Metadata): Promise<Metadata> {
  const choices = await ask(readChoices, { path: { name: profileOf({ ask, ...visit }, metadata) || 'none' } })
  const changed: Record<string, unknown> = { ...metadata }
  for (const { field, takes, byDefault, options } of choices) {
    const bound = options.find(({ value }) => value === byDefault)?.metadata ?? {}
    const isAllowed = (value: unknown) => options.some((option) => option.available && option.value === value)
    if (field === 'binding') {
      const current = changed.tls_client_certificate_bound_access_tokens
        ? 'certificate'
        : changed.dpop_bound_access_tokens
          ? 'dpop'
          : 'none'
      if (!isAllowed(current)) Object.assign(changed, bound)
    } else if (takes === 'several') {
      const kept = [changed[field] ?? []].flat().filter(isAllowed)
      if (kept.length > 0) changed[field] = kept
      else if (byDefault === undefined) delete changed[field]
      else changed[field] = byDefault
    } else if (changed[field] === undefined ? takes === 'flag' && byDefault !== undefined : !isAllowed(changed[field])) {
      if (byDefault === undefined) delete changed[field]
      else changed[field] = byDefault
    }
  }
  return changed
}

function reviewPage(visit: Visit, { metadata, application }: Draft, considered: Considered): View {
  const { href, token, form } = visit
  const here = application && { client_id: application.client_id }
  const action = here ? href('/applications/{client_id}/save', here) : href('/applications/create')
  const title = application ? 'Review the changes' : 'Review and create'
  const changes = metadataDiff(withoutId(application?.metadata ?? {}), withoutId(considered.metadata))
  const body = (
    <>
      <JudgementView judgement={considered} />
      <Panel title={application ? 'What changes' : 'What is registered'}>
        <MetadataChanges changes={changes} />
      </Panel>
      <ChangeForm action={action} token={token}>
        <input type="hidden" name="metadata" value={JSON.stringify(metadata)} />
        <input type="hidden" name="revision" value={form.one('revision')} />
        <div class="actions">
          <button type="submit" class="primary">
            {application ? 'Save' : 'Create the application'}
          </button>
          <button
            type="submit"
            formAction={here ? href('/applications/{client_id}/edit', here) : href('/applications/new/settings')}
            name="intent"
            value="back"
          >
            Back to the form
          </button>
        </div>
      </ChangeForm>
    </>
  )
  return {
    title,
    body: application ? (
      <ApplicationFrame application={application} tab="Settings" visit={visit}>
        {body}
      </ApplicationFrame>
    ) : (
      <>
        <Heading title={title} trail={[{ label: 'Applications', href: href('/applications') }]} />
        {body}
      </>
    ),
  }
}

const withoutId = ({ client_id: _id, ...metadata }: Metadata): Metadata => metadata

/** The first step: what it is called, whether it is a FAPI application, and where users go back to. */
async function firstStep(visit: Visit): Promise<View> {
  const { ask, href, query } = visit
  const template = query.from === undefined ? undefined : await ask(readApplication, { path: { client_id: query.from } })
  const metadata = template ? templateOf(template.metadata) : {}
  const options = await profileOptions(visit)
  const { fapi_profile: usual } = await visit.console.registration.settings.read()
  const chosen = profileOf(visit, metadata) || usual || (options.find(({ why }) => why === undefined)?.value ?? '')
  return {
    title: 'New application',
    body: (
      <>
        <Heading
          title="New application"
          trail={[{ label: 'Applications', href: href('/applications') }]}
          lead={
            template
              ? `With the settings of ${template.client_name ?? template.client_id}; its keys and names of certificates are its own.`
              : undefined
          }
        />
        <Panel title="FAPI-compliant application">
          <form method="get" action={href('/applications/new/settings')}>
            {template && <input type="hidden" name="from" value={template.client_id} />}
            <TextField
              name="client_name"
              label="Name"
              required
              value={isText(metadata.client_name) ? metadata.client_name : ''}
              hint="Users see it when they are asked for consent."
            />
            <Choice
              type="radio"
              name="fapi_profile"
              label="FAPI compliant"
              hint="From here on only what complies with the profile is offered."
              options={options}
              chosen={[chosen]}
            />
            <TextArea
              name="redirect_uris"
              label="Redirect URIs"
              required
              rows={3}
              value={Array.isArray(metadata.redirect_uris) ? metadata.redirect_uris.join('\n') : ''}
              hint="One a line; https."
            />
            <div class="actions">
              <button type="submit" class="primary">
                Continue
              </button>
              <a href={href('/applications')}>Cancel</a>
            </div>
          </form>
        </Panel>
      </>
    ),
  }
}

/** The second: everything else, with what the profile wants filled in. */
async function secondStep(visit: Visit): Promise<View> {
  const { ask, query, console } = visit
  const template = query.from === undefined ? {} : templateOf((await ask(readApplication, { path: { client_id: query.from } })).metadata)
  const uris = (query.redirect_uris ?? '').split(/\s+/).filter(Boolean)
  const { exclusive } = console.registration.terms.policy
  const asked: Metadata = {
    ...{ grant_types: ['authorization_code', 'refresh_token'], response_types: ['code'], token_endpoint_auth_method: 'private_key_jwt' },
    ...template,
    ...(query.client_name !== undefined && { client_name: query.client_name }),
    ...(uris.length > 0 && { redirect_uris: uris }),
    ...(!exclusive && query.fapi_profile !== undefined && { fapi_profile: query.fapi_profile }),
  }
  return formPage(visit, startOf(await underProfile(visit, asked)))
}

/** A secret is told this once; whoever has none goes on to the application. */
async function created(visit: Visit): Promise<Outcome> {
  const { ask, form, href } = visit
  const metadata = jsonIn(form.one('metadata'))
  try {
    const { client_id, client_secret } = await ask(createApplication, { body: { metadata } })
    if (!isText(client_secret)) return { to: href('/applications/{client_id}', { client_id }, { done: 'created' }) }
    return {
      title: 'The application was created',
      body: (
        <>
          <Heading title="The application was created" trail={[{ label: 'Applications', href: href('/applications') }]} />
          <Notice tone="warning" title="Its client secret is shown this once">
            <p>
              <code id="secret">{client_secret}</code>
            </p>
            <button type="button" data-copy="secret" hidden>
              Copy
            </button>
          </Notice>
          <p>
            <a href={href('/applications/{client_id}', { client_id })}>To the application</a>
          </p>
        </>
      ),
    }
  } catch (cause) {
    return formPage(visit, { ...startOf(metadata), problems: problemsOf(cause) })
  }
}

async function saved(visit: Visit): Promise<Outcome> {
  const { ask, form, href, path } = visit
  const metadata = jsonIn(form.one('metadata'))
  const revision = Number(form.one('revision'))
  try {
    const { client_id } = await ask(changeApplication, { path, body: { metadata, revision } })
    return { to: href('/applications/{client_id}', { client_id }, { done: 'saved' }) }
  } catch (cause) {
    const application = await ask(readApplication, { path })
    return formPage(visit, { ...startOf(metadata, { ...application, revision }), problems: problemsOf(cause) })
  }
}

/** Back from the review: what was written is still there. */
async function returned(visit: Visit, application?: ApplicationView): Promise<View> {
  return formPage(visit, startOf(jsonIn(visit.form.one('metadata')), application))
}

export const applicationEditingPages: readonly Page[] = [
  { path: '/applications/new', section: 'Applications', role: 'admin', get: firstStep },
  {
    path: '/applications/new/settings',
    section: 'Applications',
    role: 'admin',
    get: secondStep,
    post: (visit) => (visit.form.one('intent') === 'back' ? returned(visit) : reviewed(visit)),
  },
  { path: '/applications/create', section: 'Applications', role: 'admin', post: created },
  {
    path: '/applications/{client_id}/edit',
    section: 'Applications',
    role: 'admin',
    async get(visit) {
      const application = await visit.ask(readApplication, { path: visit.path })
      return formPage(visit, startOf(withoutId(application.metadata), application))
    },
    async post(visit) {
      const application = await visit.ask(readApplication, { path: visit.path })
      return visit.form.one('intent') === 'back' ? returned(visit, application) : reviewed(visit)
    },
  },
  { path: '/applications/{client_id}/save', section: 'Applications', role: 'admin', post: saved },
  {
    path: '/application-drafts',
    section: 'Applications',
    role: 'admin',
    async post(visit) {
      const { metadata, application, problems, certificate } = await draftIn(visit)
      const body = (
        <>
          <Problems title="This cannot be read" problems={problems} />
          {await consideredOr(visit, metadata, application)}
          {certificate && (
            <Panel title="The certificate">
              <CertificateFacts certificate={certificate} />
            </Panel>
          )}
          <KeysOf metadata={metadata} />
        </>
      )
      return { title: 'Verdict', body, fragment: true }
    },
  },
]
