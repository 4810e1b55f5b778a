import type { ComponentChildren } from 'preact'
import type { Metadata } from '../../registration/metadata.js'
import type { UnreadField } from '../application-fields.js'
import type { ApplicationView } from '../application-view.js'
import { considerApplication } from '../operations/applications.js'
import { ApplicationFrame } from './application.js'
import { problemsOf } from './application-actions.js'
import { baseOf, choicesFor, type Draft, profileOf } from './application-draft.js'
import { ApplicationFields } from './application-form.js'
import type { Option } from './choosing.js'
import { Heading, Panel, Problems } from './components.js'
import { problemsByField } from './field-problems.js'
import { ChangeForm } from './fields.js'
import { CertificateFacts, KeysOf } from './given-view.js'
import { JudgementView } from './judgement.js'
import type { View, Visit } from './page.js'

/** The profiles that an application can be held to, and why not to others. */
export async function profileOptions({ console: { registration } }: Visit): Promise<readonly Option[]> {
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

/** Where an application is written: one that there is, or a new one. */
export const EditingFrame = ({
  visit,
  application,
  title,
  children,
}: Pick<Draft, 'application'> & { readonly visit: Visit; readonly title: string; readonly children: ComponentChildren }) =>
  application ? (
    <ApplicationFrame application={application} tab="Settings" visit={visit}>
      {children}
    </ApplicationFrame>
  ) : (
    <>
      <Heading title={title} trail={[{ label: 'Applications', href: visit.href('/applications') }]} />
      {children}
    </>
  )

/** The form with the verdict beside it. */
export async function formPage(visit: Visit, { metadata, application, unread, problems, certificate }: Draft): Promise<View> {
  const { href, token, console } = visit
  const profile = profileOf(visit, metadata)
  const choices = await choicesFor(visit, metadata)
  const here = application && { client_id: application.client_id }
  const judged = await consideredOr(visit, metadata, application)
  const title = application ? `Settings of ${application.client_name ?? application.client_id}` : 'New application'
  const body = (
    <EditingFrame {...{ visit, application, title }}>
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
              problems={{ ...problemsByField(problems), ...inFields(unread, ({ problem }) => problem) }}
              typed={inFields(unread, ({ text }) => text)}
              scopes={console.registration.terms.scopes}
              server={await console.serverMetadata?.()}
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
                <Given {...{ metadata, certificate }} />
              </div>
            </Panel>
          </div>
        </div>
      </ChangeForm>
    </EditingFrame>
  )
  return { title, body, status: problems.length > 0 ? 400 : 200 }
}

const inFields = (unread: readonly UnreadField[], what: (one: UnreadField) => string): Readonly<Record<string, string>> =>
  Object.fromEntries(unread.map((one) => [one.field, what(one)]))

/** What is thought of metadata, or why nothing can be. */
export async function consideredOr({ ask }: Visit, metadata: Metadata, application: ApplicationView | undefined) {
  try {
    const judgement = await ask(considerApplication, { body: { metadata, ...(application && { client_id: application.client_id }) } })
    return <JudgementView judgement={judgement} />
  } catch (cause) {
    return <Problems title="This cannot be judged" problems={problemsOf(cause)} />
  }
}

/** What was read of a certificate and of keys, so that a mistaken one is seen before it is registered. */
export const Given = ({ metadata, certificate }: Pick<Draft, 'metadata' | 'certificate'>) => (
  <>
    {certificate && (
      <Panel title="The certificate">
        <CertificateFacts certificate={certificate} />
      </Panel>
    )}
    <KeysOf metadata={metadata} />
  </>
)
